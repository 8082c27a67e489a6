/** What the gateway asks about chat completions beside translating them. */
import { lastUsage, type Wire } from "../wire.ts";
import { completionsCodec } from "./completions.ts";
import { embeddingCodec } from "./embeddings.ts";
import { decodeUsage } from "./reply/usage.ts";

export const wire: Wire = {
  protocol: "openai-chat",
  usage: { keys: ["usage"], restated: true, reader: () => lastUsage(decodeUsage) },
  keepsReplies: false,
  chatPath: () => "/chat/completions",
  embedding: { codec: embeddingCodec, path: () => "/embeddings" },
  completions: completionsCodec,
};
