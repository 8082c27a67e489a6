/** A chat request: messages, tools, and how the answer is to be made. */
import type { Effort } from "../../models/effort.ts";
import type { AssistantPart, ExtraFields, TextPart, ToolResultPart, UserPart } from "./parts.ts";
import type { JsonSchema, Tool, ToolChoice } from "./tools.ts";

export type Message =
  | { role: "system" | "developer"; parts: TextPart[]; name?: string }
  | { role: "user"; parts: UserPart[]; name?: string }
  | { role: "assistant"; parts: AssistantPart[]; name?: string; itemId?: string; phase?: string }
  | { role: "tool"; parts: ToolResultPart[] };

export type ResponseFormat =
  | { type: "text" }
  | { type: "json" }
  | { type: "json-schema"; schema: JsonSchema; name?: string; description?: string; strict?: boolean };

export { EFFORTS, type Effort } from "../../models/effort.ts";

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

const MODALITIES = ["text", "image", "audio"] as const;
export type Modality = (typeof MODALITIES)[number];
export const isModality = (name: string): name is Modality => MODALITIES.some((each) => each === name);

/** The provider itself sums a conversation up where it has become long. */
export interface AutoCompact {
  /** Tokens of input; absent: as many as the provider finds right. */
  atTokens?: number;
  /** The client reads the summary. */
  readable?: true;
  /** The wish as its protocol has it. */
  extra?: ExtraFields;
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
  modalities?: Modality[];
  /** OpenAI chat: the client used the deprecated `functions`, and reads `function_call` in replies. */
  legacyFunctions?: true;
  /** The reply is to be a summary of the conversation (`compaction_trigger`, Anthropic's `compaction`). */
  compact?: {
    instructions?: string;
    /** What the reply repeats in front of it: `/responses/compact`, the items of the user. */
    items?: readonly Readonly<Record<string, unknown>>[];
  };
  autoCompact?: AutoCompact;
  /** Fields of the client's protocol that have no canonical place: kept for a target of the same protocol, warned about elsewhere. */
  extra?: ExtraFields;
}
