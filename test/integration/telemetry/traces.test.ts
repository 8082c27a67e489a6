/** Traces as a receiver gets them: what belongs together, by which names, and what is in none of them. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { Protocol } from "../../../src/control/protocol.ts";
import { deferred } from "../../../src/gateway/common/deferred.ts";
import { createRedactor } from "../../../src/gateway/common/log.ts";
import type { GatewayOptions } from "../../../src/gateway/gateway.ts";
import type { SettingsInput } from "../../../src/gateway/settings/settings.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { type OtlpReceiver, startReceiver, treeOf } from "../../support/otlpReceiver.ts";
import type { ReadSpan } from "../../support/protobuf.ts";
import { REPLIES, STREAMS } from "../../support/replies.ts";
import { leaksIn, seededSecret } from "../../support/secrets.ts";
import { sendJson, sendStream, startUpstream, type Upstream } from "../../support/upstream.ts";

const ASKED = "Where does the otter sleep tonight?";
const CLIENT_KEY = "sk-portico-0123456789abcdef";
const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";

let receiver: OtlpReceiver;
let first: Upstream;
let second: Upstream;
let portico: TestGateway;

const account = (id: string, { url }: Upstream, protocol: Protocol, priority = 0) => ({
  id,
  label: `The ${id} one`,
  provider: "custom" as const,
  priority,
  endpoints: { [protocol]: protocol === "anthropic" ? url : `${url}/v1` },
  credentials: { apiKey: seededSecret("key") },
  models: ["m"],
});

async function start(settings: SettingsInput = {}, options: GatewayOptions = {}): Promise<void> {
  portico = await startGateway(
    {
      accounts: [account("work", first, "openai-chat", 1), account("home", second, "openai-chat")],
      ...settings,
      telemetry: { endpoint: receiver.url, ...settings.telemetry },
    },
    {},
    options,
  );
}

async function ask(body: object = {}, headers: Record<string, string> = {}, path = "/v1/chat/completions") {
  const reply = await fetch(`${portico.baseUrl}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", "user-agent": "otter/1.0", ...headers },
    body: JSON.stringify({ model: "m", messages: [{ role: "user", content: ASKED }], ...body }),
  });
  return { status: reply.status, text: await reply.text(), id: reply.headers.get("x-request-id") };
}

/** All of the traces that have come once it has ended. */
async function spans(): Promise<ReadSpan[]> {
  await portico.stop();
  return receiver.spans;
}

const named = (all: readonly ReadSpan[], name: string): ReadSpan => {
  const found = all.find((span) => span.name === name);
  if (found === undefined)
    throw new Error(`no span ${name} among ${all.map((span) => span.name).join(", ")}`);
  return found;
};

beforeEach(async () => {
  receiver = await startReceiver();
  first = await startUpstream((_received, res) => sendJson(res, 200, REPLIES["openai-chat"]));
  second = await startUpstream((_received, res) => sendJson(res, 200, REPLIES["openai-chat"]));
});
afterEach(async () => {
  await portico.stop();
  const sent = Buffer.concat(receiver.batches.map(({ body }) => body)).toString("latin1");
  expect(leaksIn("a trace", sent)).toEqual([]);
  await Promise.all([receiver.close(), first.close(), second.close()]);
});

