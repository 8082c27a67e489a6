/** Accounts for the tests of routing. */

import type { Protocol } from "../../../src/control/protocol.ts";
import { buildAccounts } from "../../../src/gateway/accounts/accounts.ts";
import type { Account } from "../../../src/gateway/providers/account.ts";
import { type SettingsInput, settingsSchema } from "../../../src/gateway/settings/settings.ts";

export type AccountInput = NonNullable<SettingsInput["accounts"]>[number];

/** As the settings would make them, the built-in sandbox included. */
export function accountsOf(accounts: readonly AccountInput[]): readonly Account[] {
  const secrets = { secretFor: () => Promise.resolve("key") };
  return buildAccounts(settingsSchema.parse({ accounts: [...accounts] }).accounts, secrets).accounts;
}

/** A custom account that speaks these protocols. */
export function custom(
  id: string,
  protocols: readonly Protocol[],
  more: Partial<AccountInput> = {},
): AccountInput {
  const endpoints = Object.fromEntries(protocols.map((protocol) => [protocol, "http://127.0.0.1:9911/v1"]));
  return { id, provider: "custom", endpoints, ...more };
}
