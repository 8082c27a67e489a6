import { describe, expect, it } from "vitest";
import { PorticoError } from "../../../../src/gateway/common/errors.ts";
import type { ChatReply } from "../../../../src/gateway/protocols/chat.ts";
import { codec } from "../../../../src/gateway/protocols/openaiChat/index.ts";
import { checkReply } from "../../../support/checkers/openaiChat.ts";
import { chatRequest, replyContext } from "./helpers.ts";

const request = chatRequest({ stream: false });
const decode = (message: object, rest: object = {}, body: object = {}) =>
  codec.decodeReply(
    {
      id: "x",
      model: "m",
      created: 1,
      choices: [{ index: 0, message, finish_reason: "stop", ...rest }],
      ...body,
    },
    { request },
  );

describe("decoding a reply", () => {
  it("refuses what is not a reply, with the provider's own error where it is one", () => {
    const thrown = (body: unknown) => {
      try {
        codec.decodeReply(body, { request });
      } catch (error) {
        if (error instanceof PorticoError) return error.kind;
      }
      return "nothing";
    };
    expect(thrown("hello")).toBe("upstream");
    expect(thrown({})).toBe("upstream");
    expect(thrown({ choices: [] })).toBe("upstream");
    expect(thrown({ error: { message: "Insufficient Balance", code: "invalid_request_error" } })).toBe(
      "billing",
    );
  });

  it("reads Gemini's, OpenRouter's and OpenAI's additions", () => {
    const reply = decode({
      content: "a",
      reasoning: "why",
      reasoning_details: [
        { type: "reasoning.summary", summary: "why", index: 0 },
        { type: "reasoning.encrypted", data: "E", index: 1 },
      ],
      extra_content: { google: { thought_signature: "T" } },
      annotations: [
        {
          type: "url_citation",
          url_citation: { url: "https://x.test", title: "X", start_index: 0, end_index: 1 },
        },
      ],
      images: [{ type: "image_url", image_url: { url: "data:image/png;base64,AA==" } }],
      audio: { id: "aud", data: "AA==", transcript: "t", expires_at: 1 },
      tool_calls: [
        {
          id: "c",
          type: "function",
          function: { name: "f", arguments: "" },
          extra_content: { google: { thought_signature: "S" } },
        },
      ],
    });
    expect(reply.choices[0]?.parts).toMatchObject([
      { type: "reasoning", text: "why", summary: true },
      { type: "reasoning", text: "", signature: { protocol: "openai-chat", kind: "encrypted" } },
      { type: "text", text: "a", signature: { protocol: "gemini", data: "T" }, citations: [{ kind: "url" }] },
      { type: "image" },
      { type: "audio", id: "aud" },
      { type: "tool-call", input: "{}", signature: { protocol: "gemini", data: "S" } },
    ]);
    expect(reply.choices[0]?.finish).toEqual({ reason: "tool-calls", raw: "stop" });
  });

  it.each([
    ["length", "length"],
    ["model_length", "context-window"],
    ["sensitive", "content-filter"],
    ["insufficient_system_resource", "error"],
    ["brand_new", "other"],
    [undefined, "stop"],
  ])("reads finish reason %s as %s", (raw, reason) => {
    expect(decode({ content: "a" }, { finish_reason: raw }).choices[0]?.finish.reason).toBe(reason);
  });

  it("reads every way to count cached and reasoning tokens", () => {
    const usage = (value: object) => decode({ content: "a" }, {}, { usage: value }).usage;
    expect(
      usage({
        prompt_tokens: 20,
        completion_tokens: 30,
        total_tokens: 50,
        cached_tokens: 10,
        completion_tokens_details: { reasoning_tokens: 22 },
      }),
    ).toEqual({
      input: { total: 20, uncached: 10, cacheRead: 10, cacheWrite: 0 },
      output: { total: 30, reasoning: 22 },
    });
    expect(
      usage({
        prompt_tokens: 5,
        completion_tokens: 1,
        prompt_cache_hit_tokens: 4,
        prompt_cache_miss_tokens: 1,
      })?.input.cacheRead,
    ).toBe(4);
    expect(usage({ prompt_tokens: 9, completion_tokens: 2, total_tokens: 16 })?.output).toEqual({
      total: 7,
      reasoning: 5,
    });
    expect(
      usage({
        prompt_tokens: 9,
        completion_tokens: 2,
        prompt_tokens_details: { cached_tokens: 3, cache_write_tokens: 2 },
      })?.input,
    ).toEqual({
      total: 9,
      uncached: 4,
      cacheRead: 3,
      cacheWrite: 2,
    });
    expect(usage({})).toBeUndefined();
  });
});

