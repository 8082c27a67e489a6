/** The OpenAI Responses API, in both directions. */
import type { Codec, ReplyContext } from "../codec.ts";
import { pushSummary } from "../compaction.ts";
import { encodeSummary } from "./compactEndpoint.ts";
import { summaryItem } from "./compaction.ts";
import { encodeError, encodeStreamError } from "./errors.ts";
import { decodeReply } from "./reply/decode.ts";
import { encodeReply } from "./reply/encode.ts";
import { decodeRequest } from "./request/decode.ts";
import { encodeRequest } from "./request/encode.ts";
import { streamDecoder } from "./stream/decode.ts";
import { type ResponsesStreamEncoder, streamEncoder } from "./stream/encode.ts";

export type { ResponsesStreamEncoder } from "./stream/encode.ts";

export interface ResponsesCodec extends Codec {
  streamEncoder(context: ReplyContext): ResponsesStreamEncoder;
}

export const codec: ResponsesCodec = {
  protocol: "openai-responses",
  decodeRequest,
  encodeRequest,
  decodeReply,
  encodeReply: (reply, context) =>
    context.request.compact === undefined ? encodeReply(reply, context) : encodeSummary(reply, context),
  streamDecoder,
  streamEncoder(context) {
    const encoder = streamEncoder(context);
    if (context.request.compact === undefined) return encoder;
    return {
      push: pushSummary(encoder, summaryItem(context.newId)),
      end: () => encoder.end(),
      response: () => encoder.response(),
    };
  },
  encodeError,
  encodeStreamError,
  heartbeat: () => ": keep-alive\n\n",
};
