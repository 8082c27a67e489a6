/** Two gateways as processes of their own, over a real engine: what they count together. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { SettingsInput } from "../../../src/gateway/settings/settings.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { redisPath, startRedis } from "../../support/redis.ts";
import { load, SECRET, startMember, startProvider } from "./here.ts";

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
    expect(provider.asked).toBeLessThanOrEqual(5000);
    expect(provider.asked).toBeGreaterThan(4990);
  });
});
