/** A whole chat completion to the canonical reply. */

import { createHash, randomUUID } from "node:crypto";
import { PorticoError } from "../../../common/errors.ts";
import { compact, isRecord, listOf, numberOf, textOf } from "../../../common/json.ts";
import type { AssistantPart, AudioPart, ChatChoice, ChatReply, ChatRequest, TextPart } from "../../chat.ts";
import { restoreCall, type ToolNames, toolNames } from "../../clientTools.ts";
import type { ProviderReplyContext } from "../../codec.ts";
import { cutsCalls, isWholeJson } from "../../cutCalls.ts";
import { sourceOfUrl } from "../../dataUrl.ts";
import { usageIn } from "../../wire.ts";
import { decodeError } from "../errors.ts";
import { audioMediaType, thinkingText } from "../request/decodeParts.ts";
import { decodeReasoning, signatureFromExtra, signatureFromId } from "../signatures.ts";
import { withoutThinkTags } from "../thinkTags.ts";
import { type Json, record } from "../values.ts";
import { wire } from "../wire.ts";
import { decodeAnnotations, decodeSources } from "./citations.ts";
import { decodeFinish } from "./finish.ts";
import { decodeLogprobs } from "./logprobs.ts";

/** A made-up id of a call that came without one: the same for the same reply, never that of another turn. */
export function madeCallId(replyId: string, index: number): string {
  const digest = createHash("sha256")
    .update(`${replyId || randomUUID()}#${index}`)
    .digest("base64url");
  return `call_${digest.replace(/[^A-Za-z0-9]/g, "").slice(0, 24)}`;
}

/** Arguments come as text; some servers send the object itself. */
export function argumentsText(value: unknown): string {
  if (typeof value === "string") return value;
  return value == null ? "" : JSON.stringify(value);
}

/** The format of sound in a reply is the one that was asked for. */
export function audioFormat(request: ChatRequest): string {
  const { extra } = request;
  const asked = extra?.protocol === "openai-chat" ? textOf(record(extra.fields.audio)?.format) : undefined;
  return asked ?? (request.stream ? "pcm16" : "mp3");
}

/** @param said the text beside it: some relays send the transcript as that as well */
export function decodeAudio(
  audio: Json,
  data: string,
  transcript: string,
  said: string,
  request: ChatRequest,
): AudioPart {
  const id = textOf(audio.id);
  const told = transcript.trim() === said.trim();
  return {
    type: "audio",
    source: { kind: "base64", mediaType: audioMediaType(audioFormat(request)), data },
    ...(id === undefined ? {} : { id }),
    ...(transcript === "" ? {} : { transcript: told ? "" : transcript }),
  };
}

/** Images as OpenRouter has them beside the content. */
export function decodeImage(value: unknown): AssistantPart | undefined {
  const image = record(value)?.image_url;
  const url = textOf(image) ?? textOf(record(image)?.url);
  return url === undefined ? undefined : { type: "image", source: sourceOfUrl(url) };
}

function decodeContent(content: unknown, thinkTags = false): AssistantPart[] {
  if (typeof content === "string" && thinkTags) return withoutThinkTags(content);
  if (typeof content === "string") return content === "" ? [] : [{ type: "text", text: content }];
  return listOf(content).flatMap((part): AssistantPart[] => {
    if (!isRecord(part)) return [];
    switch (part.type) {
      case "text":
        return textOf(part.text) === undefined ? [] : [{ type: "text", text: String(part.text) }];
      case "refusal":
        return textOf(part.refusal) === undefined ? [] : [{ type: "refusal", text: String(part.refusal) }];
      case "thinking":
        return [{ type: "reasoning", text: thinkingText(part) }];
      case "image_url":
        return [decodeImage(part) ?? { type: "provider", protocol: "openai-chat", raw: part }];
      default:
        return [{ type: "provider", protocol: "openai-chat", raw: part }];
    }
  });
}

