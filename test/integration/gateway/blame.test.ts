/** Whom the gateway blames, over HTTP: nobody for a wrong request, every account that is truly out of use. */
import type { ServerResponse } from "node:http";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { Protocol } from "../../../src/control/protocol.ts";
import { readErrorBody } from "../../../src/gateway/accounts/errorBody.ts";
import { classify, type FailureClass } from "../../../src/gateway/accounts/failures.ts";
import type { ReplyHeaders } from "../../../src/gateway/accounts/retryTimes.ts";
import { type Clock, systemClock } from "../../../src/gateway/common/ports.ts";
import { hasErrorShape } from "../../../src/gateway/protocols/errorShape.ts";
import type { ProviderId } from "../../../src/gateway/providers/ids.ts";
import { PROVIDERS } from "../../../src/gateway/providers/providers.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { REPLIES } from "../../support/replies.ts";
import { seededSecret } from "../../support/secrets.ts";
import { sendJson, startUpstream, type Upstream } from "../../support/upstream.ts";
import { FAILURE_CASES, NOW } from "../../unit/accounts/failures.cases.ts";
import { REQUEST_CASES } from "../../unit/accounts/requests.cases.ts";

/** The pauses before further tries of a server that is down are short. */
const clock: Clock = {
  ...systemClock,
  setTimeout: (callback, milliseconds) =>
    systemClock.setTimeout(callback, milliseconds < 3_000 ? milliseconds / 100 : milliseconds),
};

interface Rig {
  readonly upstream: Upstream;
  readonly portico: TestGateway;
  readonly protocol: Protocol;
}

/** What an account of a provider speaks. */
function protocolOf(provider: ProviderId): Protocol {
  const { endpoints } = PROVIDERS[provider];
  if (endpoints["openai-chat"] !== undefined && provider !== "gemini") return "openai-chat";
  return endpoints.gemini === undefined ? "anthropic" : "gemini";
}

async function startRig(
  provider: ProviderId,
  accounts: number,
  protocol = protocolOf(provider),
): Promise<Rig> {
  const upstream = await startUpstream((_received, res) => sendJson(res, 200, REPLIES[protocol]));
  const base = protocol.startsWith("openai") ? `${upstream.url}/v1` : upstream.url;
  const portico = await startGateway(
    {
      accounts: Array.from({ length: accounts }, (_, at) => ({
        id: `a${at}`,
        provider,
        priority: accounts - at,
        endpoints: { [protocol]: base },
        credentials: { apiKey: seededSecret("key") },
        models: ["m"],
      })),
    },
    { clock },
  );
  return { upstream, portico, protocol };
}

const rigs = new Map<string, Rig>();
async function rigOf(provider: ProviderId, accounts: number, protocol?: Protocol): Promise<Rig> {
  const key = `${provider} ${accounts} ${protocol}`;
  const rig = rigs.get(key) ?? (await startRig(provider, accounts, protocol));
  rigs.set(key, rig);
  rig.upstream.received.length = 0;
  return rig;
}

afterEach(() => {
  for (const { portico } of rigs.values()) {
    for (const { account } of portico.gateway.pool.standing()) portico.gateway.pool.forget(account);
  }
});
afterAll(async () => {
  for (const { portico, upstream } of rigs.values()) {
    await portico.stop();
    await upstream.close();
  }
});

const TURN = [{ role: "user", content: "hi" }];

/** A request by a client of one of the protocols. */
async function ask({ portico }: Rig, client: Protocol, stream = false): Promise<Response> {
  const [path, body] = {
    "openai-chat": ["/v1/chat/completions", { model: "m", messages: TURN, stream }],
    "openai-responses": ["/v1/responses", { model: "m", input: "hi", stream }],
    anthropic: ["/v1/messages", { model: "m", max_tokens: 10, messages: TURN, stream }],
    gemini: [
      `/v1beta/models/m:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
      { contents: [{ role: "user", parts: [{ text: "hi" }] }] },
    ],
  }[client] as [string, object];
  return await fetch(`${portico.baseUrl}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", "anthropic-version": "2023-06-01" },
    body: JSON.stringify(body),
  });
}

