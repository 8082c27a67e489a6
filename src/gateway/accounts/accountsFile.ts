/**
 * `accounts.json`: the accounts a person added and the routes, without their keys. One process reads
 * and writes it, the leader.
 */
import * as z from "zod";
import { badRequest, PorticoError } from "../common/errors.ts";
import type { Log } from "../common/ports.ts";
import {
  type AccountSettings,
  accountSchema,
  type RouteSettings,
  routeSchema,
} from "../settings/settings.ts";
import { Document, type DocumentOptions } from "../state/document.ts";
import { entriesOf, type Fields, MAX_UNKNOWN } from "../state/entries.ts";
import { FILE_VERSION, firstIssue } from "../state/versionedFile.ts";

const storedAccount = accountSchema.omit({ credentials: true, headers: true }).extend({
  /** Whether it has something in the secret store; absent: an older Portico added it. */
  stored: z.boolean().exactOptional(),
});
export type StoredAccount = Omit<AccountSettings, "credentials" | "headers"> & { readonly stored?: boolean };

/** An account of the config file that a person switched off or on here; its entry says the opposite. */
const switchedAccount = z.object({ id: z.string().min(1).max(64), enabled: z.boolean() });
type SwitchedAccount = z.output<typeof switchedAccount>;
const MAX_SWITCHED = 1000;

const envelope = z.looseObject({
  version: z.int().positive(),
  accounts: z.array(z.unknown()).max(1000),
  routes: z.array(z.unknown()).max(1000).default([]),
  switched: z.unknown().default([]),
});

/** What this version does not know, as it was found: a newer one, which shares this folder, does. */
interface Unknown {
  /** Beside accounts and routes. */
  readonly fields: Fields;
  /** By account's id. */
  readonly accounts: ReadonlyMap<string, Fields>;
  /** By route's model. */
  readonly routes: ReadonlyMap<string, Fields>;
  /** By the id of an account that is switched off or on. */
  readonly switched: ReadonlyMap<string, Fields>;
}

interface Contents {
  readonly accounts: readonly StoredAccount[];
  readonly routes: readonly RouteSettings[];
  readonly switched: readonly SwitchedAccount[];
  readonly unknown: Unknown;
}

const EMPTY: Contents = {
  accounts: [],
  routes: [],
  switched: [],
  unknown: { fields: {}, accounts: new Map(), routes: new Map(), switched: new Map() },
};

const options: DocumentOptions<Contents> = {
  what: "The accounts",
  use: "change accounts",
  empty: EMPTY,
  read,
  write: ({ accounts, routes, switched, unknown }) => ({
    ...unknown.fields,
    version: FILE_VERSION,
    accounts: accounts.map((account) => ({ ...unknown.accounts.get(account.id), ...account })),
    routes: routes.map((route) => ({ ...unknown.routes.get(route.model), ...route })),
    ...(switched.length === 0
      ? {}
      : { switched: switched.map((one) => ({ ...unknown.switched.get(one.id), ...one })) }),
  }),
};

export class AccountsFile extends Document<Contents> {
  /** Of `of`. */
  #stored = storedOf(EMPTY);

  /** @throws only when the folder cannot be read or written. */
  static open(path: string, now: () => number): Promise<AccountsFile> {
    return new AccountsFile(path, options, now).load();
  }

  get accounts(): readonly StoredAccount[] {
    return this.value.accounts;
  }

