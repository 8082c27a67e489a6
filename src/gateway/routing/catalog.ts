/**
 * Who serves which model, as far as is known without waiting: each account's list is fetched in
 * the background, kept for a while, and kept longer when the provider does not answer.
 */

import { DEFAULT_PROTOCOL } from "../../control/protocol.ts";
import { isWildcard, matches } from "../../control/wildcard.ts";
import { messageOf } from "../common/errors.ts";
import { compact } from "../common/json.ts";
import { setLatest } from "../common/latest.ts";
import type { Clock, Log } from "../common/ports.ts";
import type { ModelTraits } from "../models/traits.ts";
import { UNKNOWN } from "../models/traits.ts";
import { traitsOf } from "../models/traitsOf.ts";
import type { ListedModel } from "../protocols/modelList.ts";
import type { Account } from "../providers/account.ts";
import { SANDBOX_ID } from "../sandbox/models.ts";
import type { RouteSettings } from "../settings/settings.ts";
import { isLocalServer } from "../upstream/localServer.ts";
import type { ModelInfo } from "./candidate.ts";
import { type FetchJson, listingOf, listModels } from "./modelList.ts";
import { resolve, type Serves } from "./route.ts";

export interface CatalogPorts {
  readonly fetchJson: FetchJson;
  readonly clock: Pick<Clock, "monotonic">;
  readonly log?: Pick<Log, "debug">;
}

/** Milliseconds for which a list is fresh. */
export const LIST_TTL_MS = 10 * 60_000;
/** Milliseconds for which the list of a server on this computer is fresh: models are pulled and loaded. */
export const LOCAL_TTL_MS = 10_000;
/** Milliseconds until an empty list is asked for again: nobody believes it. */
export const EMPTY_TTL_MS = 3000;
/** Milliseconds until a list that could not be read is asked for again; doubles up to the above. */
export const RETRY_MS = 30_000;
/** Accounts whose lists are kept. */
export const MAX_ACCOUNTS = 1000;
/** Models in one reply to a client. */
export const MAX_LISTED = 20_000;

interface Entry {
  /** Of what the list was read from: another base is another list. */
  readonly source: string;
  models: ReadonlyMap<string, ListedModel> | undefined;
  /** By the monotonic clock: when it is asked for again. */
  due: number;
  failures: number;
  error: string | undefined;
  reading: Promise<void> | undefined;
}

export interface ListState {
  /** `undefined`: not read yet, or never. */
  readonly models: readonly ListedModel[] | undefined;
  /** What the last attempt failed with. */
  readonly error: string | undefined;
}

/** A name that a client can send, and what is behind it. */
export interface OfferedModel {
  /** `model`: as its account names it. */
  readonly info: ModelInfo & { readonly model: string };
  /** Who serves it, first choice first. */
  readonly accounts: readonly Account[];
  /** An exact route takes it there. */
  readonly routed: boolean;
}

export class Catalog {
  readonly #ports: CatalogPorts;
  readonly #entries = new Map<string, Entry>();
  #accounts: readonly Account[] = [];
  #routes: readonly RouteSettings[] = [];

  constructor(ports: CatalogPorts) {
    this.#ports = ports;
  }

