/** How clients of chat completions ask. What OpenAI has beside chats and responses is sent on as it is. */

import { type CallRoute, type ClientSide, type Methods, MODEL_FIELD } from "../client.ts";

const post = (path: string, route: Pick<CallRoute, "operation" | "required">): Methods => ({
  POST: { kind: "call", protocol: "openai-chat", path: () => `/${path}`, modelAt: MODEL_FIELD, ...route },
});

export const client: ClientSide = {
  family: "openai",
  versions: ["v1"],
  heads: ["chat", "completions", "embeddings", "images", "audio", "moderations"],
  routes({ rest: [head, ...rest], encoded }) {
    const tail = rest.join("/");
    switch (head) {
      case "chat":
        return tail === "completions"
          ? post(encoded, { operation: "chat", required: { field: "messages", type: "array" } })
          : undefined;
      case "completions":
        return tail === ""
          ? post(encoded, { operation: "completions", required: { field: "prompt", type: "present" } })
          : undefined;
      case "embeddings":
        return tail === "" ? post(encoded, { operation: "embeddings" }) : undefined;
      case "moderations":
        return tail === "" ? post(encoded, { operation: "extra" }) : undefined;
      case "images":
      case "audio":
        return tail === "" ? undefined : post(encoded, { operation: "extra" });
      default:
        return undefined;
    }
  },
  paths: [
    "GET /v1/models",
    "GET /v1/models/{id}",
    "POST /v1/chat/completions",
    "POST /v1/completions",
    "POST /v1/embeddings",
    "POST /v1/images/…",
    "POST /v1/audio/…",
    "POST /v1/moderations",
    "POST /v1/responses",
    "GET /v1/responses/{id}",
  ],
  headers: [],
  keyInQuery: false,
  framing: () => "sse",
};
