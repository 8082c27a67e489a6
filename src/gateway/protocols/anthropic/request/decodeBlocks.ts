/** Content blocks of a request as canonical parts. */
import { compact, isRecord, leftover } from "../../../common/json.ts";
import type {
  AssistantPart,
  CacheMarker,
  DocumentPart,
  ImagePart,
  ProviderPart,
  ReasoningPart,
  Source,
  TextPart,
  ToolCallPart,
  ToolResultContent,
  ToolResultPart,
} from "../../chat.ts";
import { extraOf, extraWith } from "../../extra.ts";
import { mediaTypeOf } from "../../mediaType.ts";
import { decodeCitation } from "../citations.ts";
import { unknownBlock } from "../compaction.ts";
import type { JsonObject } from "../json.ts";
import { providerToolPart } from "../providerTools.ts";
import * as wire from "../schema.ts";
import { check } from "../schema.ts";
import { openSignature } from "../signature.ts";

/** What earlier blocks and the tool list say about a tool call. */
export type KnownCalls = Map<string, Pick<ToolCallPart, "name" | "clientTool">>;

export interface BlockContext {
  calls: KnownCalls;
  clientTools: ReadonlyMap<string, NonNullable<ToolCallPart["clientTool"]>>;
}

export function decodeCache(control: unknown): CacheMarker | undefined {
  if (!isRecord(control) || control.type !== "ephemeral") return undefined;
  return control.ttl === "5m" || control.ttl === "1h" ? { ttl: control.ttl } : {};
}

const cacheOf = (block: { cache_control?: unknown }) => compact({ cache: decodeCache(block.cache_control) });

const IMAGE = new Set(["type", "source", "cache_control"]);
const DOCUMENT = new Set(["type", "source", "title", "context", "citations", "cache_control"]);
const TOOL_USE = new Set(["type", "id", "name", "input", "cache_control"]);
const TOOL_RESULT = new Set(["type", "tool_use_id", "content", "is_error", "cache_control"]);

/** A block of a user or an assistant message; tool results have a function of their own. */
export function decodeBlock(
  block: JsonObject,
  path: string,
  context: BlockContext,
): Exclude<AssistantPart, { type: "refusal" | "audio" }> | DocumentPart {
  switch (block.type) {
    case "text":
      return decodeText(block, path);
    case "image":
      return decodeImage(block, path);
    case "document":
      return decodeDocument(block, path);
    case "search_result":
      return decodeSearchResult(block, path);
    case "thinking":
    case "redacted_thinking":
      return decodeReasoning(block, path);
    case "tool_use":
      return decodeToolUse(block, path, context);
    default:
      return providerToolPart(block) ?? unknownBlock(block);
  }
}

export function decodeText(block: JsonObject, path: string): TextPart {
  const parsed = check(wire.textBlock, block, path);
  const citations = parsed.citations?.map(decodeCitation).filter((citation) => citation !== undefined);
  return {
    type: "text",
    text: parsed.text,
    ...cacheOf(parsed),
    ...(citations?.length ? { citations } : {}),
  };
}

/** `undefined`: a kind of source that is not known. */
function decodeSource(source: JsonObject, path: string): Source | undefined {
  switch (source.type) {
    case "base64": {
      const { media_type: mediaType, data } = check(wire.base64Source, source, path);
      return { kind: "base64", mediaType: mediaTypeOf(mediaType), data };
    }
    case "url":
      return { kind: "url", url: check(wire.urlSource, source, path).url };
    case "file":
      return { kind: "file", id: check(wire.fileSource, source, path).file_id, protocol: "anthropic" };
    case "text": {
      const { data, media_type: mediaType } = check(wire.textSource, source, path);
      return { kind: "text", text: data, mediaType: mediaType ?? "text/plain" };
    }
    default:
      return undefined;
  }
}

function decodeImage(block: JsonObject, path: string): ImagePart | ProviderPart {
  const parsed = check(wire.imageBlock, block, path);
  const source = decodeSource(parsed.source, `${path}.source`);
  if (source === undefined || source.kind === "text") return unknownBlock(block);
  return { type: "image", source, ...cacheOf(parsed), ...extraOf("anthropic", block, IMAGE) };
}

