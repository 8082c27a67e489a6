/** Content parts of chat completions messages. */

import type * as z from "zod";
import { isRecord, listOf, textOf } from "../../../common/json.ts";
import type {
  AssistantPart,
  DocumentPart,
  ImagePart,
  ProviderPart,
  TextPart,
  ToolResultContent,
  UserPart,
} from "../../chat.ts";
import { sourceOfUrl } from "../../dataUrl.ts";
import { mediaTypeOf } from "../../mediaType.ts";
import * as schema from "../schema.ts";
import { fail, parse } from "../validate.ts";
import { decodeCache } from "./decodeTools.ts";

type Path = readonly PropertyKey[];
type Content = string | { type: string }[] | null | undefined;

const unknownPart = (raw: unknown): ProviderPart => ({ type: "provider", protocol: "openai-chat", raw });

function cached(part: Parameters<typeof decodeCache>[0]) {
  const cache = decodeCache(part);
  return cache === undefined ? {} : { cache };
}

/** Sound formats by the names OpenAI has for them. */
const AUDIO_MEDIA_TYPES: Readonly<Record<string, string>> = { mp3: "audio/mpeg", pcm16: "audio/pcm" };

export const audioMediaType = (format: string): string => AUDIO_MEDIA_TYPES[format] ?? `audio/${format}`;

function decodeText(part: z.infer<typeof schema.textPart>): TextPart {
  return { type: "text", text: part.text, ...cached(part) };
}

function decodeFile(part: z.infer<typeof schema.filePart>, path: Path): DocumentPart | ImagePart {
  const { file_data: data, file_id: id, filename } = part.file;
  const shared = { type: "document" as const, ...(filename ? { name: filename } : {}), ...cached(part) };
  if (id) return { ...shared, source: { kind: "file", id, protocol: "openai-chat" } };
  if (!data) return fail([...path, "file"], "needs `file_data` or `file_id`");
  const source = data.startsWith("data:") || /^https?:/.test(data) ? sourceOfUrl(data) : undefined;
  if (source !== undefined && source.kind !== "base64") return { ...shared, source };
  const mediaType = mediaTypeOf(source?.mediaType, filename ?? undefined) || "application/pdf";
  const bytes = { kind: "base64" as const, mediaType, data: source?.data ?? data };
  return mediaType.startsWith("image/")
    ? { type: "image", source: bytes, ...cached(part) }
    : { ...shared, source: bytes };
}

function decodeUserPart(part: { type: string }, path: Path): UserPart {
  switch (part.type) {
    case "text":
      return decodeText(parse(schema.textPart, part, path));
    case "image_url": {
      const parsed = parse(schema.imagePart, part, path);
      const image = typeof parsed.image_url === "string" ? { url: parsed.image_url } : parsed.image_url;
      const detail = "detail" in image ? image.detail : undefined;
      return {
        type: "image",
        source: sourceOfUrl(image.url),
        ...(detail == null ? {} : { detail }),
        ...cached(parsed),
      };
    }
    case "input_audio": {
      const parsed = parse(schema.audioPart, part, path);
      const { data, format } = parsed.input_audio;
      return {
        type: "audio",
        source: { kind: "base64", mediaType: audioMediaType(format), data },
        ...cached(parsed),
      };
    }
    case "file":
      return decodeFile(parse(schema.filePart, part, path), path);
    case "video_url": {
      const parsed = parse(schema.videoPart, part, path);
      const url = typeof parsed.video_url === "string" ? parsed.video_url : parsed.video_url.url;
      return { type: "video", source: sourceOfUrl(url), ...cached(parsed) };
    }
    default:
      return unknownPart(part);
  }
}

export function decodeUserContent(content: Content, path: Path): UserPart[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  return (content ?? []).map((part, i) => decodeUserPart(part, [...path, i]));
}

/** System and developer messages hold text only. */
export function decodeTextContent(content: Content, path: Path): TextPart[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  return (content ?? []).map((part, i) => decodeText(parse(schema.textPart, part, [...path, i])));
}

/** Tool messages hold text by OpenAI's rules; several compatible providers take images as well. */
export function decodeResultContent(content: Content, path: Path): ToolResultContent[] {
  if (content === "") return [];
  return decodeUserContent(content, path).filter(
    (part): part is ToolResultContent => part.type !== "provider-tool",
  );
}

/** Mistral's block of reasoning within the content: text, or a list of text blocks. */
export function thinkingText(part: Record<string, unknown>): string {
  if (typeof part.thinking === "string") return part.thinking;
  let out = "";
  for (const block of listOf(part.thinking)) if (isRecord(block)) out += textOf(block.text) ?? "";
  return out;
}

/** An empty string is no content: it stands beside tool calls in many clients' messages. */
export function decodeAssistantContent(content: Content, path: Path): AssistantPart[] {
  if (content == null || content === "") return [];
  if (typeof content === "string") return [{ type: "text", text: content }];
  return content.map((part, i): AssistantPart => {
    if (part.type === "text") return decodeText(parse(schema.textPart, part, [...path, i]));
    if (part.type === "refusal") {
      return { type: "refusal", text: parse(schema.refusalPart, part, [...path, i]).refusal };
    }
    if (part.type === "thinking" && isRecord(part)) return { type: "reasoning", text: thinkingText(part) };
    return unknownPart(part);
  });
}
