/** Every refusal of a client key as each official SDK hears it, streamed or not: status, the protocol's own word, when to come back. */
import Anthropic from "@anthropic-ai/sdk";
import { ApiError, GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hashOf } from "../../../src/gateway/common/clientSecret.ts";
import type { SettingsInput } from "../../../src/gateway/settings/settings.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { REPLIES, STREAMS } from "../../support/replies.ts";
import { seededSecret } from "../../support/secrets.ts";
import { sendJson, sendStream, startUpstream, type Upstream } from "../../support/upstream.ts";

type KeyInput = NonNullable<SettingsInput["keys"]>[number];

const KEY = seededSecret("refused");
const OWNER = seededSecret("owner");
const LABEL = "Someone's private account";
/** What the SDK of Google shows of an error has no headers: they are read off the wire. */
let lastReply: Headers;

let upstream: Upstream;
let portico: TestGateway;

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

async function start(settings: SettingsInput): Promise<void> {
  portico = await startGateway({
    auth: { apiKey: OWNER, mode: "strict" },
    accounts: ["work", "home"].map((id) => ({
      id,
      label: LABEL,
      provider: "custom",
      endpoints: { "openai-chat": `${upstream.url}/v1` },
      credentials: { apiKey: seededSecret("upstream") },
      models: id === "work" ? ["m", "n"] : ["n"],
    })),
    prices: [{ model: "*", input: 10, output: 10 }],
    ...settings,
  });
}

const seen = async (input: Parameters<typeof fetch>[0], init?: Parameters<typeof fetch>[1]) => {
  const reply = await fetch(input, init);
  lastReply = reply.headers;
  return reply;
};

type Ask = (key: string, stream: boolean) => Promise<unknown>;
const everyPart = async (parts: AsyncIterable<unknown>) => {
  for await (const _part of parts);
};
const openai = (apiKey: string) =>
  new OpenAI({ apiKey, baseURL: `${portico.baseUrl}/v1`, maxRetries: 0, fetch: seen });
const anthropic = (apiKey: string) =>
  new Anthropic({ apiKey, baseURL: portico.baseUrl, maxRetries: 0, fetch: seen });
const google = (apiKey: string) => new GoogleGenAI({ apiKey, httpOptions: { baseUrl: portico.baseUrl } });
const messages = [{ role: "user" as const, content: "hi" }];

const SDKS: Readonly<Record<string, Ask>> = {
  async chat(key, stream) {
    const made = await openai(key).chat.completions.create({ model: "m", messages, stream });
    if ("controller" in made) await everyPart(made);
  },
  async responses(key, stream) {
    const made = await openai(key).responses.create({ model: "m", input: "hi", stream });
    if (Symbol.asyncIterator in made) await everyPart(made);
  },
  async anthropic(key, stream) {
    const made = await anthropic(key).messages.create({ model: "m", messages, max_tokens: 9, stream });
    if (Symbol.asyncIterator in made) await everyPart(made);
  },
  async gemini(key, stream) {
    const { models } = google(key);
    const request = { model: "m", contents: "hi" };
    if (stream) await everyPart(await models.generateContentStream(request));
    else await models.generateContent(request);
  },
};

/** OpenAI has no other word for a key that is wrong, or may not. */
const OPENAI = {
  401: "invalid_request_error",
  403: "invalid_request_error",
  429: /rate_limit|insufficient_quota/,
};
/** The word that each protocol has for a refusal. */
const WORDS: Readonly<Record<string, Readonly<Record<401 | 403 | 429, string | RegExp>>>> = {
  chat: OPENAI,
  responses: OPENAI,
  anthropic: { 401: "authentication_error", 403: "permission_error", 429: "rate_limit_error" },
  gemini: { 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 429: "RESOURCE_EXHAUSTED" },
};

interface Refusal {
  readonly status: number | undefined;
  readonly word: unknown;
  readonly message: string;
}

async function refusal(asked: Promise<unknown>): Promise<Refusal> {
  const error: unknown = await asked.then(
    () => expect.fail("it was answered"),
    (thrown: unknown) => thrown,
  );
  if (error instanceof OpenAI.APIError)
    return { status: error.status, word: error.type, message: error.message };
  if (error instanceof Anthropic.APIError) {
    const { error: inner } = error.error as { error: { type: string; message: string } };
    return { status: error.status, word: inner.type, message: inner.message };
  }
  if (error instanceof ApiError) {
    const { error: inner } = JSON.parse(error.message) as { error: { status: string; message: string } };
    return { status: error.status, word: inner.status, message: inner.message };
  }
  throw error;
}

