/**
 * Another provider's proof of its reasoning, carried through an Anthropic client: the client sends
 * `thinking.signature` and `redacted_thinking.data` back untouched, so a foreign proof travels
 * there, marked, until the conversation comes back.
 */

import * as z from "zod";
import { PROTOCOLS } from "../../../control/protocol.ts";
import { parseJson } from "../../common/json.ts";
import type { ReasoningPart, Signature } from "../chat.ts";
import { optional } from "./json.ts";

/** No signature or redacted data of Anthropic's has a colon: both are base64. */
const MARK = "portico:";

const headSchema = z.object({
  p: z.enum(PROTOCOLS),
  k: z.enum(["signature", "redacted", "encrypted"]),
  m: z.string().optional(),
  i: z.string().optional(),
  s: z.boolean().optional(),
});

/** The opaque text of a proof as an Anthropic client is given it. */
export function sealSignature(
  proof: Signature,
  reasoning: Pick<ReasoningPart, "itemId" | "summary"> = {},
): string {
  if (proof.protocol === "anthropic") return proof.data;
  const head = JSON.stringify({
    p: proof.protocol,
    k: proof.kind,
    m: proof.model,
    i: reasoning.itemId,
    s: reasoning.summary,
  });
  return `${MARK}${Buffer.from(head).toString("base64url")}:${proof.data}`;
}

/**
 * The proof in a signature or in redacted data that a client sent back, with the fields of the
 * reasoning part that travelled with it. `undefined` for an empty text.
 */
export function openSignature(
  sealed: string,
  kind: "signature" | "redacted",
): Pick<ReasoningPart, "proof" | "itemId" | "summary"> | undefined {
  if (sealed === "") return undefined;
  const own = { proof: { protocol: "anthropic" as const, kind, data: sealed } };
  if (!sealed.startsWith(MARK)) return own;
  const colon = sealed.indexOf(":", MARK.length);
  if (colon < 0) return own;
  const head = headSchema.safeParse(
    parseJson(Buffer.from(sealed.slice(MARK.length, colon), "base64url").toString("utf8")),
  );
  if (!head.success) return own;
  const { p: protocol, k, m, i, s } = head.data;
  return {
    proof: { protocol, kind: k, data: sealed.slice(colon + 1), ...optional("model", m) },
    ...optional("itemId", i),
    ...optional("summary", s),
  };
}