function send(res: ServerResponse, status: number, body: unknown, headers: ReplyHeaders = {}): void {
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) res.setHeader(name, value);
  if (typeof body !== "string") {
    sendJson(res, status, body);
    return;
  }
  res.writeHead(status, { "content-type": "text/plain" });
  res.end(body);
}

const heldIn = ({ portico }: Rig): string[] =>
  portico.gateway.pool
    .standing()
    .filter(({ held, state }) => held.length > 0 || state !== "ready")
    .map(({ account }) => account);

/** The start of the provider's own words, up to the first character that JSON would write otherwise. */
const wordsOf = (body: unknown): string => readErrorBody(body).message.split(/["\\]/)[0]?.slice(0, 60) ?? "";

/** The next request, which nothing is wrong with, is served by the account that comes first. */
async function expectIntact(rig: Rig, client: Protocol): Promise<void> {
  rig.upstream.script = (_received, res) => sendJson(res, 200, REPLIES[rig.protocol]);
  const reply = await ask(rig, client);
  expect(reply.status).toBe(200);
  expect(reply.headers.get("x-portico-account")).toBe("a0");
  await reply.text();
}

const CLIENT_OF: Readonly<Record<Protocol, Protocol>> = {
  "openai-chat": "anthropic",
  "openai-responses": "openai-chat",
  anthropic: "openai-chat",
  gemini: "openai-responses",
};

describe.each([1, 2, 3])("a request that the provider refuses, %i accounts", (accounts) => {
  it.each(REQUEST_CASES.map((one) => [`${one.provider} ${one.status}, ${one.name}`, one] as const))(
    "passthrough: %s",
    async (_name, { provider, status, body }) => {
      const rig = await rigOf(provider, accounts);
      const { protocol, upstream } = rig;
      upstream.script = (_received, res) => send(res, status, body);
      const reply = await ask(rig, protocol);
      const text = await reply.text();
      expect(heldIn(rig)).toEqual([]);
      expect(text).toContain(wordsOf(body));
      if (status < 500) {
        expect(reply.status).toBe(status);
        expect(reply.headers.get("x-should-retry")).toBe("false");
        if (hasErrorShape(protocol, Buffer.from(JSON.stringify(body))))
          expect(JSON.parse(text)).toEqual(body);
        expect(upstream.received.length).toBeLessThanOrEqual(accounts);
      } else expect(reply.status).toBeGreaterThanOrEqual(500);
      await expectIntact(rig, protocol);
    },
  );
});

describe("a request that the provider refuses", () => {
  it.each(REQUEST_CASES.map((one) => [`${one.provider} ${one.status}, ${one.name}`, one] as const))(
    "translation: %s",
    async (_name, { provider, status, body }) => {
      const rig = await rigOf(provider, 2);
      const client = CLIENT_OF[rig.protocol];
      rig.upstream.script = (_received, res) => send(res, status, body);
      const reply = await ask(rig, client);
      expect(await reply.text()).toContain(wordsOf(body));
      // Not every protocol has a 422.
      if (status < 500) expect([status, status === 422 ? 400 : status]).toContain(reply.status);
      expect(heldIn(rig)).toEqual([]);
      await expectIntact(rig, client);
    },
  );

  const clientErrors = REQUEST_CASES.filter(({ status, body }) => status < 500 && hasErrorField(body));
  it.each(
    clientErrors.flatMap((one) =>
      [true, false].map((translated) => {
        const way = translated ? "translation" : "passthrough";
        return [`${way}: ${one.provider}, ${one.name}`, translated, one] as const;
      }),
    ),
  )("as the first event of a stream, %s", async (_name, translated, { provider, body }) => {
    const rig = await rigOf(provider, 2);
    const { protocol, upstream } = rig;
    const client = translated ? CLIENT_OF[protocol] : protocol;
    const event = protocol === "anthropic" ? "event: error\n" : "";
    upstream.script = (_received, res) => {
      res.writeHead(200, { "content-type": "text/event-stream" });
      res.end(`${event}data: ${JSON.stringify(body)}\n\n`);
    };
    const reply = await ask(rig, client, true);
    expect(await reply.text()).toContain(wordsOf(body));
    expect(heldIn(rig)).toEqual([]);
    await expectIntact(rig, client);
  });

  it("as an error under a 200 in place of embeddings, translated", async () => {
    const rig = await rigOf("custom", 2, "gemini");
    const message = "input: invalid api key, credit balance is too low";
    rig.upstream.script = (_received, res) =>
      sendJson(res, 200, { error: { code: 400, message, status: "INVALID_ARGUMENT" } });
    const reply = await fetch(`${rig.portico.baseUrl}/v1/embeddings`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "m", input: "hi" }),
    });
    expect(reply.status).toBe(400);
    expect(await reply.text()).toContain(message);
    expect(heldIn(rig)).toEqual([]);
  });

  it.each(["openai-chat", "openai-responses", "anthropic", "gemini"] as const)(
    "an account that speaks %s, every client",
    async (target) => {
      const rig = await rigOf("custom", 2, target);
      const error = {
        message: "stop: invalid token, credit balance is too low",
        type: "invalid_request_error",
      };
      const body = {
        "openai-chat": { error },
        "openai-responses": { error },
        anthropic: { type: "error", error },
        gemini: { error: { ...error, code: 400, status: "INVALID_ARGUMENT" } },
      }[target];
      for (const client of ["openai-chat", "openai-responses", "anthropic", "gemini"] as const) {
        rig.upstream.script = (_received, res) => sendJson(res, 400, body);
        const reply = await ask(rig, client);
        expect([client, reply.status]).toEqual([client, 400]);
        expect(await reply.text()).toContain("stop: invalid token");
        expect(heldIn(rig)).toEqual([]);
        await expectIntact(rig, client);
      }
    },
  );
});

