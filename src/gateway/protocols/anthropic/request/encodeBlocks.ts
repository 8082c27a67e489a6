/** Canonical parts as content blocks of a request. */

import { Buffer } from "node:buffer";
import { compact, isRecord, parseJson } from "../../../common/json.ts";
import type { ModelTraits } from "../../../models/traits.ts";
import type {
  AudioPart,
  CacheMarker,
  DocumentPart,
  ImagePart,
  Part,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultContent,
  ToolResultPart,
  VideoPart,
  Warn,
} from "../../chat.ts";
import { callAsFunction, type ToolNames } from "../../clientTools.ts";
import { inlined } from "../../dataUrl.ts";
import { ownFields } from "../../extra.ts";
import { mediaTypeOf } from "../../mediaType.ts";
import { providerToolText } from "../../webSearch.ts";
import { replayCitation } from "../citations.ts";
import type { CallIds } from "../ids.ts";
import { isBlank, isBlock, type JsonObject } from "../json.ts";

export interface EncodeState {
  model: string;
  traits: ModelTraits;
  names: ToolNames;
  ids: CallIds;
  /** Names of the tools that are sent. */
  declared: ReadonlySet<unknown>;
  warn: Warn;
}

/** The media types Anthropic takes for images. */
const IMAGE_TYPES = new Set(["image/jpeg", "image/png", "image/gif", "image/webp"]);

function cacheControl(marker: CacheMarker | undefined): JsonObject {
  return marker ? { cache_control: { type: "ephemeral", ...compact({ ttl: marker.ttl }) } } : {};
}

/** A text block; `undefined` for blank text, which Anthropic refuses. */
export function textBlock(text: string, cache?: CacheMarker): JsonObject | undefined {
  return isBlank(text) ? undefined : { type: "text", text, ...cacheControl(cache) };
}

/** @returns `undefined` where nothing is left to say; what was lost has been warned about. */
export function encodePart(part: Part, path: string, state: EncodeState): JsonObject | undefined {
  switch (part.type) {
    case "text":
      return encodeText(part, path, state);
    case "refusal":
      return textBlock(part.text);
    case "image":
      return encodeImage(part, path, state);
    case "document":
      return encodeDocument(part, path, state);
    case "audio":
    case "video":
      return encodeMedia(part, path, state);
    case "reasoning":
      return encodeReasoning(part, path, state);
    case "tool-call":
      return encodeCall(part, path, state);
    case "tool-result":
      return encodeResult(part, path, state);
    case "provider-tool":
      if (part.protocol === "anthropic" && isRecord(part.raw)) return { ...part.raw };
      if (providerToolText(part) === undefined) {
        state.warn(path, `a ${part.tool} call that another provider ran was left out`);
        return undefined;
      }
      state.warn(path, `the result of ${part.tool}, which another provider ran, is shown as text`);
      return textBlock(providerToolText(part) ?? "");
    case "provider":
      if (part.protocol === "anthropic" && isBlock(part.raw)) return { ...part.raw };
      if (part.text !== undefined) return textBlock(part.text);
      state.warn(path, `a block that only ${part.protocol} knows was left out`);
      return undefined;
  }
}

function encodeText(part: TextPart, path: string, state: EncodeState): JsonObject | undefined {
  const block = textBlock(part.text, part.cache);
  if (block === undefined || !part.citations?.length) return block;
  const citations = part.citations.map(replayCitation).filter((citation) => citation !== undefined);
  if (citations.length < part.citations.length) {
    state.warn(`${path}.citations`, "citations of another provider were left out");
  }
  return citations.length > 0 ? { ...block, citations } : block;
}

function omitted(kind: string, why: string, path: string, state: EncodeState, name?: string): JsonObject {
  state.warn(path, `${kind} left out: ${why}`);
  return { type: "text", text: `[${kind} omitted${name ? `: ${name}` : ""} (${why})]` };
}

function encodeImage(part: ImagePart, path: string, state: EncodeState): JsonObject {
  if (!state.traits.input.image) return omitted("image", "this model reads none", path, state);
  const source = inlined(part.source);
  if (part.detail !== undefined && part.detail !== "auto") {
    state.warn(`${path}.detail`, "Anthropic has no such setting");
  }
  const block = (wire: JsonObject): JsonObject => ({
    type: "image",
    source: wire,
    ...ownFields("anthropic", part),
    ...cacheControl(part.cache),
  });
  switch (source.kind) {
    case "base64": {
      const type = mediaTypeOf(source.mediaType).toLowerCase();
      if (!IMAGE_TYPES.has(type)) {
        return omitted("image", `${type || "its type"} is not supported`, path, state);
      }
      return block({ type: "base64", media_type: type, data: source.data });
    }
    case "url":
      if (!/^https:/i.test(source.url)) return omitted("image", "only https addresses work", path, state);
      return block({ type: "url", url: source.url });
    case "file":
      if (source.protocol !== "anthropic") {
        return omitted("image", `the file is held by ${source.protocol}`, path, state, source.id);
      }
      return block({ type: "file", file_id: source.id });
    case "text":
      return omitted("image", "it came as text", path, state);
  }
}

