import { describe, expect, it } from "vitest";
import { fill, isWildcard, matches, specificity } from "../../../src/control/wildcard.ts";
import fc from "../../support/property.ts";

describe("matches", () => {
  it.each([
    ["gpt-5", "gpt-5", true],
    ["gpt-5", "gpt-5-mini", false],
    ["gpt-5", "GPT-5", false],
    ["gpt-5*", "gpt-5", true],
    ["gpt-5*", "gpt-5-mini", true],
    ["*", "", true],
    ["*", "anything/at:all", true],
    ["**", "x", true],
    ["*-mini", "gpt-5-mini", true],
    ["*-mini", "gpt-5-mini-x", false],
    ["claude-*-4*", "claude-sonnet-4-5", true],
    ["claude-*-4*", "claude-4", false],
    ["a*a", "a", false],
    ["a*a", "aa", true],
    ["a*b*b", "ab", false],
    ["a*b*b", "abb", true],
    ["*ab*ab*", "xabyab", true],
    ["*ab*ab*", "xab", false],
    ["*/*", "openai/gpt-5", true],
    ["*/*", "gpt-5", false],
    ["a.c", "abc", false],
    ["a[b]", "a[b]", true],
    ["", "", true],
    ["", "x", false],
  ])("%j and %j: %s", (pattern, text, expected) => expect(matches(pattern, text)).toBe(expected));

  it("agrees with a regular expression", () => {
    const text = fc.stringMatching(/^[ab*]{0,12}$/);
    const plain = fc.stringMatching(/^[ab]{0,12}$/);
    fc.assert(
      fc.property(text, plain, (pattern, name) => {
        const regexp = new RegExp(`^${pattern.split("*").join(".*")}$`, "s");
        expect(matches(pattern, name)).toBe(regexp.test(name));
      }),
      { numRuns: 2000 },
    );
  });

  it("does not backtrack", () => {
    const began = performance.now();
    expect(matches(`${"*a".repeat(100)}*b`, "a".repeat(50_000))).toBe(false);
    expect(matches(`${"a*".repeat(100)}b`, "a".repeat(50_000))).toBe(false);
    // Milliseconds; for ever, if it did.
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});

it("specificity counts what is fixed", () => {
  expect(specificity("*")).toBe(0);
  expect(specificity("claude-*")).toBe(7);
  expect(specificity("claude-*-4*")).toBeGreaterThan(specificity("claude-*"));
});

it("fill puts the name in the place of every star", () => {
  expect(fill("work/*", "gpt-5")).toBe("work/gpt-5");
  expect(fill("work/gpt-5", "x")).toBe("work/gpt-5");
  expect(fill("a/*-*", "$&")).toBe("a/$&-$&");
});

it("isWildcard", () => {
  expect(isWildcard("a*")).toBe(true);
  expect(isWildcard("a?")).toBe(false);
});
