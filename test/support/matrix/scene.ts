/** What a scripted model answers, in words of no protocol; `wire/` writes it as each provider would. */
import type { Protocol } from "../../../src/control/protocol.ts";

export interface SceneCall {
  readonly id: string;
  readonly name: string;
  /** Absent: a call without arguments. */
  readonly args?: Readonly<Record<string, unknown>>;
  /** Free text instead of arguments: a custom tool. */
  readonly input?: string;
}

export interface SceneUsage {
  /** All input tokens, cached ones included. */
  readonly input: number;
  readonly cacheRead: number;
  /** Only Anthropic and OpenAI tell. */
  readonly cacheWrite: number;
  /** All output tokens, reasoning included. */
  readonly output: number;
  readonly reasoning: number;
}

export type SceneFinish = "stop" | "length" | "tool-calls" | "content-filter" | "refusal";

export interface Scene {
  /** Reasoning that is shown. */
  readonly reasoning?: string;
  /** The provider's own signature of it, base64. */
  readonly signature?: string;
  /** Anthropic: a redacted block beside it, base64. */
  readonly redacted?: string;
  /** The provider has summed up what was said so far; Anthropic alone does so in words. */
  readonly summary?: string;
  /** Before its text, a search of the provider's for tools, and the names of those that it found. */
  readonly search?: { readonly query: string; readonly found: readonly string[] };
  /** Fields of Anthropic's block beside its words. */
  readonly summarySeal?: Readonly<Record<string, string>>;
  readonly text?: string;
  readonly calls?: readonly SceneCall[];
  readonly finish: SceneFinish;
  readonly usage: SceneUsage;
  /** A log probability for the text as one token. */
  readonly logprob?: number;
  /** Further answers, text only. */
  readonly more?: readonly string[];
}

export const USAGE: SceneUsage = { input: 120, cacheRead: 40, cacheWrite: 0, output: 34, reasoning: 12 };
export const HELLO: Scene = { text: "Hello wörld 🌍", finish: "stop", usage: USAGE };

/** A provider's reply, as the pieces of its stream and whole. */
export interface Wire {
  readonly events: readonly { readonly event?: string; readonly data: string }[];
  readonly whole: unknown;
}

export type WriteScene = (scene: Scene) => Wire;

/** Texts cut so that no piece is the whole. */
export function fragments(text: string): string[] {
  if (text.length < 2) return [text];
  const middle = Math.ceil(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)];
}

export const argumentsOf = (call: SceneCall): string =>
  call.input ?? (call.args === undefined ? "" : JSON.stringify(call.args));

export type ByProtocol<T> = Readonly<Record<Protocol, T>>;
