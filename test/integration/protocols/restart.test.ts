/** What outlives a restart, and what is never written to the disk. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import OpenAI from "openai";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDataFolder } from "../../../src/gateway/common/dataFolder.ts";
import { systemClock } from "../../../src/gateway/common/ports.ts";
import { type SettingsInput, settingsSchema } from "../../../src/gateway/settings/settings.ts";
import { createResponsesFile } from "../../../src/gateway/state/responsesFile.ts";
import { createSignaturesFile } from "../../../src/gateway/state/signaturesFile.ts";
import { createStateFile } from "../../../src/gateway/state/stateFile.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { REPLIES } from "../../support/replies.ts";
import { leaksInFolder, seededSecret } from "../../support/secrets.ts";
import { sendJson, startUpstream, type Upstream } from "../../support/upstream.ts";

const GEMINI = "gemini-3-pro-preview";
const CALL = {
  responseId: "r1",
  modelVersion: GEMINI,
  candidates: [
    {
      content: {
        role: "model",
        parts: [
          { text: "SECRET-THOUGHT", thought: true },
          { functionCall: { name: "read", args: { path: "a" } }, thoughtSignature: "SIGNED-BY-GEMINI" },
        ],
      },
      finishReason: "STOP",
    },
  ],
  usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
};
const tools = [
  { type: "function" as const, function: { name: "read", parameters: { type: "object", properties: {} } } },
];

let path: string;
let gemini: Upstream;
let chat: Upstream;
let portico: TestGateway | undefined;
let client: OpenAI;

const settings = (more: SettingsInput = {}): SettingsInput => ({
  accounts: [
    {
      id: "g",
      provider: "custom",
      endpoints: { gemini: gemini.url },
      credentials: { apiKey: seededSecret("key") },
      models: [GEMINI],
    },
    {
      id: "c",
      provider: "custom",
      endpoints: { "openai-chat": `${chat.url}/v1` },
      credentials: { apiKey: seededSecret("key") },
      models: ["m"],
    },
  ],
  ...more,
});

async function start(more: SettingsInput = {}): Promise<TestGateway> {
  await portico?.stop();
  const folder = await openDataFolder(path);
  const options = { log: { warn: () => {} }, clock: systemClock };
  const started = await startGateway(
    settings(more),
    {},
    {
      state: createStateFile(folder.state, { ...options, redact: (text) => text }),
      signatures: createSignaturesFile(folder.signatures, options),
      responses: createResponsesFile(folder.responses, options),
    },
  );
  portico = started;
  client = new OpenAI({ apiKey: "x", baseURL: `${started.baseUrl}/v1`, maxRetries: 0 });
  return started;
}

async function onDisk(): Promise<string> {
  const names = await readdir(path, { withFileTypes: true });
  const texts = names.filter((name) => name.isFile()).map(({ name }) => readFile(join(path, name), "utf8"));
  return (await Promise.all(texts)).join("\n");
}

beforeEach(async () => {
  path = makeFolder("restart");
  gemini = await startUpstream((_received, res) =>
    sendJson(res, 200, gemini.received.length > 1 ? REPLIES.gemini : CALL),
  );
  chat = await startUpstream((_received, res) => sendJson(res, 200, REPLIES["openai-chat"]));
});
afterEach(async () => {
  await portico?.stop();
  portico = undefined;
  await Promise.all([gemini.close(), chat.close()]);
  expect(await leaksInFolder(path)).toEqual([]);
  await removeFolder(path);
});

describe("a restart in the middle", () => {
  it("gives a Gemini call its signature back that the client did not bring", async () => {
    await start();
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "SECRET-QUESTION" }];
    const first = await client.chat.completions.create({ model: GEMINI, messages, tools });
    const call = first.choices[0]?.message.tool_calls?.[0];
    if (call?.type !== "function") throw new Error("no call");
    await start();
    expect(await onDisk()).toContain("SIGNED-BY-GEMINI");
    expect(await onDisk()).not.toMatch(/SECRET-/);
    const { id, type } = call;
    const { name, arguments: args } = call.function;
    await client.chat.completions.create({
      model: GEMINI,
      messages: [
        ...messages,
        { role: "assistant", tool_calls: [{ id, type, function: { name, arguments: args } }] },
        { role: "tool", tool_call_id: id, content: "the file" },
      ],
      tools,
    });
    expect(gemini.received[1]?.body.toString()).toContain('"thoughtSignature":"SIGNED-BY-GEMINI"');
  });

  it("loses responses and conversations, and writes no word of them", async () => {
    await start();
    const { id } = await client.conversations.create({ items: [{ role: "user", content: "SECRET-ITEM" }] });
    const reply = await client.responses.create({ model: "m", input: "SECRET-INPUT", conversation: id });
    await client.chat.completions.create({
      model: GEMINI,
      messages: [{ role: "user", content: "SECRET-QUESTION" }],
      tools,
    });
    await start();
    expect(await onDisk()).not.toMatch(/SECRET-/);
    await expect(client.conversations.retrieve(id)).rejects.toMatchObject({ status: 404 });
    await expect(client.responses.retrieve(reply.id)).rejects.toMatchObject({ status: 404 });
  });

  it("keeps them by a setting, and takes them off the disk when it is switched off", async () => {
    const responses = { onDisk: true };
    await start({ responses });
    const { id } = await client.conversations.create({ items: [{ role: "user", content: "SECRET-ITEM" }] });
    const reply = await client.responses.create({ model: "m", input: "SECRET-INPUT", conversation: id });
    const again = await start({ responses });
    expect(await client.responses.retrieve(reply.id)).toMatchObject({ id: reply.id, output: reply.output });
    await client.responses.create({ model: "m", input: "more", conversation: id });
    const sent = chat.received[1]?.body.toString() ?? "";
    for (const words of ["SECRET-ITEM", "SECRET-INPUT", "more"]) expect(sent).toContain(words);
    expect(await onDisk()).toContain("SECRET-ITEM");
    await again.gateway.apply(settingsSchema.parse({ port: again.port, ...settings() }));
    expect(await onDisk()).not.toMatch(/SECRET-/);
    // In memory they are still there.
    await client.conversations.retrieve(id);
  });
});
