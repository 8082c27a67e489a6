/** Client keys over real sockets and the official SDKs: who may call, what for, and what is whose. */
import Anthropic from "@anthropic-ai/sdk";
import { ApiError, GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { hashOf, newKey } from "../../../src/gateway/common/clientSecret.ts";
import { type SettingsInput, settingsSchema } from "../../../src/gateway/settings/settings.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { REPLIES, STREAMS } from "../../support/replies.ts";
import { seededSecret } from "../../support/secrets.ts";
import { sendJson, sendStream, startUpstream, type Upstream } from "../../support/upstream.ts";

type KeyInput = NonNullable<SettingsInput["keys"]>[number];

const KEY = seededSecret("client-key");
const OTHER = seededSecret("other-key");
const OWNER = seededSecret("owner-key");
const LABEL = "Someone's private account";

let upstream: Upstream;
let portico: TestGateway;

const account = (id: string, more: object = {}) => ({
  id,
  provider: "custom" as const,
  label: LABEL,
  endpoints: { "openai-chat": `${upstream.url}/v1` },
  credentials: { apiKey: seededSecret("upstream") },
  models: ["m", "n"],
  ...more,
});

async function start(key: Partial<KeyInput> = {}, more: SettingsInput = {}): Promise<void> {
  portico = await startGateway({
    auth: { apiKey: OWNER },
    accounts: [account("work"), account("home")],
    keys: [
      { id: "ci", name: "CI", key: KEY, ...key },
      { id: "other", key: hashOf(OTHER) },
    ],
    ...more,
  });
}

async function change(more: SettingsInput): Promise<void> {
  await portico.gateway.apply(
    settingsSchema.parse({
      port: portico.port,
      accounts: [account("work")],
      scheduling: { waitMs: 0 },
      ...more,
    }),
  );
}

const CHAT = { model: "m", messages: [{ role: "user" as const, content: "hi" }] };

async function ask(
  key: string | undefined = KEY,
  { headers = {}, body = CHAT as object, path = "/v1/chat/completions", method = "POST", json = true } = {},
) {
  const reply = await fetch(`${portico.baseUrl}${path}`, {
    method,
    headers: {
      "content-type": "application/json",
      ...(key === "" ? {} : { authorization: `Bearer ${key}` }),
      ...headers,
    },
    ...(method === "GET" ? {} : { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  return {
    status: reply.status,
    text,
    headers: reply.headers,
    json: (json ? JSON.parse(text) : {}) as Record<string, unknown>,
  };
}

/** One question by each official SDK, each with its key where it puts it. */
const SDKS: Record<string, (key: string, model?: string) => Promise<unknown>> = {
  openai: (apiKey, model = "m") =>
    new OpenAI({ apiKey, baseURL: `${portico.baseUrl}/v1`, maxRetries: 0 }).chat.completions.create({
      ...CHAT,
      model,
    }),
  responses: (apiKey, model = "m") =>
    new OpenAI({ apiKey, baseURL: `${portico.baseUrl}/v1`, maxRetries: 0 }).responses.create({
      model,
      input: "hi",
    }),
  anthropic: (apiKey, model = "m") =>
    new Anthropic({ apiKey, baseURL: portico.baseUrl, maxRetries: 0 }).messages.create({
      ...CHAT,
      model,
      max_tokens: 10,
    }),
  gemini: (apiKey, model = "m") =>
    new GoogleGenAI({ apiKey, httpOptions: { baseUrl: portico.baseUrl } }).models.generateContent({
      model,
      contents: "hi",
    }),
};

/** What each SDK throws, as its status and what its protocol calls that. */
async function refusal(asked: Promise<unknown>) {
  const error: unknown = await asked.then(
    () => expect.fail("it was answered"),
    (thrown: unknown) => thrown,
  );
  if (error instanceof OpenAI.APIError) {
    return {
      status: error.status as number,
      kind: error.type,
      message: error.message,
      after: error.headers?.get("retry-after"),
    };
  }
  if (error instanceof Anthropic.APIError) {
    const { error: inner } = error.error as { error: { type: string; message: string } };
    return {
      status: error.status as number,
      kind: inner.type,
      message: inner.message,
      after: error.headers?.get("retry-after"),
    };
  }
  if (error instanceof ApiError) {
    const { error: inner } = JSON.parse(error.message) as { error: { status: string; message: string } };
    return { status: error.status, kind: inner.status, message: inner.message };
  }
  throw error;
}

beforeEach(async () => {
  upstream = await startUpstream((received, res) =>
    received.body.includes('"stream":true')
      ? sendStream(res, STREAMS["openai-chat"])
      : sendJson(res, 200, REPLIES["openai-chat"]),
  );
});
afterEach(async () => {
  await portico.stop();
  await upstream.close();
});

describe.each(Object.keys(SDKS))("the SDK of %s", (name) => {
  const sdk = SDKS[name] as (typeof SDKS)[string];

  it.each(["off", "auto", "all_except_health", "strict"] as const)(
    "is let in with a key in mode %s",
    async (mode) => {
      await start({}, { auth: { apiKey: OWNER, mode } });
      await sdk(KEY);
      await sdk(OWNER);
      expect(portico.records.map(({ key, status }) => [key, status])).toEqual([
        ["ci", 200],
        [undefined, 200],
      ]);
      // The provider gets the account's key and no other.
      expect(upstream.received.every(({ rawHeaders }) => !rawHeaders.join().includes(KEY))).toBe(true);
      if (mode === "off" || mode === "auto") return void (await sdk("never-heard-of-it"));
      expect(await refusal(sdk("never-heard-of-it"))).toMatchObject({ status: 401 });
    },
  );

  it.each<[string, Partial<KeyInput>, RegExp]>([
    ["expired", { expiresAt: "2020-01-31" }, /"CI"\) expired at 2020-01-31/],
    ["switched off", { enabled: false }, /"CI"\) is switched off/],
  ])("hears 401 with a key that is %s, in mode off as well", async (_what, key, words) => {
    await start(key);
    const refused = await refusal(sdk(KEY));
    expect(refused).toMatchObject({ status: 401, message: expect.stringMatching(words) as string });
    expect(refused.message).toContain(`sk-portico-…${KEY.slice(-4)}`);
    expect(upstream.received).toHaveLength(0);
  });

  it("hears 401 with a key that was revoked, and 403 from elsewhere", async () => {
    await start({}, { keys: [], revokedKeys: [hashOf(KEY)] });
    expect(await refusal(sdk(KEY))).toMatchObject({ status: 401 });
    await change({ keys: [{ id: "ci", key: KEY, from: ["10.0.0.0/8", "fd00::/8", "192.168.1.7"] }] });
    const elsewhere = await refusal(sdk(KEY));
    expect(elsewhere).toMatchObject({ status: 403, message: expect.stringContaining("127.0.0.1") as string });
    await change({ keys: [{ id: "ci", key: KEY, from: ["10.0.0.0/8", "127.0.0.0/8"] }] });
    await sdk(KEY);
    // Ranges of IPv4 as IPv6 spells them.
    for (const from of ["::ffff:127.0.0.1", "::ffff:127.0.0.0/104", "::ffff:7f00:0/104", "::ffff:0:0/96"]) {
      await change({ keys: [{ id: "ci", key: KEY, from: [from] }] });
      await sdk(KEY);
    }
    for (const from of ["::ffff:10.0.0.0/104", "::1"]) {
      await change({ keys: [{ id: "ci", key: KEY, from: [from] }] });
      expect(await refusal(sdk(KEY))).toMatchObject({ status: 403 });
    }
  });

  it("hears 403 for a model that the key may not use, as asked and before routes", async () => {
    const routes = [{ model: "fast", to: ["m"] }];
    await start({ models: ["fast", "n*"] }, { routes });
    await sdk(KEY, "fast");
    await sdk(KEY, "n");
    const refused = await refusal(sdk(KEY, "m"));
    const kinds: Record<string, string> = { anthropic: "permission_error", gemini: "PERMISSION_DENIED" };
    expect(refused).toMatchObject({ status: 403, message: expect.stringContaining('"m"') as string });
    expect(refused.kind).toBe(kinds[name] ?? "invalid_request_error");
    await sdk(OWNER, "m");
    await change({ keys: [{ id: "ci", key: KEY, models: [] }] });
    expect(await refusal(sdk(KEY, "m"))).toMatchObject({ status: 403 });
  });

  it("hears 429 with when to come back", async () => {
    await start({ perMinute: { requests: 1 } });
    await sdk(KEY);
    const refused = await refusal(sdk(KEY));
    expect(refused).toMatchObject({
      status: 429,
      message: expect.stringContaining("1 requests per minute") as string,
    });
    if ("after" in refused) expect(Number(refused.after)).toBeGreaterThan(50);
    else expect(refused.kind).toBe("RESOURCE_EXHAUSTED");
    await sdk(OWNER);
    await sdk(OTHER);
  });
});

describe("a key", () => {
  it("sees the models that it may use, in each list", async () => {
    await start({ models: ["n", "fast"] }, { routes: [{ model: "fast", to: ["m"] }] });
    const idsOf = (json: Record<string, unknown>) =>
      ((json["data"] ?? json["models"]) as { id?: string; name?: string }[]).map(
        ({ id, name }) => id ?? name,
      );
    const list = async (path: string, headers = {}) =>
      idsOf((await ask(KEY, { path, method: "GET", headers })).json);
    expect(await list("/v1/models")).toEqual(["fast", "n"]);
    expect(await list("/v1beta/models")).toEqual(["models/fast", "models/n"]);
    const anthropic = await ask(KEY, {
      path: "/v1/models",
      method: "GET",
      headers: { "anthropic-version": "2023-06-01" },
    });
    expect(idsOf(anthropic.json)).toContain("n");
    expect(anthropic.text).not.toMatch(/work|home|"m"/);
    expect((await ask(KEY, { path: "/v1/models/n", method: "GET" })).status).toBe(200);
    expect((await ask(KEY, { path: "/v1/models/m", method: "GET" })).status).toBe(404);
    expect(idsOf((await ask(OWNER, { path: "/v1/models", method: "GET" })).json)).toContain("m");
    await change({ keys: [{ id: "ci", key: KEY, accounts: [] }] });
    expect(await list("/v1/models")).toEqual([]);
  });

  it("reaches its accounts alone, by whichever name", async () => {
    await start({ accounts: ["home"] });
    for (let i = 0; i < 4; i++) expect((await ask()).status).toBe(200);
    expect((await ask(KEY, { body: { ...CHAT, model: "home/m" } })).status).toBe(200);
    expect((await ask(KEY, { headers: { "x-portico-account": "home" } })).status).toBe(200);
    const answered = portico.records.map(({ account }) => account);
    expect(new Set(answered)).toEqual(new Set(["home"]));
    expect((await ask(KEY, { body: { ...CHAT, model: "work/m" } })).status).toBe(404);
    const named = await ask(KEY, { headers: { "x-portico-account": "work" } });
    expect(named).toMatchObject({ status: 404, text: expect.stringContaining("no such account") as string });
    expect(named.text).toContain("one of: home.");
    expect((await ask(OWNER, { headers: { "x-portico-account": "work" } })).status).toBe(200);
  });

  it("with limits is not told what accounts are called", async () => {
    await start({ atOnce: 5 });
    const told = await ask();
    expect(told.headers.get("x-portico-account")).toBeNull();
    expect(told.headers.get("x-portico-model")).toBe("m");
    expect((await ask(OWNER)).headers.get("x-portico-account")).not.toBeNull();
    expect((await ask(OTHER)).headers.get("x-portico-account")).not.toBeNull();
    upstream.script = (_received, res) =>
      sendJson(res, 401, { error: { message: "Incorrect API key provided" } });
    const limited = await ask();
    const full = await ask(OTHER);
    expect(full.text).toContain(LABEL);
    for (const refused of [
      limited,
      await ask(),
      await ask(KEY, { headers: { "x-portico-account": "nobody" } }),
    ]) {
      expect(refused.status).toBeGreaterThanOrEqual(400);
      expect(refused.text).not.toMatch(/private account|\bwork\b|\bhome\b/);
    }
    // The owner's records say it all.
    expect(JSON.stringify(portico.records)).toContain(LABEL);
  });

  it("does not get the metrics, which are the owner's and count by key", async () => {
    await start({ models: ["m"] });
    await ask();
    await ask(KEY, { body: { ...CHAT, model: "n" } });
    const { text } = await ask(OWNER, { path: "/metrics", method: "GET", json: false });
    expect(text).toContain('portico_key_requests_total{key="ci",outcome="ok"} 1');
    expect(text).toContain('portico_key_requests_total{key="ci",outcome="failed"} 1');
    const get = async (key: string) =>
      (await fetch(`${portico.baseUrl}/metrics`, { headers: key === "" ? {} : { "x-api-key": key } })).status;
    expect(await get(KEY)).toBe(403);
    expect(await get(OWNER)).toBe(200);
    expect(await get("")).toBe(200);
  });

  it("of whoever calls without one is `local`, where that has limits", async () => {
    await start(
      {},
      {
        keys: [
          { id: "local", models: ["n"] },
          { id: "ci", key: KEY },
        ],
      },
    );
    expect((await ask("")).status).toBe(403);
    expect((await ask("unknown")).status).toBe(403);
    expect((await ask("", { body: { ...CHAT, model: "n" } })).status).toBe(200);
    expect((await ask(KEY)).status).toBe(200);
    expect((await ask(OWNER)).status).toBe(200);
    expect(portico.records.map(({ key }) => key)).toEqual(["local", "local", "local", "ci", undefined]);
  });

  it("that was replaced counts until its grace is over", async () => {
    const next = newKey();
    await start({ key: next, previous: { key: hashOf(KEY), until: Date.now() + 60_000 } });
    expect((await ask(KEY)).status).toBe(200);
    expect((await ask(next)).status).toBe(200);
    await change({ keys: [{ id: "ci", key: next, previous: { key: hashOf(KEY), until: Date.now() - 1 } }] });
    expect(await ask(KEY)).toMatchObject({
      status: 401,
      text: expect.stringContaining("replaced") as string,
    });
    expect((await ask(next)).status).toBe(200);
  });
});

describe("what a key made is its own", () => {
  const get = (key: string, path: string, method = "GET") => ask(key, { path, method, body: {} });

  it("stored responses, their input, and what is built on them", async () => {
    await start();
    const made = await ask(KEY, { path: "/v1/responses", body: { model: "m", input: "mine" } });
    const id = String(made.json["id"]);
    expect((await get(KEY, `/v1/responses/${id}`)).status).toBe(200);
    const items = await get(KEY, `/v1/responses/${id}/input_items`);
    expect(items.text).toContain("mine");
    const [item] = items.json["data"] as { id: string }[];
    for (const stranger of [OTHER, OWNER, ""]) {
      expect((await get(stranger, `/v1/responses/${id}`)).status).toBe(404);
      expect((await get(stranger, `/v1/responses/${id}/input_items`)).status).toBe(404);
      expect((await get(stranger, `/v1/responses/ci%20${id}`)).status).toBe(404);
      expect((await get(stranger, `/v1/responses/${id}`, "DELETE")).status).toBe(404);
      const built = await ask(stranger, {
        path: "/v1/responses",
        body: { model: "m", input: "x", previous_response_id: id },
      });
      expect(built).toMatchObject({ status: 400, text: expect.stringContaining("not found") as string });
      const referring = { model: "m", input: [{ type: "item_reference", id: item?.id }] };
      expect((await ask(stranger, { path: "/v1/responses", body: referring })).status).toBe(400);
    }
    const owners = await ask(OWNER, { path: "/v1/responses", body: { model: "m", input: "the owner's" } });
    expect((await get(KEY, `/v1/responses/${String(owners.json["id"])}`)).status).toBe(404);
    expect((await get("", `/v1/responses/${String(owners.json["id"])}`)).status).toBe(200);
    const more = await ask(KEY, {
      path: "/v1/responses",
      body: { model: "m", input: "x", previous_response_id: id },
    });
    expect(more.status).toBe(200);
    expect(upstream.received.at(-1)?.body.toString()).toContain("mine");
    expect((await get(KEY, `/v1/responses/${id}`, "DELETE")).status).toBe(200);
  });

  it("conversations", async () => {
    await start();
    const item = { type: "message", role: "user", content: "mine" };
    const made = await ask(KEY, { path: "/v1/conversations", body: { items: [item] } });
    const path = `/v1/conversations/${String(made.json["id"])}`;
    expect((await get(KEY, `${path}/items`)).text).toContain("mine");
    for (const stranger of [OTHER, OWNER, ""]) {
      for (const what of [path, `${path}/items`]) expect((await get(stranger, what)).status).toBe(404);
      expect((await get(stranger, path, "DELETE")).status).toBe(404);
      const body = { model: "m", input: "x", conversation: made.json["id"] };
      expect((await ask(stranger, { path: "/v1/responses", body })).status).toBe(404);
    }
    expect((await get(KEY, path, "DELETE")).status).toBe(200);
  });

  it("ids that a provider keeps, whose account others use as well", async () => {
    await start(
      {},
      { accounts: [account("work", { endpoints: { "openai-responses": `${upstream.url}/v1` } })] },
    );
    upstream.script = (_received, res) => sendJson(res, 200, REPLIES["openai-responses"]);
    const { id } = (await ask(KEY, { path: "/v1/responses", body: { model: "m", input: "mine" } })).json;
    expect((await get(KEY, `/v1/responses/${String(id)}`)).status).toBe(200);
    const before = upstream.received.length;
    for (const stranger of [OTHER, OWNER, ""]) {
      expect((await get(stranger, `/v1/responses/${String(id)}`)).status).toBe(404);
      const body = { model: "m", input: "x", previous_response_id: id };
      expect((await ask(stranger, { path: "/v1/responses", body })).status).toBe(400);
    }
    // What nobody made here the owner may ask for, as ever; a key may not.
    expect((await get(KEY, "/v1/responses/resp_never")).status).toBe(404);
    expect(upstream.received).toHaveLength(before);
    expect((await get(OWNER, "/v1/responses/resp_never")).status).toBe(200);
    // And so after a restart.
    const saved: unknown = JSON.parse(JSON.stringify(portico.gateway.pool.bindings.snapshot()));
    expect(saved).toContainEqual([id, "work", "ci"]);
    portico.gateway.pool.bindings.restore(saved);
    expect((await get(OTHER, `/v1/responses/${String(id)}`)).status).toBe(404);
  });

  it("sticky conversations: two keys with the same opening are two", async () => {
    await start();
    const session = { headers: { "x-session-id": "same" } };
    for (const key of [KEY, OTHER, OWNER, ""]) await ask(key, session);
    const [ci, other, owner, local] = portico.records.map((record) => record.session);
    expect(new Set([ci, other, owner]).size).toBe(3);
    expect(local).toBe(owner);
  });
});

describe("a WebSocket", () => {
  /** @param key as the bearer token; empty: none */
  async function open(key: string) {
    const socket = new WebSocket(`${portico.baseUrl.replace("http", "ws")}/v1/responses`, {
      headers: key === "" ? {} : { authorization: `Bearer ${key}` },
    });
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    const create = (model = "m") =>
      new Promise<Record<string, unknown>>((resolve) => {
        const onMessage = (data: Buffer) => {
          const event = JSON.parse(data.toString()) as Record<string, unknown>;
          if (event["type"] !== "response.completed" && event["type"] !== "error") return;
          socket.off("message", onMessage);
          resolve(event);
        };
        socket.on("message", onMessage);
        socket.send(JSON.stringify({ type: "response.create", model, input: "hi" }));
      });
    return { create, close: () => socket.close() };
  }
  /** Records of what was asked over WebSockets. */
  const served = () => portico.records.filter(({ method }) => method === "WS");
  const COMPLETED = { type: "response.completed" };
  const UNAUTHORIZED = { type: "error", status: 401 };

  it("has the limits of its key, also of one that is revoked meanwhile", async () => {
    await start({ models: ["m"] });
    const { create, close } = await open(KEY);
    expect(await create("m")).toMatchObject(COMPLETED);
    expect(await create("n")).toMatchObject({ type: "error", status: 403 });
    await change({ keys: [], revokedKeys: [hashOf(KEY)] });
    expect(await create("m")).toMatchObject(UNAUTHORIZED);
    expect(served().map(({ status, attempts }) => [status, attempts.length])).toEqual([
      [200, 1],
      [403, 0],
      [401, 0],
    ]);
    close();
  });

  it("of a key that was replaced is served until its grace is over", async () => {
    const next = newKey();
    await start();
    const { create, close } = await open(KEY);
    const replaced = (until: number) => ({ id: "ci", key: next, previous: { key: hashOf(KEY), until } });
    await change({ keys: [replaced(Date.now() + 60_000)] });
    expect(await create()).toMatchObject(COMPLETED);
    await change({ keys: [replaced(Date.now() - 1)] });
    expect(await create()).toMatchObject(UNAUTHORIZED);
    await change({ keys: [{ id: "ci", key: next }], revokedKeys: [hashOf(KEY)] });
    expect(await create()).toMatchObject(UNAUTHORIZED);
    close();
  });

  it("of the gateway's own key is served as long as that is the key", async () => {
    const strict = (apiKey: string) => ({ auth: { mode: "strict" as const, apiKey } });
    await start({}, strict(OWNER));
    const { create, close } = await open(OWNER);
    await change(strict(OWNER));
    expect(await create()).toMatchObject(COMPLETED);
    await change(strict(seededSecret("next-owner-key")));
    expect(await create()).toMatchObject(UNAUTHORIZED);
    close();
  });

  it("without a key has the limits that there are for it now", async () => {
    await start();
    const { create, close } = await open("");
    expect(await create("m")).toMatchObject(COMPLETED);
    await change({ keys: [{ id: "local", models: ["n"] }] });
    expect(await create("m")).toMatchObject({ type: "error", status: 403 });
    expect(await create("n")).toMatchObject(COMPLETED);
    await change({ keys: [] });
    expect(await create("m")).toMatchObject(COMPLETED);
    expect(served().map(({ key }) => key)).toEqual([undefined, "local", "local", undefined]);
    close();
  });

  it("is refused to a key that counts no longer", async () => {
    await start({ enabled: false });
    const socket = new WebSocket(`${portico.baseUrl.replace("http", "ws")}/v1/responses`, {
      headers: { authorization: `Bearer ${KEY}` },
    });
    const error = await new Promise<Error>((resolve) => socket.once("error", resolve));
    expect(error.message).toContain("401");
  });
});
