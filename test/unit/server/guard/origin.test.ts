import { describe, expect, it } from "vitest";
import { isListedOrigin, matchesWildcard } from "../../../../src/gateway/server/guard/origin.ts";

describe("matchesWildcard", () => {
  it.each([
    ["abc", "abc", true],
    ["abc", "*", true],
    ["", "*", true],
    ["", "", true],
    ["abc", "a*c", true],
    ["abc", "*b*", true],
    ["abcbc", "a*bc", true],
    ["abc", "a*b", false],
    ["abc", "", false],
    ["a.c", "abc", false],
    ["aab", "a*a*b", true],
    ["ab", "a*a*b", false],
  ])("%s against %s: %s", (text, pattern, wanted) => {
    expect(matchesWildcard(text, pattern)).toBe(wanted);
  });

  it("comes to an end with a pattern that makes regular expressions explode", () => {
    expect(isListedOrigin(`app://${"a".repeat(500)}`, [`app://${"*a".repeat(140)}*b`])).toBe(false);
  });
});
