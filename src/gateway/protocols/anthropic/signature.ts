/**
 * Another provider's signature of its reasoning, carried through an Anthropic client: the client sends
 * `thinking.signature` and `redacted_thinking.data` back untouched, so a foreign signature travels
 * there, marked, until the conversation comes back.
 */

import * as z from "zod";
import { PROTOCOLS } from "../../../control/protocol.ts";
import { compact, parseJson } from "../../common/json.ts";
import type { ReasoningPart, Signature } from "../chat.ts";

/** No signature or redacted data of Anthropic's has a colon: both are base64. */
const MARK = "portico:";

const headSchema = z.object({
  p: z.enum(PROTOCOLS),
  k: z.enum(["signature", "redacted", "encrypted"]),
  m: z.string().optional(),
  i: z.string().optional(),
  s: z.boolean().optional(),
});

/** The opaque text of a signature as an Anthropic client is given it. */
export function sealSignature(
  signature: Signature,
  reasoning: Pick<ReasoningPart, "itemId" | "summary"> = {},
): string {
  if (signature.protocol === "anthropic") return signature.data;
  const head = JSON.stringify({
    p: signature.protocol,
    k: signature.kind,
    m: signature.model,
    i: reasoning.itemId,
    s: reasoning.summary,
  });
  return `${MARK}${Buffer.from(head).toString("base64url")}:${signature.data}`;
}

/**
 * The signature in `signature` or in redacted data that a client sent back, with the fields of the
 * reasoning part that travelled with it. `undefined` for an empty text.
 */
export function openSignature(
  sealed: string,
  kind: "signature" | "redacted",
): Pick<ReasoningPart, "signature" | "itemId" | "summary"> | undefined {
  if (sealed === "") return undefined;
  const own = { signature: { protocol: "anthropic" as const, kind, data: sealed } };
  if (!sealed.startsWith(MARK)) return own;
  const colon = sealed.indexOf(":", MARK.length);
  if (colon < 0) return own;
  const head = headSchema.safeParse(
    parseJson(Buffer.from(sealed.slice(MARK.length, colon), "base64url").toString("utf8")),
  );
  if (!head.success) return own;
  const { p: protocol, k, m, i, s } = head.data;
  return {
    signature: { protocol, kind: k, data: sealed.slice(colon + 1), ...compact({ model: m }) },
    ...compact({ itemId: i, summary: s }),
  };
}
