/** The canonical reply as a `GenerateContentResponse`. */
import { isRecord, parseJson } from "../../../common/json.ts";
import type { AssistantPart, ChatChoice, ChatReply, TextPart, Warn } from "../../chat.ts";
import type { ReplyContext } from "../../codec.ts";
import { Grounding } from "../citations.ts";
import { encodeFinish } from "../finish.ts";
import { encodeLogprobs } from "../logprobs.ts";
import { providerToolParts } from "../providerTools.ts";
import { callArgs, mediaWire } from "../request/encodeParts.ts";
import { SKIP_SIGNATURE, signatureOf } from "../signature.ts";
import { encodeUsage } from "../usage.ts";
import { type Json, textOf } from "../values.ts";

export function encodeReply(reply: ChatReply, context: ReplyContext): Json {
  return {
    candidates: reply.choices.map((choice, index) => encodeChoice(choice, index, context.warn)),
    ...(reply.usage === undefined ? {} : { usageMetadata: encodeUsage(reply.usage) }),
    modelVersion: context.model,
    responseId: reply.id || context.newId(),
  };
}

function encodeChoice(choice: ChatChoice, index: number, warn: Warn): Json {
  const parts: Json[] = [];
  const grounding = new Grounding();
  let signed = false;
  for (const part of choice.parts) {
    if (part.type === "tool-call" && part.cut) {
      warn(...CUT_CALL);
    } else if (part.type === "tool-call") {
      parts.push(callPart(part, signed, warn));
      signed = true;
    } else if (part.type === "text") {
      if (part.text === "" && part.signature?.protocol !== "gemini") continue;
      cite(part, parts.length, grounding);
      parts.push({ text: part.text, ...signatureOf(part.signature) });
    } else {
      parts.push(...replyParts(part, grounding, warn));
    }
  }
  return {
    content: { parts, role: "model" },
    finishReason: encodeFinish(
      choice.finish,
      choice.parts.some((part) => part.type === "refusal"),
    ),
    index,
    ...grounding.field(),
    ...(choice.logprobs === undefined ? {} : { logprobsResult: encodeLogprobs(choice.logprobs) }),
  };
}

/** Arguments are an object here, which would look whole. */
export const CUT_CALL = ["functionCall", "a call that was cut half-way was left out"] as const;

/**
 * A function call for a Gemini client. One that no Gemini model made carries Google's placeholder,
 * so that the conversation may go on with a Gemini model that wants each turn's first call signed.
 * @param signed an earlier call of the same turn carries the signature
 */
export function callPart(
  part: Pick<Extract<AssistantPart, { type: "tool-call" }>, "callId" | "name" | "input" | "signature">,
  signed: boolean,
  warn: Warn,
): Json {
  const own = signatureOf(part.signature);
  const placeholder =
    signed || own.thoughtSignature !== undefined ? {} : { thoughtSignature: SKIP_SIGNATURE };
  const functionCall = { id: part.callId, name: part.name, args: callArgs(part.input, warn) };
  return { functionCall, ...own, ...placeholder };
}

/** Every part but text and calls. */
export function replyParts(
  part: Exclude<AssistantPart, TextPart | { type: "tool-call" }>,
  grounding: Grounding,
  warn: Warn,
): Json[] {
  switch (part.type) {
    case "refusal":
      return part.text === "" ? [] : [{ text: part.text }];
    case "reasoning": {
      const signed = signatureOf(part.signature);
      if (part.text === "" && signed.thoughtSignature === undefined) return [];
      return [{ text: part.text, thought: true, ...signed }];
    }
    case "image":
      return [{ ...mediaWire(part, warn), ...signatureOf(part.signature) }];
    case "audio":
      if (part.source.kind === "base64" && part.source.data === "")
        return part.transcript ? [{ text: part.transcript }] : [];
      return [mediaWire(part, warn)];
    case "provider-tool": {
      const own = providerToolParts(part);
      if (own !== undefined) return own;
      const query = searchQuery(part.tool, part.input);
      for (const { url, title } of part.sources ?? [])
        grounding.add({ kind: "url", url, ...(title === undefined ? {} : { title }) }, { partIndex: 0 });
      if (query !== undefined) grounding.query(query);
      else if (part.sources === undefined)
        warn(part.tool, "a Gemini client has no place for this tool; left out");
      return [];
    }
    case "provider":
      if (part.protocol === "gemini" && isRecord(part.raw)) return [part.raw];
      warn("content", "a block that only another protocol understands was left out");
      return [];
  }
}

function searchQuery(tool: string, input: string | undefined): string | undefined {
  if (!tool.includes("web_search") || input === undefined) return undefined;
  const value = parseJson(input);
  return isRecord(value) ? textOf(value.query) : undefined;
}

function cite(part: TextPart, partIndex: number, grounding: Grounding): void {
  for (const citation of part.citations ?? []) {
    const { start, end } = citation;
    if (end === undefined) {
      grounding.add(citation, { partIndex });
      continue;
    }
    const startIndex = Buffer.byteLength(part.text.slice(0, start ?? 0));
    const endIndex = Buffer.byteLength(part.text.slice(0, end));
    grounding.add(citation, { partIndex, startIndex, endIndex });
  }
}
