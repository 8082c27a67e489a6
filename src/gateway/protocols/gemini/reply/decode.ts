/** A whole `GenerateContentResponse` as the canonical reply. */

import { PorticoError } from "../../../common/errors.ts";
import { compact, fieldsOf, isRecord } from "../../../common/json.ts";
import type { AssistantPart, ChatChoice, ChatReply, ChatRequest, TextPart } from "../../chat.ts";
import { restoreCall, type ToolNames, toolNames } from "../../clientTools.ts";
import { usageIn } from "../../wire.ts";
import { replyCallId } from "../callIds.ts";
import { decodeCitations, unitsAt } from "../citations.ts";
import { decodeError } from "../errors.ts";
import { decodeFinish } from "../finish.ts";
import { decodeLogprobs } from "../logprobs.ts";
import { keepClientTool } from "../request/encodeTools.ts";
import { fieldOf, type Json, listOf, numberOf, textOf } from "../values.ts";
import { wire } from "../wire.ts";
import { readPart } from "./parts.ts";

/** @throws PorticoError `upstream` when the body is not a reply; the error it tells of when it is one. */
export function decodeReply(body: unknown, context: { request: ChatRequest }): ChatReply {
  // Some endpoints stream although they were not asked to: a list of one is the reply.
  const reply = Array.isArray(body) && body.length === 1 ? (body[0] as unknown) : body;
  if (!isRecord(reply)) throw new PorticoError("upstream", "The provider's reply is not a Gemini reply.");
  if (reply.error !== undefined && reply.candidates === undefined) {
    const error = decodeError(200, reply);
    if (error !== undefined) throw new PorticoError(error.kind, error.message, error);
  }
  const feedback = fieldsOf(fieldOf(reply, "promptFeedback"));
  const block = textOf(fieldOf(feedback, "blockReason"));
  const usage = usageIn(wire.usage, fieldOf(reply, "usageMetadata"));
  if (!Array.isArray(reply.candidates) && block === undefined && usage === undefined)
    throw new PorticoError("upstream", "The provider's reply has neither `candidates` nor `promptFeedback`.");
  const id = textOf(fieldOf(reply, "responseId"));
  const model = textOf(fieldOf(reply, "modelVersion"));
  const created = createdAt(fieldOf(reply, "createTime"));
  const names = toolNames(context.request.tools, keepClientTool);
  const scope = id || context.request.messages.length;
  let calls = 0;
  const nextId = () => replyCallId(scope, calls++);
  const candidates = listOf(reply.candidates).filter(isRecord);
  const placed = candidates.map((candidate, at) => ({ candidate, index: numberOf(candidate.index) ?? at }));
  placed.sort((a, b) => a.index - b.index);
  const choices = placed.map(({ candidate }) => decodeCandidate(candidate, model, names, nextId));
  if (choices.length === 0) {
    choices.push({
      parts: [],
      finish: block === undefined ? { reason: "other" } : { reason: "content-filter", raw: block },
    });
  }
  return compact({ id, model, created, choices, usage });
}

/** Unix seconds from an RFC 3339 time. */
export function createdAt(value: unknown): number | undefined {
  const time = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : Math.floor(time / 1000);
}

function decodeCandidate(
  candidate: Json,
  model: string | undefined,
  names: ToolNames,
  nextId: () => string,
): ChatChoice {
  const parts: AssistantPart[] = [];
  /** The canonical text part that each wire part became. */
  const texts = new Map<number, TextPart>();
  let called = false;
  for (const [index, value] of listOf(fieldsOf(candidate.content).parts).entries()) {
    const part = readPart(value, model);
    const signature =
      part.kind === "whole" || part.signature === undefined ? {} : { signature: part.signature };
    const last = parts.at(-1);
    if (part.kind === "whole") {
      parts.push(part.part);
    } else if (part.kind === "call") {
      called = true;
      const args = isRecord(part.call.args) ? part.call.args : {};
      const call = {
        type: "tool-call",
        callId: textOf(part.call.id) || nextId(),
        name: textOf(part.call.name) ?? "",
        kind: "function",
        input: JSON.stringify(args),
        ...signature,
      } as const;
      parts.push(restoreCall(call, names));
    } else if (part.kind === "thought") {
      if (part.text !== "" || part.signature !== undefined)
        parts.push({ type: "reasoning", text: part.text, ...signature });
    } else if (part.text === "" && last?.type === "text" && last.signature === undefined) {
      // The signature of a text may come behind it in a part without text.
      Object.assign(last, signature);
      texts.set(index, last);
    } else if (part.text !== "" || part.signature !== undefined) {
      const text: TextPart = { type: "text", text: part.text, ...signature };
      texts.set(index, text);
      parts.push(text);
    }
  }
  cite(candidate, texts);
  const logprobs = decodeLogprobs(fieldOf(candidate, "logprobsResult"));
  const raw = textOf(fieldOf(candidate, "finishReason")) ?? "FINISH_REASON_UNSPECIFIED";
  return { parts, finish: decodeFinish(raw, called), ...(logprobs === undefined ? {} : { logprobs }) };
}

function cite(candidate: Json, texts: ReadonlyMap<number, TextPart>): void {
  const first = texts.values().next().value;
  if (first === undefined) return;
  const bytes = new Map<TextPart, Buffer>();
  for (const { part, startByte, endByte, citation } of decodeCitations(candidate)) {
    const text = (part === undefined ? undefined : texts.get(part)) ?? first;
    text.citations ??= [];
    if (endByte === undefined) {
      text.citations.push(citation);
      continue;
    }
    let buffer = bytes.get(text);
    if (buffer === undefined) {
      buffer = Buffer.from(text.text);
      bytes.set(text, buffer);
    }
    const start = unitsAt(buffer, startByte ?? 0);
    text.citations.push({ ...citation, start, end: unitsAt(buffer, endByte) });
  }
}
