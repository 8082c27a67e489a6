/** Tokens, bytes and times of replies whose providers do not tell, passed through and translated. */
import { request } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PROTOCOLS, type Protocol } from "../../../src/control/protocol.ts";
import type { RequestRecord } from "../../../src/gateway/records/record.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { WRITERS } from "../../support/matrix/rig.ts";
import { type Scene, USAGE } from "../../support/matrix/scene.ts";
import { startUpstream, type Upstream } from "../../support/upstream.ts";
import { answering, ask, recountedWire, requestOf, WAYS } from "../../support/usage/ask.ts";

const SCENE: Scene = {
  text: "Grüße aus der weiten Welt 🌍, it is 21 °C outside.",
  calls: [{ id: "call_1", name: "weather", args: { city: "Zürich", days: 3 } }],
  finish: "tool-calls",
  usage: USAGE,
};

let upstream: Upstream;
let portico: TestGateway;

/** One for each way, so that what is learned of one says nothing of another. */
const account = (client: Protocol, provider: Protocol) => ({
  id: `${client}.${provider}`,
  provider: "custom" as const,
  endpoints: { [provider]: provider.startsWith("openai") ? `${upstream.url}/v1` : upstream.url },
  credentials: { apiKey: "k" },
  models: [modelOf(client, provider)],
});
const modelOf = (client: Protocol, provider: Protocol): string => `m-${client}-${provider}`;

beforeAll(async () => {
  upstream = await startUpstream((_received, res) => void res.writeHead(404).end());
  portico = await startGateway({
    accounts: PROTOCOLS.flatMap((client) => PROTOCOLS.map((provider) => account(client, provider))),
  });
});
beforeEach(() => {
  portico.records.length = 0;
});
afterAll(async () => {
  await portico.stop();
  await upstream.close();
});

const recordOf = (id: string): Promise<RequestRecord> => portico.recorded((record) => record.id === id);

describe("a reply without usage", () => {
  it.each([true, false])("is estimated alike in both ways (stream: %s)", async (stream) => {
    const outputs = new Map<string, number | undefined>();
    for (const { client, provider } of WAYS.filter((way) => way.stream === stream)) {
      upstream.script = answering(recountedWire(WRITERS[provider](SCENE), undefined));
      const { id } = await ask(portico.baseUrl, client, modelOf(client, provider), stream);
      const { usage, lane, error } = await recordOf(id);
      expect({ client, provider, lane, error }).toMatchObject({
        lane: client === provider ? "A" : "B",
        error: undefined,
      });
      expect(usage?.estimated).toBe(true);
      expect(usage?.input.total).toBeGreaterThan(0);
      outputs.set(`${client} at ${provider}`, usage?.output.total);
    }
    const [first] = outputs.values();
    expect(first).toBeGreaterThan(15);
    expect(Object.fromEntries(outputs)).toEqual(
      Object.fromEntries(Array.from(outputs.keys(), (way) => [way, first])),
    );
  });

  it("counts what is embedded", async () => {
    upstream.script = (_received, res) => {
      res.writeHead(200, { "content-type": "application/json" });
      res.end(JSON.stringify({ embeddings: [{ values: [1, 0] }, { values: [0, 1] }] }));
    };
    const texts = ["the quick brown fox", "jumps over the lazy dog"];
    const asked = [
      ["/v1/embeddings", { model: "m-openai-chat-gemini", input: texts }],
      [
        "/v1beta/models/m-gemini-gemini:batchEmbedContents",
        {
          requests: texts.map((text) => ({
            model: "models/m-gemini-gemini",
            content: { parts: [{ text }] },
          })),
        },
      ],
    ] as const;
    for (const [path, body] of asked) {
      const reply = await fetch(portico.baseUrl + path, { method: "POST", body: JSON.stringify(body) });
      await reply.arrayBuffer();
      const { usage } = await recordOf(reply.headers.get("x-request-id") ?? "");
      expect(usage).toMatchObject({ input: { total: 10 }, output: { total: 0 }, estimated: true });
    }
  });
});

