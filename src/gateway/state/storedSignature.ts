/**
 * A kept signature as `proofs.json` and the hand-over between processes spell it: there the field is `proof`, a name that
 * older versions read and that therefore stays.
 */
import * as z from "zod";
import { PROTOCOLS } from "../../control/protocol.ts";
import type { ReasoningPart, Signature } from "../protocols/chat.ts";

export interface KeptSignature {
  readonly session: string;
  /** As the target calls it. */
  readonly model: string;
  readonly callId: string;
  readonly name: string;
  /** Digest of name and arguments, for clients that do not bring ids back. */
  readonly content: string;
  /** The call's own. */
  readonly signature?: Signature;
  /** What was thought right before the call; empty for the later ones of parallel calls. */
  readonly reasoning: readonly ReasoningPart[];
}

const signatureSchema = z.object({
  protocol: z.enum(PROTOCOLS),
  kind: z.enum(["signature", "redacted", "encrypted"]),
  data: z.string(),
  model: z.string().exactOptional(),
});
const reasoningSchema = z.object({
  type: z.literal("reasoning"),
  text: z.string(),
  summary: z.boolean().exactOptional(),
  itemId: z.string().exactOptional(),
  proof: signatureSchema.exactOptional(),
});
const storedSchema = z.object({
  session: z.string(),
  model: z.string(),
  callId: z.string(),
  name: z.string(),
  content: z.string(),
  proof: signatureSchema.exactOptional(),
  reasoning: z.array(reasoningSchema),
});
export type StoredSignature = z.output<typeof storedSchema>;

/** `undefined`: it is none. */
export function readSignature(stored: unknown): KeptSignature | undefined {
  const { success, data } = storedSchema.safeParse(stored);
  if (!success) return undefined;
  const { proof, reasoning, ...rest } = data;
  return {
    ...rest,
    ...(proof === undefined ? {} : { signature: proof }),
    reasoning: reasoning.map(({ proof: own, ...part }) =>
      own === undefined ? part : { ...part, signature: own },
    ),
  };
}

export function writeSignature({ signature, reasoning, ...rest }: KeptSignature): StoredSignature {
  return {
    ...rest,
    ...(signature === undefined ? {} : { proof: signature }),
    reasoning: reasoning.map(({ signature: own, ...part }) =>
      own === undefined ? part : { ...part, proof: own },
    ),
  };
}
