/** Settings and providers, joined: the accounts that routing works with. */
import type { Problem } from "../../control/contract.ts";
import { PROTOCOL_FACTS, PROTOCOLS, type Protocol } from "../../control/protocol.ts";
import type { Account, AccountKey } from "../providers/account.ts";
import { endpoint } from "../providers/endpoints.ts";
import type { Provider, ProviderEndpoint } from "../providers/provider.ts";
import { PROVIDERS } from "../providers/providers.ts";
import { SANDBOX_ID } from "../sandbox/models.ts";
import type { AccountSettings } from "../settings/settings.ts";

export interface BuiltAccounts {
  /** All of them, disabled ones and ones without an address included. The built-in sandbox is last. */
  readonly accounts: readonly Account[];
  /** What a person has to mend. */
  readonly problems: readonly Problem[];
  /** No account of the person's own is enabled. */
  readonly sandboxOnly: boolean;
}

type Named = Pick<Account, "id" | "label" | "proxy" | "provider">;

/** Credentials that are kept outside the settings. */
export interface AccountSecrets {
  /** @throws PorticoError where there is one, but none that could be used now */
  secretFor(id: string, account: Named): Promise<AccountKey | undefined>;
  /** Another one after the provider refused this one, where that may help. */
  secretAfterRefusal?(account: Named, refused: AccountKey): Promise<AccountKey | undefined>;
}

/**
 * Joins each account with its provider. `endpoints` in the settings names the protocols that the
 * account speaks, in place of the provider's own; what cannot work is a problem, never an exception.
 */
export function buildAccounts(settings: readonly AccountSettings[], secrets: AccountSecrets): BuiltAccounts {
  const accounts: Account[] = [];
  const problems: Problem[] = [];
  for (const each of settings) {
    const provider = PROVIDERS[each.provider];
    const endpoints = endpointsOf(each, provider);
    if (endpoints.size === 0) {
      problems.push({ severity: "error", account: each.id, message: withoutAddress(each.id, provider) });
    }
    if (each.id === SANDBOX_ID && provider.id !== "sandbox") {
      problems.push({
        severity: "warning",
        account: each.id,
        message: `An account called "${SANDBOX_ID}" hides the built-in sandbox. Give it another id.`,
      });
    }
    accounts.push({
      id: each.id,
      label: each.label ?? each.id,
      provider,
      priority: each.priority,
      enabled: each.enabled,
      endpoints,
      models: each.models,
      proxy: each.proxy,
      maxInFlight: each.maxInFlight,
      protectBelowPercent: each.protectBelowPercent,
      thinkTags: each.thinkTags,
      ...keysOf(each, provider, secrets),
    });
  }
  const sandboxOnly = !accounts.some((account) => account.enabled);
  if (!accounts.some((account) => account.id === SANDBOX_ID)) accounts.push(builtInSandbox());
  return { accounts, problems, sandboxOnly };
}

function keysOf(
  { id, label = id, proxy, credentials, headers }: AccountSettings,
  provider: Provider,
  secrets: AccountSecrets,
): Pick<Account, "key" | "keyAfterRefusal"> {
  const named = { id, label, proxy, provider };
  const written = credentials?.apiKey;
  if (headers !== undefined) {
    const own = written === undefined ? { headers } : { key: written, headers };
    return { key: () => Promise.resolve(own) };
  }
  if (written !== undefined) return { key: () => Promise.resolve(written) };
  return {
    key: () => secrets.secretFor(id, named),
    keyAfterRefusal: async (refused) => secrets.secretAfterRefusal?.(named, refused),
  };
}

function endpointsOf(account: Pick<AccountSettings, "endpoints">, provider: Provider): Account["endpoints"] {
  const endpoints = new Map<Protocol, ProviderEndpoint & { base: string }>();
  for (const protocol of PROTOCOLS) {
    const own = provider.endpoints[protocol];
    const written = account.endpoints === undefined ? own?.base : account.endpoints[protocol];
    if (written === undefined) continue;
    const base = tidyBase(written, protocol, provider);
    endpoints.set(protocol, { ...(own ?? endpoint(protocol, undefined)), base });
  }
  return endpoints;
}

/**
 * Without trailing slashes. Where paths carry their version themselves, a `/v1` that a person wrote
 * behind the base is one too many.
 */
function tidyBase(written: string, protocol: Protocol, provider: Provider): string {
  const base = withoutTrailingSlashes(written.trim());
  if (PROTOCOL_FACTS[protocol].versionInBase || provider.path !== undefined) return base;
  return withoutTrailingSlashes(base.replace(/\/v1(?:beta)?$/, ""));
}

function withoutTrailingSlashes(text: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === "/") end--;
  return text.slice(0, end);
}

function withoutAddress(id: string, provider: Provider): string {
  const [first] = Object.entries(provider.endpoints);
  const example =
    first === undefined ? "" : `, e.g. {"${first[0]}": "${first[1].example ?? first[1].base ?? ""}"}`;
  const speaks = Object.keys(provider.endpoints)
    .map((protocol) => PROTOCOL_FACTS[protocol as Protocol].label)
    .join(", ");
  return `Account "${id}" (${provider.label}) has no address. Name one in "endpoints"${example}. It can speak: ${speaks}.`;
}

function builtInSandbox(): Account {
  const provider = PROVIDERS.sandbox;
  return {
    id: SANDBOX_ID,
    label: provider.label,
    provider,
    priority: 0,
    enabled: true,
    endpoints: endpointsOf({}, provider),
    models: undefined,
    proxy: undefined,
    key: () => Promise.resolve(undefined),
  };
}
