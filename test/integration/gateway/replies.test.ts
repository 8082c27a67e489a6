import http from "node:http";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SettingsInput } from "../../../src/gateway/settings/settings.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { REPLIES, STREAMS } from "../../support/replies.ts";
import { sendJson, sendStream, startUpstream, type Upstream } from "../../support/upstream.ts";

const KEY = "sk-test-abcdefghijklmnop";
const CHAT = { model: "m", messages: [{ role: "user", content: "hi" }] };
const GEMINI = { contents: [{ role: "user", parts: [{ text: "hi" }] }] };
const ARRAY = "/v1beta/models/m:streamGenerateContent";

let upstream: Upstream;
let spare: Upstream;
let portico: TestGateway | undefined;

beforeEach(async () => {
  upstream = await startUpstream((_received, res) => sendJson(res, 200, REPLIES["openai-chat"]));
  spare = await startUpstream((_received, res) => sendJson(res, 200, REPLIES["openai-chat"]));
});
afterEach(async () => {
  await portico?.stop();
  portico = undefined;
  await Promise.all([upstream.close(), spare.close()]);
});

const account = (id: string, { url }: Upstream, more: object = {}) => ({
  id,
  provider: "custom" as const,
  endpoints: { "openai-chat": `${url}/v1`, "openai-responses": `${url}/v1`, gemini: url },
  credentials: { apiKey: KEY },
  models: ["m"],
  ...more,
});

async function start(settings: SettingsInput = {}): Promise<TestGateway> {
  portico = await startGateway({ accounts: [account("first", upstream)], ...settings });
  return portico;
}

