/** Canonical parts as wire parts. Nothing here throws: what Gemini cannot take becomes words. */

import { isRecord, parseJson } from "../../../common/json.ts";
import type { ModelTraits } from "../../../models/traits.ts";
import type { AssistantPart, ToolResultPart, UserPart, Warn } from "../../chat.ts";
import { callAsFunction, type ToolNames } from "../../clientTools.ts";
import { inlined } from "../../dataUrl.ts";
import { providerToolText } from "../../webSearch.ts";
import { isOurs } from "../callIds.ts";
import { guessMediaType, isTextual, type MediaPart, readable } from "../media.ts";
import { providerToolParts } from "../providerTools.ts";
import { signatureOf } from "../signature.ts";
import type { Json } from "../values.ts";

export interface PartContext {
  model: string;
  traits: ModelTraits;
  names: ToolNames;
  warn: Warn;
}

const omitted = (kind: string, why: string): Json => ({ text: `[${kind} omitted: ${why}]` });

function base64Text(data: string): string {
  return Buffer.from(data, "base64").toString("utf8");
}

/** An image, document, audio or video as `inlineData`, `fileData` or text. */
export function mediaWire(part: MediaPart, warn: Warn): Json {
  const source = inlined(part.source);
  switch (source.kind) {
    case "text":
      return { text: source.text };
    case "base64": {
      const { mediaType, data } = source;
      if (readable(mediaType)) return { inlineData: { mimeType: mediaType, data } };
      if (isTextual(mediaType)) return { text: base64Text(data) };
      warn(part.type, `Gemini does not read ${mediaType}; a placeholder was sent`);
      return omitted(part.type, `Gemini does not read ${mediaType}`);
    }
    case "url": {
      const mimeType = source.mediaType ?? guessMediaType(source.url, part.type);
      if (mimeType !== undefined && !readable(mimeType)) {
        warn(part.type, `Gemini does not read ${mimeType}; a placeholder was sent`);
        return omitted(part.type, `Gemini does not read ${mimeType}: ${source.url}`);
      }
      return { fileData: { ...(mimeType === undefined ? {} : { mimeType }), fileUri: source.url } };
    }
    case "file": {
      if (source.protocol !== "gemini") {
        warn(part.type, "the file is held by another provider; a placeholder was sent");
        return omitted(part.type, "a file that another provider holds");
      }
      const mimeType = source.mediaType === undefined ? {} : { mimeType: source.mediaType };
      return { fileData: { ...mimeType, fileUri: source.id } };
    }
  }
}

/** What a document says of itself, which Gemini has no field for. */
function documentWire(part: MediaPart, warn: Warn): Json[] {
  const wire = mediaWire(part, warn);
  if (part.type !== "document") return [wire];
  const head = [part.title, part.context].filter((text) => text !== undefined && text !== "");
  return head.length === 0 ? [wire] : [{ text: head.join("\n") }, wire];
}

export function userWire(part: UserPart, context: PartContext): Json[] {
  switch (part.type) {
    case "text": {
      const signed = signatureOf(part.signature);
      return part.text === "" && signed.thoughtSignature === undefined
        ? []
        : [{ text: part.text, ...signed }];
    }
    case "image":
      if (part.detail !== undefined && part.detail !== "auto")
        context.warn("image.detail", "Gemini has no such setting; left out");
      return [{ ...mediaWire(part, context.warn), ...signatureOf(part.signature) }];
    case "audio":
    case "video":
    case "document":
      return documentWire(part, context.warn);
    case "provider-tool":
      return toolItem(part, context.warn);
    case "provider":
      if (part.protocol === "gemini" && isRecord(part.raw)) return [part.raw];
      if (part.text !== undefined) return [{ text: part.text }];
      context.warn("content", "a block that only another provider understands was left out");
      return [];
  }
}

function toolItem(part: Extract<AssistantPart, { type: "provider-tool" }>, warn: Warn): Json[] {
  const own = providerToolParts(part);
  if (own !== undefined) return own;
  const found = providerToolText(part);
  if (found !== undefined) {
    warn(part.tool, "what another provider's tool found is shown as text");
    return [{ text: found }];
  }
  warn(part.tool, "a call of another provider's own tool was left out");
  return [];
}

/** A part of a model turn. */
export function modelWire(part: AssistantPart, context: PartContext): Json[] {
  switch (part.type) {
    case "refusal":
      return part.text === "" ? [] : [{ text: part.text }];
    case "reasoning": {
      const signed = signatureOf(part.signature);
      if (signed.thoughtSignature === undefined) {
        context.warn("reasoning", "reasoning without Gemini's signature was left out");
        return [];
      }
      return [{ text: part.text, thought: true, ...signed }];
    }
    case "tool-call": {
      if (part.signature !== undefined && part.signature.protocol !== "gemini")
        context.warn("reasoning", "reasoning that another provider signed was left out");
      const call = callAsFunction(part, context.names);
      const id = isOurs(part.callId) ? {} : { id: part.callId };
      const args = callArgs(call.arguments, context.warn);
      return [{ functionCall: { ...id, name: call.name, args }, ...signatureOf(part.signature) }];
    }
    case "audio":
      if (part.source.kind === "base64" && part.source.data === "" && part.transcript)
        return [{ text: part.transcript }];
      return userWire(part, context);
    default:
      return userWire(part, context);
  }
}

/** Arguments are an object on the wire. */
export function callArgs(text: string, warn: Warn): Json {
  const value = text.trim() === "" ? {} : parseJson(text);
  if (isRecord(value)) return value;
  warn("tool_call.arguments", "not a JSON object; sent as `input`");
  return { input: value ?? text };
}

/** MIME types that a `functionResponse` of Gemini 3 may hold. */
const NESTED_MEDIA = /^(?:image\/(?:png|jpeg|webp)|application\/pdf|text\/plain)$/;

/** A result as `functionResponse`, and what has to stand beside it. */
export function resultWire(
  result: ToolResultPart,
  name: string,
  context: PartContext,
): { response: Json; beside: Json[] } {
  const texts: string[] = [];
  const inside: Json[] = [];
  const beside: Json[] = [];
  const nests = context.traits.mixesTools;
  for (const part of result.content) {
    if (part.type === "text") {
      texts.push(part.text);
      continue;
    }
    for (const wire of userWire(part, context)) {
      const bytes = wire.inlineData ?? wire.fileData;
      if (typeof wire.text === "string") texts.push(wire.text);
      else if (nests && isRecord(bytes) && NESTED_MEDIA.test(String(bytes.mimeType))) inside.push(wire);
      else beside.push(wire);
    }
  }
  const id = isOurs(result.callId) ? {} : { id: result.callId };
  const response = { [result.isError ? "error" : "output"]: texts.join("\n") };
  return {
    response: {
      functionResponse: { ...id, name, response, ...(inside.length > 0 ? { parts: inside } : {}) },
    },
    beside,
  };
}
