/**
 * Signatures where chat completions clients bring them back: `extra_content` of a tool call or message
 * (the field of Gemini's OpenAI-compatible endpoint, ai.google.dev/gemini-api/docs/openai) and
 * `reasoning_details` of a message (OpenRouter's field for signed and encrypted reasoning).
 */

import { isProtocol, type Protocol } from "../../../control/protocol.ts";
import { isRecord, listOf, parseJson, textOf } from "../../common/json.ts";
import type { ReasoningPart, Signature, ToolCallPart } from "../chat.ts";
import { KEY_LIMIT } from "../shortIds.ts";
import type { Place, PlacedReasoning } from "./interleave.ts";
import { type Json, record } from "./values.ts";

const KINDS: readonly string[] = ["signature", "redacted", "encrypted"] satisfies Signature["kind"][];

const isKind = (value: unknown): value is Signature["kind"] =>
  typeof value === "string" && KINDS.includes(value);

/** A signature as `extra_content`. Gemini's own has the shape that Gemini's endpoint documents. */
export function signatureToExtra(signature: Signature): Json {
  if (signature.protocol === "gemini" && signature.kind === "signature") {
    return { google: { thought_signature: signature.data } };
  }
  const { protocol, kind, data, model } = signature;
  return { portico: { protocol, kind, data, ...(model === undefined ? {} : { model }) } };
}

/** A signature of Gemini counts as Gemini's whichever of its endpoints made it. */
export function signatureFromExtra(extra: unknown): Signature | undefined {
  const signature = textOf(record(record(extra)?.google)?.thought_signature);
  if (signature !== undefined) return { protocol: "gemini", kind: "signature", data: signature };
  const own = record(record(extra)?.portico);
  const data = textOf(own?.data);
  const protocol = textOf(own?.protocol);
  if (own === undefined || data === undefined || !isProtocol(protocol) || !isKind(own.kind)) return undefined;
  const model = textOf(own.model);
  return { protocol, kind: own.kind, data, ...(model === undefined ? {} : { model }) };
}

/**
 * Servers in front of Gemini put its signature into the id of the call (LiteLLM: `call_…__thought__…`).
 * Other protocols' clients are given a short id, so the whole one is kept as the call's signature.
 */
export function signatureFromId(id: string): Signature | undefined {
  return id.length > KEY_LIMIT ? { protocol: "openai-chat", kind: "signature", data: id } : undefined;
}

/** The id under which a provider of this protocol knows the call, where a shorter one stands for it. */
export function signedId({ signature }: Pick<ToolCallPart, "signature">): string | undefined {
  return signature?.protocol === "openai-chat" && signature.kind === "signature" ? signature.data : undefined;
}

/** OpenRouter's names for whose reasoning an entry holds. */
const FORMAT: Readonly<Partial<Record<Protocol, string>>> = {
  anthropic: "anthropic-claude-v1",
  gemini: "google-gemini-v1",
  "openai-responses": "openai-responses-v1",
};

/**
 * A signature of reasoning as an entry of `reasoning_details`. The entry does not repeat the text: its
 * `id` says which span of `reasoning_content` it belongs to, whose signature it is, and where it stood.
 */
export function signatureToDetail(
  part: Pick<ReasoningPart, "signature" | "itemId" | "summary">,
  span: { start: number; length: number },
  index: number,
  place: Place,
): Json | undefined {
  const { signature } = part;
  if (signature === undefined) return undefined;
  if (signature.protocol === "openai-chat") {
    const entry = parseJson(signature.data);
    return isRecord(entry) ? entry : undefined;
  }
  const id = [
    "portico",
    signature.protocol,
    signature.kind,
    span.start,
    span.length,
    encodeURIComponent(signature.model ?? ""),
    encodeURIComponent(part.itemId ?? ""),
    part.summary ? "summary" : "",
    ...(place.text > 0 || place.calls > 0 ? [place.text, place.calls] : []),
  ].join(":");
  const shared = { format: FORMAT[signature.protocol] ?? "unknown", index, id };
  return signature.kind === "signature"
    ? { type: "reasoning.text", signature: signature.data, ...shared }
    : { type: "reasoning.encrypted", data: signature.data, ...shared };
}

interface OwnDetail {
  start: number;
  length: number;
  part: Omit<ReasoningPart, "text">;
  place?: Place;
}

