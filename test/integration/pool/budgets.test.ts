/** Two gateways as processes of their own, over a real engine: what they count together. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MOST_LEASED } from "../../../src/gateway/pool/counter.ts";
import type { SettingsInput } from "../../../src/gateway/settings/settings.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { redisPath, startRedis } from "../../support/redis.ts";
import { REPLIES } from "../../support/replies.ts";
import { sendJson, startUpstream } from "../../support/upstream.ts";
import { load, mostOf, SECRET, startMember, startProvider, until } from "./here.ts";

vi.setConfig({ testTimeout: 240_000 });

let folder = "";
beforeEach(() => {
  folder = makeFolder("pool");
});
afterEach(() => removeFolder(folder));

describe.skipIf(redisPath === undefined)("one budget for two gateways (needs redis-server)", () => {
  it("lets 5,000 requests through, not one more, with 100 at once at each", async () => {
    await using redis = await startRedis();
    await using provider = await startProvider();
    const settings: SettingsInput = {
      accounts: [provider.account],
      budgets: [{ unit: "requests", per: "month", limit: 5000 }],
      pool: { url: redis.url, secret: SECRET, name: "test" },
    };
    await using one = await startMember(folder, "one", settings);
    await using two = await startMember(folder, "two", settings);
    const answers = await Promise.all([one, two].map(({ url }) => load(url, { count: 2700, atOnce: 100 })));
    const passed = answers.map((each) => each.filter(({ status }) => status === 200).length);
    const told = answers.flat().map(({ status }) => status);
    expect(new Set(told)).toEqual(new Set([200, 429]));
    expect(provider.asked).toBe(passed.reduce((a, b) => a + b));
    expect(provider.asked).toBeLessThanOrEqual(mostOf(5000, [one, two]));
    // What one has leased at the end, the other is refused.
    expect(provider.asked).toBeGreaterThanOrEqual(5000 - MOST_LEASED);
  });

  it.each([
    ["tokens", 1],
    // Dollars per token, of what costs a dollar per million.
    ["usd", 1e-6],
  ] as const)(
    "counts %s together, to what was under way, and goes on from there after a restart",
    async (unit, perToken) => {
      await using redis = await startRedis();
      await using provider = await startProvider();
      const { usage } = REPLIES["openai-chat"] as { usage: { total_tokens: number } };
      const [limit, atOnce] = [100 * usage.total_tokens * perToken, 10];
      const settings: SettingsInput = {
        accounts: [provider.account],
        prices: [{ model: "m-1", input: 1, output: 1 }],
        budgets: [{ unit, per: "month", limit }],
        pool: { url: redis.url, secret: SECRET, name: "test" },
      };
      {
        await using one = await startMember(folder, "one", settings);
        await using two = await startMember(folder, "two", settings);
        // What a request may use is more than it does, so a moment's refusals are not the end.
        const most = performance.now() + 20_000;
        while (provider.asked < 100 && performance.now() < most) {
          await Promise.all([one, two].map(({ url }) => load(url, { count: 20, atOnce })));
        }
        expect(provider.asked).toBeGreaterThanOrEqual(100);
        expect(provider.asked).toBeLessThanOrEqual(100 + 2 * atOnce);
        // Of which the other's part is what it told before it went.
        for (const { program } of [one, two]) program.kill("SIGTERM");
        for (const { program } of [one, two]) await program.ended;
      }
      const asked = provider.asked;
      await using again = await startMember(folder, "three", settings);
      const [answered] = await load(again.url, { count: 1, atOnce: 1 });
      expect(answered?.status).toBe(429);
      expect(provider.asked).toBe(asked);
    },
  );
});

describe.skipIf(redisPath === undefined)("one client key at two gateways (needs redis-server)", () => {
  const key = "sk-portico-limited-0123456789";
  const withKey = (url: string, account: object, limits: object): SettingsInput =>
    ({
      accounts: [account],
      keys: [{ id: "limited", key, ...limits }],
      pool: { url, secret: SECRET, name: "test" },
    }) as SettingsInput;

  it.each([
    ["budget", { budgets: [{ unit: "requests", per: "day", limit: 150 }] }],
    ["minute", { perMinute: { requests: 150 } }],
  ])("has one %s of requests, not one too many of 200 at once at each", async (_what, limits) => {
    await using redis = await startRedis();
    await using provider = await startProvider();
    const settings = withKey(redis.url, provider.account, limits);
    await using one = await startMember(folder, "one", settings);
    await using two = await startMember(folder, "two", settings);
    const answers = await Promise.all(
      [one, two].map(({ url }) => load(url, { count: 200, atOnce: 200, key })),
    );
    expect(new Set(answers.flat().map(({ status }) => status))).toEqual(new Set([200, 429]));
    expect(provider.asked).toBeLessThanOrEqual(mostOf(150, [one, two]));
    expect(provider.asked).toBeGreaterThan(100);
    // Others are not concerned.
    expect((await load(one.url, { count: 1, atOnce: 1 }))[0]?.status).toBe(200);
  });

  const PER_REQUEST = (REPLIES["openai-chat"] as { usage: { total_tokens: number } }).usage.total_tokens;
  /** Requests that the limits are enough for. */
  const ENOUGH = 150;
  it.each([
    ["a budget of tokens", { budgets: [{ unit: "tokens", per: "day", limit: ENOUGH * PER_REQUEST }] }],
    // Of what costs a dollar per million tokens; less a half, as sums of fractions are not exact.
    [
      "a budget of dollars",
      { budgets: [{ unit: "usd", per: "day", limit: (ENOUGH - 0.5) * PER_REQUEST * 1e-6 }] },
    ],
    ["tokens per minute", { perMinute: { tokens: ENOUGH * PER_REQUEST } }],
  ])("has %s, to what was under way, of 200 at once at each", async (_what, limits) => {
    const atOnce = 200;
    await using redis = await startRedis();
    await using provider = await startProvider();
    const settings = {
      ...withKey(redis.url, provider.account, limits),
      prices: [{ model: "m-1", input: 1, output: 1 }],
    };
    await using one = await startMember(folder, "one", settings);
    await using two = await startMember(folder, "two", settings);
    const members = [one, two];
    const began = performance.now();
    let letIn = 0;
    // What a request may use is more than it does, so a moment's refusals are not the end; of a minute, they are.
    while (provider.asked < ENOUGH && performance.now() - began < 20_000) {
      const answers = await Promise.all(members.map(({ url }) => load(url, { count: atOnce, atOnce, key })));
      expect(answers.flat().filter(({ status }) => status !== 200 && status !== 429)).toEqual([]);
      letIn += answers.flat().filter(({ status }) => status === 200).length;
    }
    expect(provider.asked).toBe(letIn);
    // As soon as both have heard of it, that is the end.
    await until("both refuse", async () => {
      const answers = await Promise.all(members.map(({ url }) => load(url, { count: 1, atOnce: 1, key })));
      return answers.flat().every(({ status }) => status === 429);
    });
    expect(provider.asked).toBeGreaterThan(ENOUGH / 4);
    expect(provider.asked).toBeLessThanOrEqual(ENOUGH + members.length * atOnce);
  });

  it("has so many requests at once and no more", async () => {
    await using redis = await startRedis();
    let [atOnce, most] = [0, 0];
    const provider = await startUpstream(async (_received, res) => {
      most = Math.max(most, ++atOnce);
      await new Promise((resolve) => setTimeout(resolve, 200));
      atOnce -= 1;
      sendJson(res, 200, REPLIES["openai-chat"]);
    });
    const account = {
      ...{ id: "own", provider: "custom", models: ["m-1"] },
      endpoints: { "openai-chat": `${provider.url}/v1` },
      credentials: { apiKey: "sk-pool-0123456789" },
    };
    const settings = withKey(redis.url, account, { atOnce: 12 });
    await using one = await startMember(folder, "one", settings);
    await using two = await startMember(folder, "two", settings);
    const answers = await Promise.all(
      [one, two].map(({ url }) => load(url, { count: 100, atOnce: 20, key })),
    );
    expect(most).toBeLessThanOrEqual(mostOf(12, [one, two]));
    expect(most).toBeGreaterThan(6);
    expect(answers.flat().filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(12);
    await provider.close();
  });
});
