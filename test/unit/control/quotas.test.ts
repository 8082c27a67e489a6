import { describe, expect, it } from "vitest";
import type { AccountHold, ListedAccount, QuotaView } from "../../../src/control/accounts.ts";
import { holdEnd, holdsNow } from "../../../src/control/holds.ts";
import { leastLeft, quotaStanding, quotasNow, STALE_MS, usedUpAt } from "../../../src/control/quotas.ts";
import fc from "../../support/property.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Half past two. */
const NOW = new Date(2026, 2, 12, 14, 30).getTime();
const MIDNIGHT = new Date(2026, 2, 13).getTime();

function daily(change: Partial<QuotaView> = {}): QuotaView {
  return {
    name: "requests",
    unit: "requests",
    window: "day",
    limit: 500,
    remaining: 121,
    resetAt: MIDNIGHT,
    readAt: NOW - 3 * MINUTE,
    ...change,
  };
}

const usedUp: AccountHold = {
  condition: "exhausted",
  reason: "You have reached your usage limit.",
  until: NOW + 6 * HOUR,
  resetAt: NOW + 5 * DAY,
};

const account = (quotas: QuotaView[], held: AccountHold[] = [], enabled = true) =>
  ({ quotas, held, enabled }) satisfies Pick<ListedAccount, "quotas" | "held" | "enabled">;

describe("what is left of a quota", () => {
  it("is what its provider said, with its age", () => {
    expect(quotaStanding(daily(), [], NOW)).toEqual({
      basis: "told",
      left: 121,
      share: 121 / 500,
      resetAt: MIDNIGHT,
      ageMs: 3 * MINUTE,
    });
  });

  it("is all of it after its reset, in the number as in the bar", () => {
    const standing = quotaStanding(daily(), [], MIDNIGHT);
    expect(standing).toEqual({ basis: "renewed", left: 500, share: 1, ageMs: MIDNIGHT - NOW + 3 * MINUTE });
  });

  it("is all of it when its window is over, where nobody said when", () => {
    const { resetAt: _none, ...quota } = daily({ window: "minute", readAt: NOW - 59_000 });
    expect(quotaStanding(quota, [], NOW)).toMatchObject({ basis: "told", left: 121, resetAt: NOW + 1000 });
    expect(quotaStanding(quota, [], NOW + 1000)).toMatchObject({ basis: "renewed", left: 500 });
  });

  it("is not known where its account is used up: what was told before does not hold", () => {
    const standing = quotaStanding(daily(), [usedUp], NOW);
    expect(standing).toEqual({ basis: "refused", resetAt: NOW + 5 * DAY, ageMs: 3 * MINUTE });
    // Of another model's hold, it says nothing.
    expect(quotaStanding(daily({ model: "a" }), [{ ...usedUp, model: "b" }], NOW).basis).toBe("told");
    expect(quotaStanding(daily(), [{ ...usedUp, condition: "cooling" }], NOW).basis).toBe("told");
  });

  it("is shown without a comparison when it is old and nobody knows when it is reset", () => {
    const balance = { name: "balance", unit: "usd", remaining: 3, limit: 10, readAt: NOW };
    expect(quotaStanding(balance, [], NOW + STALE_MS)).toMatchObject({ basis: "told", left: 3, share: 0.3 });
    const later = quotaStanding(balance, [], NOW + STALE_MS + 1);
    expect(later).toEqual({ basis: "old", left: 3, ageMs: STALE_MS + 1 });
  });

  it("never contradicts itself", () => {
    const quota = fc.record(
      {
        name: fc.constant("q"),
        unit: fc.constant("requests"),
        remaining: fc.integer({ min: -5, max: 1000 }),
        limit: fc.integer({ min: 0, max: 1000 }),
        window: fc.constantFrom("minute", "hour", "day", "week", "month"),
        resetAt: fc.integer({ min: NOW - DAY, max: NOW + DAY }),
        readAt: fc.integer({ min: NOW - 3 * DAY, max: NOW + DAY }),
        model: fc.constantFrom("a", "b"),
      },
      { requiredKeys: ["name", "unit"] },
    );
    const hold = fc.record(
      {
        condition: fc.constantFrom("cooling", "exhausted", "needs-attention"),
        reason: fc.constant("r"),
        model: fc.constantFrom("a", "b"),
        until: fc.integer({ min: NOW - DAY, max: NOW + DAY }),
        resetAt: fc.integer({ min: NOW - DAY, max: NOW + 9 * DAY }),
      },
      { requiredKeys: ["condition", "reason"] },
    );
    fc.assert(
      fc.property(fc.array(quota, { maxLength: 5 }), fc.array(hold, { maxLength: 3 }), (quotas, held) => {
        const shown = quotasNow(account(quotas as QuotaView[], held as AccountHold[]), NOW);
        for (const { quota: of, standing } of shown) {
          const { left, share, resetAt, ageMs } = standing;
          if (resetAt !== undefined && standing.basis !== "refused") expect(resetAt).toBeGreaterThan(NOW);
          if (share !== undefined) expect(share).toBeGreaterThanOrEqual(0);
          if (share !== undefined) expect(share).toBeLessThanOrEqual(1);
          if (ageMs !== undefined) expect(ageMs).toBeGreaterThanOrEqual(0);
          // The bar and the number are the same.
          if (of?.limit && left !== undefined && share !== undefined) {
            expect(share).toBeCloseTo(Math.min(1, left / of.limit), 9);
          }
        }
        const spent = holdsNow(account([], held as AccountHold[]), NOW).filter(
          ({ condition, model }) => condition === "exhausted" && model === undefined,
        );
        // No account that is used up has anything left, and it says so first.
        if (spent.length > 0)
          expect(leastLeft(account(quotas as QuotaView[], held as AccountHold[]), NOW)).toBe(0);
      }),
    );
  });
});

