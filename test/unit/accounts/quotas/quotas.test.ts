import { describe, expect, it } from "vitest";
import { STALE_MS } from "../../../../src/control/quotas.ts";
import { buildAccounts } from "../../../../src/gateway/accounts/accounts.ts";
import { nextPacificMidnight, readQuotaDetails } from "../../../../src/gateway/accounts/quotas/details.ts";
import { QUOTA_ENDPOINTS } from "../../../../src/gateway/accounts/quotas/endpoints.ts";
import { readQuotaHeaders } from "../../../../src/gateway/accounts/quotas/headers.ts";
import { CONCURRENCY, QuotaRefresh } from "../../../../src/gateway/accounts/quotas/refresh.ts";
import { MAX_QUOTAS, QuotaStore } from "../../../../src/gateway/accounts/quotas/store.ts";
import type { Account } from "../../../../src/gateway/providers/account.ts";
import { PROVIDER_IDS } from "../../../../src/gateway/providers/ids.ts";
import { settingsSchema } from "../../../../src/gateway/settings/settings.ts";
import fc from "../../../support/property.ts";

/** 2026-01-15 12:00 UTC. */
const NOW = Date.UTC(2026, 0, 15, 12);
const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;

describe("reply headers", () => {
  it("of Anthropic: moments, per minute", () => {
    const headers = {
      "anthropic-ratelimit-requests-limit": "50",
      "anthropic-ratelimit-requests-remaining": "49",
      "anthropic-ratelimit-requests-reset": "2026-01-15T12:00:01Z",
      "anthropic-ratelimit-input-tokens-limit": "30000",
      "anthropic-ratelimit-input-tokens-remaining": "27000",
      "anthropic-ratelimit-input-tokens-reset": "2026-01-15T12:00:06Z",
      "anthropic-version": "2023-06-01",
    };
    expect(readQuotaHeaders("anthropic", headers, NOW)).toEqual([
      {
        name: "requests",
        unit: "requests",
        limit: 50,
        remaining: 49,
        window: "minute",
        resetAt: NOW + SECOND,
      },
      {
        name: "input-tokens",
        unit: "input-tokens",
        limit: 30_000,
        remaining: 27_000,
        window: "minute",
        resetAt: NOW + 6 * SECOND,
      },
    ]);
  });

  it("are read against the reply's own clock, where ours is wrong", () => {
    for (const wrong of [-40 * 86_400_000, 3_600_000, 40 * 86_400_000]) {
      const theirs = NOW + wrong;
      const headers = {
        date: new Date(theirs).toUTCString(),
        "anthropic-ratelimit-requests-limit": "50",
        "anthropic-ratelimit-requests-reset": new Date(theirs + 6 * SECOND).toISOString(),
      };
      expect(readQuotaHeaders("anthropic", headers, NOW)).toMatchObject([{ resetAt: NOW + 6 * SECOND }]);
    }
  });

  it("of OpenAI and its kin: durations", () => {
    const headers = {
      "x-ratelimit-limit-requests": "60",
      "x-ratelimit-remaining-requests": "59",
      "x-ratelimit-reset-requests": "1s",
      "x-ratelimit-limit-tokens": "150000",
      "x-ratelimit-remaining-tokens": "149984",
      "x-ratelimit-reset-tokens": "6m0s",
    };
    const found = readQuotaHeaders("openai", headers, NOW);
    expect(found).toMatchObject([
      { name: "requests", remaining: 59, resetAt: NOW + SECOND },
      { name: "tokens", limit: 150_000, resetAt: NOW + 360 * SECOND },
    ]);
    expect(found[0]).not.toHaveProperty("window");
    expect(readQuotaHeaders("groq", headers, NOW).map(({ window }) => window)).toEqual(["day", "minute"]);
  });

  it.each([
    ["20ms", 20],
    ["1m30.5s", 90_500],
    ["33011.3", 33_011_300],
    [String(NOW / 1000 + 5), 5000],
    [String(NOW + 5000), 5000],
  ])("reset %s", (reset, wait) => {
    const headers = { "x-ratelimit-remaining-requests": "1", "x-ratelimit-reset-requests": reset };
    expect(readQuotaHeaders("xai", headers, NOW)[0]?.resetAt).toBe(NOW + wait);
  });

  it("with the window in their names", () => {
    const headers = {
      "x-ratelimit-limit-tokens-minute": "60000",
      "x-ratelimit-remaining-tokens-minute": "0",
    };
    expect(readQuotaHeaders("mistral", headers, NOW)).toEqual([
      { name: "tokens-minute", unit: "tokens", limit: 60_000, remaining: 0, window: "minute" },
    ]);
  });

  it("that make no sense are passed over", () => {
    expect(readQuotaHeaders("openai", { "x-ratelimit-limit-requests": "many" }, NOW)).toEqual([]);
    fc.assert(
      fc.property(
        fc.constantFrom(...PROVIDER_IDS),
        fc.dictionary(
          fc.constantFrom(
            "x-ratelimit-limit-tokens",
            "x-ratelimit-reset-tokens",
            "x-ratelimit-remaining-tokens",
            "anthropic-ratelimit-tokens-reset",
            "anthropic-ratelimit-tokens-remaining",
          ),
          fc.string(),
        ),
        (provider, headers) => {
          for (const { limit = 0, remaining = 0, resetAt = NOW } of readQuotaHeaders(
            provider,
            headers,
            NOW,
          )) {
            expect(limit).toBeGreaterThanOrEqual(0);
            expect(remaining).toBeGreaterThanOrEqual(0);
            expect(resetAt).toBeGreaterThanOrEqual(NOW);
          }
        },
      ),
    );
  });
});

