/** A reply as a stream of events. */
import type { AudioPart, Citation, ImagePart, ProviderPart, ProviderToolPart, Signature } from "./parts.ts";
import type { ChatError, FinishReason, TokenLogprob, Usage } from "./reply.ts";
import type { ClientToolKind } from "./tools.ts";

/**
 * One event of a stream. `id` names a part within the stream and is unique in it; every `…-start`
 * is followed by its `…-end`, but for calls that a failure cuts. `choice` counts from 0 and is absent for 0. Order: `start` first;
 * one `finish` per choice after all parts of that choice; `usage` at most once, before or after
 * `finish`; after `error` nothing follows.
 */
export type ChatEvent =
  | { type: "start"; id?: string; model?: string; created?: number; usage?: Usage; serviceTier?: string }
  | { type: "text-start"; id: string; refusal?: true; choice?: number }
  | { type: "text-delta"; id: string; text: string; logprobs?: TokenLogprob[] }
  | { type: "text-end"; id: string; signature?: Signature }
  | { type: "citation"; id: string; citation: Citation }
  | { type: "reasoning-start"; id: string; summary?: boolean; itemId?: string; choice?: number }
  | { type: "reasoning-delta"; id: string; text: string }
  | { type: "reasoning-end"; id: string; signature?: Signature }
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
      signature?: Signature;
      choice?: number;
    }
  | { type: "tool-delta"; id: string; delta: string }
  /** `delta`s joined are the whole input; an empty input of a function means `{}`. */
  | {
      type: "tool-end";
      id: string;
      signature?: Signature;
      /** The reply ended, by its own limit, before the input was whole: nobody may run the call. */
      cut?: true;
    }
  /** A whole image, audio, provider-run tool item or block that only its protocol knows. */
  | { type: "part"; part: ImagePart | AudioPart | ProviderToolPart | ProviderPart; choice?: number }
  | { type: "finish"; reason: FinishReason; raw?: string; stopSequence?: string; choice?: number }
  | { type: "usage"; usage: Usage }
  | { type: "error"; error: ChatError };
