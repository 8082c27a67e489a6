/** How a client of each protocol asks for a stream, and who can be asked in its own protocol or another. */
import type { Protocol } from "../../src/control/protocol.ts";

/** `gemini-array`: without `alt=sse`, the stream is one JSON array. */
export type Client = Protocol | "gemini-array";

const MESSAGES = [{ role: "user", content: "hi" }];
const CONTENTS = { contents: [{ role: "user", parts: [{ text: "hi" }] }] };
const CHAT_USAGE = { stream_options: { include_usage: true } };
export const ASKED: Readonly<Record<Client, { path: string; body: object; last: RegExp }>> = {
  "openai-chat": {
    path: "/v1/chat/completions",
    body: { model: "m", messages: MESSAGES, stream: true, ...CHAT_USAGE },
    last: /\[DONE\]/,
  },
  "openai-responses": {
    path: "/v1/responses",
    body: { model: "m", input: "hi", stream: true },
    last: /"type":"response\.completed".*\n\n/s,
  },
  anthropic: {
    path: "/v1/messages",
    body: { model: "m", messages: MESSAGES, stream: true, max_tokens: 10 },
    last: /"type":"message_stop".*\n\n/s,
  },
  gemini: {
    path: "/v1beta/models/m:streamGenerateContent?alt=sse",
    body: CONTENTS,
    last: /finishReason.*usageMetadata/s,
  },
  "gemini-array": {
    path: "/v1beta/models/m:streamGenerateContent",
    body: CONTENTS,
    last: /finishReason.*usageMetadata/s,
  },
};

const LANE_A: readonly (readonly [Client, Protocol])[] = [
  ["openai-chat", "openai-chat"],
  ["openai-responses", "openai-responses"],
  ["anthropic", "anthropic"],
  ["gemini", "gemini"],
  ["gemini-array", "gemini"],
];
const LANE_B: readonly (readonly [Client, Protocol])[] = [
  ["openai-responses", "anthropic"],
  ["openai-responses", "openai-chat"],
  ["anthropic", "openai-chat"],
  ["anthropic", "openai-responses"],
  ["gemini", "openai-responses"],
];
/** Who asks whom, and on which way. */
export const PAIRS = [...LANE_A, ...LANE_B].map(([client, provider]) => ({
  client,
  provider,
  lane: LANE_A.some(([a, b]) => a === client && b === provider) ? ("A" as const) : ("B" as const),
}));
