/** Acknowledging and suppressing: many at once, what failed of them, and the way back. */
import type { DeviceEvent, EventUpdate } from "../api/types";

/** Requests under way at once: a hundred alerts must not be a hundred requests in one moment. */
const AT_ONCE = 5;

export interface Outcome<T> {
  done: T[];
  failed: { item: T; error: unknown }[];
}

/** Does `work` for each item, a few at once; a failure of one does not stop the others. */
export async function forEach<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<Outcome<T>> {
  const outcome: Outcome<T> = { done: [], failed: [] };
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      try {
        await work(item);
        outcome.done.push(item);
      } catch (error) {
        outcome.failed.push({ item, error });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
  return outcome;
}

/** What takes `update` back. An alert has neither flag set, so the way back is to clear what was set. */
export function reverse(update: EventUpdate): EventUpdate {
  return Object.fromEntries(Object.keys(update).map((flag) => [flag, false]));
}

/** Whether an event with these flags is read: no alert any more. */
export function isRead(event: Pick<DeviceEvent, "ack" | "suppress">): boolean {
  return event.ack || event.suppress;
}
