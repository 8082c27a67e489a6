/** Whole replies (`Message`). */

import { PorticoError } from "../../common/errors.ts";
import { compact, isRecord, parseJson } from "../../common/json.ts";
import { wireId } from "../callId.ts";
import {
  type AssistantPart,
  type ChatReply,
  type ChatRequest,
  NO_USAGE,
  type ReasoningPart,
  type TextPart,
  type Warn,
} from "../chat.ts";
import { callAsFunction, restoreCall, restoreFound, type ToolNames, toolNames } from "../clientTools.ts";
import type { ReplyContext } from "../codec.ts";
import { cutsCalls } from "../cutCalls.ts";
import { extraWith, ownFields } from "../extra.ts";
import { ANTHROPIC_PROPERTY } from "../propertyNames.ts";
import { isToolSearch } from "../toolSearch.ts";
import { usageIn } from "../wire.ts";
import { answerNames, withNames } from "./answerNames.ts";
import { decodeCitation, encodeCitation } from "./citations.ts";
import { unknownBlock } from "./compaction.ts";
import { decodeFinish, encodeFinish } from "./finish.ts";
import { isBlank, isBlock, type JsonObject } from "./json.ts";
import { providerToolPart } from "./providerTools.ts";
import { keepTool } from "./request/encodeTools.ts";
import { openSignature, sealSignature } from "./signature.ts";
import { searchBlocks, searchNameOf } from "./toolSearch.ts";
import { decodeReplyTier, encodeUsage } from "./usage.ts";
import { wire } from "./wire.ts";

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** @throws PorticoError `upstream` when the body is not a message. */
export function decodeReply(body: unknown, context: { request: ChatRequest }): ChatReply {
  if (!isRecord(body) || !Array.isArray(body.content)) {
    throw new PorticoError("upstream", "The provider's reply is not a message: it has no content list.");
  }
  const names = toolNames(context.request.tools, keepTool(context.request.model), ANTHROPIC_PROPERTY);
  const keys = answerNames(context.request);
  const parts = body.content.filter(isRecord).map((block) => {
    const part = decodeReplyBlock(block, names, context.request.model);
    return part.type === "text" ? { ...part, text: withNames(part.text, keys) } : part;
  });
  const last = parts.at(-1);
  // What there is of the input comes as an object, which would look whole.
  if (last?.type === "tool-call" && cutsCalls(decodeFinish(text(body.stop_reason), undefined).reason)) {
    last.cut = true;
    last.input = "";
  }
  const refusal = explanation(body.stop_details);
  if (refusal !== undefined) parts.push({ type: "refusal", text: refusal });
  const stopReason =
    text(body.stop_reason) || (parts.some((part) => part.type === "tool-call") ? "tool_use" : "end_turn");
  const serviceTier = decodeReplyTier(body.usage);
  const usage = usageIn(wire.usage, body.usage);
  return {
    ...(text(body.id) ? { id: text(body.id) } : {}),
    ...(text(body.model) ? { model: text(body.model) } : {}),
    choices: [{ parts, finish: decodeFinish(stopReason, body.stop_sequence) }],
    ...compact({ usage, serviceTier }),
  };
}

/** Why a request was refused, in the words of `stop_details`. */
export function explanation(details: unknown): string | undefined {
  if (!isRecord(details)) return undefined;
  const words = text(details.explanation);
  return isBlank(words) ? undefined : words;
}

/** @param model the model that was asked: a signature is good for that one only. */
function decodeReplyBlock(block: JsonObject, names: ToolNames, model: string): AssistantPart {
  switch (block.type) {
    case "text": {
      const citations = Array.isArray(block.citations)
        ? block.citations.map(decodeCitation).filter((citation) => citation !== undefined)
        : [];
      const part: TextPart = { type: "text", text: text(block.text) };
      return citations.length > 0 ? { ...part, citations } : part;
    }
    case "thinking":
      return reasoning(text(block.thinking), text(block.signature), "signature", model);
    case "redacted_thinking":
      return reasoning("", text(block.data), "redacted", model);
    case "tool_use": {
      // Anthropic wants to see the other fields again.
      const { type: _, id, name, input, ...fields } = block;
      const call = {
        type: "tool-call",
        callId: text(id),
        name: text(name),
        kind: "function",
        input: typeof input === "string" ? input : JSON.stringify(input ?? {}),
        ...extraWith("anthropic", fields),
      } as const;
      return restoreCall(call, names);
    }
    default: {
      const part = providerToolPart(block);
      return part === undefined ? unknownBlock(block, model) : restoreFound(part, names);
    }
  }
}

function reasoning(
  words: string,
  sealed: string,
  kind: "signature" | "redacted",
  model: string,
): ReasoningPart {
  return { type: "reasoning", text: words, ...withModel(openSignature(sealed, kind), model) };
}

/** A signature of Anthropic's own, with the model that it is good for. */
export function withModel(
  opened: ReturnType<typeof openSignature>,
  model: string,
): ReturnType<typeof openSignature> {
  if (opened?.signature?.protocol !== "anthropic") return opened;
  return { ...opened, signature: { ...opened.signature, model } };
}

