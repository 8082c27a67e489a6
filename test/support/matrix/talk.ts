/** A conversation by an official SDK, in words of no protocol. Each SDK replays what it was given. */
import type { Protocol } from "../../../src/control/protocol.ts";

export interface TalkCall {
  readonly id: string;
  readonly name: string;
  readonly args: unknown;
}

export interface TalkAnswer {
  readonly text: string;
  readonly refusal: string;
  readonly reasoning: string;
  readonly calls: readonly TalkCall[];
  /** In the words of the client's protocol. */
  readonly finish: string;
  /** By the arithmetic of the client's protocol: `input` and `output` include everything. */
  readonly usage: {
    readonly input: number;
    readonly cacheRead: number;
    readonly output: number;
    /** `undefined` where the protocol cannot say. */
    readonly reasoning: number | undefined;
  };
  readonly logprobs: readonly { token: string; logprob: number }[];
  /** Texts of further choices. */
  readonly more: readonly string[];
  readonly raw: unknown;
}

export type ResultPart = { readonly text: string } | { readonly png: string };

export interface TalkResult {
  readonly id: string;
  readonly name: string;
  readonly content: readonly ResultPart[];
  readonly isError?: boolean;
}

/** The user's next words, or the results of the calls before, or both. */
export interface TalkTurn {
  readonly text?: string;
  readonly results?: readonly TalkResult[];
}

/** Fields of the request in the SDK's own words; Gemini's are those of `config`, but for `contents`. */
export type Params = Readonly<Record<string, unknown>>;

export interface Talk {
  readonly protocol: Protocol;
  /** Account and model that answer from here on. */
  model: string;
  ask(turn: TalkTurn, stream: boolean, params?: Params): Promise<TalkAnswer>;
}

export const READ = {
  name: "read",
  description: "Reads a file",
  schema: { type: "object", properties: { path: { type: "string" } }, required: ["path"] },
} as const;
export const LIST = {
  name: "list",
  description: "Lists the folder",
  schema: { type: "object", properties: {} },
} as const;

export const parsed = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
};
