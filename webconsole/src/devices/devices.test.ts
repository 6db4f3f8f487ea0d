import { describe, expect, it } from "vitest";

import { nextLook } from "../commands/pending";
import { countByHour, countByModel, countByState, firstHour, total } from "../pages/overview/fleet";
import { matchesDevice } from "../pages/devices/filter";
import { command, device, event } from "../test/samples";
import { modelOf } from "./model";
import { presenceRows } from "./presence";
import { shadowRows } from "./shadow";
import { stateOf } from "./state";

describe("the state of a device", () => {
  it.each([
    [{ status: "pending", connected: false }, "pending"],
    [{ status: "complete", connected: true }, "connected"],
    [{ status: "complete", connected: false }, "disconnected"],
    [{ status: "complete", connected: null }, "unknown"],
  ] as const)("%o is %s", (found, expected) => {
    expect(stateOf(found)).toBe(expected);
  });
});

describe("searching devices", () => {
  it.each([
    ["hall", true],
    ["HALL therm", true],
    ["0001", true],
    ["hall lock", false],
    ["", true],
  ])("%s: %s", (search, expected) => {
    expect(matchesDevice(device(), search)).toBe(expected);
  });
});

describe("a shadow", () => {
  it("is compared field by field, and only what was asked for can differ", () => {
    const rows = shadowRows({
      state: {
        desired: { target: 75, mode: "AC", light: { on: true } },
        reported: { target: 72, mode: "AC", light: { on: false, level: 3 }, actual: 70 },
      },
      metadata: { reported: { target: { timestamp: 5 }, light: { level: { timestamp: 7 } } } },
    });
    expect(rows.map((it) => [it.field, it.differs, it.reportedAt])).toEqual([
      ["actual", false, undefined],
      ["light.level", false, 7],
      ["light.on", true, undefined],
      ["mode", false, undefined],
      ["target", true, 5],
    ]);
  });

  it("of a device that has reported nothing has no rows", () => {
    expect(shadowRows({ state: {}, metadata: {} })).toEqual([]);
  });
});

describe("connections", () => {
  it("are the info events of the cloud, by when they happened", () => {
    const connected = { messageId: "presence-1", details: { presence: "connected" } };
    const rows = presenceRows([
      event({ id: "own", messageId: "1" }),
      event({ id: "late", timestamp: 1, ...connected }),
      event({
        id: "end",
        timestamp: 2,
        messageId: "presence-2",
        details: { presence: "disconnected", reason: "CONNECTION_LOST" },
      }),
      event({ id: "new", timestamp: 3, messageId: "presence-3", details: { presence: "disconnected", reason: "NEW" } }),
    ]);
    expect(rows.map((it) => [it.id, it.isConnected, it.reason])).toEqual([
      ["new", false, "NEW"],
      ["end", false, "The connection was lost"],
      ["late", true, undefined],
    ]);
  });
});

describe("a model", () => {
  it("is read from the details, and what is no model is left alone", () => {
    const model = modelOf({
      colour: "white",
      telemetry: { actual: { type: "number", unit: "°F" }, broken: { type: "colour" } },
      commands: {
        "set-temp": { value: { type: "number" }, desired: { target: "$value" }, timeLimitSeconds: 30 },
        lock: { desired: { locked: true } },
      },
      events: { "too-hot": { type: "warning", description: "Warm" } },
    });
    expect(model.telemetry.map((it) => [it.name, it.unit])).toEqual([["actual", "°F"]]);
    expect(model.commands.map((it) => [it.name, it.schema, it.desiredField, it.timeLimitSeconds])).toEqual([
      ["set-temp", { type: "number" }, "target", 30],
      ["lock", undefined, undefined, 60],
    ]);
    expect(model.events["too-hot"]?.description).toBe("Warm");
    expect(model.other).toEqual({ colour: "white" });
  });

  it("may be missing", () => {
    expect(modelOf({})).toEqual({ telemetry: [], commands: [], events: {}, other: {} });
  });
});

describe("commands that are pending", () => {
  const models = modelOf({ commands: { slow: { timeLimitSeconds: 600 } } }).commands;
  const sent = Date.parse("2026-11-21T04:17:00.000Z");

  it.each([
    ["nothing is pending", [command({ status: "success" })], 0, undefined],
    ["its time runs", [command()], 10_000, 51_000],
    ["its model gives it more time", [command({ command: "slow" })], 0, 601_000],
    ["the first of several counts", [command({ command: "slow" }), command()], 0, 61_000],
    ["its time is over, and the cloud is about to look", [command()], 61_000, 20_000],
    ["it was forgotten long ago", [command()], 3_600_000, undefined],
  ])("%s", (_, commands, later, expected) => {
    expect(nextLook(commands, models, sent + later)).toBe(expected);
  });
});

describe("the fleet in numbers", () => {
  const now = Date.parse("2026-11-21T04:30:00.000Z");

  it("is counted by state and by model", () => {
    const devices = [device(), device({ connected: false }), device({ modelNumber: "lock-1" })];
    expect(countByState(devices).map((it) => it.count)).toEqual([2, 1, 0, 0]);
    expect(countByModel(devices)).toEqual([
      { model: "thermostat-1", count: 2 },
      { model: "lock-1", count: 1 },
    ]);
  });

  it("has the events of each of the last 24 hours", () => {
    const at = (createdAt: string, type: "error" | "info" = "info") => event({ createdAt, type });
    const hours = countByHour(
      [
        at("2026-11-21T04:29:59Z", "error"),
        at("2026-11-21T03:59:59Z"),
        at("2026-11-20T05:00:00Z"),
        at("2026-11-20T04:59:59Z"),
      ],
      now,
    );
    expect(hours).toHaveLength(24);
    expect(hours[0]?.start.getTime()).toBe(firstHour(now));
    expect([hours[23]?.counts.error, hours[22]?.counts.info, hours[0]?.counts.info, total(hours)]).toEqual([
      1, 1, 1, 3,
    ]);
  });
});