/** @param cutting the reply ended by its own limit: arguments that are not whole by then never will be */
function decodeCalls(message: Json, replyId: string, names: ToolNames, cutting: boolean): AssistantPart[] {
  const legacy = record(message.function_call);
  const calls: unknown[] = [
    ...listOf(message.tool_calls),
    ...(legacy === undefined ? [] : [{ function: legacy }]),
  ];
  return calls.flatMap((value, i): AssistantPart[] => {
    if (!isRecord(value)) return [];
    const callId = textOf(value.id) ?? madeCallId(replyId, i);
    const custom = record(value.custom);
    const last = i === calls.length - 1;
    if (custom !== undefined) {
      const name = textOf(custom.name) ?? "unknown";
      const cut = cutting && last ? { cut: true as const } : {};
      return [
        { type: "tool-call", callId, kind: "custom", name, input: argumentsText(custom.input), ...cut },
      ];
    }
    const call = record(value.function);
    const signature = signatureFromExtra(value.extra_content) ?? signatureFromId(callId);
    const input = argumentsText(call?.arguments);
    return [
      restoreCall(
        {
          type: "tool-call",
          callId,
          kind: "function",
          name: textOf(call?.name) ?? "unknown",
          input,
          ...(signature === undefined ? {} : { signature }),
          ...(cutting && (last || input !== "") && !isWholeJson(input) ? { cut: true } : {}),
        },
        names,
      ),
    ];
  });
}

function decodeChoice(
  choice: Json,
  body: Json,
  { request, thinkTags }: ProviderReplyContext,
  names: ToolNames,
): ChatChoice {
  const message = record(choice.message) ?? {};
  const plain = textOf(message.reasoning_content) ?? textOf(message.reasoning) ?? "";
  const content = decodeContent(message.content, thinkTags);
  const citations = [...decodeAnnotations(message.annotations), ...decodeSources(body.citations)];
  const last = content.findLast((part): part is TextPart => part.type === "text");
  if (last !== undefined) {
    if (citations.length > 0) last.citations = citations;
    const signature = signatureFromExtra(message.extra_content);
    if (signature !== undefined) last.signature = signature;
  }
  const parts: AssistantPart[] = [...decodeReasoning(plain, message.reasoning_details), ...content];
  const refusal = textOf(message.refusal);
  if (refusal !== undefined) parts.push({ type: "refusal", text: refusal });
  for (const image of listOf(message.images)) {
    const part = decodeImage(image);
    if (part !== undefined) parts.push(part);
  }
  const audio = record(message.audio);
  if (audio !== undefined) {
    const said = content.map((part) => (part.type === "text" ? part.text : "")).join("");
    parts.push(decodeAudio(audio, textOf(audio.data) ?? "", textOf(audio.transcript) ?? "", said, request));
  }
  const raw = textOf(choice.finish_reason);
  const cutting = cutsCalls(decodeFinish(raw, false).reason);
  const calls = decodeCalls(message, textOf(body.id) ?? "", names, cutting);
  parts.push(...calls);
  const logprobs = decodeLogprobs(choice.logprobs);
  return {
    parts,
    finish: decodeFinish(raw, calls.length > 0),
    ...(logprobs === undefined ? {} : { logprobs }),
  };
}

/** Some providers send their errors with a good status. */
function notAReply(input: unknown, otherwise: string): PorticoError {
  const error = decodeError(200, input);
  if (error === undefined) return new PorticoError("upstream", otherwise);
  return new PorticoError(error.kind, error.message, error);
}

/** @throws PorticoError the provider's error where the body is one, else `upstream`. */
export function decodeReply(input: unknown, context: ProviderReplyContext): ChatReply {
  const body = record(input);
  if (body === undefined || !Array.isArray(body.choices)) {
    throw notAReply(input, "The provider's reply is not a chat completion: it has no `choices`.");
  }
  const names = toolNames(context.request.tools);
  const choices = body.choices
    .filter(isRecord)
    .sort((a, b) => (numberOf(a.index) ?? 0) - (numberOf(b.index) ?? 0));
  if (choices.length === 0) throw notAReply(input, "The provider's reply has no choices.");
  const id = textOf(body.id);
  const model = textOf(body.model);
  const created = numberOf(body.created);
  const serviceTier = textOf(body.service_tier);
  const usage = usageIn(
    wire.usage,
    record(body.x_groq)?.usage,
    ...choices.map((choice) => choice.usage),
    body.usage,
  );
  return compact({
    choices: choices.map((choice) => decodeChoice(choice, body, context, names)),
    id,
    model,
    created: created || undefined,
    usage,
    serviceTier,
  });
}
