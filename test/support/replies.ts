/** Scripted replies with a text and a tool call, as each provider sends them. */
import type { Protocol } from "../../src/control/protocol.ts";

const sse = (data: unknown, event?: string) =>
  `${event === undefined ? "" : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;

const chatChunk = (delta: object, finish_reason: string | null = null) =>
  sse({
    id: "c1",
    object: "chat.completion.chunk",
    created: 1,
    model: "m",
    choices: [{ index: 0, delta, finish_reason }],
  });

const chatUsage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
const responseUsage = {
  input_tokens: 10,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 5,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 15,
};
const message = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  status: "completed",
  content: [{ type: "output_text", text: "Hello wörld", annotations: [] }],
};
const call = {
  id: "fc_1",
  type: "function_call",
  call_id: "call_1",
  name: "read",
  arguments: '{"path":"a.txt"}',
  status: "completed",
};
const response = (status: string, output: object[], usage: object | null) => ({
  id: "resp_abc",
  object: "response",
  created_at: 1,
  model: "m",
  status,
  output,
  usage,
  error: null,
  incomplete_details: null,
  tools: [],
  parallel_tool_calls: true,
  tool_choice: "auto",
});

/** Text "Hello wörld", then a call of `read` with `{"path":"a.txt"}`; 10 tokens in, 5 out. */
export const STREAMS: Readonly<Record<Protocol, readonly string[]>> = {
  "openai-chat": [
    chatChunk({ role: "assistant", content: "Hello " }),
    chatChunk({ content: "wörld" }),
    chatChunk({
      tool_calls: [{ index: 0, id: "call_1", type: "function", function: { name: "read", arguments: "" } }],
    }),
    chatChunk({ tool_calls: [{ index: 0, function: { arguments: '{"path":' } }] }),
    chatChunk({ tool_calls: [{ index: 0, function: { arguments: '"a.txt"}' } }] }),
    chatChunk({}, "tool_calls"),
    sse({ id: "c1", object: "chat.completion.chunk", created: 1, model: "m", choices: [], usage: chatUsage }),
    "data: [DONE]\n\n",
  ],
  "openai-responses": [
    { type: "response.created", response: response("in_progress", [], null) },
    {
      type: "response.output_item.added",
      output_index: 0,
      item: { ...message, status: "in_progress", content: [] },
    },
    {
      type: "response.content_part.added",
      item_id: "msg_1",
      output_index: 0,
      content_index: 0,
      part: { type: "output_text", text: "", annotations: [] },
    },
    {
      type: "response.output_text.delta",
      item_id: "msg_1",
      output_index: 0,
      content_index: 0,
      delta: "Hello wörld",
      logprobs: [],
    },
    {
      type: "response.output_text.done",
      item_id: "msg_1",
      output_index: 0,
      content_index: 0,
      text: "Hello wörld",
      logprobs: [],
    },
    {
      type: "response.content_part.done",
      item_id: "msg_1",
      output_index: 0,
      content_index: 0,
      part: message.content[0],
    },
    { type: "response.output_item.done", output_index: 0, item: message },
    {
      type: "response.output_item.added",
      output_index: 1,
      item: { ...call, status: "in_progress", arguments: "" },
    },
    {
      type: "response.function_call_arguments.delta",
      item_id: "fc_1",
      output_index: 1,
      delta: '{"path":"a.txt"}',
    },
    {
      type: "response.function_call_arguments.done",
      item_id: "fc_1",
      output_index: 1,
      arguments: '{"path":"a.txt"}',
    },
    { type: "response.output_item.done", output_index: 1, item: call },
    { type: "response.completed", response: response("completed", [message, call], responseUsage) },
  ].map((event, sequence_number) => sse({ ...event, sequence_number }, event.type)),
  anthropic: [
    sse(
      {
        type: "message_start",
        message: {
          id: "msg_1",
          type: "message",
          role: "assistant",
          model: "m",
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: { input_tokens: 10, output_tokens: 1 },
        },
      },
      "message_start",
    ),
    sse(
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
      "content_block_start",
    ),
    sse({ type: "ping" }, "ping"),
    sse(
      { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hello wörld" } },
      "content_block_delta",
    ),
    sse({ type: "content_block_stop", index: 0 }, "content_block_stop"),
    sse(
      {
        type: "content_block_start",
        index: 1,
        content_block: { type: "tool_use", id: "call_1", name: "read", input: {} },
      },
      "content_block_start",
    ),
    sse(
      {
        type: "content_block_delta",
        index: 1,
        delta: { type: "input_json_delta", partial_json: '{"path":' },
      },
      "content_block_delta",
    ),
    sse(
      {
        type: "content_block_delta",
        index: 1,
        delta: { type: "input_json_delta", partial_json: '"a.txt"}' },
      },
      "content_block_delta",
    ),
    sse({ type: "content_block_stop", index: 1 }, "content_block_stop"),
    sse(
      {
        type: "message_delta",
        delta: { stop_reason: "tool_use", stop_sequence: null },
        usage: { output_tokens: 5 },
      },
      "message_delta",
    ),
    sse({ type: "message_stop" }, "message_stop"),
  ],
  gemini: [
    sse({
      candidates: [{ index: 0, content: { role: "model", parts: [{ text: "Hello wörld" }] } }],
      modelVersion: "m",
      responseId: "r1",
    }),
    sse({
      candidates: [
        {
          index: 0,
          content: {
            role: "model",
            parts: [{ functionCall: { name: "read", args: { path: "a.txt" } }, thoughtSignature: "c2ln" }],
          },
          finishReason: "STOP",
        },
      ],
      usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 },
      modelVersion: "m",
      responseId: "r1",
    }),
  ],
};

/** The same, whole. */
export const REPLIES: Readonly<Record<Protocol, object>> = {
  "openai-chat": {
    id: "c1",
    object: "chat.completion",
    created: 1,
    model: "m",
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: "Hello wörld",
          refusal: null,
          tool_calls: [
            { id: "call_1", type: "function", function: { name: "read", arguments: '{"path":"a.txt"}' } },
          ],
        },
        finish_reason: "tool_calls",
        logprobs: null,
      },
    ],
    usage: chatUsage,
  },
  "openai-responses": response("completed", [message, call], responseUsage),
  anthropic: {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "m",
    content: [
      { type: "text", text: "Hello wörld" },
      { type: "tool_use", id: "call_1", name: "read", input: { path: "a.txt" } },
    ],
    stop_reason: "tool_use",
    stop_sequence: null,
    usage: { input_tokens: 10, output_tokens: 5 },
  },
  gemini: {
    candidates: [
      {
        index: 0,
        content: {
          role: "model",
          parts: [
            { text: "Hello wörld" },
            { functionCall: { name: "read", args: { path: "a.txt" } }, thoughtSignature: "c2ln" },
          ],
        },
        finishReason: "STOP",
      },
    ],
    usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 },
    modelVersion: "m",
    responseId: "r1",
  },
};

/** How each provider says that it is busy. */
export const RATE_LIMITS: Readonly<Record<Protocol, object>> = {
  "openai-chat": {
    error: { message: "Rate limit reached", type: "requests", param: null, code: "rate_limit_exceeded" },
  },
  "openai-responses": {
    error: { message: "Rate limit reached", type: "requests", param: null, code: "rate_limit_exceeded" },
  },
  anthropic: {
    type: "error",
    error: { type: "rate_limit_error", message: "Rate limit reached" },
    request_id: "req_up",
  },
  gemini: { error: { code: 429, message: "Rate limit reached", status: "RESOURCE_EXHAUSTED" } },
};

/** How each provider refuses a request for good. */
export const BAD_REQUESTS: Readonly<Record<Protocol, object>> = {
  "openai-chat": {
    error: {
      message: "Bad temperature",
      type: "invalid_request_error",
      param: "temperature",
      code: "invalid_value",
      unknown: { a: 1.5 },
    },
  },
  "openai-responses": {
    error: {
      message: "Bad temperature",
      type: "invalid_request_error",
      param: "temperature",
      code: "invalid_value",
      unknown: { a: 1.5 },
    },
  },
  anthropic: {
    type: "error",
    error: { type: "invalid_request_error", message: "Bad temperature", unknown: true },
    request_id: "req_up",
  },
  gemini: { error: { code: 400, message: "Bad temperature", status: "INVALID_ARGUMENT", details: [] } },
};