describe("encoding a reply", () => {
  it("shows all that chat completions have a place for, and warns about the rest", () => {
    const reply: ChatReply = {
      id: "msg_1",
      choices: [
        {
          parts: [
            {
              type: "reasoning",
              text: "why",
              signature: { protocol: "anthropic", kind: "signature", data: "S" },
            },
            { type: "text", text: "12345", citations: [{ kind: "document", documentIndex: 1 }] },
            { type: "text", text: "678", citations: [{ kind: "url", url: "https://x.test" }] },
            {
              type: "provider-tool",
              protocol: "anthropic",
              phase: "both",
              tool: "web_search",
              id: "1",
              raw: {},
            },
            { type: "tool-call", callId: "c", name: "f", kind: "function", input: "" },
            { type: "tool-call", callId: "d", name: "g", kind: "custom", input: "free" },
          ],
          finish: { reason: "stop" },
          logprobs: [{ token: "a", logprob: -1, top: [{ token: "b", logprob: -2 }] }],
        },
        { parts: [{ type: "refusal", text: "no" }], finish: { reason: "stop" } },
      ],
      usage: {
        input: { total: 3, uncached: 1, cacheRead: 1, cacheWrite: 1 },
        output: { total: 2, reasoning: 0 },
      },
    };
    const context = replyContext();
    const body = codec.encodeReply(reply, context);
    expect(checkReply(body)).toEqual([]);
    expect(body).toMatchObject({
      id: expect.stringMatching(/^chatcmpl-/),
      model: "asked-for",
      created: 1_700_000_000,
      choices: [
        {
          message: {
            content: "12345678",
            reasoning_content: "why",
            reasoning_details: [{ type: "reasoning.text", signature: "S" }],
            annotations: [{ url_citation: { start_index: 5, end_index: 8 } }],
            tool_calls: [{ function: { arguments: "{}" } }, { custom: { input: "free" } }],
          },
          finish_reason: "tool_calls",
        },
        { message: { content: null, refusal: "no" } },
      ],
      usage: {
        prompt_tokens: 3,
        total_tokens: 5,
        prompt_tokens_details: { cached_tokens: 1, cache_write_tokens: 1 },
      },
    });
    expect(context.warnings).toEqual(["reply.citation", "reply.web_search"]);
  });

  it("brings every signature back with the next request", () => {
    const parts: ChatReply["choices"][number]["parts"] = [
      { type: "reasoning", text: "plain" },
      {
        type: "reasoning",
        text: "signed",
        signature: { protocol: "anthropic", kind: "signature", data: "S", model: "a:b" },
      },
      { type: "reasoning", text: "", signature: { protocol: "anthropic", kind: "redacted", data: "R" } },
      {
        type: "reasoning",
        text: "short",
        summary: true,
        itemId: "rs_1",
        signature: { protocol: "openai-responses", kind: "encrypted", data: "E" },
      },
      { type: "text", text: "said", signature: { protocol: "gemini", kind: "signature", data: "T" } },
      {
        type: "tool-call",
        callId: "c",
        name: "f",
        kind: "function",
        input: "{}",
        signature: { protocol: "gemini", kind: "signature", data: "G" },
      },
    ];
    const body = codec.encodeReply(
      { choices: [{ parts, finish: { reason: "tool-calls" } }] },
      replyContext(),
    );
    expect(checkReply(body)).toEqual([]);
    const { message } = (body as { choices: { message: object }[] }).choices[0] ?? {};
    const next = codec.decodeRequest(
      { model: "m", messages: [{ role: "user", content: "x" }, message] },
      { model: "", stream: false },
    );
    expect(next.messages[1]?.parts).toEqual(parts);
  });
});
