import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PROTOCOLS, type Protocol } from "../../../src/control/protocol.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { BAD_REQUESTS, RATE_LIMITS, REPLIES, STREAMS } from "../../support/replies.ts";
import { sdk, statusOf } from "../../support/sdks.ts";
import { sendJson, sendStream, startUpstream, type Upstream } from "../../support/upstream.ts";

const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const FINISH: Readonly<Record<Protocol, string>> = {
  "openai-chat": "tool_calls",
  "openai-responses": "completed",
  anthropic: "tool_use",
  gemini: "STOP",
};
/** Where the key has to be, and nowhere else. */
const KEY_HEADER: Readonly<Record<Protocol, string>> = {
  "openai-chat": "authorization",
  "openai-responses": "authorization",
  anthropic: "x-api-key",
  gemini: "x-goog-api-key",
};
const ANSWER = {
  text: "Hello wörld",
  calls: [{ name: "read", args: { path: "a.txt" } }],
  input: 10,
  output: 5,
};

describe.each(PROTOCOLS)("the official SDK of %s in passthrough", (protocol) => {
  let first: Upstream;
  let second: Upstream;
  let portico: TestGateway;
  const account = (id: string, { url }: Upstream, priority: number) => ({
    id,
    provider: "custom" as const,
    priority,
    endpoints: { "openai-chat": `${url}/v1`, "openai-responses": `${url}/v1`, anthropic: url, gemini: url },
    credentials: { apiKey: `key-of-${id}` },
    models: ["m", "other"],
  });

  beforeEach(async () => {
    first = await startUpstream((_received, res) => sendStream(res, STREAMS[protocol]));
    second = await startUpstream((_received, res) => sendStream(res, STREAMS[protocol]));
    portico = await startGateway({
      accounts: [account("first", first, 1), account("second", second, 0)],
      routes: [{ model: "alias", to: ["first/m"] }],
    });
  });
  afterEach(async () => {
    await portico.stop();
    await first.close();
    await second.close();
  });

  it("streams text, a tool call and usage", async () => {
    const answer = await sdk(protocol, portico.baseUrl)({ model: "m", stream: true, text: "hi" });
    expect(answer).toEqual({ ...ANSWER, finish: FINISH[protocol] });
    const record = await portico.recorded();
    expect(record).toMatchObject({ lane: "A", account: "first", status: 200, stream: true });
    expect(record.usage).toMatchObject({ input: { total: 10 }, output: { total: 5 } });
  });

  it("answers whole", async () => {
    first.script = (_received, res) => sendJson(res, 200, REPLIES[protocol]);
    const answer = await sdk(protocol, portico.baseUrl)({ model: "m", stream: false, text: "hi" });
    expect(answer).toEqual({ ...ANSWER, finish: FINISH[protocol] });
    expect((await portico.recorded()).usage).toMatchObject({ input: { total: 10 }, output: { total: 5 } });
  });

  it("passes on images and unknown fields, and exactly one key", async () => {
    await sdk(
      protocol,
      portico.baseUrl,
    )({ model: "m", stream: true, text: "hi", image: PNG, extra: { brand_new: { deep: [1] } } });
    const received = first.received[0];
    const body = received?.body.toString() ?? "";
    expect(body).toContain(PNG);
    expect(body).toContain('"brand_new":{"deep":[1]}');
    const credentials = ["authorization", "x-api-key", "x-goog-api-key", "api-key"].filter(
      (name) => received?.headers[name] !== undefined,
    );
    expect(credentials).toEqual([KEY_HEADER[protocol]]);
    expect(received?.headers[KEY_HEADER[protocol]]).toContain("key-of-first");
    expect(JSON.stringify(received?.rawHeaders) + received?.url).not.toContain("client-key");
    expect(received?.headers["user-agent"]).toMatch(/^Portico\//);
  });

  it("renames the model and nothing else", async () => {
    await sdk(protocol, portico.baseUrl)({ model: "m", stream: true, text: "hi" });
    await sdk(protocol, portico.baseUrl)({ model: "alias", stream: true, text: "hi" });
    const [plain, renamed] = first.received;
    expect(renamed?.body.equals(plain?.body ?? Buffer.alloc(0))).toBe(true);
    expect(renamed?.url).toBe(plain?.url);
  });

  it("moves to the next account on a rate limit", async () => {
    first.script = (_received, res) => sendJson(res, 429, RATE_LIMITS[protocol], { "retry-after": "30" });
    const answer = await sdk(protocol, portico.baseUrl)({ model: "m", stream: true, text: "hi" });
    expect(answer.text).toBe("Hello wörld");
    expect((await portico.recorded()).attempts.map(({ account: id, outcome }) => [id, outcome])).toEqual([
      ["first", "rate-limit"],
      ["second", "ok"],
    ]);
  });

  it("moves on when a 200 begins with an error", async () => {
    first.script = (_received, res) =>
      sendStream(res, [
        `${protocol === "anthropic" ? "event: error\n" : ""}data: ${JSON.stringify(RATE_LIMITS[protocol])}\n\n`,
      ]);
    expect((await sdk(protocol, portico.baseUrl)({ model: "m", stream: true, text: "hi" })).text).toBe(
      "Hello wörld",
    );
  });

  it("hands the provider's own error back, untouched and with its status", async () => {
    first.script = (_received, res) => sendJson(res, 400, BAD_REQUESTS[protocol]);
    await expect(sdk(protocol, portico.baseUrl)({ model: "m", stream: true, text: "hi" })).rejects.toSatisfy(
      (thrown) => statusOf(thrown) === 400 && String(thrown).includes("Bad temperature"),
    );
    expect(second.received).toHaveLength(0);
  });

  it("says when to come back when everyone is busy", async () => {
    for (const upstream of [first, second]) {
      upstream.script = (_received, res) => sendJson(res, 429, RATE_LIMITS[protocol], { "retry-after": "7" });
    }
    await expect(sdk(protocol, portico.baseUrl)({ model: "m", stream: true, text: "hi" })).rejects.toSatisfy(
      (thrown) => statusOf(thrown) === 429,
    );
    // The next one is not even sent.
    const sent = first.received.length + second.received.length;
    await expect(sdk(protocol, portico.baseUrl)({ model: "m", stream: false, text: "hi" })).rejects.toSatisfy(
      (thrown) => statusOf(thrown) === 429,
    );
    expect(first.received.length + second.received.length).toBe(sent);
  });

  it.each([true, false])("passes an abort on before the first byte (stream: %s)", async (stream) => {
    const abort = new AbortController();
    first.script = () => {
      abort.abort();
    };
    await expect(
      sdk(protocol, portico.baseUrl)({ model: "m", stream, text: "hi", signal: abort.signal }),
    ).rejects.toThrow();
    await first.received[0]?.aborted;
    expect(second.received).toHaveLength(0);
    expect((await portico.recorded()).error?.kind).toBe("client-gone");
  });

  it("passes an abort on in the midst of a stream", async () => {
    const abort = new AbortController();
    first.script = (_received, res) => {
      res.writeHead(200, { "content-type": "text/event-stream" });
      res.write(STREAMS[protocol][0] ?? "");
    };
    const asked = sdk(
      protocol,
      portico.baseUrl,
    )({ model: "m", stream: true, text: "hi", signal: abort.signal, onEvent: () => abort.abort() });
    await expect(asked).rejects.toThrow();
    await first.received[0]?.aborted;
  });

  it("ends a broken stream with an error of the protocol", async () => {
    first.script = (_received, res) => {
      res.writeHead(200, { "content-type": "text/event-stream" });
      // Whole events, and half of one.
      res.write(`${STREAMS[protocol][0] ?? ""}data: {"half":`);
      setImmediate(() => res.destroy());
    };
    await expect(sdk(protocol, portico.baseUrl)({ model: "m", stream: true, text: "hi" })).rejects.toThrow(
      /broke off|incomplete/,
    );
    expect((await portico.recorded()).error?.message).toMatch(/broke off/);
    expect(second.received).toHaveLength(0);
  });
});
