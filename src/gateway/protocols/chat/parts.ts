/** What messages are made of: words, media, reasoning, calls and their results. */
import type { Protocol } from "../../../control/protocol.ts";
import type { ClientToolKind } from "./tools.ts";

/** A prompt-cache breakpoint set by the client (Anthropic `cache_control`). */
export interface CacheMarker {
  ttl?: "5m" | "1h";
}

/** Fields of a part or a tool that have no canonical place, for a target of the same protocol. */
export interface ExtraFields {
  protocol: Protocol;
  fields: Readonly<Record<string, unknown>>;
}

/** Where bytes of an image, document, audio or video are. */
export type Source =
  | { kind: "base64"; mediaType: string; data: string }
  | { kind: "url"; url: string; mediaType?: string }
  /** A file that a provider holds (OpenAI `file_id`, Anthropic `file_id`, Gemini `fileUri`). */
  | { kind: "file"; id: string; protocol: Protocol; mediaType?: string }
  | { kind: "text"; text: string; mediaType: string };

/**
 * Opaque state that proves to a provider that it made a part itself: Anthropic's thinking
 * `signature` and redacted `data`, OpenAI's `encrypted_content`, Gemini's `thoughtSignature`.
 * Means something only to the protocol (and mostly the model) that made it.
 */
export interface Signature {
  protocol: Protocol;
  kind: "signature" | "redacted" | "encrypted";
  data: string;
  model?: string;
}

/** A source that supports a span of text. Offsets are in UTF-16 code units of the text part. */
export interface Citation {
  kind: "url" | "document" | "file" | "search";
  url?: string;
  title?: string;
  citedText?: string;
  documentIndex?: number;
  fileId?: string;
  start?: number;
  end?: number;
  /** The citation as its protocol had it, for a reply in that same protocol. */
  raw?: { protocol: Protocol; value: unknown };
}

export interface TextPart {
  type: "text";
  text: string;
  cache?: CacheMarker;
  citations?: Citation[];
  /** Gemini puts `thoughtSignature` on text as well. */
  signature?: Signature;
}

export interface RefusalPart {
  type: "refusal";
  text: string;
}

export interface ImagePart {
  type: "image";
  source: Source;
  detail?: "auto" | "low" | "high" | "original";
  cache?: CacheMarker;
  /** Gemini puts `thoughtSignature` on generated images. */
  signature?: Signature;
  extra?: ExtraFields;
}

export interface DocumentPart {
  type: "document";
  source: Source;
  /** File name. */
  name?: string;
  title?: string;
  context?: string;
  citations?: boolean;
  cache?: CacheMarker;
  extra?: ExtraFields;
}

export interface AudioPart {
  type: "audio";
  source: Source;
  /** OpenAI: id of an earlier audio reply. */
  id?: string;
  /** Empty: the text beside it says the same. */
  transcript?: string;
  cache?: CacheMarker;
}

export interface VideoPart {
  type: "video";
  source: Source;
  cache?: CacheMarker;
}

export interface ReasoningPart {
  type: "reasoning";
  /** Empty where the provider keeps it to itself. */
  text: string;
  /** The text is a summary, not the reasoning itself (OpenAI). */
  summary?: boolean;
  /** Item id (OpenAI responses, `rs_…`). */
  itemId?: string;
  signature?: Signature;
}

export interface ToolCallPart {
  type: "tool-call";
  /** The id its result refers to. */
  callId: string;
  name: string;
  /** Responses: the namespace that a function belongs to. */
  namespace?: string;
  /** `function`: `input` is JSON text of an object. `custom`: free text. */
  kind: "function" | "custom";
  input: string;
  /** Item id (OpenAI responses, `fc_…`, `ctc_…`). */
  itemId?: string;
  signature?: Signature;
  cache?: CacheMarker;
  /**
   * Set when the call is one of a protocol's own client-run tools (`local_shell_call`,
   * `shell_call`, `apply_patch_call`, …): which, so that it can be shown as that item again.
   */
  clientTool?: ClientToolKind;
  /** The reply ended, by its own limit, before `input` was whole: nobody may run the call. */
  cut?: true;
  /** Fields of the item with no place here, for the same protocol. */
  extra?: ExtraFields;
}

export interface ToolResultPart {
  type: "tool-result";
  callId: string;
  /** Gemini wants the function's name beside the result. */
  name?: string;
  /** The kind of the call it answers. */
  kind: "function" | "custom";
  content: ToolResultContent[];
  isError?: boolean;
  itemId?: string;
  cache?: CacheMarker;
  clientTool?: ClientToolKind;
  /** Fields of the item with no place here, for the same protocol. */
  extra?: ExtraFields;
}

export type ToolResultContent = TextPart | ImagePart | DocumentPart | AudioPart | VideoPart | ProviderPart;

/**
 * A tool that the provider runs itself (web search, code execution, MCP, …): its call, its result,
 * or both in one item. `raw` is the block as its protocol had it, replayed unchanged there;
 * elsewhere it can only be shown as text, or dropped with a warning.
 */
export interface ProviderToolPart {
  type: "provider-tool";
  protocol: Protocol;
  phase: "call" | "result" | "both";
  tool: string;
  id: string;
  /** JSON text of the input, where known. */
  input?: string;
  /** A readable form of the result, where there is one. */
  output?: string;
  /** Addresses of what a search found. */
  sources?: { url: string; title?: string }[];
  /** Tools that a search for them found, by the client's names. */
  found?: FoundTool[];
  isError?: boolean;
  raw: unknown;
}

export interface FoundTool {
  name: string;
  namespace?: string;
}

/** Any block that only its own protocol understands (compaction, container uploads, new types). */
export interface ProviderPart {
  type: "provider";
  protocol: Protocol;
  raw: unknown;
  /** What a model of another protocol reads in its place; absent: nothing. */
  text?: string;
  /** It sums up all that was said before it, and stands for that. */
  summary?: string;
  /** The model that made it, where it is good for that one alone. */
  model?: string;
}

export type UserPart =
  | TextPart
  | ImagePart
  | DocumentPart
  | AudioPart
  | VideoPart
  | ProviderPart
  | ProviderToolPart;

export type AssistantPart =
  | TextPart
  | RefusalPart
  | ReasoningPart
  | ToolCallPart
  | ImagePart
  | AudioPart
  | ProviderToolPart
  | ProviderPart;

export type Part = UserPart | AssistantPart | ToolResultPart;
