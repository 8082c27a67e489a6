/** A client that comes to another gateway of the pool: its conversation, and what it built, are where they were. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../../src/gateway/common/ports.ts";
import type { PoolPort } from "../../../src/gateway/pool/port.ts";
import { joinPool } from "../../../src/gateway/pool/shared.ts";
import type { SettingsInput } from "../../../src/gateway/settings/settings.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { type Redis, redisPath, startRedis } from "../../support/redis.ts";
import { REPLIES } from "../../support/replies.ts";
import { type SocksServer, startSocksServer } from "../../support/socksServer.ts";
import { sendJson, startUpstream, type Upstream } from "../../support/upstream.ts";
import { POOL, until } from "./here.ts";

vi.setConfig({ testTimeout: 120_000 });

const KEYS = ["sk-first-0123456789", "sk-second-0123456789"];

describe.skipIf(redisPath === undefined)("at another gateway of the pool (needs redis-server)", () => {
  let redis: Redis;
  let socks: SocksServer;
  let provider: Upstream;
  let pools: PoolPort[] = [];
  let gateways: TestGateway[] = [];
  /** Responses by who made them. */
  const made = new Map<string, string>();

  beforeEach(async () => {
    redis = await startRedis();
    socks = await startSocksServer();
    let count = 0;
    provider = await startUpstream(({ url, headers, method }, res) => {
      const key = String(headers.authorization).replace("Bearer ", "");
      if (url.endsWith("/chat/completions")) return sendJson(res, 200, REPLIES["openai-chat"]);
      const [, asked] = /\/responses\/(\w+)$/.exec(url) ?? [];
      if (method === "GET") {
        const mine = asked !== undefined && made.get(asked) === key;
        return sendJson(
          res,
          mine ? 200 : 404,
          mine ? { id: asked } : { error: { message: "no such response" } },
        );
      }
      const id = `resp_${++count}`;
      made.set(id, key);
      sendJson(res, 200, { ...REPLIES["openai-responses"], id });
    });
    pools = [];
    gateways = [];
    for (const name of ["a", "b"]) {
      const pool = await joinPool({
        settings: { ...POOL, url: redis.url },
        ...{ clock: systemClock, log: { info: () => {}, warn: () => {} }, name },
      });
      pools.push(pool);
      gateways.push(await startGateway(settings(name), {}, { shared: pool }));
    }
  });
  afterEach(async () => {
    for (const gateway of gateways) await gateway.stop();
    await Promise.all(pools.map((pool) => pool.close()));
    await provider.close();
    await socks[Symbol.asyncDispose]();
    await redis[Symbol.asyncDispose]();
  });

  /** The same accounts, by other names. */
  const settings = (name: string): SettingsInput => ({
    accounts: KEYS.map((apiKey, at) => ({
      id: `${name}-${at}`,
      provider: "custom",
      priority: -at,
      endpoints: {
        "openai-chat": `http://provider.test:${provider.port}/v1`,
        "openai-responses": `http://provider.test:${provider.port}/v1`,
      },
      proxy: `socks5://127.0.0.1:${socks.port}`,
      credentials: { apiKey },
      models: ["m-1"],
    })),
    keys: [{ id: "limited", key: "sk-portico-limited-0123456789" }],
  });

  const send = async (
    at: number,
    path: string,
    body: object | undefined,
    headers: Record<string, string> = {},
  ) => {
    const reply = await fetch(`${gateways[at]?.baseUrl}${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const json = (await reply.json()) as { id?: string };
    return { status: reply.status, id: json.id, account: reply.headers.get("x-portico-account") };
  };
  const chat = (at: number, session: string, headers: Record<string, string> = {}) =>
    send(
      at,
      "/v1/chat/completions",
      { model: "m-1", messages: [{ role: "user", content: "Hello" }] },
      { "x-session-id": session, ...headers },
    );

  it("a conversation goes on with its account", async () => {
    expect((await chat(0, "one", { "x-portico-account": "a-1" })).account).toBe("a-1");
    await until("it was told", async () =>
      (await redis.command("KEYS", "portico:test:place:*")).includes("place"),
    );
    expect((await chat(1, "one")).account).toBe("b-1");
    // Another one is as any.
    expect((await chat(1, "two")).account).toBe("b-0");
    // Who once had it here does not ask again.
    expect((await chat(0, "one")).account).toBe("a-1");
  });

  it("what was made is asked for where it was made, and is its maker's alone", async () => {
    const first = await send(
      0,
      "/v1/responses",
      { model: "m-1", input: "Hello" },
      { "x-portico-account": "a-1" },
    );
    expect(first.status).toBe(200);
    await until("it was told", async () =>
      (await redis.command("KEYS", "portico:test:place:*")).includes("place"),
    );
    expect((await send(1, `/v1/responses/${first.id}`, undefined)).status).toBe(200);
    const next = { model: "m-1", input: "And?", previous_response_id: first.id };
    expect((await send(1, "/v1/responses", next)).account).toBe("b-1");
    const stranger = { authorization: "Bearer sk-portico-limited-0123456789" };
    expect((await send(1, `/v1/responses/${first.id}`, undefined, stranger)).status).toBe(404);
  });

  it("waits a moment at most where the engine is frozen", async () => {
    await chat(1, "warm");
    redis.freeze();
    const began = performance.now();
    expect((await chat(1, "new")).status).toBe(200);
    expect(performance.now() - began).toBeLessThan(250);
    redis.thaw();
  });
});
