/** Conversations of the Responses API: kept here for targets that have none, else at their account. */
import OpenAI from "openai";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SettingsInput } from "../../../src/gateway/settings/settings.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { REPLIES } from "../../support/replies.ts";
import { type Script, sendJson, startUpstream, type Upstream } from "../../support/upstream.ts";

let upstream: Upstream;
let portico: TestGateway;
let client: OpenAI;

const REMOTE = { id: "conv_remote1", object: "conversation", created_at: 1, metadata: {} };

/** An account that has conversations. */
const KEEPER: Script = (received, res) => {
  if (received.url === "/v1/conversations") return sendJson(res, 200, REMOTE);
  if (received.url.startsWith("/v1/conversations/conv_remote1")) {
    if (received.method === "DELETE")
      return sendJson(res, 200, { ...REMOTE, object: "conversation.deleted", deleted: true });
    return sendJson(res, 200, REMOTE);
  }
  if (received.url.startsWith("/v1/conversations")) {
    const message = "Conversation with id 'x' not found.";
    return sendJson(res, 404, { error: { message, type: "invalid_request_error", param: null, code: null } });
  }
  return sendJson(res, 200, REPLIES["openai-responses"]);
};

const CHAT: Script = (_received, res) => sendJson(res, 200, REPLIES["openai-chat"]);
const chat = () => ({
  id: "chat",
  provider: "custom" as const,
  endpoints: { "openai-chat": `${upstream.url}/chat/v1` },
  credentials: { apiKey: "k" },
  models: ["m"],
});
const responses = (id = "responses") => ({
  id,
  provider: "custom" as const,
  endpoints: { "openai-responses": `${upstream.url}/v1` },
  credentials: { apiKey: "k" },
  models: [id === "responses" ? "r" : id],
});

async function open(settings: SettingsInput): Promise<void> {
  await portico?.stop();
  portico = await startGateway(settings);
  client = new OpenAI({ apiKey: "x", baseURL: `${portico.baseUrl}/v1`, maxRetries: 0 });
}

const sent = () => upstream.received.map(({ method, url }) => `${method} ${url}`);
const messagesOf = (index: number) =>
  (JSON.parse(upstream.received[index]?.body.toString() ?? "{}") as { messages?: { role: string }[] })
    .messages;

beforeEach(async () => {
  upstream = await startUpstream((received, res, req) =>
    (received.url.startsWith("/chat") ? CHAT : KEEPER)(received, res, req),
  );
});
afterEach(async () => {
  await portico.stop();
  await upstream.close();
});

describe("conversations that are kept here", () => {
  beforeEach(() => open({ accounts: [chat()] }));

  it("live from creation to deletion", async () => {
    const made = await client.conversations.create({
      items: [{ type: "message", role: "user", content: "My name is Ada." }],
      metadata: { topic: "names" },
    });
    expect(made).toMatchObject({ object: "conversation", metadata: { topic: "names" } });
    expect(await client.conversations.retrieve(made.id)).toEqual(made);
    expect(await client.conversations.update(made.id, { metadata: { topic: "x" } })).toMatchObject({
      metadata: { topic: "x" },
    });
    const added = await client.conversations.items.create(made.id, {
      items: [{ type: "message", role: "user", content: [{ type: "input_text", text: "And yours?" }] }],
    });
    const item = added.data[0];
    if (item?.id === undefined || item.id === null) throw new Error("no item");
    expect(await client.conversations.items.retrieve(item.id, { conversation_id: made.id })).toEqual(item);
    const listed = [];
    for await (const each of client.conversations.items.list(made.id, { order: "asc", limit: 1 }))
      listed.push(each);
    expect(listed).toMatchObject([{ content: [{ text: "My name is Ada." }] }, { id: item.id }]);
    expect(await client.conversations.items.delete(item.id, { conversation_id: made.id })).toMatchObject({
      id: made.id,
      object: "conversation",
    });
    expect(await client.conversations.delete(made.id)).toEqual({
      id: made.id,
      object: "conversation.deleted",
      deleted: true,
    });
    await expect(client.conversations.retrieve(made.id)).rejects.toMatchObject({ status: 404 });
    expect(sent()).toEqual([]);
  });

  it("carry a talk on, turn by turn", async () => {
    const { id } = await client.conversations.create({
      items: [{ role: "user", content: "My name is Ada." }],
    });
    const first = await client.responses.create({ model: "m", input: "hi", conversation: id });
    expect(first.conversation).toEqual({ id });
    await client.responses.create({ model: "m", input: "and?", conversation: { id } });
    expect(messagesOf(0)?.map(({ role }) => role)).toEqual(["user", "user"]);
    expect(messagesOf(1)?.map(({ role }) => role)).toEqual(["user", "user", "assistant", "tool", "user"]);
    expect(JSON.parse(upstream.received[1]?.body.toString() ?? "{}")).not.toHaveProperty("conversation");
    const items = await client.conversations.items.list(id, { limit: 100 });
    expect(items.data.length).toBeGreaterThanOrEqual(5);
  });

  it("answer unknown ids and wrong bodies in OpenAI's shape", async () => {
    const { id } = await client.conversations.create();
    for (const ask of [
      () => client.conversations.retrieve("conv_none"),
      () => client.conversations.update("conv_none", { metadata: {} }),
      () => client.conversations.delete("conv_none"),
      () => client.conversations.items.create("conv_none", { items: [] }),
      () => client.conversations.items.list("conv_none"),
      () => client.conversations.items.retrieve("msg_1", { conversation_id: "conv_none" }),
      () => client.conversations.items.delete("msg_1", { conversation_id: id }),
      () => client.responses.create({ model: "m", input: "x", conversation: "conv_none" }),
    ]) {
      await expect(ask()).rejects.toMatchObject({
        status: 404,
        type: "invalid_request_error",
        error: { message: expect.stringContaining("not found") },
      });
    }
    await expect(
      client.conversations.create({
        items: Array.from({ length: 21 }, () => ({ role: "user", content: "x" })),
      }),
    ).rejects.toMatchObject({ status: 400, param: "items" });
    await expect(client.conversations.create({ metadata: { k: "v".repeat(513) } })).rejects.toMatchObject({
      status: 400,
      param: "metadata",
    });
    const broken = await fetch(`${portico.baseUrl}/v1/conversations`, { method: "POST", body: "[" });
    expect(broken.status).toBe(400);
    expect(sent()).toEqual([]);
  });

  it("stay within the store's limits", async () => {
    await open({ accounts: [chat()], responses: { maxCount: 2, maxBytes: 5000 } });
    const ids = [];
    for (let n = 0; n < 4; n++) ids.push((await client.conversations.create()).id);
    await expect(client.conversations.retrieve(ids[0] ?? "")).rejects.toMatchObject({ status: 404 });
    await client.conversations.retrieve(ids[3] ?? "");
    await expect(
      client.conversations.items.create(ids[3] ?? "", {
        items: [{ role: "user", content: "x".repeat(6000) }],
      }),
    ).rejects.toMatchObject({ status: 400, param: "items" });
  });
});

