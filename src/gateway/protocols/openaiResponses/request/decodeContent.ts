/** Content parts (`input_text`, `input_image`, `input_file`, `output_text`, …) as canonical parts. */

import { badRequest } from "../../../common/errors.ts";
import { type Fields, fieldsOf, textOf } from "../../../common/json.ts";
import type {
  AudioPart,
  DocumentPart,
  ImagePart,
  ProviderPart,
  RefusalPart,
  Source,
  TextPart,
} from "../../chat.ts";
import { sourceOfUrl } from "../../dataUrl.ts";
import { mediaTypeOf } from "../../mediaType.ts";
import { decodeAnnotations } from "../citations.ts";

export type ContentPart = TextPart | RefusalPart | ImagePart | DocumentPart | AudioPart | ProviderPart;

const DETAILS = ["auto", "low", "high", "original"] as const;

function need(value: unknown, path: string): string {
  if (typeof value === "string") return value;
  throw badRequest(`'${path}': expected a text.`, path);
}

/** OpenAI's explicit cache breakpoint; its two lifetimes stand for the two canonical ones. */
function cacheOf(part: Fields) {
  if (typeof part.prompt_cache_breakpoint !== "object" || part.prompt_cache_breakpoint === null) return {};
  const { ttl } = fieldsOf(part.prompt_cache_breakpoint);
  if (ttl === "30m") return { cache: { ttl: "5m" as const } };
  return { cache: ttl === "12h" ? { ttl: "1h" as const } : {} };
}

function decodeImage(part: Fields, path: string): ImagePart {
  const url = textOf(part.image_url) ?? textOf(fieldsOf(part.image_url).url);
  const id = textOf(part.file_id);
  if (url === undefined && id === undefined) {
    throw badRequest(`'${path}': an image needs an image_url or a file_id.`, path);
  }
  const detail = DETAILS.find((name) => name === part.detail);
  return {
    type: "image",
    source:
      url === undefined ? { kind: "file", id: id ?? "", protocol: "openai-responses" } : sourceOfUrl(url),
    ...(detail === undefined ? {} : { detail }),
    ...cacheOf(part),
  };
}

function decodeFile(part: Fields, path: string): DocumentPart | ImagePart {
  const name = textOf(part.filename);
  const named = { ...(name === undefined ? {} : { name }), ...cacheOf(part) };
  const data = textOf(part.file_data);
  if (data !== undefined) {
    const source = data.startsWith("data:") ? sourceOfUrl(data) : undefined;
    if (source !== undefined && source.kind !== "base64") return { type: "document", source, ...named };
    const mediaType = mediaTypeOf(source?.mediaType, name) || "application/pdf";
    const bytes: Source = { kind: "base64", mediaType, data: source?.data ?? data };
    if (mediaType.startsWith("image/")) return { type: "image", source: bytes, ...cacheOf(part) };
    return { type: "document", source: bytes, ...named };
  }
  const url = textOf(part.file_url);
  if (url !== undefined) return { type: "document", source: sourceOfUrl(url), ...named };
  const id = textOf(part.file_id);
  if (id !== undefined) {
    return { type: "document", source: { kind: "file", id, protocol: "openai-responses" }, ...named };
  }
  throw badRequest(`'${path}': a file needs file_data, file_url or a file_id.`, path);
}

function decodeAudio(part: Fields, path: string): AudioPart {
  const audio = fieldsOf(part.input_audio);
  const data = need(audio.data, `${path}.input_audio.data`);
  const format = textOf(audio.format) ?? "wav";
  const mediaType = format === "mp3" ? "audio/mpeg" : `audio/${format}`;
  return { type: "audio", source: { kind: "base64", mediaType, data } };
}

/** One content part. @throws PorticoError `invalid_request` naming the field. */
export function decodeContentPart(part: Fields, path: string): ContentPart {
  switch (part.type) {
    case "input_text":
    case "text":
    case "summary_text":
    case "reasoning_text":
      return { type: "text", text: need(part.text, `${path}.text`), ...cacheOf(part) };
    case "output_text": {
      const citations = decodeAnnotations(part.annotations);
      const text = need(part.text, `${path}.text`);
      return { type: "text", text, ...(citations.length ? { citations } : {}) };
    }
    case "refusal":
      return { type: "refusal", text: need(part.refusal, `${path}.refusal`) };
    case "input_image":
      return decodeImage(part, path);
    case "input_file":
      return decodeFile(part, path);
    case "input_audio":
      return decodeAudio(part, path);
    default:
      return { type: "provider", protocol: "openai-responses", raw: part };
  }
}

/** Content that is a text or a list of parts. An empty text is no part. */
export function decodeContent(content: string | readonly Fields[], path: string): ContentPart[] {
  if (typeof content === "string") return content === "" ? [] : [{ type: "text", text: content }];
  return content.map((part, index) => decodeContentPart(part, `${path}[${index}]`));
}
