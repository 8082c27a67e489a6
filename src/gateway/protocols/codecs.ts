/** The codec of every protocol: one that is missing does not compile. */

import type { Protocol } from "../../control/protocol.ts";
import { codec as anthropic } from "./anthropic/index.ts";
import type { Codec } from "./codec.ts";
import { codec as gemini } from "./gemini/index.ts";
import { codec as openaiChat } from "./openaiChat/index.ts";
import { codec as openaiResponses } from "./openaiResponses/index.ts";

export const CODECS: Readonly<Record<Protocol, Codec>> = {
  "openai-chat": openaiChat,
  "openai-responses": openaiResponses,
  anthropic,
  gemini,
};
