/**
 * Gemini `generateContent` / `streamGenerateContent`, as the Gemini API and Vertex AI speak it.
 * https://ai.google.dev/api/generate-content
 */
import type { Codec } from "../codec.ts";
import { encodeError, encodeStreamError } from "./errors.ts";
import { decodeReply } from "./reply/decode.ts";
import { encodeReply } from "./reply/encode.ts";
import { decodeRequest } from "./request/decode.ts";
import { encodeRequest } from "./request/encode.ts";
import { streamDecoder } from "./stream/decode.ts";
import { heartbeat, streamEncoder } from "./stream/encode.ts";

export const codec: Codec = {
  protocol: "gemini",
  decodeRequest,
  encodeRequest,
  decodeReply,
  encodeReply,
  streamDecoder,
  streamEncoder,
  encodeError,
  encodeStreamError,
  heartbeat,
};
