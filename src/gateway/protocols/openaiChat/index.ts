/** OpenAI chat completions: the codec of the protocol that most providers speak, in many dialects. */
import type { Codec } from "../codec.ts";
import { encodeError, encodeStreamError } from "./errors.ts";
import { decodeReply } from "./reply/decode.ts";
import { encodeReply } from "./reply/encode.ts";
import { decodeRequest } from "./request/decode.ts";
import { encodeRequest } from "./request/encode.ts";
import { streamDecoder } from "./stream/decode.ts";
import { streamEncoder } from "./stream/encode.ts";

export const codec: Codec = {
  protocol: "openai-chat",
  decodeRequest,
  encodeRequest,
  decodeReply,
  encodeReply,
  streamDecoder,
  streamEncoder,
  encodeError,
  encodeStreamError,
  heartbeat: () => ": keep-alive\n\n",
};
