/** Token counts, by the provider where it can count, and estimates where it does not say. */
import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Protocol } from "../../../src/control/protocol.ts";
import { systemClock } from "../../../src/gateway/common/ports.ts";
import { IMAGE_TOKENS } from "../../../src/gateway/records/tokensRequest.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { REPLIES } from "../../support/replies.ts";
import { type Script, sendJson, sendStream, startUpstream, type Upstream } from "../../support/upstream.ts";

let upstream: Upstream;
let portico: TestGateway;

const account = (id: string, protocol: Protocol, model: string) => ({
  id,
  provider: "custom" as const,
  endpoints: { [protocol]: protocol.startsWith("openai") ? `${upstream.url}/v1` : upstream.url },
  credentials: { apiKey: "k" },
  models: [model],
});

const COUNT: Script = ({ url }, res) => {
  if (url.includes("countTokens")) sendJson(res, 200, { totalTokens: 111 });
  else if (url.includes("count_tokens")) sendJson(res, 200, { input_tokens: 222 });
  else if (url.includes("input_tokens"))
    sendJson(res, 200, { object: "response.input_tokens", input_tokens: 333 });
  else sendJson(res, 404, { error: { message: "no" } });
};

beforeEach(async () => {
  upstream = await startUpstream(COUNT);
  portico = await startGateway({
    accounts: [
      account("c", "openai-chat", "chat"),
      account("r", "openai-responses", "resp"),
      account("a", "anthropic", "claude"),
      account("g", "gemini", "gemini"),
    ],
  });
});
afterEach(async () => {
  await portico.stop();
  await upstream.close();
});

const SYSTEM = "You are a careful assistant who answers in one sentence.";
const TOOL = { name: "read_file", description: "Reads a file from the disk and returns all of it." };

const counters: Record<string, (model: string) => Promise<number | undefined>> = {
  anthropic: async (model) => {
    const client = new Anthropic({ apiKey: "x", baseURL: portico.baseUrl, maxRetries: 0 });
    const { input_tokens: tokens } = await client.messages.countTokens({
      model,
      system: SYSTEM,
      tools: [{ ...TOOL, input_schema: { type: "object", properties: { path: { type: "string" } } } }],
      messages: [{ role: "user", content: "What is in a.txt?" }],
    });
    return tokens;
  },
  gemini: async (model) => {
    const client = new GoogleGenAI({ apiKey: "x", httpOptions: { baseUrl: portico.baseUrl } });
    return (
      await client.models.countTokens({ model, contents: `${SYSTEM} ${TOOL.description} What is in a.txt?` })
    ).totalTokens;
  },
  "openai-responses": async (model) => {
    const client = new OpenAI({ apiKey: "x", baseURL: `${portico.baseUrl}/v1`, maxRetries: 0 });
    const { input_tokens: tokens } = await client.responses.inputTokens.count({
      model,
      instructions: SYSTEM,
      tools: [{ type: "function", ...TOOL, parameters: { type: "object", properties: {} }, strict: false }],
      input: "What is in a.txt?",
    });
    return tokens;
  },
};

describe.each(["anthropic", "gemini", "openai-responses"])("counting by the SDK of %s", (client) => {
  const own = { anthropic: "claude", gemini: "gemini", "openai-responses": "resp" }[client];

  it.each([
    ["gemini", 111],
    ["claude", 222],
  ])("asks %s's own endpoint", async (model, tokens) => {
    expect(await counters[client]?.(model)).toBe(tokens);
    expect((await portico.recorded()).lane).toBe(model === own ? "A" : "B");
    const { body } = upstream.received[0] ?? {};
    expect(body?.toString()).toContain("What is in a.txt?");
    expect(body?.toString()).toContain(SYSTEM);
  });

  it("counts itself where the target cannot: system, tools and messages", async () => {
    const tokens = (await counters[client]?.("chat")) ?? 0;
    expect(tokens).toBeGreaterThan(25);
    expect(tokens).toBeLessThan(90);
    expect((await portico.recorded()).warnings[0]?.message).toContain("tokenizer");
  });

  it("counts itself where the endpoint is not there, does not ask again, and blames nobody", async () => {
    upstream.script = (_received, res) =>
      sendJson(res, 404, { error: { type: "not_found_error", message: "not found" } });
    expect(await counters[client]?.(own ?? "")).toBeGreaterThan(20);
    expect(await counters[client]?.(own ?? "")).toBeGreaterThan(20);
    expect(upstream.received).toHaveLength(1);
    expect(portico.gateway.accounts.length).toBeGreaterThan(0);
  });

  it("counts itself where the provider is down", async () => {
    upstream.script = (_received, res) => {
      res.destroy();
    };
    expect(await counters[client]?.(own ?? "")).toBeGreaterThan(20);
  });
});

