/** Which client operations have a canonical form, and how their requests and replies look. */

import type { Protocol } from "../../../control/protocol.ts";
import type { ChatRequest } from "../../protocols/chat.ts";
import { CODECS } from "../../protocols/codecs.ts";
import { completionsCodec } from "../../protocols/openaiChat/completions.ts";
import type { Encoding } from "../../upstream/relay/deliver.ts";
import type { Call } from "../call.ts";

export interface CanonicalForm {
  /** @throws PorticoError `invalid_request` naming the field */
  decode(call: Call): ChatRequest;
  readonly encoding: Encoding;
}

/** `undefined`: only an account that speaks the protocol itself can serve it. */
export function formOf(call: Call): CanonicalForm | undefined {
  switch (call.operation) {
    case "chat": {
      const codec = CODECS[call.protocol];
      return {
        decode: ({ json, model, stream }) => codec.decodeRequest(json, { model, stream }),
        encoding: codec,
      };
    }
    case "completions":
      return {
        decode: ({ json, model, stream }) => completionsCodec.decodeRequest(json, { model, stream }),
        encoding: completionsCodec,
      };
    case "count-tokens":
    case "embeddings":
    case "extra":
    case "response-object":
      return undefined;
  }
}

/** Where a protocol's chat requests go, behind the endpoint's base. */
export function chatPath(protocol: Protocol, model: string, stream: boolean): string {
  switch (protocol) {
    case "openai-chat":
      return "/chat/completions";
    case "openai-responses":
      return "/responses";
    case "anthropic":
      return "/v1/messages";
    case "gemini":
      return modelPath(model, stream ? "streamGenerateContent?alt=sse" : "generateContent");
  }
}

/** Gemini's path of an action on a model, behind the endpoint's base. */
export function modelPath(model: string, action: string): string {
  const name = model.split("/").map(encodeURIComponent).join("/");
  const resource = model.startsWith("tunedModels/") ? name : `models/${name}`;
  return `/v1beta/${resource}:${action}`;
}
