/** Content parts as a chat completions target takes them; what it cannot take becomes words. */

import { isRecord } from "../../../common/json.ts";
import type { ModelTraits } from "../../../models/traits.ts";
import type {
  AudioPart,
  CacheMarker,
  DocumentPart,
  ImagePart,
  Source,
  ToolResultContent,
  UserPart,
  VideoPart,
  Warn,
} from "../../chat.ts";
import { dataUrl } from "../../dataUrl.ts";
import { documentText } from "../../documentText.ts";
import { providerToolText } from "../../webSearch.ts";
import type { Json } from "../values.ts";
import type { Dialect } from "./dialects.ts";
import { cacheControl } from "./encodeTools.ts";

/** Both OpenAI and Anthropic refuse more in one request. */
const MAX_CACHE_MARKERS = 4;

export interface PartContext {
  dialect: Dialect;
  traits: ModelTraits;
  warn: Warn;
  /** Cache markers written so far in this request. */
  markers: { count: number };
}

const textOf = (text: string): Json => ({ type: "text", text });

function describe(source: Source): string {
  if (source.kind === "url") return source.url.length <= 200 ? source.url : `${source.url.slice(0, 200)}…`;
  if (source.kind === "file") return `file ${source.id}`;
  return source.mediaType;
}

function omitted(kind: string, source: Source, feature: string, warn: Warn): Json {
  warn(feature, `this target does not take such ${kind} content; a note was sent in its place`);
  return textOf(`[${kind} omitted: ${describe(source)}]`);
}

function marker(cache: CacheMarker | undefined, context: PartContext): Json {
  const { dialect, traits, markers } = context;
  if (cache === undefined || dialect.cache === undefined || markers.count >= MAX_CACHE_MARKERS) return {};
  if (dialect.cache === "cache_control") {
    markers.count++;
    return { cache_control: cacheControl(cache) };
  }
  if (!traits.cacheBreakpoints) return {};
  markers.count++;
  return { prompt_cache_breakpoint: { mode: "explicit" } };
}

function urlOf(source: Source, rule: Dialect["images"]): string | undefined {
  if (rule === "none") return undefined;
  if (source.kind === "base64") return dataUrl(source);
  return source.kind === "url" && rule === "any" ? source.url : undefined;
}

function encodeImage(part: ImagePart, feature: string, context: PartContext): Json {
  const url = context.traits.input.image ? urlOf(part.source, context.dialect.images) : undefined;
  if (url === undefined) return omitted("image", part.source, feature, context.warn);
  return {
    type: "image_url",
    image_url: { url, ...(part.detail === undefined ? {} : { detail: part.detail }) },
    ...marker(part.cache, context),
  };
}

const AUDIO_FORMATS: Readonly<Record<string, string>> = {
  "audio/wav": "wav",
  "audio/x-wav": "wav",
  "audio/wave": "wav",
  "audio/mpeg": "mp3",
  "audio/mp3": "mp3",
};

function encodeAudio(part: AudioPart, feature: string, context: PartContext): Json {
  const { source } = part;
  const format = source.kind === "base64" ? AUDIO_FORMATS[source.mediaType] : undefined;
  if (context.dialect.audio && source.kind === "base64" && format !== undefined) {
    return {
      type: "input_audio",
      input_audio: { data: source.data, format },
      ...marker(part.cache, context),
    };
  }
  if (part.transcript === undefined) return omitted("audio", source, feature, context.warn);
  context.warn(feature, "this target takes no such audio; its transcript was sent");
  return textOf(part.transcript);
}

const asDocument = (part: DocumentPart, text: string, context: PartContext): Json => ({
  ...textOf(documentText(part, text)),
  ...marker(part.cache, context),
});

function encodeDocument(part: DocumentPart, feature: string, context: PartContext): Json {
  const { source } = part;
  const { dialect, traits, warn } = context;
  const files = dialect.files && traits.input.pdf;
  if (source.kind === "text") return asDocument(part, source.text, context);
  if (source.kind === "base64" && source.mediaType.startsWith("text/")) {
    return asDocument(part, Buffer.from(source.data, "base64").toString("utf8"), context);
  }
  if (part.context !== undefined) warn(`${feature}.context`, "files have no such field there; left out");
  if (files && source.kind === "base64") {
    const filename = part.name ?? part.title ?? "document.pdf";
    return { type: "file", file: { filename, file_data: dataUrl(source) }, ...marker(part.cache, context) };
  }
  if (files && source.kind === "file" && source.protocol === "openai-chat") {
    return {
      type: "file",
      file: { ...(part.name === undefined ? {} : { filename: part.name }), file_id: source.id },
      ...marker(part.cache, context),
    };
  }
  return omitted("document", source, feature, warn);
}

function encodeVideo(part: VideoPart, feature: string, context: PartContext): Json {
  const url = context.dialect.video ? urlOf(part.source, "any") : undefined;
  if (url === undefined) return omitted("video", part.source, feature, context.warn);
  return { type: "video_url", video_url: { url }, ...marker(part.cache, context) };
}

/** One part of a user's message; `undefined` where nothing is left of it. */
export function encodeUserPart(
  part: UserPart | ToolResultContent,
  feature: string,
  context: PartContext,
): Json | undefined {
  switch (part.type) {
    case "text":
      return part.text === "" ? undefined : { ...textOf(part.text), ...marker(part.cache, context) };
    case "image":
      return encodeImage(part, feature, context);
    case "audio":
      return encodeAudio(part, feature, context);
    case "document":
      return encodeDocument(part, feature, context);
    case "video":
      return encodeVideo(part, feature, context);
    case "provider":
      if (part.protocol === "openai-chat" && isRecord(part.raw)) return part.raw;
      if (part.text !== undefined) return textOf(part.text);
      context.warn(feature, `a block that only ${part.protocol} knows was left out`);
      return undefined;
    case "provider-tool": {
      const found = providerToolText(part);
      const fate = found === undefined ? "its record was left out" : "what it found is shown as text";
      context.warn(feature, `${part.tool} ran at another provider; ${fate}`);
      return found === undefined ? undefined : textOf(found);
    }
  }
}

const isPlainText = (part: Json): boolean => part.type === "text" && Object.keys(part).length === 2;

/** A string where that says it all, else the list of parts. */
export function asContent(parts: readonly Json[], dialect: Dialect): string | Json[] {
  if (parts.length === 0) return "";
  const [only] = parts;
  if (parts.length === 1 && only !== undefined && isPlainText(only)) return String(only.text);
  if (!dialect.textParts && parts.every((part) => part.type === "text")) {
    return parts.map((part) => String(part.text)).join("\n\n");
  }
  return [...parts];
}

export function encodeParts(
  parts: readonly (UserPart | ToolResultContent)[],
  feature: string,
  context: PartContext,
): Json[] {
  const out: Json[] = [];
  for (const [i, part] of parts.entries()) {
    const encoded = encodeUserPart(part, `${feature}.content[${i}]`, context);
    if (encoded !== undefined) out.push(encoded);
  }
  return out;
}
