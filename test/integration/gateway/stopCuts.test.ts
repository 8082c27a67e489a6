/** Replies that Portico itself ends: their clients are told in their protocol, and the record says who did it. */
import { once } from "node:events";
import net from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { Protocol } from "../../../src/control/protocol.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { STREAMS } from "../../support/replies.ts";
import { startUpstream, type Upstream } from "../../support/upstream.ts";

const PROTOCOLS = ["openai-chat", "openai-responses", "anthropic", "gemini"] as const;
const WORDS = "Portico was stopped before this reply was complete";

let upstream: Upstream;
let portico: TestGateway;
/** What the provider says before it falls silent. */
let opening: (protocol: Protocol) => string;
let framing: "sse" | "json-array";

beforeEach(async () => {
  framing = "sse";
  // Some events, and half of another.
  opening = (protocol) => {
    const whole = protocol === "gemini" ? 1 : 2;
    const half = STREAMS[protocol][whole] ?? "";
    return STREAMS[protocol].slice(0, whole).join("") + half.slice(0, half.length / 2);
  };
  upstream = await startUpstream((received, res) => {
    const protocol = protocolOf(received.url);
    if (framing === "json-array") {
      res.writeHead(200, { "content-type": "application/json" });
      res.write(`[{"candidates":[{"content":{"role":"model","parts":[{"text":"He"}]}}]}\n,{"candi`);
    } else {
      res.writeHead(200, { "content-type": "text/event-stream" });
      res.write(opening(protocol));
    }
  });
  portico = await startGateway({
    accounts: PROTOCOLS.map((protocol) => ({
      id: protocol,
      provider: "custom" as const,
      endpoints: { [protocol]: `${upstream.url}${protocol === "gemini" ? "/v1beta" : "/v1"}` },
      credentials: { apiKey: "k" },
      models: [`m-${protocol}`],
    })),
    responses: { webSocket: true },
  });
});
afterEach(async () => {
  await portico.stop();
  await upstream.close();
});

function protocolOf(url: string): Protocol {
  if (url.includes("/chat/completions")) return "openai-chat";
  if (url.includes("/responses")) return "openai-responses";
  return url.includes("/messages") ? "anthropic" : "gemini";
}

function ask(client: Protocol, model: string, stream: boolean, query = "?alt=sse"): Promise<Response> {
  const messages = [{ role: "user", content: "a b c d e f g h i j" }];
  const [path, body] = {
    "openai-chat": ["/v1/chat/completions", { model, stream, messages }] as const,
    "openai-responses": ["/v1/responses", { model, stream, input: "a b c d e f g h i j" }] as const,
    anthropic: ["/v1/messages", { model, stream, max_tokens: 100, messages }] as const,
    gemini: [
      `/v1beta/models/${model}:${stream ? `streamGenerateContent${query}` : "generateContent"}`,
      { contents: [{ role: "user", parts: [{ text: "a b c d e f g h i j" }] }] },
    ] as const,
  }[client];
  return fetch(portico.baseUrl + path, { method: "POST", body: JSON.stringify(body) });
}

/** Reads on until the reply ends by itself; the first chunk tells that it has begun. */
async function read(reply: Response): Promise<{ begun: Promise<void>; all: Promise<string> }> {
  const reader = (reply.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = "";
  let begin = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const all = (async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return text;
      text += decoder.decode(value, { stream: true });
      begin();
    }
  })();
  all.catch(() => {});
  return { begun, all };
}

/** How the stream of each protocol says that it failed. */
function lastError(protocol: Protocol, text: string): { message: string; open: boolean } {
  const lines = text.replaceAll("\r\n", "\n");
  const blocks = lines
    .trimEnd()
    .split("\n\n")
    .filter((block) => block !== "data: [DONE]");
  const data = (blocks.at(-1) ?? "")
    .split("\n")
    .filter((line) => line.startsWith("data: "))
    .map((line) => line.slice(6))
    .join("\n");
  const event = JSON.parse(data) as Record<string, unknown>;
  const error = (event.error ?? Reflect.get(Object(event.response), "error") ?? event) as { message: string };
  if (protocol === "anthropic") expect(event.type).toBe("error");
  return { message: error.message, open: !lines.endsWith("\n\n") };
}

const pairs = PROTOCOLS.flatMap((client) =>
  PROTOCOLS.map((provider): [string, Protocol, string] => [
    client === provider ? `${client}, passed through` : `${client}, translated from ${provider}`,
    client,
    `m-${provider}`,
  ]),
);