/** Gemini's streams and others wrap theirs in an array; no stream begins with one. */
function hasErrorField(body: unknown): boolean {
  return typeof body === "object" && body !== null && typeof Reflect.get(body, "error") === "object";
}

/** Limits that pass soon are waited for; what one computer's own server lacks, it may have in a moment. */
const LASTING: ReadonlySet<FailureClass> = new Set(["credential", "billing", "permission", "quota"]);
const TRUE_CASES = FAILURE_CASES.filter(({ provider, status, headers = {}, body }) => {
  const failure = classify({ provider, protocol: "openai-chat", status, headers, body, now: NOW });
  return status >= 400 && LASTING.has(failure.class) && failure.scope !== "none";
});

describe.each([1, 2, 3])("%i accounts that are truly out of use in the same way", (accounts) => {
  it.each(TRUE_CASES.map((one) => [`${one.provider} ${one.status}, ${one.name}`, one] as const))(
    "end held: %s",
    async (_name, { provider, status, headers, body }) => {
      const rig = await rigOf(provider, accounts);
      rig.upstream.script = (_received, res) => send(res, status, body, headers);
      const reply = await ask(rig, rig.protocol);
      expect(reply.status).toBeGreaterThanOrEqual(400);
      await reply.text();
      expect(heldIn(rig)).toHaveLength(accounts);
      expect(rig.upstream.received).toHaveLength(accounts);
    },
  );
});

describe("a pool of seven", () => {
  it("answers by its seventh account, where six refuse at once", async () => {
    const rig = await rigOf("openai", 7);
    const refusals = [
      [401, { error: { message: "Incorrect API key provided", code: "invalid_api_key" } }],
      [402, { error: { message: "Payment required" } }],
      [403, { error: { message: "Nope" } }],
      [404, { error: { message: "The model `m` does not exist", code: "model_not_found" } }],
      [429, { error: { message: "You exceeded your current quota", code: "insufficient_quota" } }],
      [429, { error: { message: "Rate limit reached on requests per day (RPD)" } }],
    ] as const;
    rig.upstream.script = (_received, res) => {
      const [status, body] = refusals[rig.upstream.received.length - 1] ?? [200, REPLIES["openai-chat"]];
      sendJson(res, status, body);
    };
    const reply = await ask(rig, "openai-chat");
    expect(reply.status).toBe(200);
    expect(reply.headers.get("x-portico-account")).toBe("a6");
    expect(rig.upstream.received).toHaveLength(7);
    await reply.text();
  });
});
