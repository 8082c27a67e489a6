/** `thoughtSignature`: the proof that Gemini made a part, which it wants to see again. */
import type { Signature } from "../chat.ts";

/**
 * What Google documents for calls that no Gemini model made (history of another model, calls the
 * client made itself): the validator lets them pass.
 * https://ai.google.dev/gemini-api/docs/thought-signatures
 */
export const SKIP_SIGNATURE = "skip_thought_signature_validator";

/** The second placeholder that the same page names. */
const OTHER_PLACEHOLDER = "context_engineering_is_the_way_to_go";

/** A signature as a proof; the placeholders prove nothing. */
export function asSignature(signature: string | undefined, model?: string): { proof?: Signature } {
  if (!signature || signature === SKIP_SIGNATURE || signature === OTHER_PLACEHOLDER) return {};
  return {
    proof: {
      protocol: "gemini",
      kind: "signature",
      data: signature,
      ...(model === undefined ? {} : { model }),
    },
  };
}

/** The wire field for a proof; nothing for one that another protocol made. */
export function signatureOf(proof: Signature | undefined): { thoughtSignature?: string } {
  return proof?.protocol === "gemini" && proof.data !== "" ? { thoughtSignature: proof.data } : {};
}
