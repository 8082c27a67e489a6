/** Lists of models: read from a provider, and told to a client. */

import * as z from "zod";
import { badRequest } from "../common/errors.ts";
import { compact } from "../common/json.ts";
import type { ModelTraits } from "../models/traits.ts";

/** A model as its provider lists it. */
export interface ListedModel {
  readonly id: string;
  readonly label?: string;
  /** Unix seconds. */
  readonly created?: number;
  /** Tokens. */
  readonly contextWindow?: number;
  readonly maxOutputTokens?: number;
  /** What else the list says of what the model takes. */
  readonly traits?: Partial<ModelTraits>;
}

/** A model of the gateway's own list. */
export interface ServedModel extends ListedModel {
  readonly provider: string;
  /** What it takes, where that is known: by its provider's list, else by the table of models. */
  readonly traits?: ModelTraits;
  /** The route of that exact name takes it there: `ACCOUNT/MODEL`. */
  readonly leadsTo?: string;
}

/**
 * Before the name of a route, where a client takes only ids of Claude's: Claude Code, asked to discover a gateway's
 * models, passes over ids that begin with neither `claude` nor `anthropic`
 * (https://code.claude.com/docs/en/llm-gateway-protocol).
 */
export const CLAUDE_ALIAS = "claude-portico-";

export interface ListPage {
  readonly models: readonly ListedModel[];
  /** Cursor of the next page. */
  readonly next?: string;
}

export interface ModelList {
  /** Behind the endpoint's base: the first page, or the one behind `cursor`. */
  path(cursor?: string): string;
  /**
   * One page. Entries that are no models are left out.
   * @throws z.ZodError where the whole is no such list
   */
  parse(body: unknown): ListPage;
  /**
   * The gateway's models as a client reads them.
   * @throws PorticoError 400 for a size or cursor that is none
   */
  encode(models: readonly ServedModel[], query: URLSearchParams): unknown;
  encodeOne(model: ServedModel): unknown;
}

/** Models that are asked for, and at most taken, at once. */
export const PAGE_SIZE = 1000;
export const MAX_MODELS = 10_000;
const MAX_ID_LENGTH = 300;

/** A field that may be missing, null or nonsense without spoiling the model. */
export const lenient = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined);
export const listedText = lenient(z.string().min(1).max(500));
export const listedCount = lenient(z.number().int().positive().max(Number.MAX_SAFE_INTEGER));
export const listedId = z
  .string()
  .min(1)
  .max(MAX_ID_LENGTH)
  .regex(/^[^\p{Cc}]+$/u);

type Loose<T> = { [K in keyof T]: T[K] | undefined };

/** The models among a page's entries. */
export function listed<T>(
  entries: readonly unknown[],
  schema: z.ZodType<T>,
  convert: (entry: T) => Loose<ListedModel> & { id: string },
): ListedModel[] {
  return entries.slice(0, MAX_MODELS).flatMap((entry) => {
    const { success, data } = schema.safeParse(entry);
    return success ? [compact(convert(data)) as ListedModel] : [];
  });
}

/** The size of a page as a client asks for it. @throws PorticoError 400 for one that is none */
export function pageSize(
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

/** Where a cursor points. @throws PorticoError 400 where it is no model */
export function indexOfModel(models: readonly ServedModel[], id: string, field: string): number {
  const index = models.findIndex((model) => model.id === id);
  if (index === -1) throw badRequest(`${field} names no model of this list`, field);
  return index;
}
