/**
 * State that only the account (or model) that made it can read: encrypted reasoning, signatures of
 * thinking. Where a provider refuses it, the request is sent once more without it.
 */

import { createHash } from "node:crypto";
import type { Protocol } from "../../../control/protocol.ts";
import { isRecord } from "../../common/json.ts";
import type { AssistantPart, ChatRequest, Message } from "../../protocols/chat.ts";
import { SKIP_SIGNATURE } from "../../protocols/gemini/signature.ts";
import { isOwnId } from "../../protocols/openaiResponses/ids.ts";
import { ENCRYPTED_LIMIT, TELLING_CHARACTERS } from "../../upstream/relay/encryptedScan.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The key under which `Bindings` knows the account that made an encrypted text. */
export function encryptedKey(data: string): string {
  const digest = createHash("sha256").update(data.slice(0, TELLING_CHARACTERS)).digest("base64url");
  return `enc_${digest.slice(0, 22)}`;
}

/** Encrypted reasoning that a request of the Responses API brings back, the latest first. */
export function encryptedOf(body: unknown): string[] {
  const input: unknown = isRecord(body) ? body.input : undefined;
  const found: string[] = [];
  for (const item of Array.isArray(input) ? input.toReversed() : []) {
    const data: unknown = isRecord(item) ? item.encrypted_content : undefined;
    if (typeof data === "string" && data !== "") found.push(data);
    if (found.length >= ENCRYPTED_LIMIT) break;
  }
  return found;
}

/**
 * A copy of a request's body without what proves reasoning; `undefined` where it has nothing of it.
 * Tool calls and texts stay: only the thoughts between them are lost.
 *
 * @param which `carried`: only what Portico itself put into a client's opaque field for another
 *   protocol; no provider accepts that
 */
export function withoutForeignState(
  protocol: Protocol,
  body: unknown,
  which: "all" | "carried" = "all",
): Fields | undefined {
  if (!isRecord(body) || (which === "carried" && !hasCarried(protocol, body))) return undefined;
  const counter = { removed: 0, carriedOnly: which === "carried" };
  const copy = strip(protocol, body, counter);
  return counter.removed === 0 ? undefined : copy;
}

interface Counter {
  removed: number;
  readonly carriedOnly: boolean;
}

/** Marks of proofs that travel through a client's field: `openaiResponses/proofs.ts`, `anthropic/proof.ts`, `openaiChat/proofs.ts`. */
const CARRIED = /^portico[.:]/;
/** In every such mark. */
export const CARRIED_WORD = "portico";
const isCarried = (value: unknown): boolean => typeof value === "string" && CARRIED.test(value);

/** Looks without copying anything: nearly every request has none. */
function hasCarried(protocol: Protocol, body: Fields): boolean {
  switch (protocol) {
    case "openai-responses":
      return someOf(body.input, (item) => isCarried(item.encrypted_content));
    case "anthropic":
      return someOf(body.messages, ({ content }) =>
        someOf(content, (block) => isCarried(block.signature) || isCarried(block.data)),
      );
    case "openai-chat":
      return someOf(
        body.messages,
        (message) =>
          someOf(message.reasoning_details, isCarriedDetail) ||
          hasCarriedExtra(message) ||
          someOf(message.tool_calls, hasCarriedExtra),
      );
    case "gemini":
      // Its field carries nothing.
      return false;
  }
}

function someOf(list: unknown, test: (entry: Fields) => boolean): boolean {
  return Array.isArray(list) && list.some((entry: unknown) => isRecord(entry) && test(entry));
}

function strip(protocol: Protocol, body: Fields, counter: Counter): Fields {
  switch (protocol) {
    case "openai-responses":
      return {
        ...body,
        input: eachOf(body.input, (item) => {
          if (counter.carriedOnly) {
            return isCarried(item.encrypted_content) ? counted(counter, undefined) : withoutOwnId(item);
          }
          if (item.type === "reasoning" || "encrypted_content" in item) return counted(counter, undefined);
          if (item.type === "item_reference") return item;
          // An id leads to an item that wants its reasoning beside it.
          const { id: _id, ...rest } = item;
          return rest;
        }),
      };
    case "anthropic":
      return { ...body, messages: eachOf(body.messages, (message) => stripMessage(message, counter)) };
    case "gemini":
      return { ...body, contents: eachOf(body.contents, (content) => stripContent(content, counter)) };
    case "openai-chat":
      return {
        ...body,
        messages: eachOf(body.messages, (message) =>
          counter.carriedOnly ? stripCarriedChat(message, counter) : stripChat(message, counter),
        ),
      };
  }
}

/** Ids of ours lead nowhere at a provider, which looks some of them up. */
function withoutOwnId(item: Fields): Fields {
  if (item.type === "item_reference" || typeof item.id !== "string" || !isOwnId(item.id)) return item;
  const { id: _id, ...rest } = item;
  return rest;
}

