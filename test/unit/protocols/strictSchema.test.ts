import { describe, expect, it } from "vitest";
import { codec as anthropic } from "../../../src/gateway/protocols/anthropic/index.ts";
import type { JsonSchema } from "../../../src/gateway/protocols/chat.ts";
import { codec as gemini } from "../../../src/gateway/protocols/gemini/index.ts";
import { codec as chat } from "../../../src/gateway/protocols/openaiChat/index.ts";
import { codec as responses } from "../../../src/gateway/protocols/openaiResponses/index.ts";
import { keepsStrictRules } from "../../../src/gateway/protocols/strictSchema.ts";

const closed = (properties: Record<string, unknown>, more: object = {}): JsonSchema => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more,
});
const text = { type: "string" };
const CLOSED = closed({ a: text, b: { type: "array", items: closed({ c: { type: ["string", "null"] } }) } });

describe("keepsStrictRules", () => {
  it.each<[string, JsonSchema]>([
    ["closed objects all the way", CLOSED],
    ["alternatives below the top", closed({ a: { anyOf: [text, closed({ b: text })] } })],
    ["recursion", closed({ next: { anyOf: [{ $ref: "#" }, { type: "null" }] } })],
    ["definitions", closed({ a: { $ref: "#/$defs/x" } }, { $defs: { x: closed({}) } })],
  ])("finds %s", (_what, schema) => {
    expect(keepsStrictRules(schema)).toBe(true);
  });

  let deep: JsonSchema = closed({ a: text });
  for (let n = 0; n < 12; n++) deep = closed({ a: deep });
  it.each<[string, JsonSchema]>([
    ["a boolean", true],
    ["an open object", { type: "object", properties: { a: text }, required: ["a"] }],
    ["an optional property", { ...Object(closed({ a: text, b: text })), required: ["a"] }],
    ["an open object inside", closed({ a: { type: "object", properties: {} } })],
    ["an array of anything", closed({ a: { type: "array" } })],
    ["a keyword that is not enforced", closed({ a: { type: "string", minLength: 1 } })],
    ["alternatives at the top", closed({}, { anyOf: [closed({})] })],
    ["no object at the top", { type: "array", items: closed({}) }],
    ["a property of any type", closed({ a: {} })],
    ["definitions that are open", closed({}, { $defs: { x: { type: "object" } } })],
    ["too many levels", deep],
  ])("refuses %s", (_what, schema) => {
    expect(keepsStrictRules(schema)).toBe(false);
  });
});

describe("a schema that its own protocol enforces", () => {
  const context = { model: "m", stream: false };
  const target = { provider: "openai", autoCache: false, session: "s", warn: () => {} } as const;
  const asked = (schema: JsonSchema) => [
    anthropic.decodeRequest(
      {
        model: "m",
        max_tokens: 9,
        messages: [{ role: "user", content: "hi" }],
        output_config: { format: { type: "json_schema", schema } },
      },
      context,
    ),
    gemini.decodeRequest(
      {
        contents: [{ role: "user", parts: [{ text: "hi" }] }],
        generationConfig: { responseMimeType: "application/json", responseJsonSchema: schema },
      },
      context,
    ),
  ];

  it("is enforced by OpenAI where it keeps the rules, and not where it does not", () => {
    const open = { type: "object", properties: { a: text } };
    for (const [schema, strict] of [
      [CLOSED, true],
      [open, undefined],
    ] as const) {
      for (const request of asked(schema)) {
        expect(chat.encodeRequest(request, target)).toMatchObject({
          response_format: { json_schema: { schema } },
        });
        const inChat = Object(chat.encodeRequest(request, target)).response_format.json_schema;
        const inResponses = Object(responses.encodeRequest(request, target)).text.format;
        expect([inChat.strict, inResponses.strict]).toEqual([strict, strict]);
        expect(inResponses.schema).toEqual(schema);
      }
    }
  });
});
