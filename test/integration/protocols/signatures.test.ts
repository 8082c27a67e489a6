/** Signatures and encrypted reasoning: brought back where they belong, left out where nobody can read them. */
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Protocol } from "../../../src/control/protocol.ts";
import type { SettingsInput } from "../../../src/gateway/settings/settings.ts";
import type { StoredSignature } from "../../../src/gateway/state/storedSignature.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { REPLIES, STREAMS } from "../../support/replies.ts";
import { type Script, sendJson, sendStream, startUpstream, type Upstream } from "../../support/upstream.ts";

const GEMINI = "gemini-3-pro-preview";
const CLAUDE = "claude-sonnet-4-5";
const ENCRYPTED = `gAAAAAB${"k9Zx".repeat(100)}`;
const PARAMETERS = { type: "object" as const, properties: { path: { type: "string" } } };

let upstreams: Upstream[] = [];
let gateways: TestGateway[] = [];

async function provider(script: Script): Promise<Upstream> {
  const upstream = await startUpstream(script);
  upstreams.push(upstream);
  return upstream;
}

const account = (id: string, protocol: Protocol, { url }: Upstream, models: string[], priority = 0) => ({
  id,
  provider: "custom" as const,
  priority,
  endpoints: { [protocol]: protocol.startsWith("openai") ? `${url}/v1` : url },
  credentials: { apiKey: "k" },
  models,
});

async function gateway(...args: Parameters<typeof startGateway>): Promise<TestGateway> {
  const started = await startGateway(...args);
  gateways.push(started);
  return started;
}

const bodyOf = (upstream: Upstream, index: number): Record<string, unknown> =>
  JSON.parse(upstream.received[index]?.body.toString() ?? "{}") as Record<string, unknown>;

