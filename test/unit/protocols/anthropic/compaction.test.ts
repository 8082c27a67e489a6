/** The wish that Claude sums up what is long, and what it needs beside it. */

import { expect, it } from "vitest";
import { traitsOf } from "../../../../src/gateway/models/traitsOf.ts";
import {
  betaHeaders,
  decodeContextManagement,
  encodeContextManagement,
  keepsSummary,
  LEAST_TRIGGER,
  unknownBlock,
} from "../../../../src/gateway/protocols/anthropic/compaction.ts";
import type { AutoCompact } from "../../../../src/gateway/protocols/chat.ts";
import fc from "../../../support/property.ts";

const CLAUDE = traitsOf("claude-opus-4-8");
const request = (autoCompact: AutoCompact | undefined) => ({
  model: "m",
  messages: [],
  tools: [],
  sampling: {},
  stream: false,
  ...(autoCompact === undefined ? {} : { autoCompact }),
});

it("what a client of Anthropic's says comes out the same", () => {
  const edit = fc.record({
    type: fc.constantFrom("clear_thinking_20251015", "clear_tool_uses_20250919", "later"),
    keep: fc.jsonValue(),
  });
  const compact = fc.record({ instructions: fc.string(), pause_after_compaction: fc.boolean() });
  fc.assert(
    fc.property(fc.array(edit), compact, fc.option(fc.integer({ min: 50_000 })), (others, own, value) => {
      const trigger = value === null ? {} : { trigger: { type: "input_tokens", value } };
      const edits = [...others, { type: "compact_20260112", ...own, ...trigger }];
      const given = { edits, later: 1 };
      const { autoCompact, fields } = decodeContextManagement(given);
      expect(autoCompact).toMatchObject({ readable: true, ...(value === null ? {} : { atTokens: value }) });
      const said = encodeContextManagement(request(autoCompact), CLAUDE, fields.context_management, () =>
        expect.fail("nothing is lost"),
      );
      expect(said.context_management).toEqual(given);
      expect(betaHeaders(said)).toEqual({ "anthropic-beta": "compact-2026-01-12" });
    }),
  );
  for (const given of [null, undefined]) expect(decodeContextManagement(given)).toEqual({ fields: {} });
  for (const given of [1, "x", [], { edits: 1 }, { edits: [null] }])
    expect(decodeContextManagement(given)).toEqual({ fields: { context_management: given } });
});

it("is never asked for earlier than Anthropic takes", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, min: -1e6, max: 1e7 }), (atTokens) => {
      let warned = 0;
      const said = encodeContextManagement(request({ atTokens }), CLAUDE, undefined, () => warned++);
      const value = Math.max(LEAST_TRIGGER, Math.trunc(atTokens));
      expect(said.context_management?.edits).toEqual([
        { type: "compact_20260112", trigger: { type: "input_tokens", value } },
      ]);
      expect(warned).toBe(atTokens < LEAST_TRIGGER ? 1 : 0);
    }),
  );
  const plain = encodeContextManagement(request({}), CLAUDE, undefined, () => expect.fail());
  expect(plain.context_management).toEqual({ edits: [{ type: "compact_20260112" }] });
  expect(encodeContextManagement(request(undefined), CLAUDE, undefined, () => expect.fail())).toEqual({});
});

it("is not asked of models that cannot", () => {
  for (const model of ["claude-haiku-4-5", "claude-3-7-sonnet-latest", "deepseek-chat"]) {
    const warned: string[] = [];
    const said = encodeContextManagement(request({}), traitsOf(model), undefined, (name) =>
      warned.push(name),
    );
    expect({ said, warned }).toEqual({ said: {}, warned: ["context_management"] });
  }
  for (const model of ["claude-opus-4-6", "claude-sonnet-5-5", "claude-new-9"])
    expect(traitsOf(model).compactsItself).toBe(true);
});

it("a block that is signed is good for its model alone", () => {
  const plain = unknownBlock({ type: "compaction", content: "so far" }, "a");
  const signed = unknownBlock({ type: "compaction", content: "so far", signature: "s" }, "a");
  expect(plain.model).toBeUndefined();
  expect(signed).toMatchObject({ summary: "so far", model: "a" });
  const keeps = (model: string) => [plain, signed].map(keepsSummary(CLAUDE, model));
  expect(keeps("a")).toEqual([true, true]);
  expect(keeps("b")).toEqual([true, false]);
  for (const content of [null, undefined, "", "  ", 1])
    expect(unknownBlock({ type: "compaction", content }).summary).toBeUndefined();
});

it("needs no header for anything else", () => {
  const messages = [
    { role: "user", content: "compaction" },
    { role: "assistant", content: [{ type: "text" }] },
  ];
  expect(
    betaHeaders({ messages, context_management: { edits: [{ type: "clear_thinking_20251015" }] } }),
  ).toEqual({});
  expect(betaHeaders({ messages: [...messages, { content: [{ type: "compaction" }] }] })).toHaveProperty(
    "anthropic-beta",
  );
});
