/** The accounts a person added: their settings in `accounts.json`, their keys in the secret store. */
import type { AccountView, NewAccount, Problem, ProviderView } from "../../control/contract.ts";
import type { AccountsFile, StoredAccount } from "../accounts/accountsFile.ts";
import { badRequest, PorticoError } from "../errors.ts";
import type { SecretStore } from "../ports.ts";
import type { Protocol } from "../protocols/protocol.ts";
import type { Provider } from "../providers/provider.ts";
import { type AccountSettings, accountSchema } from "../settings.ts";

export interface AccountBookOptions {
  file: AccountsFile;
  secrets: SecretStore;
  providers: readonly Provider[];
  /** Where the secret store has the key of an account. */
  secretKey: (accountId: string) => string;
}

export interface AccountBook {
  views(): AccountView[];
  /** Looks whether every account has the key it needs. */
  problems(): Promise<Problem[]>;
  /** As it would be stored, with its key. @throws PorticoError `invalid_request` naming the field */
  complete(account: NewAccount): AccountSettings;
  add(account: NewAccount): Promise<AccountView>;
  /** With its key. @returns whether there was one. */
  remove(id: string): Promise<boolean>;
}

export function createAccountBook({ file, secrets, providers, secretKey }: AccountBookOptions): AccountBook {
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

  function complete(account: NewAccount): AccountSettings {
    const provider = providerOf(account.provider);
    if (provider === undefined)
      throw badRequest(`Portico knows no provider "${account.provider}".`, "provider");
    if (provider.keyRequired && account.apiKey === undefined) {
      throw badRequest(`${provider.label} needs a key.`, "apiKey");
    }
    if (needsBaseUrl(provider) && protocolsOf(account.endpoints ?? {}).length === 0) {
      throw badRequest(`${provider.label} needs the address of its server.`, "endpoints");
    }
    const { apiKey, ...rest } = account;
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

  return {
    complete,
    views: () => file.accounts.map(view),
    async problems() {
      const missing = await Promise.all(
        file.accounts.map(async (account) => {
          const required = account.enabled && providerOf(account.provider)?.keyRequired === true;
          return required && (await secrets.get(secretKey(account.id))) === undefined
            ? view(account)
            : undefined;
        }),
      );
      return missing.flatMap((account) =>
        account === undefined
          ? []
          : [
              {
                severity: "error" as const,
                account: account.id,
                message: `${account.label} has no key on this computer. Remove it and add it again.`,
              },
            ],
      );
    },
    async add(wanted) {
      const { credentials, ...account } = complete(wanted);
      const key = secretKey(account.id);
      if (file.accounts.some(({ id }) => id === account.id)) {
        throw badRequest(`An account named "${account.id}" exists already.`, "id");
      }
      if (credentials?.apiKey !== undefined) await keep(secrets, key, credentials.apiKey);
      try {
        await file.add(account);
      } catch (error) {
        await secrets.delete(key);
        throw error;
      }
      return view(account);
    },
    async remove(id) {
      const removed = await file.remove(id);
      if (removed) await secrets.delete(secretKey(id));
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

async function keep(secrets: SecretStore, key: string, value: string): Promise<void> {
  try {
    await secrets.set(key, value);
  } catch (error) {
    throw new PorticoError(
      "unavailable",
      "VS Code could not store the key. Is its secret storage (keyring) available?",
      {
        cause: error,
      },
    );
  }
}
