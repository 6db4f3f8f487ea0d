/** The kept lists of events and alerts, changed in place: by a live alert, and by what the user does. */
import type { InfiniteData, QueryClient } from "@tanstack/react-query";

import { itemsOf, withFirst, without, withReplaced } from "../api/paging";
import { type EventFilter, keys } from "../api/queries";
import type { DeviceEvent, EventPage } from "../api/types";
import { isRead } from "./flag";

type EventPages = InfiniteData<EventPage, string | undefined>;

const idOf = (event: DeviceEvent) => event.id;

/** Takes a new alert into every list that would show it. */
export function addAlert(queries: QueryClient, alert: DeviceEvent) {
  queries.setQueryData<number>(keys.alertsCount(), (count) => (count !== undefined ? count + 1 : count));
  for (const [key, data] of queries.getQueriesData<EventPages>({ queryKey: keys.allAlerts() })) {
    const filter = key[1] as EventFilter;
    if (data && matches(alert, filter)) queries.setQueryData(key, withFirst(data, alert, idOf));
  }
  forEachEventList(queries, (data, filter) => (matches(alert, filter) ? withFirst(data, alert, idOf) : data));
}

/** Takes the newer state of an event into every list. */
export function replaceEvent(queries: QueryClient, event: DeviceEvent) {
  queries.setQueryData(keys.event(event.deviceId, event.id), event);
  forEachEventList(queries, (data) => withReplaced(data, event, idOf));
  if (isRead(event)) removeAlerts(queries, [event]);
}

/** Takes alerts off the lists of alerts, before the API has answered. */
export function removeAlerts(queries: QueryClient, alerts: readonly DeviceEvent[]) {
  const ids = new Set(alerts.map(idOf));
  queries.setQueriesData<EventPages>({ queryKey: keys.allAlerts() }, (data) => data && without(data, ids, idOf));
}

export function countDown(queries: QueryClient, by: number) {
  queries.setQueryData<number>(keys.alertsCount(), (count) => (count !== undefined ? Math.max(0, count - by) : count));
}

/** Whether any kept list of alerts has this one. */
export function hasAlert(queries: QueryClient, id: string): boolean {
  const lists = queries.getQueriesData<EventPages>({ queryKey: keys.allAlerts() });
  return lists.some(([, data]) => itemsOf(data).some((it) => it.id === id));
}

function forEachEventList(queries: QueryClient, change: (data: EventPages, filter: EventFilter) => EventPages) {
  for (const [key, data] of queries.getQueriesData<EventPages>({ queryKey: keys.allEvents() })) {
    // Other readings of events stand under the same prefix, and are no lists.
    const isList = key[1] === "of" || key[1] === "since";
    if (isList && data) queries.setQueryData(key, change(data, key[2] as EventFilter));
  }
}

function matches(event: DeviceEvent, filter: EventFilter): boolean {
  return (
    (filter.deviceId === undefined || filter.deviceId === event.deviceId) &&
    (filter.eventType === undefined || filter.eventType === event.type)
  );
}
