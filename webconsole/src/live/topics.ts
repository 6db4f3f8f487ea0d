/** What a message on a topic is. Topics are the contract of `docs/api.md`, "Live data". */
import type { DeviceEvent } from "../api/types";
import { record } from "../ui/json";
import { type Point, toPoint } from "./telemetry";

export type LiveMessage =
  | { kind: "alert"; event: DeviceEvent }
  | { kind: "telemetry"; deviceId: string; point: Point }
  | { kind: "shadow"; deviceId: string; state: Record<string, unknown>; metadata: Record<string, unknown> }
  | { kind: "command"; deviceId: string; commandId: string }
  | { kind: "response"; deviceId: string; commandId: string };

const SHADOW = /^\$aws\/things\/([^/]+)\/shadow\/update\/documents$/;
const COMMAND = /^smartproduct\/commands\/([^/]+)(\/response)?$/;
const ALERT = /^smartproduct\/alerts\/[^/]+$/;

/** Parses what came; `undefined` for what a page cannot use. */
export function parseMessage(
  topic: string,
  payload: Uint8Array,
  telemetryTopic: string,
  now = Date.now(),
): LiveMessage | undefined {
  const body = parse(payload);
  if (!body) return undefined;
  if (ALERT.test(topic)) {
    return typeof body.id === "string" ? { kind: "alert", event: body as DeviceEvent } : undefined;
  }
  const shadow = SHADOW.exec(topic)?.[1];
  if (shadow !== undefined) {
    const current = record(body.current);
    return { kind: "shadow", deviceId: shadow, state: record(current.state), metadata: record(current.metadata) };
  }
  const [, commanded, response] = COMMAND.exec(topic) ?? [];
  if (commanded !== undefined) {
    const commandId = body.commandId;
    if (typeof commandId !== "string") return undefined;
    return { kind: response ? "response" : "command", deviceId: commanded, commandId };
  }
  const prefix = `${telemetryTopic}/`;
  if (topic.startsWith(prefix)) {
    return { kind: "telemetry", deviceId: topic.slice(prefix.length), point: toPoint(body, now) };
  }
  return undefined;
}

function parse(payload: Uint8Array): Record<string, unknown> | undefined {
  try {
    const body: unknown = JSON.parse(new TextDecoder().decode(payload));
    return typeof body === "object" && body !== null && !Array.isArray(body)
      ? (body as Record<string, unknown>)
      : undefined;
  } catch {
    // A device may publish anything as telemetry; it disturbs nothing else.
    return undefined;
  }
}
