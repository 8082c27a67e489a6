/** The accounts a person added: their settings in `accounts.json`, their keys in the secret store. */
import type { AccountChange } from "../../control/accounts.ts";
import type { AccountView, NewAccount, Problem, ProviderView } from "../../control/contract.ts";
import type { AccountDraft } from "../../control/credentials.ts";
import type { Protocol } from "../../control/protocol.ts";
import type { AccountsFile, StoredAccount } from "../accounts/accountsFile.ts";
import type { Credential } from "../accounts/credentials/credential.ts";
import { SecretsUnavailable } from "../accounts/credentials/monitoredSecrets.ts";
import type { AccountTokens } from "../accounts/credentials/tokens.ts";
import { freeId as freeIdOf, type Present } from "../accounts/credentials/transfer/plan.ts";
import { badRequest, PorticoError } from "../common/errors.ts";
import { compact } from "../common/json.ts";
import type { Log } from "../common/ports.ts";
import type { Provider } from "../providers/provider.ts";
import { headersProblem } from "../settings/accountHeaders.ts";
import { type AccountSettings, accountSchema } from "../settings/settings.ts";

export interface AccountStoreOptions {
  file: AccountsFile;
  /** From the config file: shown, never changed. */
  fixed: () => readonly AccountSettings[];
  providers: readonly Provider[];
  credentials: Pick<AccountTokens, "stored" | "replace" | "remove">;
  log: Pick<Log, "debug">;
}

export interface AccountStore {
  /** The config file's first. */
  views(): AccountView[];
  /** What could be sent of it to check it, without its key. @throws PorticoError `not_found` */
  known(id: string): StoredAccount;
  /** The same, of one that can be changed here. @throws PorticoError `not_found`, `invalid_request` */
  own(id: string): StoredAccount;
  /** @throws PorticoError where there is one that cannot be read */
  credential(id: string): Promise<Credential | undefined>;
  /** Is it meant to have a credential? */
  needsCredential(id: string): boolean;
  /** Looks whether every account has the key it needs. Those that cannot be read now are not told of. */
  problems(): Promise<Problem[]>;
  /** As it would be stored, with its key. @throws PorticoError `invalid_request` naming the field */
  complete(account: NewAccount, credentialed?: boolean): AccountSettings;
  add(account: NewAccount): Promise<AccountView>;
  /** With a credential of another kind than a key. */
  addWith(account: AccountDraft, credential: Credential): Promise<AccountView>;
  /** All of them, or none and an exception. */
  addAll(entries: readonly Present[]): Promise<AccountView[]>;
  /** Another credential for an account. @throws PorticoError `not_found` */
  replace(id: string, credential: Credential): Promise<AccountView>;
  /** @throws PorticoError `not_found` */
  update(change: AccountChange): Promise<AccountView>;
  /** With its key. @returns whether there was one. */
  remove(id: string): Promise<boolean>;
}