const sse = (data: unknown, event?: string) =>
  `${event === undefined ? "" : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;

const GEMINI_CALL = [
  sse({
    responseId: "r1",
    modelVersion: GEMINI,
    candidates: [
      {
        content: {
          role: "model",
          parts: [
            { functionCall: { name: "read", args: { path: "a" } }, thoughtSignature: "SIGNED-BY-GEMINI" },
          ],
        },
        finishReason: "STOP",
      },
    ],
    usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
  }),
];

const CLAUDE_CALL = [
  {
    type: "message_start",
    message: {
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: CLAUDE,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 1, output_tokens: 1 },
    },
  },
  { type: "content_block_start", index: 0, content_block: { type: "thinking", thinking: "", signature: "" } },
  { type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "I should read it." } },
  {
    type: "content_block_delta",
    index: 0,
    delta: { type: "signature_delta", signature: "SIGNED-BY-CLAUDE" },
  },
  { type: "content_block_stop", index: 0 },
  {
    type: "content_block_start",
    index: 1,
    content_block: { type: "tool_use", id: "toolu_1", name: "read", input: {} },
  },
  {
    type: "content_block_delta",
    index: 1,
    delta: { type: "input_json_delta", partial_json: '{"path":"a"}' },
  },
  { type: "content_block_stop", index: 1 },
  {
    type: "message_delta",
    delta: { stop_reason: "tool_use", stop_sequence: null },
    usage: { output_tokens: 5 },
  },
  { type: "message_stop" },
].map((event) => sse(event, event.type));

/** A chat client that brings back what the protocol has fields for, and nothing else. */
async function chatTurns(portico: TestGateway, model: string, stream: boolean): Promise<void> {
  const client = new OpenAI({ apiKey: "x", baseURL: `${portico.baseUrl}/v1`, maxRetries: 0 });
  const request = {
    model,
    messages: [{ role: "user", content: "read a" }] as OpenAI.ChatCompletionMessageParam[],
    tools: [{ type: "function" as const, function: { name: "read", parameters: PARAMETERS } }],
    reasoning_effort: "high" as const,
  };
  const first = stream
    ? (await client.chat.completions.stream({ ...request, stream: true }).finalChatCompletion()).choices[0]
        ?.message
    : (await client.chat.completions.create(request)).choices[0]?.message;
  const call = first?.tool_calls?.[0];
  if (call?.type !== "function") throw new Error("no call came");
  request.messages.push(
    {
      role: "assistant",
      content: null,
      tool_calls: [
        {
          id: call.id,
          type: "function",
          function: { name: call.function.name, arguments: call.function.arguments },
        },
      ],
    },
    { role: "tool", tool_call_id: call.id, content: "the file" },
  );
  await client.chat.completions.create(request);
}

beforeEach(() => {
  upstreams = [];
  gateways = [];
});
afterEach(async () => {
  await Promise.all(gateways.map((each) => each.stop()));
  await Promise.all(upstreams.map((each) => each.close()));
});

describe("a client without a field for signatures", () => {
  it.each([true, false])("has Gemini's signature brought back for it (stream: %s)", async (stream) => {
    const upstream = await provider((received, res) => {
      if (upstream.received.length > 1) sendJson(res, 200, REPLIES.gemini);
      else if (received.url.includes("stream")) return sendStream(res, GEMINI_CALL);
      else sendJson(res, 200, JSON.parse(GEMINI_CALL[0]?.slice("data: ".length) ?? ""));
      return undefined;
    });
    const portico = await gateway({ accounts: [account("g", "gemini", upstream, [GEMINI])] });
    await chatTurns(portico, GEMINI, stream);
    expect(JSON.stringify(bodyOf(upstream, 1).contents)).toContain('"thoughtSignature":"SIGNED-BY-GEMINI"');
  });

  it("has Claude's signed thinking brought back for it, before the call", async () => {
    const upstream = await provider((_received, res) =>
      upstream.received.length > 1 ? sendJson(res, 200, REPLIES.anthropic) : sendStream(res, CLAUDE_CALL),
    );
    const portico = await gateway({ accounts: [account("c", "anthropic", upstream, [CLAUDE])] });
    await chatTurns(portico, CLAUDE, true);
    const messages = bodyOf(upstream, 1).messages as { role: string; content: { type: string }[] }[];
    expect(messages[1]?.content).toMatchObject([
      { type: "thinking", thinking: "I should read it.", signature: "SIGNED-BY-CLAUDE" },
      { type: "tool_use", id: "toolu_1" },
    ]);
    expect(bodyOf(upstream, 1).thinking).toMatchObject({ type: "enabled" });
  });

  it("has it brought back after a restart", async () => {
    let saved: readonly StoredSignature[] = [];
    const signatures = {
      load: async () => JSON.parse(JSON.stringify(saved)) as unknown,
      save: async (entries: readonly StoredSignature[]) => {
        saved = entries;
      },
    };
    const upstream = await provider((_received, res) =>
      upstream.received.length > 1 ? sendJson(res, 200, REPLIES.gemini) : sendStream(res, GEMINI_CALL),
    );
    const settings: SettingsInput = { accounts: [account("g", "gemini", upstream, [GEMINI])] };
    const before = await gateway(settings, {}, { signatures });
    const ask = async (baseUrl: string, messages: OpenAI.ChatCompletionMessageParam[], stream: boolean) => {
      const response = await fetch(`${baseUrl}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-session-id": "one" },
        body: JSON.stringify({
          model: GEMINI,
          stream,
          messages,
          tools: [{ type: "function", function: { name: "read", parameters: PARAMETERS } }],
        }),
      });
      return await response.text();
    };
    const id =
      /"id":"(call[^"]*)"/.exec(
        await ask(before.baseUrl, [{ role: "user", content: "read a" }], true),
      )?.[1] ?? "";
    await before.stop();
    const after = await gateway(settings, {}, { signatures });
    await ask(
      after.baseUrl,
      [
        { role: "user", content: "something else: the header names the session" },
        {
          role: "assistant",
          tool_calls: [{ id, type: "function", function: { name: "read", arguments: '{"path": "a"}' } }],
        },
        { role: "tool", tool_call_id: id, content: "the file" },
      ],
      false,
    );
    expect(JSON.stringify(bodyOf(upstream, 1).contents)).toContain("SIGNED-BY-GEMINI");
  });
});

