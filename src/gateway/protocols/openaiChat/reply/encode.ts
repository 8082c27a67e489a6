/** The canonical reply as a chat completion for the client. */
import type { AssistantPart, ChatChoice, ChatReply, ToolCallPart } from "../../chat.ts";
import type { ReplyContext } from "../../codec.ts";
import { dataUrl } from "../../dataUrl.ts";
import { signatureToDetail, signatureToExtra } from "../signatures.ts";
import type { Json } from "../values.ts";
import { encodeCitation } from "./citations.ts";
import { encodeFinish } from "./finish.ts";
import { encodeLogprobs } from "./logprobs.ts";
import { encodeUsage } from "./usage.ts";

/** Ids of completions begin so; an id of that form is kept. */
export function completionId(id: string | undefined, newId: () => string, prefix = "chatcmpl-"): string {
  return id?.startsWith(prefix) ? id : `${prefix}${newId()}`;
}

/** An image as OpenRouter has them beside the content. */
export function encodeImage(part: Extract<AssistantPart, { type: "image" }>): Json | undefined {
  const { source } = part;
  if (source.kind === "url") return { type: "image_url", image_url: { url: source.url } };
  if (source.kind !== "base64") return undefined;
  return { type: "image_url", image_url: { url: dataUrl(source) } };
}

/** Seconds a client may ask for the sound again by its id; OpenAI's own is an hour. */
const AUDIO_LIFETIME = 3600;

export function encodeAudio(part: Extract<AssistantPart, { type: "audio" }>, context: ReplyContext): Json {
  return {
    id: part.id ?? `audio_${context.newId()}`,
    data: part.source.kind === "base64" ? part.source.data : "",
    expires_at: Math.floor(context.now / 1000) + AUDIO_LIFETIME,
    transcript: part.transcript ?? "",
  };
}

/** Nothing is no arguments, unless the call was cut: half of them shows by itself that they are not whole. */
const argumentsOf = (part: ToolCallPart): string => (part.cut ? part.input : part.input || "{}");

function encodeCall(part: ToolCallPart): Json {
  const extra = part.signature === undefined ? {} : { extra_content: signatureToExtra(part.signature) };
  if (part.kind === "custom") {
    return { id: part.callId, type: "custom", custom: { name: part.name, input: part.input }, ...extra };
  }
  return {
    id: part.callId,
    type: "function",
    function: { name: part.name, arguments: argumentsOf(part) },
    ...extra,
  };
}

function encodeReasoning(parts: readonly AssistantPart[]): Json {
  let plain = "";
  let [text, calls] = [0, 0];
  const details: Json[] = [];
  for (const part of parts) {
    if (part.type === "text") text += part.text.length;
    if (part.type === "tool-call") calls++;
    if (part.type !== "reasoning") continue;
    const span = { start: plain.length, length: part.text.length };
    const entry = signatureToDetail(part, span, details.length, { text, calls });
    if (entry !== undefined) details.push(entry);
    plain += part.text;
  }
  return {
    ...(plain === "" ? {} : { reasoning_content: plain }),
    ...(details.length === 0 ? {} : { reasoning_details: details }),
  };
}

/** Says once what a chat completion has no place for. */
export function warnUnshown(part: AssistantPart, context: ReplyContext): void {
  if (part.type === "provider-tool") {
    context.warn(`reply.${part.tool}`, "chat completions cannot show tools that the provider ran");
  } else {
    context.warn(`reply.${part.type}`, "chat completions cannot show this part of the reply");
  }
}

function encodeMessage(parts: readonly AssistantPart[], context: ReplyContext): Json {
  let content = "";
  let refusal: string | null = null;
  let hasText = false;
  const annotations: Json[] = [];
  const images: Json[] = [];
  const calls: ToolCallPart[] = [];
  const tail: Json = {};
  for (const part of parts) {
    switch (part.type) {
      case "text": {
        for (const citation of part.citations ?? []) {
          const encoded = encodeCitation(citation, content.length, part.text.length);
          if (encoded !== undefined) annotations.push(encoded);
          else context.warn("reply.citation", `chat completions cannot cite a ${citation.kind}`);
        }
        content += part.text;
        hasText = true;
        if (part.signature !== undefined) tail.extra_content = signatureToExtra(part.signature);
        break;
      }
      case "refusal":
        refusal = (refusal ?? "") + part.text;
        break;
      case "image": {
        const image = encodeImage(part);
        if (image === undefined) warnUnshown(part, context);
        else images.push(image);
        break;
      }
      case "audio":
        tail.audio = encodeAudio(part, context);
        break;
      case "tool-call":
        calls.push(part);
        break;
      case "reasoning":
        break;
      default:
        warnUnshown(part, context);
    }
  }
  const legacy = context.request.legacyFunctions === true;
  const [first] = calls;
  if (legacy && calls.length > 1)
    context.warn("reply.tool_calls", "a client of `functions` is shown the first call only");
  return {
    role: "assistant",
    content: hasText || (calls.length === 0 && refusal === null) ? content : null,
    ...encodeReasoning(parts),
    refusal,
    ...(annotations.length === 0 ? {} : { annotations }),
    ...(images.length === 0 ? {} : { images }),
    ...(first === undefined
      ? {}
      : legacy
        ? { function_call: { name: first.name, arguments: argumentsOf(first) } }
        : { tool_calls: calls.map(encodeCall) }),
    ...tail,
  };
}

function encodeChoice(choice: ChatChoice, index: number, context: ReplyContext): Json {
  const called = choice.parts.some((part) => part.type === "tool-call");
  return {
    index,
    message: encodeMessage(choice.parts, context),
    logprobs: encodeLogprobs(choice.logprobs),
    finish_reason: encodeFinish(choice.finish.reason, called, {
      legacy: context.request.legacyFunctions === true,
      refused: choice.parts.some((part) => part.type === "refusal" && part.text !== ""),
    }),
  };
}

export function encodeReply(reply: ChatReply, context: ReplyContext): Json {
  return {
    id: completionId(reply.id, context.newId),
    object: "chat.completion",
    created: reply.created ?? Math.floor(context.now / 1000),
    model: context.model,
    choices: reply.choices.map((choice, index) => encodeChoice(choice, index, context)),
    ...(reply.usage === undefined ? {} : { usage: encodeUsage(reply.usage) }),
    ...(reply.serviceTier === undefined ? {} : { service_tier: reply.serviceTier }),
  };
}
