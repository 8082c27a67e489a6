/** Anthropic messages: everything the gateway knows about the protocol, behind one object. */
import type { Codec } from "../codec.ts";
import { pushSummary, type SummaryBlock, summaryReply } from "../compaction.ts";
import { encodeError, encodeStreamError } from "./errors.ts";
import { decodeReply, encodeReply } from "./reply.ts";
import { decodeRequest } from "./request/decode.ts";
import { encodeRequest } from "./request/encode.ts";
import { streamDecoder } from "./stream/decode.ts";
import { sse, streamEncoder } from "./stream/encode.ts";

/** "A signed `compaction` block, alone", of which the signature is the model's own. */
const SUMMARY: SummaryBlock = {
  part: (content) => ({
    type: "provider",
    protocol: "anthropic",
    raw: { type: "compaction", content, encrypted_content: null },
  }),
  raw: "compaction",
};

const PING = sse("ping", { type: "ping" });

export const codec: Codec = {
  protocol: "anthropic",
  decodeRequest,
  encodeRequest,
  decodeReply,
  encodeReply(reply, context) {
    return encodeReply(context.request.compact === undefined ? reply : summaryReply(reply, SUMMARY), context);
  },
  streamDecoder,
  streamEncoder(context) {
    const encoder = streamEncoder(context);
    if (context.request.compact === undefined) return encoder;
    return { push: pushSummary(encoder, SUMMARY), end: () => encoder.end() };
  },
  encodeError,
  encodeStreamError: (error, requestId) => encodeStreamError(error, requestId),
  heartbeat: () => PING,
};