interface Case {
  readonly limits?: Partial<KeyInput>;
  readonly settings?: SettingsInput;
  readonly status: 401 | 403 | 429;
  readonly says: RegExp;
  /** Requests before that are answered. */
  readonly before?: number;
  /** Seconds in which to come back, from and to. */
  readonly after?: readonly [number, number];
}

const DAY = 86_400;
const CASES: Readonly<Record<string, Case>> = {
  unknown: { settings: { keys: [] }, status: 401, says: /key/ },
  expired: { limits: { expiresAt: "2020-01-31" }, status: 401, says: /expired at 2020-01-31/ },
  "switched off": { limits: { enabled: false }, status: 401, says: /switched off/ },
  revoked: { settings: { keys: [], revokedKeys: [hashOf(KEY)] }, status: 401, says: /revoked/ },
  replaced: {
    limits: { key: "sk-portico-another-one-altogether", previous: { key: hashOf(KEY), until: 1 } },
    status: 401,
    says: /replaced/,
  },
  model: { limits: { models: ["n"] }, status: 403, says: /may not use the model "m"/ },
  "no model at all": { limits: { models: [] }, status: 403, says: /may not use the model "m"/ },
  address: { limits: { from: ["10.0.0.0/8"] }, status: 403, says: /may not be used from 127\.0\.0\.1/ },
  "requests per minute": {
    ...{ limits: { perMinute: { requests: 2 } }, before: 2, status: 429, after: [50, 61] },
    says: /2 requests per minute/,
  },
  "tokens per minute": {
    ...{ limits: { perMinute: { tokens: 1 } }, before: 1, status: 429, after: [50, 61] },
    says: /1 tokens per minute/,
  },
  "at once": {
    ...{ limits: { atOnce: 0 }, status: 429, after: [1, 1] },
    says: /0 requests under way/,
  },
  ...Object.fromEntries(
    (["requests", "tokens", "usd"] as const).map((unit) => [
      `budget of ${unit}`,
      {
        limits: { budgets: [{ unit, per: "day", limit: unit === "usd" ? 1e-9 : 1 }] },
        ...{ before: 1, status: 429, after: [1, DAY + 1] },
        says: /The budget of the key "CI" is used up/,
      } satisfies Case,
    ]),
  ),
};

describe.each(Object.keys(SDKS))("the SDK of %s", (name) => {
  const sdk = SDKS[name] as Ask;

  it.each(Object.keys(CASES))("hears of: %s", async (what) => {
    const { limits, settings, status, says, before = 0, after } = CASES[what] as Case;
    await start({ keys: [{ id: "ci", name: "CI", key: KEY, ...limits }], ...settings });
    for (let i = 0; i < before; i++) await sdk(KEY, i % 2 === 1);
    const reached = upstream.received.length;
    for (const stream of [false, true]) {
      const refused = await (name === "gemini" ? offTheWire(stream) : refusal(sdk(KEY, stream)));
      expect(refused).toMatchObject({ status, message: expect.stringMatching(says) as string });
      expect(refused.word).toMatch(WORDS[name]?.[status] ?? "");
      expect(refused.message).not.toContain(KEY);
      const told = lastReply.get("retry-after");
      if (after === undefined) expect(told).toBeNull();
      else {
        expect(Number(told)).toBeGreaterThanOrEqual(after[0]);
        expect(Number(told)).toBeLessThanOrEqual(after[1]);
      }
    }
    if (name === "gemini") expect(await refusal(sdk(KEY, false))).toMatchObject({ status });
    expect(upstream.received).toHaveLength(reached);
    // Nobody else is any the worse for it.
    await sdk(OWNER, false);
  });

  /** As the SDK of Google asks, whose errors have no headers. */
  async function offTheWire(stream: boolean): Promise<Refusal> {
    const method = stream ? "streamGenerateContent?alt=sse" : "generateContent";
    const reply = await seen(`${portico.baseUrl}/v1beta/models/m:${method}`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-goog-api-key": KEY },
      body: JSON.stringify({ contents: [{ role: "user", parts: [{ text: "hi" }] }] }),
    });
    const { error } = (await reply.json()) as { error: { status: string; message: string; code: number } };
    expect(error.code).toBe(reply.status);
    return { status: reply.status, word: error.status, message: error.message };
  }
});

