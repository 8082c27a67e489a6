/**
 * The catalog as each API family lists it, in the shapes of the official SDKs:
 * - https://platform.openai.com/docs/api-reference/models
 * - https://platform.claude.com/docs/en/api/models-list
 * - https://ai.google.dev/api/models
 */
import { badRequest } from "../common/errors.ts";
import type { ModelInfo } from "./candidate.ts";

export interface OpenaiModel {
  id: string;
  object: "model";
  /** Unix seconds; 0 where nobody says. */
  created: number;
  owned_by: string;
}
export interface OpenaiList {
  object: "list";
  data: OpenaiModel[];
}

export interface AnthropicModel {
  type: "model";
  id: string;
  display_name: string;
  /** RFC 3339; the epoch where nobody says, as the documentation has it. */
  created_at: string;
  max_input_tokens: number | null;
  max_tokens: number | null;
  capabilities: null;
  deprecated_at: null;
  lifecycle: "active";
  line: null;
  retires_at: null;
}
export interface AnthropicList {
  data: AnthropicModel[];
  has_more: boolean;
  first_id: string | null;
  last_id: string | null;
}

export interface GeminiModel {
  name: string;
  version: string;
  displayName: string;
  inputTokenLimit?: number;
  outputTokenLimit?: number;
  supportedGenerationMethods: string[];
}
export interface GeminiList {
  models: GeminiModel[];
  nextPageToken?: string;
}

export function openaiModel(model: ModelInfo): OpenaiModel {
  return { id: model.id, object: "model", created: model.created ?? 0, owned_by: model.provider };
}

/** OpenAI's list has no pages. */
export function openaiModels(models: readonly ModelInfo[]): OpenaiList {
  return { object: "list", data: models.map(openaiModel) };
}

export function anthropicModel(model: ModelInfo): AnthropicModel {
  return {
    type: "model",
    id: model.id,
    display_name: model.label ?? model.id,
    created_at: new Date((model.created ?? 0) * 1000).toISOString().replace(".000Z", "Z"),
    max_input_tokens: model.contextWindow ?? null,
    max_tokens: model.maxOutputTokens ?? null,
    capabilities: null,
    deprecated_at: null,
    lifecycle: "active",
    line: null,
    retires_at: null,
  };
}

const ANTHROPIC_LIMIT = { default: 20, most: 1000 };

/**
 * One page: `limit` models (1 to 1000, by default 20) behind `after_id`, or those just before `before_id`.
 * @throws PorticoError 400 for a limit out of bounds or a cursor that is no model
 */
export function anthropicModels(models: readonly ModelInfo[], query: URLSearchParams): AnthropicList {
  const limit = bounded(query, "limit", ANTHROPIC_LIMIT);
  const [after, before] = [query.get("after_id"), query.get("before_id")];
  if (after !== null && before !== null)
    throw badRequest("after_id and before_id exclude each other", "before_id");
  let start = 0;
  let end: number;
  if (before !== null) {
    end = indexOf(models, before, "before_id");
    start = Math.max(0, end - limit);
  } else {
    if (after !== null) start = indexOf(models, after, "after_id") + 1;
    end = Math.min(models.length, start + limit);
  }
  const data = models.slice(start, end).map(anthropicModel);
  return {
    data,
    has_more: before === null ? end < models.length : start > 0,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  };
}

export function geminiModel(model: ModelInfo): GeminiModel {
  return {
    name: `models/${model.id}`,
    version: "001",
    displayName: model.label ?? model.id,
    ...(model.contextWindow === undefined ? {} : { inputTokenLimit: model.contextWindow }),
    ...(model.maxOutputTokens === undefined ? {} : { outputTokenLimit: model.maxOutputTokens }),
    supportedGenerationMethods: ["generateContent", "streamGenerateContent", "countTokens"],
  };
}

/** A larger size is taken for the largest, as Google documents it. */
const GEMINI_LIMIT = { default: 50, most: 1000, clamp: true };

/**
 * One page: `pageSize` models (at most 1000, by default 50) from where `pageToken` left off.
 * @throws PorticoError 400 for a size or token that is none
 */
export function geminiModels(models: readonly ModelInfo[], query: URLSearchParams): GeminiList {
  const size = bounded(query, "pageSize", GEMINI_LIMIT);
  const token = query.get("pageToken") ?? "";
  const start =
    token === "" ? 0 : indexOf(models, Buffer.from(token, "base64url").toString("utf8"), "pageToken") + 1;
  const page = models.slice(start, start + size);
  const last = page.at(-1);
  const more = last !== undefined && start + size < models.length;
  return {
    models: page.map(geminiModel),
    ...(more ? { nextPageToken: Buffer.from(last.id, "utf8").toString("base64url") } : {}),
  };
}

function bounded(
  query: URLSearchParams,
  name: string,
  limit: { default: number; most: number; clamp?: boolean },
): number {
  const written = query.get(name);
  if (written === null || written === "" || (limit.clamp === true && written === "0")) return limit.default;
  const value = Number(written);
  const fits = Number.isInteger(value) && value >= 1;
  if (!fits || (value > limit.most && limit.clamp !== true)) {
    throw badRequest(`${name} must be a whole number from 1 to ${limit.most}`, name);
  }
  return Math.min(value, limit.most);
}

function indexOf(models: readonly ModelInfo[], id: string, field: string): number {
  const index = models.findIndex((model) => model.id === id);
  if (index === -1) throw badRequest(`${field} names no model of this list`, field);
  return index;
}
