/** Rows as the API shows them, for tests. */
import type { Command, Device, DeviceEvent, Threshold } from "../api/types";

const OWNER = "8c6f1c52-6f0a-4f0e-9a3a-5a0e4f0b7c11";

export function device(change: Partial<Device> = {}): Device {
  return {
    deviceId: "SP-0001",
    deviceName: "Hall",
    modelNumber: "thermostat-1",
    status: "complete",
    userId: OWNER,
    details: {},
    createdAt: "2026-11-21T04:17:00.000Z",
    updatedAt: "2026-11-21T04:18:30.250Z",
    connected: true,
    ...change,
  };
}

export function event(change: Partial<DeviceEvent> = {}): DeviceEvent {
  return {
    id: "6fa459ea-ee8a-5ca4-894e-db77e160355e",
    deviceId: "SP-0001",
    deviceName: "Hall",
    userId: OWNER,
    messageId: "1763698619482-7",
    message: "It is too warm.",
    details: null,
    ack: false,
    suppress: false,
    type: "warning",
    timestamp: 1_763_698_619_482,
    value: 91.5,
    sentAt: null,
    createdAt: "2026-11-21T04:17:00.000Z",
    updatedAt: "2026-11-21T04:17:00.000Z",
    ...change,
  };
}

export function command(change: Partial<Command> = {}): Command {
  return {
    commandId: "019aa3f0-0000-7000-8000-000000000001",
    deviceId: "SP-0001",
    deviceName: "Hall",
    userId: OWNER,
    status: "pending",
    reason: null,
    details: null,
    command: "set-temp",
    value: 72,
    createdAt: "2026-11-21T04:17:00.000Z",
    updatedAt: "2026-11-21T04:17:00.000Z",
    ...change,
  };
}

export function threshold(change: Partial<Threshold> = {}): Threshold {
  const limits = { above: 35000, below: 33000, seconds: 900 };
  return {
    field: "lux",
    name: "glare",
    unit: "lx",
    ...limits,
    enabled: true,
    model: limits,
    own: { above: null, below: null, seconds: null, enabled: null },
    ...change,
  };
}
