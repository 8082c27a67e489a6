import { expect, it } from "vitest";
import { setLatest } from "../../../src/gateway/common/latest.ts";
import fc from "../../support/property.ts";

it("holds the latest entries, and no more than the limit", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 60 }),
      fc.integer({ min: 1, max: 6 }),
      (keys, limit) => {
        const map = new Map<number, number>();
        for (const [index, key] of keys.entries()) setLatest(map, key, index, limit);
        const latest = [...new Set(keys.toReversed())].slice(0, limit);
        expect([...map.keys()].toReversed()).toEqual(latest);
        for (const [key, value] of map) expect(value).toBe(keys.lastIndexOf(key));
      },
    ),
  );
});
