import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";

import type { Api } from "../api/client";
import { unwrap } from "../api/client";
import { useApi } from "../api/context";
import { describe } from "../api/describe";
import { keys } from "../api/queries";
import { withRetry } from "../api/retry";
import type { DeviceEvent, EventUpdate } from "../api/types";
import { texts } from "../texts";
import { type Toasts, useToasts } from "../ui/toasts";
import { countDown, removeAlerts, replaceEvent } from "./cache";
import { forEach, reverse } from "./flag";

/** The message of a live alert, so that it goes when the alert is dealt with. */
export const alertToastId = (eventId: string) => `alert-${eventId}`;

/** How long the way back is offered. */
const UNDO_SECONDS = 20;

export interface AlertActions {
  acknowledge: (alerts: readonly DeviceEvent[]) => Promise<void>;
  suppress: (alerts: readonly DeviceEvent[]) => Promise<void>;
  /** Clears both flags. */
  restore: (events: readonly DeviceEvent[]) => Promise<void>;
}

export function useAlertActions(): AlertActions {
  const api = useApi();
  const queries = useQueryClient();
  const toasts = useToasts();
  return useMemo(() => alertActions(api, queries, toasts), [api, queries, toasts]);
}

export function alertActions(api: Api, queries: QueryClient, toasts: Toasts): AlertActions {
  const put = async (event: DeviceEvent, body: EventUpdate) => {
    const path = { deviceId: event.deviceId, eventId: event.id };
    replaceEvent(
      queries,
      await withRetry(() => unwrap(api.PUT("/devices/{deviceId}/events/{eventId}", { params: { path }, body }))),
    );
  };

  /** Sets flags, says so, and reads the alerts again, which are few. */
  const change = async (
    events: readonly DeviceEvent[],
    update: EventUpdate,
    said: (count: number) => string,
    canUndo: boolean,
  ) => {
    const { done, failed } = await forEach(events, (event) => put(event, update));
    void queries.invalidateQueries({ queryKey: keys.allAlerts() });
    void queries.invalidateQueries({ queryKey: keys.alertsCount() });
    if (done.length > 0) {
      const undo = () => void change(done, reverse(update), texts.alerts.restored, false);
      toasts.add({
        type: "success",
        header: said(done.length),
        seconds: UNDO_SECONDS,
        action: canUndo ? { label: texts.common.undo, onClick: undo } : undefined,
      });
    }
    const [first] = failed;
    if (first) {
      const { title, advice } = describe(first.error);
      const again = () =>
        void change(
          failed.map((it) => it.item),
          update,
          said,
          canUndo,
        );
      toasts.add({
        type: "error",
        header: texts.alerts.failed(failed.length),
        text: `${title} ${advice}`,
        action: { label: texts.common.retry, onClick: again },
      });
    }
  };

  const leave = (alerts: readonly DeviceEvent[]) => {
    for (const { id } of alerts) toasts.remove(alertToastId(id));
    removeAlerts(queries, alerts);
    countDown(queries, alerts.length);
  };

  return {
    acknowledge: (alerts) => {
      leave(alerts);
      return change(alerts, { ack: true }, texts.alerts.acknowledged, true);
    },
    suppress: (alerts) => {
      leave(alerts);
      return change(alerts, { suppress: true }, texts.alerts.suppressed, true);
    },
    restore: (events) => change(events, { ack: false, suppress: false }, texts.alerts.restored, false),
  };
}
