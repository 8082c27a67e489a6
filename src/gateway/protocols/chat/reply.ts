/** A whole reply, and what ends or spoils one. */
import type { ErrorKind } from "../../common/errors.ts";
import type { AssistantPart } from "./parts.ts";

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

export const NO_USAGE: Usage = {
  input: { total: 0, uncached: 0, cacheRead: 0, cacheWrite: 0 },
  output: { total: 0, reasoning: 0 },
};

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

/** An error inside a reply that began well, or the body of one that did not. */
export interface ChatError {
  kind: ErrorKind;
  message: string;
  code?: string;
  retryAfterMs?: number;
}
