/**
 * A day of traffic in simulated time: 20 accounts of 5 providers with limits per minute and per day,
 * two outages, two revoked keys, and other programs on the same accounts. `docs/scheduling.md` has
 * the numbers.
 */
import { describe, expect, it } from "vitest";
import { STRATEGIES } from "../../../src/gateway/settings/strategy.ts";
import { simulateDay } from "../../support/simulation/day.ts";
import { ACCOUNTS, OUTAGES, PROVIDERS } from "../../support/simulation/providers.ts";

describe("the simulated day", () => {
  it("has twenty accounts of five providers, limits, outages and revoked keys", () => {
    expect(ACCOUNTS).toHaveLength(20);
    expect(new Set(ACCOUNTS.map(({ provider }) => provider)).size).toBe(PROVIDERS.length);
    expect(ACCOUNTS.some(({ perDay }) => perDay !== undefined)).toBe(true);
    expect(ACCOUNTS.filter(({ revoked }) => revoked !== undefined)).toHaveLength(2);
    expect(OUTAGES).toHaveLength(2);
  });

  it.each(STRATEGIES)("%s: nobody is asked too early, and nobody refused without need", async (strategy) => {
    const day = await simulateDay({ strategy, seed: 20_260_115 });
    expect(day.requests).toBeGreaterThan(15_000);
    expect(day.answered + day.refused).toBe(day.requests);
    expect(day.hanging).toBe(0);
    expect(day.leaks).toEqual([]);
    expect(day.tooEarly).toBe(0);
    expect(day.refusedWrongly).toBe(0);
    expect(day.refused).toBe(0);
    expect(day.callsPerRequest).toBeLessThanOrEqual(1.05);
    expect(day.moreThanAllowedInFlight).toBe(0);
    // Sticky waits included, no request waits longer than that.
    expect(day.longestWait).toBeLessThan(15_000);
    // The limits are met, or the day proves nothing.
    expect(day.rateLimited).toBeGreaterThan(50);
    if (strategy === "cache-first") expect(day.stickyRate).toBeGreaterThanOrEqual(0.95);
    if (strategy === "cache-first" || strategy === "balanced" || strategy === "round-robin") {
      for (const { id } of ACCOUNTS) expect(day.served.get(id), id).toBeGreaterThan(20);
    }
    if (strategy === "pinned") {
      expect(day.served.get(ACCOUNTS[0]?.id ?? "")).toBeGreaterThan(day.requests / 6);
    }
  });

  it("is the same for the same seed", async () => {
    const days = await Promise.all(
      [5, 5, 6].map((seed) => simulateDay({ strategy: "cache-first", seed, sessions: 60 })),
    );
    expect(days[0]).toEqual(days[1]);
    expect(days[0]).not.toEqual(days[2]);
  });
});
