/** Points of a device as the lines of charts: fields of one unit share a chart. */
import type { TelemetryField } from "../devices/model";
import type { Point } from "../live/telemetry";
import { texts } from "../texts";

export interface Line {
  title: string;
  data: { x: Date; y: number }[];
}

export interface ChartData {
  /** Names the chart among its like. */
  id: string;
  fields: TelemetryField[];
  unit?: string;
  lines: Line[];
  yDomain: [number, number];
  /** What stands at the values 0, 1, … of the vertical axis, where it is no number. */
  names?: string[];
}

/** The model's fields, then those that only the device knows. */
export function fieldsOf(model: readonly TelemetryField[], points: readonly Point[]): TelemetryField[] {
  const known = new Set(model.map((it) => it.name));
  const found = new Map<string, TelemetryField>();
  for (const [name, value] of points.flatMap((it) => Object.entries(it.values))) {
    const type = typeof value;
    const isField = type === "number" || type === "boolean" || type === "string";
    if (!known.has(name) && isField) found.set(name, { name, type });
  }
  return [...model, ...found.values()];
}

export function charts(fields: readonly TelemetryField[], points: readonly Point[]): ChartData[] {
  const numeric = new Map<string, TelemetryField[]>();
  for (const field of fields.filter((it) => it.type === "number" || it.type === "integer")) {
    const unit = field.unit ?? "";
    numeric.set(unit, [...(numeric.get(unit) ?? []), field]);
  }
  const words = fields.filter((it) => it.type === "boolean" || (it.type === "string" && it.enum));
  return [
    ...[...numeric].map(([unit, group]) => numericChart(unit, group, points)),
    ...words.map((field) => wordChart(field, points)),
  ];
}

function numericChart(unit: string, fields: TelemetryField[], points: readonly Point[]): ChartData {
  const lines = fields.map((field) => ({
    title: field.name,
    data: points.flatMap(({ time, values }) => {
      const y = values[field.name];
      return typeof y === "number" ? [{ x: new Date(time), y }] : [];
    }),
  }));
  return { id: `unit:${unit}`, fields, unit: unit || undefined, lines, yDomain: domain(lines) };
}

/** A switch or a choice: its changes, drawn as steps. */
function wordChart(field: TelemetryField, points: readonly Point[]): ChartData {
  const names = field.type === "boolean" ? [texts.telemetry.off, texts.telemetry.on] : (field.enum ?? []);
  const data: Line["data"] = [];
  let last: number | undefined;
  points.forEach(({ time, values }, at) => {
    const value = values[field.name];
    const y = typeof value === "boolean" ? Number(value) : names.indexOf(String(value));
    if (value === undefined || y < 0) return;
    const x = new Date(time);
    if (last !== undefined && last !== y) data.push({ x, y: last });
    if (last !== y || at === points.length - 1) data.push({ x, y });
    last = y;
  });
  const lines = [{ title: field.name, data }];
  return {
    id: `field:${field.name}`,
    fields: [field],
    lines,
    names,
    yDomain: [-0.2, Math.max(1, names.length - 1) + 0.2],
  };
}

/** What the values span with some room, so that a steady value is no wild one. */
function domain(lines: readonly Line[]): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const { y } of lines.flatMap((it) => it.data)) {
    low = Math.min(low, y);
    high = Math.max(high, y);
  }
  if (low > high) return [0, 1];
  const room = Math.max(0.5, (high - low) * 0.1);
  return [Math.floor(low - room), Math.ceil(high + room)];
}

/** The shortest time that a chart shows. */
const SHORTEST_MS = 60_000;

export function timeDomain(points: readonly Point[]): [Date, Date] {
  const end = points.at(-1)?.time ?? Date.now();
  const start = Math.min(points[0]?.time ?? end, end - SHORTEST_MS);
  return [new Date(start), new Date(end)];
}
