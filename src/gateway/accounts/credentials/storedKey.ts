/** The key of an account whose credential is in the secret store, where it is meant to have one. */
import { PorticoError } from "../../common/errors.ts";
import type { Account, AccountKey } from "../../providers/account.ts";
import type { Provider } from "../../providers/provider.ts";
import { SecretsUnavailable } from "./monitoredSecrets.ts";
import type { AccountTokens } from "./tokens.ts";

export interface StoredKeyOf extends Pick<Account, "id" | "label" | "proxy"> {
  readonly provider: Pick<Provider, "id" | "keyRequired">;
}

/**
 * @param stored whether it has a credential there; `undefined`: an older Portico added it and did not say
 * @returns `undefined` where it has none, or can do without one that cannot be read now
 * @throws PorticoError where there is one, but none that could be used now
 */
export async function storedKey(
  account: StoredKeyOf,
  stored: boolean | undefined,
  tokens: Pick<AccountTokens, "keyFor">,
): Promise<AccountKey | undefined> {
  const { provider, label } = account;
  let key: AccountKey | undefined;
  try {
    key = await tokens.keyFor(account);
  } catch (error) {
    if (error instanceof SecretsUnavailable && isKeyless(provider, stored)) return undefined;
    throw error;
  }
  if (key === undefined && stored === true && !provider.keyRequired) {
    throw new PorticoError(
      "authentication",
      `the key of the account "${label}" is no longer on this computer; give it once more`,
    );
  }
  return key;
}

/** Servers of the person's own mostly are; one that is not known may be anything. */
function isKeyless({ id, keyRequired }: StoredKeyOf["provider"], stored: boolean | undefined): boolean {
  return !keyRequired && (stored === false || (stored === undefined && id !== "custom"));
}