it("says what is wrong with a request in the provider's words", async () => {
  upstream.script = (_received, res) =>
    sendJson(res, 400, {
      type: "error",
      error: { type: "invalid_request_error", message: "messages: at least one message is required" },
    });
  await expect(counters.anthropic?.("claude")).rejects.toMatchObject({ status: 400 });
});

it("says when each account was asked", async () => {
  await portico.stop();
  let time = systemClock.now();
  const clock = { ...systemClock, now: () => (time += 5) };
  const accounts = ["one", "two"].map((id) => account(id, "anthropic", "claude"));
  portico = await startGateway({ accounts }, { clock });
  upstream.script = (_received, res) => sendJson(res, 500, { error: { message: "down" } });
  await counters.anthropic?.("claude");
  const { attempts, time: began } = await portico.recorded();
  expect(attempts).toHaveLength(2);
  const [first, second] = attempts;
  expect(first?.at).toBeGreaterThan(0);
  expect(second?.at).toBeGreaterThanOrEqual((first?.at ?? 0) + (first?.took ?? 0));
  expect(began + (second?.at ?? 0)).toBeLessThan(time);
});

describe("an account that counts", () => {
  const two = (more: object = {}, settings: object = {}) => ({
    accounts: ["one", "two"].map((id) => ({ ...account(id, "anthropic", "claude"), label: id, ...more })),
    ...settings,
  });
  const restart = async (config: Parameters<typeof startGateway>[0]) => {
    await portico.stop();
    portico = await startGateway(config);
  };
  const chat = () =>
    new Anthropic({ apiKey: "x", baseURL: portico.baseUrl, maxRetries: 0 }).messages.create({
      model: "claude",
      max_tokens: 10,
      messages: [{ role: "user", content: "hi" }],
    });
  const asked = async () =>
    (await portico.recorded()).attempts.map(({ account: id, outcome }) => [id, outcome]);

  it("is the scheduler's choice: not one that requests are not pinned to", async () => {
    await restart(two({}, { scheduling: { strategy: "pinned", pinned: "two" } }));
    expect(await counters.anthropic?.("claude")).toBe(222);
    expect(await asked()).toEqual([["two", "ok"]]);
  });

  it("is not asked beyond what it takes at once, and nobody waits long for it", async () => {
    await restart({ accounts: [{ ...account("one", "anthropic", "claude"), maxInFlight: 1 }] });
    let free = () => {};
    const busy = new Promise<void>((resolve) => {
      free = resolve;
    });
    upstream.script = async (_received, res) => {
      await busy;
      sendJson(res, 200, REPLIES.anthropic);
    };
    const chatting = chat();
    await expect.poll(() => upstream.received.length).toBe(1);
    const began = performance.now();
    expect(await counters.anthropic?.("claude")).toBeGreaterThan(20);
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(upstream.received).toHaveLength(1);
    free();
    await chatting;
    expect(await portico.recorded()).toBeDefined();
  });

  it("is not held back by what counting meets, and the next one counts", async () => {
    await restart(two());
    const refuse = new Set(["one"]);
    upstream.script = ({ url }, res) => {
      if (!url.includes("count_tokens")) sendJson(res, 200, REPLIES.anthropic);
      else if (refuse.size > 0) {
        refuse.clear();
        sendJson(res, 429, { type: "error", error: { type: "rate_limit_error", message: "slow down" } });
      } else sendJson(res, 200, { input_tokens: 222 });
    };
    expect(await counters.anthropic?.("claude")).toBe(222);
    expect((await asked()).map(([, outcome]) => outcome)).toEqual(["rate-limit", "ok"]);
    expect(portico.gateway.pool.health.snapshot()).toEqual([]);
  });

  it("is one of two that are asked, however fast they refuse", async () => {
    const accounts = ["one", "two", "three"].map((id) => account(id, "anthropic", "claude"));
    await restart({ accounts });
    upstream.script = (_received, res) =>
      sendJson(res, 401, {
        type: "error",
        error: { type: "authentication_error", message: "invalid x-api-key" },
      });
    expect(await counters.anthropic?.("claude")).toBeGreaterThan(20);
    expect(upstream.received).toHaveLength(2);
    expect(portico.gateway.pool.health.snapshot()).toEqual([]);
  });
});

