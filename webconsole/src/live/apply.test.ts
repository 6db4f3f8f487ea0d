import { type InfiniteData, QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { itemsOf } from "../api/paging";
import { keys } from "../api/queries";
import type { DeviceEvent, EventPage } from "../api/types";
import { device, event } from "../test/samples";
import { LiveUpdates } from "./apply";
import { TelemetryStore } from "./telemetry";

type Pages = InfiniteData<EventPage, string | undefined>;

const pages = (...items: DeviceEvent[]): Pages => ({
  pages: [{ items, count: items.length, ScannedCount: items.length }],
  pageParams: [undefined],
});

function setUp() {
  const queries = new QueryClient();
  const telemetry = new TelemetryStore();
  const tell = vi.fn();
  const invalidate = vi.spyOn(queries, "invalidateQueries");
  const updates = new LiveUpdates(queries, telemetry, tell);
  const ids = (key: readonly unknown[]) => itemsOf<DeviceEvent>(queries.getQueryData<Pages>(key)).map((it) => it.id);
  const readAgain = () => invalidate.mock.calls.map(([filter]) => filter?.queryKey);
  return { queries, telemetry, tell, updates, ids, readAgain };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("a live alert", () => {
  it("is counted, told, and put on top of the lists that would show it", () => {
    const { queries, tell, updates, ids } = setUp();
    queries.setQueryData(keys.alertsCount(), 1);
    queries.setQueryData(keys.alerts(), pages(event({ id: "old" })));
    queries.setQueryData(keys.alerts("SP-0001"), pages());
    queries.setQueryData(keys.alerts("SP-0002"), pages());
    queries.setQueryData(keys.events({ eventType: "warning" }), pages());
    queries.setQueryData(keys.events({ eventType: "error" }), pages());
    queries.setQueryData(keys.deviceEvents({ deviceId: "SP-0001" }), pages());
    updates.apply({ kind: "alert", event: event({ id: "new" }) });
    expect(queries.getQueryData(keys.alertsCount())).toBe(2);
    expect(ids(keys.alerts())).toEqual(["new", "old"]);
    expect(ids(keys.alerts("SP-0001"))).toEqual(["new"]);
    expect(ids(keys.alerts("SP-0002"))).toEqual([]);
    expect(ids(keys.events({ eventType: "warning" }))).toEqual(["new"]);
    expect(ids(keys.events({ eventType: "error" }))).toEqual([]);
    expect(ids(keys.deviceEvents({ deviceId: "SP-0001" }))).toEqual(["new"]);
    expect(tell).toHaveBeenCalledOnce();
  });

  it("that comes twice is one", () => {
    const { queries, tell, updates } = setUp();
    queries.setQueryData(keys.alertsCount(), 0);
    updates.apply({ kind: "alert", event: event() });
    updates.apply({ kind: "alert", event: event() });
    expect(queries.getQueryData(keys.alertsCount())).toBe(1);
    expect(tell).toHaveBeenCalledOnce();
  });

  it("that a list has already is not counted again", () => {
    const { queries, updates } = setUp();
    queries.setQueryData(keys.alertsCount(), 1);
    queries.setQueryData(keys.alerts(), pages(event()));
    updates.apply({ kind: "alert", event: event() });
    expect(queries.getQueryData(keys.alertsCount())).toBe(1);
  });

  it("has the count read once, however many come", async () => {
    const { updates, readAgain } = setUp();
    for (let at = 0; at < 100; at += 1) updates.apply({ kind: "alert", event: event({ id: String(at) }) });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(readAgain().filter((key) => key?.[0] === "alertsCount")).toHaveLength(1);
  });
});

describe("what a device says", () => {
  it("is a point of its chart", () => {
    const { telemetry, updates } = setUp();
    updates.apply({ kind: "telemetry", deviceId: "SP-1", point: { time: 1, values: { a: 2 } } });
    expect(telemetry.of("SP-1")).toEqual([{ time: 1, values: { a: 2 } }]);
  });

  it("completes a registration that was pending", async () => {
    const { queries, updates, readAgain } = setUp();
    queries.setQueryData(keys.device("SP-0001"), device({ status: "pending" }));
    updates.apply({ kind: "telemetry", deviceId: "SP-0001", point: { time: 1, values: {} } });
    await vi.advanceTimersByTimeAsync(1000);
    expect(readAgain()).toContainEqual(keys.device("SP-0001"));
  });

  it("has the connection of a device looked at that was away", async () => {
    const { queries, updates, readAgain } = setUp();
    queries.setQueryData(keys.status("SP-0001"), { connected: false });
    updates.apply({ kind: "telemetry", deviceId: "SP-0001", point: { time: 1, values: {} } });
    await vi.advanceTimersByTimeAsync(3000);
    expect(readAgain()).toContainEqual(keys.status("SP-0001"));
  });

  it("changes the shadow that is shown, and nothing where none is", () => {
    const { queries, updates } = setUp();
    const change = { kind: "shadow", state: { reported: { on: true } }, metadata: {} } as const;
    queries.setQueryData(keys.status("SP-1"), { deviceId: "SP-1", connected: true });
    updates.apply({ ...change, deviceId: "SP-1" });
    updates.apply({ ...change, deviceId: "SP-2" });
    expect(queries.getQueryData(keys.status("SP-1"))).toMatchObject({ connected: true, state: change.state });
    expect(queries.getQueryData(keys.status("SP-2"))).toBeUndefined();
  });

  it("to a command has the history read, since an answer may not count", async () => {
    const { updates, readAgain } = setUp();
    updates.apply({ kind: "response", deviceId: "SP-1", commandId: "c" });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(readAgain()).toContainEqual(keys.commands("SP-1"));
  });
});