describe("a request", () => {
  it("is a span of the server's, one of the call with its tokens, and one of each try without", async () => {
    await start();
    const before = Date.now();
    const { id } = await ask();
    const all = await spans();
    expect(treeOf(all)).toEqual(["server POST /v1/chat/completions", "  client chat m", "    client POST"]);
    const server = named(all, "POST /v1/chat/completions");
    expect(server.attributes).toMatchObject({
      "http.request.method": "POST",
      "http.route": "/v1/chat/completions",
      "http.response.status_code": 200,
      "url.path": "/v1/chat/completions",
      "url.scheme": "http",
      "server.address": "127.0.0.1",
      "server.port": portico.port,
      "user_agent.original": "otter/1.0",
      "portico.request.id": id,
      "portico.client.name": "otter",
      "portico.lane": "passthrough",
      "portico.attempts": 1,
    });
    expect(server.parentSpanId).toBe("");
    expect(Number(server.start / 1_000_000n)).toBeGreaterThanOrEqual(before);
    expect(server.end).toBeGreaterThan(server.start);
    const call = named(all, "chat m");
    expect(call.attributes).toMatchObject({
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "custom",
      "gen_ai.request.model": "m",
      "gen_ai.response.model": "m",
      "gen_ai.response.id": "c1",
      "gen_ai.response.finish_reasons": ["tool_calls"],
      "gen_ai.usage.input_tokens": 10,
      "gen_ai.usage.output_tokens": 5,
      "server.address": "127.0.0.1",
      "server.port": first.port,
      "portico.account.id": "work",
    });
    expect(call.attributes["gen_ai.request.stream"]).toBeUndefined();
    const attempt = named(all, "POST");
    expect(attempt.attributes).toMatchObject({
      "http.request.method": "POST",
      "http.response.status_code": 200,
      "server.address": "127.0.0.1",
      "server.port": first.port,
      "portico.attempt.outcome": "ok",
      "portico.account.id": "work",
      "portico.provider.name": "custom",
    });
    expect(Object.keys(attempt.attributes).filter((name) => /^(?:gen_ai|llm|langfuse)\./.test(name))).toEqual(
      [],
    );
    for (const span of all) {
      expect(span.traceId).toBe(server.traceId);
      expect(span.scope).toBe("portico");
      expect(span.resource).toMatchObject({ "service.name": "portico" });
      expect([span.statusMessage, span.events]).toEqual(["", 0]);
    }
    expect(attempt.start >= call.start && attempt.end <= server.end).toBe(true);
    expect(receiver.batches.map(({ path, headers }) => [path, headers["content-type"]])).toEqual([
      ["/v1/traces", "application/x-protobuf"],
    ]);
  });

  it.each([
    ["openai-chat", "/v1/chat/completions", "c1", "tool_calls"],
    ["openai-responses", "/v1/responses", "resp_abc", "completed"],
    ["anthropic", "/v1/messages", "msg_1", "tool_use"],
    ["gemini", "/v1beta/models/m:streamGenerateContent?alt=sse", undefined, "STOP"],
  ] as const)("of %s that streams says the same once it is over", async (protocol, path, id, why) => {
    first.script = (_received, res) => sendStream(res, STREAMS[protocol]);
    await start({ accounts: [account("work", first, protocol)] });
    const message = { role: "user", content: ASKED };
    await ask(
      {
        stream: protocol === "gemini" ? undefined : true,
        messages: [message],
        input: [message],
        max_tokens: 100,
        contents: [{ role: "user", parts: [{ text: ASKED }] }],
      },
      {},
      path,
    );
    const all = await spans();
    const call = all.find(({ attributes }) => "gen_ai.operation.name" in attributes);
    expect(call?.attributes).toMatchObject({
      "gen_ai.request.stream": true,
      ...(id === undefined ? {} : { "gen_ai.response.id": id }),
      "gen_ai.response.finish_reasons": [why],
      "gen_ai.usage.input_tokens": 10,
      "gen_ai.usage.output_tokens": 5,
    });
    expect(call?.attributes["gen_ai.response.time_to_first_chunk"]).toBeGreaterThan(0);
    expect(all).toHaveLength(3);
    expect(all[0]?.attributes["http.route"]).toBe(path.split("?")[0]?.replace("/m:", "/{model}:"));
  });

  it("that is translated says what the other provider said", async () => {
    first.script = (_received, res) => sendStream(res, STREAMS.anthropic);
    await start({ accounts: [account("work", first, "anthropic")] });
    await ask({ stream: true });
    const all = await spans();
    expect(all[0]?.attributes["portico.lane"]).toBe("translation");
    expect(named(all, "chat m").attributes).toMatchObject({
      "gen_ai.response.id": "msg_1",
      "gen_ai.response.finish_reasons": ["tool_use"],
      "gen_ai.usage.input_tokens": 10,
    });
  });

  it("that fails over has a span for each try, and the tokens once", async () => {
    const words = "your otter is too wet";
    first.script = (_received, res) =>
      sendJson(res, 429, { error: { message: words } }, { "retry-after": "60" });
    await start();
    await ask();
    const all = await spans();
    expect(treeOf(all)).toEqual([
      "server POST /v1/chat/completions",
      "  client chat m",
      "    client POST (error)",
      "    client POST",
    ]);
    const [failed, served] = all.filter(({ name }) => name === "POST");
    expect(failed?.attributes).toMatchObject({
      "http.response.status_code": 429,
      "error.type": "429",
      "portico.attempt.outcome": "rate-limit",
      "portico.account.id": "work",
      "portico.attempt": 1,
    });
    expect(served?.attributes).toMatchObject({ "portico.account.id": "home", "portico.attempt": 2 });
    expect(named(all, "chat m").attributes).toMatchObject({ "portico.account.id": "home" });
    expect(all.filter(({ attributes }) => "gen_ai.usage.input_tokens" in attributes)).toHaveLength(1);
    expect(JSON.stringify(all.map(({ attributes }) => attributes))).not.toContain("wet");
  });

  it("that nobody answers is an error, by its class and no one's words", async () => {
    const refuse = (res: Parameters<Upstream["script"]>[1]) =>
      sendJson(res, 401, { error: { message: "Incorrect API key: the otter's" } });
    first.script = (_received, res) => refuse(res);
    second.script = (_received, res) => refuse(res);
    await start();
    const { status } = await ask();
    const all = await spans();
    expect(treeOf(all)[1]).toBe("  client chat m (error)");
    expect(named(all, "chat m").attributes["gen_ai.response.finish_reasons"]).toEqual(["error"]);
    expect(all[0]?.attributes["http.response.status_code"]).toBe(status);
    expect(all[0]?.attributes["error.type"]).toEqual(named(all, "chat m").attributes["error.type"]);
    expect(Buffer.concat(receiver.batches.map(({ body }) => body)).toString()).not.toContain("otter's");
  });

  it("that its client gave up is no failure of the server's", async () => {
    const begun = deferred<void>();
    first.script = async (received, res) => {
      res.writeHead(200, { "content-type": "text/event-stream" });
      res.write(STREAMS["openai-chat"][0]);
      begun.resolve();
      await received.aborted;
    };
    await start();
    const leaving = new AbortController();
    const reply = await fetch(`${portico.baseUrl}/v1/chat/completions`, {
      method: "POST",
      signal: leaving.signal,
      body: JSON.stringify({ model: "m", stream: true, messages: [{ role: "user", content: ASKED }] }),
    });
    await begun.promise;
    await reply.body?.getReader().read();
    leaving.abort();
    await portico.recorded();
    const all = await spans();
    expect(treeOf(all)).toEqual([
      "server POST /v1/chat/completions",
      "  client chat m (error)",
      "    client POST (error)",
    ]);
    for (const span of all) expect(span.attributes["error.type"]).toBe("client-gone");
    expect(named(all, "chat m").attributes).toMatchObject({ "portico.usage.estimated": true });
  });

  it("that is not let in is a span of its own, whatever trace it names", async () => {
    await start({ auth: { mode: "strict", apiKey: CLIENT_KEY } });
    const wrong = "sk-otter-0123456789abcdef";
    const traceparent = `00-${TRACE}-${PARENT}-01`;
    const { status } = await ask({}, { authorization: `Bearer ${wrong}`, traceparent });
    expect(status).toBe(401);
    const all = await spans();
    expect(treeOf(all)).toEqual(["server POST /v1/chat/completions"]);
    expect(all[0]?.traceId).not.toBe(TRACE);
    expect(all[0]?.attributes).toMatchObject({
      "http.response.status_code": 401,
      "error.type": "authentication",
    });
    expect(Buffer.concat(receiver.batches.map(({ body }) => body)).toString()).not.toContain("otter-0123");
  });

  it("for anything else is a span without a call; health and metrics are none", async () => {
    await start();
    for (const path of ["/healthz", "/metrics", "/v1/models", "/nothing/here"])
      await (await fetch(`${portico.baseUrl}${path}`)).text();
    expect(treeOf(await spans())).toEqual(["server GET /v1/models", "server GET"]);
  });

  it("over a WebSocket is one as well", async () => {
    first.script = (_received, res) => sendStream(res, STREAMS["openai-responses"]);
    await start({ accounts: [account("work", first, "openai-responses")], responses: { webSocket: true } });
    const socket = new WebSocket(`${portico.baseUrl.replace("http", "ws")}/v1/responses`, {
      headers: { traceparent: `00-${TRACE}-${PARENT}-01` },
    });
    await new Promise((done) => socket.once("open", done));
    const over = new Promise<void>((done) =>
      socket.on("message", (data) => {
        if (String(data).includes("response.completed")) done();
      }),
    );
    socket.send(JSON.stringify({ type: "response.create", model: "m", input: ASKED }));
    await over;
    await portico.recorded();
    socket.close();
    const all = await spans();
    expect(treeOf(all)).toEqual(["server WS /v1/responses", "  client chat m", "    client POST"]);
    expect(all[0]).toMatchObject({ traceId: TRACE, parentSpanId: PARENT });
  });
});

