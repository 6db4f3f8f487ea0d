import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError } from "../api/error";
import type { BrokerEvents } from "./broker";
import { LiveConnection } from "./connection";

const MINUTE = 60_000;

/** A broker under the test's control: each connection that was made, in order. */
function setUp() {
  const asked: string[][] = [];
  const lines: { events: BrokerEvents; end: ReturnType<typeof vi.fn> }[] = [];
  const failures: Error[] = [];
  const onGap = vi.fn();
  const connection = new LiveConnection({
    open: (deviceIds) => {
      asked.push(deviceIds);
      const failure = failures.shift();
      if (failure !== undefined) return Promise.reject(failure);
      const expiresAt = new Date(Date.now() + 15 * MINUTE).toISOString();
      return Promise.resolve({ url: "wss://broker", clientId: "console-1", topics: ["t"], expiresAt });
    },
    connect: (_, events) => {
      const line = { events, end: vi.fn() };
      lines.push(line);
      return Promise.resolve(line);
    },
    onMessage: vi.fn(),
    onGap,
  });
  const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);
  const opened = async () => {
    await pass(0);
    lines.at(-1)?.events.onOpen();
  };
  return { connection, asked, lines, failures, onGap, pass, opened };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("the live connection", () => {
  it("opens with no device", async () => {
    const { connection, asked, opened } = setUp();
    connection.start();
    await opened();
    expect(asked).toEqual([[]]);
    expect(connection.state()).toBe("open");
  });

  it("asks anew when another device is looked at, and leaves the old connection when the new one stands", async () => {
    const { connection, asked, lines, pass, opened } = setUp();
    connection.start();
    await opened();
    connection.watch("SP-1");
    await pass(200);
    expect(asked).toEqual([[], ["SP-1"]]);
    expect(lines[0]?.end).not.toHaveBeenCalled();
    lines[1]?.events.onOpen();
    expect(lines[0]?.end).toHaveBeenCalledOnce();
    expect(connection.state()).toBe("open");
  });

  it("asks once for a page that takes the place of another, and not at all where both look at the same device", async () => {
    const { connection, asked, pass, opened } = setUp();
    const leave = connection.watch("SP-1");
    connection.start();
    await opened();
    leave();
    connection.watch("SP-2");
    await pass(1000);
    expect(asked).toEqual([["SP-1"], ["SP-2"]]);
    connection.watch("SP-2")();
    await pass(1000);
    expect(asked).toHaveLength(2);
  });

  it("names the five devices that were looked at last", async () => {
    const { connection, asked, opened } = setUp();
    for (const id of ["a", "b", "c", "d", "e", "f"]) connection.watch(id);
    connection.start();
    await opened();
    expect(asked).toEqual([["b", "c", "d", "e", "f"]]);
  });

  it("replaces an address before its end, without a gap", async () => {
    const { connection, lines, onGap, pass, opened } = setUp();
    connection.start();
    await opened();
    await pass(14 * MINUTE);
    expect(lines).toHaveLength(2);
    lines[1]?.events.onOpen();
    expect(connection.state()).toBe("open");
    expect(onGap).not.toHaveBeenCalled();
  });

  it("comes back after a loss, later each time, and then tells of the gap", async () => {
    const { connection, asked, lines, failures, onGap, pass, opened } = setUp();
    connection.start();
    await opened();
    lines[0]?.events.onClose();
    expect(connection.state()).toBe("lost");
    failures.push(new ApiError(0, "NotReached", ""));
    await pass(1300);
    expect(asked).toHaveLength(2);
    await pass(1300);
    expect(asked).toHaveLength(2);
    await pass(1000);
    expect(asked).toHaveLength(3);
    lines.at(-1)?.events.onOpen();
    expect(connection.state()).toBe("open");
    expect(onGap).toHaveBeenCalledOnce();
  });

  it("waits as long as the API says", async () => {
    const { connection, asked, failures, pass } = setUp();
    failures.push(new ApiError(503, "", "", 20));
    connection.start();
    await pass(19_000);
    expect(asked).toHaveLength(1);
    await pass(1500);
    expect(asked).toHaveLength(2);
  });

  it("goes on without a device that is not the user's any more", async () => {
    const { connection, asked, failures, pass, opened } = setUp();
    connection.watch("SP-1");
    failures.push(new ApiError(400, "DeviceNotFoundFailure", ""));
    connection.start();
    await pass(10);
    await opened();
    expect(asked).toEqual([["SP-1"], []]);
    expect(connection.state()).toBe("open");
  });

  it("keeps a connection that stands where a new address cannot be had", async () => {
    const { connection, lines, failures, pass, opened } = setUp();
    connection.start();
    await opened();
    failures.push(new ApiError(503, "", ""));
    connection.watch("SP-1");
    await pass(500);
    expect(connection.state()).toBe("open");
    expect(lines[0]?.end).not.toHaveBeenCalled();
  });

  it("tries at once when it is told to", async () => {
    const { connection, asked, lines, pass, opened } = setUp();
    connection.start();
    await opened();
    lines[0]?.events.onClose();
    connection.retryNow();
    await pass(0);
    expect(asked).toHaveLength(2);
  });

  it("ends, and starts nothing more", async () => {
    const { connection, asked, lines, pass, opened } = setUp();
    connection.start();
    await opened();
    connection.stop();
    expect(lines[0]?.end).toHaveBeenCalledOnce();
    lines[0]?.events.onClose();
    connection.watch("SP-1");
    await pass(30 * MINUTE);
    expect(asked).toHaveLength(1);
  });

  it("leaves a connection that was overtaken while it was made", async () => {
    const { connection, lines, pass } = setUp();
    connection.start();
    await pass(0);
    connection.watch("SP-1");
    await pass(200);
    expect(lines[0]?.end).toHaveBeenCalled();
    lines[0]?.events.onOpen();
    expect(connection.state()).toBe("connecting");
    lines[1]?.events.onOpen();
    expect(connection.state()).toBe("open");
  });
});
