/** What one gateway finds out of an account, and another knows: over a real engine, in processes of their own. */
import { fork } from "node:child_process";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Status } from "../../../src/control/contract.ts";
import { systemClock } from "../../../src/gateway/common/ports.ts";
import { joinPool } from "../../../src/gateway/pool/shared.ts";
import type { SettingsInput } from "../../../src/gateway/settings/settings.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { redisPath, startRedis } from "../../support/redis.ts";
import { REPLIES } from "../../support/replies.ts";
import { startSocksServer } from "../../support/socksServer.ts";
import { type Received, sendJson, startUpstream } from "../../support/upstream.ts";
import { start } from "../cli/program.ts";
import { load, SECRET, startMember, until } from "./here.ts";

vi.setConfig({ testTimeout: 240_000 });

/** Milliseconds. */
const SOON_MS = 50;
const HOLDS = 300;
const KEY = "sk-shared-0123456789";

let folder = "";
beforeEach(() => {
  folder = makeFolder("pool");
});
afterEach(() => removeFolder(folder));

describe.skipIf(redisPath === undefined)("holds in a pool (needs redis-server)", () => {
  it(`are known to another process within ${SOON_MS} ms, 99 of 100`, async () => {
    await using redis = await startRedis();
    const settings = {
      url: redis.url,
      secret: SECRET,
      name: "test",
      timeZone: "UTC",
      whenAway: "share",
    } as const;
    const member = fork(
      join(import.meta.dirname, "../../support/poolMember.ts"),
      [JSON.stringify(settings)],
      {
        stdio: ["ignore", "pipe", "inherit", "ipc"],
      },
    );
    const heard = new Map<string, number>();
    let said = "";
    member.stdout?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      for (const line of text.split("\n")) {
        const [account = "", at] = line.split(" ");
        heard.set(account, Number(at));
      }
    });
    await until("the member is there", () => said.includes("ready joined"));
    const log = { info: () => {}, warn: () => {} };
    const pool = await joinPool({ settings, clock: systemClock, log });
    const told = new Map<string, number>();
    for (let each = 0; each < HOLDS; each++) {
      const account = `account-${each}`;
      const now = Date.now();
      told.set(account, performance.timeOrigin + performance.now());
      pool.hold({
        ...{ account, condition: "cooling", because: "rate-limit", failures: 1 },
        ...{ since: now, at: now, until: now + 60_000 },
      });
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await until("all are heard", () => [...told.keys()].every((account) => heard.has(account)));
    await pool.close();
    member.disconnect();
    const took = [...told].map(([account, at]) => (heard.get(account) ?? 0) - at).sort((a, b) => a - b);
    expect(took[Math.floor(HOLDS * 0.99)]).toBeLessThan(SOON_MS);
  });

  it("keep another gateway from asking, whatever the account is called there, and end where it answers", async () => {
    await using redis = await startRedis();
    let refuses = true;
    const provider = await startUpstream((_received: Received, res) => {
      if (refuses)
        sendJson(res, 429, { error: { message: `wait, said "${KEY}"` } }, { "retry-after": "600" });
      else sendJson(res, 200, REPLIES["openai-chat"]);
    });
    await using socks = await startSocksServer();
    const pool = { url: redis.url, secret: SECRET, name: "test" };
    const settings = (id: string, apiKey = KEY): SettingsInput => ({
      accounts: [
        {
          id,
          provider: "custom",
          // As anything on this computer is shared with nobody.
          endpoints: { "openai-chat": `http://provider.test:${provider.port}/v1` },
          proxy: `socks5://127.0.0.1:${socks.port}`,
          credentials: { apiKey },
          models: ["m-1"],
        },
      ],
      scheduling: { waitMs: 0 },
      pool,
    });
    await using one = await startMember(folder, "one", settings("mine"));
    await using two = await startMember(folder, "two", settings("yours"));
    await using other = await startMember(folder, "other", settings("mine", "sk-another-0123456789"));
    const statusOf = async (name: string) => {
      const asked = start(["status", "--json", "--data-dir", join(folder, name)]);
      await asked.ended;
      return (JSON.parse(asked.stdout()) as { status: Status }).status;
    };
    await until("they know each other", async () => (await statusOf("one")).pool?.gateways.length === 3);

    expect((await load(one.url, { count: 1, atOnce: 1 }))[0]?.status).toBe(429);
    await until("the other knows", async () => (await statusOf("two")).held.length === 1);
    const [held] = (await statusOf("two")).held;
    expect(held).toMatchObject({
      account: "yours",
      reason: "another gateway of the pool was refused (rate-limit)",
    });
    const asked = provider.received.length;
    expect((await load(two.url, { count: 1, atOnce: 1 }))[0]?.status).toBe(429);
    expect(provider.received.length).toBe(asked);
    // Another key is another account, whatever it is called.
    expect((await statusOf("other")).held).toEqual([]);

    // Who comes later reads what was told before.
    await using late = await startMember(folder, "late", settings("late"));
    await until("who comes late knows", async () => (await statusOf("late")).held.length === 1);
    expect((await load(late.url, { count: 1, atOnce: 1 }))[0]?.status).toBe(429);
    expect(provider.received.length).toBe(asked);

    // Nothing in the engine says whose it is.
    const kept = await redis.command("HGETALL", "portico:test:holds");
    for (const secret of [KEY, "provider.test", "mine", "yours", "wait"]) expect(kept).not.toContain(secret);

    refuses = false;
    expect((await load(other.url, { count: 1, atOnce: 1 }))[0]?.status).toBe(200);
    expect((await statusOf("two")).held).toHaveLength(1);
    const log = { info: () => {}, warn: () => {} };
    const mender = await joinPool({
      settings: { ...pool, timeZone: "UTC", whenAway: "share" },
      clock: systemClock,
      log,
    });
    const base = `http://provider.test:${provider.port}/v1`;
    const account = mender.nameOf("account", "custom", base, JSON.stringify(["apiKey", KEY, []]));
    mender.clear({ account, model: "m-1", before: Date.now() });
    for (const name of ["one", "two", "late"]) {
      await until(`${name} is free`, async () => (await statusOf(name)).held.length === 0);
    }
    expect(await redis.command("HGETALL", "portico:test:holds")).not.toContain(account);
    await mender.close();
    expect((await load(two.url, { count: 1, atOnce: 1 }))[0]?.status).toBe(200);
    await provider.close();
  });
});
