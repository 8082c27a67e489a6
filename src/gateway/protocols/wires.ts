/** The wire of every protocol: one that is missing does not compile. */

import type { Protocol } from "../../control/protocol.ts";
import { wire as anthropic } from "./anthropic/wire.ts";
import { wire as gemini } from "./gemini/wire.ts";
import { wire as openaiChat } from "./openaiChat/wire.ts";
import { wire as openaiResponses } from "./openaiResponses/wire.ts";
import type { Wire } from "./wire.ts";

export const WIRES: Readonly<Record<Protocol, Wire>> = {
  "openai-chat": openaiChat,
  "openai-responses": openaiResponses,
  anthropic,
  gemini,
};
