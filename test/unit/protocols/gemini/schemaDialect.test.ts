import { describe, expect, it } from "vitest";
import {
  fromOpenApi,
  toGeminiJsonSchema,
  toOpenApi,
} from "../../../../src/gateway/protocols/gemini/schemaDialect.ts";
import fc from "../../../support/property.ts";
import { checkRequest } from "../../../support/strict/gemini.ts";

const subset = (schema: Record<string, unknown>) => toOpenApi(schema).schema;

const problems = (schema: unknown) =>
  checkRequest({
    contents: [{ role: "user", parts: [{ text: "x" }] }],
    generationConfig: { responseMimeType: "application/json", responseSchema: schema },
  });

describe("JSON Schema as the OpenAPI subset", () => {
  it("inlines references", () => {
    const schema = {
      type: "object",
      properties: { a: { $ref: "#/$defs/A", description: "the a" }, b: { $ref: "#/definitions/B" } },
      $defs: { A: { type: "string" } },
      definitions: { B: { type: "integer" } },
    };
    expect(subset(schema)).toEqual({
      type: "OBJECT",
      properties: { a: { type: "STRING", description: "the a" }, b: { type: "INTEGER" } },
      propertyOrdering: ["a", "b"],
    });
  });

  it("cuts recursion", () => {
    const node = { type: "object", properties: { next: { $ref: "#/$defs/N" }, v: { type: "string" } } };
    const { schema, dropped } = toOpenApi({ $ref: "#/$defs/N", $defs: { N: node } });
    expect(dropped).toEqual(["recursion"]);
    expect(problems(schema)).toEqual([]);
    expect(JSON.stringify(schema).length).toBeLessThan(1_000);
  });

  it("stays bounded when definitions multiply", () => {
    const $defs: Record<string, unknown> = {};
    for (let i = 0; i < 20; i++) {
      const $ref = `#/$defs/D${i + 1}`;
      $defs[`D${i}`] = { type: "object", properties: { a: { $ref }, b: { $ref }, c: { $ref } } };
    }
    $defs.D20 = { type: "string" };
    const { schema, dropped } = toOpenApi({ $ref: "#/$defs/D0", $defs });
    expect(dropped).toEqual(["nesting"]);
    expect(JSON.stringify(schema).length).toBeLessThan(1_000_000);
  });

  it.each([
    [{ const: "x" }, { type: "STRING", enum: ["x"] }],
    [
      { type: "integer", enum: [1, 2] },
      { type: "INTEGER", description: "One of: 1, 2" },
    ],
    [
      { type: ["string", "null"], enum: ["a", null] },
      { type: "STRING", enum: ["a"], nullable: true },
    ],
    [{ type: ["string", "number"] }, { anyOf: [{ type: "STRING" }, { type: "NUMBER" }] }],
    [
      { anyOf: [{ type: "string" }, { type: "null" }], description: "d" },
      { type: "STRING", description: "d", nullable: true },
    ],
    [
      { oneOf: [{ type: "string" }, { type: "integer" }], description: "d" },
      {
        anyOf: [
          { type: "STRING", description: "d" },
          { type: "INTEGER", description: "d" },
        ],
      },
    ],
    [
      { type: "integer", exclusiveMinimum: 0 },
      { type: "INTEGER", minimum: 1 },
    ],
    [
      { type: "number", exclusiveMaximum: 1 },
      { type: "NUMBER", maximum: 1 },
    ],
    [
      { type: "string", format: "date-time" },
      { type: "STRING", format: "date-time" },
    ],
    [{ type: "string", format: "uri" }, { type: "STRING" }],
    [{ type: "array" }, { type: "ARRAY", items: { type: "STRING" } }],
    [
      { type: "array", prefixItems: [{ type: "string" }, { type: "number" }] },
      { type: "ARRAY", items: { anyOf: [{ type: "STRING" }, { type: "NUMBER" }] } },
    ],
    [
      {
        allOf: [
          { properties: { a: { type: "string" } }, required: ["a"] },
          { properties: { b: { type: "string" } } },
        ],
      },
      {
        type: "OBJECT",
        properties: { a: { type: "STRING" }, b: { type: "STRING" } },
        required: ["a"],
        propertyOrdering: ["a", "b"],
      },
    ],
    [
      {
        type: "object",
        properties: { a: { type: "string" } },
        required: ["a", "ghost"],
        additionalProperties: false,
        $schema: "x",
      },
      { type: "OBJECT", properties: { a: { type: "STRING" } }, required: ["a"], propertyOrdering: ["a"] },
    ],
  ])("%j", (schema, expected) => {
    expect(subset(schema)).toEqual(expected);
    expect(problems(expected)).toEqual([]);
  });

  it("names what it dropped", () => {
    const schema = {
      type: "object",
      properties: { a: { type: "array", uniqueItems: true } },
      patternProperties: {},
      propertyNames: {},
      additionalProperties: { type: "string" },
    };
    expect(toOpenApi(schema).dropped).toEqual([
      "additionalProperties",
      "patternProperties",
      "propertyNames",
      "uniqueItems",
    ]);
  });

  it("makes something acceptable of any schema", () => {
    const schema = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        fc.boolean(),
        fc.record(
          {
            type: fc.constantFrom<unknown>(
              "string",
              "integer",
              "object",
              "array",
              "null",
              ["string", "null"],
              5,
            ),
            enum: fc.array(fc.oneof(fc.string(), fc.integer(), fc.constant(null))),
            const: fc.oneof(fc.string(), fc.integer(), fc.boolean()),
            properties: fc.dictionary(fc.string(), tie("node")),
            required: fc.array(fc.string()),
            items: fc.oneof(tie("node"), fc.array(tie("node"), { maxLength: 2 })),
            anyOf: fc.array(tie("node"), { maxLength: 3 }),
            allOf: fc.array(tie("node"), { maxLength: 3 }),
            $ref: fc.constantFrom("#", "#/$defs/A", "#/properties/a", "http://x/y", "#/%"),
            $defs: fc.record({ A: tie("node") }),
            format: fc.string(),
            description: fc.string(),
            nullable: fc.boolean(),
            additionalProperties: tie("node"),
            unknown: fc.jsonValue(),
          },
          { requiredKeys: [] },
        ),
      ),
    })).node;
    fc.assert(
      fc.property(schema, (value) => {
        const found = toOpenApi(value as boolean | Record<string, unknown>).schema;
        expect(problems(found).filter((one) => !one.includes("format"))).toEqual([]);
        toGeminiJsonSchema(value as boolean | Record<string, unknown>);
        fromOpenApi(value);
      }),
      { numRuns: 300 },
    );
  });
});