function unescaped(value: string | undefined): string | undefined {
  if (!value) return undefined;
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}

function readOwn(entry: Json): OwnDetail | undefined {
  const id = textOf(entry.id);
  if (!id?.startsWith("portico:")) return undefined;
  const [, protocol, kind, start, length, model, itemId, summary, text, calls] = id.split(":");
  const data = textOf(entry.signature) ?? textOf(entry.data);
  if (data === undefined || !isProtocol(protocol) || !isKind(kind)) return undefined;
  const name = unescaped(model);
  const item = unescaped(itemId);
  return {
    start: Math.max(0, Number(start) || 0),
    length: Math.max(0, Number(length) || 0),
    ...(calls === undefined
      ? {}
      : { place: { text: Math.max(0, Number(text) || 0), calls: Math.max(0, Number(calls) || 0) } }),
    part: {
      type: "reasoning",
      signature: { protocol, kind, data, ...(name === undefined ? {} : { model: name }) },
      ...(item === undefined ? {} : { itemId: item }),
      ...(summary === "summary" ? { summary: true } : {}),
    },
  };
}

/** What a provider's entry proves, without its text; `undefined` where it only has text. */
export function detailSignature(entry: Json): Signature | undefined {
  const { text: _, summary: __, ...rest } = entry;
  if (textOf(entry.signature) !== undefined) {
    return { protocol: "openai-chat", kind: "signature", data: JSON.stringify(rest) };
  }
  if (entry.type === "reasoning.text" || entry.type === "reasoning.summary") return undefined;
  return { protocol: "openai-chat", kind: "encrypted", data: JSON.stringify(rest) };
}

export function detailText(entry: Json): string {
  return textOf(entry.text) ?? textOf(entry.summary) ?? "";
}

/**
 * The reasoning of one message from the text and the entries that came with it. Neighbouring
 * fragments of one block are joined, as some clients replay what was streamed piece by piece.
 */
export function decodeReasoning(plain: string, details: unknown): ReasoningPart[] {
  return placedReasoning(plain, details).map(({ part }) => part);
}

/** The same, with where in its message each stood. */
export function placedReasoning(plain: string, details: unknown): PlacedReasoning[] {
  const parts: ReasoningPart[] = [];
  const places = new Map<ReasoningPart, Place>();
  let foreign: { part: ReasoningPart; index: unknown } | undefined;
  let cursor = 0;
  let detailed = false;
  for (const entry of listOf(details)) {
    if (!isRecord(entry)) continue;
    const own = readOwn(entry);
    if (own !== undefined) {
      foreign = undefined;
      const end = own.start + own.length;
      if (end > plain.length || own.start < cursor) continue;
      if (own.start > cursor) parts.push({ type: "reasoning", text: plain.slice(cursor, own.start) });
      const placed = { ...own.part, text: plain.slice(own.start, end) };
      if (own.place !== undefined) places.set(placed, own.place);
      parts.push(placed);
      cursor = end;
      continue;
    }
    const fragment = detailText(entry);
    const signature = detailSignature(entry);
    if (fragment !== "") detailed = true;
    if (foreign !== undefined && foreign.part.signature === undefined && foreign.index === entry.index) {
      if (signature?.kind !== "encrypted") {
        foreign.part.text += fragment;
        if (signature !== undefined) foreign.part.signature = signature;
        continue;
      }
    }
    const part: ReasoningPart = {
      type: "reasoning",
      text: fragment,
      ...(entry.type === "reasoning.summary" ? { summary: true } : {}),
      ...(signature === undefined ? {} : { signature }),
    };
    parts.push(part);
    foreign = { part, index: entry.index };
  }
  // Providers that detail their reasoning send the same text once more as plain text.
  const rest = detailed ? "" : plain.slice(cursor);
  if (rest !== "") {
    const signed = parts.find(
      (part) =>
        part.text === "" && part.signature?.kind === "signature" && part.signature.protocol === "openai-chat",
    );
    if (signed !== undefined) signed.text = rest;
    else parts.push({ type: "reasoning", text: rest });
  }
  return parts
    .filter((part) => part.text !== "" || part.signature !== undefined)
    .map((part) => {
      const place = places.get(part);
      return place === undefined ? { part } : { part, place };
    });
}
