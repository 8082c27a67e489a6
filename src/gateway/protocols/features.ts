/** What a chat request brings and asks for, as far as endpoints differ in what they can be told of it. */
import type { Protocol } from "../../control/protocol.ts";
import type { ModelTraits } from "../models/traits.ts";
import type { ChatRequest, Part } from "./chat.ts";
import { resolveEffort } from "./reasoning.ts";

export type Feature =
  /** An answer at all: every request asks for one. */
  | "answer"
  | "image"
  | "pdf"
  | "audio"
  | "video"
  /** The reply is to be spoken, or drawn. */
  | "speech"
  | "drawing"
  | "tools"
  | "web-search"
  | "web-fetch"
  | "code-execution"
  | "cached-content"
  | "free-text-tools"
  | "forced-call"
  | "named-call"
  | "serial-calls"
  | "effort"
  /** It is not to think. */
  | "no-thinking"
  | "shown-thinking"
  | "schema"
  | "stop"
  | "top-k"
  | "min-p"
  | "seed"
  | "penalties"
  | "logit-bias"
  | "logprobs"
  | "several-answers"
  | "verbosity"
  | "cache-markers";

export type Features = ReadonlySet<Feature>;

/** Without one of these, another thing is asked; the others only say how. */
export const CONTENT: Features = new Set<Feature>([
  "answer",
  "image",
  "pdf",
  "audio",
  "video",
  "speech",
  "drawing",
  "tools",
  "web-search",
  "web-fetch",
  "code-execution",
  "cached-content",
]);

export function featuresOf(request: ChatRequest): Features {
  const found = new Set<Feature>(["answer"]);
  const add = (feature: Feature, said: boolean) => {
    if (said) found.add(feature);
  };
  for (const { parts } of request.messages) for (const part of parts) addPart(part, add);
  addTools(request, add);
  const { sampling, reasoning } = request;
  const effort = resolveEffort(reasoning);
  add("effort", effort !== undefined && effort !== "none");
  add("no-thinking", effort === "none");
  add("shown-thinking", reasoning?.show === true || reasoning?.summary !== undefined);
  add("schema", request.responseFormat?.type === "json-schema");
  add("stop", (request.stop?.length ?? 0) > 0);
  add("top-k", sampling.topK !== undefined);
  add("min-p", sampling.minP !== undefined);
  add("seed", sampling.seed !== undefined);
  add("penalties", !!sampling.frequencyPenalty || !!sampling.presencePenalty);
  add("logit-bias", Object.keys(sampling.logitBias ?? {}).length > 0);
  add("logprobs", sampling.logprobs !== undefined);
  add("several-answers", (request.n ?? 1) > 1);
  add("verbosity", request.verbosity !== undefined);
  add("speech", request.modalities?.includes("audio") === true);
  add("drawing", request.modalities?.includes("image") === true);
  add("cached-content", request.cachedContent !== undefined);
  return found;
}

type Add = (feature: Feature, said: boolean) => void;

function addPart(part: Part, add: Add): void {
  switch (part.type) {
    case "image":
    case "audio":
    case "video":
      add(part.type, true);
      break;
    case "document":
      // A text is sent as a text everywhere.
      add("pdf", part.source.kind !== "text");
      break;
    case "tool-result":
      for (const inner of part.content) addPart(inner, add);
      break;
  }
  add("cache-markers", "cache" in part && part.cache !== undefined);
}

function addTools({ tools, toolChoice, parallelToolCalls }: ChatRequest, add: Add): void {
  for (const tool of tools) {
    if (tool.type !== "provider") add("tools", true);
    if (tool.type === "custom") add("free-text-tools", true);
    if (tool.type !== "provider") continue;
    add("web-search", tool.kind === "web_search");
    add("web-fetch", tool.kind === "web_fetch");
    add("code-execution", tool.kind === "code_execution");
  }
  add("serial-calls", parallelToolCalls === false && tools.length > 0);
  if (toolChoice === undefined) return;
  const { type } = toolChoice;
  add("named-call", type === "tool");
  add("forced-call", type === "required" || (type === "allowed" && toolChoice.mode === "required"));
}

/**
 * What an endpoint loses of a request.
 * @param lost what its protocol has no word for, besides what the model takes in none
 */
export function lostOf(
  features: Features,
  lost: ReadonlySet<Feature>,
  protocol: Protocol,
  { notBy, off }: Pick<ModelTraits, "notBy" | "off">,
): Feature[] {
  return [...features].filter(
    (feature) =>
      lost.has(feature) ||
      (feature === "answer" && notBy.includes(protocol)) ||
      (feature === "no-thinking" && off === "never"),
  );
}
