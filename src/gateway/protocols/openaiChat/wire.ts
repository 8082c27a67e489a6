/** What the gateway asks about chat completions beside translating them. */

import { hasContent } from "../../common/json.ts";
import { isOpenaiError } from "../openaiError.ts";
import { openaiModelList } from "../openaiModelList.ts";
import { factsIn, REPLY_ID, REPLY_MODEL } from "../replyFacts.ts";
import { lastUsage, type Wire } from "../wire.ts";
import { boundState } from "./boundState.ts";
import { client } from "./client.ts";
import { completionsCodec } from "./completions.ts";
import { outputLimit, withEffort, withLimit, withPrefix } from "./edits.ts";
import { embeddingCodec } from "./embeddings.ts";
import { losses, refusesAsIs } from "./losses.ts";
import { decodeUsage } from "./reply/usage.ts";
import { dialectOf } from "./request/dialects.ts";
import { streamEnding } from "./streamEnding.ts";

export const wire: Wire = {
  protocol: "openai-chat",
  client,
  endpoint: { keyHeader: "authorization" },
  modelList: openaiModelList,
  expressiveness: 1,
  losses,
  refusesAsIs,
  // Groq's streams have it in `x_groq`, Moonshot's in the choice.
  usage: {
    places: ["usage", "x_groq.usage", "choices..usage"],
    restated: true,
    reader: () => lastUsage(decodeUsage),
  },
  keepsReplies: false,
  conversation: ({ prompt, messages }) => ({
    // The text of `/v1/completions`.
    system: typeof prompt === "string" ? prompt : undefined,
    systemInTurns: true,
    turns: messages,
    content: "content",
  }),
  streamEnding,
  isError: isOpenaiError,
  missingAnswer: (reply) => ("choices" in reply && !hasContent(reply.choices) ? "choices" : undefined),
  replyFacts: (head, tail) =>
    factsIn(head, tail, { id: REPLY_ID, model: REPLY_MODEL, finish: /"finish_reason"\s*:\s*"(\w{1,50})"/ }),
  edits: { withPrefix, withLimit, withEffort, outputLimit },
  boundState,
  mediaRule: ({ type }, provider) => {
    const dialect = dialectOf(provider);
    switch (type) {
      case "image":
        return dialect.images === "any" ? "url" : dialect.images === "inline" ? "bytes" : "none";
      case "document":
        // Text files are sent as text where files are not taken.
        return "bytes";
      case "audio":
        return dialect.audio ? "bytes" : "none";
      case "video":
        return dialect.video ? "url" : "none";
    }
  },
  chatPath: () => "/chat/completions",
  embedding: { codec: embeddingCodec, path: () => "/embeddings" },
  completions: completionsCodec,
};
