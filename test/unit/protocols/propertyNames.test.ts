/** Names of parameters that a target refuses: other ones there, the client's own in every call. */
import { describe, expect, it } from "vitest";
import type { ToolCallPart } from "../../../src/gateway/protocols/chat.ts";
import { CODECS } from "../../../src/gateway/protocols/codecs.ts";
import { ANTHROPIC_PROPERTY, renameProperties } from "../../../src/gateway/protocols/propertyNames.ts";
import { KeyRenamer, renameKeys } from "../../../src/gateway/protocols/renamedKeys.ts";
import fc from "../../support/property.ts";

const SCHEMA = {
  type: "object",
  properties: { $filter: { type: "string" }, _filter: { type: "string" }, "a b": { type: "string" } },
};
const REQUEST = CODECS["openai-chat"].decodeRequest(
  {
    model: "claude-opus-4-8",
    messages: [
      { role: "user", content: "go" },
      {
        role: "assistant",
        tool_calls: [
          {
            id: "c1",
            type: "function",
            function: { name: "find", arguments: '{"$filter":"x","a b":[{"$filter":1}]}' },
          },
        ],
      },
      { role: "tool", tool_call_id: "c1", content: "ok" },
    ],
    tools: [{ type: "function", function: { name: "find", parameters: SCHEMA } }],
  },
  { model: "claude-opus-4-8", stream: true },
);
const body = CODECS.anthropic.encodeRequest(REQUEST, {
  provider: "anthropic",
  autoCache: false,
  warn: () => {},
});
const renamed = renameProperties(SCHEMA, ANTHROPIC_PROPERTY);
const at = (name: string) => renamed?.renamed.get(name) ?? name;

describe("names of parameters", () => {
  it("are all allowed, all different, and come back as they were", () => {
    const name = fc.oneof(
      fc.string({ minLength: 1, maxLength: 90 }),
      fc.string({ minLength: 600, maxLength: 700 }),
    );
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 12 }), (names) => {
        const schema = { properties: Object.fromEntries(names.map((one) => [one, { type: "string" }])) };
        const found = renameProperties(schema, ANTHROPIC_PROPERTY);
        if (found === undefined) {
          expect(names.every((one) => ANTHROPIC_PROPERTY.test(one))).toBe(true);
          return;
        }
        const shown = Object.keys(Object(found.schema.properties));
        expect(shown).toHaveLength(Object.keys(schema.properties).length);
        for (const one of shown) expect(one).toMatch(ANTHROPIC_PROPERTY);
        const call = JSON.stringify(Object.fromEntries(names.map((one) => [one, one])));
        const there = renameKeys(call, found.renamed);
        expect(JSON.parse(renameKeys(there, found.original))).toEqual(JSON.parse(call));
      }),
    );
  });

  it("do not collide with one that is allowed", () => {
    expect(at("$filter")).toMatch(/^_filter_[0-9a-f]{8}$/);
    expect(Object.keys(Object(renamed?.schema.properties))).toEqual([at("$filter"), "_filter", "a_b"]);
  });

  it("are the target's own in calls of the conversation", () => {
    expect(body.messages).toMatchObject([
      {},
      { content: [{ type: "tool_use", input: { [at("$filter")]: "x", a_b: [{ [at("$filter")]: 1 }] } }] },
      {},
    ]);
  });

  it("are the client's own in a whole reply", () => {
    const reply = CODECS.anthropic.decodeReply(
      {
        id: "msg_1",
        content: [{ type: "tool_use", id: "t", name: "find", input: { [at("$filter")]: "x", a_b: "y" } }],
        stop_reason: "tool_use",
      },
      { request: REQUEST },
    );
    const call = reply.choices[0]?.parts[0] as ToolCallPart;
    expect(JSON.parse(call.input)).toEqual({ $filter: "x", "a b": "y" });
  });

  it("are the client's own in a stream, however it is cut", () => {
    const json = JSON.stringify({ [at("$filter")]: "x", a_b: "y", _filter: "z" });
    for (const size of [1, 7, json.length]) {
      const decoder = CODECS.anthropic.streamDecoder({ request: REQUEST });
      const push = (data: { type: string }) => decoder.push({ event: data.type, data: JSON.stringify(data) });
      const pieces = json.match(new RegExp(`.{1,${size}}`, "g")) ?? [];
      const events = [
        ...push({ type: "message_start", message: { id: "m", content: [], usage: {} } } as { type: string }),
        ...push({
          type: "content_block_start",
          index: 0,
          content_block: { type: "tool_use", id: "t", name: "find", input: {} },
        } as { type: string }),
        ...pieces.flatMap((partial_json) =>
          push({
            type: "content_block_delta",
            index: 0,
            delta: { type: "input_json_delta", partial_json },
          } as { type: string }),
        ),
        ...push({ type: "content_block_stop", index: 0 } as { type: string }),
        ...push({ type: "message_delta", delta: { stop_reason: "tool_use" }, usage: {} } as { type: string }),
        ...push({ type: "message_stop" }),
      ];
      const input = events.map((event) => (event.type === "tool-delta" ? event.delta : "")).join("");
      expect(JSON.parse(input)).toEqual({ $filter: "x", "a b": "y", _filter: "z" });
    }
  });
});

describe("keys of JSON that streams", () => {
  const NAMES = new Map([
    ["_filter", "$filter"],
    ["a_b", 'a "b"'],
    ["x", "\u00fc"],
  ]);
  const rename = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(rename);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [NAMES.get(key) ?? key, rename(inner)]),
    );
  };

  it("are the client's own however the text is cut, and nothing else changes", () => {
    const key = fc.constantFrom("_filter", "a_b", "x", "other", 'q"\\', "{[:,");
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom("_filter", 'a"_filter":', 1, null, true, "\\"),
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(key, tie("tree"), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(tree, fc.integer({ min: 1, max: 7 }), fc.constantFrom(0, 2), (value, size, indent) => {
        const text = JSON.stringify(value, null, indent);
        const keys = new KeyRenamer(NAMES);
        let out = "";
        for (let at = 0; at < text.length; at += size) out += keys.push(text.slice(at, at + size));
        out += keys.end();
        expect(JSON.parse(out)).toEqual(rename(value));
        expect(new KeyRenamer(new Map()).push(text)).toBe(text);
      }),
    );
  });

  it("hold nothing else back, and no more of a key than any has", () => {
    const keys = new KeyRenamer(NAMES);
    expect(keys.push('{"_fil')).toBe("{");
    expect(keys.push('ter": "an')).toBe('"$filter": "an');
    expect(keys.push("swer")).toBe("swer");
    expect(keys.push('", "')).toBe('", ');
    expect(keys.push("y".repeat(600))).toBe(`"${"y".repeat(600)}`);
    expect(keys.push('": "_filter"}')).toBe('": "_filter"}');
    expect(new KeyRenamer(NAMES).push('I said "_filter": no.')).toBe('I said "_filter": no.');
    const cut = new KeyRenamer(NAMES);
    expect(cut.push('{"_fi') + cut.end()).toBe('{"_fi');
  });
});
