import { describe, expect, it } from "vitest";
import type { ChatEvent, ChatRequest } from "../../../../src/gateway/protocols/chat.ts";
import { completionsCodec } from "../../../../src/gateway/protocols/openaiChat/completions.ts";
import { codec } from "../../../../src/gateway/protocols/openaiChat/index.ts";
import { checkRequest } from "../../../support/strict/openaiChat.ts";
import { DECODE, encodeContext, replyContext, wireEvents } from "./helpers.ts";

const decode = (body: object): ChatRequest => completionsCodec.decodeRequest({ model: "m", ...body }, DECODE);

describe("legacy completions", () => {
  it("makes the prompt a message", () => {
    const request = decode({
      prompt: ["once"],
      max_tokens: 5,
      logprobs: 2,
      n: 2,
      suffix: "end",
      echo: true,
      best_of: 3,
      stop: ".",
    });
    expect(request).toMatchObject({
      messages: [{ role: "user", parts: [{ text: "once" }] }],
      maxOutputTokens: 5,
      n: 2,
      stop: ["."],
      sampling: { logprobs: { top: 2 } },
    });
    const context = encodeContext("openai");
    const body = codec.encodeRequest(request, context);
    expect(checkRequest(body)).toEqual([]);
    expect(context.warnings.sort()).toEqual(["best_of", "suffix"]);
  });

  it.each([
    [{ prompt: [1, 2] }, "prompt"],
    [{ prompt: [[1], [2]] }, "prompt"],
    [{ prompt: ["a", "b"] }, "prompt"],
    [{ prompt: [] }, "prompt"],
    [{ prompt: "a", n: 0 }, "n"],
  ])("refuses %j", (body, field) => {
    expect(() => decode(body)).toThrow(expect.objectContaining({ kind: "invalid_request", field }));
  });

  it("shows the reply in the old shape, with the prompt in front when asked", () => {
    const request = decode({ prompt: "once", echo: true });
    const body = completionsCodec.encodeReply(
      {
        choices: [
          {
            parts: [
              { type: "reasoning", text: "hidden" },
              { type: "text", text: " upon" },
            ],
            finish: { reason: "length" },
            logprobs: [{ token: " upon", logprob: -1, top: [{ token: " a", logprob: -2 }] }],
          },
        ],
        usage: {
          input: { total: 1, uncached: 1, cacheRead: 0, cacheWrite: 0 },
          output: { total: 2, reasoning: 0 },
        },
      },
      { ...replyContext(), request },
    );
    expect(body).toMatchObject({
      id: expect.stringMatching(/^cmpl-/),
      object: "text_completion",
      model: "asked-for",
      choices: [
        {
          index: 0,
          text: "once upon",
          finish_reason: "length",
          logprobs: {
            tokens: [" upon"],
            token_logprobs: [-1],
            top_logprobs: [{ " a": -2 }],
            text_offset: [4],
          },
        },
      ],
      usage: { total_tokens: 3 },
    });
  });

  it("streams in the old shape", () => {
    const events: ChatEvent[] = [
      { type: "start", id: "x" },
      { type: "reasoning-start", id: "r" },
      { type: "reasoning-end", id: "r" },
      { type: "text-start", id: "t" },
      { type: "text-delta", id: "t", text: " upon" },
      { type: "text-delta", id: "t", text: " a time" },
      { type: "text-end", id: "t" },
      { type: "finish", reason: "stop" },
      {
        type: "usage",
        usage: {
          input: { total: 1, uncached: 1, cacheRead: 0, cacheWrite: 0 },
          output: { total: 2, reasoning: 0 },
        },
      },
    ];
    const request = decode({
      prompt: "once",
      echo: true,
      stream: true,
      stream_options: { include_usage: true },
    });
    const encoder = completionsCodec.streamEncoder({ ...replyContext(), request });
    const wire = wireEvents(events.map((event) => encoder.push(event)).join("") + encoder.end());
    expect(wire.at(-1)?.data).toBe("[DONE]");
    const chunks = wire.slice(0, -1).map(({ data }) => JSON.parse(data));
    expect(
      chunks.flatMap((chunk) => chunk.choices.map((choice: { text: string }) => choice.text)).join(""),
    ).toBe("once upon a time");
    expect(chunks.at(-2)?.choices[0].finish_reason).toBe("stop");
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 3 } });
    expect(new Set(chunks.map((chunk) => chunk.object))).toEqual(new Set(["text_completion"]));
    const cut = completionsCodec.streamEncoder({ ...replyContext(), request });
    expect(cut.push({ type: "start" }) + cut.end()).toContain("broke off");
  });
});
