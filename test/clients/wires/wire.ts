/** A provider's protocol, as far as a scripted provider speaks it. */
import type { Protocol } from "../../../src/control/protocol.ts";

export interface OfferedTool {
  /** As the request has it: in another protocol than the client's, the gateway's name for it. */
  readonly name: string;
  /** Where the protocol groups tools. */
  readonly namespace?: string;
  /** Takes free text rather than JSON. */
  readonly free: boolean;
}

/** What a request tells a script. */
export interface Turn {
  readonly model: string;
  readonly stream: boolean;
  readonly tools: readonly OfferedTool[];
  /** What the tools gave so far, oldest first. */
  readonly results: readonly string[];
}

export type Step =
  | { readonly kind: "say"; readonly text: string }
  | { readonly kind: "call"; readonly tool: OfferedTool; readonly input: Fields | string };

type Fields = Readonly<Record<string, unknown>>;

/** The reply to one request. */
export interface Reply {
  readonly step: Step;
  /** As it was asked for: clients drop reasoning that another model signed. */
  readonly model: string;
  /** Tells the replies of a conversation apart. */
  readonly turn: number;
  /** Base64: belongs to the reply's reasoning and has to come back with it; absent: no reasoning. */
  readonly proof?: string;
}

export type Problems = readonly string[];

export interface Wire {
  readonly protocol: Protocol;
  /** Appended to the server's address in the account's `endpoints`. */
  readonly basePath: string;
  /** A model of this provider that reasons. */
  readonly model: string;
  /** `chat`: a conversation; `count`: asks for the number of its tokens. */
  operation(path: string): "chat" | "count" | undefined;
  read(path: string, body: unknown): Turn;
  /** What the provider would refuse. */
  check(path: string, headers: Readonly<Record<string, string>>, body: unknown): Problems;
  /** Does the provider give a proof with its reasoning, for this request? */
  proves(body: unknown): boolean;
  /** The events of the reply, each a piece of its own. */
  events(reply: Reply): string[];
  /** The reply to a request that does not stream. */
  whole(reply: Reply): object;
  readonly count: object;
  /** An error reply's body, for a request this script cannot read. */
  error(message: string): object;
}

export const sse = (data: unknown, event?: string): string =>
  `${event === undefined ? "" : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;

/** Fragments as a model gives them: not at any boundary of what they say. */
export function fragments(whole: string, size = 7): string[] {
  const units = Array.from(whole);
  const out: string[] = [];
  for (let at = 0; at < units.length; at += size) out.push(units.slice(at, at + size).join(""));
  return out.length === 0 ? [""] : out;
}

export const inputJson = (input: Fields | string): string =>
  JSON.stringify(typeof input === "string" ? { input } : input);
