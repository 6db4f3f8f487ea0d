/** Connections and their ends, as the timeline tells them by `info` events. */
import type { DeviceEvent } from "../api/types";
import { texts } from "../texts";
import { record } from "../ui/json";

export interface PresenceRow {
  id: string;
  isConnected: boolean;
  /** Epoch milliseconds of the broker's clock. */
  time: number;
  /** Why it ended, in plain words. */
  reason?: string;
}

/** Newest first by when it happened: they may come in late, and in the wrong order. */
export function presenceRows(events: readonly DeviceEvent[]): PresenceRow[] {
  return events
    .filter((event) => isPresence(event))
    .map((event) => {
      const details = record(event.details);
      const isConnected = details.presence === "connected";
      const reason = details.reason;
      return {
        id: event.id,
        isConnected,
        time: event.timestamp,
        reason: isConnected || typeof reason !== "string" ? undefined : reasonText(reason),
      };
    })
    .sort((left, right) => right.time - left.time);
}

export function isPresence(event: Pick<DeviceEvent, "messageId">): boolean {
  return event.messageId.startsWith("presence-");
}

/** AWS's word for why a connection ended, in plain words; a new one as it is. */
export function reasonText(reason: string): string {
  return texts.device.reasons[reason] ?? reason;
}
