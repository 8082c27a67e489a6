/** The chat of VS Code at each kind of provider, through a real gateway: what goes out, and what comes back. */
import { createServer } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PROTOCOLS } from "../../../src/control/protocol.ts";
import { ask } from "../../../src/vscode/chat/ask.ts";
import type { ReplyPart } from "../../../src/vscode/chat/replyReader.ts";
import { type ChatMessage, type ChatRequest, requestBody } from "../../../src/vscode/chat/requestBody.ts";
import { MODELS, type Rig, startRig } from "../../support/matrix/rig.ts";
import { HELLO, USAGE } from "../../support/matrix/scene.ts";

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(() => rig.reset());
afterAll(() => rig.stop());

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const user = (...content: unknown[]): ChatMessage => ({ role: 1, content });
const SYSTEM: ChatMessage = { role: 3, content: [{ value: "You are a careful assistant." }] };
const tools = [
  {
    name: "read_file",
    description: "Reads a file.",
    inputSchema: { type: "object", properties: { path: { type: "string" } }, required: ["path"] },
  },
];
const CALL = { id: "call_1", name: "read_file", args: { path: "a.txt" } };

async function asked(request: ChatRequest, signal = new AbortController().signal): Promise<ReplyPart[]> {
  const parts: ReplyPart[] = [];
  const question = {
    baseUrl: rig.portico.baseUrl,
    body: requestBody(request),
    userAgent: "vscode/1.139.1",
    signal,
  };
  await ask(question, (part) => parts.push(part));
  return parts;
}

const text = (parts: readonly ReplyPart[]) =>
  parts.map((part) => (part.kind === "text" ? part.text : "")).join("");

describe.each(PROTOCOLS)("at %s", (target) => {
  const model = `${target}/${MODELS[target].plain}`;

  it("has a turn with a tool and an image, and tells its tokens", async () => {
    const messages = [SYSTEM, user({ value: "What is it?" }, { mimeType: "image/png", data: PNG })];
    rig.scene = { calls: [CALL], finish: "tool-calls", usage: USAGE };
    const first = await asked({ model, messages, tools });
    const calls = first.filter((part) => part.kind === "call");
    expect(calls).toMatchObject([{ name: CALL.name, input: CALL.args }]);
    const usage = first.find((part) => part.kind === "usage");
    expect(usage?.usage).toMatchObject({ prompt_tokens: USAGE.input, completion_tokens: USAGE.output });
    rig.scene = HELLO;
    const id = calls[0]?.id ?? "";
    const turns: ChatMessage[] = [
      { role: 2, content: [{ callId: id, name: CALL.name, input: CALL.args }] },
      user({ callId: id, content: [{ value: "its text" }, { mimeType: "image/png", data: PNG }] }),
    ];
    expect(text(await asked({ model, messages: [...messages, ...turns], tools }))).toBe(HELLO.text);
    const sent = JSON.stringify(rig.sent.at(-1)?.body);
    for (const words of ["careful assistant", "its text", "read_file", PNG.toString("base64")])
      expect(sent).toContain(words);
    expect(rig.portico.records.at(-1)).toMatchObject({ client: "VS Code chat", status: 200 });
  });

  it("has what its provider refuses in the provider's words, and no stack", async () => {
    const messages = [user({ value: "hi" })];
    const failed = asked({
      model: `${target}/nothing-like-it`,
      messages,
      modelOptions: { temperature: "hot" },
    });
    await expect(failed).rejects.toThrow(/temperature|nothing-like-it/);
  });
});

it("ends when it is cancelled, and so does the provider's reply", async () => {
  const cancelled = new AbortController();
  const parts: ReplyPart[] = [];
  rig.scene = HELLO;
  const question = {
    baseUrl: rig.portico.baseUrl,
    body: requestBody({ model: "sandbox/slow", messages: [user({ value: "one two three four five" })] }),
    userAgent: "someone.extension/1.0",
    signal: cancelled.signal,
  };
  await ask(question, (part) => {
    parts.push(part);
    cancelled.abort();
  });
  expect(parts.length).toBe(1);
  const record = await rig.portico.recorded(({ client }) => client === "someone.extension");
  expect(record).toMatchObject({ model: "sandbox/slow", error: { kind: "client-gone" } });
});

it("says where nobody listens", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  await new Promise((resolve) => server.close(resolve));
  const { signal } = new AbortController();
  const question = { baseUrl: `http://127.0.0.1:${port}`, body: {}, userAgent: "vscode/1", signal };
  await expect(ask(question, () => {})).rejects.toThrow("Portico cannot be reached (ECONNREFUSED).");
});
