/** Limits of client keys under 200 requests at once, over real sockets. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/gateway/common/ports.ts";
import type { SettingsInput } from "../../../src/gateway/settings/settings.ts";
import { createStateFile } from "../../../src/gateway/state/stateFile.ts";
import { fakeClock } from "../../support/clock.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { REPLIES } from "../../support/replies.ts";
import { seededSecret } from "../../support/secrets.ts";
import { sendJson, startUpstream, type Upstream } from "../../support/upstream.ts";

type KeyInput = NonNullable<SettingsInput["keys"]>[number];

const KEY = seededSecret("limited");
const OTHER = seededSecret("other");
const MANY = 200;
/** Its usage is 100 tokens. */
const REPLY = {
  ...REPLIES["openai-chat"],
  usage: { prompt_tokens: 11, completion_tokens: 89, total_tokens: 100 },
};
const CHAT = { model: "m", messages: [{ role: "user", content: "hi" }], max_tokens: 100 };

let upstream: Upstream;
let portico: TestGateway;

async function start(
  limits: Partial<KeyInput>,
  ports: Parameters<typeof startGateway>[1] = {},
  options: Parameters<typeof startGateway>[2] = {},
): Promise<void> {
  portico = await startGateway(
    {
      accounts: [
        {
          id: "work",
          provider: "custom",
          endpoints: { "openai-chat": `${upstream.url}/v1` },
          credentials: { apiKey: seededSecret("upstream") },
          models: ["m"],
        },
      ],
      prices: [{ model: "m", input: 10, output: 10 }],
      keys: [
        { id: "ci", name: "CI", key: KEY, ...limits },
        { id: "other", key: OTHER },
      ],
    },
    ports,
    options,
  );
}

