/** What one gateway finds out of an account, and another knows: over a real engine, in processes of their own. */
import { fork } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { systemClock } from "../../../src/gateway/common/ports.ts";
import { joinPool } from "../../../src/gateway/pool/shared.ts";
import type { SettingsInput } from "../../../src/gateway/settings/settings.ts";
import { bestOf } from "../../support/bestOf.ts";
import { startGateway } from "../../support/gateway.ts";
import { redisPath, startRedis } from "../../support/redis.ts";
import { REPLIES } from "../../support/replies.ts";
import { startSocksServer } from "../../support/socksServer.ts";
import { type Received, sendJson, startUpstream } from "../../support/upstream.ts";
import { load, POOL, until } from "./here.ts";

vi.setConfig({ testTimeout: 240_000 });

/** Milliseconds. */
const SOON_MS = 50;
const HOLDS = 300;
const KEY = "sk-shared-0123456789";

describe.skipIf(redisPath === undefined)("holds in a pool (needs redis-server)", () => {
  it(`are known to another process within ${SOON_MS} ms, 99 of 100`, async () => {
    await using redis = await startRedis();
    const settings = { ...POOL, url: redis.url };
    const member = fork(
      join(import.meta.dirname, "../../support/poolMember.ts"),
      [JSON.stringify(settings)],
      {
        stdio: ["ignore", "pipe", "inherit", "ipc"],
      },
    );
    const heard = new Map<string, number>();
    let said = "";
    let rest = "";
    member.stdout?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const [account = "", at] = line.split(" ");
        heard.set(account, Number(at));
      }
    });
    await until("the member is there", () => said.includes("ready joined"));
    const log = { info: () => {}, warn: () => {} };
    const pool = await joinPool({ settings, clock: systemClock, log });
    await until("this one as well", () => pool.standing?.state === "joined");
    let round = 0;
    const took = await bestOf(async () => {
      const told = new Map<string, number>();
      round += 1;
      for (let each = 0; each < HOLDS; each++) {
        const account = `account-${round}-${each}`;
        const now = Date.now();
        told.set(account, performance.timeOrigin + performance.now());
        pool.hold({
          ...{ account, condition: "cooling", because: "rate-limit", failures: 1 },
          ...{ since: now, at: now, until: now + 60_000 },
        });
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      await until("all are heard", () => [...told.keys()].every((account) => heard.has(account)));
      const times = [...told].map(([account, at]) => (heard.get(account) ?? 0) - at).sort((a, b) => a - b);
      return times[Math.floor(HOLDS * 0.99)] ?? Number.NaN;
    }, SOON_MS);
    await pool.close();
    member.disconnect();
    expect(took).toBeLessThan(SOON_MS);
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
    const join = async (name: string, given: SettingsInput) => {
      const pool = await joinPool({
        settings: { ...POOL, url: redis.url },
        ...{ clock: systemClock, log: { info: () => {}, warn: () => {} }, name },
      });
      return { pool, gateway: await startGateway(given, {}, { shared: pool }) };
    };
    type Member = Awaited<ReturnType<typeof join>>;
    const ask = async ({ gateway }: Member) =>
      (await load(gateway.baseUrl, { count: 1, atOnce: 1 }))[0]?.status;
    const heldAt = ({ gateway }: Member) => gateway.gateway.pool.standing().flatMap(({ held }) => held);
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
    });
    const [one, two, other] = [
      await join("one", settings("mine")),
      await join("two", settings("yours")),
      await join("other", settings("mine", "sk-another-0123456789")),
    ];
    await until("they know each other", () => one.pool.standing?.gateways.length === 3);

    expect(await ask(one)).toBe(429);
    await until("the other knows", () => heldAt(two).length === 1);
    expect(heldAt(two)).toMatchObject([
      { account: "yours", reason: "another gateway of the pool was refused (rate-limit)" },
    ]);
    const asked = provider.received.length;
    expect(await ask(two)).toBe(429);
    expect(provider.received.length).toBe(asked);
    // Another key is another account, whatever it is called.
    expect(heldAt(other)).toEqual([]);

    // Who comes later reads what was told before.
    const late = await join("late", settings("late"));
    await until("who comes late knows", () => heldAt(late).length === 1);
    expect(await ask(late)).toBe(429);
    expect(provider.received.length).toBe(asked);

    // Nothing in the engine says whose it is.
    const kept = await redis.command("HGETALL", "portico:test:holds");
    for (const secret of [KEY, "provider.test", "mine", "yours", "wait"]) expect(kept).not.toContain(secret);

    refuses = false;
    expect(await ask(other)).toBe(200);
    expect(heldAt(two)).toHaveLength(1);
    // One was seen to work, by a person who tested it.
    one.gateway.gateway.mended("mine");
    for (const each of [two, late]) await until("all are free", () => heldAt(each).length === 0);
    await until(
      "so is who comes next",
      async () => !(await redis.command("HGETALL", "portico:test:holds")).includes("hold"),
    );
    expect(await ask(two)).toBe(200);

    for (const { gateway, pool } of [one, two, other, late]) {
      await gateway.stop();
      await pool.close();
    }
    await provider.close();
  });
});
