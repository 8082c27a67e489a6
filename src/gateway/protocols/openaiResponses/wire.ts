/** What the gateway asks about the Responses API beside translating it. */
import { lastUsage, type Wire } from "../wire.ts";
import { decodeRequest } from "./request/decode.ts";
import { decodeUsage } from "./usage.ts";

export const wire: Wire = {
  protocol: "openai-responses",
  usage: { keys: ["usage"], restated: true, reader: () => lastUsage(decodeUsage) },
  keepsReplies: true,
  chatPath: () => "/responses",
  counting: {
    decode: decodeRequest,
    encodeReply: (tokens) => ({ object: "response.input_tokens", input_tokens: tokens }),
  },
};
