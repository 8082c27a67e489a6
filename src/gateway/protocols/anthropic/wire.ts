/** What the gateway asks about Anthropic's messages beside translating them. */

import { isRecord } from "../../common/json.ts";
import type { DocumentPart } from "../chat.ts";
import { hasEventOf } from "../eventType.ts";
import { factsIn, REPLY_ID, REPLY_MODEL } from "../replyFacts.ts";
import type { Wire } from "../wire.ts";
import { boundState } from "./boundState.ts";
import { client } from "./client.ts";
import { betaHeaders } from "./compaction.ts";
import { decodeCountTokens, encodeCountTokensReply, encodeCountTokensRequest } from "./countTokens.ts";
import { outputLimit, withEffort, withLimit, withPrefix } from "./edits.ts";
import { losses } from "./losses.ts";
import { modelList } from "./modelList.ts";
import { readMessageId, threads } from "./threads.ts";
import { usageReader } from "./usage.ts";

export const wire: Wire = {
  protocol: "anthropic",
  client,
  // https://platform.claude.com/docs/en/api/versioning
  endpoint: { keyHeader: "x-api-key", headers: { "anthropic-version": "2023-06-01" } },
  modelList,
  expressiveness: 4,
  // `message_start` counts the input, the last `message_delta` the output and, lately, all.
  losses,
  usage: { places: ["usage", "message.usage"], restated: false, reader: usageReader },
  keepsReplies: false,
  conversation: ({ system, messages, metadata }) => ({
    system,
    systemInTurns: false,
    turns: messages,
    content: "content",
    // Clients name a session by it; those of other protocols their user, who has many.
    session: isRecord(metadata) ? metadata.user_id : undefined,
  }),
  streamEnding: {
    isFinished: (text) => /"type"\s*:\s*"message_stop"/.test(text),
    last: { word: Buffer.from("message_stop"), isAmong: (events) => hasEventOf(/^message_stop$/, events) },
    beginsHollow: false,
  },
  isError: (body) =>
    isRecord(body) && body.type === "error" && isRecord(body.error) && typeof body.error.message === "string",
  missingAnswer: (reply) =>
    reply.type === "message" && !Array.isArray(reply.content) ? "content" : undefined,
  replyId: readMessageId,
  threads,
  replyFacts: (head, tail) =>
    factsIn(head, tail, { id: REPLY_ID, model: REPLY_MODEL, finish: /"stop_reason"\s*:\s*"(\w{1,50})"/ }),
  edits: { withPrefix, withLimit, withEffort, outputLimit },
  boundState,
  // https://platform.claude.com/docs/en/build-with-claude/vision, …/pdf-support
  mediaRule: (part) => {
    if (part.type !== "image" && part.type !== "document") return "none";
    return part.type === "document" && isOtherThanPdf(part) ? "bytes" : "url";
  },
  chatPath: () => "/v1/messages",
  headersOf: betaHeaders,
  counting: {
    decode: decodeCountTokens,
    encodeReply: encodeCountTokensReply,
    ask: {
      path: () => "/v1/messages/count_tokens",
      encode: encodeCountTokensRequest,
      decodeReply: (body) => Number(Reflect.get(Object(body), "input_tokens")),
    },
  },
};

const NOT_PDF = /\.(?:txt|md|html?|csv|json|xml|ya?ml)(?:[?#]|$)/i;

/** Only PDF files are read from an address; other documents have to be sent. */
function isOtherThanPdf({ source }: DocumentPart): boolean {
  if (source.kind !== "url") return false;
  return source.mediaType === undefined ? NOT_PDF.test(source.url) : source.mediaType !== "application/pdf";
}
