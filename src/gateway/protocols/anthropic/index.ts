/** Anthropic messages: everything the gateway knows about the protocol, behind one object. */
import type { Codec } from "../codec.ts";
import { encodeError, encodeStreamError } from "./errors.ts";
import { decodeReply, encodeReply } from "./reply.ts";
import { decodeRequest } from "./request/decode.ts";
import { encodeRequest } from "./request/encode.ts";
import { streamDecoder } from "./stream/decode.ts";
import { sse, streamEncoder } from "./stream/encode.ts";

export { decodeCountTokens, encodeCountTokensReply, encodeCountTokensRequest } from "./countTokens.ts";

const PING = sse("ping", { type: "ping" });

export const codec: Codec = {
  protocol: "anthropic",
  decodeRequest,
  encodeRequest,
  decodeReply,
  encodeReply,
  streamDecoder,
  streamEncoder,
  encodeError,
  encodeStreamError: (error, requestId) => encodeStreamError(error, requestId),
  heartbeat: () => PING,
};
