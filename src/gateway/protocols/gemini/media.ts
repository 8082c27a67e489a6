/** Bytes in Gemini's parts: what a MIME type is, and which ones the models read. */
import type { AudioPart, DocumentPart, ImagePart, Source, VideoPart } from "../chat.ts";

export type MediaPart = ImagePart | DocumentPart | AudioPart | VideoPart;

/** Refused with "Unsupported MIME type": https://ai.google.dev/gemini-api/docs/image-understanding */
const UNREADABLE_IMAGES = new Set(["image/gif", "image/svg+xml", "image/bmp", "image/tiff", "image/x-icon"]);

const EXTENSIONS: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  webp: "image/webp",
  heic: "image/heic",
  heif: "image/heif",
  gif: "image/gif",
  svg: "image/svg+xml",
  pdf: "application/pdf",
  txt: "text/plain",
  md: "text/markdown",
  html: "text/html",
  csv: "text/csv",
  mp3: "audio/mp3",
  wav: "audio/wav",
  ogg: "audio/ogg",
  flac: "audio/flac",
  aac: "audio/aac",
  mp4: "video/mp4",
  mov: "video/mov",
  webm: "video/webm",
};

const DEFAULTS: Readonly<Record<MediaPart["type"], string>> = {
  image: "image/jpeg",
  document: "application/pdf",
  audio: "audio/mp3",
  video: "video/mp4",
};

const YOUTUBE = /^https?:\/\/(?:www\.|m\.)?(?:youtube\.com|youtu\.be)\//i;

/** Bytes or a file as the part its MIME type says. */
export function mediaPart(source: Source, mediaType: string | undefined, name?: string): MediaPart {
  const type = mediaType?.toLowerCase() ?? "";
  if (type.startsWith("image/")) return { type: "image", source };
  if (type.startsWith("audio/")) return { type: "audio", source };
  if (type.startsWith("video/") || (source.kind === "url" && YOUTUBE.test(source.url)))
    return { type: "video", source };
  return { type: "document", source, ...(name === undefined ? {} : { name }) };
}

/** `fileUri`: a file that Google holds, or any address on the web. */
export function fileSource(uri: string, mediaType: string | undefined): Source {
  const type = mediaType === undefined ? {} : { mediaType };
  const held = !/^https?:/i.test(uri) || /^https:\/\/generativelanguage\.googleapis\.com\//i.test(uri);
  return held ? { kind: "file", id: uri, protocol: "gemini", ...type } : { kind: "url", url: uri, ...type };
}

/** The MIME type to name for an address that came without one. */
export function guessMediaType(url: string, kind: MediaPart["type"]): string | undefined {
  if (YOUTUBE.test(url)) return undefined;
  const extension = /\.([a-z0-9]{2,5})(?:[?#]|$)/i.exec(url)?.[1]?.toLowerCase();
  return (extension === undefined ? undefined : EXTENSIONS[extension]) ?? DEFAULTS[kind];
}

export function readable(mediaType: string): boolean {
  const type = mediaType.toLowerCase().split(";")[0]?.trim() ?? "";
  if (type.startsWith("image/")) return !UNREADABLE_IMAGES.has(type);
  if (/^(?:audio|video|text)\//.test(type)) return true;
  return type === "application/pdf" || type === "application/x-javascript" || type === "application/x-python";
}

/** Text under another name: better shown as text than refused. */
export function isTextual(mediaType: string): boolean {
  return /^application\/(?:[a-z0-9.+-]*\+)?(?:json|xml|yaml|x-yaml|toml|javascript|sql|x-sh|x-ndjson)\b|^image\/svg\+xml/i.test(
    mediaType,
  );
}
