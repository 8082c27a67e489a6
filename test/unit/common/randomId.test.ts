import { expect, it } from "vitest";
import { randomId } from "../../../src/gateway/common/randomId.ts";

it("gives letters and digits, all as likely, and no id twice", () => {
  const ids = Array.from({ length: 10_000 }, () => randomId());
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9]{24}$/);
  const counts = new Map<string, number>();
  for (const letter of ids.join("")) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  expect(counts.size).toBe(62);
  // 3871 of each are expected, and 62 is the standard deviation.
  for (const count of counts.values()) expect(Math.abs(count - 3871)).toBeLessThan(62 * 7);
});

it("is as long as is asked for", () => {
  for (const length of [0, 1, 13, 24, 1024]) expect(randomId(length)).toHaveLength(length);
});