describe("the client's trace", () => {
  const traceparent = `00-${TRACE}-${PARENT}-01`;

  it.each([
    ["without a key, where nobody needs one", "off", undefined],
    ["with the key", "strict", CLIENT_KEY],
  ] as const)("is gone on with %s, and its provider hears nothing of it", async (_how, mode, key) => {
    await start({ auth: { mode, apiKey: CLIENT_KEY } });
    await ask(
      {},
      {
        traceparent,
        tracestate: "vendor=otter",
        baggage: "person=otter",
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      },
    );
    const all = await spans();
    expect(all).toHaveLength(3);
    for (const span of all) expect([span.traceId, span.traceState]).toEqual([TRACE, "vendor=otter"]);
    expect(all[0]?.parentSpanId).toBe(PARENT);
    // Bits 8 and 9 of the flags: whether the parent is remote is known, and it is.
    expect(all.map(({ flags }) => flags & 0x300)).toEqual([0x300, 0x100, 0x100]);
    const headers = first.received[0]?.headers ?? {};
    expect(Object.keys(headers).filter((name) => /^(?:trace|baggage)/.test(name))).toEqual([]);
    expect(JSON.stringify(headers)).not.toContain('otter"');
  });

  it("that is not sampled is not sent, and one that cannot be read is begun anew", async () => {
    await start();
    await ask({}, { traceparent: `00-${TRACE}-${PARENT}-00` });
    await ask({}, { traceparent: `00-${"0".repeat(32)}-${PARENT}-01` });
    const all = await spans();
    expect(treeOf(all)).toHaveLength(3);
    expect(all[0]?.parentSpanId).toBe("");
    expect(all[0]?.traceId).toMatch(/^(?!0+$)[0-9a-f]{32}$/);
  });
});

