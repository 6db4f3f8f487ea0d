/** From the JSON Schema of a command's value to a form field; what no field fits is edited as JSON. */
import type { Schema } from "../devices/model";
import { isRecord, record } from "../ui/json";

export type Field =
  | { kind: "none" }
  | { kind: "constant"; value: unknown }
  | { kind: "choice"; options: unknown[] }
  | { kind: "boolean" }
  | NumberField
  | TextField
  | { kind: "object"; members: Member[] }
  | { kind: "json"; schema: Schema | boolean };

export interface NumberField {
  kind: "number";
  isInteger: boolean;
  minimum?: number;
  maximum?: number;
  above?: number;
  below?: number;
  multipleOf?: number;
}

export interface TextField {
  kind: "text";
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  format?: string;
}

export interface Member {
  name: string;
  isRequired: boolean;
  description?: string;
  field: Field;
}

/** Deeper schemas are edited as JSON. */
const MAX_DEPTH = 4;

/** Keywords that say nothing about which values are valid. */
const NOTES = [
  "$schema",
  "$defs",
  "$comment",
  "title",
  "description",
  "default",
  "examples",
  "deprecated",
  "readOnly",
  "writeOnly",
];

const KEYWORDS = {
  number: ["type", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
  text: ["type", "minLength", "maxLength", "pattern", "format"],
  object: ["type", "properties", "required", "additionalProperties"],
};

/** The form of a schema; no schema is a command without a value. */
export function fieldOf(schema: Schema | boolean | undefined): Field {
  if (schema === undefined) return { kind: "none" };
  return toField(schema, schema, 0);
}

function toField(schema: Schema | boolean, root: Schema | boolean, depth: number): Field {
  const json: Field = { kind: "json", schema };
  if (typeof schema === "boolean" || depth > MAX_DEPTH) return json;
  const reference = schema.$ref;
  if (typeof reference === "string") {
    const target = resolve(reference, root);
    return target !== undefined && has(schema, ["$ref"]) ? toField(target, root, depth + 1) : json;
  }
  if ("const" in schema && has(schema, ["const", "type"])) return { kind: "constant", value: schema.const };
  if (Array.isArray(schema.enum) && has(schema, ["enum", "type"])) {
    return { kind: "choice", options: schema.enum };
  }
  switch (schema.type) {
    case "boolean":
      return has(schema, ["type"]) ? { kind: "boolean" } : json;
    case "number":
    case "integer":
      return has(schema, KEYWORDS.number) ? numberField(schema) : json;
    case "string":
      return has(schema, KEYWORDS.text) ? textField(schema) : json;
    case "object":
      return has(schema, KEYWORDS.object) ? objectField(schema, root, depth) : json;
    default:
      return json;
  }
}

/** Whether the schema says nothing else, so that a field can keep all its rules. */
function has(schema: Schema, keywords: readonly string[]): boolean {
  return Object.keys(schema).every((it) => keywords.includes(it) || NOTES.includes(it));
}

/** A reference within the schema, such as `#/$defs/level`. */
function resolve(reference: string, root: Schema | boolean): Schema | boolean | undefined {
  if (!reference.startsWith("#/")) return undefined;
  const keys = reference
    .slice(2)
    .split("/")
    .map((it) => it.replaceAll("~1", "/").replaceAll("~0", "~"));
  const target = keys.reduce<unknown>((at, key) => record(at)[key], root);
  return isRecord(target) || typeof target === "boolean" ? target : undefined;
}

function numberField(schema: Schema): NumberField {
  return {
    kind: "number",
    isInteger: schema.type === "integer",
    minimum: number(schema.minimum),
    maximum: number(schema.maximum),
    above: number(schema.exclusiveMinimum),
    below: number(schema.exclusiveMaximum),
    multipleOf: number(schema.multipleOf),
  };
}

function textField(schema: Schema): TextField {
  const text = (value: unknown) => (typeof value === "string" ? value : undefined);
  return {
    kind: "text",
    minLength: number(schema.minLength),
    maxLength: number(schema.maxLength),
    pattern: text(schema.pattern),
    format: text(schema.format),
  };
}

function objectField(schema: Schema, root: Schema | boolean, depth: number): Field {
  const required = Array.isArray(schema.required) ? schema.required : [];
  const properties = Object.entries(record(schema.properties));
  // Fields that have no description here could not be entered.
  if (properties.length === 0 || required.some((it) => !properties.some(([name]) => name === it))) {
    return { kind: "json", schema };
  }
  const members = properties.map(([name, property]): Member => {
    const description = record(property).description;
    return {
      name,
      isRequired: required.includes(name),
      description: typeof description === "string" ? description : undefined,
      field: toField(isRecord(property) ? property : true, root, depth + 1),
    };
  });
  // What is needed comes first.
  return { kind: "object", members: members.sort((left, right) => Number(right.isRequired) - Number(left.isRequired)) };
}

function number(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

/** The place of a slider that is nearest to a value. */
export function nearestPlace({ min, max, step }: { min: number; max: number; step: number }, value: number): number {
  if (!Number.isFinite(value)) return min;
  const places = Math.round((Math.min(max, Math.max(min, value)) - min) / step);
  // Without the dust of binary fractions.
  return Number((min + places * step).toPrecision(12));
}

/** Where a slider can stand: from, to, and how far apart. Without both ends there is none. */
export function sliderOf(field: NumberField): { min: number; max: number; step: number } | undefined {
  const { minimum: min, maximum: max, above, below } = field;
  if (min === undefined || max === undefined || max <= min || above !== undefined || below !== undefined) {
    return undefined;
  }
  const step = field.multipleOf ?? (field.isInteger || max - min >= 10 ? 1 : (max - min) / 100);
  // A slider stands at `min + n · step`; where those are not the multiples, it would lie.
  const fits = field.multipleOf === undefined || Number.isInteger(min / field.multipleOf);
  return fits ? { min, max, step } : undefined;
}
