/**
 * `accounts.json`: the accounts a person added and the routes, without their keys. One process reads
 * and writes it, the leader.
 */
import { copyFile } from "node:fs/promises";
import * as z from "zod";
import { readIfThere, writeWhole } from "../dataFolder.ts";
import { badRequest, PorticoError } from "../errors.ts";
import { notSaved } from "../fileTrouble.ts";
import { type AccountSettings, accountSchema, type RouteSettings, routeSchema } from "../settings.ts";

const VERSION = 1;

const storedAccount = accountSchema.omit({ credentials: true, headers: true }).extend({
  /** Whether it has something in the secret store; absent: an older Portico added it. */
  stored: z.boolean().exactOptional(),
});
export type StoredAccount = Omit<AccountSettings, "credentials" | "headers"> & { readonly stored?: boolean };

const envelope = z.looseObject({
  version: z.int().positive(),
  accounts: z.array(z.unknown()).max(1000),
  routes: z.array(z.unknown()).max(1000).default([]),
});

interface Contents {
  accounts: readonly StoredAccount[];
  routes: readonly RouteSettings[];
}

type Fields = Readonly<Record<string, unknown>>;

/** What this version does not know, as it was found: a newer one, which shares this folder, does. */
interface Unknown {
  /** Beside accounts and routes. */
  readonly fields: Fields;
  /** By account's id. */
  readonly accounts: Map<string, Fields>;
  /** By route's model. */
  readonly routes: ReadonlyMap<string, Fields>;
}

/** Fields that are kept so; more are let go. */
const MAX_UNKNOWN = 50;
/** What may be a secret, such as a config file has; never in this one. */
const SECRET_FIELD = /key|secret|token|password|credential|header|auth|cookie/i;

export class AccountsFile {
  readonly #path: string;
  readonly #unknown: Unknown | undefined;
  #contents: Contents;
  #stored: ReadonlyMap<string, boolean> = new Map();
  /** Writes happen one after the other. */
  #writing: Promise<void> = Promise.resolve();
  /** What a person should know about the file as it was found. */
  readonly notice: string | undefined;
  /** Written by a newer Portico: shown, never overwritten. */
  readonly readOnly: boolean;

  private constructor(path: string, found: Found) {
    this.#path = path;
    this.#unknown = found.unknown;
    this.#contents = found;
    this.#note();
    this.notice = found.notice;
    this.readOnly = found.readOnly ?? false;
  }

  /**
   * A broken file is copied aside and what can be read of it is kept.
   * @throws only when the folder cannot be read or written.
   */
  static async open(path: string, now: () => number): Promise<AccountsFile> {
    const text = await readIfThere(path);
    const found = text === undefined ? { accounts: [], routes: [] } : parse(text);
    if (found.damaged === undefined) return new AccountsFile(path, found);
    const aside = `${path}.broken-${new Date(now()).toISOString().replaceAll(/[:.]/g, "-")}`;
    await copyFile(path, aside);
    const notice = `accounts.json could not be read in full (${found.damaged}). The file as it was is kept at ${aside}.`;
    const file = new AccountsFile(path, { ...found, notice });
    await file.#store(found);
    return file;
  }

  get accounts(): readonly StoredAccount[] {
    return this.#contents.accounts;
  }

  /** Does it have something in the secret store? `undefined`: nobody said. */
  stored(id: string): boolean | undefined {
    return this.#stored.get(id);
  }

  get routes(): readonly RouteSettings[] {
    return this.#contents.routes;
  }

  /** @throws PorticoError `invalid_request` when the id is taken or there are too many. */
  add(account: StoredAccount): Promise<void> {
    return this.addAll([account]);
  }

  /** All of them or none. @throws PorticoError `invalid_request` when an id is taken or there are too many. */
  async addAll(added: readonly StoredAccount[]): Promise<void> {
    const { accounts } = this.#contents;
    const ids = new Set(accounts.map(({ id }) => id));
    for (const { id } of added) {
      if (ids.has(id)) throw badRequest(`An account named "${id}" exists already.`, "id");
      ids.add(id);
    }
    if (ids.size > 1000) throw badRequest("There can be 1000 accounts at most.");
    await this.#store({ ...this.#contents, accounts: [...accounts, ...added] });
  }

  /** @returns the account as it is now. @throws PorticoError `not_found` */
  async update(id: string, change: Partial<Omit<StoredAccount, "id">>): Promise<StoredAccount> {
    const before = this.#contents.accounts.find((account) => account.id === id);
    if (before === undefined) throw new PorticoError("not_found", `There is no account "${id}".`);
    const changed = { ...before, ...change };
    const accounts = this.#contents.accounts.map((account) => (account.id === id ? changed : account));
    await this.#store({ ...this.#contents, accounts });
    return changed;
  }