describe("tokens", () => {
  it("have the names of now and of before, and those that Langfuse and Phoenix read", async () => {
    first.script = (_received, res) =>
      sendJson(res, 200, {
        ...REPLIES.anthropic,
        usage: {
          input_tokens: 100,
          cache_read_input_tokens: 40,
          cache_creation_input_tokens: 25,
          output_tokens: 20,
        },
      });
    await start({ accounts: [account("work", first, "anthropic")] });
    await ask({ max_tokens: 10 }, {}, "/v1/messages");
    const { attributes } = named(await spans(), "chat m");
    expect(attributes).toMatchObject({
      // All of it, cached parts included.
      "gen_ai.usage.input_tokens": 165,
      "gen_ai.usage.output_tokens": 20,
      "gen_ai.usage.cache_read.input_tokens": 40,
      "gen_ai.usage.cache_write.input_tokens": 25,
      "gen_ai.usage.cache_creation.input_tokens": 25,
      "openinference.span.kind": "LLM",
      "llm.token_count.prompt": 165,
      "llm.token_count.completion": 20,
      "llm.token_count.total": 185,
      "llm.token_count.prompt_details.cache_read": 40,
      "llm.token_count.prompt_details.cache_write": 25,
    });
    // Langfuse adds these up.
    const buckets = JSON.parse(String(attributes["langfuse.observation.usage_details"]));
    expect(buckets).toEqual({
      input: 100,
      input_cached_tokens: 40,
      input_cache_creation: 25,
      output: 20,
      total: 185,
    });
  });

  it("of reasoning are told apart", async () => {
    first.script = (_received, res) =>
      sendJson(res, 200, {
        ...REPLIES["openai-chat"],
        usage: {
          prompt_tokens: 10,
          completion_tokens: 50,
          total_tokens: 60,
          completion_tokens_details: { reasoning_tokens: 30 },
        },
      });
    await start();
    await ask();
    const { attributes } = named(await spans(), "chat m");
    expect(attributes).toMatchObject({
      "gen_ai.usage.output_tokens": 50,
      "gen_ai.usage.reasoning.output_tokens": 30,
      "llm.token_count.completion_details.reasoning": 30,
    });
    expect(JSON.parse(String(attributes["langfuse.observation.usage_details"]))).toMatchObject({
      output: 20,
      output_reasoning_tokens: 30,
    });
  });
});

