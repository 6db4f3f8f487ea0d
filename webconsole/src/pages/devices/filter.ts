import type { Device } from "../../api/types";

/** Whether every word of the search is in what names the device. */
export function matchesDevice(device: Device, search: string): boolean {
  const names = [device.deviceName, device.deviceId, device.modelNumber].join("\n").toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => names.includes(word));
}
