/** The shadow as rows: what was asked for beside what the device says. */
import type { DeviceStatus } from "../api/types";
import { isRecord, isSame, record } from "../ui/json";

export interface ShadowRow {
  /** Keys joined by dots. */
  field: string;
  desired: unknown;
  reported: unknown;
  /** Something is asked for, and the device does not say the same. */
  differs: boolean;
  /** Epoch seconds; when it was reported. */
  reportedAt?: number;
}

export function shadowRows({ state, metadata }: Pick<DeviceStatus, "state" | "metadata">): ShadowRow[] {
  const desired = leaves(state.desired);
  const reported = leaves(state.reported);
  const fields = [...new Set([...desired.keys(), ...reported.keys()])].sort();
  return fields.map((field) => ({
    field,
    desired: desired.get(field),
    reported: reported.get(field),
    differs: desired.has(field) && !isSame(desired.get(field), reported.get(field)),
    reportedAt: timestampOf(record(metadata).reported, field),
  }));
}

/** Values by their path. Lists are values, as the shadow exchanges them whole. */
function leaves(value: unknown, path = "", found = new Map<string, unknown>()): Map<string, unknown> {
  if (isRecord(value)) {
    for (const [key, inner] of Object.entries(value)) leaves(inner, path === "" ? key : `${path}.${key}`, found);
  } else if (path !== "" && value !== undefined) {
    found.set(path, value);
  }
  return found;
}

function timestampOf(metadata: unknown, field: string): number | undefined {
  const stamp = field.split(".").reduce<unknown>((at, key) => record(at)[key], metadata);
  const time = record(stamp).timestamp;
  return typeof time === "number" ? time : undefined;
}
