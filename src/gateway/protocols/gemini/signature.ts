/** `thoughtSignature`: the signature that Gemini made a part, which it wants to see again. */
import type { Signature } from "../chat.ts";

/**
 * What Google documents for calls that no Gemini model made (history of another model, calls the
 * client made itself): the validator lets them pass.
 * https://ai.google.dev/gemini-api/docs/thought-signatures
 */
export const SKIP_SIGNATURE = "skip_thought_signature_validator";

/** The second placeholder that the same page names. */
const OTHER_PLACEHOLDER = "context_engineering_is_the_way_to_go";

/** Of `thoughtSignature`; the placeholders sign nothing. */
export function asSignature(text: string | undefined, model?: string): { signature?: Signature } {
  if (!text || text === SKIP_SIGNATURE || text === OTHER_PLACEHOLDER) return {};
  return {
    signature: {
      protocol: "gemini",
      kind: "signature",
      data: text,
      ...(model === undefined ? {} : { model }),
    },
  };
}

/** The wire field for a signature; nothing for one that another protocol made. */
export function signatureOf(signature: Signature | undefined): { thoughtSignature?: string } {
  return signature?.protocol === "gemini" && signature.data !== ""
    ? { thoughtSignature: signature.data }
    : {};
}
