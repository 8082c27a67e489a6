/** All of a request that costs input tokens, as texts to count and a sum for the rest. */
import type { ChatRequest, Part } from "../protocols/chat.ts";

/**
 * What is no text counts a constant: providers go by pixels, pages and seconds, which cannot be seen
 * without decoding. An image of a screen's size costs 765 (OpenAI, high detail, 1024 x 1024), about
 * 1,400 (Anthropic, 1024 x 1024) or 258 to 1,290 (Gemini); a page of a PDF file 1,500 to 3,000.
 */
export const IMAGE_TOKENS = 1000;
export const DOCUMENT_TOKENS = 3000;
export const AUDIO_TOKENS = 1000;
export const VIDEO_TOKENS = 5000;
/** For the role and the separators of a message, and for the name of a tool. */
export const MESSAGE_TOKENS = 4;
export const TOOL_TOKENS = 8;

export interface Countable {
  readonly texts: string[];
  /** Tokens of what is no text. */
  readonly other: number;
}

export function countable(request: ChatRequest): Countable {
  const texts: string[] = [];
  let other = 0;
  const add = (part: Part): void => {
    switch (part.type) {
      case "text":
      case "refusal":
        texts.push(part.text);
        return;
      case "reasoning":
        // What a provider keeps to itself is in its signature; four bytes of it are about a token.
        texts.push(part.text === "" ? (part.signature?.data ?? "") : part.text);
        return;
      case "tool-call":
        texts.push(part.name, part.input);
        return;
      case "tool-result":
        for (const inner of part.content) add(inner);
        return;
      case "image":
        other += IMAGE_TOKENS;
        return;
      case "document":
        if (part.source.kind === "text") texts.push(part.source.text);
        else if (part.source.kind === "base64" && part.source.mediaType.startsWith("text/")) {
          texts.push(Buffer.from(part.source.data, "base64").toString("utf8"));
        } else other += DOCUMENT_TOKENS;
        return;
      case "audio":
        other += AUDIO_TOKENS;
        return;
      case "video":
        other += VIDEO_TOKENS;
        return;
      case "provider":
      case "provider-tool":
        texts.push(JSON.stringify(part.raw) ?? "");
        return;
    }
  };
  for (const message of request.messages) {
    other += MESSAGE_TOKENS;
    for (const part of message.parts) add(part);
  }
  for (const tool of request.tools) {
    other += TOOL_TOKENS;
    texts.push(tool.name);
    switch (tool.type) {
      case "function":
        texts.push(tool.description ?? "", JSON.stringify(tool.parameters ?? {}));
        break;
      case "custom":
        texts.push(tool.description ?? "", JSON.stringify(tool.format ?? {}));
        break;
      default:
        texts.push(JSON.stringify(tool.raw));
    }
  }
  if (request.responseFormat?.type === "json-schema")
    texts.push(JSON.stringify(request.responseFormat.schema));
  return { texts, other };
}