describe("conversations of an account", () => {
  it("are made at the only one that has the Responses API, and stay there", async () => {
    await open({ accounts: [chat(), responses()] });
    expect(await client.conversations.create({ metadata: { a: "b" } })).toEqual(REMOTE);
    expect(upstream.received[0]?.body.toString()).toBe('{"metadata":{"a":"b"}}');
    await client.conversations.retrieve(REMOTE.id);
    await client.conversations.items.list(REMOTE.id, { limit: 5 });
    await client.responses.create({ model: "r", input: "x", conversation: REMOTE.id });
    expect(upstream.received[3]?.body.toString()).toContain('"conversation":"conv_remote1"');
    await expect(
      client.responses.create({ model: "m", input: "x", conversation: REMOTE.id }),
    ).rejects.toMatchObject({ status: 400, param: "conversation" });
    await client.conversations.delete(REMOTE.id);
    expect(sent()).toEqual([
      "POST /v1/conversations",
      "GET /v1/conversations/conv_remote1",
      "GET /v1/conversations/conv_remote1/items?limit=5",
      "POST /v1/responses",
      "DELETE /v1/conversations/conv_remote1",
    ]);
    expect(portico.gateway.pool.bindings.get(REMOTE.id)).toBeUndefined();
  });

  it("go to the one that made them, of several", async () => {
    await open({ accounts: [responses(), responses("other")] });
    const headers = { "x-portico-account": "other" };
    expect(await client.conversations.create({}, { headers })).toEqual(REMOTE);
    expect(portico.gateway.pool.bindings.get(REMOTE.id)).toBe("other");
    await client.conversations.retrieve(REMOTE.id);
    expect((await portico.recorded(({ method }) => method === "GET")).account).toBe("other");
    // Nobody can tell which one is meant: kept here.
    const own = await client.conversations.create();
    expect(own.id).toMatch(/^conv_pt/);
    await expect(client.conversations.retrieve("conv_unknown")).rejects.toMatchObject({ status: 404 });
    expect(sent()).toHaveLength(2);
  });

  it("are kept here for a client that names an account without them", async () => {
    await open({ accounts: [chat(), responses()] });
    const made = await client.conversations.create({}, { headers: { "x-portico-account": "chat" } });
    expect(made.id).toMatch(/^conv_pt/);
    await client.responses.create({ model: "m", input: "x", conversation: made.id });
    await client.responses.create({ model: "r", input: "y", conversation: made.id });
    expect(sent()).toEqual(["POST /chat/v1/chat/completions", "POST /v1/responses"]);
    expect(upstream.received[1]?.body.toString()).not.toContain("conversation");
  });

  it("are kept here where that account has no such endpoint", async () => {
    upstream.script = (_received, res) => sendJson(res, 404, { error: { message: "Not Found" } });
    await open({ accounts: [responses()] });
    const first = await client.conversations.create({ metadata: { a: "b" } });
    expect(first).toMatchObject({ id: expect.stringMatching(/^conv_pt/), metadata: { a: "b" } });
    await client.conversations.create();
    expect(sent()).toEqual(["POST /v1/conversations"]);
    expect((await portico.recorded()).status).toBe(200);
  });
});
