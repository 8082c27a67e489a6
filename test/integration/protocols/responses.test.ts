/** The Responses API for targets that do not have it: stored responses, and the WebSocket. */
import OpenAI from "openai";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { systemClock } from "../../../src/gateway/common/ports.ts";
import type { SettingsInput } from "../../../src/gateway/settings/settings.ts";
import { checkStream } from "../../support/checkers/openaiResponses.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { RATE_LIMITS, REPLIES, STREAMS } from "../../support/replies.ts";
import { type Script, sendJson, sendStream, startUpstream, type Upstream } from "../../support/upstream.ts";

const CHAT: Script = (received, res) =>
  received.body.includes('"stream":true')
    ? sendStream(res, STREAMS["openai-chat"])
    : sendJson(res, 200, REPLIES["openai-chat"]);
const RESPONSES: Script = (_received, res) => sendStream(res, STREAMS["openai-responses"]);

let upstream: Upstream;
let portico: TestGateway;
let client: OpenAI;

const settings = (more: SettingsInput = {}): SettingsInput => ({
  accounts: [
    {
      id: "chat",
      provider: "custom",
      endpoints: { "openai-chat": `${upstream.url}/chat/v1` },
      credentials: { apiKey: "k" },
      models: ["m"],
    },
    {
      id: "responses",
      provider: "custom",
      endpoints: { "openai-responses": `${upstream.url}/v1` },
      credentials: { apiKey: "k" },
      models: ["r"],
    },
  ],
  ...more,
});

async function restart(more: SettingsInput): Promise<void> {
  await portico.stop();
  portico = await startGateway(settings(more));
  client = new OpenAI({ apiKey: "x", baseURL: `${portico.baseUrl}/v1`, maxRetries: 0 });
}

const sentBody = (
  index: number,
): { messages?: { role: string; content: unknown }[]; [field: string]: unknown } =>
  JSON.parse(upstream.received[index]?.body.toString() ?? "{}") as Record<string, unknown>;

beforeEach(async () => {
  upstream = await startUpstream((received, res, req) =>
    (received.url.startsWith("/chat") ? CHAT : RESPONSES)(received, res, req),
  );
  portico = await startGateway(settings());
  client = new OpenAI({ apiKey: "x", baseURL: `${portico.baseUrl}/v1`, maxRetries: 0 });
});
afterEach(async () => {
  await portico.stop();
  await upstream.close();
});

