import { describe, expect, it } from "vitest";
import { BodyBudget } from "../../../../src/gateway/server/body/read.ts";

describe("BodyBudget", () => {
  it("refuses what does not fit, with a time to retry, and takes nothing then", () => {
    const budget = new BodyBudget(100);
    const lease = budget.lease();
    lease.grow(60);
    expect(() => lease.grow(41)).toThrow(
      expect.objectContaining({ status: 503, kind: "unavailable", retryAfterMs: 2000 }),
    );
    expect(budget.held).toBe(60);
    lease.grow(40);
    expect(() => budget.lease().check(1)).toThrow();
  });

  it("gets everything back by one release, and once only", () => {
    const budget = new BodyBudget(100);
    const [one, two] = [budget.lease(), budget.lease()];
    one.grow(30);
    one.grow(20);
    two.grow(50);
    one.release();
    one.release();
    expect(budget.held).toBe(50);
    two[Symbol.dispose]();
    expect(budget.held).toBe(0);
  });

  it("counts nothing for a lease that was given back while a read goes on", () => {
    const budget = new BodyBudget(100);
    const lease = budget.lease();
    lease.release();
    lease.grow(70);
    expect(budget.held).toBe(0);
  });

  it("follows a limit that changes", () => {
    let limit = 10;
    const budget = new BodyBudget(() => limit);
    expect(() => budget.reserve(11)).toThrow();
    limit = 20;
    budget.reserve(11);
    expect(budget.held).toBe(11);
  });
});