function encodeDocument(part: DocumentPart, path: string, state: EncodeState): JsonObject {
  const extra = ownFields("anthropic", part);
  if (extra.type === "search_result") return { ...extra, ...cacheControl(part.cache) };
  if (!state.traits.input.pdf && part.source.kind !== "text") {
    return omitted("document", "this model reads none", path, state, part.title ?? part.name);
  }
  const source = isRecord(extra.source) ? extra.source : documentSource(part);
  if (source.type === "omitted") {
    return omitted("document", String(source.why), path, state, part.title ?? part.name);
  }
  return {
    type: "document",
    ...extra,
    source,
    ...compact({ title: part.title ?? part.name, context: part.context }),
    ...(part.citations === undefined ? {} : { citations: { enabled: part.citations } }),
    ...cacheControl(part.cache),
  };
}

function documentSource(part: DocumentPart): JsonObject {
  const source = inlined(part.source);
  switch (source.kind) {
    case "base64": {
      const type = source.mediaType.toLowerCase();
      if (type === "application/pdf") return { type: "base64", media_type: type, data: source.data };
      if (isTextual(type)) {
        return plainText(Buffer.from(source.data, "base64").toString("utf8"));
      }
      return { type: "omitted", why: `${type || "its type"} is not supported` };
    }
    case "text":
      return plainText(source.text);
    case "url":
      if (!/^https:/i.test(source.url)) return { type: "omitted", why: "only https addresses work" };
      if (source.mediaType !== undefined && source.mediaType !== "application/pdf") {
        return { type: "omitted", why: "only PDF files can be given by address" };
      }
      return { type: "url", url: source.url };
    case "file":
      if (source.protocol !== "anthropic") {
        return { type: "omitted", why: `the file is held by ${source.protocol}` };
      }
      return { type: "file", file_id: source.id };
  }
}

const isTextual = (type: string) =>
  type.startsWith("text/") || /^application\/(json|xml|yaml|x-yaml|javascript|.*\+(json|xml))$/.test(type);

const plainText = (text: string): JsonObject =>
  isBlank(text)
    ? { type: "omitted", why: "it is empty" }
    : { type: "text", media_type: "text/plain", data: text };

function encodeMedia(part: AudioPart | VideoPart, path: string, state: EncodeState): JsonObject {
  if (part.type === "audio" && part.transcript && !isBlank(part.transcript)) {
    state.warn(path, "audio left out; its transcript was kept");
    return { type: "text", text: part.transcript };
  }
  return omitted(part.type, "Anthropic models do not take it", path, state);
}

/**
 * Thinking goes back only where Anthropic can check it: with its own signature, made by the same model.
 * Other vendors that speak this protocol sign nothing, so theirs goes back as it is.
 */
function encodeReasoning(part: ReasoningPart, path: string, state: EncodeState): JsonObject | undefined {
  const { signature } = part;
  if (signature === undefined) {
    if (!state.traits.claude && !isBlank(part.text)) {
      return { type: "thinking", thinking: part.text, signature: "" };
    }
    state.warn(path, "reasoning without a signature was left out");
    return undefined;
  }
  if (signature.protocol !== "anthropic" || signature.data === "") {
    state.warn(path, `reasoning of another provider (${signature.protocol}) was left out`);
    return undefined;
  }
  if (signature.model !== undefined && signature.model !== state.model) {
    state.warn(path, `reasoning of another model (${signature.model}) was left out`);
    return undefined;
  }
  if (signature.kind === "redacted") return { type: "redacted_thinking", data: signature.data };
  return { type: "thinking", thinking: part.text, signature: signature.data };
}

function encodeCall(part: ToolCallPart, path: string, state: EncodeState): JsonObject {
  const call = callAsFunction(part, state.names);
  let input = parseJson(call.arguments);
  if (!isRecord(input)) {
    state.warn(`${path}.input`, "the arguments are no JSON object and were wrapped in one");
    input = { input: input ?? call.arguments };
  }
  return {
    type: "tool_use",
    id: state.ids.call(part.callId),
    name: call.name,
    input,
    ...ownFields("anthropic", part),
    ...cacheControl(part.cache),
  };
}

function encodeResult(part: ToolResultPart, path: string, state: EncodeState): JsonObject {
  return {
    type: "tool_result",
    tool_use_id: state.ids.result(part.callId),
    ...resultContent(part.content, path, state),
    ...compact({ is_error: part.isError }),
    ...ownFields("anthropic", part),
    ...cacheControl(part.cache),
  };
}

/** One plain text stays a string, as most clients send it. */
function resultContent(content: ToolResultContent[], path: string, state: EncodeState): JsonObject {
  const [first] = content;
  if (content.length === 1 && first?.type === "text" && !first.cache && !first.citations?.length) {
    return first.text === "" ? {} : { content: first.text };
  }
  const blocks = content
    .map((part, i) => encodePart(part, `${path}.content[${i}]`, state))
    .filter((block) => block !== undefined);
  return blocks.length > 0 ? { content: blocks } : {};
}
