import { describe, expect, it } from "vitest";

import type { Schema } from "../devices/model";
import { type Field, fieldOf, nearestPlace, type NumberField, sliderOf } from "./schema";
import { type Entry, initialEntry, readEntry } from "./value";

const kind = (schema: Schema | boolean | undefined) => fieldOf(schema).kind;

describe("the field of a schema", () => {
  it.each<[string, Schema | boolean | undefined, Field["kind"]]>([
    ["no value", undefined, "none"],
    ["anything", true, "json"],
    ["a constant", { const: 7 }, "constant"],
    ["a choice", { enum: ["HEAT", "AC", "OFF"] }, "choice"],
    ["a range", { type: "number", minimum: 50, maximum: 110 }, "number"],
    ["a whole number", { type: "integer" }, "number"],
    ["a switch", { type: "boolean", description: "On or off" }, "boolean"],
    ["text", { type: "string", maxLength: 20 }, "text"],
    ["an object", { type: "object", properties: { times: { type: "integer" } } }, "object"],
    ["an object of which a needed field is not described", { type: "object", properties: {}, required: ["x"] }, "json"],
    ["a list", { type: "array", items: { type: "number" } }, "json"],
    ["alternatives", { anyOf: [{ type: "number" }, { type: "string" }] }, "json"],
    ["a rule that no field knows", { type: "number", not: { const: 13 } }, "json"],
    ["several types", { type: ["number", "null"] }, "json"],
    ["a reference", { $ref: "#/$defs/level", $defs: { level: { type: "integer" } } }, "number"],
    ["a reference that leads nowhere", { $ref: "#/$defs/none" }, "json"],
    ["a reference to itself", { $ref: "#" }, "json"],
  ])("%s", (_, schema, expected) => {
    expect(kind(schema)).toBe(expected);
  });

  it("ends where a schema contains itself", () => {
    const tree: Schema = {
      $ref: "#/$defs/tree",
      $defs: { tree: { type: "object", properties: { left: { $ref: "#/$defs/tree" } } } },
    };
    expect(JSON.stringify(fieldOf(tree))).toContain('"json"');
  });
});

describe("a slider", () => {
  const slider = (schema: Schema) => sliderOf(fieldOf({ type: "number", ...schema }) as NumberField);

  it.each<[string, Schema, ReturnType<typeof slider>]>([
    ["stands at whole numbers of a wide range", { minimum: 50, maximum: 110 }, { min: 50, max: 110, step: 1 }],
    ["has a hundred places in a narrow one", { minimum: 0, maximum: 1 }, { min: 0, max: 1, step: 0.01 }],
    ["stands at multiples", { minimum: 0, maximum: 10, multipleOf: 2.5 }, { min: 0, max: 10, step: 2.5 }],
    ["is not there where it would miss the multiples", { minimum: 1, maximum: 9, multipleOf: 2 }, undefined],
    ["needs both ends", { minimum: 50 }, undefined],
    ["needs ends that belong to it", { minimum: 0, exclusiveMinimum: 0, maximum: 1 }, undefined],
  ])("%s", (_, schema, expected) => {
    expect(slider(schema)).toEqual(expected);
  });
});

it.each([
  [72.4, 72],
  [20, 50],
  [200, 110],
  [Number.NaN, 50],
])("a slider shows %d at %d", (value, place) => {
  expect(nearestPlace({ min: 50, max: 110, step: 1 }, value)).toBe(place);
});

describe("what was entered", () => {
  const identify: Schema = {
    type: "object",
    properties: { times: { type: "integer", minimum: 1, maximum: 10 }, loud: { type: "boolean" } },
    required: ["times"],
    additionalProperties: false,
  };

  it.each<[string, Schema | undefined, Entry, unknown]>([
    ["no value is null", undefined, undefined, null],
    ["a constant", { const: "go" }, undefined, "go"],
    ["the option, with its type", { enum: [1, "1", null] }, "2", null],
    ["a number", { type: "number" }, " 72.5 ", 72.5],
    ["a switch", { type: "boolean" }, true, true],
    ["text as it is", { type: "string" }, " a ", " a "],
    ["JSON", { type: "array" }, "[1, 2]", [1, 2]],
    ["an object without what may be left out", identify, { times: "3", loud: undefined }, { times: 3 }],
    ["an object with everything", identify, { times: "3", loud: false }, { times: 3, loud: false }],
    ["a multiple that binary fractions miss", { type: "number", multipleOf: 0.1 }, "0.3", 0.3],
  ])("%s", (_, schema, entry, value) => {
    expect(readEntry(fieldOf(schema), entry)).toEqual({ value });
  });

  it.each<[string, Schema, Entry, Record<string, string>]>([
    ["nothing", { type: "number" }, "", { "": "Enter a value." }],
    ["no number", { type: "number" }, "warm", { "": "Enter a number." }],
    ["a fraction", { type: "integer" }, "1.5", { "": "Enter a whole number." }],
    ["too little", { type: "number", minimum: 50 }, "49", { "": "Enter 50 or more." }],
    ["too much", { type: "number", maximum: 110 }, "111", { "": "Enter 110 or less." }],
    ["an end that does not belong to it", { type: "number", exclusiveMinimum: 0 }, "0", { "": "Enter more than 0." }],
    ["no choice", { enum: ["a"] }, undefined, { "": "Enter a value." }],
    ["text that is too long", { type: "string", maxLength: 1 }, "ab", { "": "Enter at most 1 character." }],
    [
      "one character that counts as two units",
      { type: "string", minLength: 2 },
      "🔒",
      { "": "Enter at least 2 characters." },
    ],
    ["text of another form", { type: "string", pattern: "^a$" }, "b", { "": "It must match ^a$." }],
    ["no JSON", { type: "array" }, "[1,", { "": "This is not valid JSON." }],
    ["a field of an object", identify, { times: "0" }, { times: "Enter 1 or more." }],
  ])("%s is a problem", (_, schema, entry, problems) => {
    expect(readEntry(fieldOf(schema), entry)).toEqual({ problems });
  });

  it.each<[string, Schema, unknown, Entry]>([
    ["what the device has", { type: "number", minimum: 50, maximum: 110 }, 72, "72"],
    ["the lower end, where that is not valid", { type: "number", minimum: 50, maximum: 110 }, 20, "50"],
    ["the option that the device has", { enum: ["HEAT", "AC"] }, "AC", "1"],
    ["no option, where it has none", { enum: ["HEAT", "AC"] }, undefined, undefined],
    ["an object without what may be left out", identify, undefined, { times: "1", loud: undefined }],
  ])("a form begins with %s", (_, schema, current, entry) => {
    expect(initialEntry(fieldOf(schema), current)).toEqual(entry);
  });
});