describe("the bytes of a reply", () => {
  it.each(WAYS)("are bytes: $client at $provider, stream: $stream", async ({ client, provider, stream }) => {
    upstream.script = answering(WRITERS[provider](SCENE));
    const { id, bytes } = await ask(portico.baseUrl, client, modelOf(client, provider), stream);
    expect((await recordOf(id)).bytesOut).toBe(bytes.length);
  });
});

describe("a plain request that its client gives up", () => {
  /** Hangs up as soon as the provider has the request, and has answered that much of it. */
  async function giveUp(client: Protocol, provider: Protocol, answered: number): Promise<RequestRecord> {
    const { path, body } = requestOf(client, modelOf(client, provider), false);
    const whole = Buffer.from(JSON.stringify(recountedWire(WRITERS[provider](SCENE), undefined).whole));
    const asked = request(portico.baseUrl + path, { method: "POST" });
    asked.on("error", () => {});
    upstream.script = (_received, res) => {
      if (answered === 0) {
        asked.destroy();
        return;
      }
      res.writeHead(200, { "content-type": "application/json", "content-length": whole.length });
      // What went out is surely there when the client leaves.
      res.write(whole.subarray(0, Math.floor(whole.length * answered)), () =>
        setTimeout(() => asked.destroy(), 100),
      );
    };
    asked.end(body);
    return await portico.recorded();
  }

  const PAIRS = WAYS.filter(({ stream }) => !stream);

  it.each(PAIRS)("has used its input: $client at $provider", async ({ client, provider }) => {
    const record = await giveUp(client, provider, 0);
    expect(record).toMatchObject({
      status: 499,
      account: `${client}.${provider}`,
      error: { kind: "client-gone" },
    });
    expect(record.usage).toMatchObject({ output: { total: 0 }, estimated: true });
    expect(record.usage?.input.total).toBeGreaterThan(0);
  });

  it.each(PAIRS)("has used what came of its reply: $client at $provider", async ({ client, provider }) => {
    const record = await giveUp(client, provider, 0.98);
    expect(record).toMatchObject({
      status: 499,
      account: `${client}.${provider}`,
      error: { kind: "client-gone" },
    });
    expect(record.usage?.estimated).toBe(true);
    expect(record.usage?.output.total).toBeGreaterThan(8);
  });
});

describe("a stream that its client gives up before it begins", () => {
  it.each(WAYS.filter(({ stream }) => stream))("has used its input: $client at $provider", async (way) => {
    const { client, provider } = way;
    const { path, body } = requestOf(client, modelOf(client, provider), true);
    const asked = request(portico.baseUrl + path, { method: "POST" });
    asked.on("error", () => {});
    upstream.script = () => void asked.destroy();
    asked.end(body);
    const record = await portico.recorded();
    expect(record).toMatchObject({ account: `${client}.${provider}`, error: { kind: "client-gone" } });
    expect(record.usage).toMatchObject({ output: { total: 0 }, estimated: true });
    expect(record.usage?.input.total).toBeGreaterThan(0);
  });
});

describe("a stream that breaks off", () => {
  it.each(WAYS.filter(({ stream }) => stream))("is estimated: $client at $provider", async (way) => {
    const { client, provider } = way;
    const { events } = WRITERS[provider]({ ...SCENE, text: "word ".repeat(50) });
    const first = events.findIndex(({ data }) => data.includes("word word"));
    upstream.script = (_received, res) => {
      res.writeHead(200, { "content-type": "text/event-stream" });
      for (const { event, data } of events.slice(0, first + 1))
        res.write(`${event === undefined ? "" : `event: ${event}\n`}data: ${data}\n\n`);
      setTimeout(() => res.destroy(), 100);
    };
    const { id } = await ask(portico.baseUrl, client, modelOf(client, provider), true);
    const record = await recordOf(id);
    expect(record.error?.kind).toBe("upstream");
    // Half of the text's fifty words went out.
    expect(record.usage?.output.total).toBeGreaterThanOrEqual(24);
    expect(record.usage?.output.total).toBeLessThan(30);
    expect(record.usage?.estimated).toBe(true);
  });
});
