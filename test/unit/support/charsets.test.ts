import iconv from "iconv-lite";
import { describe, expect, it } from "vitest";
import { getDecoder } from "../../../scripts/lib/charsets.ts";
import fc from "../../support/property.ts";

function decoded(charset: string, pieces: Buffer[]): string {
  const decoder = getDecoder(charset);
  return pieces.map((piece) => decoder.write(piece)).join("") + decoder.end();
}

describe("the platform's decoder in the place of iconv-lite", () => {
  it.each(["utf-8", "UTF8", "utf-16le", "windows-1252", "shift_jis", "gb18030"])(
    "reads %s as it does",
    (charset) => {
      const texts = fc.string({ unit: fc.constantFrom("a", "é", "é", "漢", "字", "{", '"', "\n") });
      fc.assert(
        fc.property(texts, fc.nat(), (text, at) => {
          const body = iconv.encode(text, charset);
          const cut = body.length === 0 ? 0 : at % body.length;
          const pieces = [body.subarray(0, cut), body.subarray(cut)];
          expect(decoded(charset, pieces)).toBe(iconv.decode(body, charset));
        }),
      );
    },
  );

  it("leaves a byte order mark out", () => {
    expect(decoded("utf-8", [Buffer.from("\ufeff{}")])).toBe("{}");
  });

  it("says of what it does not know what raw-body answers 415 for", () => {
    expect(() => getDecoder("klingon")).toThrow(/^Encoding not recognized: /);
    expect(() => iconv.decode(Buffer.from("a"), "klingon")).toThrow(/^Encoding not recognized: /);
  });
});
