import { describe, expect, it } from "vitest";
import { CODECS } from "../../../../src/gateway/protocols/codecs.ts";
import type { Flow, Sink } from "../../../../src/gateway/upstream/flow.ts";
import { ClientReply } from "../../../../src/gateway/upstream/relay/clientReply.ts";
import { translation } from "../../../../src/gateway/upstream/relay/translation.ts";

const clock = { now: Date.now, monotonic: () => 0, setTimeout: () => ({ cancel() {} }) };

/** An Anthropic stream of `words`, one event each. */
const stream = (...words: string[]): { head: string; deltas: string[]; tail: string } => {
  const event = (type: string, fields: object) =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
  const usage = { input_tokens: 5, output_tokens: 1 };
  const message = { id: "msg_1", type: "message", role: "assistant", model: "m", content: [], usage };
  return {
    head:
      event("message_start", { message }) +
      event("content_block_start", { index: 0, content_block: { type: "text", text: "" } }),
    deltas: words.map((text) =>
      event("content_block_delta", { index: 0, delta: { type: "text_delta", text } }),
    ),
    tail:
      event("content_block_stop", { index: 0 }) +
      event("message_delta", { delta: { stop_reason: "end_turn" }, usage }) +
      event("message_stop", {}),
  };
};

/** Hands `chunks` to a chat client. @param roomy does the client take more, whatever it got? */
async function relayed(chunks: readonly string[], roomy = true) {
  const written: string[] = [];
  let paused = 0;
  const res = {
    headersSent: false,
    destroyed: false,
    writableEnded: false,
    writableFinished: false,
    setHeader() {},
    getHeader: () => undefined,
    hasHeader: () => false,
    removeHeader() {},
    writeHead() {},
    write: (text: Buffer | string) => {
      written.push(text.toString());
      return roomy;
    },
    end: (text?: Buffer | string) => void written.push(`end ${text?.toString() ?? ""}`),
    destroy() {},
    on() {},
  };
  const flow: Flow = {
    attach(sink: Sink) {
      for (const chunk of chunks) sink.data(Buffer.from(chunk));
      sink.end();
    },
    pause: () => void paused++,
    resume() {},
    abort() {},
  };
  const request = CODECS["openai-chat"].decodeRequest(
    { model: "m", stream: true, messages: [{ role: "user", content: "hi" }] },
    { model: "m", stream: true },
  );
  const result = await translation(
    { status: 200, headers: { "content-type": "text/event-stream" }, flow, delimited: true },
    {
      provider: CODECS.anthropic,
      request,
      stream: true,
      encoding: CODECS["openai-chat"],
      replyContext: {
        model: "m",
        request,
        framing: "sse",
        now: 0,
        newId: () => "A".repeat(24),
        warn() {},
      },
      clock,
    },
    {
      reply: new ClientReply(res, () => 0),
      codec: CODECS["openai-chat"],
      requestId: "req_1",
      beat: undefined,
      clock,
      operation: "chat",
      key: undefined,
      lenient: false,
      explain: () => ({ kind: "upstream", message: "" }),
      warn() {},
    },
  );
  return { written, paused, result };
}

describe("a translated stream", () => {
  const { head, deltas, tail } = stream("one ", "two ", "three");

  it("is written once for each read of the provider's", async () => {
    const apart = await relayed([head, ...deltas, tail]);
    const together = await relayed([head + deltas.join(""), tail]);
    expect(together.written.join("")).toBe(apart.written.join(""));
    // The head says who speaks, the tail is the end.
    expect(apart.written).toHaveLength(1 + 3 + 1);
    expect(together.written).toHaveLength(2);
    expect(together.written[0]).toMatch(/one .*two .*three/s);
  });

  it("ends in its last write where all of it came at once", async () => {
    const { written, result } = await relayed([head + deltas.join("") + tail]);
    expect(written).toHaveLength(1);
    expect(written[0]).toMatch(/^end .*one .*\[DONE\]\n\n$/s);
    expect(result).toMatchObject({ kind: "done", usage: { input: { total: 5 } } });
  });

  it("holds nothing back when an error follows in the same read", async () => {
    const error = `event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"busy"}}\n\n`;
    const { written } = await relayed([head + deltas.join("") + error]);
    expect(written).toHaveLength(1);
    expect(written[0]).toMatch(/one .*three.*"error"/s);
  });

  it("stops reading where the client is full", async () => {
    expect((await relayed([head + deltas.join(""), tail], false)).paused).toBe(1);
    expect((await relayed([head, ...deltas, tail], false)).paused).toBe(4);
  });
});
