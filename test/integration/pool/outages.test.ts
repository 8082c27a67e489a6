/** What the engine of a pool may do in the midst of requests: none fails, none waits, and hardly one too many goes out. */
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Status } from "../../../src/control/contract.ts";
import { MOST_LEASED } from "../../../src/gateway/pool/counter.ts";
import { REPORT_MS } from "../../../src/gateway/pool/shared.ts";
import type { SettingsInput } from "../../../src/gateway/settings/settings.ts";
import { bestOf } from "../../support/bestOf.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { type Redis, redisPath, startRedis } from "../../support/redis.ts";
import { start } from "../cli/program.ts";
import { load, SECRET, startMember, startProvider, until } from "./here.ts";

vi.setConfig({ testTimeout: 240_000 });

const LIMIT = 1500;
/** Of each gateway: before the engine is lost, while it is, and then more than is left. */
const [BEFORE, DURING, AFTER] = [200, 400, 400];
/** Requests of each gateway after which it is lost. */
const LOST_AFTER = 50;
/** Requests that a gateway may let through beyond the budget, where the engine was lost. */
const MOST_TOO_MANY = 64;
/** Milliseconds that a request may wait for the engine. */
const MOST_WAIT_MS = 250;

let folder = "";
beforeEach(() => {
  folder = makeFolder("pool");
});
afterEach(() => removeFolder(folder));

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const settingsOf = (
  { url }: Redis,
  { account }: Awaited<ReturnType<typeof startProvider>>,
): SettingsInput => ({
  accounts: [account],
  budgets: [{ unit: "requests", per: "month", limit: LIMIT }],
  pool: { url, secret: SECRET, name: "test" },
});

const OUTAGES: Readonly<Record<string, (redis: Redis) => Promise<void>>> = {
  "is killed": async (redis) => await redis.kill(),
  "is frozen": async (redis) => redis.freeze(),
  "is emptied": async (redis) => void (await redis.command("FLUSHALL")),
  "is killed and started anew, empty": async (redis) => {
    await redis.kill();
    await pause(700);
    await redis.again();
  },
  "is frozen for a while": async (redis) => {
    redis.freeze();
    await pause(1500);
    redis.thaw();
  },
};