describe("stored responses", () => {
  it.each([true, false])("carry a conversation on by previous_response_id (stream: %s)", async (stream) => {
    const tools = [
      { type: "function" as const, name: "read", parameters: { type: "object" }, strict: false },
    ];
    const first = stream
      ? await client.responses.stream({ model: "m", input: "read a", tools }).finalResponse()
      : await client.responses.create({ model: "m", input: "read a", tools });
    const call = first.output.find((item) => item.type === "function_call");
    if (call?.type !== "function_call") throw new Error("no call");
    const second = await client.responses.create({
      model: "m",
      previous_response_id: first.id,
      input: [{ type: "function_call_output", call_id: call.call_id, output: "the file" }],
      tools,
    });
    expect(second.previous_response_id).toBe(first.id);
    expect(sentBody(1).messages?.map(({ role }) => role)).toEqual(["user", "assistant", "tool"]);
    expect(sentBody(1).previous_response_id).toBeUndefined();
    await client.responses.create({ model: "m", previous_response_id: second.id, input: "thanks" });
    expect(sentBody(2).messages?.map(({ role }) => role)).toEqual([
      "user",
      "assistant",
      "tool",
      "assistant",
      "tool",
      "user",
    ]);
    expect((await portico.recorded()).warnings).toEqual([]);
  });

  it("are one conversation, as the one that carries them on tells it", async () => {
    const first = await client.responses.create({ model: "m", input: "first words" });
    await client.responses.create({ model: "m", previous_response_id: first.id, input: "more" });
    await client.responses.create({ model: "m", input: "more" });
    await portico.recorded();
    await expect.poll(() => portico.records.length).toBe(3);
    const [one, two, other] = portico.records.map(({ session }) => session);
    expect(two).toBe(one);
    expect(other).not.toBe(one);
  });

  it("can be read, listed and deleted as they were streamed", async () => {
    const streamed = await client.responses.stream({ model: "m", input: "hi" }).finalResponse();
    const { output_parsed: _parsed, ...plain } = streamed;
    expect(await client.responses.retrieve(streamed.id)).toMatchObject({
      id: streamed.id,
      status: "completed",
      output: JSON.parse(JSON.stringify(plain.output)).map(
        ({ parsed_arguments: _p, ...item }: Record<string, unknown>) => ({
          ...item,
          ...(item.content === undefined ? {} : { content: expect.anything() }),
        }),
      ),
    });
    const items = await client.responses.inputItems.list(streamed.id);
    expect(items.data).toMatchObject([
      { type: "message", role: "user", content: [{ type: "input_text", text: "hi" }] },
    ]);
    await expect(client.responses.cancel(streamed.id)).rejects.toMatchObject({ status: 400 });
    await client.responses.delete(streamed.id);
    await expect(client.responses.retrieve(streamed.id)).rejects.toMatchObject({ status: 404 });
    await expect(
      client.responses.create({ model: "m", previous_response_id: streamed.id, input: "x" }),
    ).rejects.toMatchObject({ status: 400, code: "previous_response_not_found" });
    // Nobody else was asked.
    expect(upstream.received).toHaveLength(1);
  });

  it("keep nothing with store: false, and look no item up", async () => {
    const first = await client.responses.create({ model: "m", input: "hi", store: false });
    await expect(client.responses.retrieve(first.id)).rejects.toMatchObject({ status: 404 });
    const again = await client.responses.create({
      model: "m",
      store: false,
      input: [
        ...(first.output as OpenAI.Responses.ResponseInputItem[]),
        {
          type: "message",
          role: "user",
          content: "on",
          id: "msg_unknown",
        } as OpenAI.Responses.ResponseInputItem,
      ],
    });
    expect(again.status).toBe("completed");
  });

  it("work in the sandbox", async () => {
    const first = await client.responses.create({ model: "sandbox/echo", input: "one" });
    expect((await client.responses.retrieve(first.id)).output_text ?? first.output_text).toBe(
      first.output_text,
    );
    await client.responses.create({ model: "sandbox/echo", input: "two", previous_response_id: first.id });
    expect((await client.responses.inputItems.list(first.id)).data).toHaveLength(1);
  });

  it("follow a conversation to an account that has the API itself", async () => {
    const first = await client.responses.create({ model: "m", input: "one" });
    const second = await client.responses
      .stream({ model: "r", input: "two", previous_response_id: first.id })
      .finalResponse();
    const sent = sentBody(1);
    expect(sent.previous_response_id).toBeUndefined();
    expect(JSON.stringify(sent.input)).toMatch(/one.*Hello.*two/);
    const third = await client.responses.create({
      model: "m",
      input: "three",
      previous_response_id: second.id,
    });
    expect(third.status).toBe("completed");
    expect(JSON.stringify(sentBody(2).messages)).toMatch(/one.*Hello.*two.*Hello.*three/);
  });

  it("are refused in the background, saying why", async () => {
    await expect(
      client.responses.create({ model: "m", input: "hi", background: true }),
    ).rejects.toMatchObject({ status: 400, param: "background" });
  });

  it("are bounded by the setting", async () => {
    await restart({ responses: { maxCount: 2 } });
    const ids: string[] = [];
    for (let n = 0; n < 3; n++) ids.push((await client.responses.create({ model: "m", input: `${n}` })).id);
    await expect(client.responses.retrieve(ids[0] ?? "")).rejects.toMatchObject({ status: 404 });
    expect((await client.responses.retrieve(ids[2] ?? "")).id).toBe(ids[2]);
  });
});

/** A connection and the messages that came over it. */
class Talk {
  readonly socket: WebSocket;
  readonly messages: Record<string, unknown>[] = [];
  #wake: () => void = () => {};

  constructor(port: number, headers: Record<string, string> = {}) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}/v1/responses`, { headers });
    this.socket.on("message", (data) => {
      this.messages.push(JSON.parse(String(data)) as Record<string, unknown>);
      this.#wake();
    });
    this.socket.on("close", () => this.#wake());
    this.socket.on("error", () => this.#wake());
  }

  async open(): Promise<this> {
    if (this.socket.readyState !== WebSocket.OPEN)
      await new Promise((resolve) => this.socket.once("open", resolve));
    return this;
  }

  send(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  /** The messages up to the first of this type, taken off. */
  async until(...types: string[]): Promise<Record<string, unknown>[]> {
    for (;;) {
      const at = this.messages.findIndex(({ type }) => types.includes(String(type)));
      if (at >= 0) return this.messages.splice(0, at + 1);
      if (this.socket.readyState > WebSocket.OPEN)
        throw new Error(`closed before ${types.join(" or ")}: ${JSON.stringify(this.messages)}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async closed(): Promise<void> {
    if (this.socket.readyState !== WebSocket.CLOSED)
      await new Promise((resolve) => this.socket.once("close", resolve));
  }
}

