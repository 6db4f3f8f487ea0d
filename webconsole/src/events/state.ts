import { useSetting } from "../api/queries";
import type { DeviceEvent, EventType, UserSettings } from "../api/types";
import { useSession } from "../auth/provider";
import { isPresence } from "../devices/presence";
import { texts } from "../texts";

const t = texts.events;

/** What holds for a user who has stored nothing. */
export const DEFAULT_SETTINGS: UserSettings = { alertLevel: ["error", "warning"], sendNotification: false };

/** The user's own settings, with what holds until they are read. */
export function useOwnSettings(): UserSettings {
  const { userId } = useSession();
  const { data } = useSetting(userId);
  return (data?.setting as UserSettings | undefined) ?? DEFAULT_SETTINGS;
}

/** Whether somebody has seen it, in one word. */
export function eventState(event: DeviceEvent, alertLevel: readonly EventType[]): string {
  if (event.ack) return t.acknowledged;
  if (isPresence(event) || (!event.suppress && !alertLevel.includes(event.type))) return t.quiet;
  return event.suppress ? t.suppressed : t.unread;
}
