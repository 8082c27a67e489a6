/**
 * Reasoning of providers that show it without a signature: between tags (servers of one's own), in parts of the content
 * (Mistral), in a field (DeepSeek, Moonshot). Every client is shown it, and what the provider wants back it gets.
 * https://docs.mistral.ai/capabilities/reasoning, https://api-docs.deepseek.com/guides/thinking_mode (tool calls),
 * https://platform.moonshot.ai/docs/guide/use-kimi-k2-thinking-model
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PROTOCOLS, type Protocol } from "../../../src/control/protocol.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { THINK, TOOLS } from "../../support/matrix/says.ts";
import type { Talk } from "../../support/matrix/talk.ts";
import { AnthropicTalk } from "../../support/matrix/talkAnthropic.ts";
import { ChatTalk } from "../../support/matrix/talkChat.ts";
import { GeminiTalk } from "../../support/matrix/talkGemini.ts";
import { ResponsesTalk } from "../../support/matrix/talkResponses.ts";
import { sendJson, sendStream, startUpstream, type Upstream } from "../../support/upstream.ts";

type Json = Record<string, unknown>;

let upstream: Upstream;
let portico: TestGateway;
/** The content of the next reply, as its pieces. */
let pieces: unknown[] = [];
let more: Json = {};
/** What the provider says against a request, if anything. */
let objection: (messages: readonly Json[]) => string | undefined = () => undefined;
let sent: Json[] = [];

const finish = () => (more.tool_calls === undefined ? "stop" : "tool_calls");
const joined = () => (pieces.every((piece) => typeof piece === "string") ? pieces.join("") : pieces.flat());

