import { describe, expect, it } from "vitest";

import type { History } from "../api/types";
import { pointsOf, since, spanOf } from "./history";

const HISTORY: History = {
  deviceId: "SP-0001",
  from: "2026-11-21T04:00:00.000Z",
  to: "2026-11-21T05:00:00.000Z",
  resolution: 300,
  points: [
    {
      timestamp: "2026-11-21T04:15:00.000Z",
      messages: 5,
      values: { actual: { mean: 68.2, minimum: 67, maximum: 70 }, mode: "HEAT", locked: false },
    },
    { timestamp: "2026-11-21T04:20:00.000Z", messages: 1, values: {} },
  ],
};

describe("a history", () => {
  it("is drawn as points: the mean of numbers, the last of everything else", () => {
    expect(pointsOf(HISTORY)).toEqual([
      { time: Date.UTC(2026, 10, 21, 4, 15), values: { actual: 68.2, mode: "HEAT", locked: false } },
      { time: Date.UTC(2026, 10, 21, 4, 20), values: {} },
    ]);
  });

  it("fills the time that was asked for", () => {
    expect(spanOf(HISTORY).map((it) => it.toISOString())).toEqual([HISTORY.from, HISTORY.to]);
    expect(since(24, Date.UTC(2026, 10, 21, 5))).toBe("2026-11-20T05:00:00.000Z");
  });
});
