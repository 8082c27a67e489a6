/**
 * Replies that list models, in the three shapes there are:
 * - OpenAI: https://platform.openai.com/docs/api-reference/models/list, with what compatible
 *   servers add (context windows under several names)
 * - Anthropic: https://platform.claude.com/docs/en/api/models-list (`has_more`, `last_id`)
 * - Gemini: https://ai.google.dev/api/models#method:-models.list (`nextPageToken`)
 */
import * as z from "zod";
import { PROTOCOLS, type Protocol } from "../../control/protocol.ts";
import type { Account } from "../providers/account.ts";
import type { ModelListShape } from "../providers/provider.ts";

/** A model as its provider lists it. */
export interface ListedModel {
  readonly id: string;
  readonly label?: string;
  /** Unix seconds. */
  readonly created?: number;
  /** Tokens. */
  readonly contextWindow?: number;
  readonly maxOutputTokens?: number;
}

/**
 * Fetches `path` behind the base of an account's endpoint for `protocol`, with its key, and parses
 * JSON. Rejects where the reply is not a 2xx. `provider.path` is the port's to apply.
 */
export type FetchJson = (account: Account, path: string, protocol: Protocol) => Promise<unknown>;

export interface Listing {
  readonly protocol: Protocol;
  readonly shape: ModelListShape;
}

/** Pages of one list, and models of one account: more are not read. */
export const MAX_PAGES = 20;
export const MAX_MODELS = 10_000;
const MAX_ID_LENGTH = 300;
const PAGE_SIZE = 1000;

const SHAPE_OF: Readonly<Record<Protocol, ModelListShape>> = {
  "openai-chat": "openai",
  "openai-responses": "openai",
  anthropic: "anthropic",
  gemini: "gemini",
};

/** Where an account lists its models: where its provider does, else by the first protocol it speaks. */
export function listingOf(account: Account): Listing | undefined {
  const { modelList } = account.provider;
  if (modelList === undefined) return undefined;
  if (account.endpoints.has(modelList.protocol)) return modelList;
  const protocol = PROTOCOLS.find((each) => account.endpoints.has(each));
  return protocol === undefined ? undefined : { protocol, shape: SHAPE_OF[protocol] };
}

/** Path of the first page, or of the one behind `cursor`. */
export function listPath(shape: ModelListShape, cursor?: string): string {
  const at = cursor === undefined ? "" : encodeURIComponent(cursor);
  switch (shape) {
    case "openai":
      return "/models";
    case "anthropic":
      return `/v1/models?limit=${PAGE_SIZE}${at === "" ? "" : `&after_id=${at}`}`;
    case "gemini":
      return `/v1beta/models?pageSize=${PAGE_SIZE}${at === "" ? "" : `&pageToken=${at}`}`;
  }
}

/** A field that may be missing, null or nonsense without spoiling the model. */
const lenient = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined);
const text = lenient(z.string().min(1).max(500));
const count = lenient(z.number().int().positive().max(Number.MAX_SAFE_INTEGER));
const id = z
  .string()
  .min(1)
  .max(MAX_ID_LENGTH)
  .regex(/^[^\p{Cc}]+$/u);

const openaiModel = z.object({
  id,
  created: lenient(z.number().positive()),
  name: text,
  display_name: text,
  // OpenRouter; Groq; Mistral and LM Studio; vLLM
  context_length: count,
  context_window: count,
  max_context_length: count,
  max_model_len: count,
  max_completion_tokens: count,
  top_provider: lenient(z.object({ max_completion_tokens: count })),
});
const openaiPage = z.union([
  // An empty list of Ollama's is null, Together's is the array alone.
  z.object({ data: z.array(z.unknown()).nullable() }).transform((page) => page.data ?? []),
  z.array(z.unknown()),
]);

