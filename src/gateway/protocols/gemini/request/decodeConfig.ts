/** `generationConfig` as the canonical settings. */
import { compact } from "../../../common/json.ts";
import {
  type ChatRequest,
  isModality,
  type JsonSchema,
  type Reasoning,
  type ResponseFormat,
  type Sampling,
} from "../../chat.ts";
import { keepsStrictRules } from "../../strictSchema.ts";
import type { WireGenerationConfig } from "../schema.ts";
import { fromOpenApi } from "../schemaDialect.ts";
import type { Leftovers } from "./leftovers.ts";
import { LEVELS } from "./thinking.ts";

type Decoded = Pick<ChatRequest, "sampling"> &
  Partial<
    Pick<ChatRequest, "maxOutputTokens" | "stop" | "n" | "responseFormat" | "reasoning" | "modalities">
  >;

export function decodeConfig(config: WireGenerationConfig | undefined, leftovers: Leftovers): Decoded {
  if (config === undefined) return { sampling: {} };
  const {
    temperature,
    topP,
    topK,
    candidateCount,
    maxOutputTokens,
    stopSequences,
    presencePenalty,
    frequencyPenalty,
    seed,
    responseLogprobs,
    logprobs,
    responseMimeType,
    responseSchema,
    responseJsonSchema,
    _responseJsonSchema,
    responseModalities,
    thinkingConfig,
    ...rest
  } = config;
  for (const [key, value] of Object.entries(rest)) leftovers.nested("generationConfig", key, value);
  const sampling: Sampling = compact({
    temperature,
    topP,
    topK,
    presencePenalty,
    frequencyPenalty,
    seed,
    logprobs: responseLogprobs === true ? { top: logprobs ?? 0 } : undefined,
  });
  const jsonSchema =
    responseJsonSchema ??
    _responseJsonSchema ??
    (responseSchema === undefined ? undefined : fromOpenApi(responseSchema));
  const format = decodeFormat(responseMimeType, jsonSchema);
  if (format === undefined && responseMimeType !== undefined) {
    leftovers.nested("generationConfig", "responseMimeType", responseMimeType);
    leftovers.nested("generationConfig", "responseSchema", responseSchema);
  }
  const reasoning = decodeThinking(thinkingConfig, leftovers);
  const modalities = decodeModalities(responseModalities, leftovers);
  return compact({
    sampling,
    n: candidateCount,
    maxOutputTokens,
    stop: stopSequences?.length === 0 ? undefined : stopSequences,
    responseFormat: format,
    reasoning,
    modalities,
  });
}

function decodeFormat(mime: string | undefined, schema: JsonSchema | undefined): ResponseFormat | undefined {
  if (mime === "application/json" || (mime === undefined && schema !== undefined))
    return schema === undefined ? { type: "json" } : enforced(schema);
  return mime === "text/plain" ? { type: "text" } : undefined;
}

/** Gemini enforces every schema. */
function enforced(schema: JsonSchema): ResponseFormat {
  return { type: "json-schema", schema, ...(keepsStrictRules(schema) ? { strict: true } : {}) };
}

function decodeThinking(
  config: WireGenerationConfig["thinkingConfig"],
  leftovers: Leftovers,
): Reasoning | undefined {
  if (config === undefined) return undefined;
  const { includeThoughts, thinkingBudget, thinkingLevel, ...rest } = config;
  const level = thinkingLevel?.toUpperCase();
  const effort = LEVELS.find((each) => each.toUpperCase() === level);
  if (effort === undefined && level !== undefined && level !== "THINKING_LEVEL_UNSPECIFIED")
    Object.assign(rest, { thinkingLevel });
  if (Object.keys(rest).length > 0) leftovers.nested("generationConfig", "thinkingConfig", rest);
  const reasoning: Reasoning = compact({ effort, budgetTokens: thinkingBudget, show: includeThoughts });
  return Object.keys(reasoning).length === 0 ? undefined : reasoning;
}

function decodeModalities(
  names: readonly string[] | undefined,
  leftovers: Leftovers,
): ChatRequest["modalities"] | undefined {
  if (names === undefined || names.length === 0) return undefined;
  const known = names.map((name) => name.toLowerCase()).filter(isModality);
  if (known.length < names.length) leftovers.field("generationConfig.responseModalities", names);
  return known.length === 0 ? undefined : known;
}