  /** @returns whether there was one. */
  async remove(id: string): Promise<boolean> {
    const accounts = this.#contents.accounts.filter((account) => account.id !== id);
    if (accounts.length === this.#contents.accounts.length) return false;
    await this.#store({ ...this.#contents, accounts });
    // Another one may get its name.
    this.#unknown?.accounts.delete(id);
    return true;
  }

  /** They have something in the secret store. Those that are not in this file, or say so already, stay as they are. */
  async noteStored(ids: readonly string[]): Promise<void> {
    const noted = new Set(ids.filter((id) => this.#stored.get(id) !== true));
    const { accounts } = this.#contents;
    if (this.readOnly || !accounts.some(({ id }) => noted.has(id))) return;
    const changed = accounts.map((account) =>
      noted.has(account.id) ? { ...account, stored: true } : account,
    );
    await this.#store({ ...this.#contents, accounts: changed });
  }

  /** Once more, where the file is gone. */
  async rewrite(): Promise<void> {
    const { accounts, routes } = this.#contents;
    if (!this.readOnly && accounts.length + routes.length > 0) await this.#store(this.#contents);
  }

  /** All of them. */
  async setRoutes(routes: readonly RouteSettings[]): Promise<void> {
    await this.#store({ ...this.#contents, routes });
  }

  /** Every request asks. */
  #note(): void {
    this.#stored = new Map(
      this.#contents.accounts.flatMap(({ id, stored }) => (stored === undefined ? [] : [[id, stored]])),
    );
  }

  async #store(contents: Contents): Promise<void> {
    if (this.readOnly) throw new PorticoError("permission", this.notice ?? "accounts.json is read-only.");
    const before = this.#contents;
    this.#contents = contents;
    this.#note();
    const all = { ...this.#unknown?.fields, version: VERSION, ...withUnknown(contents, this.#unknown) };
    const text = `${JSON.stringify(all, undefined, 2)}\n`;
    const written = this.#writing.then(() => writeWhole(this.#path, text));
    this.#writing = written.catch(() => {});
    try {
      await written;
    } catch (error) {
      if (this.#contents === contents) {
        this.#contents = before;
        this.#note();
      }
      throw notSaved("The accounts", this.#path, error);
    }
  }
}

interface Found extends Contents {
  unknown?: Unknown;
  /** What is wrong with the file. */
  damaged?: string;
  notice?: string;
  readOnly?: boolean;
}

function withUnknown({ accounts, routes }: Contents, unknown: Unknown | undefined): Contents {
  return {
    accounts: accounts.map((account) => ({ ...unknown?.accounts.get(account.id), ...account })),
    routes: routes.map((route) => ({ ...unknown?.routes.get(route.model), ...route })),
  };
}

/** What `schema` knows of an entry, and the rest. */
function apart(schema: z.ZodObject, entry: unknown): { known: unknown; rest: Fields } {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) return { known: entry, rest: {} };
  const isRest = (name: string) => !Object.hasOwn(schema.shape, name) && !SECRET_FIELD.test(name);
  const entries = Object.entries(entry);
  return {
    known: Object.fromEntries(entries.filter(([name]) => !isRest(name))),
    rest: Object.fromEntries(entries.filter(([name]) => isRest(name)).slice(0, MAX_UNKNOWN)),
  };
}

function parse(text: string): Found {
  const nothing = { accounts: [], routes: [] };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { ...nothing, damaged: "it is not JSON" };
  }
  const outer = envelope.safeParse(json);
  if (!outer.success) return { ...nothing, damaged: firstIssue(outer.error) };
  const { version, accounts: entries, routes: rules, ...fields } = outer.data;
  const wrong: string[] = [];
  const seen = new Set<string>();
  const ofAccounts = new Map<string, Fields>();
  const ofRoutes = new Map<string, Fields>();
  const accounts = entries.flatMap((entry, index) => {
    const { known, rest } = apart(storedAccount, entry);
    const account = storedAccount.safeParse(known);
    if (account.success && !seen.has(account.data.id)) {
      seen.add(account.data.id);
      ofAccounts.set(account.data.id, rest);
      return [account.data];
    }
    wrong.push(
      `account ${index + 1}: ${account.success ? "its id is used twice" : firstIssue(account.error)}`,
    );
    return [];
  });
  const routes = rules.flatMap((entry, index) => {
    const { known, rest } = apart(routeSchema, entry);
    const route = routeSchema.safeParse(known);
    if (route.success) ofRoutes.set(route.data.model, rest);
    else wrong.push(`route ${index + 1}: ${firstIssue(route.error)}`);
    return route.success ? [route.data] : [];
  });
  const unknown = {
    fields: Object.fromEntries(Object.entries(fields).slice(0, MAX_UNKNOWN)),
    accounts: ofAccounts,
    routes: ofRoutes,
  };
  if (version > VERSION) {
    const notice = "accounts.json was written by a newer Portico. Update Portico to change accounts.";
    return { accounts, routes, notice, readOnly: true };
  }
  return wrong.length === 0
    ? { accounts, routes, unknown }
    : { accounts, routes, unknown, damaged: wrong.slice(0, 3).join("; ") };
}

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  return issue === undefined ? "it is broken" : `${issue.path.join(".") || "the whole"} ${issue.message}`;
}
