/** Which client operations have a canonical form, and how their requests and replies look. */

import type { ChatRequest } from "../../protocols/chat.ts";
import { CODECS } from "../../protocols/codecs.ts";
import { WIRES } from "../../protocols/wires.ts";
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
    case "compact":
    case "completions": {
      const { completions, compacting } = WIRES[call.protocol];
      const codec = call.operation === "compact" ? compacting : completions;
      if (codec === undefined) return undefined;
      return {
        decode: ({ json, model, stream }) => codec.decodeRequest(json, { model, stream }),
        encoding: codec,
      };
    }
    case "count-tokens":
    case "embeddings":
    case "extra":
    case "response-object":
      return undefined;
  }
}
