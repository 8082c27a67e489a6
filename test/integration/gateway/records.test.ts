/** What the record of a request tells of its way: routes, conversations, clients. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { RequestRecord } from "../../../src/gateway/records/record.ts";
import type { SettingsInput } from "../../../src/gateway/settings/settings.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { REPLIES, STREAMS } from "../../support/replies.ts";
import { sendJson, sendStream, startUpstream, type Upstream } from "../../support/upstream.ts";

const TITLE = "Generate a concise, sentence-case title (3-7 words) for this session.";

let upstream: Upstream;
let portico: TestGateway | undefined;

beforeEach(async () => {
  upstream = await startUpstream((_received, res) => sendJson(res, 200, REPLIES["openai-chat"]));
});
afterEach(async () => {
  await portico?.stop();
  portico = undefined;
  await upstream.close();
});

async function start(settings: SettingsInput = {}): Promise<TestGateway> {
  const endpoints = { "openai-chat": `${upstream.url}/v1`, "openai-responses": `${upstream.url}/v1` };
  const account = (id: string, models: string[]) => ({
    id,
    provider: "custom" as const,
    endpoints,
    credentials: { apiKey: "k" },
    models,
  });
  portico = await startGateway({
    accounts: [account("one", ["big", "cheap"]), account("two", ["big"])],
    ...settings,
  });
  return portico;
}

async function ask(
  { baseUrl, records, recorded }: TestGateway,
  body: object,
  headers: Record<string, string> = {},
): Promise<RequestRecord> {
  const before = records.length;
  await fetch(`${baseUrl}/v1/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model: "big", messages: [{ role: "user", content: "hi" }], ...body }),
    headers,
  }).then((reply) => reply.text());
  return await recorded((record) => records.indexOf(record) >= before);
}

describe("the record of a request", () => {
  it("names the route", async () => {
    const gateway = await start({ routes: [{ model: "big*", to: ["one/big"] }] });
    expect((await ask(gateway, { model: "bigger" })).route).toBe("big*");
    expect((await ask(gateway, { model: "cheap" })).route).toBeUndefined();
  });

  it("names the route of a request that nobody could serve", async () => {
    const gateway = await start({ routes: [{ model: "alias", to: ["one/big"] }] });
    upstream.script = (_received, res) => sendJson(res, 400, { error: { message: "no" } });
    expect(await ask(gateway, { model: "alias" })).toMatchObject({ route: "alias", status: 400 });
  });

  it("names the background rule where one led elsewhere", async () => {
    const gateway = await start({ background: { enabled: true, to: ["one/cheap"] } });
    const title = {
      messages: [
        { role: "system", content: TITLE },
        { role: "user", content: "hi" },
      ],
    };
    expect(await ask(gateway, title)).toMatchObject({
      background: "Claude Code: title of the session",
      modelUsed: "cheap",
    });
    expect((await ask(gateway, {})).background).toBeUndefined();
    upstream.script = ({ body }, res) =>
      body.includes("cheap")
        ? sendJson(res, 402, { error: { message: "nothing left", code: "insufficient_quota" } })
        : sendJson(res, 200, REPLIES["openai-chat"]);
    const fellBack = await ask(gateway, title);
    expect(fellBack).toMatchObject({ modelUsed: "big", status: 200 });
    expect(fellBack.background).toBeUndefined();
  });

  it("knows the conversation by a hash, and whether it stayed on its account", async () => {
    const gateway = await start();
    const named = { "x-session-id": "my-very-own-session" };
    const first = await ask(gateway, {}, named);
    const second = await ask(gateway, { messages: [{ role: "user", content: "more" }] }, named);
    const other = await ask(gateway, {}, { "x-session-id": "another" });
    expect(first.session).toMatch(/^[0-9a-f]{12}$/);
    expect(first.sticky).toBe(false);
    expect(second).toMatchObject({ session: first.session, sticky: true, account: first.account });
    expect(other.session).not.toBe(first.session);
    expect(other.sticky).toBe(false);
    expect(JSON.stringify([gateway.records, gateway.log])).not.toContain("my-very-own-session");
  });

  it("says nothing of conversations where there is none", async () => {
    const gateway = await start();
    const { baseUrl, recorded } = gateway;
    await fetch(`${baseUrl}/v1/embeddings`, { method: "POST", body: '{"model":"big","input":"x"}' });
    const record = await recorded();
    expect(record.path).toBe("/v1/embeddings");
    expect(record.session).toBeUndefined();
    expect(record.sticky).toBeUndefined();
  });

  it("holds the start of the client's User-Agent, and the size of its request", async () => {
    const gateway = await start();
    const record = await ask(gateway, {}, { "user-agent": `tool/1.0 ${"x".repeat(1000)}` });
    expect(record.userAgent).toMatch(/^tool\/1\.0 x+$/);
    expect(record.userAgent).toHaveLength(200);
    expect(record.bytesIn).toBe(
      JSON.stringify({ model: "big", messages: [{ role: "user", content: "hi" }] }).length,
    );
  });

  it("holds the User-Agent of a refused request", async () => {
    const { baseUrl, recorded } = await start({ auth: { mode: "strict", apiKey: "a-key-of-the-test" } });
    await fetch(`${baseUrl}/v1/models`, { headers: { "user-agent": "tool/2" } });
    expect(await recorded()).toMatchObject({ status: 401, userAgent: "tool/2" });
  });

  it("tells the same over the WebSocket", async () => {
    const { port, recorded } = await start({ routes: [{ model: "r", to: ["one/big"] }] });
    upstream.script = async (_received, res) => await sendStream(res, STREAMS["openai-responses"]);
    const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/responses`, {
      headers: { "user-agent": "codex_cli_rs/1", "session-id": "s" },
    });
    socket.on("open", () =>
      socket.send(JSON.stringify({ type: "response.create", model: "r", input: "hi" })),
    );
    const record = await recorded();
    socket.terminate();
    expect(record).toMatchObject({ method: "WS", userAgent: "codex_cli_rs/1", route: "r", sticky: false });
    expect(record.session).toMatch(/^[0-9a-f]{12}$/);
    expect(record.bytesIn).toBeGreaterThan(10);
  });
});
