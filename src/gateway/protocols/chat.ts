/**
 * The canonical chat model: what every protocol's request, reply and stream is decoded to and
 * encoded from in lane B. It is a superset of the four; a protocol that cannot say something
 * drops it with a warning (`Warn`).
 */
import type { Protocol } from "../../control/protocol.ts";

/** JSON Schema as a client sent it; dialects differ, so nothing is assumed of it. */
export type JsonSchema = Readonly<Record<string, unknown>> | boolean;

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
  proof?: Signature;
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
  proof?: Signature;
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
  /** OpenAI: id of an earlier audio reply; transcript of it. */
  id?: string;
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
  proof?: Signature;
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
  proof?: Signature;
  cache?: CacheMarker;
  /**
   * Set when the call is one of a protocol's own client-run tools (`local_shell_call`,
   * `shell_call`, `apply_patch_call`, …): which, so that it can be shown as that item again.
   */
  clientTool?: ClientToolKind;
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
  isError?: boolean;
  raw: unknown;
}
/** Any block that only its own protocol understands (compaction, container uploads, new types). */
export interface ProviderPart {
  type: "provider";
  protocol: Protocol;
  raw: unknown;
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

export type Message =
  | { role: "system" | "developer"; parts: TextPart[]; name?: string }
  | { role: "user"; parts: UserPart[]; name?: string }
  | { role: "assistant"; parts: AssistantPart[]; name?: string; itemId?: string; phase?: string }
  | { role: "tool"; parts: ToolResultPart[] };

export type ClientToolKind =
  | "local_shell"
  | "shell"
  | "apply_patch"
  | "bash"
  | "text_editor"
  | "computer"
  | "memory"
  /** Responses `tool_search` with `execution: "client"`. */
  | "tool_search";

export type Tool =
  | {
      type: "function";
      name: string;
      namespace?: string;
      namespaceDescription?: string;
      description?: string;
      parameters?: JsonSchema;
      strict?: boolean;
      cache?: CacheMarker;
      /** Anthropic / Responses tool search: not shown to the model at first. */
      deferLoading?: boolean;
      /** Brought by a tool search earlier in the conversation; not in the request's own tool list. */
      loaded?: true;
      extra?: ExtraFields;
    }
  | {
      type: "custom";
      name: string;
      namespace?: string;
      namespaceDescription?: string;
      description?: string;
      format?: { type: "text" } | { type: "grammar"; syntax: "lark" | "regex"; definition: string };
      loaded?: true;
      extra?: { protocol: Protocol; fields: Readonly<Record<string, unknown>> };
    }
  /** Defined by its protocol, run by the client. */
  | {
      type: "client";
      kind: ClientToolKind;
      name: string;
      protocol: Protocol;
      raw: Readonly<Record<string, unknown>>;
      cache?: CacheMarker;
    }
  /** Run by the provider. `kind` is one of the well-known ones where it maps. */
  | {
      type: "provider";
      kind:
        | "web_search"
        | "web_fetch"
        | "code_execution"
        | "file_search"
        | "image_generation"
        | "mcp"
        | "tool_search"
        | "other";
      name: string;
      protocol: Protocol;
      raw: Readonly<Record<string, unknown>>;
      cache?: CacheMarker;
    };

export type ToolChoice =
  | { type: "auto" }
  | { type: "none" }
  | { type: "required" }
  | { type: "tool"; name: string; kind?: "function" | "custom" | "other" }
  | { type: "allowed"; mode: "auto" | "required"; names: string[] };

export type ResponseFormat =
  | { type: "text" }
  | { type: "json" }
  | { type: "json-schema"; schema: JsonSchema; name?: string; description?: string; strict?: boolean };

/** From least to most; `none` switches reasoning off. */
export const EFFORTS = ["none", "minimal", "low", "medium", "high", "xhigh", "max"] as const;
export type Effort = (typeof EFFORTS)[number];

export interface Reasoning {
  effort?: Effort;
  /** Tokens the model may think; -1: as it likes (Gemini dynamic, Anthropic adaptive). */
  budgetTokens?: number;
  /** Anthropic `thinking.type: adaptive`. */
  adaptive?: boolean;
  /** Does the client want to read it? */
  show?: boolean;
  summary?: "auto" | "concise" | "detailed";
  /** OpenAI `include: ["reasoning.encrypted_content"]`. */
  includeEncrypted?: boolean;
}

export interface Sampling {
  temperature?: number;
  topP?: number;
  topK?: number;
  minP?: number;
  frequencyPenalty?: number;
  presencePenalty?: number;
  seed?: number;
  logitBias?: Readonly<Record<string, number>>;
  /** Asked for; `top`: how many alternatives. */
  logprobs?: { top: number };
}

export interface ChatRequest {
  /** The model as the target calls it (routing has done its work). */
  model: string;
  messages: Message[];
  tools: Tool[];
  toolChoice?: ToolChoice;
  parallelToolCalls?: boolean;
  responseFormat?: ResponseFormat;
  reasoning?: Reasoning;
  sampling: Sampling;
  /** OpenAI `text.verbosity`. */
  verbosity?: "low" | "medium" | "high";
  maxOutputTokens?: number;
  stop?: string[];
  /** How many choices. */
  n?: number;
  stream: boolean;
  /** The client wants usage in its stream (OpenAI chat `stream_options.include_usage`). */
  includeUsage?: boolean;
  user?: string;
  metadata?: Readonly<Record<string, unknown>>;
  serviceTier?: string;
  /** OpenAI `prompt_cache_key`. */
  cacheKey?: string;
  /** OpenAI `prompt_cache_retention`, e.g. `24h`. */
  cacheRetention?: string;
  /** Gemini `cachedContent` name. */
  cachedContent?: string;
  store?: boolean;
  /** Output kinds asked for beside text. */
  modalities?: ("text" | "image" | "audio")[];
  /** OpenAI chat: the client used the deprecated `functions`, and reads `function_call` in replies. */
  legacyFunctions?: true;
  /** Fields of the client's protocol that have no canonical place: kept for a target of the same protocol, warned about elsewhere. */
  extra?: { protocol: Protocol; fields: Readonly<Record<string, unknown>> };
}

export type FinishReason =
  | "stop"
  | "length"
  | "tool-calls"
  | "content-filter"
  | "refusal"
  | "pause"
  | "context-window"
  | "error"
  | "other";

/** Counts of tokens. `input.total` = uncached + cacheRead + cacheWrite; `output.total` includes reasoning. */
export interface Usage {
  input: { total: number; uncached: number; cacheRead: number; cacheWrite: number };
  output: { total: number; reasoning: number };
  /** Counted by us, because the provider did not say. */
  estimated?: boolean;
  /** USD, as the provider itself says. */
  cost?: number;
}

export interface TokenLogprob {
  token: string;
  logprob: number;
  bytes?: number[] | null;
  top?: { token: string; logprob: number; bytes?: number[] | null }[];
}

export interface ChatChoice {
  parts: AssistantPart[];
  finish: { reason: FinishReason; raw?: string; stopSequence?: string };
  logprobs?: TokenLogprob[];
}

/** A whole reply. */
export interface ChatReply {
  id?: string;
  /** The model that answered, as the provider names it. */
  model?: string;
  /** Unix seconds. */
  created?: number;
  choices: ChatChoice[];
  usage?: Usage;
  serviceTier?: string;
}

/**
 * One event of a stream. `id` names a part within the stream and is unique in it; every `…-start`
 * is followed by its `…-end`. `choice` counts from 0 and is absent for 0. Order: `start` first;
 * one `finish` per choice after all parts of that choice; `usage` at most once, before or after
 * `finish`; after `error` nothing follows.
 */
export type ChatEvent =
  | { type: "start"; id?: string; model?: string; created?: number; usage?: Usage; serviceTier?: string }
  | { type: "text-start"; id: string; refusal?: true; choice?: number }
  | { type: "text-delta"; id: string; text: string; logprobs?: TokenLogprob[] }
  | { type: "text-end"; id: string; proof?: Signature }
  | { type: "citation"; id: string; citation: Citation }
  | { type: "reasoning-start"; id: string; summary?: boolean; itemId?: string; choice?: number }
  | { type: "reasoning-delta"; id: string; text: string }
  | { type: "reasoning-end"; id: string; proof?: Signature }
  | {
      type: "tool-start";
      id: string;
      callId: string;
      name: string;
      namespace?: string;
      kind: "function" | "custom";
      itemId?: string;
      clientTool?: ClientToolKind;
      /** Where it is known so early; `tool-end` has the same. */
      proof?: Signature;
      choice?: number;
    }
  | { type: "tool-delta"; id: string; delta: string }
  /** `delta`s joined are the whole input; an empty input of a function means `{}`. */
  | { type: "tool-end"; id: string; proof?: Signature }
  /** A whole image, audio, provider-run tool item or block that only its protocol knows. */
  | { type: "part"; part: ImagePart | AudioPart | ProviderToolPart | ProviderPart; choice?: number }
  | { type: "finish"; reason: FinishReason; raw?: string; stopSequence?: string; choice?: number }
  | { type: "usage"; usage: Usage }
  | { type: "error"; error: ChatError };

/** An error inside a reply that began well, or the body of one that did not. */
export interface ChatError {
  kind: import("../common/errors.ts").ErrorKind;
  message: string;
  code?: string;
  retryAfterMs?: number;
}

/** What could not be said in the target protocol. */
export interface Warning {
  /** The request field or feature, e.g. `top_k`, `messages[3].content[1]`. */
  feature: string;
  /** One short sentence: what was done instead. */
  message: string;
}
export type Warn = (feature: string, message: string) => void;

export const NO_USAGE: Usage = {
  input: { total: 0, uncached: 0, cacheRead: 0, cacheWrite: 0 },
  output: { total: 0, reasoning: 0 },
};
