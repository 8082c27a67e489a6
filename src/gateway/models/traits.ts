/** What a model takes of a request, whatever the protocol. */
import type { Protocol } from "../../control/protocol.ts";
import type { Effort } from "./effort.ts";

export interface ModelTraits {
  /** A model of Anthropic's: it knows the tools and cache markers of its protocol. */
  readonly claude: boolean;
  /** It can think at all. */
  readonly reasons: boolean;
  /** Words for how much to think; empty: the parameter is refused. `none` is among them where that word switches it off. */
  readonly efforts: readonly Effort[];
  /** Efforts that chat completions do not take, though the Responses API does. */
  readonly notOnChat: readonly Effort[];
  /**
   * How thinking is set: by a budget of tokens, by an adaptive mode with efforts (Anthropic) or levels
   * (Gemini), by either.
   */
  readonly thinking: "none" | "budget" | "both" | "adaptive";
  /** It thinks unless told not to. */
  readonly thinksByDefault: boolean;
  /** How thinking is switched off: `thinking.type`, or a budget or effort of nothing; `never`: it is not. */
  readonly off: "disabled" | "between_tools" | "none" | "never";
  /** The greatest effort beside thinking that is switched off. */
  readonly offUpTo: Effort;
  /** Tokens of a budget. */
  readonly budget: { readonly least: number; readonly most: number };
  /** What it says between tool calls comes in thinking blocks (Claude). */
  readonly speaksInThinking: boolean;
  /** Can it be made to call a tool? `unnamed`: some tool, not a certain one. */
  readonly forcedToolChoice: "any" | "unnamed" | "without-thinking" | "never";
  /** Tools in chat completions: freely, only beside the effort `none`, or not at all. */
  readonly toolsOnChat: "any" | "effort-none" | "never";
  /** Protocols that the maker's own endpoints do not serve it by. */
  readonly notBy: readonly Protocol[];
  readonly stop: boolean;
  /** `temperature`, `top_p`, `top_k` and kin: all, temperature or `top_p`, only while it does not think, none. */
  readonly sampling: "all" | "one" | "unless-thinking" | "none";
  /** `presence_penalty` and `frequency_penalty`. */
  readonly penalties: boolean;
  /** The name of the limit in chat completions; absent: as the provider has it. */
  readonly maxTokensField: "max_completion_tokens" | "max_tokens" | undefined;
  /** Types of tools that it refuses. */
  readonly refusedTools: readonly string[];
  /** A last message of the assistant is continued. */
  readonly prefill: boolean;
  /** Its reasoning goes back to it encrypted (Responses API). */
  readonly encryptsReasoning: boolean;
  /** JSON by a schema is enforced (Anthropic `output_config.format` and strict tools). */
  readonly jsonSchema: boolean;
  /** System text in the midst of the conversation (Anthropic). */
  readonly systemMessages: boolean;
  readonly verbosity: boolean;
  /** Explicit breakpoints of the prompt cache (OpenAI). */
  readonly cacheBreakpoints: boolean;
  /** It searches the web itself (`web_search_options`). */
  readonly searches: boolean;
  /** It finds tools that are not shown at first by a search of its provider (`tool_search`). */
  readonly searchesTools: boolean;
  /** It sums a long conversation up itself, in words (Anthropic `compact_20260112`). */
  readonly compactsItself: boolean;
  /** Gemini: JSON schemas as they are, rather than in its own dialect. */
  readonly plainSchemas: boolean;
  /** Gemini: functions beside its own tools, and beside structured output; media within results. */
  readonly mixesTools: boolean;
  /** Gemini: calls of earlier turns have to be signed. */
  readonly signedCalls: boolean;
  /** What a thinking block is bound to, beside its model. */
  readonly thinkingBoundTo: "nothing" | "conversation" | "account";
  readonly input: { readonly image: boolean; readonly pdf: boolean; readonly audio: boolean };
  readonly output: { readonly image: boolean; readonly audio: boolean };
  /** Tokens; absent where it is not known. */
  readonly contextWindow: number | undefined;
  readonly maxOutputTokens: number | undefined;
  /** The same for requests that do not stream, where that is less. */
  readonly maxOutputUnstreamed: number | undefined;
  /** Fields that the provider has refused for it; by their names in the body. */
  readonly without: readonly string[];
}

/** Of a model that nothing is known of: its server is trusted to pass over what it does not know. */
export const UNKNOWN: ModelTraits = {
  claude: false,
  reasons: true,
  efforts: [],
  notOnChat: [],
  thinking: "budget",
  thinksByDefault: false,
  off: "disabled",
  offUpTo: "max",
  budget: { least: 0, most: Number.MAX_SAFE_INTEGER },
  speaksInThinking: false,
  forcedToolChoice: "any",
  toolsOnChat: "any",
  notBy: [],
  stop: true,
  sampling: "all",
  penalties: true,
  maxTokensField: undefined,
  refusedTools: [],
  prefill: true,
  encryptsReasoning: false,
  jsonSchema: false,
  systemMessages: false,
  verbosity: false,
  cacheBreakpoints: false,
  searches: false,
  searchesTools: false,
  compactsItself: false,
  plainSchemas: true,
  mixesTools: true,
  signedCalls: true,
  thinkingBoundTo: "nothing",
  input: { image: true, pdf: true, audio: true },
  output: { image: false, audio: false },
  contextWindow: undefined,
  maxOutputTokens: undefined,
  maxOutputUnstreamed: undefined,
  without: [],
};

/** A line of the table. Later lines that match say it better than earlier ones. */
export interface TraitRow {
  /** See `pattern.ts`. */
  readonly models: string;
  readonly traits: Partial<ModelTraits>;
  /** Where the provider (or a live error) says so: an address, or the SDK and its type. */
  readonly source: string;
  /** When it began to be so: year and month, mostly of the first model. */
  readonly since: string;
  /** Provider ids whose endpoints it is about; absent: wherever the model is served. */
  readonly at?: readonly string[];
}
