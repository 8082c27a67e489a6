/** The accounts a person added: their settings in `accounts.json`, their keys in the secret store. */
import type { AccountChange } from "../../control/accounts.ts";
import type { AccountView, NewAccount, Problem, ProviderView } from "../../control/contract.ts";
import type { AccountDraft } from "../../control/credentials.ts";
import type { AccountsFile, StoredAccount } from "../accounts/accountsFile.ts";
import type { Credential } from "../accounts/credentials/credential.ts";
import { headersProblem } from "../accounts/credentials/headers.ts";
import type { AccountTokens } from "../accounts/credentials/tokens.ts";
import { badRequest, PorticoError } from "../errors.ts";
import type { Protocol } from "../protocols/protocol.ts";
import type { Provider } from "../providers/provider.ts";
import { type AccountSettings, accountSchema } from "../settings.ts";

export interface AccountBookOptions {
  file: AccountsFile;
  providers: readonly Provider[];
  credentials: Pick<AccountTokens, "stored" | "replace" | "remove">;
}

export interface NewEntry {
  account: StoredAccount;
  credential: Credential | undefined;
}

export interface AccountBook {
  views(): AccountView[];
  /** Looks whether every account has the key it needs. */
  problems(): Promise<Problem[]>;
  /** As it would be stored, with its key. @throws PorticoError `invalid_request` naming the field */
  complete(account: NewAccount, credentialed?: boolean): AccountSettings;
  add(account: NewAccount): Promise<AccountView>;
  /** With a credential of another kind than a key. */
  addWith(account: AccountDraft, credential: Credential): Promise<AccountView>;
  /** All of them, or none and an exception. */
  addAll(entries: readonly NewEntry[]): Promise<AccountView[]>;
  /** Another credential for an account. @throws PorticoError `not_found` */
  replace(id: string, credential: Credential): Promise<AccountView>;
  /** @throws PorticoError `not_found` */
  update(change: AccountChange): Promise<AccountView>;
  /** With its key. @returns whether there was one. */
  remove(id: string): Promise<boolean>;
}