describe.skipIf(redisPath === undefined)("an engine that (needs redis-server)", () => {
  it.each(Object.keys(OUTAGES))("%s", async (what) => {
    await using redis = await startRedis();
    await using provider = await startProvider();
    const settings = settingsOf(redis, provider);
    await using one = await startMember(folder, "one", settings);
    await using two = await startMember(folder, "two", settings);
    const members = [one, two];
    const told = () => members.map(({ program }) => program.stderr()).join("\n");
    await until("both know each other", () => told().includes("with 1 other gateway"));
    // What it takes to get going is not what an engine costs.
    const before = await Promise.all(members.map(({ url }) => load(url, { count: BEFORE, atOnce: 8 })));
    let lost: Promise<void> | undefined;
    let count = 0;
    const during = await Promise.all(
      members.map(({ url }) =>
        load(url, { count: DURING, atOnce: 8 }, () => {
          if (++count === LOST_AFTER * members.length) lost = OUTAGES[what]?.(redis);
        }),
      ),
    );
    await lost;
    expect(during.flat().filter(({ status }) => status !== 200)).toEqual([]);
    const after = await Promise.all(members.map(({ url }) => load(url, { count: AFTER, atOnce: 8 })));
    const all = [before, during, after].flat(2);
    const passed = all.filter(({ status }) => status === 200).length;
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200, 429]));
    expect(provider.asked).toBe(passed);
    expect(passed).toBeLessThanOrEqual(LIMIT + members.length * MOST_TOO_MANY);
    // Each has had its share.
    expect(passed).toBeGreaterThan(LIMIT - members.length * MOST_TOO_MANY);
  });

  it("is frozen lets a gateway that had nothing to do until then go on with what is left, not with all", async () => {
    await using redis = await startRedis();
    await using provider = await startProvider();
    const settings = settingsOf(redis, provider);
    await using busy = await startMember(folder, "one", settings);
    await using idle = await startMember(folder, "two", settings);
    await until("both know each other", () =>
      `${busy.program.stderr()}${idle.program.stderr()}`.includes("with 1 other gateway"),
    );
    await load(busy.url, { count: LIMIT - 2 * BEFORE, atOnce: 8 });
    redis.freeze();
    const after = await Promise.all([busy, idle].map(({ url }) => load(url, { count: DURING, atOnce: 8 })));
    const passed = after.map((answers) => answers.filter(({ status }) => status === 200).length);
    expect(provider.asked).toBeLessThanOrEqual(LIMIT + MOST_TOO_MANY);
    for (const each of passed) expect(each).toBeGreaterThan(BEFORE - 2 * MOST_TOO_MANY);
  });

  it.each(["is frozen", "is killed", "is emptied"])("%s keeps no request waiting for long", async (what) => {
    await using redis = await startRedis();
    await using provider = await startProvider();
    await using one = await startMember(folder, "one", {
      accounts: [provider.account],
      budgets: [{ unit: "requests", per: "month", limit: 1_000_000 }],
      pool: { url: redis.url, secret: SECRET, name: "test" },
    });
    const state = async (wanted: string) =>
      await until(`it is ${wanted}`, async () =>
        (await (await fetch(`${one.url}/healthz`)).text()).includes(`"pool":"${wanted}"`),
      );
    await load(one.url, { count: 200, atOnce: 8 });
    const longest = await bestOf(async () => {
      await state("joined");
      // Alone, its share is over with its next word.
      await pause(4 * REPORT_MS);
      const lost = OUTAGES[what]?.(redis);
      // More than one lease: so some of them do wait.
      const answers = await load(one.url, { count: 3 * MOST_LEASED, atOnce: 8 });
      await lost;
      if (what !== "is emptied") await state("away");
      redis.thaw();
      if (what === "is killed") await redis.again();
      expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
      return Math.max(...answers.map(({ ms }) => ms));
    }, MOST_WAIT_MS);
    expect(longest).toBeLessThan(MOST_WAIT_MS);
  });

  it("is away is said: in the log, once, in the status, at /healthz and /metrics; and that it is back", async () => {
    await using redis = await startRedis();
    await using provider = await startProvider();
    const pool = { url: redis.url, secret: SECRET, name: "test" } as const;
    await using one = await startMember(folder, "one", { accounts: [provider.account], pool });
    const get = async (path: string) => await (await fetch(`${one.url}${path}`)).text();
    const status = async () => {
      const asked = start(["status", "--json", "--data-dir", join(folder, "one")]);
      await asked.ended;
      const report = JSON.parse(asked.stdout());
      const { pool, problems } = report.status as Status;
      return { pool, problems: problems.filter(({ cause }) => cause === "pool") };
    };
    const isNow = async (state: string, value: number) => {
      await until(`it is ${state}`, async () => (await get("/healthz")).includes(`"pool":"${state}"`));
      expect(await get("/metrics")).toContain(`portico_pool_joined ${value}`);
      return await status();
    };
    expect(await isNow("joined", 1)).toMatchObject({ pool: { name: "test", state: "joined" }, problems: [] });
    await redis.kill();
    const away = await isNow("away", 0);
    expect(away.pool?.state).toBe("away");
    expect(away.problems).toMatchObject([{ severity: "warning", cause: "pool" }]);
    expect(away.problems[0]?.message).toContain("goes on with its share");
    await redis.again();
    expect(await isNow("joined", 1)).toMatchObject({ pool: { state: "joined" }, problems: [] });
    const lines = one.program
      .stderr()
      .split("\n")
      .filter((line) => line.includes('the pool "test"'));
    expect(lines.map((line) => / (INFO|WARN) /.exec(line)?.[1])).toEqual(["INFO", "WARN", "INFO"]);
  });

  it("is away refuses what is under a budget, and nothing else, where the person wants it so", async () => {
    await using redis = await startRedis();
    await using provider = await startProvider();
    const key = "sk-portico-limited-0123456789";
    await using one = await startMember(folder, "one", {
      accounts: [provider.account],
      keys: [{ id: "limited", key, budgets: [{ unit: "tokens", per: "day", limit: 1e9 }] }],
      pool: { url: redis.url, secret: SECRET, name: "test", whenAway: "refuse" },
    });
    const both = async () => {
      const [limited, free] = [
        await load(one.url, { count: 1, atOnce: 1, key }),
        await load(one.url, { count: 1, atOnce: 1 }),
      ];
      return [limited[0], free[0]];
    };
    expect(await both()).toMatchObject([{ status: 200 }, { status: 200 }]);
    redis.freeze();
    await until("it is away", () => one.program.stderr().includes("is away"));
    const [limited, free] = await both();
    expect(free?.status).toBe(200);
    expect(limited?.status).toBe(429);
    expect(limited?.body).toContain("the engine of the pool is away");
    redis.thaw();
    await until("it is back", async () => (await both())[0]?.status === 200);
  });
});
