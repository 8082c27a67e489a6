import { describe, expect, it } from "vitest";
import { PiecesCleaner } from "../../../src/gateway/upstream/shownSecrets.ts";
import fc from "../../support/property.ts";

type Key = ConstructorParameters<typeof PiecesCleaner>[0];

/** What goes on of `text` when it comes in pieces that end at `cuts`. @param most bytes that wait at any time */
function clean(key: Key, text: string, cuts: readonly number[]): { text: string; most: number } {
  const cleaner = new PiecesCleaner(key);
  const bytes = Buffer.from(text);
  const out: Buffer[] = [];
  let at = 0;
  let most = 0;
  let came = 0;
  for (const cut of [...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    const clean = cleaner.push(bytes.subarray(at, cut));
    out.push(clean);
    came += clean.length;
    most = Math.max(most, cut - came);
    at = cut;
  }
  const rest = cleaner.rest();
  return { text: Buffer.concat(rest === undefined ? out : [...out, rest]).toString(), most };
}

const cuts = fc.array(fc.nat(5000), { maxLength: 40 });
const KEY = "sk-test-0123456789";

describe("a secret in bytes that come in pieces", () => {
  it("passes at no cut, and all else passes as it is, as long as it was", () => {
    const words = fc.array(
      fc.oneof(fc.constant(KEY), fc.constant(KEY.slice(0, 9)), fc.constant("sk-"), fc.string()),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(words, cuts, (words, cuts) => {
        const text = words.join("");
        const found = clean(KEY, text, cuts);
        expect(found.text).toBe(Buffer.from(text).toString().replaceAll(KEY, "[redacted]********"));
        expect(found.most).toBeLessThan(KEY.length);
      }),
    );
    for (let cut = 0; cut <= KEY.length; cut++) {
      expect(clean(KEY, KEY, [cut]).text).toBe("[redacted]********");
    }
  });

  it("is found in each of its forms, also where one begins or ends as another does", () => {
    const key = {
      key: "abcabcabc",
      headers: { authorization: "Bearer token-1234567", "x-one": 'abcabcabc"d/e', "x-two": "567abcab" },
    };
    const forms = ["abcabcabc", "token-1234567", 'abcabcabc"d/e', 'abcabcabc\\"d/e', "567abcab"];
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...forms, "abc", "5", " ", "-"), { maxLength: 12 }),
        cuts,
        (words, cuts) => {
          const text = words.join("");
          const found = clean(key, text, cuts).text;
          expect(found).toHaveLength(text.length);
          for (const form of forms) expect(found).not.toContain(form);
          // However it is cut.
          expect(found).toBe(clean(key, text, []).text);
        },
      ),
    );
  });

  it("leaves bytes alone that hold none, without a copy", () => {
    const cleaner = new PiecesCleaner(KEY);
    const bytes = Buffer.from("nothing here");
    expect(cleaner.push(bytes).buffer).toBe(bytes.buffer);
    expect(new PiecesCleaner(undefined).push(bytes)).toEqual(bytes);
  });

  it("takes no time that grows faster than the bytes", () => {
    const many = Buffer.from("abcdef".repeat(100_000));
    const cleaner = new PiecesCleaner({
      key: "abcdef",
      headers: { "x-a": "absent-one", "x-b": "absent-two" },
    });
    const began = performance.now();
    cleaner.push(many);
    expect(performance.now() - began).toBeLessThan(5000);
  });
});
