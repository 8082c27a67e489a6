/**
 * Signatures of other providers in `reasoning.encrypted_content`, the one opaque field that clients of
 * this protocol send back. Such a value begins with a mark of our own and never goes to OpenAI.
 */

import { PROTOCOLS } from "../../../control/protocol.ts";
import type { Signature } from "../chat.ts";

/** `portico.1.<protocol>.<kind>.<model>.<target>.<data>`, model and target percent-encoded. */
const MARK = "portico.";
const VERSION = "1";
const KINDS = ["signature", "redacted", "encrypted"] as const;

export interface Carried {
  signature: Signature;
  /** What the signature belongs to where that is not the reasoning itself: `text`, or a call id after `call:`. */
  target?: string;
}

export function isCarried(encrypted: string): boolean {
  return encrypted.startsWith(MARK);
}

const clean = (text: string) => encodeURIComponent(text).replaceAll(".", "%2E");

/** The value of `encrypted_content` for a signature. OpenAI's own is passed through unmarked. */
export function carry(signature: Signature, target = ""): string {
  if (signature.protocol === "openai-responses" && signature.kind === "encrypted" && target === "")
    return signature.data;
  return [
    MARK.slice(0, -1),
    VERSION,
    signature.protocol,
    signature.kind,
    clean(signature.model ?? ""),
    clean(target),
    signature.data,
  ].join(".");
}

/** The signature in `encrypted_content`. `undefined`: marked as ours, but of an unknown version or broken. */
export function uncarry(encrypted: string): Carried | undefined {
  if (!isCarried(encrypted)) {
    return { signature: { protocol: "openai-responses", kind: "encrypted", data: encrypted } };
  }
  const [, version, protocolName, kindName, model = "", target = "", ...data] = encrypted.split(".");
  const protocol = PROTOCOLS.find((name) => name === protocolName);
  const kind = KINDS.find((name) => name === kindName);
  if (version !== VERSION || protocol === undefined || kind === undefined || data.length === 0)
    return undefined;
  try {
    const signature: Signature = { protocol, kind, data: data.join(".") };
    if (model !== "") signature.model = decodeURIComponent(model);
    return target === "" ? { signature } : { signature, target: decodeURIComponent(target) };
  } catch {
    return undefined;
  }
}
