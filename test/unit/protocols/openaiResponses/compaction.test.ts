/** Summaries that ride in compaction items, and the wish for them. */

import { expect, it } from "vitest";
import { PROTOCOLS } from "../../../../src/control/protocol.ts";
import type { ProviderPart } from "../../../../src/gateway/protocols/chat.ts";
import {
  blockItem,
  decodeContextManagement,
  encodeContextManagement,
  readBlock,
  summaryMessage,
  summaryPart,
} from "../../../../src/gateway/protocols/openaiResponses/compaction.ts";
import fc from "../../../support/property.ts";

const block = fc.record<ProviderPart & { summary: string }>(
  {
    type: fc.constant("provider"),
    protocol: fc.constantFrom(...PROTOCOLS),
    raw: fc.dictionary(fc.string(), fc.jsonValue()).map((raw) => JSON.parse(JSON.stringify(raw)) as object),
    summary: fc.string({ unit: "grapheme", minLength: 1 }),
    model: fc.string(),
  },
  { requiredKeys: ["type", "protocol", "raw", "summary"] },
);

it("a block comes back from its item as it was, for people as words", () => {
  fc.assert(
    fc.property(block, (part) => {
      const item = JSON.parse(JSON.stringify(blockItem(part))) as Record<string, unknown>;
      expect(item).toMatchObject({ type: "compaction" });
      expect(item.encrypted_content).toMatch(/^portico\./);
      expect(readBlock(item)).toEqual(part);
      expect(summaryPart(item)).toEqual(part);
      expect(JSON.stringify(summaryMessage(item))).toContain(JSON.stringify(part.summary).slice(1, -1));
    }),
  );
});

it("anything else is another's item, or none", () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom("", "portico.", "portico.summary.2."), (text, mark) => {
      const item = { type: "compaction", encrypted_content: mark + text };
      expect(readBlock(item)).toBeUndefined();
      expect(summaryPart(item)).toBeUndefined();
    }),
  );
  expect(blockItem({ type: "provider", protocol: "anthropic", raw: {} })).toBeUndefined();
});

it("the wish is read beside other entries, and written as it was", () => {
  const wish = { type: "compaction", compact_threshold: 70_000 };
  const other = { type: "later" };
  const warn = (): never => expect.fail("nothing is lost");
  for (const [given, autoCompact, rest] of [
    [undefined, undefined, undefined],
    [null, undefined, undefined],
    ["x", undefined, "x"],
    [[other], undefined, [other]],
    [[wish], { atTokens: 70_000 }, undefined],
    [[{ type: "compaction", compact_threshold: null }], {}, undefined],
    [[wish, other], { atTokens: 70_000 }, [other]],
  ] as const) {
    expect(decodeContextManagement(given)).toEqual({
      ...(autoCompact === undefined ? {} : { autoCompact }),
      ...(rest === undefined ? {} : { rest }),
    });
    if (autoCompact === undefined) continue;
    const request = { model: "m", messages: [], tools: [], sampling: {}, stream: false, autoCompact };
    const entry = "atTokens" in autoCompact ? wish : { type: "compaction" };
    expect(encodeContextManagement(request, rest, warn)).toEqual([entry, ...(rest ?? [])]);
  }
});
