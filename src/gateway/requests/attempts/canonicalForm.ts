/** Which client operations have a canonical form, and how their requests and replies look. */

import type { ChatRequest } from "../../protocols/chat.ts";
import { CODECS } from "../../protocols/codecs.ts";
import type { CompletionsCodec } from "../../protocols/wire.ts";
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
  const codec = codecOf(call);
  return (
    codec && {
      decode: ({ json, model, stream }) => codec.decodeRequest(json, { model, stream }),
      encoding: codec,
    }
  );
}

function codecOf({ operation, protocol }: Call): CompletionsCodec | undefined {
  switch (operation) {
    case "chat":
      return CODECS[protocol];
    case "compact":
      return WIRES[protocol].compacting;
    case "completions":
      return WIRES[protocol].completions;
    default:
      return undefined;
  }
}
