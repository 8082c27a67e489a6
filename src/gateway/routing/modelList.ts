/** What an account's provider lists as its models. */
import { PROTOCOLS, type Protocol } from "../../control/protocol.ts";
import { type ListedModel, MAX_MODELS } from "../protocols/modelList.ts";
import { WIRES } from "../protocols/wires.ts";
import type { Account } from "../providers/account.ts";

/**
 * Fetches `path` behind the base of an account's endpoint for `protocol`, with its key, and parses
 * JSON. Rejects where the reply is not a 2xx. `provider.path` is the port's to apply.
 */
export type FetchJson = (account: Account, path: string, protocol: Protocol) => Promise<unknown>;

/** Pages of one list: more are not read. */
export const MAX_PAGES = 20;

/** Where an account lists its models: where its provider does, else by the first protocol it speaks. */
export function listingOf(account: Account): Protocol | undefined {
  const { modelList } = account.provider;
  if (modelList === undefined || account.endpoints.has(modelList)) return modelList;
  return PROTOCOLS.find((each) => account.endpoints.has(each));
}

/** All pages, bounded; without doubles. */
export async function listModels(
  account: Account,
  protocol: Protocol,
  fetchJson: FetchJson,
): Promise<ReadonlyMap<string, ListedModel>> {
  const { modelList } = WIRES[protocol];
  const found = new Map<string, ListedModel>();
  const seen = new Set<string>();
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const { models, next } = modelList.parse(await fetchJson(account, modelList.path(cursor), protocol));
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
