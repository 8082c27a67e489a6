/** Which targets read images and files from an address themselves. */

import type { Protocol } from "../../../control/protocol.ts";
import type { AudioPart, DocumentPart, ImagePart, VideoPart } from "../../protocols/chat.ts";
import { dialectOf } from "../../protocols/openaiChat/request/dialects.ts";

export type Media = ImagePart | DocumentPart | AudioPart | VideoPart;

/**
 * - `url`: the target takes the address (https, at least)
 * - `bytes`: the target takes bytes only, so we fetch them
 * - `none`: the target takes neither; its codec says so
 */
export type MediaRule = "url" | "bytes" | "none";

type Rules = Readonly<Record<Media["type"], MediaRule>>;

const RULES: Readonly<Record<Exclude<Protocol, "openai-chat">, Rules>> = {
  // https://platform.claude.com/docs/en/build-with-claude/vision, …/pdf-support
  anthropic: { image: "url", document: "url", audio: "none", video: "none" },
  // https://platform.openai.com/docs/guides/images-vision, …/guides/pdf-files
  "openai-responses": { image: "url", document: "url", audio: "none", video: "none" },
  // https://ai.google.dev/gemini-api/docs/file-input-methods
  gemini: { image: "url", document: "url", audio: "url", video: "url" },
};

/** Anthropic reads only PDF files from an address; other documents have to be sent. */
const NOT_PDF = /\.(?:txt|md|html?|csv|json|xml|ya?ml)(?:[?#]|$)/i;

export function mediaRule(protocol: Protocol, provider: string, part: Media): MediaRule {
  if (protocol === "openai-chat") {
    const dialect = dialectOf(provider);
    switch (part.type) {
      case "image":
        return dialect.images === "any" ? "url" : dialect.images === "inline" ? "bytes" : "none";
      case "document":
        // Text files are sent as text where files are not taken.
        return "bytes";
      case "audio":
        return dialect.audio ? "bytes" : "none";
      case "video":
        return dialect.video ? "url" : "none";
    }
  }
  const rule = RULES[protocol][part.type];
  if (rule !== "url" || part.source.kind !== "url") return rule;
  if (protocol === "anthropic" && part.type === "document") {
    const { url, mediaType } = part.source;
    const other = mediaType === undefined ? NOT_PDF.test(url) : mediaType !== "application/pdf";
    return other ? "bytes" : "url";
  }
  return rule;
}
