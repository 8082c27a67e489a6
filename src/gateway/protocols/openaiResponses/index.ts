/** The OpenAI Responses API, in both directions. */
import type { Codec, ReplyContext } from "../codec.ts";
import { decodeError, encodeError, encodeStreamError } from "./errors.ts";
import { decodeReply } from "./replyDecode.ts";
import { encodeReply } from "./replyEncode.ts";
import { decodeRequest } from "./requestDecode.ts";
import { encodeRequest } from "./requestEncode.ts";
import { streamDecoder } from "./streamDecode.ts";
import { type ResponsesStreamEncoder, streamEncoder } from "./streamEncode.ts";

export type { ResponsesStreamEncoder } from "./streamEncode.ts";

export interface ResponsesCodec extends Codec {
  streamEncoder(context: ReplyContext): ResponsesStreamEncoder;
}

export const codec: ResponsesCodec = {
  protocol: "openai-responses",
  decodeRequest,
  encodeRequest,
  decodeReply,
  encodeReply,
  streamDecoder,
  streamEncoder,
  decodeError,
  encodeError,
  encodeStreamError,
  heartbeat: () => ": keep-alive\n\n",
};
