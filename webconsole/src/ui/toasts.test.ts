import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Toasts } from "./toasts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const headers = (toasts: Toasts) => toasts.shown().map((it) => it.header);

describe("messages at the top", () => {
  it("stand newest first, and not too many", () => {
    const toasts = new Toasts();
    for (let at = 0; at < 8; at += 1) toasts.add({ type: "info", header: String(at) });
    expect(headers(toasts)).toEqual(["7", "6", "5", "4", "3", "2"]);
  });

  it("go by themselves where they say so", () => {
    const toasts = new Toasts();
    toasts.add({ type: "success", header: "passing", seconds: 5 });
    toasts.add({ type: "error", header: "staying" });
    vi.advanceTimersByTime(5000);
    expect(headers(toasts)).toEqual(["staying"]);
  });

  it("take the place of an older one of the same id, with its own time", () => {
    const toasts = new Toasts();
    toasts.add({ id: "one", type: "info", header: "old", seconds: 5 });
    toasts.add({ id: "one", type: "info", header: "new" });
    vi.advanceTimersByTime(60_000);
    expect(headers(toasts)).toEqual(["new"]);
    toasts.clear();
    expect(headers(toasts)).toEqual([]);
  });
});
