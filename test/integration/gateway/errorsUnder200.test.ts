/**
 * Errors that come under a 200: in the midst of a stream, as its first word, and as a whole reply, in all
 * protocols, passed through and translated. The account is held by their class like by any other failure.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PROTOCOLS, type Protocol } from "../../../src/control/protocol.ts";
import type { FailureClass } from "../../../src/gateway/accounts/failures.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { REPLIES, STREAMS } from "../../support/replies.ts";
import { leaksIn, seededSecret } from "../../support/secrets.ts";
import { sendJson, sendStream, startUpstream, type Upstream } from "../../support/upstream.ts";

let upstream: Upstream;
let second: Upstream;
let portico: TestGateway | undefined;

beforeEach(async () => {
  upstream = await startUpstream(() => {});
  second = await startUpstream(() => {});
});
afterEach(async () => {
  await portico?.stop();
  portico = undefined;
  await Promise.all([upstream.close(), second.close()]);
});

const base = (protocol: Protocol, url: string) =>
  protocol === "anthropic" ? url : protocol === "gemini" ? `${url}/v1beta` : `${url}/v1`;

/** The first account always comes first. */
async function start(provider: Protocol, accounts: 1 | 2 = 1): Promise<TestGateway> {
  const account = (id: string, url: string, priority: number) => ({
    id,
    provider: "custom" as const,
    endpoints: { [provider]: base(provider, url) },
    credentials: { apiKey: seededSecret("key") },
    models: ["m"],
    priority,
  });
  portico = await startGateway({
    accounts: [
      account("first", upstream.url, 1),
      ...(accounts === 2 ? [account("second", second.url, 0)] : []),
    ],
    upstream: { maxAttempts: 1 },
    scheduling: { stickyWaitMs: 0 },
  });
  return portico;
}

