/** What a live message changes: the kept lists, the points of the chart, and what is told at the top. */
import type { QueryClient } from "@tanstack/react-query";

import { addAlert, hasAlert } from "../alerts/cache";
import { keys } from "../api/queries";
import type { Device, DeviceEvent, DeviceStatus } from "../api/types";
import type { TelemetryStore } from "./telemetry";
import type { LiveMessage } from "./topics";

/** Ids of alerts that are remembered, so that one that comes twice is one. */
const REMEMBERED = 1000;
/** Counters and pictures are read again this long after alerts came, once for all of them. */
const SETTLE_MS = 2000;

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
        { this.#alert(message.event); return; }
      case "telemetry":
        this.telemetry.add(message.deviceId, message.point);
        { this.#isThere(message.deviceId); return; }
      case "shadow":
        this.queries.setQueryData<DeviceStatus>(
          keys.status(message.deviceId),
          (status) => status && { ...status, state: message.state, metadata: message.metadata },
        );
        { this.#registered(message.deviceId); return; }
      case "command":
      // An answer may not count, or not be the first: what holds is what the API says.
      // falls through
      case "response":
        { this.#later(`commands/${message.deviceId}`, 100, () =>
          this.queries.invalidateQueries({ queryKey: keys.commands(message.deviceId) }),
        ); return; }
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
