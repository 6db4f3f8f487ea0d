/** The live connection of a signed-in page, for the whole tree. */
import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from "react";

import { unwrap } from "../api/client";
import { useApi } from "../api/context";
import { refetchAll } from "../api/queries";
import type { DeviceEvent } from "../api/types";
import { LiveUpdates } from "./apply";
import { connectByMqtt } from "./broker";
import { LiveConnection, type LiveState } from "./connection";
import { type Point, TelemetryStore } from "./telemetry";
import { parseMessage } from "./topics";

interface Live {
  connection: LiveConnection;
  telemetry: TelemetryStore;
}

const Context = createContext<Live | undefined>(undefined);

interface LiveProviderProps {
  telemetryTopic: string;
  /** Told of each new alert, once. It must not change. */
  onAlert: (alert: DeviceEvent) => void;
  children: ReactNode;
}

export function LiveProvider({ telemetryTopic, onAlert, children }: LiveProviderProps) {
  const api = useApi();
  const queries = useQueryClient();
  const [live] = useState(() => {
    const telemetry = new TelemetryStore();
    const updates = new LiveUpdates(queries, telemetry, onAlert);
    const connection = new LiveConnection({
      open: (deviceId) => unwrap(api.GET("/live", { params: { query: { deviceId } } })),
      connect: connectByMqtt,
      onMessage: (topic, payload) => {
        const message = parseMessage(topic, payload, telemetryTopic);
        if (message) updates.apply(message);
      },
      onGap: () => refetchAll(queries),
    });
    return { connection, telemetry };
  });

  useEffect(() => {
    live.connection.start();
    const online = () => live.connection.retryNow();
    window.addEventListener("online", online);
    return () => {
      window.removeEventListener("online", online);
      live.connection.stop();
    };
  }, [live]);

  return <Context.Provider value={live}>{children}</Context.Provider>;
}

function useLive(): Live {
  const live = useContext(Context);
  if (!live) throw new Error("there is no LiveProvider above");
  return live;
}

export function useLiveState(): { state: LiveState; retryNow: () => void } {
  const { connection } = useLive();
  const state = useSyncExternalStore(connection.subscribe, connection.state);
  return { state, retryNow: () => connection.retryNow() };
}

/** Hears of a device while the component is there; of none, as long as it is not known to be the user's. */
export function useWatch(deviceId: string | undefined) {
  const { connection } = useLive();
  useEffect(() => (deviceId === undefined ? undefined : connection.watch(deviceId)), [connection, deviceId]);
}

export function useTelemetry(deviceId: string): readonly Point[] {
  const { telemetry } = useLive();
  return useSyncExternalStore(telemetry.subscribe, () => telemetry.of(deviceId));
}
