/** What the gateway asks about Gemini's API beside translating it. */

import { fieldsOf, hasContent, isRecord } from "../../common/json.ts";
import { factsIn } from "../replyFacts.ts";
import { lastUsage, type Wire } from "../wire.ts";
import { boundState } from "./boundState.ts";
import { client, modelPath } from "./client.ts";
import { decodeCountReply, decodeCountRequest, encodeCountReply, encodeCountRequest } from "./countTokens.ts";
import { outputLimit, withEffort, withLimit, withPrefix } from "./edits.ts";
import { embeddingCodec } from "./embedding.ts";
import { losses } from "./losses.ts";
import { modelList } from "./modelList.ts";
import { streamEnding } from "./streamEnding.ts";
import { decodeUsage } from "./usage.ts";

export const wire: Wire = {
  protocol: "gemini",
  client,
  endpoint: { keyHeader: "x-goog-api-key" },
  modelList,
  expressiveness: 2,
  losses,
  usage: {
    places: ["usageMetadata", "usage_metadata"],
    restated: true,
    reader: () => lastUsage(decodeUsage),
  },
  keepsReplies: false,
  conversation: (body) => {
    const system = body.systemInstruction ?? body.system_instruction;
    return {
      system: isRecord(system) ? system.parts : system,
      systemInTurns: false,
      turns: body.contents,
      content: "parts",
    };
  },
  streamEnding,
  isError: (body) => {
    // Streams wrap theirs in an array.
    const error = fieldsOf(Array.isArray(body) ? body[0] : body).error;
    return isRecord(error) && typeof error.code === "number" && typeof error.message === "string";
  },
  missingAnswer: (reply) => {
    const told = ["candidates", "promptFeedback", "usageMetadata"].some((name) => hasContent(reply[name]));
    return "candidates" in reply && !told ? "candidates" : undefined;
  },
  replyFacts: (head, tail) =>
    factsIn(`${head}\n${tail}`, tail, {
      id: /"responseId"\s*:\s*"([\w.:-]{1,200})"/,
      model: /"modelVersion"\s*:\s*"([^"\\]{1,200})"/,
      finish: /"finishReason"\s*:\s*"(\w{1,50})"/,
    }),
  edits: { withPrefix, withLimit, withEffort, outputLimit },
  boundState,
  // https://ai.google.dev/gemini-api/docs/file-input-methods
  mediaRule: () => "url",
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
