import { describe, expect, it } from "vitest";

import { event } from "../test/samples";
import { MAX_POINTS, type Point, toPoint, withPoint } from "./telemetry";
import { parseMessage } from "./topics";

const NOW = 1_763_698_619_482;
const bytes = (body: unknown) => new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body));
const parse = (topic: string, body: unknown) => parseMessage(topic, bytes(body), "smartproduct/telemetry", NOW);

describe("a live message", () => {
  it("is an alert", () => {
    expect(parse("smartproduct/alerts/user-1", event())).toEqual({ kind: "alert", event: event() });
  });

  it("is telemetry of the device that the topic names", () => {
    expect(parse("smartproduct/telemetry/SP-1", { timestamp: NOW - 5, deviceId: "SP-2", actual: 70 })).toEqual({
      kind: "telemetry",
      deviceId: "SP-1",
      point: { time: NOW - 5, values: { deviceId: "SP-2", actual: 70 } },
    });
  });

  it("is a change of a shadow, of which the current state counts", () => {
    const body = {
      previous: { state: {} },
      current: { state: { reported: { on: true } }, metadata: { reported: {} } },
    };
    expect(parse("$aws/things/SP-1/shadow/update/documents", body)).toEqual({
      kind: "shadow",
      deviceId: "SP-1",
      state: { reported: { on: true } },
      metadata: { reported: {} },
    });
  });

  it("is a command or its answer", () => {
    expect(parse("smartproduct/commands/SP-1", { commandId: "c" })).toMatchObject({
      kind: "command",
      deviceId: "SP-1",
    });
    expect(parse("smartproduct/commands/SP-1/response", { commandId: "c" })).toMatchObject({ kind: "response" });
  });

  it.each([
    ["smartproduct/telemetry/SP-1", "not JSON"],
    ["smartproduct/telemetry/SP-1", "[1]"],
    ["smartproduct/alerts/user-1", "{}"],
    ["smartproduct/commands/SP-1/response", '{"status": "success"}'],
    ["something/else", "{}"],
  ])("on %s that says %s is nothing", (topic, body) => {
    expect(parse(topic, body)).toBeUndefined();
  });
});

describe("points", () => {
  const point = (time: number): Point => ({ time, values: {} });
  const times = (points: readonly Point[]) => points.map((it) => it.time);

  it("take the time of receipt where the device's clock is far off, and leave out what cannot be drawn", () => {
    expect(toPoint({ timestamp: 0, a: 1, b: { c: 2 }, d: null }, NOW)).toEqual({ time: NOW, values: { a: 1 } });
  });

  it("stand in the order of time, once", () => {
    const points = [1, 3].map(point);
    expect(times(withPoint(points, point(2)))).toEqual([1, 2, 3]);
    expect(times(withPoint(points, point(4)))).toEqual([1, 3, 4]);
    expect(withPoint(points, point(3))).toBe(points);
  });

  it("are the newest ones", () => {
    const full = Array.from({ length: MAX_POINTS }, (_, at) => point(at));
    const changed = withPoint(full, point(MAX_POINTS));
    expect([changed.length, changed[0]?.time, changed.at(-1)?.time]).toEqual([MAX_POINTS, 1, MAX_POINTS]);
  });
});
