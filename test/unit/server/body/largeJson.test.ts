import { describe, expect, it } from "vitest";
import {
  isLargeJson,
  LARGE_BYTES,
  MAX_DEPTH,
  MAX_VALUES,
  parseLargeJson,
} from "../../../../src/gateway/server/body/largeJson.ts";
import fc from "../../../support/property.ts";

/** Enough values that the parser is our own. */
const padded = (json: string): string => `[${json},[${"1,".repeat(60_000)}1]]`;

/** @returns what came out, and how often others had the thread */
async function parsed(text: string | Buffer): Promise<{ value: unknown; pauses: number }> {
  let pauses = 0;
  const pause = async () => void pauses++;
  const value = await parseLargeJson(Buffer.from(text), pause).catch((error: unknown) => String(error));
  return { value, pauses };
}

async function first(json: string): Promise<unknown> {
  const { value } = await parsed(padded(json));
  return Array.isArray(value) ? value[0] : value;
}

describe("large JSON", () => {
  it("is what JSON.parse makes of it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.json({ maxDepth: 6 }), fc.constantFrom("", " ", "\n\t\r "), async (json, space) => {
        expect(await first(space + json + space)).toEqual(JSON.parse(json));
      }),
      { numRuns: 60 },
    );
    for (const json of [
      '{"__proto__": {"a": 1}, "b": {}}',
      '{"a": 1, "a": 2}',
      '"\\u00e9\\ud83d\\ude00 \\\\ \\" \\/"',
      '"\\\\\\\\"',
      '{"": [[], {}, [[]]]}',
      "[1e5, -0, 0.5E-3, -12, true, false, null]",
    ]) {
      expect(await first(json)).toEqual(JSON.parse(json));
      expect(JSON.stringify(await first(json))).toBe(JSON.stringify(JSON.parse(json)));
    }
  });

  it("is refused where JSON.parse refuses it", async () => {
    const broken = fc
      .tuple(
        fc.json({ maxDepth: 3 }),
        fc.nat(),
        fc.constantFrom("", ",", "]", "}", ":", '"', "1", "x", "\\", "\u0001"),
      )
      .map(
        ([json, at, put]) => json.slice(0, at % (json.length + 1)) + put + json.slice(at % (json.length + 1)),
      );
    await fc.assert(
      fc.asyncProperty(broken, async (json) => {
        let expected: unknown;
        try {
          expected = JSON.parse(padded(json));
        } catch {
          expected = undefined;
        }
        const { value } = await parsed(padded(json));
        if (expected === undefined) expect(value).toMatch(/not valid JSON/);
        else expect(value).toEqual(expected);
      }),
      { numRuns: 60 },
    );
    for (const json of [
      "01",
      "1.",
      "+1",
      "--1",
      "nul",
      "[1,]",
      '{"a":1,}',
      "{a:1}",
      "'a'",
      '"\t"',
      "1 2",
      "",
    ]) {
      expect(await first(json), json).toMatch(/not valid JSON/);
    }
    expect((await parsed('{"a":"'.padEnd(200_000, "x"))).value).toMatch(/not valid JSON/);
  });

  it("lets others have the thread: every 20,000 values, and while it is looked at", async () => {
    const count = 400_000;
    const { value, pauses } = await parsed(`[${"{},".repeat(count)}1]`);
    expect(value).toHaveLength(count + 1);
    expect(pauses).toBeGreaterThan((3 * count) / 20_000);
    // Long texts are looked through natively, and count by their length.
    const long = await parsed(JSON.stringify(Array.from({ length: 64 }, () => "x".repeat(1024 * 1024))));
    expect(long.pauses).toBeGreaterThanOrEqual(3);
  });

  it("of absurd depth is refused before anything is built, one below is not", async () => {
    const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    expect((await parsed(nested(MAX_DEPTH))).value).toEqual(JSON.parse(nested(MAX_DEPTH)));
    expect((await parsed(nested(MAX_DEPTH + 1))).value).toMatch(/more than 1000 levels deep/);
    const objects = '{"a":'.repeat(2_000_000);
    expect(await parsed(objects)).toEqual({ value: expect.stringMatching(/levels deep/), pauses: 0 });
    // Brackets in texts do not count.
    expect((await parsed(JSON.stringify([nested(5000)]))).value).toEqual([nested(5000)]);
  });

  it("of too many values is refused", async () => {
    const { value } = await parsed(`[${"1,".repeat(MAX_VALUES)}1]`);
    expect(value).toMatch(/more than 2000000 JSON values/);
  });

  it("is only looked for in large bodies that begin like it", () => {
    expect(isLargeJson(Buffer.alloc(LARGE_BYTES - 1, "["))).toBe(false);
    expect(isLargeJson(Buffer.alloc(LARGE_BYTES, "["))).toBe(true);
    expect(isLargeJson(Buffer.from(`\n {${" ".repeat(LARGE_BYTES)}`))).toBe(true);
    expect(isLargeJson(Buffer.alloc(LARGE_BYTES, "-"))).toBe(false);
  });
});
