/** The fleet in numbers: what the pictures of the overview are drawn from. */
import { type Device, type DeviceEvent, EVENT_TYPES, type EventType } from "../../api/types";
import { DEVICE_STATES, type DeviceState, stateOf } from "../../devices/state";

export function countByState(devices: readonly Device[]): { state: DeviceState; count: number }[] {
  const counts = tally(devices.map(stateOf));
  return DEVICE_STATES.map((state) => ({ state, count: counts.get(state) ?? 0 }));
}

/** The most frequent first. */
export function countByModel(devices: readonly Device[]): { model: string; count: number }[] {
  const counts = tally(devices.map((it) => it.modelNumber));
  return [...counts]
    .map(([model, count]) => ({ model, count }))
    .sort((left, right) => right.count - left.count || left.model.localeCompare(right.model));
}

export interface Hour {
  start: Date;
  counts: Record<EventType, number>;
}

const HOUR_MS = 3_600_000;
export const HOURS = 24;

/** Since when the picture shows events: whole hours, the current one included. */
export function firstHour(now: number): number {
  return Math.floor(now / HOUR_MS) * HOUR_MS - (HOURS - 1) * HOUR_MS;
}

/** Events of each hour by type. */
export function countByHour(events: readonly DeviceEvent[], now: number): Hour[] {
  const first = firstHour(now);
  const hours = Array.from({ length: HOURS }, (_, at): Hour => ({
    start: new Date(first + at * HOUR_MS),
    counts: { error: 0, warning: 0, info: 0, diagnostic: 0 },
  }));
  for (const event of events) {
    const hour = hours[Math.floor((Date.parse(event.createdAt) - first) / HOUR_MS)];
    if (hour) hour.counts[event.type] += 1;
  }
  return hours;
}

export function total(hours: readonly Hour[]): number {
  return hours.reduce((sum, { counts }) => sum + EVENT_TYPES.reduce((all, type) => all + counts[type], 0), 0);
}

function tally<T>(values: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
