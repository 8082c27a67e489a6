import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import OpenAI from "openai";
import { afterEach, describe, expect, it } from "vitest";
import type { ChatEvent } from "../../../../src/gateway/protocols/chat.ts";
import { codec } from "../../../../src/gateway/protocols/openaiChat/index.ts";
import { replyContext } from "./helpers.ts";

let server: Server | undefined;
afterEach(() => new Promise<void>((done) => (server === undefined ? done() : server.close(() => done()))));

/** The official SDK against one fixed answer. */
async function sdk(type: string, body: string, status = 200): Promise<OpenAI> {
  const listening = createServer((_, response) =>
    response.writeHead(status, { "content-type": type }).end(body),
  );
  server = listening;
  await new Promise<void>((done) => listening.listen(0, "127.0.0.1", done));
  const { port } = listening.address() as AddressInfo;
  return new OpenAI({ apiKey: "none", baseURL: `http://127.0.0.1:${port}/v1`, maxRetries: 0 });
}

const events: ChatEvent[] = [
  { type: "start", id: "msg" },
  { type: "reasoning-start", id: "r" },
  { type: "reasoning-delta", id: "r", text: "hm" },
  { type: "reasoning-end", id: "r" },
  { type: "text-start", id: "t" },
  { type: "tool-start", id: "a", callId: "call_a", name: "one", kind: "function" },
  { type: "text-delta", id: "t", text: "hel" },
  { type: "tool-start", id: "b", callId: "call_b", name: "two", kind: "function" },
  { type: "tool-delta", id: "b", delta: '{"x"' },
  { type: "text-delta", id: "t", text: "lo" },
  { type: "tool-delta", id: "b", delta: ":1}" },
  { type: "tool-end", id: "b" },
  { type: "tool-end", id: "a" },
  { type: "text-end", id: "t" },
  { type: "finish", reason: "tool-calls" },
  {
    type: "usage",
    usage: {
      input: { total: 4, uncached: 4, cacheRead: 0, cacheWrite: 0 },
      output: { total: 2, reasoning: 1 },
    },
  },
];

describe("the official SDK", () => {
  it("puts an interleaved stream together", async () => {
    const encoder = codec.streamEncoder(replyContext({ includeUsage: true }));
    const body = events.map((event) => codec.heartbeat("sse") + encoder.push(event)).join("") + encoder.end();
    const client = await sdk("text/event-stream", body);
    const stream = client.chat.completions.stream({
      model: "m",
      messages: [{ role: "user", content: "x" }],
      stream_options: { include_usage: true },
    });
    const completion = await stream.finalChatCompletion();
    expect(completion).toMatchObject({
      id: expect.stringMatching(/^chatcmpl-/),
      usage: { total_tokens: 6 },
      choices: [
        {
          finish_reason: "tool_calls",
          message: {
            content: "hello",
            tool_calls: [
              { id: "call_a", function: { name: "one", arguments: "{}" } },
              { id: "call_b", function: { name: "two", arguments: '{"x":1}' } },
            ],
          },
        },
      ],
    });
  });

  it("throws on an error in the midst of a stream, with its words", async () => {
    const encoder = codec.streamEncoder(replyContext());
    const body = events
      .slice(0, 7)
      .map((event) => encoder.push(event))
      .join("");
    const error = encoder.push({ type: "error", error: { kind: "overloaded", message: "too busy" } });
    const client = await sdk("text/event-stream", body + error + encoder.end());
    const read = async () => {
      for await (const _ of await client.chat.completions.create({ model: "m", messages: [], stream: true }));
    };
    await expect(read()).rejects.toThrow("too busy");
  });
});