describe("what was said", () => {
  it("is in no span, and no more is who has which key", async () => {
    await start({
      auth: { mode: "strict", apiKey: CLIENT_KEY },
      keys: [{ id: "otters", key: seededSecret("sk-client"), name: "The otters" }],
      telemetry: { endpoint: receiver.url, headers: { authorization: `Bearer ${seededSecret("otlp")}` } },
    });
    await ask({}, { authorization: `Bearer ${CLIENT_KEY}` });
    await spans();
    const sent = Buffer.concat(receiver.batches.map(({ body }) => body)).toString();
    for (const word of ["otter sleep", "Hello", "wörld", "a.txt", CLIENT_KEY, "The work one"])
      expect(sent).not.toContain(word);
    expect(String(receiver.batches[0]?.headers.authorization)).toMatch(/^Bearer otlp-SEEDED/);
  });

  it("and secrets in names are not told either", async () => {
    const secret = "hunter2-of-the-otters";
    const { secrets, add } = createRedactor();
    add([secret]);
    await start({}, { secrets });
    await ask({ model: secret }, { "user-agent": secret });
    await (await fetch(`${portico.baseUrl}/v1/${secret}`)).text();
    const all = await spans();
    expect(all).toHaveLength(2);
    expect(all[0]?.attributes["user_agent.original"]).toBe("[redacted]");
    expect(Buffer.concat(receiver.batches.map(({ body }) => body)).toString()).not.toContain("hunter2");
  });

  describe("is sent where the person wants that", () => {
    const telemetry = () => ({ endpoint: receiver.url, content: true });
    const content = async () => {
      const all = await spans();
      const carriers = all.filter(({ attributes }) => "gen_ai.input.messages" in attributes);
      expect(carriers).toHaveLength(1);
      const { attributes } = carriers[0] as ReadSpan;
      return {
        input: JSON.parse(String(attributes["gen_ai.input.messages"])),
        output: JSON.parse(String(attributes["gen_ai.output.messages"] ?? "null")),
        cut: attributes["portico.content.cut"],
      };
    };
    const HELLO = {
      role: "assistant",
      parts: [
        { type: "text", content: "Hello wörld" },
        { type: "tool_call", id: "call_1", name: "read", arguments: { path: "a.txt" } },
      ],
      finish_reason: "tool_call",
    };

    it.each([false, true])("as messages, whatever streams: %s", async (stream) => {
      first.script = (_received, res) =>
        stream ? sendStream(res, STREAMS["openai-chat"]) : sendJson(res, 200, REPLIES["openai-chat"]);
      await start({ telemetry: telemetry() });
      await ask({
        stream,
        messages: [
          { role: "developer", content: "Be an otter." },
          {
            role: "user",
            content: [
              { type: "text", text: ASKED },
              { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
            ],
          },
          {
            role: "assistant",
            content: null,
            tool_calls: [
              { id: "c0", type: "function", function: { name: "look", arguments: '{"at":"river"}' } },
            ],
          },
          { role: "tool", tool_call_id: "c0", content: "It rains." },
        ],
      });
      expect(await content()).toEqual({
        input: [
          { role: "system", parts: [{ type: "text", content: "Be an otter." }] },
          { role: "user", parts: [{ type: "text", content: ASKED }, { type: "image" }] },
          {
            role: "assistant",
            parts: [{ type: "tool_call", id: "c0", name: "look", arguments: { at: "river" } }],
          },
          { role: "tool", parts: [{ type: "tool_call_response", id: "c0", response: "It rains." }] },
        ],
        output: [HELLO],
        cut: undefined,
      });
      // Recording is another switch.
      expect(portico.records.every(({ bodies }) => bodies === undefined)).toBe(true);
    });

    it("of a Gemini client, whose stream is one array, too", async () => {
      first.script = (_received, res) => sendStream(res, STREAMS["openai-chat"]);
      await start({ telemetry: telemetry() });
      await ask(
        { contents: [{ role: "user", parts: [{ text: ASKED }] }] },
        {},
        "/v1beta/models/m:streamGenerateContent",
      );
      const { input, output } = await content();
      expect(input).toEqual([{ role: "user", parts: [{ type: "text", content: ASKED }] }]);
      expect(output[0].parts[0]).toEqual({ type: "text", content: "Hello wörld" });
    });

    it("without keys: the client's own, those that are known, and what looks like one", async () => {
      const known = "hunter2-of-the-otters";
      const { secrets, add } = createRedactor();
      add([known]);
      const shown = "my-own-otter-credential";
      const looks = "sk-ant-0123456789abcdefghij";
      first.script = (_received, res) =>
        sendJson(res, 200, {
          ...REPLIES["openai-chat"],
          choices: [
            {
              index: 0,
              message: { role: "assistant", content: `You said ${known}.` },
              finish_reason: "stop",
            },
          ],
        });
      await start({ telemetry: telemetry() }, { secrets });
      await ask(
        { messages: [{ role: "user", content: `Keep ${known}, ${shown} and ${looks} to yourself` }] },
        { authorization: `Bearer ${shown}` },
      );
      const { input, output } = await content();
      expect(input[0].parts[0].content).toBe("Keep [redacted], [redacted] and [redacted] to yourself");
      expect(output[0].parts[0].content).toBe("You said [redacted].");
    });

    it("cut to its ends where it is long, and never in the midst of a key", async () => {
      const known = "hunter2-of-the-otters";
      const { secrets, add } = createRedactor();
      add([known]);
      await start({ telemetry: telemetry() }, { secrets });
      const long = `${"x ".repeat(8 * 1024 - 5)}${known} and on${" it goes".repeat(5000)}`;
      const turns = Array.from({ length: 200 }, (_, turn) => ({
        role: turn % 2 === 0 ? "user" : "assistant",
        content: `${turn} ${"y ".repeat(500)}`,
      }));
      await ask({
        messages: [{ role: "system", content: "Be an otter." }, ...turns, { role: "user", content: long }],
      });
      const { input, cut } = await content();
      expect(cut).toBe(true);
      expect(input[0]).toEqual({ role: "system", parts: [{ type: "text", content: "Be an otter." }] });
      expect(JSON.stringify(input).length).toBeLessThan(65 * 1024);
      expect(input.at(-2).parts[0].content).toMatch(/^199 y/);
      expect(input.at(-1).parts[0].content).toMatch(/^(?:x )+\[redacted\]…$/);
      expect(JSON.stringify(input)).not.toContain("hunter2");
    });

    it("without half a key, where it ends in the midst of what is looked at", async () => {
      const known = "hunter2-of-the-otters";
      const { secrets, add } = createRedactor();
      add([known]);
      await start({ telemetry: telemetry() }, { secrets });
      // 16,384 characters are sent and 4,096 more looked at, of which a picture makes few.
      const picture = `${"A".repeat(8000)} `;
      const words = "it goes on ".repeat(2000).slice(0, 20_480 - picture.length - 10);
      await ask({
        messages: [{ role: "user", content: `${picture}${words}${known}${" and on".repeat(2000)}` }],
      });
      const { input, cut } = await content();
      expect(cut).toBe(true);
      expect(input[0].parts[0].content).toMatch(/^\[8000 characters of data left out\] it goes on .*…$/);
      expect(JSON.stringify(input)).not.toContain("hunter");
    });

    it("and of a request that is not let in, or whose trace nobody keeps, nothing is", async () => {
      await start({ telemetry: telemetry(), auth: { mode: "strict", apiKey: CLIENT_KEY } });
      await ask();
      await ask({}, { authorization: `Bearer ${CLIENT_KEY}`, traceparent: `00-${TRACE}-${PARENT}-00` });
      const all = await spans();
      expect(treeOf(all)).toEqual(["server POST /v1/chat/completions"]);
      expect(Buffer.concat(receiver.batches.map(({ body }) => body)).toString()).not.toContain("otter sleep");
    });
  });
});