describe("state that the provider cannot read", () => {
  const refuse = (res: Parameters<Script>[1], message: string, code = "invalid_encrypted_content") =>
    sendJson(res, 400, { error: { message, type: "invalid_request_error", code, param: null } });

  it("is left out of a responses request, which is sent once more to the same account", async () => {
    const upstream = await provider((received, res) =>
      received.body.includes('"encrypted_content":')
        ? refuse(res, "The encrypted content gAAA... could not be verified.")
        : sendJson(res, 200, REPLIES["openai-responses"]),
    );
    const portico = await gateway({ accounts: [account("r", "openai-responses", upstream, ["m"])] });
    const client = new OpenAI({ apiKey: "x", baseURL: `${portico.baseUrl}/v1`, maxRetries: 0 });
    const reply = await client.responses.create({
      model: "m",
      store: false,
      include: ["reasoning.encrypted_content"],
      input: [
        { role: "user", content: "hi" },
        { type: "reasoning", id: "rs_1", summary: [], encrypted_content: ENCRYPTED },
        { type: "function_call", id: "fc_1", call_id: "c1", name: "read", arguments: "{}" },
        { type: "function_call_output", call_id: "c1", output: "x" },
      ],
    });
    expect(reply.output_text).toContain("Hello");
    expect(upstream.received).toHaveLength(2);
    expect(bodyOf(upstream, 1)).toMatchObject({ store: false, include: ["reasoning.encrypted_content"] });
    const record = await portico.recorded();
    expect(record.attempts.map(({ outcome }) => outcome)).toEqual(["foreign-state", "ok"]);
    expect(record.edited).toMatch(/reasoning/);
  });

  it("is left out of a messages request", async () => {
    const upstream = await provider((received, res) =>
      received.body.includes("signature")
        ? sendJson(res, 400, {
            type: "error",
            error: {
              type: "invalid_request_error",
              message: "messages.1.content.0: Invalid `signature` in `thinking` block",
            },
          })
        : sendJson(res, 200, REPLIES.anthropic),
    );
    const portico = await gateway({ accounts: [account("c", "anthropic", upstream, [CLAUDE])] });
    const client = new Anthropic({ apiKey: "x", baseURL: portico.baseUrl, maxRetries: 0 });
    const reply = await client.messages.create({
      model: CLAUDE,
      max_tokens: 10,
      messages: [
        { role: "user", content: "hi" },
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "hm", signature: "of another model" },
            { type: "text", text: "yes" },
          ],
        },
        { role: "user", content: "go on" },
      ],
    });
    expect(reply.content[0]).toMatchObject({ type: "text" });
    expect(bodyOf(upstream, 1).messages).toEqual([
      { role: "user", content: "hi" },
      { role: "assistant", content: [{ type: "text", text: "yes" }] },
      { role: "user", content: "go on" },
    ]);
  });

  it("is left out of a translated request", async () => {
    const upstream = await provider((received, res) =>
      received.body.includes("STALE")
        ? sendJson(res, 400, {
            error: { code: 400, status: "INVALID_ARGUMENT", message: "Thought signature is not valid." },
          })
        : sendJson(res, 200, REPLIES.gemini),
    );
    const portico = await gateway({ accounts: [account("g", "gemini", upstream, [GEMINI])] });
    const client = new OpenAI({ apiKey: "x", baseURL: `${portico.baseUrl}/v1`, maxRetries: 0 });
    await client.chat.completions.create({
      model: GEMINI,
      messages: [
        { role: "user", content: "hi" },
        {
          role: "assistant",
          tool_calls: [
            {
              id: "c1",
              type: "function",
              function: { name: "read", arguments: "{}" },
              // As Gemini's own chat endpoint has it; the SDK does not know the field.
              ...{ extra_content: { google: { thought_signature: "STALE" } } },
            },
          ],
        },
        { role: "tool", tool_call_id: "c1", content: "x" },
      ],
    });
    expect(upstream.received).toHaveLength(2);
    expect(JSON.stringify(bodyOf(upstream, 1))).toContain("skip_thought_signature_validator");
    const record = await portico.recorded();
    expect(record.warnings.some(({ feature }) => feature === "reasoning")).toBe(true);
  });

  it("is said to the client when nothing could be left out", async () => {
    const upstream = await provider((_received, res) =>
      refuse(res, "Previous response with id 'resp_x' not found.", "previous_response_not_found"),
    );
    const portico = await gateway({ accounts: [account("r", "openai-responses", upstream, ["m"])] });
    const client = new OpenAI({ apiKey: "x", baseURL: `${portico.baseUrl}/v1`, maxRetries: 0 });
    await expect(
      client.responses.create({ model: "m", input: "hi", previous_response_id: "resp_x" }),
    ).rejects.toMatchObject({ status: 400, code: "previous_response_not_found" });
    expect(upstream.received).toHaveLength(1);
  });

  it("that Portico carried for another provider never leaves", async () => {
    const claude = await provider((_received, res) => sendStream(res, CLAUDE_CALL));
    const openai = await provider((_received, res) => sendStream(res, STREAMS["openai-responses"]));
    const portico = await gateway({
      accounts: [
        account("c", "anthropic", claude, [CLAUDE]),
        account("r", "openai-responses", openai, ["m"]),
      ],
    });
    const client = new OpenAI({ apiKey: "x", baseURL: `${portico.baseUrl}/v1`, maxRetries: 0 });
    const base = {
      store: false,
      include: ["reasoning.encrypted_content" as const],
      tools: [{ type: "function" as const, name: "read", parameters: PARAMETERS, strict: false }],
    };
    const input: OpenAI.Responses.ResponseInputItem[] = [{ role: "user", content: "read a" }];
    const first = await client.responses
      .stream({ ...base, model: CLAUDE, input, reasoning: { effort: "high" } })
      .finalResponse();
    expect(JSON.stringify(first.output)).toContain("portico.");
    input.push(...(first.output as OpenAI.Responses.ResponseInputItem[]), {
      type: "function_call_output",
      call_id: "toolu_1",
      output: "x",
    });
    await client.responses.stream({ ...base, model: "m", input }).finalResponse();
    const sent = JSON.stringify(bodyOf(openai, 0));
    expect(sent).not.toContain("portico.");
    expect(sent).not.toMatch(/"id":"\w+_pt/);
    expect((await portico.recorded(({ account: id }) => id === "r")).edited).toMatch(/other providers/);
  });
});