async function ask(client: Protocol, stream: boolean, sse = true) {
  const user = { role: "user", content: "hi" };
  const [path, body] = {
    "openai-chat": ["/v1/chat/completions", { model: "m", stream, messages: [user] }] as const,
    "openai-responses": ["/v1/responses", { model: "m", stream, input: [user] }] as const,
    anthropic: ["/v1/messages", { model: "m", stream, max_tokens: 50, messages: [user] }] as const,
    gemini: [
      `/v1beta/models/m:${stream ? `streamGenerateContent${sse ? "?alt=sse" : ""}` : "generateContent"}`,
      { contents: [{ role: "user", parts: [{ text: "hi" }] }] },
    ] as const,
  }[client];
  const reply = await fetch(`${portico?.baseUrl}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: reply.status, text: await reply.text(), account: reply.headers.get("x-portico-account") };
}

const event = (data: object, name?: string) =>
  `${name === undefined ? "" : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`;

/** How each protocol's provider ends a stream by saying that the account's quota is used up. */
const ENDINGS: Readonly<Record<Protocol, readonly string[]>> = {
  "openai-chat": [
    event({
      error: {
        message: "You exceeded your current quota",
        type: "insufficient_quota",
        code: "insufficient_quota",
      },
    }),
    // OpenRouter: https://openrouter.ai/docs/api/reference/errors-and-debugging
    event({
      id: "c1",
      object: "chat.completion.chunk",
      model: "m",
      error: { code: 402, message: "Insufficient credits" },
      choices: [{ index: 0, delta: { content: "" }, finish_reason: "error" }],
    }),
    event({ id: "c1", choices: null, base_resp: { status_code: 1008, status_msg: "insufficient balance" } }),
    event({ success: false, code: 1113, msg: "Insufficient balance, please recharge" }),
  ],
  "openai-responses": [
    event({ type: "error", code: "insufficient_quota", message: "You exceeded your current quota" }, "error"),
    event(
      {
        type: "response.failed",
        response: {
          id: "resp_abc",
          object: "response",
          status: "failed",
          error: { code: "insufficient_quota", message: "You exceeded your current quota" },
          // Providers repeat the request: the error stands long before the end of the stream.
          instructions: "be brief ".repeat(4000),
          output: [],
        },
      },
      "response.failed",
    ),
  ],
  anthropic: [
    event(
      { type: "error", error: { type: "billing_error", message: "Your credit balance is too low" } },
      "error",
    ),
  ],
  gemini: [
    event({
      error: { code: 429, message: "Your prepayment credits are depleted", status: "RESOURCE_EXHAUSTED" },
    }),
  ],
};

/** What comes before the tool call. */
const beginning = (protocol: Protocol): readonly string[] =>
  STREAMS[protocol].slice(0, { "openai-chat": 2, "openai-responses": 4, anthropic: 4, gemini: 1 }[protocol]);

const pairs = PROTOCOLS.flatMap((client) => PROTOCOLS.map((provider) => ({ client, provider })));

describe("an error in the midst of a stream", () => {
  it.each(pairs)("$client from $provider: is told, recorded, and holds the account", async (pair) => {
    const { client, provider } = pair;
    for (const ending of ENDINGS[provider]) {
      upstream.script = (_received, res) => void sendStream(res, [...beginning(provider), ending]);
      const { gateway, recorded } = await start(provider);
      const reply = await ask(client, true);
      expect(reply.status).toBe(200);
      expect(reply.text).toContain("wörld");
      expect(reply.text).toMatch(/"error"|response\.failed|base_resp|"success":false/);
      const record = await recorded();
      expect(record.lane).toBe(client === provider ? "A" : "B");
      expect(record).toMatchObject({ status: 200, error: { kind: "billing" } });
      expect(record.attempts).toMatchObject([{ account: "first", outcome: "broken" }]);
      expect(record.attempts[0]?.message).toMatch(/quota|credit|balance/i);
      expect(gateway.pool.standing()[0]).toMatchObject({
        account: "first",
        state: "needs-attention",
        held: [{ because: "billing" }],
      });
      await portico?.stop();
    }
  });

  it("in Gemini's JSON array", async () => {
    const strip = (text: string) => text.replace(/^data: /, "").trim();
    upstream.script = (_received, res) => {
      res.writeHead(200, { "content-type": "application/json" });
      res.end(`[${[...beginning("gemini"), ...ENDINGS.gemini].map(strip).join(",\r\n")}]`);
    };
    const { gateway, recorded } = await start("gemini");
    const reply = await ask("gemini", true, false);
    expect(JSON.parse(reply.text)).toMatchObject([{ candidates: [{}] }, { error: { code: 429 } }]);
    expect(await recorded()).toMatchObject({ error: { kind: "billing" } });
    expect(gateway.pool.standing()[0]).toMatchObject({ state: "needs-attention" });
  });

  it.each(["openai-chat", "anthropic"] as const)(
    "a used-up account is not asked again while another one can answer (from %s)",
    async (client) => {
      const limit = { error: { message: "Usage limit reached", type: "x", code: "usage_limit_reached" } };
      upstream.script = (_received, res) => void sendStream(res, [...beginning("openai-chat"), event(limit)]);
      second.script = (_received, res) => void sendStream(res, STREAMS["openai-chat"]);
      await start("openai-chat", 2);
      expect((await ask(client, true)).account).toBe("first");
      for (let i = 0; i < 5; i++) expect((await ask(client, true)).account).toBe("second");
      expect(upstream.received).toHaveLength(1);
    },
  );

  it.each(["openai-chat", "anthropic"] as const)(
    "does not tell the key that it quotes (to %s)",
    async (client) => {
      upstream.script = ({ headers }, res) => {
        const key = (headers.authorization ?? "").replace("Bearer ", "");
        const quoted = { error: { message: `Incorrect API key provided: ${key}`, code: "invalid_api_key" } };
        void sendStream(res, [...beginning("openai-chat"), event(quoted)]);
      };
      // What the gateway says, records and remembers is looked through when it stops.
      const { gateway, recorded } = await start("openai-chat");
      const reply = await ask(client, true);
      expect(leaksIn("the reply", reply.text)).toEqual([]);
      expect(reply.text).toContain("Incorrect API key");
      expect((await recorded()).error).toMatchObject({ kind: "authentication" });
      expect(gateway.problems).toMatchObject([{ account: "first", cause: "credential" }]);
    },
  );

  it("words of a conversation are none, however they look", async () => {
    const { gateway, recorded } = await start("openai-chat");
    const said = JSON.stringify({ error: { code: "insufficient_quota" }, base_resp: { status_code: 1008 } });
    const chunk = event({
      id: "c1",
      choices: [{ index: 0, delta: { content: `data: ${said}\n\nevent: error\n\n` }, finish_reason: null }],
    });
    upstream.script = (_received, res) => void sendStream(res, [chunk, ...STREAMS["openai-chat"].slice(-3)]);
    await ask("openai-chat", true);
    expect((await recorded()).error).toBeUndefined();
    expect(gateway.pool.snapshot().health).toEqual([]);
  });
});

type Shape = readonly [name: string, body: object, because: FailureClass | undefined, status: number];

const SHAPES: readonly Shape[] = [
  ["OpenAI's", { error: { message: "nope", type: "x", code: "insufficient_quota" } }, "billing", 402],
  // Words that nobody knows to be their provider's may be the request's own.
  ["an error in words", { error: "Insufficient balance" }, undefined, 400],
  [
    "MiniMax's",
    {
      id: "",
      choices: null,
      base_resp: { status_code: 1004, status_msg: "login fail: carry the API secret key" },
    },
    "credential",
    401,
  ],
  [
    "MiniMax's rate limit",
    { choices: null, base_resp: { status_code: 1002, status_msg: "rate limit" } },
    "rate-limit",
    429,
  ],
  ["Z.ai's", { code: 401, msg: "token expired or incorrect", success: false }, "credential", 401],
  [
    "Cloudflare's",
    {
      success: false,
      errors: [{ code: 10000, message: "Authentication error" }],
      messages: [],
      result: null,
    },
    undefined,
    502,
  ],
  ["Baidu's", { error_code: 110, error_msg: "Access token invalid or no longer valid" }, "credential", 401],
  [
    "Baidu's daily limit",
    { error_code: 17, error_msg: "Open api daily request limit reached" },
    "quota",
    429,
  ],
  ["FastAPI's", { detail: "The worker died" }, undefined, 502],
  ["vLLM's", { object: "error", message: "The model is broken", type: "x", code: 500 }, undefined, 502],
  ["one without words", { success: false }, undefined, 502],
];

describe("a whole reply that is an error", () => {
  it.each(pairs)("$client from $provider", async ({ client, provider }) => {
    await start(provider);
    for (const stream of [false, true]) {
      for (const [name, body, because, status] of SHAPES) {
        portico?.gateway.pool.forget("first");
        upstream.script = (_received, res) => sendJson(res, 200, body);
        const reply = await ask(client, stream);
        const what = `${name}, stream: ${stream}: ${reply.text}`;
        expect(reply.status, what).toBe(status);
        const held = portico?.gateway.pool.standing()[0]?.held ?? [];
        expect(
          held.map((one) => one.because),
          what,
        ).toEqual(because === undefined ? [] : [because]);
        expect(portico?.records.at(-1)?.error, what).toBeDefined();
      }
    }
  });

  it.each(pairs)("$client from $provider: as the first event of a stream", async ({ client, provider }) => {
    await start(provider);
    for (const [name, body, because, status] of SHAPES) {
      portico?.gateway.pool.forget("first");
      upstream.script = (_received, res) => void sendStream(res, [event(body)]);
      const reply = await ask(client, true);
      expect(reply.status, `${name}: ${reply.text}`).toBe(status);
      const held = portico?.gateway.pool.standing()[0]?.held ?? [];
      expect(
        held.map((one) => one.because),
        name,
      ).toEqual(because === undefined ? [] : [because]);
    }
  });
});

describe("a reply without an answer", () => {
  const EMPTY: Readonly<Record<Protocol, readonly object[]>> = {
    "openai-chat": [
      { id: "c", object: "chat.completion", choices: null },
      { id: "c", object: "chat.completion", choices: [], usage: { prompt_tokens: 1, completion_tokens: 0 } },
    ],
    "openai-responses": [{ id: "r", object: "response", status: "completed", output: null, error: null }],
    anthropic: [{ id: "m", type: "message", role: "assistant", content: null }],
    gemini: [{ candidates: null }, { candidates: [] }],
  };

  it.each(pairs)("$client from $provider: is a failure", async ({ client, provider }) => {
    await start(provider);
    for (const body of EMPTY[provider]) {
      upstream.script = (_received, res) => sendJson(res, 200, body);
      const reply = await ask(client, false);
      expect(reply.status, reply.text).toBe(502);
      expect(portico?.records.at(-1)?.error).toMatchObject({ kind: "upstream" });
    }
  });

  it.each(PROTOCOLS)("chunks without choices alone are no stream (to %s)", async (client) => {
    await start("openai-chat");
    for (const choices of [null, []]) {
      upstream.script = (_received, res) =>
        void sendStream(res, [event({ id: "c", choices }), event({ id: "c", choices }), "data: [DONE]\n\n"]);
      expect((await ask(client, true)).status).toBe(502);
    }
    // Azure begins with one.
    upstream.script = (_received, res) =>
      void sendStream(res, [event({ choices: [], prompt_filter_results: [] }), ...STREAMS["openai-chat"]]);
    const reply = await ask(client, true);
    expect(reply).toMatchObject({ status: 200 });
    expect(reply.text).toContain("wörld");
  });
});

describe("what is looked up", () => {
  it("may have failed, and is passed on", async () => {
    await start("openai-responses");
    const failed = {
      ...REPLIES["openai-responses"],
      status: "failed",
      error: { code: "insufficient_quota", message: "You exceeded your current quota" },
    };
    upstream.script = (_received, res) => sendJson(res, 200, failed);
    const reply = await fetch(`${portico?.baseUrl}/v1/responses/resp_abc`);
    expect(reply.status).toBe(200);
    expect(await reply.json()).toEqual(failed);
    expect(portico?.gateway.pool.snapshot().health).toEqual([]);
  });
});
