/** The sandbox's own tokenizer: words in pieces of four characters, and every other sign. */
import type { ChatRequest, Part } from "../protocols/chat.ts";

const PIECE = /[\p{L}\p{N}]{1,4}|[^\s\p{L}\p{N}]/gu;
/** What an image, document or sound counts; no real model's figure. */
const MEDIA_TOKENS = 256;
/** Per message, for its role. */
const MESSAGE_TOKENS = 4;

/** Tokens of a text. */
export function countText(text: string): number {
  let count = 0;
  PIECE.lastIndex = 0;
  while (PIECE.exec(text) !== null) count++;
  return count;
}

/** The text in tokens, white space kept: joined they are the text again. */
export function splitText(text: string): string[] {
  return (
    text.match(
      /\s*(?:[\p{L}\p{N}]{1,4}|[^\s\p{L}\p{N}])\s*$|\s*(?:[\p{L}\p{N}]{1,4}|[^\s\p{L}\p{N}])|\s+$/gu,
    ) ?? []
  );
}

/** Tokens of all of a request: system text, messages and tools. */
export function countRequest(request: ChatRequest): number {
  let count = 0;
  for (const message of request.messages) {
    count += MESSAGE_TOKENS;
    for (const part of message.parts) count += countPart(part);
  }
  for (const tool of request.tools) {
    if (tool.type === "function") {
      count += countText(`${tool.name} ${tool.description ?? ""} ${JSON.stringify(tool.parameters ?? {})}`);
    } else if (tool.type === "custom") count += countText(`${tool.name} ${tool.description ?? ""}`);
    else count += countText(JSON.stringify(tool.raw));
  }
  return count;
}

function countPart(part: Part): number {
  switch (part.type) {
    case "text":
    case "refusal":
    case "reasoning":
      return countText(part.text);
    case "tool-call":
      return countText(`${part.name} ${part.input}`);
    case "tool-result":
      return part.content.reduce((sum, inner) => sum + countPart(inner), 0);
    case "image":
    case "document":
    case "audio":
    case "video":
      return part.source.kind === "text" ? countText(part.source.text) : MEDIA_TOKENS;
    case "provider":
    case "provider-tool":
      return countText(JSON.stringify(part.raw) ?? "");
  }
}
