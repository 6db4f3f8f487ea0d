/** What a device has measured, as points that the charts of live values draw as well. */
import type { History } from "../api/types";
import type { Point } from "../live/telemetry";

/** What can be looked at, by its hours. Each look reads the days in question, so nothing is read unasked. */
export const RANGES = [1, 24, 168, 744] as const;
export type Range = (typeof RANGES)[number];

const HOUR_MS = 3_600_000;

export function since(range: Range, now: number): string {
  return new Date(now - range * HOUR_MS).toISOString();
}

/** Of numbers the mean of each step. */
export function pointsOf(history: History): Point[] {
  return history.points.map(({ timestamp, values }) => ({
    time: Date.parse(timestamp),
    values: Object.fromEntries(
      Object.entries(values).map(([field, it]) => [field, typeof it === "object" ? it.mean : it]),
    ),
  }));
}

/** The whole time that was asked for, also where nothing was measured. */
export function spanOf(history: History): [Date, Date] {
  return [new Date(history.from), new Date(history.to)];
}