  /** The accounts and routes to work with from now on. Lists of accounts that are gone are forgotten. */
  configure(accounts: readonly Account[], routes: readonly RouteSettings[]): void {
    this.#accounts = accounts;
    this.#routes = routes;
    const kept = new Set(accounts.map((account) => account.id));
    for (const id of this.#entries.keys()) if (!kept.has(id)) this.#entries.delete(id);
  }

  /** An account has another key, or was seen to work: its list is due. What is known stays until then. */
  askAgain(id: string): void {
    const known = this.#entries.get(id);
    // An entry of its own, so that a read under way, with the old key, has no say in it.
    if (known !== undefined) this.#entries.set(id, newEntry(known.source, known.models));
  }

  /** Reads the lists that are due, of the enabled ones among `accounts`. Never rejects. */
  async warm(accounts: readonly Account[] = this.#accounts): Promise<void> {
    await Promise.all(accounts.filter((account) => account.enabled).map((account) => this.#refresh(account)));
  }

  /**
   * What is known now; a list that is due is asked for in the background.
   * Patterns in the settings decide alone. `maybe`: the list is not known, or lacks the name while
   * the provider's families have it (snapshots and tuned models are often unlisted).
   */
  serves(account: Account, model: string): Serves {
    if (account.models !== undefined) {
      return account.models.some((pattern) => matches(pattern, model)) ? "yes" : "no";
    }
    // The sandbox answers to its own name only, so that no client gets it by mistake.
    if (account.provider.id === "sandbox") return "no";
    const models = this.#known(account);
    if (models !== undefined && lists(models, model)) return "yes";
    const families = account.provider.families.filter((family) => models === undefined || family !== "*");
    return families.some((family) => matches(family, model)) ? "maybe" : "no";
  }

  /** Tokens that a model takes there, where its provider lists them. */
  contextWindow(account: Account, model: string): number | undefined {
    return this.#entryOf(account)?.models?.get(model)?.contextWindow;
  }

  /** What a model takes, where its provider's list tells. */
  traits(account: Account, model: string): Partial<ModelTraits> | undefined {
    const models = this.#entryOf(account)?.models;
    const listed = models?.get(model) ?? datedOf(models, model);
    if (listed === undefined) return undefined;
    const { contextWindow, maxOutputTokens, traits } = listed;
    if (contextWindow === undefined && maxOutputTokens === undefined) return traits;
    return { ...traits, ...compact({ contextWindow, maxOutputTokens }) };
  }

  /** What is known of one account's list. */
  state(account: Account): ListState {
    const entry = this.#entryOf(account);
    return {
      models: entry?.models === undefined ? undefined : [...entry.models.values()],
      error: entry?.error,
    };
  }

  /**
   * Every name a client can send, each once: exact routes, then the models of each account by
   * priority. A model that several accounts have is listed under its own name and as
   * `ACCOUNT/MODEL` for each of them.
   */
  list(): ModelInfo[] {
    return this.offers().map(({ info: { model: _model, ...info } }) => info);
  }

  /** The same, with who serves each. */
  offers(): OfferedModel[] {
    const found = new Map<string, { info: OfferedModel["info"]; accounts: Account[]; routed: boolean }>();
    const add = (info: OfferedModel["info"], accounts: Account[], routed: boolean): void => {
      const known = found.get(info.id);
      if (known === undefined) {
        if (found.size < MAX_LISTED) found.set(info.id, { info, accounts, routed });
      } else if (!known.routed) known.accounts.push(...accounts);
    };
    for (const route of this.#routes) {
      const offer = isWildcard(route.model) ? undefined : this.#routed(route.model);
      if (offer === undefined || found.has(route.model)) continue;
      const leadsTo = `${offer.info.account}/${offer.info.model}`;
      add({ ...offer.info, leadsTo }, offer.accounts, true);
    }
    const offered = this.#offered();
    const owners = new Map<string, number>();
    for (const { models } of offered) {
      for (const { id } of models) owners.set(id, (owners.get(id) ?? 0) + 1);
    }
    const ids = new Set(this.#accounts.map((account) => account.id));
    for (const { account, models } of offered) {
      for (const model of models) {
        const prefix = model.id.split("/", 1)[0] ?? "";
        const misread = model.id.includes("/") && ids.has(prefix);
        const alone = owners.get(model.id) === 1;
        const as = (id: string) => add({ ...infoOf(account, model, id), model: model.id }, [account], false);
        if (account.id !== SANDBOX_ID && !misread) as(model.id);
        if (account.id === SANDBOX_ID || misread || !alone) as(`${account.id}/${model.id}`);
      }
    }
    return [...found.values()];
  }

  /** A name of the list, or one that is not listed but leads somewhere. */
  find(name: string): ModelInfo | undefined {
    return this.list().find((info) => info.id === name) ?? this.#routeInfo(name);
  }

  #routeInfo(name: string): ModelInfo | undefined {
    const found = this.#routed(name);
    if (found === undefined) return undefined;
    const { model: _model, ...info } = found.info;
    return info;
  }

  #routed(name: string): { info: OfferedModel["info"]; accounts: Account[] } | undefined {
    const table = { routes: this.#routes, accounts: this.#accounts, serves: this.serves.bind(this) };
    const candidates = resolve(name, DEFAULT_PROTOCOL, table);
    const [first] = candidates;
    if (first === undefined) return undefined;
    const listed = this.#modelsOf(first.account).find((model) => model.id === first.model);
    const info = { ...infoOf(first.account, listed ?? { id: first.model }, name), model: first.model };
    return { info, accounts: [...new Set(candidates.map(({ account }) => account))] };
  }

  /** The sandbox is offered while there is nothing else. */
  #offered(): { account: Account; models: readonly ListedModel[] }[] {
    const enabled = this.#accounts.filter((account) => account.enabled && account.endpoints.size > 0);
    const own = enabled.filter((account) => account.id !== SANDBOX_ID);
    return (own.length > 0 ? own : enabled)
      .toSorted((a, b) => b.priority - a.priority)
      .map((account) => ({ account, models: this.#modelsOf(account) }));
  }

  #modelsOf(account: Account): readonly ListedModel[] {
    if (account.provider.models !== undefined) return account.provider.models;
    const known = [...(this.#known(account)?.values() ?? [])];
    const patterns = account.models;
    if (patterns === undefined) return known;
    const listed = known.filter((model) => patterns.some((pattern) => matches(pattern, model.id)));
    const names = new Set(listed.map((model) => model.id));
    const unlisted = patterns.filter((pattern) => !isWildcard(pattern) && !names.has(pattern));
    return [...listed, ...unlisted.map((id) => ({ id }))];
  }

  #known(account: Account): ReadonlyMap<string, ListedModel> | undefined {
    const entry = this.#entryOf(account);
    if (account.enabled && (entry === undefined || entry.due <= this.#ports.clock.monotonic()))
      void this.#refresh(account);
    return entry?.models?.size === 0 ? undefined : entry?.models;
  }

  #entryOf(account: Account): Entry | undefined {
    const entry = this.#entries.get(account.id);
    return entry?.source === sourceOf(account) ? entry : undefined;
  }

  /** One read at a time per account; what is known stays when it fails. */
  #refresh(account: Account): Promise<void> {
    const listing = listingOf(account);
    if (listing === undefined) return Promise.resolve();
    const now = this.#ports.clock.monotonic();
    let entry = this.#entryOf(account);
    if (entry?.reading !== undefined) return entry.reading;
    if (entry !== undefined && entry.due > now) return Promise.resolve();
    if (entry === undefined) {
      entry = newEntry(sourceOf(account), undefined);
      setLatest(this.#entries, account.id, entry, MAX_ACCOUNTS);
    }
    const target = entry;
    const read = async (): Promise<void> => {
      try {
        target.models = await listModels(account, listing, this.#ports.fetchJson);
        const ttl =
          target.models.size === 0 ? EMPTY_TTL_MS : isLocalServer(account) ? LOCAL_TTL_MS : LIST_TTL_MS;
        target.due = this.#ports.clock.monotonic() + ttl;
        target.failures = 0;
        target.error = undefined;
      } catch (thrown) {
        const first = isLocalServer(account) ? EMPTY_TTL_MS : RETRY_MS;
        const most = isLocalServer(account) ? LOCAL_TTL_MS : LIST_TTL_MS;
        target.due = this.#ports.clock.monotonic() + Math.min(first * 2 ** target.failures, most);
        target.failures = Math.min(target.failures + 1, 30);
        target.error = messageOf(thrown);
        this.#ports.log?.debug(`the models of "${account.id}" could not be listed: ${target.error}`);
      } finally {
        target.reading = undefined;
      }
    };
    target.reading = read();
    return target.reading;
  }
}

function newEntry(source: string, models: Entry["models"]): Entry {
  return { source, models, due: -Infinity, failures: 0, error: undefined, reading: undefined };
}

function sourceOf(account: Account): string {
  const listing = listingOf(account);
  const base = listing === undefined ? "" : account.endpoints.get(listing)?.base;
  return `${account.provider.id} ${base ?? ""}`;
}

/**
 * Whether a list has a model, under its own name or one that its provider documents for it:
 * Anthropic's aliases lack the date, Ollama's `:latest` may be left out, and OpenRouter takes
 * variants behind a colon.
 */
function lists(models: ReadonlyMap<string, ListedModel>, name: string): boolean {
  if (models.has(name) || models.has(`${name}:latest`)) return true;
  const colon = name.lastIndexOf(":");
  if (colon > 0 && name.includes("/") && models.has(name.slice(0, colon))) return true;
  return name.startsWith("claude-") && datedOf(models, name) !== undefined;
}

/** The model that an alias of Anthropic's stands for. */
function datedOf(
  models: ReadonlyMap<string, ListedModel> | undefined,
  alias: string,
): ListedModel | undefined {
  const dated = `${alias}-`;
  for (const [id, model] of models ?? []) {
    if (id.startsWith(dated) && /^\d{8}$/.test(id.slice(dated.length))) return model;
  }
  return undefined;
}

function infoOf(account: Account, model: ListedModel, id: string): ModelInfo {
  const { traits: said, ...listed } = model;
  const byTable = traitsOf(model.id, account.provider.id);
  const { contextWindow, maxOutputTokens } = byTable;
  const known = said?.input !== undefined || byTable.input !== UNKNOWN.input;
  return {
    ...(known ? { traits: said === undefined ? byTable : { ...byTable, ...said } } : {}),
    ...compact({ contextWindow, maxOutputTokens }),
    ...listed,
    id,
    account: account.id,
    provider: account.provider.id,
  };
}