function joinTexts(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  const texts = content.map((block) => (isRecord(block) && typeof block.text === "string" ? block.text : ""));
  return texts.filter((text) => text !== "").join("\n\n");
}

function decodeDocument(block: JsonObject, path: string): DocumentPart | ProviderPart {
  const parsed = check(wire.documentBlock, block, path);
  const inBlocks = parsed.source.type === "content";
  const source: Source | undefined = inBlocks
    ? {
        kind: "text",
        text: joinTexts(check(wire.contentSource, parsed.source, `${path}.source`).content),
        mediaType: "text/plain",
      }
    : decodeSource(parsed.source, `${path}.source`);
  if (source === undefined) return unknownBlock(block);
  // A PDF by URL is the only document by URL.
  if (source.kind === "url") source.mediaType = "application/pdf";
  const fields = { ...leftover(block, DOCUMENT), ...(inBlocks ? { source: block.source } : {}) };
  return {
    type: "document",
    source,
    ...compact({ title: parsed.title, context: parsed.context, citations: parsed.citations?.enabled }),
    ...cacheOf(parsed),
    ...extraWith("anthropic", fields),
  };
}

function decodeSearchResult(block: JsonObject, path: string): DocumentPart {
  const parsed = check(wire.searchResultBlock, block, path);
  const { cache_control: _, ...fields } = block;
  return {
    type: "document",
    source: { kind: "text", text: joinTexts(parsed.content), mediaType: "text/plain" },
    title: parsed.title,
    context: parsed.source,
    ...cacheOf(parsed),
    extra: { protocol: "anthropic", fields },
  };
}

function decodeReasoning(block: JsonObject, path: string): ReasoningPart {
  if (block.type === "redacted_thinking") {
    const { data } = check(wire.redactedBlock, block, path);
    return { type: "reasoning", text: "", ...openSignature(data, "redacted") };
  }
  const { thinking, signature } = check(wire.thinkingBlock, block, path);
  return { type: "reasoning", text: thinking, ...openSignature(signature ?? "", "signature") };
}

function decodeToolUse(block: JsonObject, path: string, context: BlockContext): ToolCallPart {
  const parsed = check(wire.toolUseBlock, block, path);
  const clientTool = context.clientTools.get(parsed.name);
  context.calls.set(parsed.id, { name: parsed.name, ...compact({ clientTool }) });
  return {
    type: "tool-call",
    callId: parsed.id,
    name: parsed.name,
    kind: "function",
    input: JSON.stringify(parsed.input ?? {}),
    ...cacheOf(parsed),
    ...compact({ clientTool }),
    ...extraOf("anthropic", block, TOOL_USE),
  };
}

export function decodeToolResult(block: JsonObject, path: string, context: BlockContext): ToolResultPart {
  const parsed = check(wire.toolResultBlock, block, path);
  const call = context.calls.get(parsed.tool_use_id);
  return {
    type: "tool-result",
    callId: parsed.tool_use_id,
    ...compact({ name: call?.name }),
    kind: "function",
    content: decodeResultContent(parsed.content, `${path}.content`),
    ...compact({ isError: parsed.is_error }),
    ...cacheOf(parsed),
    ...compact({ clientTool: call?.clientTool }),
    ...extraOf("anthropic", block, TOOL_RESULT),
  };
}

function decodeResultContent(
  content: string | JsonObject[] | null | undefined,
  path: string,
): ToolResultContent[] {
  if (content === null || content === undefined) return [];
  if (typeof content === "string") return [{ type: "text", text: content }];
  return content.map((block, i): ToolResultContent => {
    const at = `${path}[${i}]`;
    switch (block.type) {
      case "text":
        return decodeText(block, at);
      case "image":
        return decodeImage(block, at);
      case "document":
        return decodeDocument(block, at);
      case "search_result":
        return decodeSearchResult(block, at);
      case "tool_reference":
        // Anthropic unfolds it to the tool's definition; elsewhere the tool is declared, and this says that it is.
        return { ...unknownBlock(block), text: `Loaded tool: ${String(block.tool_name)}` };
      default:
        return unknownBlock(block);
    }
  });
}