describe("the quotas of an account", () => {
  it("are the tightest first; what is used up is there once", () => {
    const quotas = [
      daily(),
      daily({ window: "minute", limit: 10, remaining: 9, resetAt: NOW + MINUTE }),
      { name: "balance", unit: "usd", remaining: 3 },
    ];
    expect(quotasNow(account(quotas), NOW).map(({ standing }) => standing.share)).toEqual([
      121 / 500,
      0.9,
      undefined,
    ]);
    expect(quotasNow(account(quotas, [usedUp]), NOW)).toEqual([
      { standing: { basis: "refused", left: 0, share: 0, resetAt: NOW + 5 * DAY } },
    ]);
    // Its provider has said which it is.
    const spent = daily({ remaining: 0 });
    const shown = quotasNow(account([spent, ...quotas.slice(1)], [usedUp]), NOW);
    expect(shown.map(({ quota }) => quota)).toEqual([spent]);
  });

  it("of one model that is used up leave the others as they are", () => {
    const quotas = [daily({ model: "a" }), daily({ model: "b" })];
    expect(quotasNow(account(quotas, [{ ...usedUp, model: "a" }]), NOW)).toMatchObject([
      { model: "a", standing: { share: 0 } },
      { model: "b", standing: { basis: "told", left: 121 } },
    ]);
  });

  it("hold again when the hold is over, though nobody has told so yet", () => {
    const shown = quotasNow(account([daily({ resetAt: NOW + 9 * HOUR })], [usedUp]), NOW + 6 * HOUR);
    expect(shown).toMatchObject([{ standing: { basis: "told", left: 121 } }]);
  });
});

describe("when a hold ends", () => {
  it("is what the provider stated, and when the account is asked again where that is sooner", () => {
    expect(holdEnd(usedUp)).toEqual({ at: NOW + 5 * DAY, stated: true, askedAt: NOW + 6 * HOUR });
    const soon = { ...usedUp, resetAt: NOW + 5 * HOUR, until: NOW + 5 * HOUR + 4000 };
    expect(holdEnd(soon)).toEqual({ at: NOW + 5 * HOUR, stated: true });
    expect(holdEnd({ condition: "exhausted", until: NOW + HOUR })).toEqual({ at: NOW + HOUR, stated: false });
    expect(holdEnd({ condition: "needs-attention" })).toBeUndefined();
  });

  it("leaves out what is over, and all of an account that is off", () => {
    const broken: AccountHold = { condition: "needs-attention", reason: "r", model: "m" };
    const cooling: AccountHold = { condition: "cooling", reason: "r", until: NOW };
    expect(holdsNow(account([], [cooling, usedUp, broken]), NOW)).toEqual([broken, usedUp]);
    expect(holdsNow(account([], [usedUp], false), NOW)).toEqual([]);
  });
});

describe("usedUpAt", () => {
  const half = (change: Partial<QuotaView>) => daily({ limit: 100, readAt: NOW, ...change });

  it("goes on at the pace so far", () => {
    // 80 in 14.5 hours: the last 20 take 3 hours and 37 minutes.
    expect(usedUpAt(half({ remaining: 20 }), [], NOW)).toBe(NOW + 14.5 * HOUR * (20 / 80));
  });

  it("goes by what was left when it was read, however long ago", () => {
    const at = NOW + 14.5 * HOUR * (20 / 80);
    expect(usedUpAt(half({ remaining: 20 }), [], NOW + HOUR)).toBe(at);
    expect(usedUpAt(half({ remaining: 20 }), [], at)).toBeUndefined();
  });

  it.each<[string, Partial<QuotaView>]>([
    ["lasts until its reset", { remaining: 45 }],
    ["is more than half there", { remaining: 60 }],
    ["is used up already", { remaining: 0 }],
    ["was reset since", { remaining: 1, resetAt: NOW - 1 }],
    ["has just begun", { remaining: 20, resetAt: NOW + 23.5 * HOUR }],
  ])("says nothing of one that %s", (_, change) => {
    expect(usedUpAt(half(change), [], NOW)).toBeUndefined();
  });

  it("says nothing where the account is used up already", () => {
    expect(usedUpAt(half({ remaining: 20 }), [usedUp], NOW)).toBeUndefined();
  });

  it("says nothing of windows that come back before anybody could act", () => {
    for (const window of ["minute", "hour"] as const) {
      for (let elapsed = 1; elapsed < 60; elapsed++) {
        const length = window === "minute" ? MINUTE : HOUR;
        const resetAt = NOW + length - (length * elapsed) / 60;
        expect(usedUpAt(half({ window, remaining: 1, resetAt }), [], NOW)).toBeUndefined();
      }
    }
  });
});