describe("what Portico put into a chat client's messages", () => {
  it("never goes to another chat provider; all else goes byte for byte", async () => {
    const claude = await provider((_received, res) => sendStream(res, CLAUDE_CALL));
    const other = await provider((_received, res) => sendJson(res, 200, REPLIES["openai-chat"]));
    const portico = await gateway({
      accounts: [account("c", "anthropic", claude, [CLAUDE]), account("o", "openai-chat", other, ["m"])],
    });
    const client = new OpenAI({ apiKey: "x", baseURL: `${portico.baseUrl}/v1`, maxRetries: 0 });
    const tools = [{ type: "function" as const, function: { name: "read", parameters: PARAMETERS } }];
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "read a" }];
    const first = await client.chat.completions.create({
      model: CLAUDE,
      messages,
      tools,
      reasoning_effort: "high",
    });
    const [choice] = first.choices;
    if (choice === undefined) throw new Error("no choice");
    expect(JSON.stringify(choice.message)).toContain("portico:");
    messages.push(choice.message, {
      role: "tool",
      tool_call_id: choice.message.tool_calls?.[0]?.id ?? "",
      content: "x",
    });
    await client.chat.completions.create({ model: "m", messages, tools });
    const sent = bodyOf(other, 0);
    expect(JSON.stringify(sent)).not.toContain("portico");
    expect(sent).toMatchObject({ model: "m", tools, messages: [{ role: "user" }, {}, { content: "x" }] });
    expect((await portico.recorded(({ account: id }) => id === "o")).edited).toMatch(/other providers/);

    const plain = '{ "model":"m",  "messages":[{"role":"user","content":"is portico: a word?"}] }';
    await fetch(`${portico.baseUrl}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: plain,
    });
    expect(other.received[1]?.body.toString()).toBe(plain);
  });
});

describe("encrypted reasoning", () => {
  it("goes back to the account that made it", async () => {
    const item = { type: "reasoning", id: "rs_1", summary: [], encrypted_content: ENCRYPTED };
    const events = [
      sse(
        {
          type: "response.created",
          sequence_number: 0,
          response: { id: "resp_one", object: "response", status: "in_progress", output: [] },
        },
        "response.created",
      ),
      sse(
        { type: "response.output_item.done", sequence_number: 1, output_index: 0, item },
        "response.output_item.done",
      ),
      ...STREAMS["openai-responses"].slice(1),
    ];
    const first = await provider((_received, res) => sendStream(res, events));
    const second = await provider((_received, res) => sendStream(res, STREAMS["openai-responses"]));
    const accounts = (firstPriority: number): SettingsInput => ({
      port: 0,
      accounts: [
        account("first", "openai-responses", first, ["m"], firstPriority),
        account("second", "openai-responses", second, ["m"], 1),
      ],
    });
    const portico = await gateway(accounts(2));
    const ask = async (input: unknown, more: object = {}) => {
      const response = await fetch(`${portico.baseUrl}/v1/responses`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ model: "m", stream: true, store: false, input, ...more }),
      });
      await response.text();
    };
    await ask("hi");
    expect(first.received).toHaveLength(1);
    const { settingsSchema } = await import("../../../src/gateway/settings/settings.ts");
    await portico.gateway.apply(settingsSchema.parse({ ...accounts(0), port: portico.port }));
    await ask([{ role: "user", content: "hi" }, item, { role: "user", content: "more" }]);
    expect(first.received).toHaveLength(2);
    await ask("on", { previous_response_id: "resp_one" });
    expect(first.received).toHaveLength(3);
    await ask("new");
    expect([first.received.length, second.received.length]).toEqual([3, 1]);
  });
});
