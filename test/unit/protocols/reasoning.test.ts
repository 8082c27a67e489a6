import { describe, expect, it } from "vitest";
import { EFFORTS } from "../../../src/gateway/protocols/chat.ts";
import {
  budgetToEffort,
  DYNAMIC_BUDGET,
  effortToBudget,
  resolveBudget,
  resolveEffort,
} from "../../../src/gateway/protocols/reasoning.ts";
import fc from "../../support/property.ts";

describe("effort and budget", () => {
  it("come back as the same effort", () => {
    for (const effort of EFFORTS) expect(budgetToEffort(effortToBudget(effort))).toBe(effort);
  });

  it("grow with the effort, from 0 for none", () => {
    const budgets = EFFORTS.map(effortToBudget);
    expect(budgets).toEqual([...budgets].sort((a, b) => a - b));
    expect(new Set(budgets).size).toBe(EFFORTS.length);
    expect(budgets[0]).toBe(0);
  });

  it.each([
    [0, "none"],
    [1, "minimal"],
    [2047, "minimal"],
    [2048, "low"],
    [4000, "low"],
    [10_000, "medium"],
    [31_999, "xhigh"],
    [63_999, "max"],
    [10_000_000, "max"],
    [DYNAMIC_BUDGET, "medium"],
    [Number.NaN, "medium"],
  ] as const)("%d tokens are %s", (tokens, effort) => {
    expect(budgetToEffort(tokens)).toBe(effort);
  });

  it("never falls when the budget rises", () => {
    fc.assert(
      fc.property(fc.nat(200_000), fc.nat(200_000), (a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        expect(EFFORTS.indexOf(budgetToEffort(low))).toBeLessThanOrEqual(
          EFFORTS.indexOf(budgetToEffort(high)),
        );
      }),
    );
  });
});

describe("resolving a request's wish", () => {
  it("prefers what was said over what follows from it", () => {
    expect(resolveEffort({ effort: "low", budgetTokens: 50_000 })).toBe("low");
    expect(resolveBudget({ effort: "low", budgetTokens: 50_000 })).toBe(50_000);
    expect(resolveEffort({ budgetTokens: 8192 })).toBe("medium");
    expect(resolveBudget({ effort: "high" })).toBe(effortToBudget("high"));
  });

  it("leaves the choice to the model when the client did", () => {
    expect(resolveEffort({ adaptive: true })).toBeUndefined();
    expect(resolveEffort({ budgetTokens: DYNAMIC_BUDGET })).toBeUndefined();
    expect(resolveBudget({ adaptive: true })).toBe(DYNAMIC_BUDGET);
    expect(resolveBudget({ adaptive: true, effort: "low" })).toBe(effortToBudget("low"));
    expect(resolveEffort(undefined)).toBeUndefined();
    expect(resolveBudget({})).toBeUndefined();
  });
});
