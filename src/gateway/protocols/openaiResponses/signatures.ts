/**
 * Proofs of other providers in `reasoning.encrypted_content`, the one opaque field that clients of
 * this protocol send back. Such a value begins with a mark of our own and never goes to OpenAI.
 */

import { PROTOCOLS } from "../../../control/protocol.ts";
import type { Signature } from "../chat.ts";

/** `portico.1.<protocol>.<kind>.<model>.<target>.<data>`, model and target percent-encoded. */
const MARK = "portico.";
const VERSION = "1";
const KINDS = ["signature", "redacted", "encrypted"] as const;

export interface Carried {
  proof: Signature;
  /** What the proof belongs to where that is not the reasoning itself: `text`, or a call id after `call:`. */
  target?: string;
}

export function isCarried(encrypted: string): boolean {
  return encrypted.startsWith(MARK);
}

const clean = (text: string) => encodeURIComponent(text).replaceAll(".", "%2E");

/** The value of `encrypted_content` for a proof. OpenAI's own is passed through unmarked. */
export function carry(proof: Signature, target = ""): string {
  if (proof.protocol === "openai-responses" && proof.kind === "encrypted" && target === "") return proof.data;
  return [
    MARK.slice(0, -1),
    VERSION,
    proof.protocol,
    proof.kind,
    clean(proof.model ?? ""),
    clean(target),
    proof.data,
  ].join(".");
}

/** The proof in `encrypted_content`. `undefined`: marked as ours, but of an unknown version or broken. */
export function uncarry(encrypted: string): Carried | undefined {
  if (!isCarried(encrypted)) {
    return { proof: { protocol: "openai-responses", kind: "encrypted", data: encrypted } };
  }
  const [, version, protocolName, kindName, model = "", target = "", ...data] = encrypted.split(".");
  const protocol = PROTOCOLS.find((name) => name === protocolName);
  const kind = KINDS.find((name) => name === kindName);
  if (version !== VERSION || protocol === undefined || kind === undefined || data.length === 0)
    return undefined;
  try {
    const proof: Signature = { protocol, kind, data: data.join(".") };
    if (model !== "") proof.model = decodeURIComponent(model);
    return target === "" ? { proof } : { proof, target: decodeURIComponent(target) };
  } catch {
    return undefined;
  }
}