describe("details of a Gemini 429", () => {
  const error = (quotaId: string, value: string) => ({
    error: {
      code: 429,
      status: "RESOURCE_EXHAUSTED",
      details: [
        {
          "@type": "type.googleapis.com/google.rpc.QuotaFailure",
          violations: [
            {
              quotaMetric: "generativelanguage.googleapis.com/generate_content_free_tier_requests",
              quotaId,
              quotaDimensions: { location: "global", model: "gemini-2.5-pro" },
              quotaValue: value,
            },
          ],
        },
        { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "26s" },
      ],
    },
  });

  it("name what is used up", () => {
    expect(
      readQuotaDetails(error("GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "5"), NOW, NOW),
    ).toEqual([
      {
        name: "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
        unit: "requests",
        remaining: 0,
        limit: 5,
        window: "minute",
        model: "gemini-2.5-pro",
        resetAt: NOW + 26 * SECOND,
      },
    ]);
    const [day] = readQuotaDetails(
      [error("GenerateRequestsPerDayPerProjectPerModel-FreeTier", "50")],
      NOW,
      NOW,
    );
    // Midnight in California is 08:00 UTC in winter.
    expect(day).toMatchObject({ window: "day", resetAt: Date.UTC(2026, 0, 16, 8) });
    expect(nextPacificMidnight(Date.UTC(2026, 6, 1, 6, 59, 59))).toBe(Date.UTC(2026, 6, 1, 7));
    // The days on which the clocks change there: 2026-03-08 has 23 hours, 2026-11-01 has 25.
    expect(nextPacificMidnight(Date.UTC(2026, 2, 8, 8))).toBe(Date.UTC(2026, 2, 9, 7));
    expect(nextPacificMidnight(Date.UTC(2026, 10, 1, 7))).toBe(Date.UTC(2026, 10, 2, 8));
    expect(nextPacificMidnight(Date.UTC(2026, 10, 1, 7, 0, 0, 5))).toBe(Date.UTC(2026, 10, 2, 8));
  });

  it("are over at midnight by the provider's clock, whatever ours says", () => {
    const daily = error("GenerateRequestsPerDayPerProjectPerModel-FreeTier", "50");
    for (const wrong of [-40 * DAY, -3 * HOUR, 3 * HOUR, 40 * DAY]) {
      const now = NOW + wrong;
      const store = new QuotaStore({ now: () => now, monotonic: () => 0 });
      store.observeError("a", "m", daily, { date: new Date(NOW).toUTCString() });
      // 20 hours to go, from whatever it is here.
      expect(store.of("a")).toMatchObject([{ resetAt: now + 20 * HOUR }]);
    }
  });

  it("are read from anything", () => {
    fc.assert(
      fc.property(fc.anything(), (body) => {
        expect(Array.isArray(readQuotaDetails(body, NOW, NOW))).toBe(true);
        expect(Array.isArray(readQuotaDetails({ error: { details: [body] } }, NOW, NOW))).toBe(true);
      }),
    );
  });
});

describe("endpoints", () => {
  it("OpenRouter: the limit of the key, in dollars", () => {
    const read = (data: object) => QUOTA_ENDPOINTS.openrouter?.read({ data }, NOW, NOW);
    expect(read({ limit: 100, limit_remaining: 74.5, limit_reset: "monthly", usage: 25.5 })).toEqual([
      {
        name: "credit limit of the key",
        unit: "usd",
        limit: 100,
        remaining: 74.5,
        window: "month",
        resetAt: Date.UTC(2026, 1, 1),
      },
    ]);
    // 2026-01-15 is a Thursday; weeks begin on Monday.
    expect(read({ limit: 1, limit_remaining: 1, limit_reset: "weekly" })?.[0]?.resetAt).toBe(
      Date.UTC(2026, 0, 19),
    );
    expect(read({ limit: null, limit_remaining: null, limit_reset: null })).toEqual([]);
  });

  it.each([
    ["daily", 12 * HOUR],
    ["weekly", 3 * DAY + 12 * HOUR],
    ["monthly", 16 * DAY + 12 * HOUR],
  ])("OpenRouter: %s, by the clock of the reply", async (limit_reset, wait) => {
    for (const wrong of [-40 * DAY, -13 * HOUR, 13 * HOUR, 40 * DAY]) {
      const clock = { now: () => NOW + wrong, monotonic: () => 0 };
      const store = new QuotaStore(clock);
      const refresh = new QuotaRefresh({
        store,
        clock,
        log: { debug: () => {} },
        everyMs: () => 600_000,
        fetchJson: async () => ({
          headers: { date: new Date(NOW).toUTCString() },
          body: { data: { limit: 10, limit_remaining: 1, limit_reset } },
        }),
      });
      const settings = settingsSchema.parse({ accounts: [{ id: "o", provider: "openrouter" }] });
      await refresh.refresh(
        buildAccounts(settings.accounts, { secretFor: () => Promise.resolve(undefined) }).accounts,
      );
      expect(store.of("o")).toMatchObject([{ resetAt: NOW + wrong + wait }]);
    }
  });

  it("DeepSeek: a balance in each currency", () => {
    const body = {
      is_available: true,
      balance_infos: [
        { currency: "CNY", total_balance: "110.00", granted_balance: "10.00", topped_up_balance: "100.00" },
      ],
    };
    expect(QUOTA_ENDPOINTS.deepseek?.read(body, NOW, NOW)).toEqual([
      { name: "balance in CNY", unit: "cny", remaining: 110 },
    ]);
    expect(() => QUOTA_ENDPOINTS.deepseek?.read({ oops: 1 }, NOW, NOW)).toThrow();
  });
});

const openai = { id: "a", provider: { id: "openai" } } as const;
const requests = (remaining: number, reset: string) => ({
  "x-ratelimit-limit-requests": "100",
  "x-ratelimit-remaining-requests": String(remaining),
  "x-ratelimit-reset-requests": reset,
});

describe("QuotaStore", () => {
  function setup() {
    const clock = { time: NOW, now: () => clock.time, monotonic: () => clock.time };
    return { clock, store: new QuotaStore(clock) };
  }

  it("knows the tightest share, until it is whole again", () => {
    const { clock, store } = setup();
    store.observe(openai, "m", requests(30, "10s"));
    store.set("a", [{ name: "balance", unit: "usd", remaining: 10, limit: 100 }]);
    expect(store.remaining("a", "m")).toBe(0.1);
    expect(store.remaining("a", "other")).toBe(0.1);
    store.set("a", [{ name: "balance", unit: "usd", remaining: 90, limit: 100 }]);
    expect(store.remaining("a", "m")).toBe(0.3);
    clock.time += 10 * SECOND;
    expect(store.remaining("a", "m")).toBe(0.9);
    expect(store.remaining("b", "m")).toBeUndefined();
  });

  it("forgets a reading that never said when it lapses", () => {
    const { clock, store } = setup();
    store.observe(openai, "m", { "x-ratelimit-limit-requests": "10", "x-ratelimit-remaining-requests": "1" });
    expect(store.remaining("a", "m")).toBe(0.1);
    clock.time += STALE_MS + 1;
    expect(store.remaining("a", "m")).toBeUndefined();
  });

  it("tells who has nothing left, and whose long quota lapses", () => {
    const { store } = setup();
    store.observe(openai, "m", requests(0, "20s"));
    expect(store.spentUntil("a", "m")).toBe(NOW + 20 * SECOND);
    expect(store.nextReset("a", "m")).toBeUndefined();
    store.observe(openai, "m", requests(5, "3h"));
    expect(store.spentUntil("a", "m")).toBeUndefined();
    expect(store.nextReset("a", "m")).toBe(NOW + 3 * 3600 * SECOND);
  });

  describe("where the clock is set back", () => {
    /** A wall clock that can be set, and the monotonic one, which nobody sets. */
    function twoClocks() {
      const clock = {
        wall: NOW,
        passed: 0,
        now: () => clock.wall + clock.passed,
        monotonic: () => clock.passed,
      };
      return clock;
    }
    const told = { unit: "usd", remaining: 0, limit: 10 } as const;

    it.each([-HOUR, -40 * DAY])("while it runs, by %i ms: what is known moves with it", (step) => {
      const clock = twoClocks();
      const store = new QuotaStore(clock);
      store.observe(openai, "m", requests(0, "3h"));
      store.set("a", [
        { name: "credit", ...told, resetAt: NOW + 5 * HOUR },
        { name: "balance", ...told },
      ]);
      clock.passed += HOUR;
      clock.wall += step;
      expect(store.spentUntil("a", "m")).toBe(clock.now() + 4 * HOUR);
      expect(
        store.of("a").map(({ readAt, resetAt }) => [readAt, resetAt].map((at) => at && at - clock.now())),
      ).toEqual([
        [-HOUR, 2 * HOUR],
        [-HOUR, 4 * HOUR],
        [-HOUR, undefined],
      ]);
      // What is saved now is read back as it is, and holds as long as it was to.
      const again = new QuotaStore(clock);
      again.restore(store.snapshot());
      expect(again.snapshot()).toEqual(store.snapshot());
      clock.passed += 4 * HOUR;
      for (const each of [store, again]) expect(each.spentUntil("a", "m")).toBeUndefined();
    });

    it("while it runs, by the slow correction of a clock: nothing moves", () => {
      const clock = twoClocks();
      const store = new QuotaStore(clock);
      store.set("a", [{ name: "credit", ...told, resetAt: NOW + HOUR }]);
      clock.wall -= 500;
      expect(store.of("a")).toMatchObject([{ readAt: NOW, resetAt: NOW + HOUR }]);
    });

    it("before it starts: what was read by the clock that was ahead is dropped, the rest is kept", () => {
      const clock = twoClocks();
      const store = new QuotaStore(clock);
      store.set("a", [{ name: "credit", ...told, resetAt: NOW + HOUR }]);
      clock.wall += 30 * DAY;
      store.set("b", [{ name: "credit", ...told, resetAt: clock.now() + HOUR }]);
      const saved = store.snapshot();
      const right = twoClocks();
      right.wall += 60 * SECOND;
      const again = new QuotaStore(right);
      again.restore(saved);
      expect(again.of("a")).toMatchObject([{ resetAt: NOW + HOUR }]);
      expect(again.of("b")).toEqual([]);
      expect(again.spentUntil("b", "m")).toBeUndefined();
    });

    it("is known when the time has come, where it was set forward or slept", () => {
      const clock = twoClocks();
      const store = new QuotaStore(clock);
      store.set("a", [{ name: "credit", ...told, resetAt: NOW + HOUR }]);
      clock.wall += 2 * HOUR;
      expect(store.spentUntil("a", "m")).toBeUndefined();
    });
  });

  it("is bounded, and survives as plain data", () => {
    const { clock, store } = setup();
    for (let i = 0; i < MAX_QUOTAS + 10; i++) {
      clock.time = NOW + i;
      store.set(`account-${i % 500}`, [{ name: `q${i}`, unit: "usd", remaining: i }]);
    }
    expect(store.size).toBe(MAX_QUOTAS);
    expect(store.of("account-0").some(({ name }) => name === "q0")).toBe(false);
    const again = new QuotaStore(clock);
    again.restore([{ account: 7 }, null, ...store.snapshot()]);
    expect(again.snapshot()).toEqual(store.snapshot());
    again.retain(new Set(["account-1"]));
    expect(again.size).toBe(store.of("account-1").length);
    again.forget("account-1");
    expect(again.size).toBe(0);
  });
});

describe("QuotaRefresh", () => {
  function accounts(count: number): readonly Account[] {
    const settings = settingsSchema.parse({
      accounts: Array.from({ length: count }, (_, i) => ({ id: `d${i}`, provider: "deepseek" })),
    });
    return buildAccounts(settings.accounts, { secretFor: () => Promise.resolve(undefined) }).accounts.slice(
      0,
      count,
    );
  }

  function setup(everyMs = 600_000) {
    const clock = { time: NOW, now: () => clock.time, monotonic: () => clock.time };
    const store = new QuotaStore(clock);
    const asked: string[] = [];
    let running = 0;
    let most = 0;
    let answer = () => ({ balance_infos: [{ currency: "USD", total_balance: "5" }] }) as unknown;
    const refresh = new QuotaRefresh({
      store,
      clock,
      log: { debug: () => {} },
      everyMs: () => everyMs,
      fetchJson: async (account, path) => {
        asked.push(`${account.id} ${path}`);
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        return { headers: {}, body: answer() };
      },
    });
    return {
      clock,
      store,
      asked,
      refresh,
      most: () => most,
      fail: () => {
        answer = () => {
          throw new Error("no");
        };
      },
    };
  }

  it("asks a few at a time", async () => {
    const { refresh, asked, most, store } = setup();
    await refresh.refresh(accounts(12));
    expect(asked).toHaveLength(12);
    expect(most()).toBe(CONCURRENCY);
    expect(store.of("d3")).toMatchObject([{ remaining: 5, unit: "usd", source: "endpoint" }]);
  });

  it("asks by itself only for who is used, when it is due, and never where it is off", async () => {
    const { refresh, asked, clock } = setup();
    const [one] = accounts(1);
    if (one === undefined) throw new Error("no account");
    refresh.used(one);
    refresh.used(one);
    await refresh.refresh([one]);
    expect(asked).toHaveLength(1);
    clock.time += 599_000;
    refresh.used(one);
    expect(asked).toHaveLength(1);
    clock.time += 1000;
    refresh.used(one);
    expect(asked).toHaveLength(2);
    const off = setup(0);
    off.refresh.used(one);
    expect(off.asked).toHaveLength(0);
  });

  it("keeps what is known when a provider does not answer", async () => {
    const { refresh, store, fail } = setup();
    await refresh.refresh(accounts(1));
    fail();
    await refresh.refresh(accounts(1));
    expect(store.of("d0")).toHaveLength(1);
  });
});
