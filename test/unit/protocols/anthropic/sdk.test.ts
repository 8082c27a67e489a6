/** The official SDK reads what the codec writes, over real HTTP. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import Anthropic from "@anthropic-ai/sdk";
import { afterEach, describe, expect, it } from "vitest";
import { PorticoError } from "../../../../src/gateway/common/errors.ts";
import { codec } from "../../../../src/gateway/protocols/anthropic/index.ts";
import type { ChatEvent } from "../../../../src/gateway/protocols/chat.ts";
import { replyContext } from "./helpers.ts";

let server: Server | undefined;
afterEach(() => server?.close());

/** A client of a server that answers with the text. */
async function client(status: number, headers: Record<string, string>, body: string): Promise<Anthropic> {
  server = createServer((incoming, outgoing) => {
    incoming.resume();
    outgoing.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return new Anthropic({ apiKey: "test", baseURL: `http://127.0.0.1:${port}`, maxRetries: 0 });
}
const params = { model: "m", max_tokens: 10, messages: [{ role: "user" as const, content: "x" }] };

const EVENTS: ChatEvent[] = [
  { type: "start", id: "chatcmpl-1" },
  { type: "reasoning-start", id: "r" },
  { type: "reasoning-delta", id: "r", text: "hm" },
  { type: "reasoning-end", id: "r", signature: { protocol: "gemini", kind: "signature", data: "G" } },
  { type: "text-start", id: "t" },
  { type: "text-delta", id: "t", text: "Héllo 🌍" },
  { type: "citation", id: "t", citation: { kind: "url", url: "https://a", title: "A", citedText: "c" } },
  { type: "text-end", id: "t" },
  { type: "tool-start", id: "a", callId: "call_a", name: "f", kind: "function" },
  { type: "tool-start", id: "b", callId: "call_b", name: "g", kind: "function" },
  { type: "tool-delta", id: "a", delta: '{"x":' },
  { type: "tool-end", id: "b" },
  { type: "tool-delta", id: "a", delta: "1}" },
  { type: "tool-end", id: "a" },
  { type: "finish", reason: "tool-calls" },
  {
    type: "usage",
    usage: {
      input: { total: 9, uncached: 5, cacheRead: 4, cacheWrite: 0 },
      output: { total: 3, reasoning: 1 },
    },
  },
];

describe("the official SDK", () => {
  it("accumulates a stream", async () => {
    const encoder = codec.streamEncoder(replyContext());
    const body = EVENTS.map((event) => encoder.push(event) + codec.heartbeat("sse")).join("") + encoder.end();
    const sdk = await client(200, { "content-type": "text/event-stream" }, body);
    const message = await sdk.messages.stream(params).finalMessage();
    expect(message).toMatchObject({
      stop_reason: "tool_use",
      usage: { input_tokens: 5, cache_read_input_tokens: 4, output_tokens: 3 },
      content: [
        { type: "thinking", thinking: "hm", signature: expect.stringMatching(/^portico:.*:G$/) },
        { type: "text", text: "Héllo 🌍", citations: [{ url: "https://a", cited_text: "c" }] },
        { type: "tool_use", id: "call_a", name: "f", input: { x: 1 } },
        { type: "tool_use", id: "call_b", name: "g", input: {} },
      ],
    });
  });

  it("reads a whole reply", async () => {
    const reply = codec.encodeReply(
      {
        choices: [
          {
            parts: [
              { type: "text", text: "hi" },
              { type: "tool-call", callId: "", name: "f", kind: "function", input: "" },
            ],
            finish: { reason: "tool-calls" },
          },
        ],
      },
      replyContext(),
    );
    const sdk = await client(200, { "content-type": "application/json" }, JSON.stringify(reply));
    const message = await sdk.messages.create(params);
    expect(message.content).toMatchObject([
      { type: "text", text: "hi" },
      { type: "tool_use", id: expect.stringMatching(/^toolu_/), input: {} },
    ]);
  });

  it("knows the class of an error, whole and in the midst of a stream", async () => {
    const { status, headers, body } = codec.encodeError(
      new PorticoError("authentication", "Bad key."),
      "req_1",
    );
    const refused = await client(
      status,
      { ...headers, "content-type": "application/json" },
      JSON.stringify(body),
    );
    await expect(refused.messages.create(params)).rejects.toBeInstanceOf(Anthropic.AuthenticationError);
    server?.close();
    const encoder = codec.streamEncoder(replyContext());
    const text =
      encoder.push({ type: "start" }) +
      encoder.push({ type: "error", error: { kind: "overloaded", message: "busy" } });
    const broken = await client(200, { "content-type": "text/event-stream" }, text);
    await expect(broken.messages.stream(params).finalMessage()).rejects.toMatchObject({
      type: "overloaded_error",
    });
  });
});
