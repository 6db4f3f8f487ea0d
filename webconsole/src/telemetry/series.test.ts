import { describe, expect, it } from "vitest";

import type { TelemetryField } from "../devices/model";
import type { Point } from "../live/telemetry";
import { charts, fieldsOf, timeDomain } from "./series";

const FIELDS: TelemetryField[] = [
  { name: "actual", type: "number", unit: "°F" },
  { name: "target", type: "number", unit: "°F" },
  { name: "battery", type: "integer", unit: "%" },
  { name: "locked", type: "boolean" },
  { name: "mode", type: "string", enum: ["HEAT", "AC"] },
  { name: "note", type: "string" },
];

const point = (time: number, values: Point["values"]): Point => ({ time, values });
const ys = (points: Point[], id: string) =>
  charts(FIELDS, points)
    .find((it) => it.id === id)
    ?.lines.map((line) => line.data.map(({ x, y }) => [x.getTime(), y]));

describe("charts of telemetry", () => {
  it("share an axis where the unit is the same; free text is not drawn", () => {
    expect(charts(FIELDS, []).map((it) => [it.id, it.lines.length])).toEqual([
      ["unit:°F", 2],
      ["unit:%", 1],
      ["field:locked", 1],
      ["field:mode", 1],
    ]);
  });

  it("leave out what a message does not have", () => {
    expect(ys([point(1, { actual: 70 }), point(2, { target: 72 })], "unit:°F")).toEqual([[[1, 70]], [[2, 72]]]);
  });

  it("draw switches and choices as steps", () => {
    const points = [point(1, { locked: true }), point(2, { locked: true }), point(3, { locked: false })];
    expect(ys(points, "field:locked")).toEqual([
      [
        [1, 1],
        [3, 1],
        [3, 0],
      ],
    ]);
    expect(ys([point(1, { mode: "AC" }), point(2, { mode: "BROKEN" })], "field:mode")).toEqual([[[1, 1]]]);
  });

  it("have room around a steady value", () => {
    const [chart] = charts(FIELDS, [point(1, { actual: 70, target: 70 })]);
    expect(chart?.yDomain).toEqual([69, 71]);
  });

  it("know fields that the model does not", () => {
    const fields = fieldsOf(FIELDS.slice(0, 1), [point(1, { actual: 1, extra: true }), point(2, { extra: false })]);
    expect(fields.map((it) => [it.name, it.type])).toEqual([
      ["actual", "number"],
      ["extra", "boolean"],
    ]);
  });

  it("show a minute at least", () => {
    expect(timeDomain([point(100_000, {}), point(101_000, {})]).map((it) => it.getTime())).toEqual([41_000, 101_000]);
    expect(timeDomain([point(0, {}), point(101_000, {})]).map((it) => it.getTime())).toEqual([0, 101_000]);
  });
});
