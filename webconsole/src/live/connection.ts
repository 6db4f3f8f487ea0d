/**
 * The one live connection of a page: alerts always, and the topics of the devices that are being looked at.
 *
 * An address lasts 15 minutes and names its topics, so both its end and another choice of devices mean a new
 * connection. It is made before the old one is left, so that nothing is missed between the two; whoever
 * listens must take a message that comes twice.
 */
import type { Live } from "../api/types";
import { ApiError, retryDelay } from "../api/error";
import type { Broker, Connect } from "./broker";

/** What the API allows in one address. */
export const MAX_DEVICES = 5;

/** How long before its end an address is replaced. */
const RENEW_BEFORE_MS = 60_000;
/** A page that is changed for another one takes its devices along: wait for what the next one wants. */
const SETTLE_MS = 200;

export type LiveState = "connecting" | "open" | "lost";

export interface Parts {
  /** Asks the API for an address. */
  open: (deviceIds: string[]) => Promise<Live>;
  /** Events of the connection come after the promise has been kept. */
  connect: Connect;
  onMessage: (topic: string, payload: Uint8Array) => void;
  /** A connection stands after there was none: what happened meanwhile was missed. */
  onGap: () => void;
}

/** A connection from the request for its address on. */
interface Line {
  broker?: Broker;
}

export class LiveConnection {
  #state: LiveState = "connecting";
  #listeners = new Set<() => void>();
  /** How many places look at each device, in the order in which they came. */
  #watched = new Map<string, number>();
  /** Devices with which an address was refused: one of them is not the user's any more. */
  #refused = new Set<string>();
  /** What messages come by. */
  #line: Line | undefined;
  /** What is being made to take its place. */
  #next: Line | undefined;
  #failures = 0;
  #wasOpen = false;
  #isRunning = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly parts: Parts) {}

  start() {
    this.#isRunning = true;
    this.#schedule(0);
  }

  stop() {
    this.#isRunning = false;
    clearTimeout(this.#timer);
    this.#line?.broker?.end();
    this.#next?.broker?.end();
    this.#line = this.#next = undefined;
    this.#failures = 0;
    this.#wasOpen = false;
    this.#set("connecting");
  }

  /** Hears of a device until the returned function is called. */
  watch(deviceId: string): () => void {
    this.#count(deviceId, 1);
    return () => this.#count(deviceId, -1);
  }

  /** Tries at once, where the next attempt would be later: the network is back, or somebody wants it. */
  retryNow() {
    if (!this.#isRunning || this.#state === "open") return;
    this.#failures = 0;
    this.#schedule(0);
  }

  state = () => this.#state;

  subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #devices(): string[] {
    return [...this.#watched.keys()].filter((it) => !this.#refused.has(it)).slice(-MAX_DEVICES);
  }

  #count(deviceId: string, change: 1 | -1) {
    const before = this.#devices().join();
    const count = (this.#watched.get(deviceId) ?? 0) + change;
    // Whoever looks at it now has read it just before.
    if (change > 0) this.#refused.delete(deviceId);
    if (count > 0) this.#watched.set(deviceId, count);
    else this.#watched.delete(deviceId);
    if (this.#isRunning && this.#devices().join() !== before) this.#schedule(SETTLE_MS);
  }

  #schedule(delay: number) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#renew(), delay);
  }

  async #renew() {
    this.#next?.broker?.end();
    const line: Line = (this.#next = {});
    const devices = this.#devices();
    try {
      const live = await this.parts.open(devices);
      if (this.#next !== line) return;
      const broker = await this.parts.connect(live, {
        onOpen: () => {
          if (this.#next === line) this.#opened(line, live);
        },
        onMessage: this.parts.onMessage,
        onClose: () => this.#closed(line),
      });
      line.broker = broker;
      // Overtaken by another attempt, or stopped.
      if (this.#next !== line) broker.end();
    } catch (error) {
      if (this.#next === line) this.#failed(error, devices);
    }
  }

  #opened(line: Line, live: Live) {
    this.#line?.broker?.end();
    this.#line = line;
    this.#next = undefined;
    this.#failures = 0;
    const hadGap = this.#wasOpen && this.#state === "lost";
    this.#wasOpen = true;
    this.#set("open");
    const lifetime = Date.parse(live.expiresAt) - Date.now();
    this.#schedule(Math.max(RENEW_BEFORE_MS, lifetime - RENEW_BEFORE_MS));
    if (hadGap) this.parts.onGap();
  }

  #closed(line: Line) {
    if (line === this.#next) {
      this.#failed(undefined);
    } else if (line === this.#line) {
      this.#line = undefined;
      this.#set("lost");
      if (!this.#next) this.#retryLater(undefined);
    }
  }

  #failed(error: unknown, devices: readonly string[] = []) {
    this.#next = undefined;
    // A device that was deleted elsewhere must not cost the alerts of all others.
    const isDevice = error instanceof ApiError && error.code === "DeviceNotFoundFailure" && devices.length > 0;
    if (isDevice) {
      for (const device of devices) this.#refused.add(device);
      this.#schedule(0);
      return;
    }
    // A connection that stands is kept until its end.
    if (!this.#line) this.#set("lost");
    this.#retryLater(error);
  }

  #retryLater(error: unknown) {
    this.#schedule(retryDelay(this.#failures, error));
    this.#failures += 1;
  }

  #set(state: LiveState) {
    if (this.#state === state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