  /** Does it have something in the secret store? `undefined`: nobody said. */
  stored(id: string): boolean | undefined {
    // Every request asks.
    if (this.#stored.of !== this.value) this.#stored = storedOf(this.value);
    return this.#stored.byId.get(id);
  }

  get routes(): readonly RouteSettings[] {
    return this.value.routes;
  }

  /** Accounts of the config file that a person switched off or on here. */
  get switched(): readonly SwitchedAccount[] {
    return this.value.switched;
  }

  /** Against what the config file's entry says, or back to it. */
  async switchFixed(id: string, enabled: boolean): Promise<void> {
    const others = this.switched.filter((each) => each.id !== id);
    const back = others.length < this.switched.length;
    await this.#change({ switched: back ? others : [...others, { id, enabled }].slice(-MAX_SWITCHED) });
  }

  /** An entry that says by now what the person wanted is followed from here on, whatever it says next. Never rejects. */
  async endSwitched(entries: readonly AccountSettings[], log: Pick<Log, "warn">): Promise<void> {
    const left = this.switched.filter(
      ({ id, enabled }) => !entries.some((entry) => entry.id === id && entry.enabled === enabled),
    );
    if (this.readOnly || left.length === this.switched.length) return;
    await this.#change({ switched: left }).catch((error: unknown) => {
      log.warn("which accounts are switched off here could not be written", { error: String(error) });
    });
  }

  /** All of them or none. @throws PorticoError `invalid_request` when an id is taken or there are too many. */
  async addAll(added: readonly StoredAccount[]): Promise<void> {
    const { accounts } = this.value;
    const ids = new Set(accounts.map(({ id }) => id));
    for (const { id } of added) {
      if (ids.has(id)) throw badRequest(`An account named "${id}" exists already.`, "id");
      ids.add(id);
    }
    if (ids.size > 1000) throw badRequest("There can be 1000 accounts at most.");
    await this.#change({ accounts: [...accounts, ...added] });
  }

  /** @returns the account as it is now. @throws PorticoError `not_found` */
  async update(id: string, change: Partial<Omit<StoredAccount, "id">>): Promise<StoredAccount> {
    const before = this.accounts.find((account) => account.id === id);
    if (before === undefined) throw new PorticoError("not_found", `There is no account "${id}".`);
    const changed = { ...before, ...change };
    const accounts = this.accounts.map((account) => (account.id === id ? changed : account));
    await this.#change({ accounts });
    return changed;
  }

  /** @returns whether there was one. */
  async remove(id: string): Promise<boolean> {
    const accounts = this.accounts.filter((account) => account.id !== id);
    if (accounts.length === this.accounts.length) return false;
    const { unknown } = this.value;
    // Another one may get its name.
    const others = new Map([...unknown.accounts].filter(([each]) => each !== id));
    await this.#change({ accounts, unknown: { ...unknown, accounts: others } });
    return true;
  }

  /** They have something in the secret store. Those that are not in this file, or say so already, stay as they are. */
  async noteStored(ids: readonly string[]): Promise<void> {
    const noted = new Set(ids.filter((id) => this.stored(id) !== true));
    const { accounts } = this.value;
    if (this.readOnly || !accounts.some(({ id }) => noted.has(id))) return;
    const changed = accounts.map((account) =>
      noted.has(account.id) ? { ...account, stored: true } : account,
    );
    await this.#change({ accounts: changed });
  }

  /** Once more, where the file is gone. */
  async rewrite(): Promise<void> {
    const { accounts, routes, switched } = this.value;
    if (!this.readOnly && accounts.length + routes.length + switched.length > 0) await this.#change({});
  }

  /** All of them. */
  async setRoutes(routes: readonly RouteSettings[]): Promise<void> {
    await this.#change({ routes });
  }

  #change(change: Partial<Contents>): Promise<void> {
    return this.replace({ ...this.value, ...change });
  }
}

function storedOf(of: Contents): { of: Contents; byId: ReadonlyMap<string, boolean> } {
  const stored = of.accounts.flatMap(({ id, stored }) =>
    stored === undefined ? [] : [[id, stored] as const],
  );
  return { of, byId: new Map(stored) };
}

function read(json: unknown): { value: Contents; damaged?: string } {
  const outer = envelope.safeParse(json);
  if (!outer.success) return { value: EMPTY, damaged: firstIssue(outer.error) };
  const { version: _version, accounts: entries, routes: rules, switched: switches, ...fields } = outer.data;
  const wrong: string[] = [];
  const accounts = entriesOf("account", entries, storedAccount, wrong, ({ id }) => id);
  const routes = entriesOf("route", rules, routeSchema, wrong, ({ model }) => model, true);
  // What is no list at all, or too long a one, costs no accounts and routes.
  const list = Array.isArray(switches) ? switches.slice(-MAX_SWITCHED) : [];
  if (!Array.isArray(switches)) wrong.push("switched: it is no list");
  const switched = entriesOf("switched account", list, switchedAccount, wrong, ({ id }) => id);
  const unknown = {
    fields: Object.fromEntries(Object.entries(fields).slice(0, MAX_UNKNOWN)),
    accounts: accounts.unknown,
    routes: routes.unknown,
    switched: switched.unknown,
  };
  const value = { accounts: accounts.known, routes: routes.known, switched: switched.known, unknown };
  return wrong.length === 0 ? { value } : { value, damaged: wrong.slice(0, 3).join("; ") };
}
