/**
 * State that only the account (or model) that made it can read: encrypted reasoning, signatures of
 * thinking. Where a provider refuses it, the request is sent once more without it.
 */

import { createHash } from "node:crypto";
import type { Protocol } from "../../../control/protocol.ts";
import { type Fields, isRecord } from "../../common/json.ts";
import type { AssistantPart, ChatRequest, Message } from "../../protocols/chat.ts";
import { WIRES } from "../../protocols/wires.ts";
import { TELLING_CHARACTERS } from "../../upstream/relay/encryptedScan.ts";

/** The key under which `Bindings` knows the account that made an encrypted text. */
export function encryptedKey(data: string): string {
  const digest = createHash("sha256").update(data.slice(0, TELLING_CHARACTERS)).digest("base64url");
  return `enc_${digest.slice(0, 22)}`;
}

/**
 * A copy of a request's body without what proves reasoning; `undefined` where it has nothing of it.
 * Tool calls and texts stay: only the thoughts between them are lost.
 *
 * @param which `carried`: only what Portico itself put into a client's opaque field for another
 *   protocol; no provider accepts that
 */
export function withoutBoundState(
  protocol: Protocol,
  body: unknown,
  which: "all" | "carried" = "all",
): Fields | undefined {
  const { boundState } = WIRES[protocol];
  if (!isRecord(body) || (which === "carried" && boundState.hasCarried?.(body) !== true)) return undefined;
  const counter = { removed: 0, carriedOnly: which === "carried" };
  const copy = boundState.strip(body, counter);
  return counter.removed === 0 ? undefined : copy;
}

/** The same of the first turns alone. */
export function withoutEarlierState(protocol: Protocol, body: unknown, turns: number): Fields | undefined {
  if (!isRecord(body) || turns === 0) return undefined;
  const list = WIRES[protocol].conversation(body).turns;
  const field = Object.keys(body).find((name) => body[name] === list);
  if (!Array.isArray(list) || field === undefined || turns >= list.length)
    return withoutBoundState(protocol, body);
  const head = withoutBoundState(protocol, { ...body, [field]: list.slice(0, turns) });
  const kept: unknown = head?.[field];
  return Array.isArray(kept) ? { ...head, [field]: [...kept, ...list.slice(turns)] } : undefined;
}

/** The same for a decoded request; `undefined` where it has no signature. @param turns only in so many of the first messages */
export function withoutSignatures(request: ChatRequest, turns = Infinity): ChatRequest | undefined {
  let removed = 0;
  const messages = request.messages.flatMap((message, index): Message[] => {
    if (message.role !== "assistant" || index >= turns) return [message];
    const parts = message.parts.flatMap((part): AssistantPart[] => {
      if (!("signature" in part) || part.signature === undefined) return [part];
      removed++;
      if (part.type === "reasoning") return [];
      const { signature: _signature, ...rest } = part;
      return [rest];
    });
    return parts.length === 0 ? [] : [{ ...message, parts }];
  });
  return removed === 0 ? undefined : { ...request, messages };
}