export function createAccountStore(options: AccountStoreOptions): AccountStore {
  const { file, fixed, providers, credentials, log } = options;
  const providerOf = (id: string) => providers.find((provider) => provider.id === id);
  const fixedOne = (id: string) => fixed().find((account) => account.id === id);
  const ownOne = (id: string) => file.accounts.find((account) => account.id === id);
  const isSwitched = (id: string) =>
    fixedOne(id) !== undefined && file.switched.some((each) => each.id === id);
  /** All that are at work. */
  const all = (): StoredAccount[] => [
    ...fixed(),
    ...file.accounts.filter(({ id }) => fixedOne(id) === undefined),
  ];

  const takenIds = () => new Set([...fixed(), ...file.accounts].map(({ id }) => id));

  function view(account: StoredAccount): AccountView {
    const provider = providerOf(account.provider);
    // "Custom" tells no two servers apart, and error messages call those of the config file by their id.
    const named = account.provider === "custom" || fixedOne(account.id) !== undefined;
    return {
      id: account.id,
      provider: account.provider,
      label: account.label ?? (named ? account.id : (provider?.label ?? account.id)),
      priority: account.priority,
      enabled: account.enabled,
      protocols: protocolsOf(account.endpoints ?? provider?.endpoints ?? {}),
      readOnly: file.readOnly || fixedOne(account.id) !== undefined,
      ...(fixedOne(account.id) !== undefined && !file.readOnly ? { pausable: true } : {}),
      ...(isSwitched(account.id) ? { switched: true } : {}),
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
    const taken = takenIds();
    return taken.has(provider) ? freeIdOf(provider, (id) => taken.has(id)) : provider;
  }

  /** Accounts of one provider have to be told apart; servers of one's own go by their host. */
  function ownLabel(provider: Provider, { endpoints = {} }: NewAccount): string | undefined {
    const url = Object.values(endpoints)[0];
    const base = needsBaseUrl(provider) && url !== undefined ? new URL(url).host : provider.label;
    const taken = new Set(all().map((account) => view(account).label));
    if (!taken.has(base)) return base === provider.label ? undefined : base;
    for (let number = 2; ; number += 1) {
      if (!taken.has(`${base} ${number}`)) return `${base} ${number}`;
    }
  }

  function known(id: string): StoredAccount {
    const account = fixedOne(id) ?? ownOne(id);
    if (account === undefined) throw new PorticoError("not_found", `There is no account "${id}".`);
    return account;
  }

  function own(id: string): StoredAccount {
    if (fixedOne(id) === undefined) return known(id);
    throw badRequest(`The account "${id}" stands in the config file. Change it there.`, "id");
  }

  async function credential(id: string): Promise<Credential | undefined> {
    const written = fixedOne(id);
    if (written?.credentials?.apiKey === undefined && written?.headers === undefined) {
      return credentials.stored(id);
    }
    const { credentials: { apiKey } = {}, headers } = written;
    return { kind: "apiKey", ...compact({ apiKey, headers }) };
  }

  function needsCredential(id: string): boolean {
    const account = fixedOne(id) ?? ownOne(id);
    if (account === undefined) return false;
    return providerOf(account.provider)?.keyRequired === true || file.stored(id) === true;
  }

  /** An older Portico did not say so. Never rejects: it is found out anew at the next start. */
  async function noteStored(ids: readonly string[]): Promise<void> {
    try {
      await file.noteStored(ids);
    } catch (error) {
      log.debug("which accounts have a secret could not be noted", { error: String(error) });
    }
  }

  async function problemOf(account: StoredAccount, found: Set<string>): Promise<Problem | undefined> {
    const { id, label } = view(account);
    try {
      if ((await credential(id)) !== undefined) {
        found.add(id);
        return undefined;
      }
      if (!account.enabled || !needsCredential(id)) return undefined;
      const message = `${label} has no key on this computer.`;
      return { severity: "error", account: id, message, cause: "no-key" };
    } catch (error) {
      // That is told once, not for each account.
      if (error instanceof SecretsUnavailable || !account.enabled) return undefined;
      if (!(error instanceof PorticoError)) throw error;
      return { severity: "error", account: id, message: `${label}: ${error.message}` };
    }
  }

  /** Secrets first: an account in the file has what it needs. What was stored for nothing is taken back. */
  async function addAll(entries: readonly Present[]): Promise<AccountView[]> {
    const taken = takenIds();
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
      await file.addAll(
        entries.map(({ account, credential }) => ({ ...account, stored: credential !== undefined })),
      );
    } catch (error) {
      await Promise.allSettled(stored.map((id) => credentials.remove(id)));
      throw error;
    }
    return entries.map(({ account }) => view(account));
  }

  async function addOne(account: StoredAccount, credential: Credential | undefined): Promise<AccountView> {
    await addAll([{ account, credential }]);
    return view(account);
  }

  return {
    complete,
    known,
    own,
    credential,
    needsCredential,
    views: () => all().map(view),
    async problems() {
      const found = new Set<string>();
      const problems = await Promise.all(all().map((account) => problemOf(account, found)));
      await noteStored([...found]);
      return problems.filter((problem) => problem !== undefined);
    },
    async add(wanted) {
      const { credentials: written, headers, ...account } = complete(wanted);
      const apiKey = written?.apiKey;
      const bare = apiKey === undefined && headers === undefined;
      return addOne(account, bare ? undefined : { kind: "apiKey", ...compact({ apiKey, headers }) });
    },
    async addWith(draft, credential) {
      const { credentials: _none, headers: _nor, ...account } = complete(draft, true);
      return addOne(account, credential);
    },
    addAll,
    async replace(id, credential) {
      const account = own(id);
      await credentials.replace(id, credential);
      await noteStored([id]);
      return view(account);
    },
    async update({ id, ...change }) {
      const { enabled, ...others } = change;
      const entry = fixedOne(id);
      if (entry !== undefined && enabled !== undefined && Object.keys(others).length === 0) {
        if (entry.enabled !== enabled) await file.switchFixed(id, enabled);
        return view({ ...entry, enabled });
      }
      own(id);
      return view(await file.update(id, change));
    },
    async remove(id) {
      // Of two of a name, the one that was added here goes.
      if (ownOne(id) === undefined && fixedOne(id) !== undefined) own(id);
      const removed = await file.remove(id);
      if (removed) await credentials.remove(id);
      return removed;
    },
  };
}

/** What could be sent of an account to check it, or to add it once more, without its key. */
export const draftOf = ({ id, provider, label, endpoints, models }: StoredAccount): AccountDraft =>
  compact({ id, provider, label, endpoints: endpoints && compact(endpoints), models });

/** The person has to say where its server is. */
function needsBaseUrl(provider: Provider): boolean {
  return Object.values(provider.endpoints).every((endpoint) => endpoint.base === undefined);
}

export function providerView(provider: Provider): ProviderView {
  const { id, label, keyRequired, keyPage, endpoints } = provider;
  const example = Object.values(endpoints)[0]?.example;
  const protocols = protocolsOf(endpoints);
  return compact({
    id,
    label,
    protocols,
    needsBaseUrl: needsBaseUrl(provider),
    keyRequired,
    example,
    keyPage,
  });
}

function protocolsOf(endpoints: Partial<Record<Protocol, unknown>>): Protocol[] {
  return Object.keys(endpoints) as Protocol[];
}
