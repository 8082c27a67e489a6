/** An account that needs its person is well again with the first content that it sends. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { PROTOCOLS, type Protocol } from "../../../src/control/protocol.ts";
import { systemClock } from "../../../src/gateway/common/ports.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { STREAMS } from "../../support/replies.ts";
import { seededSecret } from "../../support/secrets.ts";
import { sendJson, startUpstream, type Upstream } from "../../support/upstream.ts";

const MINUTE = 60_000;

let upstream: Upstream;
let portico: TestGateway;
let later: number;

beforeEach(async () => {
  upstream = await startUpstream(() => {});
  later = 0;
});
afterEach(async () => {
  await portico.stop();
  await upstream.close();
});

const ask = (client: "openai-chat" | "anthropic") =>
  fetch(`${portico.baseUrl}${client === "anthropic" ? "/v1/messages" : "/v1/chat/completions"}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      model: "m",
      stream: true,
      max_tokens: 50,
      messages: [{ role: "user", content: "hi" }],
    }),
  });

const pairs = (["openai-chat", "anthropic"] as const).flatMap((client) =>
  PROTOCOLS.map((provider): { client: typeof client; provider: Protocol } => ({ client, provider })),
);

it.each(pairs)("while its stream is still open: $client from $provider", async ({ client, provider }) => {
  const path = { anthropic: "", gemini: "/v1beta", "openai-chat": "/v1", "openai-responses": "/v1" }[
    provider
  ];
  const clock = { ...systemClock, now: () => systemClock.now() + later };
  portico = await startGateway(
    {
      accounts: [
        {
          id: "one",
          provider: "custom",
          endpoints: { [provider]: `${upstream.url}${path}` },
          credentials: { apiKey: seededSecret("key") },
          models: ["m"],
        },
      ],
    },
    { clock },
  );
  upstream.script = (_received, res) =>
    sendJson(res, 401, { error: { message: "Incorrect API key", code: "invalid_api_key" } });
  expect((await ask(client)).status).toBe(401);
  const { gateway } = portico;
  expect(gateway.problems).toMatchObject([{ severity: "error", account: "one", cause: "credential" }]);

  later += MINUTE;
  let release = (): void => {};
  const open = new Promise<void>((resolve) => {
    release = resolve;
  });
  upstream.script = async (_received, res) => {
    const [first = "", ...rest] = STREAMS[provider];
    res.writeHead(200, { "content-type": "text/event-stream" });
    res.write(first);
    res.write(rest.slice(0, 3).join(""));
    await open;
    res.end(rest.slice(3).join(""));
  };
  const reply = await ask(client);
  expect(reply.status).toBe(200);
  const reader = reply.body?.getReader();
  await reader?.read();
  expect(gateway.problems).toEqual([]);
  expect(gateway.pool.standing()[0]).toMatchObject({ account: "one", state: "ready", held: [] });
  release();
  while ((await reader?.read())?.done === false);
});
