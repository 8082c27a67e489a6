/** The canonical request as the body of `generateContent` / `streamGenerateContent`. */

import { fieldsOf } from "../../../common/json.ts";
import { traitsOf } from "../../../models/traitsOf.ts";
import { once } from "../../chat/warning.ts";
import type { ChatRequest, Warn } from "../../chat.ts";
import type { EncodeContext } from "../../codec.ts";
import { NOT_COMPACTED, withSummaries } from "../../compaction.ts";
import type { Json } from "../values.ts";
import { encodeConfig, formatInWords } from "./encodeConfig.ts";
import { encodeContents } from "./encodeContents.ts";
import { encodeTools } from "./encodeTools.ts";

/** Google's label rules: https://cloud.google.com/resource-manager/docs/labels-overview */
const LABEL_KEY = /^\p{Ll}[\p{Ll}\p{N}_-]{0,62}$/u;
const LABEL_VALUE = /^[\p{Ll}\p{N}_-]{0,63}$/u;

export function encodeRequest(asked: ChatRequest, context: EncodeContext): Record<string, unknown> {
  const request = withSummaries(asked);
  const warn = once(context.warn);
  const { generationConfig, toolConfig, functionDeclarations, ...extra } = ownExtra(request, warn);
  const kept = { declarations: fieldsOf(functionDeclarations), toolConfig: fieldsOf(toolConfig) };
  const traits = traitsOf(request.model, context.provider, context.known);
  const tools = encodeTools(request, kept, context.provider, traits, warn);
  const words = formatInWords(request, traits) ? [formatWords(request)] : [];
  const { systemInstruction, contents } = encodeContents(request.messages, words, {
    model: request.model,
    traits,
    names: tools.names,
    warn,
  });
  if (request.autoCompact !== undefined) warn("context_management", NOT_COMPACTED);
  const config = encodeConfig(request, traits, fieldsOf(generationConfig), warn);
  if (request.store === true) warn("store", "Gemini keeps no replies; left out");
  if (request.user !== undefined) warn("user", "Gemini has no such field; left out");
  const fields = {
    systemInstruction,
    tools: tools.tools.length > 0 ? tools.tools : undefined,
    toolConfig: tools.toolConfig,
    contents,
    generationConfig: Object.keys(config).length > 0 ? config : undefined,
    cachedContent: request.cachedContent,
    labels: labels(request.metadata, warn),
    serviceTier: serviceTier(request.serviceTier, warn),
    ...extra,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** What a Gemini client said that has no canonical place. */
function ownExtra(request: ChatRequest, warn: Warn): Json {
  const extra = request.extra;
  if (extra === undefined) return {};
  const own: [string, unknown][] = [];
  for (const [name, value] of Object.entries(extra.fields)) {
    // Names with dots are places deep down that may have moved.
    if (extra.protocol === "gemini" && !name.includes(".")) own.push([name, value]);
    else warn(name, "no place for it in the request; left out");
  }
  return Object.fromEntries(own);
}

function formatWords(request: ChatRequest): string {
  const format = request.responseFormat;
  const head = "Write the final answer as JSON only, without any text around it.";
  return format?.type === "json-schema"
    ? `${head} It must match this JSON Schema:\n${JSON.stringify(format.schema)}`
    : head;
}

function labels(metadata: ChatRequest["metadata"], warn: Warn): Json | undefined {
  if (metadata === undefined) return undefined;
  const entries = Object.entries(metadata);
  const fitting = entries.filter(
    ([key, value]) => LABEL_KEY.test(key) && typeof value === "string" && LABEL_VALUE.test(value),
  );
  if (fitting.length < entries.length) warn("metadata", "entries that are no valid label were left out");
  return fitting.length === 0 ? undefined : Object.fromEntries(fitting);
}

function serviceTier(tier: string | undefined, warn: Warn): string | undefined {
  switch (tier) {
    case undefined:
    case "auto":
      return undefined;
    case "default":
    case "standard":
      return "standard";
    case "flex":
    case "priority":
      return tier;
    default:
      warn("service_tier", `Gemini has no tier ${tier}; left out`);
      return undefined;
  }
}