describe("the WebSocket", () => {
  const DONE = ["response.completed", "response.failed", "response.incomplete", "error"];

  it.each(["m", "r"])("streams a response as text messages (model %s)", async (model) => {
    const talk = await new Talk(portico.port).open();
    talk.send({ type: "response.create", model, input: "hi", store: false });
    const messages = await talk.until(...DONE);
    expect(messages.at(-1)).toMatchObject({ type: "response.completed" });
    if (model === "m") {
      expect(
        checkStream(
          messages.map((message) => ({ event: String(message.type), data: JSON.stringify(message) })),
        ),
      ).toEqual([]);
    }
    const record = await portico.recorded();
    expect(record).toMatchObject({
      method: "WS",
      status: 200,
      lane: model === "r" ? "A" : "B",
      usage: { input: { total: 10 } },
    });
    talk.socket.close();
  });

  it("takes large messages as bodies are taken over HTTP, one after the other", async () => {
    const talk = await new Talk(portico.port).open();
    const message = (more: string) =>
      `{"type":"response.create","model":"r","input":"hi","store":false,"metadata":${more}}`;
    talk.socket.send(message("[".repeat(200_000) + "]".repeat(200_000)));
    talk.socket.send(message(`[${"{},".repeat(100_000)}oops]`));
    talk.socket.send(message(`[${"{},".repeat(100_000)}{"__proto__":1}]`));
    talk.send({ type: "response.create", model: "r", input: "afterwards", store: false });
    const replies = [];
    for (let i = 0; i < 4; i++) replies.push((await talk.until(...DONE)).at(-1));
    expect(replies.map((reply) => reply?.type)).toEqual([
      "error",
      "error",
      ...Array(2).fill("response.completed"),
    ]);
    expect(JSON.stringify(replies[0])).toContain("nested more than 1000 levels deep");
    expect(JSON.stringify(replies[1])).toMatch(/unexpected character at position 300\d\d\d/);
    const [large, small] = upstream.received.slice(-2).map(({ body }) => body.toString());
    expect(large).toContain(`${"{},".repeat(100_000)}{"__proto__":1}]`);
    expect(small).toContain("afterwards");
    talk.socket.close();
  });

  it.each(["m", "r"])("remembers its latest response, also with store: false (model %s)", async (model) => {
    const talk = await new Talk(portico.port).open();
    talk.send({ type: "response.create", model, input: "first words", store: false });
    const done = (await talk.until(...DONE)).at(-1) as { response: { id: string } };
    talk.send({
      type: "response.create",
      model,
      input: "more words",
      store: false,
      previous_response_id: done.response.id,
    });
    expect((await talk.until(...DONE)).at(-1)).toMatchObject({ type: "response.completed" });
    const sent = upstream.received[1]?.body.toString() ?? "";
    expect(sent).toMatch(/first words.*Hello.*read.*more words/);
    expect(sent).not.toContain("previous_response_id");
    talk.socket.close();
  });

  it("takes input in without an answer, for the request that follows", async () => {
    const talk = await new Talk(portico.port).open();
    talk.send({
      type: "response.create",
      model: "r",
      input: "warm words",
      instructions: "Be kind.",
      generate: false,
    });
    const warm = (await talk.until(...DONE)).at(-1) as { response: { id: string } };
    expect(upstream.received).toHaveLength(0);
    talk.send({
      type: "response.create",
      model: "r",
      instructions: "Be kind.",
      input: [],
      previous_response_id: warm.response.id,
    });
    await talk.until(...DONE);
    expect(upstream.received[0]?.body.toString()).toContain("warm words");
    talk.socket.close();
  });

  it("runs one request after the other, and refuses too many", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    upstream.script = async (received, res, req) => {
      await held;
      await CHAT(received, res, req);
    };
    const talk = await new Talk(portico.port).open();
    for (let n = 0; n < 10; n++)
      talk.send({ type: "response.create", model: "m", input: `word ${n}`, store: false });
    expect((await talk.until("error")).at(-1)).toMatchObject({ status: 429 });
    expect(upstream.received.length).toBeLessThanOrEqual(1);
    release();
    for (let n = 0; n < 9; n++) await talk.until("response.completed");
    expect(upstream.received.map(({ body }) => /word \d/.exec(body.toString())?.[0])).toEqual(
      Array.from({ length: 9 }, (_, n) => `word ${n}`),
    );
    talk.socket.close();
  });

  it("passes errors on with their status, and stays open", async () => {
    upstream.script = (_received, res) =>
      sendJson(res, 429, RATE_LIMITS["openai-responses"], { "retry-after": "7" });
    const talk = await new Talk(portico.port).open();
    talk.send({ type: "response.create", model: "r", input: "hi" });
    expect((await talk.until("error")).at(-1)).toMatchObject({
      status: 429,
      error: { message: expect.any(String) },
      headers: { "retry-after": expect.any(String) },
    });
    talk.send({ type: "response.create", model: "no-such-model", input: "hi" });
    expect((await talk.until("error")).at(-1)).toMatchObject({ status: 404 });
    talk.socket.send("no json");
    expect((await talk.until("error")).at(-1)).toMatchObject({ status: 400 });
    talk.send({ type: "response.create", model: "m", input: "hi", background: true });
    expect((await talk.until("error")).at(-1)).toMatchObject({ status: 400 });
    talk.socket.close();
  });

  it("aborts the provider when the client leaves", async () => {
    let asked = () => {};
    const reached = new Promise<void>((resolve) => {
      asked = resolve;
    });
    upstream.script = (_received, res) => {
      res.writeHead(200, { "content-type": "text/event-stream" });
      res.write(STREAMS["openai-responses"][0] ?? "");
      asked();
    };
    const talk = await new Talk(portico.port).open();
    talk.send({ type: "response.create", model: "r", input: "hi" });
    await reached;
    talk.socket.terminate();
    await upstream.received[0]?.aborted;
    expect((await portico.recorded()).error?.kind).toBe("client-gone");
  });

  it("closes on messages that are too large or no text", async () => {
    await restart({ limits: { bodyBytes: 2000 } });
    const large = await new Talk(portico.port).open();
    large.socket.send("x".repeat(3000));
    await large.closed();
    const binary = await new Talk(portico.port).open();
    binary.socket.send(Buffer.from("{}"));
    await binary.closed();
  });

  it("ends with the gateway: idle at once, busy behind its response", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    upstream.script = async (received, res, req) => {
      await held;
      await CHAT(received, res, req);
    };
    const idle = await new Talk(portico.port).open();
    const busy = await new Talk(portico.port).open();
    busy.send({ type: "response.create", model: "m", input: "hi" });
    while (upstream.received.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const stopped = portico.gateway.stop(15_000);
    await idle.closed();
    release();
    expect((await busy.until(...DONE)).at(-1)).toMatchObject({ type: "response.completed" });
    await busy.closed();
    await stopped;
  });

  it.each([
    ["after ten idle minutes", 600_000, []],
    ["after an hour, saying so", 3_600_000, ["websocket_connection_limit_reached"]],
  ])("is closed %s", async (_when, milliseconds, codes) => {
    await portico.stop();
    let due = () => {};
    const clock = {
      ...systemClock,
      setTimeout(run: () => void, after: number) {
        if (after === milliseconds) due = run;
        return systemClock.setTimeout(run, after);
      },
    };
    portico = await startGateway(settings(), { clock });
    const talk = await new Talk(portico.port).open();
    due();
    await talk.closed();
    expect(talk.messages.map(({ error }) => Reflect.get(Object(error), "code"))).toEqual(codes);
  });

  it("is open to so many clients and no more", async () => {
    const talks = await Promise.all(Array.from({ length: 256 }, () => new Talk(portico.port).open()));
    const refused = new WebSocket(`ws://127.0.0.1:${portico.port}/v1/responses`);
    const status = await new Promise((resolve) => {
      refused.on("unexpected-response", (_request, response) => resolve(response.statusCode));
      refused.on("error", () => {});
    });
    expect(status).toBe(426);
    refused.terminate();
    talks[0]?.socket.close();
    await talks[0]?.closed();
    const next = await new Talk(portico.port).open();
    for (const { socket } of [...talks, next]) socket.terminate();
  });

  it("can be switched off, and tells clients to use HTTP", async () => {
    await restart({ responses: { webSocket: false } });
    const socket = new WebSocket(`ws://127.0.0.1:${portico.port}/v1/responses`);
    const status = await new Promise((resolve) => {
      socket.on("unexpected-response", (_request, response) => resolve(response.statusCode));
      socket.on("error", () => {});
    });
    expect(status).toBe(426);
    socket.terminate();
  });

  it("is guarded as every request is", async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${portico.port}/v1/responses`, {
      headers: { origin: "https://evil.example" },
    });
    const status = await new Promise((resolve) => {
      socket.on("unexpected-response", (_request, response) => resolve(response.statusCode));
      socket.on("error", () => {});
    });
    expect(status).toBe(403);
    socket.terminate();
  });
});
