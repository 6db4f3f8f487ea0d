import StatusIndicator from "@cloudscape-design/components/status-indicator";

import type { Device } from "../api/types";
import { STATE_TEXTS, STATE_TYPES, stateOf } from "./state";

export function DeviceStateIndicator({ device }: { device: Pick<Device, "status" | "connected"> }) {
  const state = stateOf(device);
  return <StatusIndicator type={STATE_TYPES[state]}>{STATE_TEXTS[state]}</StatusIndicator>;
}
