/** What the gateway asks about Gemini's API beside translating it. */
import { lastUsage, type Wire } from "../wire.ts";
import { decodeCountReply, decodeCountRequest, encodeCountReply, encodeCountRequest } from "./countTokens.ts";
import { embeddingCodec } from "./embedding.ts";
import { decodeUsage } from "./usage.ts";

export const wire: Wire = {
  protocol: "gemini",
  usage: { keys: ["usageMetadata", "usage_metadata"], restated: true, reader: () => lastUsage(decodeUsage) },
  keepsReplies: false,
  chatPath: (model, stream) => modelPath(model, stream ? "streamGenerateContent?alt=sse" : "generateContent"),
  counting: {
    decode: decodeCountRequest,
    encodeReply: encodeCountReply,
    ask: {
      path: (model) => modelPath(model, "countTokens"),
      encode: encodeCountRequest,
      decodeReply: decodeCountReply,
    },
  },
  embedding: { codec: embeddingCodec, path: (model) => modelPath(model, "batchEmbedContents") },
};

/** The path of an action on a model, behind the endpoint's base. */
function modelPath(model: string, action: string): string {
  const name = model.split("/").map(encodeURIComponent).join("/");
  const resource = model.startsWith("tunedModels/") ? name : `models/${name}`;
  return `/v1beta/${resource}:${action}`;
}
