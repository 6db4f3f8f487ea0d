import { type InfiniteData, QueryClient } from "@tanstack/react-query";
import { describe, expect, it, vi } from "vitest";

import { createApi } from "../api/client";
import { itemsOf } from "../api/paging";
import { keys } from "../api/queries";
import type { DeviceEvent, EventPage } from "../api/types";
import { event } from "../test/samples";
import { Toasts } from "../ui/toasts";
import { alertActions } from "./actions";
import { forEach, reverse } from "./flag";

interface Put {
  id: string;
  body: unknown;
}

/** An API that keeps flags; of the events in `broken` it knows nothing. */
function setUp(broken: string[] = []) {
  const puts: Put[] = [];
  const send = async (request: Request) => {
    const id = new URL(request.url).pathname.split("/").at(-1) ?? "";
    const body = (await request.json()) as Partial<DeviceEvent>;
    puts.push({ id, body });
    const isBroken = broken.includes(id);
    const answer = isBroken ? { code: 400, error: "MissingEvent", message: "none" } : event({ id, ...body });
    return new Response(JSON.stringify(answer), {
      status: isBroken ? 400 : 200,
      headers: { "Content-Type": "application/json" },
    });
  };
  const tokens = { idToken: () => Promise.resolve("token"), expired: vi.fn() };
  const api = createApi("https://example.com/api", tokens, send as typeof fetch);
  const queries = new QueryClient();
  const alerts = [event({ id: "a" }), event({ id: "b" })];
  queries.setQueryData<InfiniteData<EventPage>>(keys.alerts(), {
    pages: [{ items: alerts, count: 2, ScannedCount: 2 }],
    pageParams: [undefined],
  });
  queries.setQueryData(keys.alertsCount(), 2);
  const toasts = new Toasts();
  const shown = () => itemsOf(queries.getQueryData<InfiniteData<EventPage>>(keys.alerts())).map((it) => it.id);
  const count = () => queries.getQueryData(keys.alertsCount());
  return { actions: alertActions(api, queries, toasts), alerts, puts, toasts, shown, count };
}

describe("acknowledging", () => {
  it("takes alerts off the list at once, and tells the API", async () => {
    const { actions, alerts, puts, shown, count } = setUp();
    const done = actions.acknowledge(alerts);
    expect(shown()).toEqual([]);
    expect(count()).toBe(0);
    await done;
    expect(puts).toEqual([
      { id: "a", body: { ack: true } },
      { id: "b", body: { ack: true } },
    ]);
  });

  it("can be taken back, flag by flag", async () => {
    const { actions, alerts, puts, toasts } = setUp();
    await actions.suppress(alerts);
    const [toast] = toasts.shown();
    expect(toast).toMatchObject({ type: "success", header: "2 alerts suppressed." });
    puts.splice(0);
    toast?.action?.onClick();
    await vi.waitFor(() => expect(toasts.shown()[0]?.header).toBe("2 alerts unread again."));
    expect(puts.map((it) => it.body)).toEqual([{ suppress: false }, { suppress: false }]);
    expect(toasts.shown()[0]?.action).toBeUndefined();
  });

  it("says what failed, and tries only that again", async () => {
    const { actions, alerts, puts, toasts } = setUp(["b"]);
    await actions.acknowledge(alerts);
    const failed = toasts.shown().find((it) => it.type === "error");
    expect(failed?.header).toBe("1 alert could not be changed.");
    expect(toasts.shown().find((it) => it.type === "success")?.header).toBe("1 alert acknowledged.");
    puts.splice(0);
    failed?.action?.onClick();
    await vi.waitFor(() => expect(puts).toEqual([{ id: "b", body: { ack: true } }]));
  });
});

describe("many at once", () => {
  it("are a few at a time, and a failure of one stops none", async () => {
    let underWay = 0;
    let most = 0;
    const { done, failed } = await forEach(
      Array.from({ length: 20 }, (_, at) => at),
      async (item) => {
        most = Math.max(most, (underWay += 1));
        await Promise.resolve();
        underWay -= 1;
        if (item === 7) throw new Error("seven");
      },
    );
    expect([most, done.length, failed.map((it) => it.item)]).toEqual([5, 19, [7]]);
  });

  it("are taken back by clearing what was set", () => {
    expect(reverse({ ack: true })).toEqual({ ack: false });
    expect(reverse({ suppress: true })).toEqual({ suppress: false });
  });
});
