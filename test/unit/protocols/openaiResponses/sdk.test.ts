import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import OpenAI, { APIError } from "openai";
import { afterEach, describe, expect, it } from "vitest";
import { PorticoError } from "../../../../src/gateway/common/errors.ts";
import type { ChatEvent } from "../../../../src/gateway/protocols/chat.ts";
import { codec } from "../../../../src/gateway/protocols/openaiResponses/index.ts";
import { encodeEvents, replyContext } from "./helpers.ts";

let server: Server | undefined;
afterEach(() => {
  server?.close();
  server = undefined;
});

/** The official SDK, talking to a server that gives one answer. */
async function client(status: number, headers: Record<string, string>, body: string): Promise<OpenAI> {
  const listening = createServer((request, response) => {
    request.resume();
    response.writeHead(status, headers).end(body);
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const { port } = listening.address() as AddressInfo;
  return new OpenAI({ apiKey: "k", baseURL: `http://127.0.0.1:${port}/v1`, maxRetries: 0 });
}

const sse = (events: ChatEvent[]) =>
  encodeEvents(events)
    .map((event) => `event: ${event.event}\ndata: ${event.data}\n\n`)
    .join("");
const events: ChatEvent[] = [
  { type: "start" },
  { type: "reasoning-start", id: "r" },
  { type: "reasoning-delta", id: "r", text: "Hm" },
  { type: "reasoning-end", id: "r" },
  { type: "text-start", id: "t" },
  { type: "text-delta", id: "t", text: "Good " },
  { type: "tool-start", id: "c", callId: "call_1", name: "f", kind: "function" },
  { type: "text-delta", id: "t", text: "day" },
  { type: "tool-delta", id: "c", delta: '{"a":1}' },
  { type: "text-end", id: "t" },
  { type: "tool-end", id: "c" },
];
const request = { model: "m", input: "x" };
const stream = { "content-type": "text/event-stream" };

describe("the official SDK", () => {
  it("reads a stream", async () => {
    const openai = await client(200, stream, sse([...events, { type: "finish", reason: "tool-calls" }]));
    const response = await openai.responses.stream(request).finalResponse();
    expect(response.output_text).toBe("Good day");
    expect(response.output.map((item) => item.type)).toEqual(["reasoning", "message", "function_call"]);
  });

  it("reads a reply", async () => {
    const reply = codec.encodeReply(
      { choices: [{ parts: [{ type: "text", text: "Hi" }], finish: { reason: "stop" } }] },
      replyContext(),
    );
    const openai = await client(200, { "content-type": "application/json" }, JSON.stringify(reply));
    expect((await openai.responses.create(request)).output_text).toBe("Hi");
  });

  it("reads errors, at the start and in the midst", async () => {
    const { status, headers, body } = codec.encodeError(new PorticoError("quota", "Empty."), "req_1");
    const refused = await client(
      status,
      { ...headers, "content-type": "application/json" },
      JSON.stringify(body),
    );
    await expect(refused.responses.create(request)).rejects.toMatchObject({
      status: 429,
      code: "insufficient_quota",
    });
    server?.close();
    const broken = await client(
      200,
      stream,
      sse([...events, { type: "error", error: { kind: "rate_limit", message: "Slow down." } }]),
    );
    const seen: string[] = [];
    let failure: unknown;
    try {
      for await (const event of await broken.responses.create({ ...request, stream: true }))
        seen.push(event.type);
    } catch (error) {
      failure = error;
    }
    expect(failure instanceof APIError ? failure.message : seen.at(-1)).toMatch(/Slow down|response\.failed/);
  });
});