async function ask(path = "/v1/chat/completions", body: unknown = CHAT, init: RequestInit = {}) {
  const reply = await fetch(`${portico?.baseUrl}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...init,
  });
  return { status: reply.status, headers: reply.headers, text: await reply.text() };
}

const errorOf = (text: string): unknown => Reflect.get(Object(JSON.parse(text)), "error");

describe("Gemini's JSON array", () => {
  const element = (text: string) => JSON.stringify({ candidates: [{ content: { parts: [{ text }] } }] });

  it("stays JSON when nothing but a heartbeat went before an error", async () => {
    upstream.script = (_received, res) => {
      setTimeout(() => sendJson(res, 500, { error: { message: "out of order" } }), 150);
    };
    await start({ upstream: { heartbeatMs: 50 } });
    const { status, text } = await ask(ARRAY, GEMINI);
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject([{ error: { status: "UNAVAILABLE" } }]);
  });

  it.each([
    ["behind an element", `[${element("a")}`, 1],
    ["behind a comma", `[${element("a")}\n,\r\n`, 1],
    ["within the next element", `[${element("a")},\n{"candidates":[{"con`, 1],
    ["behind the last bracket", `[${element("a")}]\n`, 1],
  ])("stays JSON when the provider breaks off %s", async (_name, sent, elements) => {
    upstream.script = async (_received, res) => {
      res.writeHead(200, { "content-type": "application/json" });
      for (const part of sent.split(/(?<=[\n\r])/)) {
        res.write(part);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      res.destroy();
    };
    await start();
    const { text } = await ask(ARRAY, GEMINI);
    const list = JSON.parse(text) as { error?: unknown }[];
    expect(list.filter(({ error }) => error === undefined)).toHaveLength(elements);
  });

  it("is not begun by white space alone", async () => {
    upstream.script = async (_received, res) => {
      res.writeHead(200, { "content-type": "application/json" });
      res.write("\n[\n");
      await new Promise((resolve) => setTimeout(resolve, 20));
      res.destroy();
    };
    spare.script = (_received, res) => {
      res.writeHead(200, { "content-type": "application/json" });
      res.end(`[${element("spare")}]`);
    };
    await start({ accounts: [account("first", upstream, { priority: 1 }), account("spare", spare)] });
    expect((await ask(ARRAY, GEMINI)).text).toBe(`[${element("spare")}]`);
  });

  it("stays JSON when a translated stream breaks before its first words", async () => {
    upstream.script = async (_received, res) => {
      res.writeHead(200, { "content-type": "text/event-stream" });
      const chunk = { id: "c", object: "chat.completion.chunk", model: "m", created: 1 };
      const delta = {
        role: "assistant",
        tool_calls: [{ index: 0, id: "x", type: "function", function: { name: "f", arguments: "{" } }],
      };
      res.write(`data: ${JSON.stringify({ ...chunk, choices: [{ index: 0, delta }] })}\n\n`);
      await new Promise((resolve) => setTimeout(resolve, 20));
      res.destroy();
    };
    await start({
      accounts: [account("first", upstream, { endpoints: { "openai-chat": `${upstream.url}/v1` } })],
    });
    const { text } = await ask(ARRAY, { ...GEMINI, tools: [{ functionDeclarations: [{ name: "f" }] }] });
    const list = JSON.parse(text) as { error?: unknown }[];
    expect(list.at(-1)?.error).toBeDefined();
  });
});

describe("an event too large to hold", () => {
  it("gets no heartbeat and no error event into its midst", async () => {
    const half = `data: {"x":"${"y".repeat(5 * 1024 * 1024)}`;
    let arrived = () => {};
    const begins = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    upstream.script = async (_received, res) => {
      res.writeHead(200, { "content-type": "text/event-stream" });
      res.write(STREAMS["openai-chat"][0] ?? "");
      res.write(half);
      await begins;
      await new Promise((resolve) => setTimeout(resolve, 200));
      res.write("zzz");
      await new Promise((resolve) => setTimeout(resolve, 50));
      res.destroy();
    };
    const { port } = await start({ upstream: { heartbeatMs: 50 } });
    const body = JSON.stringify({ ...CHAT, stream: true });
    const text = await new Promise<{ text: string; cut: boolean }>((resolve) => {
      const req = http.request(
        { port, host: "127.0.0.1", path: "/v1/chat/completions", method: "POST" },
        (res) => {
          let got = "";
          res.on("data", (chunk: Buffer) => {
            got += chunk.toString("latin1");
            if (chunk.includes("yyy")) arrived();
          });
          res.on("error", () => {});
          res.on("close", () => resolve({ text: got, cut: !res.complete }));
        },
      );
      req.end(body);
    });
    expect(text.cut).toBe(true);
    // While all of it is still held, a heartbeat may go before it.
    const [, begun] = text.text.split('data: {"x":"');
    expect(begun).toMatch(/^y+$/);
  });

  it("is whole, and heartbeats come again behind it", async () => {
    const big = `data: {"choices":[],"x":"${"y".repeat(5 * 1024 * 1024)}"}\n\n`;
    let breakOff = () => {};
    upstream.script = (_received, res) => {
      breakOff = () => res.destroy();
      res.writeHead(200, { "content-type": "text/event-stream" });
      res.write(STREAMS["openai-chat"][0] ?? "");
      res.write(big);
    };
    await start({ upstream: { heartbeatMs: 50 } });
    const reply = await fetch(`${portico?.baseUrl}/v1/chat/completions`, {
      method: "POST",
      body: JSON.stringify({ ...CHAT, stream: true }),
    });
    const pieces: Buffer[] = [];
    for await (const piece of reply.body ?? []) {
      pieces.push(Buffer.from(piece));
      if (
        pieces.at(-1)?.toString().endsWith(": keep-alive\n\n") &&
        Buffer.concat(pieces).length > big.length
      ) {
        breakOff();
      }
    }
    const [, behind] = Buffer.concat(pieces).toString().split(big);
    expect(behind).toMatch(/^(?:: keep-alive\n\n)+\n+data: \{"error":.*\}\n\n$/);
  });
});

describe("a stream that was asked for", () => {
  it("is not a JSON text behind a heartbeat", async () => {
    upstream.script = (_received, res) => {
      setTimeout(() => sendJson(res, 200, REPLIES["openai-chat"]), 600);
    };
    await start({ upstream: { heartbeatMs: 50 } });
    const { text } = await ask(undefined, { ...CHAT, stream: true });
    for (const line of text.split("\n")) expect(line).toMatch(/^(?:: .*|data: .*|)$/);
    expect(text).toContain('data: {"error":');
  });

  it("is none when it holds nothing but comments", async () => {
    upstream.script = (_received, res) => void sendStream(res, [": processing\n\n", ": processing\n\n"]);
    spare.script = (_received, res) => void sendStream(res, STREAMS["openai-chat"]);
    await start({ accounts: [account("first", upstream, { priority: 1 }), account("spare", spare)] });
    const { text } = await ask(undefined, { ...CHAT, stream: true });
    expect(text).toBe(STREAMS["openai-chat"].join(""));
  });
});

describe("what a provider says", () => {
  it("is put into the client's error shape when it is a page of HTML", async () => {
    upstream.script = (_received, res) => {
      res.writeHead(403, { "content-type": "text/html", location: "/login" });
      res.end("<html><head><title>Forbidden</title></head></html>");
    };
    await start();
    const { text, headers, status } = await ask();
    // A proxy in between has said it; whether its own status or that of the class is shown matters less.
    expect(status).toBe(403);
    expect(headers.get("content-type")).toContain("application/json");
    expect(errorOf(text)).toMatchObject({ message: expect.stringContaining("Forbidden") });
  });

  it("never holds the account's key", async () => {
    upstream.script = (_received, res) =>
      sendJson(res, 401, {
        error: { message: `Incorrect API key provided: ${KEY}.`, code: "invalid_api_key" },
      });
    const { log, recorded } = await start();
    const { text } = await ask();
    expect(text).toContain("Incorrect API key");
    expect(text).not.toContain(KEY);
    expect(JSON.stringify(await recorded())).not.toContain(KEY);
    expect(log.join("\n")).not.toContain(KEY);
    // Also where the account is only said to be resting.
    expect((await ask()).text).not.toContain(KEY);
  });

  it("is whole when it was compressed without a word and inflates to more than is held", async () => {
    const whole = { ...REPLIES["openai-chat"], padding: "z".repeat(3 * 1024 * 1024) };
    const packed = gzipSync(JSON.stringify(whole));
    upstream.script = (_received, res) => {
      res.writeHead(200, { "content-type": "application/json", "content-length": String(packed.length) });
      res.end(packed);
    };
    await start();
    expect(JSON.parse((await ask()).text)).toEqual(whole);
  });

  it.each([204, 205])("keeps the form of a reply without content: %i", async (status) => {
    upstream.script = (_received, res) => {
      res.writeHead(status, {});
      res.end();
    };
    await start();
    const reply = await ask("/v1/responses/resp_abc", undefined, { method: "DELETE" });
    expect(reply.status).toBe(status);
    if (status === 204) expect(reply.headers.get("content-length")).toBeNull();
    expect(reply.text).toBe("");
  });

  it.each([
    ["content-type", ["application/json", "application/json"]],
    ["content-encoding", ["identity", "identity"]],
  ])("is read when it says its %s twice", async (name, values) => {
    upstream.script = (_received, res) => {
      res.writeHead(200, { "content-type": "application/json", [name]: values });
      res.end(JSON.stringify(REPLIES["openai-chat"]));
    };
    await start();
    const reply = await ask();
    expect(reply.status).toBe(200);
    expect(reply.headers.get("content-type")).toBe("application/json");
    expect(JSON.parse(reply.text)).toEqual(REPLIES["openai-chat"]);
  });

  it("carries no warnings of an attempt that failed", async () => {
    upstream.script = (_received, res) => sendJson(res, 429, { error: { message: "slow down" } });
    await start({
      accounts: [
        account("first", upstream, { priority: 1, endpoints: { anthropic: upstream.url } }),
        account("spare", spare),
      ],
    });
    const { headers, status } = await ask(undefined, { ...CHAT, logit_bias: { "5": 1 }, logprobs: true });
    expect(upstream.received).toHaveLength(1);
    expect(status).toBe(200);
    expect(headers.get("x-portico-account")).toBe("spare");
    expect(headers.get("x-portico-warnings")).toBeNull();
  });

  it("as an event of a stream reaches a client that asked for none", async () => {
    upstream.script = (_received, res) =>
      void sendStream(res, [
        `data: ${JSON.stringify({ id: "c", choices: [{ index: 0, delta: { content: "a" } }] })}\n\n`,
        `data: ${JSON.stringify({ error: { message: "no more" } })}\n\n`,
      ]);
    await start({
      accounts: [account("first", upstream, { endpoints: { "openai-chat": `${upstream.url}/v1` } })],
    });
    const { status, text } = await ask("/v1/messages", { ...CHAT, max_tokens: 5 });
    expect(status).toBe(502);
    expect(text).toContain("no more");
  });
});

describe("requests", () => {
  const deep = (levels: number) => "[".repeat(levels) + "]".repeat(levels);

  it.each([
    ["in the model", "/v1/chat/completions", `{"messages":[],"model":${deep(50_000)}}`],
    [
      "in a tool, for the sandbox",
      "/v1/chat/completions",
      `{"messages":[{"role":"user","content":"hi"}],"model":"sandbox/echo","tools":[{"type":"function","function":{"name":"f","parameters":{"x":${deep(50_000)}}}}]}`,
    ],
    [
      "in a tool, to be translated",
      "/v1/messages",
      `{"messages":[{"role":"user","content":"hi"}],"max_tokens":5,"model":"m","tools":[{"name":"f","input_schema":{"x":${deep(50_000)}}}]}`,
    ],
  ])("that are nested too deeply are the client's to mend: %s", async (_name, path, body) => {
    await start();
    const { status, text } = await ask(path, undefined, { body });
    expect(status).toBe(400);
    expect(errorOf(text)).toBeDefined();
  });

  it("with a model name of megabytes are refused, and not kept", async () => {
    const { recorded, log } = await start();
    const { status, text } = await ask(undefined, { ...CHAT, model: "m".repeat(2_000_000) });
    expect(status).toBe(400);
    expect(text.length).toBeLessThan(2000);
    expect(JSON.stringify(await recorded()).length).toBeLessThan(5000);
    expect(log.join("\n").length).toBeLessThan(10_000);
  });

  it("cannot leave the path of models at a provider", async () => {
    await start({
      accounts: [account("first", upstream, { endpoints: { gemini: upstream.url }, models: ["*"] })],
    });
    const { status } = await ask(undefined, { ...CHAT, model: "x/../../../secret" });
    expect(status).toBe(400);
    expect(upstream.received).toHaveLength(0);
  });

  it("end when the sandbox breaks in the midst of a whole reply", async () => {
    await start({ accounts: [] });
    for (let turn = 0; turn < 4; turn++) {
      const body = {
        model: "sandbox/flaky",
        messages: [{ role: "user", content: "one two three four five" }],
      };
      const { text } = await ask(undefined, body);
      expect(text).not.toBe("");
    }
  });
});
