import { describe, expect, it } from "vitest";
import { isRecord } from "../../../../src/gateway/common/json.ts";
import { JsonObjects } from "../../../../src/gateway/upstream/relay/jsonObjects.ts";
import fc from "../../../support/property.ts";

const PLACES = ["a", "b.a", "c..a"];

/** The objects at `PLACES`, found by parsing. */
function expected(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap(expected);
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, each]): unknown[] => {
    if (key === "a") return isRecord(each) ? [each] : [];
    if (key === "b") return isRecord(each) && isRecord(each.a) ? [each.a] : [];
    if (key !== "c" || !Array.isArray(each)) return [];
    return each.flatMap((one) => (isRecord(one) && isRecord(one.a) ? [one.a] : []));
  });
}

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "medium" },
    fc.string({ unit: fc.constantFrom('"', "\\", "{", "}", "[", "]", ",", "a", "€", "\n") }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.array(fc.integer(), { maxLength: 40 }),
    fc.constantFrom(null, true, "a", "x".repeat(200), "\\".repeat(129), `${"y".repeat(63)}"z`),
    fc.array(tie("value"), { maxLength: 4 }),
    tie("object"),
  ),
  object: fc.dictionary(fc.constantFrom("a", "b", "c", "d", 'a"', "\\"), tie("value"), { maxKeys: 4 }),
}));

const around = fc.oneof(value, fc.dictionary(fc.constantFrom("a", "b", "c"), value));

describe("objects at given places", () => {
  it("are those that parsing finds, in whatever pieces the text comes", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.dictionary(fc.constantFrom("a", "b", "c"), around),
          fc.array(fc.dictionary(fc.constantFrom("a", "b", "c"), around)),
        ),
        fc.array(fc.nat(5000), { maxLength: 12 }),
        fc.boolean(),
        (value, cuts, pretty) => {
          const found: unknown[] = [];
          const objects = new JsonObjects(PLACES, (object) => found.push(JSON.parse(object)));
          const bytes = Buffer.from(JSON.stringify(value, undefined, pretty ? 2 : 0));
          let at = 0;
          for (const cut of [
            ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b),
            bytes.length,
          ]) {
            objects.push(bytes, at, cut);
            at = cut;
          }
          expect(found).toEqual(JSON.parse(JSON.stringify(expected(value))));
          expect(objects.idle).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("never throws, whatever comes", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom('"', "\\", "{", "}", "[", "]", ",", "a", ":", "1") })),
        (pieces) => {
          const objects = new JsonObjects(PLACES, () => {});
          for (const piece of pieces) objects.push(Buffer.from(piece), 0, piece.length);
        },
      ),
    );
  });
});
