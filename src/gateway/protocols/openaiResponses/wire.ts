/** What the gateway asks about the Responses API beside translating it. */

import { hasEventOf } from "../eventType.ts";
import { isOpenaiError } from "../openaiError.ts";
import { openaiModelList } from "../openaiModelList.ts";
import { lastUsage, type Wire } from "../wire.ts";
import { boundState } from "./boundState.ts";
import { client } from "./client.ts";
import { compactCodec } from "./compactEndpoint.ts";
import { outputLimit, withEffort, withLimit, withPrefix } from "./edits.ts";
import { losses } from "./losses.ts";
import { replyFacts } from "./replyFacts.ts";
import { decodeRequest } from "./request/decode.ts";
import { readResponseId } from "./responseId.ts";
import { decodeUsage } from "./usage.ts";

/** `done` is what some relays make of all of them. */
const LAST = /^response\.(?:completed|incomplete|failed|cancelled|done)$/;
const END = /"type"\s*:\s*"response\.(?:completed|incomplete|failed|cancelled|done)"/;

export const wire: Wire = {
  protocol: "openai-responses",
  client,
  endpoint: { keyHeader: "authorization" },
  modelList: openaiModelList,
  expressiveness: 3,
  losses,
  usage: { places: ["usage", "response.usage"], restated: true, reader: () => lastUsage(decodeUsage) },
  keepsReplies: true,
  conversation: ({ instructions, input, truncation }) => ({
    system: instructions,
    systemInTurns: false,
    turns: input,
    content: "content",
    truncates: truncation === "auto",
  }),
  streamEnding: {
    isFinished: (text) => END.test(text) || isEndOfLongResponse(text),
    // Deltas name their type, not a response; inside of a text its quotes would be escaped.
    last: { word: Buffer.from('"response"'), isAmong: (events) => hasEventOf(LAST, events) },
    beginsHollow: false,
  },
  isError: isOpenaiError,
  missingAnswer: ({ object, status, output }) =>
    object === "response" && status === "completed" && !Array.isArray(output) ? "output" : undefined,
  replyId: readResponseId,
  replyFacts,
  edits: { withPrefix, withLimit, withEffort, outputLimit },
  boundState,
  // https://platform.openai.com/docs/guides/images-vision, …/guides/pdf-files
  mediaRule: ({ type }) => (type === "image" || type === "document" ? "url" : "none"),
  chatPath: () => "/responses",
  compacting: compactCodec,
  counting: {
    decode: decodeRequest,
    encodeReply: (tokens) => ({ object: "response.input_tokens", input_tokens: tokens }),
  },
};

/** The last event repeats the request's instructions and tools; only it tells what was used. Tools may have
 * a property of that name. */
function isEndOfLongResponse(text: string): boolean {
  return !/^data:/m.test(text) && /"usage"\s*:\s*\{[^{}]*"(?:in|out)put_tokens"\s*:\s*\d/.test(text);
}
