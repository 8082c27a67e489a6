import { describe, expect, it } from "vitest";
import { PorticoError } from "../../../../src/gateway/common/errors.ts";
import { CODECS } from "../../../../src/gateway/protocols/codecs.ts";
import type { Flow, Sink } from "../../../../src/gateway/upstream/flow.ts";
import { ClientReply } from "../../../../src/gateway/upstream/relay/clientReply.ts";
import type { Encoding } from "../../../../src/gateway/upstream/relay/deliver.ts";
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

/**
 * Hands `chunks` to a chat client, one turn of the loop later, as a socket does.
 * @param roomy does the client take more, whatever it got?
 */
async function relayed(
  chunks: readonly string[],
  roomy = true,
  encoding: Encoding = CODECS["openai-chat"],
  streams = true,
) {
  const written: string[] = [];
  let paused = 0;
  let aborted = 0;
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
      setImmediate(() => {
        for (const chunk of chunks) sink.data(Buffer.from(chunk));
        sink.end();
      });
    },
    pause: () => void paused++,
    resume() {},
    abort: () => void aborted++,
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
      stream: streams,
      encoding,
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
  ).catch((thrown: unknown) => ({ kind: "threw" as const, thrown }));
  return { written, paused, aborted, result };
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

describe("what an encoder throws", () => {
  const { head, deltas, tail } = stream("one ", "two ");
  const all = [head, ...deltas, tail];
  const chat = CODECS["openai-chat"];
  const bug = new TypeError("no such thing");
  const fail = (thrown: Error) => () => {
    throw thrown;
  };

  it("fails the attempt where the reply cannot be told: others may be asked", async () => {
    const refuses = { ...chat, encodeReply: fail(new PorticoError("upstream", "There is no summary.")) };
    const { written, result } = await relayed(all, true, refuses, false);
    expect(result).toEqual({
      kind: "failed",
      cause: { kind: "chat", error: { kind: "upstream", message: "There is no summary." } },
    });
    expect(written).toEqual([]);
  });

  it("reaches whoever asked where it is our own bug, and the provider is left", async () => {
    const whole = await relayed(all, true, { ...chat, encodeReply: fail(bug) }, false);
    expect(whole.result).toEqual({ kind: "threw", thrown: bug });
    const broken = (part: "push" | "end"): Encoding => ({
      ...chat,
      streamEncoder: (context) => ({ ...chat.streamEncoder(context), push: () => "x", [part]: fail(bug) }),
    });
    for (const part of ["push", "end"] as const) {
      const { result, aborted, written } = await relayed(all, true, broken(part));
      expect(result).toEqual({ kind: "threw", thrown: bug });
      expect(aborted).toBe(1);
      expect(written.filter((text) => text.startsWith("end"))).toEqual([]);
    }
  });
});
