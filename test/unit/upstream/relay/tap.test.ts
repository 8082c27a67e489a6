import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readResponseId } from "../../../../src/gateway/protocols/openaiResponses/responseId.ts";
import { WIRES } from "../../../../src/gateway/protocols/wires.ts";
import { Tap } from "../../../../src/gateway/upstream/relay/tap.ts";
import fc from "../../../support/property.ts";

describe("Tap", () => {
  it("keeps the start and the end of whatever goes by", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9000 }), { maxLength: 30 }), (sizes) => {
        const tap = new Tap(WIRES["openai-chat"].usage);
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

describe("readResponseId", () => {
  it("never throws", () => {
    fc.assert(fc.property(fc.string(), (head) => void readResponseId(head)));
  });
});

const recordings = new URL("../../../../../shared/recordings/", import.meta.url);

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
      const tap = new Tap(WIRES[protocol].usage, "sse");
      for (const line of lines) tap.push(Buffer.from(`data: ${line}\n\n`));
      const { usage } = tap;
      if (counted) expect(usage?.input.total).toBeGreaterThanOrEqual(0);
      else expect(usage).toBeUndefined();
    });
  }
});