beforeAll(async () => {
  upstream = await startUpstream(async (received, res) => {
    const body = JSON.parse(received.body.toString()) as { stream?: boolean; messages: Json[] };
    sent.push(body);
    const message = objection(body.messages);
    if (message !== undefined) {
      sendJson(res, 400, { error: { message, type: "invalid_request_error" } });
      return;
    }
    const head = { id: "chatcmpl-1", created: 1_700_000_000, model: "m" };
    if (body.stream !== true) {
      const reply = { role: "assistant", content: joined(), ...more };
      sendJson(res, 200, { ...head, choices: [{ index: 0, message: reply, finish_reason: finish() }] });
      return;
    }
    const chunk = (delta: Json, finish_reason: string | null = null) =>
      `data: ${JSON.stringify({ ...head, choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
    await sendStream(res, [
      chunk({ role: "assistant", content: "" }),
      ...(more.reasoning_content === undefined ? [] : [chunk({ reasoning_content: more.reasoning_content })]),
      ...pieces.map((content) => chunk({ content })),
      ...(Array.isArray(more.tool_calls)
        ? [chunk({ tool_calls: more.tool_calls.map((call: Json, index) => ({ index, ...call })) })]
        : []),
      chunk({}, finish()),
      "data: [DONE]\n\n",
    ]);
  });
  const at = { endpoints: { "openai-chat": `${upstream.url}/v1` }, credentials: { apiKey: "key" } };
  portico = await startGateway({
    accounts: [
      { id: "vllm", provider: "vllm", ...at },
      { id: "plain", provider: "vllm", ...at, thinkTags: false },
      { id: "mistral", provider: "mistral", ...at },
      { id: "deepseek", provider: "deepseek", ...at },
      { id: "moonshot", provider: "moonshot", ...at },
    ],
  });
});
beforeEach(() => {
  pieces = [];
  more = {};
  sent = [];
  objection = () => undefined;
});
afterAll(async () => {
  await portico.stop();
  await upstream.close();
});

function talk(client: Protocol, model: string): Talk {
  const classes = {
    "openai-chat": ChatTalk,
    "openai-responses": ResponsesTalk,
    anthropic: AnthropicTalk,
    gemini: GeminiTalk,
  };
  return new classes[client](portico.baseUrl, model);
}

const OTHERS = PROTOCOLS.filter((client) => client !== "openai-chat");
const both = OTHERS.flatMap((client) => [true, false].map((stream) => ({ client, stream })));
const CALL = { id: "call00001", type: "function", function: { name: "read", arguments: '{"path":"a"}' } };

describe("between tags", () => {
  const CONTENT = "<think>\nI wonder: is </thi> a tag?</think>\n\nNo, <think> is.";

  it.each(both)("is reasoning for $client (stream: $stream)", async ({ client, stream }) => {
    for (const cut of [[...CONTENT], [CONTENT], CONTENT.split(/(?<=<)/)]) {
      pieces = cut;
      const answer = await talk(client, "vllm/qwen-4").ask({ text: "hi" }, stream, THINK[client]);
      expect(answer).toMatchObject({
        reasoning: "I wonder: is </thi> a tag?",
        text: "No, <think> is.",
      });
    }
  });

  it.each(both)("stands before a call for $client (stream: $stream)", async ({ client, stream }) => {
    pieces = ["<thi", "nk>I should read it.</thi", "nk>"];
    more = { tool_calls: [CALL] };
    const answer = await talk(client, "vllm/qwen-4").ask({ text: "hi" }, stream, TOOLS[client]);
    expect(answer).toMatchObject({ reasoning: "I should read it.", text: "" });
    expect(answer.calls.map(({ name, args }) => ({ name, args }))).toEqual([
      { name: "read", args: { path: "a" } },
    ]);
  });

  it.each(both)(
    "is text where the account says so ($client, stream: $stream)",
    async ({ client, stream }) => {
      pieces = [...CONTENT];
      const answer = await talk(client, "plain/qwen-4").ask({ text: "hi" }, stream);
      expect(answer).toMatchObject({ reasoning: "", text: CONTENT });
    },
  );

  it.each(both)("that never came is nothing ($client, stream: $stream)", async ({ client, stream }) => {
    pieces = ["<", "th", "is> is no tag"];
    const answer = await talk(client, "vllm/qwen-4").ask({ text: "hi" }, stream);
    expect(answer).toMatchObject({ reasoning: "", text: "<this> is no tag" });
  });

  it.each([true, false])(
    "is left to a client of the same protocol, byte for byte (stream: %s)",
    async (stream) => {
      pieces = ["<think>", "Hm.", "</think>", "Yes."];
      const body = { model: "vllm/qwen-4", stream, messages: [{ role: "user", content: "hi" }] };
      const ask = async (url: string, model: string) => {
        const reply = await fetch(url, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ ...body, model }),
        });
        return await reply.text();
      };
      const direct = await ask(`${upstream.url}/v1/chat/completions`, "qwen-4");
      expect(await ask(`${portico.baseUrl}/v1/chat/completions`, "vllm/qwen-4")).toBe(direct);
      expect(direct).toContain("<think>");
    },
  );
});

describe("in parts of the content", () => {
  const thinking = (text: string) => [{ type: "thinking", thinking: [{ type: "text", text }] }];

  it.each(both)("is reasoning for $client, and goes back (stream: $stream)", async ({ client, stream }) => {
    pieces = [thinking("First, "), thinking("think."), [{ type: "text", text: "Let me look." }]];
    more = { tool_calls: [CALL] };
    const chat = talk(client, "mistral/mistral-large-4");
    const first = await chat.ask({ text: "Read it." }, stream, TOOLS[client]);
    expect(first).toMatchObject({ reasoning: "First, think.", text: "Let me look." });
    pieces = ["All done."];
    more = {};
    const results = first.calls.map(({ id, name }) => ({ id, name, content: [{ text: "found" }] }));
    expect((await chat.ask({ results }, stream, TOOLS[client])).text).toBe("All done.");
    const messages = sent.at(-1)?.messages as Json[];
    expect(messages.find(({ role }) => role === "assistant")).toMatchObject({
      content: [
        { type: "thinking", thinking: [{ type: "text", text: "First, think." }] },
        { type: "text", text: "Let me look." },
      ],
      tool_calls: [{ id: "call00001" }],
    });
  });
});

describe.each([
  {
    account: "deepseek",
    model: "deepseek-v4-pro",
    refusal: "The `reasoning_content` in the thinking mode must be passed back to the API.",
  },
  {
    account: "moonshot",
    model: "kimi-k3",
    refusal: "thinking is enabled but reasoning_content is missing in assistant tool call message at index 1",
  },
])("in a field ($account)", ({ account, model, refusal }) => {
  it.each(both)("goes back with calls for $client (stream: $stream)", async ({ client, stream }) => {
    objection = (messages) =>
      messages.some(({ role, tool_calls: calls, reasoning_content: thought }) =>
        role === "assistant" && calls !== undefined ? typeof thought !== "string" || thought === "" : false,
      )
        ? refusal
        : undefined;
    pieces = ["Let me look."];
    more = { reasoning_content: "I should read it.", tool_calls: [CALL] };
    const chat = talk(client, `${account}/${model}`);
    const first = await chat.ask({ text: "Read it." }, stream, TOOLS[client]);
    expect(first).toMatchObject({ reasoning: "I should read it.", text: "Let me look." });
    const results = first.calls.map(({ id, name }) => ({ id, name, content: [{ text: "found" }] }));
    more = { reasoning_content: "And again.", tool_calls: [{ ...CALL, id: "call00002" }] };
    const second = await chat.ask({ results }, stream, TOOLS[client]);
    more = {};
    pieces = ["All done."];
    const again = second.calls.map(({ id, name }) => ({ id, name, content: [{ text: "found" }] }));
    expect((await chat.ask({ results: again }, stream, TOOLS[client])).text).toBe("All done.");
    const messages = sent.at(-1)?.messages as Json[];
    expect(messages.filter(({ role }) => role === "assistant").map((each) => each.reasoning_content)).toEqual(
      ["I should read it.", "And again."],
    );
  });
});
