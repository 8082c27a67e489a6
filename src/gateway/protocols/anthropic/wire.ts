/** What the gateway asks about Anthropic's messages beside translating them. */
import type { Wire } from "../wire.ts";
import { decodeCountTokens, encodeCountTokensReply, encodeCountTokensRequest } from "./countTokens.ts";
import { usageReader } from "./usage.ts";

export const wire: Wire = {
  protocol: "anthropic",
  // `message_start` counts the input, the last `message_delta` the output and, lately, all.
  usage: { keys: ["usage"], restated: false, reader: usageReader },
  keepsReplies: false,
  chatPath: () => "/v1/messages",
  counting: {
    decode: decodeCountTokens,
    encodeReply: encodeCountTokensReply,
    ask: {
      path: () => "/v1/messages/count_tokens",
      encode: encodeCountTokensRequest,
      decodeReply: (body) => Number(Reflect.get(Object(body), "input_tokens")),
    },
  },
};
