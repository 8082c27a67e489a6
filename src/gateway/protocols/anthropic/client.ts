/** How Anthropic's clients ask. */

import { type CallRoute, type ClientSide, MODEL_FIELD } from "../client.ts";

const messages = (path: string, operation: CallRoute["operation"]): CallRoute => ({
  kind: "call",
  protocol: "anthropic",
  operation,
  path: () => path,
  modelAt: MODEL_FIELD,
  required: { field: "messages", type: "array" },
});

export const client: ClientSide = {
  family: "anthropic",
  versions: ["v1"],
  // Of `complete` there is only the error.
  heads: ["messages", "complete"],
  routes({ rest }) {
    if (rest[0] !== "messages") return undefined;
    if (rest.length === 1) return { POST: messages("/v1/messages", "chat") };
    if (rest.length > 2 || rest[1] !== "count_tokens") return undefined;
    return { POST: messages("/v1/messages/count_tokens", "count-tokens") };
  },
  paths: ["POST /v1/messages", "POST /v1/messages/count_tokens", "GET /v1/models", "GET /v1/models/{id}"],
  headers: ["anthropic-version", "anthropic-beta"],
  keyInQuery: false,
  framing: () => "sse",
};
