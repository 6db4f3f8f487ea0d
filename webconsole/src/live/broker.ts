/** One connection to the broker: MQTT over WebSocket, loaded when it is first needed. */
import type { Live } from "../api/types";

export interface BrokerEvents {
  /** Connected, and subscribed to every topic. */
  onOpen: () => void;
  onMessage: (topic: string, payload: Uint8Array) => void;
  /** The connection has ended, or never came about. Told once. */
  onClose: () => void;
}

export interface Broker {
  end: () => void;
}

export type Connect = (live: Live, events: BrokerEvents) => Promise<Broker>;

export const connectByMqtt: Connect = async (live, events) => {
  const { default: mqtt } = await import("mqtt");
  let isOver = false;
  const client = mqtt.connect(live.url, {
    clientId: live.clientId,
    protocolVersion: 5,
    // The library would come back to an address that has ended; each attempt needs a new one.
    reconnectPeriod: 0,
    connectTimeout: 10_000,
    timerVariant: "native",
  });
  const close = () => {
    if (isOver) return;
    isOver = true;
    client.end(true);
    events.onClose();
  };
  client.on("connect", () => {
    client.subscribe(live.topics, { qos: 1 }, (error, granted) => {
      // From 128 on a code is a refusal.
      if (error ?? granted?.some((it) => it.qos >= 128)) close();
      else events.onOpen();
    });
  });
  client.on("message", (topic, payload) => events.onMessage(topic, payload));
  client.on("error", close);
  client.on("close", close);
  return {
    end: () => {
      isOver = true;
      client.end(true);
    },
  };
};
