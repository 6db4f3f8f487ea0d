/** What a live message changes: the kept lists, the points of the chart, and what is told at the top. */
import type { InfiniteData, QueryClient } from "@tanstack/react-query";

import { addAlert, hasAlert } from "../alerts/cache";
import { itemsOf } from "../api/paging";
import { keys } from "../api/queries";
import type { Command, CommandPage, Device, DeviceEvent, DeviceStatus } from "../api/types";
import type { TelemetryStore } from "./telemetry";
import type { LiveMessage } from "./topics";

/** Ids of alerts that are remembered, so that one that comes twice is one. */
const REMEMBERED = 1000;
/** Counters and pictures are read again this long after alerts came, once for all of them. */
const SETTLE_MS = 2000;
/** When the history is read after an answer; later on only if something is pending still. */
const ANSWER_MS = [200, 1000, 4000] as const;

export class LiveUpdates {
  #seen = new Set<string>();
  #timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(
    private readonly queries: QueryClient,
    private readonly telemetry: TelemetryStore,
    private readonly tell: (alert: DeviceEvent) => void,
  ) {}

  apply(message: LiveMessage) {
    switch (message.kind) {
      case "alert":
        this.#alert(message.event);
        break;
      case "telemetry":
        this.telemetry.add(message.deviceId, message.point);
        this.#isThere(message.deviceId);
        break;
      case "shadow":
        this.queries.setQueryData<DeviceStatus>(
          keys.status(message.deviceId),
          (status) => status && { ...status, state: message.state, metadata: message.metadata },
        );
        this.#registered(message.deviceId);
        break;
      case "command":
        this.#readCommands(message.deviceId, ANSWER_MS[0]);
        break;
      case "response":
        // Whether an answer counts is what the API says, and it hears the answer when we do: it may need a moment.
        for (const delay of ANSWER_MS) this.#readCommands(message.deviceId, delay);
        break;
    }
  }

  #alert(alert: DeviceEvent) {
    if (this.#seen.has(alert.id)) return;
    this.#seen.add(alert.id);
    if (this.#seen.size > REMEMBERED) this.#seen.delete([...this.#seen][0] ?? "");
    if (!hasAlert(this.queries, alert.id)) addAlert(this.queries, alert);
    this.tell(alert);
    this.#later("alerts", SETTLE_MS, () => {
      void this.queries.invalidateQueries({ queryKey: keys.alertsCount() });
      void this.queries.invalidateQueries({ queryKey: keys.recentEvents() });
    });
    this.#isThere(alert.deviceId);
  }

  /** A device that says something is connected. */
  #isThere(deviceId: string) {
    const status = this.queries.getQueryData<DeviceStatus>(keys.status(deviceId));
    if (status && status.connected !== true) {
      this.#later(`status/${deviceId}`, SETTLE_MS, () => {
        void this.queries.invalidateQueries({ queryKey: keys.status(deviceId) });
        void this.queries.invalidateQueries({ queryKey: keys.connections(deviceId) });
      });
    }
    this.#registered(deviceId);
  }

  /** Who speaks has been let in: a registration that was pending is complete. */
  #registered(deviceId: string) {
    const device = this.queries.getQueryData<Device>(keys.device(deviceId));
    if (device?.status !== "pending") return;
    this.#later(`device/${deviceId}`, 100, () => {
      void this.queries.invalidateQueries({ queryKey: keys.device(deviceId) });
      void this.queries.invalidateQueries({ queryKey: keys.devices() });
    });
  }

  #readCommands(deviceId: string, delay: number) {
    this.#later(`commands/${deviceId}/${delay}`, delay, () => {
      const isWanted = delay === ANSWER_MS[0] || this.#hasPending(deviceId);
      if (isWanted) void this.queries.invalidateQueries({ queryKey: keys.commands(deviceId) });
    });
  }

  #hasPending(deviceId: string): boolean {
    const lists = this.queries.getQueriesData<InfiniteData<CommandPage>>({ queryKey: keys.commands(deviceId) });
    return lists.some(([, data]) => itemsOf<Command>(data).some((it) => it.status === "pending"));
  }

  /** Does `work` once, a little later, however often it is asked for until then. */
  #later(name: string, delay: number, work: () => unknown) {
    if (this.#timers.has(name)) return;
    this.#timers.set(
      name,
      setTimeout(() => {
        this.#timers.delete(name);
        work();
      }, delay),
    );
  }
}