const anthropicModel = z.object({
  id,
  display_name: text,
  created_at: lenient(z.iso.datetime({ offset: true })),
  max_input_tokens: count,
  max_tokens: count,
});
const anthropicPage = z.object({
  data: z.array(z.unknown()),
  has_more: lenient(z.boolean()),
  last_id: lenient(z.string()),
});

const geminiModel = z.object({
  name: id,
  displayName: text,
  inputTokenLimit: count,
  outputTokenLimit: count,
});
const geminiPage = z.object({ models: lenient(z.array(z.unknown())), nextPageToken: text });

export interface ListPage {
  readonly models: readonly ListedModel[];
  /** Cursor of the next page. */
  readonly next?: string;
}

/**
 * One page. Entries that are no models are left out.
 * @throws z.ZodError where the whole is no list of this shape
 */
export function parseList(shape: ModelListShape, body: unknown): ListPage {
  switch (shape) {
    case "openai":
      return { models: each(openaiPage.parse(body), fromOpenai) };
    case "anthropic": {
      const page = anthropicPage.parse(body);
      const models = each(page.data, fromAnthropic);
      return page.has_more === true && page.last_id !== undefined
        ? { models, next: page.last_id }
        : { models };
    }
    case "gemini": {
      const page = geminiPage.parse(body);
      const models = each(page.models ?? [], fromGemini);
      return page.nextPageToken === undefined ? { models } : { models, next: page.nextPageToken };
    }
  }
}

/** All pages, bounded; without doubles. */
export async function listModels(
  account: Account,
  listing: Listing,
  fetchJson: FetchJson,
): Promise<ReadonlyMap<string, ListedModel>> {
  const found = new Map<string, ListedModel>();
  const seen = new Set<string>();
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const body = await fetchJson(account, listPath(listing.shape, cursor), listing.protocol);
    const { models, next } = parseList(listing.shape, body);
    for (const model of models) {
      if (found.size >= MAX_MODELS) return found;
      if (!found.has(model.id)) found.set(model.id, model);
    }
    if (next === undefined || seen.has(next)) break;
    seen.add(next);
    cursor = next;
  }
  return found;
}

function each(
  entries: readonly unknown[],
  convert: (entry: unknown) => ListedModel | undefined,
): ListedModel[] {
  return entries.slice(0, MAX_MODELS).flatMap((entry) => convert(entry) ?? []);
}

function fromOpenai(entry: unknown): ListedModel | undefined {
  const { success, data: model } = openaiModel.safeParse(entry);
  if (!success) return undefined;
  return compact({
    // Gemini's OpenAI-compatible list gives resource names.
    id: model.id.replace(/^models\//, ""),
    label: model.display_name ?? model.name,
    created: model.created === undefined ? undefined : Math.floor(model.created),
    contextWindow:
      model.context_length ?? model.context_window ?? model.max_context_length ?? model.max_model_len,
    maxOutputTokens: model.top_provider?.max_completion_tokens ?? model.max_completion_tokens,
  });
}

function fromAnthropic(entry: unknown): ListedModel | undefined {
  const { success, data: model } = anthropicModel.safeParse(entry);
  if (!success) return undefined;
  const created = model.created_at === undefined ? 0 : Math.floor(Date.parse(model.created_at) / 1000);
  return compact({
    id: model.id,
    label: model.display_name,
    // The documentation gives an epoch value where the date is not known.
    created: created > 0 ? created : undefined,
    contextWindow: model.max_input_tokens,
    maxOutputTokens: model.max_tokens,
  });
}

function fromGemini(entry: unknown): ListedModel | undefined {
  const { success, data: model } = geminiModel.safeParse(entry);
  if (!success) return undefined;
  return compact({
    id: model.name.replace(/^models\//, ""),
    label: model.displayName,
    contextWindow: model.inputTokenLimit,
    maxOutputTokens: model.outputTokenLimit,
  });
}

type Loose<T> = { [K in keyof T]: T[K] | undefined };

function compact({ id, ...rest }: Loose<ListedModel> & { id: string }): ListedModel {
  return { id, ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) };
}
