/** What devices measured while the page was open: the newest points of each device, in memory. */

export interface Point {
  /** Epoch milliseconds. */
  time: number;
  values: Record<string, number | string | boolean>;
}

/** Points that are kept and drawn of one device. */
export const MAX_POINTS = 1000;
/** Several messages are shown at once: redrawing for each would be work that nobody sees. */
const BATCH_MS = 250;
/** Clocks of devices may be far off; then the time of receipt is nearer to the truth. */
const MAX_SKEW_MS = 10 * 60_000;

export function toPoint(body: Record<string, unknown>, now: number): Point {
  const { timestamp, ...fields } = body;
  const isUsable = typeof timestamp === "number" && Math.abs(timestamp - now) < MAX_SKEW_MS;
  const values: Point["values"] = {};
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === "number" || typeof value === "string" || typeof value === "boolean") values[name] = value;
  }
  return { time: isUsable ? timestamp : now, values };
}

/** The points with `point` at its place in time; what comes twice is taken once. */
export function withPoint(points: readonly Point[], point: Point): readonly Point[] {
  let at = points.length;
  while (at > 0 && (points[at - 1]?.time ?? 0) > point.time) at -= 1;
  if (points[at - 1]?.time === point.time) return points;
  const next = [...points.slice(0, at), point, ...points.slice(at)];
  return next.length > MAX_POINTS ? next.slice(-MAX_POINTS) : next;
}

const NONE: readonly Point[] = [];

export class TelemetryStore {
  #points = new Map<string, readonly Point[]>();
  #listeners = new Set<() => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  add(deviceId: string, point: Point) {
    this.#points.set(deviceId, withPoint(this.of(deviceId), point));
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      for (const listener of this.#listeners) listener();
    }, BATCH_MS);
  }

  of(deviceId: string): readonly Point[] {
    return this.#points.get(deviceId) ?? NONE;
  }

  /** For who signs out: nothing of one user is left for the next one. */
  clear() {
    this.#points.clear();
  }

  subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}
