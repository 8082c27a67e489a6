import type { Protocol } from "../../../src/control/protocol.ts";
import { anthropic } from "./anthropic.ts";
import { gemini } from "./gemini.ts";
import { openaiChat } from "./openaiChat.ts";
import { openaiResponses } from "./openaiResponses.ts";
import type { Wire } from "./wire.ts";

export const WIRES: Readonly<Record<Protocol, Wire>> = {
  "openai-chat": openaiChat,
  "openai-responses": openaiResponses,
  anthropic,
  gemini,
};