function stripMessage(message: Fields, counter: Counter): Fields | undefined {
  if (message.role !== "assistant" || !Array.isArray(message.content)) return message;
  const content = eachOf(message.content, (block) => {
    if (block.type !== "thinking" && block.type !== "redacted_thinking") return block;
    if (counter.carriedOnly && !isCarried(block.signature) && !isCarried(block.data)) return block;
    return counted(counter, undefined);
  });
  // An assistant's turn must not be empty; neighbouring turns of the user are joined by the provider.
  return Array.isArray(content) && content.length === 0 ? undefined : { ...message, content };
}

function stripContent(content: Fields, counter: Counter): Fields | undefined {
  if (!Array.isArray(content.parts)) return content;
  const parts = eachOf(content.parts, (part) => {
    const name = "thought_signature" in part ? "thought_signature" : "thoughtSignature";
    if (typeof part[name] !== "string" || part[name] === SKIP_SIGNATURE) return part;
    if (part.functionCall !== undefined || part.function_call !== undefined) {
      // A call without any signature is refused; for one that cannot be had this value is documented.
      return counted(counter, { ...part, [name]: SKIP_SIGNATURE });
    }
    const { [name]: _signature, ...rest } = part;
    return counted(counter, Object.keys(rest).length === 0 ? undefined : rest);
  });
  return Array.isArray(parts) && parts.length === 0 ? undefined : { ...content, parts };
}

const isCarriedDetail = ({ id }: Fields): boolean => isCarried(id);
const hasCarriedExtra = ({ extra_content: extra }: Fields): boolean => isRecord(extra) && "portico" in extra;

/** What other entries and fields say belongs to the provider and stays. */
function stripCarriedChat(message: Fields, counter: Counter): Fields {
  const { reasoning_details: details, ...rest } = withoutCarriedExtra(message, counter);
  const kept = eachOf(details, (entry) => (isCarriedDetail(entry) ? counted(counter, undefined) : entry));
  const empty = Array.isArray(kept) && kept.length === 0;
  return {
    ...rest,
    ...(details === undefined || empty ? {} : { reasoning_details: kept }),
    ...(rest.tool_calls === undefined
      ? {}
      : { tool_calls: eachOf(rest.tool_calls, (call) => withoutCarriedExtra(call, counter)) }),
  };
}

function withoutCarriedExtra(holder: Fields, counter: Counter): Fields {
  const { extra_content: extra, ...rest } = holder;
  if (!isRecord(extra) || !("portico" in extra)) return holder;
  const { portico: _carried, ...others } = extra;
  return counted(counter, Object.keys(others).length === 0 ? rest : { ...rest, extra_content: others });
}

function stripChat(message: Fields, counter: Counter): Fields {
  const { reasoning_details: details, extra_content: extra, ...rest } = message;
  if (details !== undefined || extra !== undefined) counter.removed++;
  if (!Array.isArray(rest.tool_calls)) return rest;
  return {
    ...rest,
    tool_calls: eachOf(rest.tool_calls, (call) => {
      const google = isRecord(call.extra_content) ? call.extra_content.google : undefined;
      if (call.extra_content === undefined) return call;
      if (isRecord(google) && google.thought_signature === SKIP_SIGNATURE) return call;
      const { extra_content: _extra, ...bare } = call;
      const skipped = { ...bare, extra_content: { google: { thought_signature: SKIP_SIGNATURE } } };
      return counted(counter, isRecord(google) ? skipped : bare);
    }),
  };
}

function counted<T>(counter: Counter, value: T): T {
  counter.removed++;
  return value;
}

/** A list with each object replaced; `undefined` drops it. What is no list stays as it is. */
function eachOf(list: unknown, replace: (entry: Fields) => Fields | undefined): unknown {
  if (!Array.isArray(list)) return list;
  return list.flatMap((entry: unknown) => {
    if (!isRecord(entry)) return [entry];
    const replaced = replace(entry);
    return replaced === undefined ? [] : [replaced];
  });
}

/** The same for a decoded request; `undefined` where it has no proof. */
export function withoutProofs(request: ChatRequest): ChatRequest | undefined {
  let removed = 0;
  const messages = request.messages.flatMap((message): Message[] => {
    if (message.role !== "assistant") return [message];
    const parts = message.parts.flatMap((part): AssistantPart[] => {
      if (!("proof" in part) || part.proof === undefined) return [part];
      removed++;
      if (part.type === "reasoning") return [];
      const { proof: _proof, ...rest } = part;
      return [rest];
    });
    return parts.length === 0 ? [] : [{ ...message, parts }];
  });
  return removed === 0 ? undefined : { ...request, messages };
}
