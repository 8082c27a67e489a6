/** Streams that say early, or of one choice, why they end: that is no end where more was to come. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Protocol } from "../../../src/control/protocol.ts";
import { ASKED, type Client } from "../../support/clients.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { type Delimiting, type RawProvider, startRawProvider } from "../../support/rawStream.ts";
import { errorOf, written } from "../../support/streamReader.ts";

let provider: RawProvider;
let portico: TestGateway;

beforeAll(async () => {
  provider = await startRawProvider();
  const account = (vendor: "openai" | "gemini", protocol: Protocol) => ({
    id: protocol,
    provider: vendor,
    endpoints: { [protocol]: vendor === "openai" ? `${provider.url}/v1` : provider.url },
    credentials: { apiKey: "k" },
    models: [protocol],
  });
  portico = await startGateway({ accounts: [account("openai", "openai-chat"), account("gemini", "gemini")] });
  await portico.gateway.models();
});
afterAll(async () => {
  await portico.stop();
  await provider.close();
});
beforeEach(() => {
  portico.records.length = 0;
  for (const { id } of portico.gateway.accounts) portico.gateway.pool.health.forget(id);
});

const CLIENTS = Object.keys(ASKED) as Client[];
const PATHS: Readonly<Record<Client, string>> = {
  "openai-chat": "/v1/chat/completions",
  "openai-responses": "/v1/responses",
  anthropic: "/v1/messages",
  gemini: "/v1beta/models/gemini:streamGenerateContent?alt=sse",
  "gemini-array": "/v1beta/models/gemini:streamGenerateContent",
};

function bodyFor(client: Client, model: string, choices: number): object {
  const messages = [{ role: "user", content: "hi" }];
  const n = choices === 1 ? {} : { n: choices };
  switch (client) {
    case "openai-chat":
      return { model, stream: true, messages, ...n };
    case "openai-responses":
      return { model, stream: true, input: "hi" };
    case "anthropic":
      return { model, stream: true, max_tokens: 50, messages };
    default:
      return {
        contents: [{ role: "user", parts: [{ text: "hi" }] }],
        ...(choices === 1 ? {} : { generationConfig: { candidateCount: choices } }),
      };
  }
}

/** What a client gets of a provider's events, whose body ends as its framing has it or with its connection alone. */
async function read(
  client: Client,
  model: Protocol,
  events: readonly string[],
  framing: Delimiting,
  choices = 1,
) {
  provider.script = (reply) => {
    const array = client === "gemini-array";
    reply.head(array ? "application/json" : "text/event-stream", framing);
    // One after the other: events of one packet are looked at together.
    const send = (at: number) => {
      const event = events[at];
      if (event === undefined) {
        if (framing === "chunked") reply.end();
        else reply.fin();
        return;
      }
      reply.body(written(client, [event], at));
      setTimeout(() => send(at + 1), 5);
    };
    send(0);
  };
  const path = PATHS[client].replace("models/gemini:", `models/${model}:`);
  const response = await fetch(`${portico.baseUrl}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(bodyFor(client, model, choices)),
  });
  const text = await response.text();
  return { text, error: errorOf(client, text), record: await portico.recorded() };
}

const sse = (data: object) => `data: ${JSON.stringify(data)}\n\n`;
const usageMetadata = { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 };
const candidate = (text: string, more: object = {}) =>
  sse({ candidates: [{ content: { role: "model", parts: [{ text }] }, ...more }], usageMetadata });
const STOP = { finishReason: "STOP" };

/** Words of a reply that a client was shown, whatever its protocol. */
const words = (text: string) => ["alpha ", "beta ", "gamma "].filter((word) => text.includes(word)).length;

const RELAYS = {
  "in every chunk": [candidate("alpha ", STOP), candidate("beta ", STOP), candidate("gamma ", STOP)],
  "in the first chunk alone": [candidate("alpha ", STOP), candidate("beta "), candidate("gamma ")],
  "before the text": [candidate("", STOP), candidate("alpha "), candidate("beta "), candidate("gamma ")],
} as const;

describe.each(CLIENTS)("a Gemini relay that says STOP (%s)", (client) => {
  it("in every chunk has all of its chunks told, and is whole where its framing ends", async () => {
    const { text, error, record } = await read(client, "gemini", RELAYS["in every chunk"], "chunked");
    expect(error).toBeUndefined();
    expect(words(text)).toBe(3);
    expect(record.error).toBeUndefined();
    expect(record.usage).toMatchObject({ input: { total: 10 }, output: { total: 5 } });
  });

  it.each([
    ["in every chunk", "close"],
    ["in the first chunk alone", "close"],
    ["in the first chunk alone", "chunked"],
    ["before the text", "close"],
    ["before the text", "chunked"],
  ] as const)("%s, and breaks off (%s)", async (relay, framing) => {
    const { text, error, record } = await read(client, "gemini", RELAYS[relay], framing);
    expect(words(text)).toBe(3);
    expect(error).toMatch(/broke off/);
    expect(record).toMatchObject({ error: { kind: "upstream" }, attempts: [{ outcome: "broken" }] });
  });

  it("once, at the end, is whole however the connection ends", async () => {
    for (const framing of ["chunked", "close"] as const) {
      portico.records.length = 0;
      const events = [candidate("alpha "), candidate("beta ", STOP), candidate("", STOP)];
      const { text, error, record } = await read(client, "gemini", events, framing);
      expect(words(text)).toBe(2);
      expect(error).toBeUndefined();
      expect(record.error).toBeUndefined();
    }
  });
});

describe("a reason for the end, and nothing behind it", () => {
  const chunk = (content: string, finish_reason: string | null) =>
    sse({
      ...{ id: "c1", object: "chat.completion.chunk", created: 1, model: "m" },
      choices: [{ index: 0, delta: { content }, finish_reason }],
    });
  const BLOCK = sse({ promptFeedback: { blockReason: "PROHIBITED_CONTENT" }, usageMetadata });

  it.each(CLIENTS.filter((client) => client !== "gemini-array"))(
    "ends a chat stream without [DONE], however the connection ends: %s",
    async (client) => {
      for (const framing of ["chunked", "close"] as const) {
        portico.records.length = 0;
        const events = [chunk("alpha ", null), chunk("beta ", "stop")];
        const { text, error, record } = await read(client, "openai-chat", events, framing);
        expect({ error, words: words(text), failed: record.error }).toEqual({ words: 2 });
        expect(record).toMatchObject({ attempts: [{ outcome: "ok" }], warnings: [] });
        expect(portico.gateway.pool.health.snapshot()).toEqual([]);
      }
    },
  );

  it.each(CLIENTS)(
    "ends a Gemini stream that was blocked, however the connection ends: %s",
    async (client) => {
      for (const framing of ["chunked", "close"] as const) {
        portico.records.length = 0;
        const { error, record } = await read(client, "gemini", [BLOCK], framing);
        expect({ error, failed: record.error }).toEqual({});
        expect(record).toMatchObject({ attempts: [{ outcome: "ok" }] });
        expect(portico.gateway.pool.health.snapshot()).toEqual([]);
      }
    },
  );
});

describe("several choices", () => {
  const choice = (index: number, content: string, finish_reason: string | null = null) =>
    sse({
      id: "c1",
      object: "chat.completion.chunk",
      created: 1,
      model: "m",
      choices: [{ index, delta: { content }, finish_reason }],
    });
  const CHAT = [choice(0, "alpha "), choice(1, "beta "), choice(0, "gamma ", "stop")];
  const GEMINI = [
    candidate("alpha ", { index: 0 }),
    candidate("beta ", { index: 1 }),
    candidate("gamma ", { index: 0, ...STOP }),
  ];

  it.each<[Client, Protocol, readonly string[], string]>([
    ["openai-chat", "openai-chat", CHAT, choice(1, "", "stop")],
    ["gemini", "openai-chat", CHAT, choice(1, "", "stop")],
    ["gemini", "gemini", GEMINI, candidate("", { index: 1, ...STOP })],
    ["openai-chat", "gemini", GEMINI, candidate("", { index: 1, ...STOP })],
  ])("have not ended with the first of them: %s at %s", async (client, model, events, last) => {
    for (const framing of ["chunked", "close"] as const) {
      portico.records.length = 0;
      const cut = await read(client, model, events, framing, 2);
      expect(words(cut.text)).toBe(3);
      expect(cut.error).toMatch(/broke off/);
      expect(cut.record).toMatchObject({ error: { kind: "upstream" }, attempts: [{ outcome: "broken" }] });
      portico.gateway.pool.health.forget(model);
      portico.records.length = 0;
      const whole = await read(client, model, [...events, last], framing, 2);
      expect(whole.error).toBeUndefined();
      expect(whole.record.error).toBeUndefined();
      portico.gateway.pool.health.forget(model);
    }
  });
});

describe("usage that is told with every chunk", () => {
  const chunk = (content: string, completion_tokens: number) =>
    sse({
      ...{ id: "c1", object: "chat.completion.chunk", created: 1, model: "m" },
      choices: [{ index: 0, delta: { content }, finish_reason: null }],
      usage: { prompt_tokens: 3, completion_tokens, total_tokens: 3 + completion_tokens },
    });

  it.each(CLIENTS.filter((client) => !client.startsWith("gemini")))(
    "does not end the reply: %s",
    async (client) => {
      const { error, record } = await read(
        client,
        "openai-chat",
        [chunk("alpha ", 1), chunk("beta ", 2)],
        "chunked",
      );
      expect(error).toMatch(/broke off/);
      expect(record).toMatchObject({ error: { kind: "upstream" }, attempts: [{ outcome: "broken" }] });
    },
  );
});
