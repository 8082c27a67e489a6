import { describe, expect, it } from "vitest";
import { PorticoError } from "../../../../src/gateway/common/errors.ts";
import { decodeError } from "../../../../src/gateway/protocols/openaiChat/errors.ts";
import { codec } from "../../../../src/gateway/protocols/openaiChat/index.ts";

describe("decoding errors", () => {
  it.each<[string, number, unknown, object | undefined]>([
    [
      "OpenAI's key",
      401,
      {
        error: {
          message: "Incorrect API key provided",
          type: "invalid_request_error",
          code: "invalid_api_key",
        },
      },
      { kind: "authentication", code: "invalid_api_key" },
    ],
    [
      "OpenAI's quota",
      429,
      {
        error: {
          message: "You exceeded your current quota",
          type: "insufficient_quota",
          code: "insufficient_quota",
        },
      },
      { kind: "billing" },
    ],
    [
      "OpenAI's rate limit",
      429,
      {
        error: {
          message: "Rate limit reached. Please try again in 1m2.5s.",
          type: "tokens",
          code: "rate_limit_exceeded",
        },
      },
      { kind: "rate_limit", retryAfterMs: 62_500 },
    ],
    [
      "OpenAI's long prompt",
      400,
      {
        error: {
          message: "This model's maximum context length is 1000 tokens",
          code: "context_length_exceeded",
        },
      },
      { kind: "context_too_long" },
    ],
    [
      "OpenAI's model",
      404,
      {
        error: {
          message: "The model `x` does not exist or you do not have access to it.",
          code: "model_not_found",
        },
      },
      { kind: "model_not_found" },
    ],
    [
      "Gemini's array",
      429,
      [
        {
          error: {
            code: 429,
            message: "quota, check your plan and billing details",
            status: "RESOURCE_EXHAUSTED",
            details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "37s" }],
          },
        },
      ],
      { kind: "rate_limit", retryAfterMs: 37_000 },
    ],
    [
      "Gemini's key",
      400,
      [
        {
          error: {
            code: 400,
            message: "API key not valid. Please pass a valid API key.",
            status: "INVALID_ARGUMENT",
          },
        },
      ],
      { kind: "authentication" },
    ],
    [
      "OpenRouter's wrapped error",
      429,
      {
        error: {
          code: 429,
          message: "Provider returned error",
          metadata: { raw: "model is temporarily rate limited", provider_name: "X" },
        },
      },
      { kind: "rate_limit", message: expect.stringContaining("temporarily") },
    ],
    [
      "DeepSeek's balance",
      402,
      {
        error: {
          message: "Insufficient Balance",
          type: "unknown_error",
          param: null,
          code: "invalid_request_error",
        },
      },
      { kind: "billing" },
    ],
    [
      "xAI's string",
      400,
      { code: "Client specified an invalid argument", error: "Incorrect API key provided: xa***" },
      { kind: "authentication" },
    ],
    [
      "Mistral's list",
      422,
      {
        object: "error",
        message: {
          detail: [{ type: "extra_forbidden", loc: ["body", "foo"], msg: "Extra inputs are not permitted" }],
        },
        type: "invalid_request_error",
      },
      { kind: "invalid_request", message: "body.foo: Extra inputs are not permitted" },
    ],
    ["FastAPI's detail", 404, { detail: "Not Found" }, { kind: "not_found", message: "Not Found" }],
    [
      "FastAPI's findings",
      422,
      { detail: [{ loc: ["body", "n"], msg: "bad" }] },
      { kind: "invalid_request", message: "body.n: bad" },
    ],
    [
      "LM Studio's string",
      404,
      { error: "No models loaded" },
      { kind: "not_found", message: "No models loaded" },
    ],
    ["z.ai's number", 429, { error: { code: "1113", message: "Insufficient balance" } }, { kind: "billing" }],
    [
      "z.ai's prompt",
      400,
      { error: { code: "1261", message: "Prompt exceeds max length" } },
      { kind: "context_too_long" },
    ],
    [
      "Azure's deployment",
      404,
      { error: { code: "DeploymentNotFound", message: "The API deployment does not exist." } },
      { kind: "model_not_found" },
    ],
    [
      "Moonshot's engine",
      429,
      { error: { message: "The engine is currently overloaded", type: "engine_overloaded_error" } },
      { kind: "overloaded" },
    ],
    ["a page", 502, "<html><h1>Bad Gateway</h1></html>", { kind: "upstream", message: "Bad Gateway" }],
    ["nothing", 503, undefined, { kind: "unavailable", message: "The provider answered 503." }],
    ["a good reply", 200, { id: "x", choices: [] }, undefined],
    ["an error with a good status", 200, { error: { message: "no", code: 401 } }, { kind: "authentication" }],
    [
      "numbers that mean nothing",
      400,
      { error: { message: "max_tokens must be below 1002" } },
      { kind: "invalid_request" },
    ],
  ])("reads %s", (_, status, body, wanted) => {
    const error = decodeError(status, body);
    if (wanted === undefined) expect(error).toBeUndefined();
    else expect(error).toMatchObject(wanted);
  });
});

describe("encoding errors", () => {
  it("has OpenAI's shape, headers for retries, and no 529", () => {
    expect(
      codec.encodeError(
        new PorticoError("rate_limit", "slow", { retryAfterMs: 1200, retryable: false }),
        "req_1",
      ),
    ).toEqual({
      status: 429,
      headers: { "x-request-id": "req_1", "retry-after": "2", "x-should-retry": "false" },
      body: {
        error: { message: "slow", type: "rate_limit_error", param: null, code: "rate_limit_exceeded" },
      },
    });
    expect(codec.encodeError(new PorticoError("overloaded", "busy"), "r").status).toBe(503);
    expect(
      codec.encodeError(
        new PorticoError("invalid_request", "bad", { field: "messages[0].role", code: "x" }),
        "r",
      ).body,
    ).toEqual({
      error: { message: "bad", type: "invalid_request_error", param: "messages[0].role", code: "x" },
    });
    expect(codec.encodeStreamError(new PorticoError("upstream", "gone"), "r", "sse")).toMatch(
      /^data: \{"error":.*\}\n\n$/,
    );
  });
});
