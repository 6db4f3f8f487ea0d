/** What stands in a form, and the command's value that it makes. */
import { texts } from "../texts";
import { isRecord } from "../ui/json";
import type { Field, NumberField, TextField } from "./schema";

const t = texts.commands.problems;

/** The state of a field: text that is typed, a switch, an option's place, or the fields of an object. */
export type Entry = string | boolean | undefined | { [name: string]: Entry };

/** Problems by the path of their field; that of the whole value is empty. */
export type Problems = Record<string, string>;

export type Reading = { value: unknown; problems?: undefined } | { problems: Problems };

/** A field's first state: `current` is what the device has now, if it is known. */
export function initialEntry(field: Field, current: unknown): Entry {
  switch (field.kind) {
    case "none":
    case "constant":
      return undefined;
    case "choice": {
      const at = field.options.indexOf(current);
      return at < 0 ? undefined : String(at);
    }
    case "boolean":
      return current === true;
    case "number":
      if (typeof current === "number" && numberProblem(field, current) === undefined) return String(current);
      return field.minimum === undefined ? "" : String(field.minimum);
    case "text":
      return typeof current === "string" ? current : "";
    case "json":
      return current === undefined ? "" : JSON.stringify(current, undefined, 2);
    case "object": {
      const known = isRecord(current) ? current : {};
      // What may be left out is left out until somebody wants it.
      return Object.fromEntries(
        field.members.map((it) => [it.name, it.isRequired ? initialEntry(it.field, known[it.name]) : undefined]),
      );
    }
  }
}

/** The value that the entry stands for, or what is wrong with it. */
export function readEntry(field: Field, entry: Entry, path = ""): Reading {
  const wrong = (problem: string): Reading => ({ problems: { [path]: problem } });
  switch (field.kind) {
    case "none":
      return { value: null };
    case "constant":
      return { value: field.value };
    case "choice":
      return typeof entry === "string" && entry !== "" ? { value: field.options[Number(entry)] } : wrong(t.needed);
    case "boolean":
      return { value: entry === true };
    case "number": {
      const typed = typeof entry === "string" ? entry.trim() : "";
      if (typed === "") return wrong(t.needed);
      const value = Number(typed);
      const problem = numberProblem(field, value);
      return problem === undefined ? { value } : wrong(problem);
    }
    case "text": {
      const value = typeof entry === "string" ? entry : "";
      const problem = textProblem(field, value);
      return problem === undefined ? { value } : wrong(problem);
    }
    case "json": {
      if (typeof entry !== "string" || entry.trim() === "") return wrong(t.needed);
      try {
        return { value: JSON.parse(entry) as unknown };
      } catch {
        return wrong(t.notJson);
      }
    }
    case "object":
      return readObject(field.members, isRecord(entry) ? entry : {}, path);
  }
}

function readObject(
  members: Extract<Field, { kind: "object" }>["members"],
  entries: Record<string, Entry>,
  path: string,
): Reading {
  const value: Record<string, unknown> = {};
  const problems: Problems = {};
  for (const { name, isRequired, field } of members) {
    const entry = entries[name];
    if (!isRequired && entry === undefined) continue;
    const read = readEntry(field, entry, join(path, name));
    if (read.problems) Object.assign(problems, read.problems);
    else value[name] = read.value;
  }
  return Object.keys(problems).length > 0 ? { problems } : { value };
}

export function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

export function numberProblem(field: NumberField, value: number): string | undefined {
  const { minimum, maximum, above, below, multipleOf } = field;
  if (!Number.isFinite(value)) return t.notNumber;
  if (field.isInteger && !Number.isInteger(value)) return t.notInteger;
  if (minimum !== undefined && value < minimum) return t.min(minimum);
  if (maximum !== undefined && value > maximum) return t.max(maximum);
  if (above !== undefined && value <= above) return t.above(above);
  if (below !== undefined && value >= below) return t.below(below);
  if (multipleOf !== undefined && !isMultiple(value, multipleOf)) return t.multiple(multipleOf);
  return undefined;
}

/** 0.3 is a multiple of 0.1, whatever binary fractions say. */
function isMultiple(value: number, of: number): boolean {
  const times = value / of;
  return Math.abs(times - Math.round(times)) < 1e-9;
}

function textProblem(field: TextField, value: string): string | undefined {
  // Characters as JSON Schema counts them: code points.
  const length = Array.from(value).length;
  if (length < (field.minLength ?? 0)) return field.minLength === 1 ? t.needed : t.short(field.minLength ?? 0);
  if (field.maxLength !== undefined && length > field.maxLength) return t.long(field.maxLength);
  if (field.pattern !== undefined && !matches(value, field.pattern)) return t.pattern(field.pattern);
  return undefined;
}

/** A pattern that this browser cannot read is left to the API. */
function matches(value: string, pattern: string): boolean {
  try {
    return new RegExp(pattern, "u").test(value);
  } catch {
    return true;
  }
}