async function ask(key = KEY, body: object = CHAT) {
  const reply = await fetch(`${portico.baseUrl}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": key },
    body: JSON.stringify(body),
  });
  return { status: reply.status, after: reply.headers.get("retry-after"), text: await reply.text() };
}

async function flood(many = MANY) {
  const replies = await Promise.all(Array.from({ length: many }, () => ask()));
  const served = replies.filter(({ status }) => status === 200).length;
  const refused = replies.filter(({ status }) => status === 429);
  expect(served + refused.length).toBe(many);
  for (const { after } of refused) expect(Number(after)).toBeGreaterThan(0);
  return { served, refused };
}

const use = () => portico.gateway.pool.keys.states().map(({ used }) => used);

beforeEach(async () => {
  upstream = await startUpstream((_received, res) => void setTimeout(() => sendJson(res, 200, REPLY), 20));
});
afterEach(async () => {
  await portico.stop();
  await upstream.close();
});

describe("200 requests at once", { timeout: 30_000 }, () => {
  it("keep to the requests per minute, exactly", async () => {
    await start({ perMinute: { requests: 20 } });
    const { served, refused } = await flood();
    expect(served).toBe(20);
    expect(refused[0]?.text).toContain("20 requests per minute");
    expect((await ask(OTHER)).status).toBe(200);
  });

  it("keep to the budget of requests, exactly, and give back what no provider got", async () => {
    await start({ budgets: [{ unit: "requests", per: "day", limit: 50 }] });
    expect((await ask(KEY, { ...CHAT, model: "nobody-has-it" })).status).toBe(404);
    const { served, refused } = await flood();
    expect(served).toBe(50);
    expect(use()).toEqual([50]);
    expect(refused.at(-1)?.text).toContain('The budget of the key \\"CI\\"');
    expect((await ask(OTHER)).status).toBe(200);
    expect(use()).toEqual([50]);
  });

  it("keep to the tokens per minute and the budgets within what is under way", async () => {
    await start({ perMinute: { tokens: 5000 } });
    const byMinute = (await flood()).served;
    // Each claims about 120 and uses 100.
    expect(byMinute).toBeGreaterThanOrEqual(40);
    expect(byMinute).toBeLessThanOrEqual(51);
    await portico.stop();
    await start({ budgets: [{ unit: "tokens", per: "day", limit: 5000 }] });
    await flood();
    expect(use()[0]).toBeLessThanOrEqual(5100);
    await portico.stop();
    // A request costs 0.001 USD.
    await start({ budgets: [{ unit: "usd", per: "day", limit: 0.05 }] });
    await flood();
    expect(use()[0]).toBeGreaterThanOrEqual(0.04);
    expect(use()[0]).toBeLessThanOrEqual(0.051);
  });

  it("are never more at once than the key may have", async () => {
    let most = 0;
    let now = 0;
    upstream.script = (_received, res) => {
      most = Math.max(most, ++now);
      setTimeout(() => {
        now -= 1;
        sendJson(res, 200, REPLY);
      }, 50);
    };
    await start({ atOnce: 7 });
    const { served, refused } = await flood();
    expect(most).toBeLessThanOrEqual(7);
    expect(served).toBeGreaterThanOrEqual(7);
    expect(refused.length).toBeGreaterThan(0);
    // All places are given back.
    await expect.poll(async () => (await ask()).status).toBe(200);
    const again = await Promise.all(Array.from({ length: 7 }, () => ask()));
    expect(again.map(({ status }) => status)).toEqual(Array(7).fill(200));
  });
});

describe("a limit", () => {
  it("per minute is over when its minute is", async () => {
    const { clock, pass } = fakeClock(Date.UTC(2026, 5, 1));
    await start(
      { perMinute: { requests: 2 } },
      { clock: { ...systemClock, now: clock.now, monotonic: clock.monotonic } },
    );
    expect((await ask()).status).toBe(200);
    pass(30_000);
    expect((await ask()).status).toBe(200);
    expect(await ask()).toMatchObject({ status: 429, after: "31" });
    pass(30_000);
    expect((await ask()).status).toBe(429);
    pass(1000);
    expect((await ask()).status).toBe(200);
    expect(await ask()).toMatchObject({ status: 429, after: "30" });
  });

  it("per minute does not count what reached nobody", async () => {
    await start({ perMinute: { requests: 2 }, models: ["m"] });
    for (let i = 0; i < 3; i++) expect((await ask(KEY, { ...CHAT, model: "other" })).status).toBe(403);
    for (let i = 0; i < 2; i++) expect((await ask()).status).toBe(200);
    expect((await ask()).status).toBe(429);
  });

  it("of requests that was refused for its tokens is not claimed for ever", async () => {
    await start({ perMinute: { tokens: 100 }, atOnce: 1 });
    expect((await ask()).status).toBe(200);
    for (let i = 0; i < 3; i++) expect(await ask()).toMatchObject({ status: 429 });
    expect((await ask()).text).toContain("tokens per minute");
  });

  it("of a budget outlives a restart, and so does when the key was used", async () => {
    const folder = makeFolder("key-limits");
    const state = () =>
      createStateFile(`${folder}/state.json`, {
        log: { warn() {} },
        clock: systemClock,
        redact: (text) => text,
      });
    const limits: Partial<KeyInput> = { budgets: [{ unit: "requests", per: "month", limit: 3 }] };
    await start(limits, {}, { state: state() });
    for (let i = 0; i < 2; i++) expect((await ask()).status).toBe(200);
    const at = portico.gateway.pool.keys.lastUsedAt("ci");
    expect(at).toBeGreaterThan(Date.now() - 60_000);
    await portico.stop();
    await start(limits, {}, { state: state() });
    expect(portico.gateway.pool.keys.lastUsedAt("ci")).toBe(at);
    expect((await ask()).status).toBe(200);
    expect((await ask()).status).toBe(429);
    // Another account's budget of the same unit and period is none of its business.
    expect(portico.gateway.pool.budgets.states()).toEqual([]);
    await removeFolder(folder);
  });
});
