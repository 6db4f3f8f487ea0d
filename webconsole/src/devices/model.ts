/** A product's model, as `docs/models.md` defines it, read from a device's `details`. */
import type { EventType } from "../api/types";
import { isRecord, record } from "../ui/json";

export type Schema = Record<string, unknown>;

export interface TelemetryField {
  name: string;
  type: "number" | "integer" | "boolean" | "string";
  unit?: string;
  minimum?: number;
  maximum?: number;
  enum?: string[];
  description?: string;
  /** Whether the owner is told of limits that are passed. */
  hasThresholds?: boolean;
}

export interface CommandModel {
  name: string;
  description?: string;
  /** Of the command's value; absent where it takes none. */
  schema?: Schema | boolean;
  /** The field of the shadow that the value goes to, where there is one. */
  desiredField?: string;
  timeLimitSeconds: number;
}

export interface Model {
  telemetry: TelemetryField[];
  commands: CommandModel[];
  /** Code of an event → what it is. */
  events: Record<string, { type?: EventType; description?: string }>;
  /** The rest of the details: free words of the manufacturer. */
  other: Record<string, unknown>;
}

const TYPES = ["number", "integer", "boolean", "string"] as const;
/** What `docs/models.md` says where a model says nothing. */
const TIME_LIMIT_SECONDS = 60;

export function modelOf(details: Record<string, unknown>): Model {
  const { telemetry, commands, events, ...other } = details;
  return {
    telemetry: Object.entries(record(telemetry)).flatMap(([name, field]) => telemetryField(name, record(field)) ?? []),
    commands: Object.entries(record(commands)).map(([name, command]) => commandModel(name, record(command))),
    events: Object.fromEntries(
      Object.entries(record(events)).map(([code, event]) => [code, { description: text(record(event).description) }]),
    ),
    other,
  };
}

function telemetryField(name: string, field: Record<string, unknown>): TelemetryField | undefined {
  const type = TYPES.find((it) => it === field.type);
  if (!type) return undefined;
  const values = field.enum;
  return {
    name,
    type,
    unit: text(field.unit),
    minimum: number(field.minimum),
    maximum: number(field.maximum),
    enum: Array.isArray(values) ? values.filter((it) => typeof it === "string") : undefined,
    description: text(field.description),
    hasThresholds: isRecord(field.thresholds) || undefined,
  };
}

function commandModel(name: string, command: Record<string, unknown>): CommandModel {
  const value = command.value;
  const desired = Object.entries(record(command.desired)).find(([, it]) => it === "$value");
  return {
    name,
    description: text(command.description),
    schema: isRecord(value) || typeof value === "boolean" ? value : undefined,
    desiredField: desired?.[0],
    timeLimitSeconds: number(command.timeLimitSeconds) ?? TIME_LIMIT_SECONDS,
  };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