it("counts a conversation that is kept here itself", async () => {
  const client = new OpenAI({ apiKey: "x", baseURL: `${portico.baseUrl}/v1`, maxRetries: 0 });
  upstream.script = (_received, res) => sendJson(res, 200, REPLIES["openai-chat"]);
  const first = await client.responses.create({ model: "chat", input: "word ".repeat(200) });
  upstream.script = COUNT;
  const more = { model: "resp", input: "and now?", previous_response_id: first.id };
  const { input_tokens: tokens } = await client.responses.inputTokens.count(more);
  expect(tokens).toBeGreaterThan(200);
  expect(tokens).toBeLessThan(300);
  expect(upstream.received.filter(({ url }) => url.includes("input_tokens"))).toEqual([]);
});

it("counts images by a constant", async () => {
  const client = new Anthropic({ apiKey: "x", baseURL: portico.baseUrl, maxRetries: 0 });
  const content = [
    {
      type: "image" as const,
      source: { type: "base64" as const, media_type: "image/png" as const, data: "AAAA".repeat(10_000) },
    },
  ];
  const { input_tokens: tokens } = await client.messages.countTokens({
    model: "chat",
    messages: [{ role: "user", content }],
  });
  expect(tokens).toBeGreaterThanOrEqual(IMAGE_TOKENS);
  expect(tokens).toBeLessThan(IMAGE_TOKENS + 100);
});

describe("a stream without usage", () => {
  const chunk = (delta: object, finish: string | null = null) =>
    `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "chat", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  const words = (count: number) => [
    chunk({ role: "assistant", content: "" }),
    ...Array.from({ length: count }, () => chunk({ content: " hello" })),
    chunk({}, "stop"),
    "data: [DONE]\n\n",
  ];

  it.each([50, 2000])("of passthrough is counted afterwards, and marked (%s words)", async (count) => {
    upstream.script = (_received, res) => sendStream(res, [words(count).join("")]);
    const client = new OpenAI({ apiKey: "x", baseURL: `${portico.baseUrl}/v1`, maxRetries: 0 });
    const stream = await client.chat.completions.create({
      model: "chat",
      stream: true,
      messages: [{ role: "user", content: "Say hello a few times." }],
    });
    for await (const _ of stream);
    const { usage } = await portico.recorded();
    expect(usage?.estimated).toBe(true);
    expect(usage?.input.total).toBeGreaterThan(5);
    expect(usage?.output.total).toBeGreaterThan(count * 0.9);
    expect(usage?.output.total).toBeLessThan(count * 1.1);
  });

  it("of translation is estimated, and marked", async () => {
    upstream.script = (_received, res) => sendStream(res, words(100));
    const client = new Anthropic({ apiKey: "x", baseURL: portico.baseUrl, maxRetries: 0 });
    await client.messages
      .stream({ model: "chat", max_tokens: 500, messages: [{ role: "user", content: "Say hello." }] })
      .finalMessage();
    const { usage } = await portico.recorded();
    expect(usage?.estimated).toBe(true);
    expect(usage?.output.total).toBe(100);
  });
});