export function createAccountBook({ file, providers, credentials }: AccountBookOptions): AccountBook {
  const providerOf = (id: string) => providers.find((provider) => provider.id === id);

  function view(account: StoredAccount): AccountView {
    const provider = providerOf(account.provider);
    return {
      id: account.id,
      provider: account.provider,
      label: account.label ?? provider?.label ?? account.id,
      priority: account.priority,
      enabled: account.enabled,
      protocols: protocolsOf(account.endpoints ?? provider?.endpoints ?? {}),
      readOnly: file.readOnly,
    };
  }

  /** @param credentialed its credential is of another kind, and at hand */
  function complete(account: NewAccount, credentialed = false): AccountSettings {
    const provider = providerOf(account.provider);
    if (provider === undefined)
      throw badRequest(`Portico knows no provider "${account.provider}".`, "provider");
    if (provider.keyRequired && account.apiKey === undefined && !credentialed) {
      throw badRequest(`${provider.label} needs a key.`, "apiKey");
    }
    if (needsBaseUrl(provider) && protocolsOf(account.endpoints ?? {}).length === 0) {
      throw badRequest(`${provider.label} needs the address of its server.`, "endpoints");
    }
    const { apiKey, ...rest } = account;
    const problem = headersProblem(account.headers, { provider: provider.id, hasKey: apiKey !== undefined });
    if (problem !== undefined) throw badRequest(problem, "headers");
    const label = account.label ?? ownLabel(provider, account);
    const parsed = accountSchema.safeParse({
      ...rest,
      id: account.id ?? freeId(provider.id),
      ...(label === undefined ? {} : { label }),
      ...(apiKey === undefined ? {} : { credentials: { apiKey } }),
    });
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    const field = issue?.path.join(".") ?? "";
    throw badRequest(`${field} ${issue?.message ?? "is not valid"}`, field);
  }

  function freeId(provider: string): string {
    const taken = new Set(file.accounts.map(({ id }) => id));
    for (let number = 1; ; number += 1) {
      const id = number === 1 ? provider : `${provider}-${number}`;
      if (!taken.has(id)) return id;
    }
  }

  /** Accounts of one provider have to be told apart; servers of one's own go by their host. */
  function ownLabel(provider: Provider, { endpoints = {} }: NewAccount): string | undefined {
    const url = Object.values(endpoints)[0];
    const base = needsBaseUrl(provider) && url !== undefined ? new URL(url).host : provider.label;
    const taken = new Set(file.accounts.map((account) => view(account).label));
    if (!taken.has(base)) return base === provider.label ? undefined : base;
    for (let number = 2; ; number += 1) {
      if (!taken.has(`${base} ${number}`)) return `${base} ${number}`;
    }
  }

  async function problemOf(account: StoredAccount): Promise<Problem | undefined> {
    if (!account.enabled || providerOf(account.provider)?.keyRequired !== true) return undefined;
    const { id, label } = view(account);
    try {
      if ((await credentials.stored(id)) !== undefined) return undefined;
      const message = `${label} has no key on this computer.`;
      return { severity: "error", account: id, message, cause: "no-key" };
    } catch (error) {
      // Anything else is the store's own trouble.
      if (!(error instanceof PorticoError)) throw error;
      return { severity: "error", account: id, message: `${label}: ${error.message}` };
    }
  }

  /** Secrets first: an account in the file has what it needs. What was stored for nothing is taken back. */
  async function addAll(entries: readonly NewEntry[]): Promise<AccountView[]> {
    const taken = new Set(file.accounts.map(({ id }) => id));
    for (const { account } of entries) {
      if (taken.has(account.id)) throw badRequest(`An account named "${account.id}" exists already.`, "id");
      taken.add(account.id);
    }
    const stored: string[] = [];
    try {
      for (const { account, credential } of entries) {
        if (credential === undefined) continue;
        stored.push(account.id);
        await credentials.replace(account.id, credential);
      }
      await file.addAll(entries.map(({ account }) => account));
    } catch (error) {
      await Promise.allSettled(stored.map((id) => credentials.remove(id)));
      throw error;
    }
    return entries.map(({ account }) => view(account));
  }

  return {
    complete,
    views: () => file.accounts.map(view),
    async problems() {
      const found = await Promise.all(file.accounts.map(problemOf));
      return found.filter((problem) => problem !== undefined);
    },
    async add(wanted) {
      const { credentials: written, headers, ...account } = complete(wanted);
      const key = written?.apiKey === undefined ? {} : { apiKey: written.apiKey };
      const own = headers === undefined ? {} : { headers };
      const bare = written?.apiKey === undefined && headers === undefined;
      const credential = bare ? undefined : ({ kind: "apiKey", ...key, ...own } as const);
      const [added] = await addAll([{ account, credential }]);
      return added ?? view(account);
    },
    async addWith(draft, credential) {
      const { credentials: _none, headers: _nor, ...account } = complete(draft, true);
      const [added] = await addAll([{ account, credential }]);
      return added ?? view(account);
    },
    addAll,
    async replace(id, credential) {
      const account = file.accounts.find((each) => each.id === id);
      if (account === undefined) throw new PorticoError("not_found", `There is no account "${id}".`);
      await credentials.replace(id, credential);
      return view(account);
    },
    async update({ id, ...change }) {
      return view(await file.update(id, change));
    },
    async remove(id) {
      const removed = await file.remove(id);
      if (removed) await credentials.remove(id);
      return removed;
    },
  };
}

/** The person has to say where its server is. */
export function needsBaseUrl(provider: Provider): boolean {
  return Object.values(provider.endpoints).every((endpoint) => endpoint.base === undefined);
}

export function providerView(provider: Provider): ProviderView {
  const example = Object.values(provider.endpoints)[0]?.example;
  return {
    id: provider.id,
    label: provider.label,
    protocols: protocolsOf(provider.endpoints),
    needsBaseUrl: needsBaseUrl(provider),
    keyRequired: provider.keyRequired,
    ...(example === undefined ? {} : { example }),
    ...(provider.keyPage === undefined ? {} : { keyPage: provider.keyPage }),
  };
}

function protocolsOf(endpoints: Partial<Record<Protocol, unknown>>): Protocol[] {
  return Object.keys(endpoints) as Protocol[];
}