describe("JSON Schema as Gemini's JSON-Schema fields take it", () => {
  it("has its definitions under $defs, and is no reference as a whole", () => {
    const $ref = "#/definitions/A";
    const definitions = {
      A: { type: "object", properties: { a: { $ref, description: "d" }, c: { const: 1 } } },
    };
    expect(toGeminiJsonSchema({ $ref, definitions, $schema: "x" })).toEqual({
      type: "object",
      properties: { a: { $ref: "#/$defs/A" }, c: { enum: [1] } },
      $defs: { A: { type: "object", properties: { a: { $ref: "#/$defs/A" }, c: { enum: [1] } } } },
    });
  });

  it("unwraps allOf of one, and leaves the rest alone", () => {
    expect(toGeminiJsonSchema({ allOf: [{ $ref: "#/$defs/A" }], description: "d" })).toEqual({
      $ref: "#/$defs/A",
    });
    const schema = { type: "object", properties: { const: { type: "string" } }, additionalProperties: false };
    expect(toGeminiJsonSchema(schema)).toEqual(schema);
    expect(toGeminiJsonSchema(true)).toBe(true);
  });
});

describe("the OpenAPI subset as JSON Schema", () => {
  it.each([
    [{ type: "STRING", nullable: true }, { type: ["string", "null"] }],
    [
      { type: "STRING", format: "enum", enum: ["a"] },
      { type: "string", enum: ["a"] },
    ],
    [
      { type: "ARRAY", minItems: "2", items: { type: "INTEGER" } },
      { type: "array", minItems: 2, items: { type: "integer" } },
    ],
    [
      { type: "OBJECT", any_of: [{ type: "NUMBER" }] },
      { type: "object", anyOf: [{ type: "number" }] },
    ],
    [{ anyOf: [{ type: "STRING" }], nullable: true }, { anyOf: [{ type: "string" }, { type: "null" }] }],
    [
      { type: "STRING", example: "x" },
      { type: "string", examples: ["x"] },
    ],
    [
      {
        type: "OBJECT",
        properties: { snake_name: { type: "STRING" }, a: {} },
        propertyOrdering: ["a", "snake_name"],
      },
      { type: "object", properties: { a: {}, snake_name: { type: "string" } } },
    ],
  ])("%j", (wire, expected) => {
    expect(fromOpenApi(wire)).toEqual(expected);
    expect(JSON.stringify(fromOpenApi(wire))).toBe(JSON.stringify(expected));
  });
});
