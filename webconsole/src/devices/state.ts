/** What a device is doing, in one word. */
import type { StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";

import type { Device } from "../api/types";
import { texts } from "../texts";

export type DeviceState = "connected" | "disconnected" | "pending" | "unknown";

export const DEVICE_STATES: readonly DeviceState[] = ["connected", "disconnected", "pending", "unknown"];

export function stateOf(device: Pick<Device, "status" | "connected">): DeviceState {
  if (device.status === "pending") return "pending";
  if (device.connected === null) return "unknown";
  return device.connected ? "connected" : "disconnected";
}

export const STATE_TEXTS: Record<DeviceState, string> = {
  connected: texts.devices.connected,
  disconnected: texts.devices.disconnected,
  pending: texts.devices.pending,
  unknown: texts.devices.unknownState,
};

export const STATE_TYPES: Record<DeviceState, StatusIndicatorProps.Type> = {
  connected: "success",
  disconnected: "stopped",
  pending: "pending",
  unknown: "info",
};
