/** What a server does that gives no reply: it is off, it is elsewhere, it lacks its model yet. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/gateway/common/ports.ts";
import { createStateFile } from "../../../src/gateway/state/stateFile.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { REPLIES } from "../../support/replies.ts";
import { seededSecret } from "../../support/secrets.ts";
import { sendJson, startUpstream, type Upstream } from "../../support/upstream.ts";

let upstream: Upstream;
let portico: TestGateway | undefined;
let later = 0;
const clock = { ...systemClock, now: () => systemClock.now() + later };

beforeEach(async () => {
  upstream = await startUpstream((_received, res) => sendJson(res, 200, REPLIES["openai-chat"]));
  later = 0;
});
afterEach(async () => {
  await portico?.stop();
  portico = undefined;
  await upstream.close();
});

async function start(
  url = upstream.url,
  more: object = { models: ["m"] },
  options: Parameters<typeof startGateway>[2] = {},
) {
  portico = await startGateway(
    {
      accounts: [
        {
          id: "one",
          provider: "custom",
          endpoints: { "openai-chat": `${url}/v1` },
          credentials: { apiKey: seededSecret("key") },
          ...more,
        },
      ],
    },
    { clock },
    options,
  );
  return portico;
}

const CLIENTS = ["openai-chat", "anthropic", "openai-responses", "gemini"] as const;

async function ask(client: (typeof CLIENTS)[number] = "openai-chat") {
  const user = { role: "user", content: "hi" };
  const [path, body] = {
    "openai-chat": ["/v1/chat/completions", { model: "m", messages: [user] }] as const,
    "openai-responses": ["/v1/responses", { model: "m", input: [user] }] as const,
    anthropic: ["/v1/messages", { model: "m", max_tokens: 50, messages: [user] }] as const,
    gemini: [
      "/v1beta/models/m:generateContent",
      { contents: [{ role: "user", parts: [{ text: "hi" }] }] },
    ] as const,
  }[client];
  const reply = await fetch(`${portico?.baseUrl}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const { headers } = reply;
  return { status: reply.status, text: await reply.text(), retry: headers.get("x-should-retry"), headers };
}

describe("a server that is off", () => {
  it.each(CLIENTS)("is a 503 while it is not asked, and no limit (%s)", async (client) => {
    const { port } = upstream;
    await upstream.close();
    await start(`http://127.0.0.1:${port}`);
    const got = [];
    for (let i = 0; i < 6; i++) got.push(await ask(client));
    expect(got.map(({ status }) => status)).toEqual([502, 502, 502, 503, 503, 503]);
    const last = got.at(-1);
    expect(last?.text).toContain("refuses connections");
    expect(last?.text).not.toMatch(/rate.?limit|RESOURCE_EXHAUSTED/i);
    expect(Number(last?.headers.get("retry-after"))).toBeGreaterThan(0);
  });
});

describe("a redirect", () => {
  it.each(CLIENTS)(
    "is told with where it points, and without what is secret in that (%s)",
    async (client) => {
      await start();
      let asked = 0;
      upstream.script = (_received, res) => {
        asked++;
        res.writeHead(308, {
          location: "https://me:hunter2@api.example.com/v2/chat/completions?key=s3cret#x",
        });
        res.end("<html><title>Moved</title></html>");
      };
      const reply = await ask(client);
      expect(reply).toMatchObject({ status: 502, retry: "false" });
      expect(reply.text).toContain("redirects to https://api.example.com/v2/chat/completions (308)");
      expect(reply.text).toContain("base URL");
      expect(reply.text).not.toMatch(/hunter2|s3cret/);
      expect(asked).toBe(1);
      expect(portico?.gateway.pool.snapshot().health).toEqual([]);
    },
  );
});

describe("a model server on this computer", () => {
  const missing = { error: { message: "model 'm' not found, try pulling it first", type: "api_error" } };

  it("that lacks its model is asked again within seconds, also after a restart", async () => {
    const folder = makeFolder("local");
    const log = { warn: () => {} };
    const state = () =>
      createStateFile(`${folder}/state.json`, { log, clock, redact: (text: string) => text });
    try {
      await start(upstream.url, { models: ["m"], provider: "ollama" }, { state: state() });
      upstream.script = (_received, res) => sendJson(res, 404, missing);
      expect((await ask()).status).toBe(404);
      expect((await ask()).status).toBe(404);
      expect(upstream.received).toHaveLength(1);
      // Meanwhile it is pulled.
      upstream.script = (_received, res) => sendJson(res, 200, REPLIES["openai-chat"]);
      later += 4000;
      expect((await ask()).status).toBe(200);

      upstream.script = (_received, res) => sendJson(res, 404, missing);
      expect((await ask()).status).toBe(404);
      await portico?.stop();
      await start(upstream.url, { models: ["m"], provider: "ollama" }, { state: state() });
      upstream.script = (_received, res) => sendJson(res, 200, REPLIES["openai-chat"]);
      later += 4000;
      expect((await ask()).status).toBe(200);
    } finally {
      await portico?.stop();
      portico = undefined;
      await removeFolder(folder);
    }
  });

  it("whose list of models is empty is asked all the same, and listed again within seconds", async () => {
    upstream.models = { object: "list", data: [] };
    const { gateway, baseUrl } = await start(upstream.url, { provider: "ollama" });
    await gateway.explain("m", "openai-chat");
    expect((await ask()).status).toBe(200);
    upstream.models = { object: "list", data: [{ id: "pulled", object: "model" }] };
    later += 4000;
    const listed = async () => await (await fetch(`${baseUrl}/v1/models`)).text();
    await listed();
    await expect.poll(listed).toContain("pulled");
  });
});