/** A message as a client is shown it. Only the first choice has a place. */
export function encodeReply(reply: ChatReply, context: ReplyContext): JsonObject {
  const choice = reply.choices[0];
  if (reply.choices.length > 1) context.warn("n", "an Anthropic message holds one choice");
  if (choice?.logprobs?.length) context.warn("logprobs", "an Anthropic message has none");
  const parts = choice?.parts ?? [];
  const names = toolNames([]);
  const content = parts.flatMap((part) => encodeReplyPart(part, names, context));
  const finish = encodeFinish(choice?.finish ?? { reason: "other" }, {
    calls: parts.some((part) => part.type === "tool-call"),
    refusal: parts.some((part) => part.type === "refusal"),
  });
  return {
    id: messageId(reply.id, context),
    type: "message",
    role: "assistant",
    model: context.model,
    content,
    ...finish,
    stop_details: stopDetails(finish.stop_reason),
    usage: encodeUsage(reply.usage ?? NO_USAGE, reply.serviceTier),
  };
}

/** SDK and clients expect the prefix `msg_`. */
export function messageId(id: string | undefined, context: Pick<ReplyContext, "newId">): string {
  return id?.startsWith("msg_") ? id : `msg_${context.newId()}`;
}

/** A refusal's words are shown as text, where every client has them. */
export function stopDetails(stopReason: string): JsonObject | null {
  return stopReason === "refusal" ? { type: "refusal", category: null, explanation: null } : null;
}

function encodeReplyPart(part: AssistantPart, names: ToolNames, context: ReplyContext): JsonObject[] {
  switch (part.type) {
    case "text": {
      if (part.text === "") return [];
      const citations = (part.citations ?? []).flatMap((citation) => encodeCitation(citation) ?? []);
      if (citations.length < (part.citations?.length ?? 0)) {
        context.warn("citations", "citations without an address were left out");
      }
      return [{ type: "text", text: part.text, citations: citations.length > 0 ? citations : null }];
    }
    case "refusal":
      return part.text === "" ? [] : [{ type: "text", text: part.text, citations: null }];
    case "reasoning": {
      const block = encodeReasoning(part);
      return block === undefined ? [] : [block];
    }
    case "tool-call": {
      if (part.cut) {
        context.warn("tool_use", "a call that was cut half-way was left out");
        return [];
      }
      const call = callAsFunction(part, names);
      const input = parseJson(call.arguments);
      return [
        {
          type: "tool_use",
          id: part.callId === "" ? `toolu_${context.newId()}` : wireId(part.callId),
          name: part.name,
          input: isRecord(input) ? input : { input: input ?? call.arguments },
          ...ownFields("anthropic", part),
        },
      ];
    }
    default: {
      const block = wholeBlock(part, context.request, context.warn);
      return block === undefined ? [] : [block];
    }
  }
}

/** Thinking with its signature, or redacted thinking; `undefined`: there is nothing to show or keep. */
export function encodeReasoning(part: ReasoningPart): JsonObject | undefined {
  const sealed = part.signature ? sealSignature(part.signature, part) : "";
  if (part.text === "" && sealed === "") return undefined;
  const redacted = part.signature?.kind === "redacted" && part.signature.protocol === "anthropic";
  if (redacted || (part.text === "" && part.signature?.kind !== "signature")) {
    return { type: "redacted_thinking", data: sealed };
  }
  return { type: "thinking", thinking: part.text, signature: sealed };
}

type WholePart = Extract<AssistantPart, { type: "image" | "audio" | "provider-tool" | "provider" }>;

/** A part that comes in one piece, as a block; `undefined` with a warning where there is none. */
export function wholeBlock(part: WholePart, request: ChatRequest, warn: Warn): JsonObject | undefined {
  const asText = (words: string): JsonObject => ({ type: "text", text: words, citations: null });
  switch (part.type) {
    case "image":
      warn("image", "an Anthropic message cannot hold an image");
      return part.source.kind === "url" && !part.source.url.startsWith("data:")
        ? asText(`![image](${part.source.url})`)
        : asText("[image omitted: Anthropic messages cannot hold one]");
    case "audio":
      warn("audio", "an Anthropic message cannot hold audio");
      if (part.transcript === "") return undefined;
      return asText(part.transcript || "[audio omitted: Anthropic messages cannot hold it]");
    case "provider-tool":
      if (part.protocol === "anthropic" && isRecord(part.raw)) return part.raw;
      if (isToolSearch(part)) return searchBlocks(part, searchNameOf(request), ({ name }) => name)[0];
      warn(part.tool, "a tool that the provider ran is not shown");
      return undefined;
    case "provider":
      if (part.protocol === "anthropic" && isBlock(part.raw)) return part.raw;
      warn("content", `a block that only ${part.protocol} knows is not shown`);
      return undefined;
  }
}
