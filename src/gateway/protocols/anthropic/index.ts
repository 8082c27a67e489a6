/** Anthropic messages: everything the gateway knows about the protocol, behind one object. */
import { PorticoError } from "../../common/errors.ts";
import type { Codec } from "../codec.ts";
import { isCompacted, pushSummary, type SummaryBlock, summaryReply } from "../compaction.ts";
import { encodeError, encodeStreamError } from "./errors.ts";
import { decodeReply, encodeReply } from "./reply.ts";
import { decodeRequest } from "./request/decode.ts";
import { encodeRequest } from "./request/encode.ts";
import { streamDecoder } from "./stream/decode.ts";
import { sse, streamEncoder } from "./stream/encode.ts";

export { decodeCountTokens, encodeCountTokensReply, encodeCountTokensRequest } from "./countTokens.ts";

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
    if (context.request.compact === undefined || isCompacted(reply)) return encodeReply(reply, context);
    const summary = summaryReply(reply, SUMMARY);
    if (summary === undefined) throw new PorticoError("upstream", "The model gave no summary.");
    return encodeReply(summary, context);
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