describe("the models that each SDK lists", () => {
  const listed = async (key: string) => {
    const chat: string[] = [];
    for await (const { id } of openai(key).models.list()) chat.push(id);
    const claude: string[] = [];
    for await (const { id } of anthropic(key).models.list()) claude.push(id);
    const gemini: (string | undefined)[] = [];
    for await (const { name } of await google(key).models.list()) gemini.push(name);
    const headers = [{}, { "anthropic-version": "2023-06-01" }];
    const replies = [
      ...headers.map((more) =>
        fetch(`${portico.baseUrl}/v1/models`, { headers: { "x-api-key": key, ...more } }),
      ),
      fetch(`${portico.baseUrl}/v1beta/models?key=${key}`),
    ];
    const texts = (await Promise.all(replies.map(async (reply) => (await reply).text()))).join();
    return { chat, claude, gemini, texts };
  };

  it.each<[string, Partial<KeyInput>, string[]]>([
    ["no limit", {}, ["fast", "home/n", "m", "n", "work/n"]],
    ["models", { models: ["n", "fast"] }, ["fast", "n"]],
    ["a wildcard", { models: ["f*"] }, ["fast"]],
    ["accounts", { accounts: ["home"] }, ["home/n", "n"]],
    ["both", { accounts: ["home"], models: ["m", "fast"] }, []],
    ["nothing", { models: [] }, []],
  ])("are those it may use, by %s", async (_what, limits, expected) => {
    await start({ keys: [{ id: "ci", key: KEY, ...limits }], routes: [{ model: "fast", to: ["work/m"] }] });
    const { chat, claude, gemini, texts } = await listed(KEY);
    if (Object.keys(limits).length > 0) expect(texts).not.toContain(LABEL);
    expect(chat.filter((id) => !id.startsWith("sandbox/")).sort()).toEqual(expected);
    expect(
      gemini
        .map((id) => id?.replace("models/", ""))
        .filter((id) => !id?.startsWith("sandbox/"))
        .sort(),
    ).toEqual(expected);
    // Other spellings of the same besides, which Claude Code takes.
    const bare = claude.filter((id) => !id.startsWith("sandbox/"));
    expect(expected.every((id) => bare.includes(id))).toBe(true);
    for (const id of bare) expect(expected.some((each) => id.endsWith(each))).toBe(true);
  });
});

describe("where a key may be used from", () => {
  it("is the address of the connection, whatever headers say", async () => {
    const ask = async (headers: Record<string, string>) =>
      (await fetch(`${portico.baseUrl}/v1/models`, { headers: { "x-api-key": KEY, ...headers } })).status;
    const spoofed = ["x-forwarded-for", "x-real-ip", "forwarded", "cf-connecting-ip"].map((name) => ({
      [name]: name === "forwarded" ? "for=10.0.0.1" : "10.0.0.1",
    }));
    await start({ keys: [{ id: "ci", key: KEY, from: ["10.0.0.0/8"] }] });
    for (const headers of spoofed) expect(await ask(headers)).toBe(403);
    await portico.stop();
    await start({ keys: [{ id: "ci", key: KEY, from: ["127.0.0.1"] }] });
    for (const headers of [{}, ...spoofed]) expect(await ask(headers)).toBe(200);
  });
});

describe("whoever calls without a key", () => {
  it("is `local` where nobody needs one, and may have a budget", async () => {
    const budgets = [{ unit: "requests" as const, per: "day" as const, limit: 2 }];
    await start({
      auth: { apiKey: OWNER, mode: "off" },
      keys: [
        { id: "local", budgets },
        { id: "ci", key: KEY },
      ],
    });
    const ask = SDKS["chat"] as Ask;
    await ask("any", false);
    await ask("another", true);
    expect(await refusal(ask("any", false))).toMatchObject({
      status: 429,
      message: expect.stringContaining('The budget of the key "local" is used up: 2 requests of 2') as string,
    });
    await ask(KEY, false);
    await ask(OWNER, false);
    expect(portico.records.map(({ key }) => key)).toEqual(["local", "local", "local", "ci", undefined]);
  });
});
