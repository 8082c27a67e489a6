/** What a person reads when nobody could answer: whose fault, until when, what to do. */
import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/gateway/common/ports.ts";
import type { SettingsInput } from "../../../src/gateway/settings/settings.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { seededSecret } from "../../support/secrets.ts";
import { sendJson, startUpstream, type Upstream } from "../../support/upstream.ts";

let upstream: Upstream;
let portico: TestGateway;

beforeEach(async () => {
  upstream = await startUpstream((_received, res) => sendJson(res, 500, {}));
  // The time stands still: what is held back stays so, however slow the machine is.
  const clock = { ...systemClock, now: () => 1_800_000_000_000 };
  const settings: SettingsInput = {
    accounts: [
      {
        id: "lab",
        provider: "custom",
        label: "The lab",
        endpoints: { "openai-chat": `${upstream.url}/v1` },
        credentials: { apiKey: seededSecret("key") },
        models: ["m"],
      },
    ],
    upstream: { maxAttempts: 1 },
  };
  portico = await startGateway(settings, { clock });
});
afterEach(async () => {
  await portico.stop();
  await upstream.close();
});

type Client = "openai-chat" | "anthropic";

/** The answer to one request: its status, what SDKs go by, and the text they show. */
async function ask(script: (res: ServerResponse) => void, client: Client = "openai-chat", stream = false) {
  upstream.script = (_received, res) => script(res);
  const chat = client === "openai-chat";
  const reply = await fetch(`${portico.baseUrl}${chat ? "/v1/chat/completions" : "/v1/messages"}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(chat ? {} : { "anthropic-version": "2023-06-01" }) },
    body: JSON.stringify({
      model: "m",
      stream,
      ...(chat ? {} : { max_tokens: 10 }),
      messages: [{ role: "user", content: "hi" }],
    }),
  });
  const text = await reply.text();
  const body = JSON.parse(text) as { error: { message: string; type: string } };
  expect(body.error.type).toEqual(expect.any(String));
  return {
    status: reply.status,
    retry: reply.headers.get("x-should-retry"),
    after: reply.headers.get("retry-after"),
    said: body.error.message,
  };
}

const raw = (type: string, body: string) => (res: ServerResponse) => {
  res.writeHead(200, { "content-type": type });
  res.end(body);
};

describe("an account that cannot be used", () => {
  it("whose key is refused is named, without the word that Claude Code takes for its own login", async () => {
    const refuse = (res: ServerResponse) =>
      sendJson(res, 401, {
        error: {
          message: "invalid x-api-key",
          type: "invalid_request_error",
          param: null,
          code: "invalid_api_key",
        },
      });
    const first = await ask(refuse);
    expect(first).toMatchObject({ status: 401, retry: "false" });
    expect(first.said).toBe(
      'The provider refuses Portico\'s account "The lab" (invalid API key). Renew its key or sign-in in Portico; the key that your tool sends plays no part.',
    );
    expect(await ask(refuse)).toEqual(first);
    expect(upstream.received).toHaveLength(1);
  });

  it("is out of a model for a while: the model is unknown then, too, not limited", async () => {
    const unknown = (res: ServerResponse) =>
      sendJson(res, 404, {
        error: { message: "The model m does not exist", type: "x", param: null, code: "model_not_found" },
      });
    expect(await ask(unknown)).toMatchObject({ status: 404, retry: "false" });
    const later = await ask(unknown);
    expect(later).toMatchObject({ status: 404, retry: "false", after: null });
    expect(later.said).toContain("The model m does not exist. GET /v1/models lists what is there.");
    expect(upstream.received).toHaveLength(1);
  });

  it("has used up a limit: the text says when to come back, too", async () => {
    const week = (res: ServerResponse) => {
      res.setHeader("retry-after", "604800");
      sendJson(res, 429, { error: { message: "Weekly limit", type: "x", param: null, code: "limit" } });
    };
    expect(await ask(week)).toMatchObject({ status: 429 });
    const later = await ask(week);
    expect(later.said).toMatch(/Weekly limit \(ready in 7 d\)\.$/);
    expect(Number(later.after)).toBeGreaterThan(6 * 3600 - 1);
  });
});

describe("a 200 that is no answer", () => {
  const page = raw("text/html; charset=utf-8", "<!DOCTYPE html><title>Sign in to the network</title>");
  it.each<[Client, boolean]>([
    ["openai-chat", false],
    ["openai-chat", true],
    ["anthropic", false],
    ["anthropic", true],
  ])("a web page: %s is told of the base URL (stream: %s)", async (client, stream) => {
    const { status, said } = await ask(page, client, stream);
    expect(status).toBe(502);
    expect(said).toMatch(
      /^The lab: 127\.0\.0\.1:\d+ answered with a web page\. Check the account's base URL/,
    );
  });

  it.each([
    ["nothing", raw("application/json", ""), "an empty reply"],
    ["garbage", raw("application/json", "\u0000\u0001garbage{{"), "a reply that is not JSON"],
    ["half a text", raw("application/json", '{"id":"c'), "a reply that is not JSON"],
  ])("%s", async (_name, script, what) => {
    const { status, said } = await ask(script);
    expect(status).toBe(502);
    expect(said).toBe(`The lab: the provider sent ${what}`);
  });

  it("a stream without an event", async () => {
    const { status, said } = await ask(raw("text/event-stream", ""), "openai-chat", true);
    expect(status).toBe(502);
    expect(said).toBe("The lab: the provider sent an empty stream");
  });
});

it("a connection that is closed without a reply is told in words", async () => {
  const { status, said } = await ask((res) => res.socket?.destroy());
  expect(status).toBe(502);
  expect(said).toMatch(/^The lab: 127\.0\.0\.1:\d+ closed the connection before it had answered$/);
});

it("a model that the sandbox has not is answered with those it has", async () => {
  const reply = await fetch(`${portico.baseUrl}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "sandbox/ecko", messages: [{ role: "user", content: "hi" }] }),
  });
  expect(reply.status).toBe(404);
  expect(await reply.text()).toMatch(/no model .*ecko.* It has sandbox\/echo, sandbox\/markdown/);
});
