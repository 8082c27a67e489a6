/**
 * Where a recorded reply, read through another protocol's SDK, says other than the provider did.
 * Everything that is not listed here is the same: text, reasoning, calls, finish, usage.
 * `docs/protocols.md` shows this list.
 */
import type { Protocol } from "../../../src/control/protocol.ts";

export interface Difference {
  /** The protocol that was recorded. */
  readonly from: Protocol;
  /** Recordings, by the start of their names. */
  readonly recordings: readonly string[];
  readonly client: Protocol;
  readonly field:
    | "text"
    | "refusal"
    | "reasoning"
    | "calls"
    | "finish"
    | "usage.cacheRead"
    | "usage.reasoning";
  readonly reason: string;
}

export const DIFFERENCES: readonly Difference[] = [
  {
    from: "anthropic",
    recordings: ["anthropic-refusal"],
    client: "openai-responses",
    field: "finish",
    reason:
      "A response that holds a refusal is `completed`; one without it would be `incomplete` for `content_filter`.",
  },
  {
    from: "anthropic",
    recordings: ["anthropic-refusal"],
    client: "openai-chat",
    field: "finish",
    reason:
      "A refusal with text ends with `stop`, as OpenAI's do: the SDK's `parse()` throws at `content_filter`.",
  },
  {
    from: "anthropic",
    recordings: ["anthropic-refusal"],
    client: "gemini",
    field: "text",
    reason: "Gemini has no refusals: the words of one are text, and the finish is `SAFETY`.",
  },
  {
    from: "openai-responses",
    recordings: ["azure-image-generation-tool"],
    client: "anthropic",
    field: "text",
    reason:
      "An Anthropic message holds no images: a note in the text stands where one was, and a warning says so.",
  },
];
