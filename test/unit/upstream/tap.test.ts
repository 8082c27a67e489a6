import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Tap } from "../../../src/gateway/upstream/tap.ts";
import { readResponseId, readUsage } from "../../../src/gateway/upstream/usage.ts";
import fc from "../../support/property.ts";

describe("Tap", () => {
  it("keeps the start and the end of whatever goes by", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9000 }), { maxLength: 30 }), (sizes) => {
        const tap = new Tap();
        let all = "";
        for (const [index, size] of sizes.entries()) {
          const text = String.fromCharCode(97 + (index % 26)).repeat(size);
          all += text;
          tap.push(Buffer.from(text));
        }
        expect(tap.bytes).toBe(all.length);
        expect(tap.head()).toBe(all.slice(0, 4096));
        expect(tap.tail()).toBe(all.slice(-16_384));
      }),
    );
  });
});

describe("readUsage", () => {
  it("takes cached tokens as each protocol counts them", () => {
    const chat =
      'data: {"usage":null}\n\ndata: {"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":4}}}\n\n';
    expect(readUsage("openai-chat", "", chat)?.input).toEqual({
      total: 10,
      uncached: 6,
      cacheRead: 4,
      cacheWrite: 0,
    });
    const start =
      'data: {"type":"message_start","message":{"usage":{"input_tokens":3,"cache_read_input_tokens":7,"output_tokens":1}}}';
    const end = 'data: {"type":"message_delta","usage":{"output_tokens":9}}';
    expect(readUsage("anthropic", start, end)).toEqual({
      input: { total: 10, uncached: 3, cacheRead: 7, cacheWrite: 0 },
      output: { total: 9, reasoning: 0 },
    });
    const gemini =
      '"usageMetadata": {"promptTokenCount": 8, "cachedContentTokenCount": 2, "candidatesTokenCount": 3, "thoughtsTokenCount": 4}';
    expect(readUsage("gemini", "", gemini)).toEqual({
      input: { total: 8, uncached: 6, cacheRead: 2, cacheWrite: 0 },
      output: { total: 7, reasoning: 4 },
    });
  });

  it("says nothing where the reply says nothing or is torn", () => {
    expect(readUsage("openai-chat", "", "data: [DONE]")).toBeUndefined();
    expect(readUsage("openai-chat", "", '"usage":{"prompt_tokens":1')).toBeUndefined();
    expect(readUsage("openai-responses", "", '"usage":{"input_tokens":"many"}')?.input.total).toBe(0);
  });

  it("never throws", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (head, tail) => {
        for (const protocol of ["openai-chat", "openai-responses", "anthropic", "gemini"] as const) {
          readUsage(protocol, head, `"usage":{${tail}`);
        }
        readResponseId(head);
      }),
    );
  });
});

const recordings = new URL("../../../../shared/recordings/", import.meta.url);

describe.skipIf(!existsSync(recordings))("recorded streams (skipped without ../shared/recordings)", () => {
  const folders = {
    anthropic: "anthropic",
    gemini: "gemini",
    openaiChat: "openai-chat",
    openaiResponses: "openai-responses",
  } as const;
  for (const [folder, protocol] of Object.entries(folders)) {
    const files = existsSync(recordings)
      ? readdirSync(new URL(folder, recordings)).filter((name) => name.endsWith(".chunks.txt"))
      : [];
    it.each(files)(`${folder}/%s has its usage read from the tap`, (name) => {
      const lines = readFileSync(new URL(`${folder}/${name}`, recordings), "utf8")
        .split("\n")
        .filter(Boolean);
      const counted = lines.some((line) => /"(?:usage|usageMetadata)":\s*\{/.test(line));
      const tap = new Tap();
      for (const line of lines) tap.push(Buffer.from(`data: ${line}\n\n`));
      const usage = readUsage(protocol, tap.head(), tap.tail());
      if (counted) expect(usage?.input.total).toBeGreaterThanOrEqual(0);
      else expect(usage).toBeUndefined();
    });
  }
});