describe("a stream that a stop cuts", () => {
  it.each([
    ...pairs,
    ...PROTOCOLS.map((client): [string, Protocol, string] => [
      `${client}, from the sandbox`,
      client,
      "sandbox/slow",
    ]),
  ])("ends with an error event: %s", async (_name, client, model) => {
    const { begun, all } = await read(await ask(client, model, true));
    await begun;
    await portico.gateway.stop(0);
    const text = await all;
    const { message, open } = lastError(client, text);
    expect(message).toContain(WORDS);
    expect(open).toBe(false);
    const record = await portico.recorded();
    expect(record.error).toEqual({ kind: "cut", message: expect.stringContaining(WORDS) });
    expect(record.status).toBe(200);
    expect(record.attempts.map(({ outcome }) => outcome)).toEqual(["cut"]);
    expect(record.usage?.estimated ?? true).toBe(true);
    // Nobody is to blame.
    expect(portico.gateway.pool.health.snapshot()).toEqual([]);
  });

  it.each([
    ["passed through", "m-gemini"],
    ["translated", "m-anthropic"],
  ])("ends a JSON array of Gemini's as one, %s", async (_name, model) => {
    if (model === "m-gemini") framing = "json-array";
    const { begun, all } = await read(await ask("gemini", model, true, ""));
    await begun;
    await portico.gateway.stop(0);
    const elements = JSON.parse(await all) as { error?: { code: number; message: string } }[];
    expect(elements.at(-1)?.error).toMatchObject({ code: 503, message: expect.stringContaining(WORDS) });
    expect((await portico.recorded()).error?.kind).toBe("cut");
  });

  it("ends on a WebSocket with an error message, then the connection", async () => {
    const socket = new WebSocket(`${portico.baseUrl.replace("http", "ws")}/v1/responses`);
    const messages: {
      type: string;
      response?: { error?: { message: string } };
      error?: { message: string };
    }[] = [];
    await once(socket, "open");
    const said = new Promise<void>((resolve) => {
      socket.on("message", (data) => {
        messages.push(JSON.parse(String(data)));
        resolve();
      });
    });
    socket.send(JSON.stringify({ type: "response.create", model: "m-openai-responses", input: "hi" }));
    await said;
    const closed = once(socket, "close");
    await portico.gateway.stop(0);
    await closed;
    expect(JSON.stringify(messages.at(-1))).toContain(WORDS);
    expect((await portico.recorded()).error?.kind).toBe("cut");
  });

  it("has only half a second for a client that reads no more", async () => {
    upstream.script = (_received, res) => {
      res.writeHead(200, { "content-type": "text/event-stream" });
      const event = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: "x".repeat(60_000) } }] })}\n\n`;
      const more = () => {
        while (res.write(event));
        res.once("drain", more);
      };
      more();
    };
    const client = net.connect(portico.port, "127.0.0.1");
    client.on("error", () => {});
    const body = JSON.stringify({ model: "m-openai-chat", stream: true, messages: [] });
    client.write(
      `POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await once(client, "readable");
    await new Promise((resolve) => setTimeout(resolve, 100));
    const began = performance.now();
    await portico.gateway.stop(0);
    expect(performance.now() - began).toBeLessThan(5000);
    client.destroy();
  });
});

describe("a reply that has not begun when a stop cuts it", () => {
  it.each(PROTOCOLS)("is a 503 in the client's protocol: %s", async (client) => {
    upstream.script = () => {};
    const asked = ask(client, `m-${client}`, false);
    while (upstream.received.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await portico.gateway.stop(0);
    const reply = await asked;
    expect(reply.status).toBe(503);
    const { error } = (await reply.json()) as { error: { message: string } };
    expect(error.message).toContain(WORDS);
    const record = await portico.recorded();
    expect(record).toMatchObject({ status: 503, error: { kind: "cut" } });
    expect(record.attempts.map(({ outcome }) => outcome)).toEqual(["cut"]);
  });

  it("is a 503 while a try that failed waits for the next", async () => {
    upstream.script = (_received, res) => void res.writeHead(503, { "retry-after": "8" }).end("{}");
    const asked = ask("openai-chat", "m-openai-chat", true);
    while (upstream.received.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await portico.gateway.stop(0);
    const reply = await asked;
    expect(reply.status).toBe(503);
    expect(await reply.text()).toContain(WORDS);
    expect((await portico.recorded()).error?.kind).toBe("cut");
  });

  it("is whole when it ends in time", async () => {
    let release = () => {};
    upstream.script = async (_received, res) => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      res.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ choices: [{}] }));
    };
    const asked = ask("openai-chat", "m-openai-chat", false);
    while (upstream.received.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const states: unknown[] = [];
    portico.gateway.onState((state) => states.push(state));
    const stopped = portico.gateway.stop(60_000);
    expect(states).toEqual([{ kind: "stopped", stopping: { until: expect.any(Number) } }]);
    expect(portico.gateway.active).toBe(1);
    release();
    await stopped;
    expect((await asked).status).not.toBe(503);
    expect(states.at(-1)).toEqual({ kind: "stopped" });
  });
});

describe("a restart", () => {
  it("answers new requests at once, at the same address, while those of before end", async () => {
    const { begun, all } = await read(await ask("openai-chat", "m-openai-chat", true));
    await begun;
    const before = performance.now();
    const state = await portico.gateway.restart(300);
    expect(state).toMatchObject({ kind: "running", baseUrl: portico.baseUrl });
    expect((await fetch(`${portico.baseUrl}/healthz`)).status).toBe(200);
    expect(performance.now() - before).toBeLessThan(1000);
    expect(portico.gateway.active).toBe(1);
    expect(lastError("openai-chat", await all).message).toContain("Portico was restarted");
    const cut = await portico.recorded(({ path }) => path !== "/healthz");
    expect(cut.error).toMatchObject({ kind: "cut" });
  });

  it("starts what was stopped", async () => {
    await portico.gateway.stop(0);
    expect((await portico.gateway.restart(0)).kind).toBe("running");
  });
});
