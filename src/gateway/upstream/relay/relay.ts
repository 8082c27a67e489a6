/** What is the same of replies passed through, whether they stream or not. */
import type { Framing } from "../../protocols/codec.ts";
import { WIRES } from "../../protocols/wires.ts";
import type { Exchange } from "../exchange.ts";
import { EncryptedScan } from "./encryptedScan.ts";
import type { RelayContext } from "./result.ts";
import type { Tap } from "./tap.ts";

/** What was read of a reply. */
export type Told = Pick<Tap, "usage" | "bytes" | "head" | "tail">;

/**
 * What a reply that is over tells.
 * @param framing of a stream
 * @param cut it lacks its end: what was said of tokens may be too little
 */
export function summary(
  tap: Told,
  exchange: Exchange,
  { codec, wantsFacts }: RelayContext,
  framing?: Framing,
  cut = false,
) {
  const { usage } = tap;
  const responseId = WIRES[codec.protocol].replyId?.(tap.head());
  const facts = wantsFacts ? WIRES[codec.protocol].replyFacts?.(tap.head(), tap.tail()) : undefined;
  return {
    kind: "done" as const,
    status: exchange.status,
    ...(usage === undefined ? {} : { usage }),
    ...(framing !== undefined && (cut || usage === undefined)
      ? { sample: { kind: "tail" as const, framing, text: tap.tail(), bytes: tap.bytes } }
      : {}),
    ...(responseId === undefined ? {} : { responseId }),
    ...(facts === undefined ? {} : { facts }),
  };
}

export function scanOf({ onEncrypted }: RelayContext): EncryptedScan | undefined {
  return onEncrypted === undefined ? undefined : new EncryptedScan(onEncrypted);
}
