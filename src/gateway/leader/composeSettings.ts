/** The gateway's settings: their home's, the accounts file's and the key, as one. */
import type { Problem } from "../../control/contract.ts";
import type { SettingsChange } from "../../control/settings.ts";
import type { WindowSettings } from "../../control/window.ts";
import type { StoredAccount } from "../accounts/accountsFile.ts";
import { isRecord } from "../common/json.ts";
import { type ClientKey, MAX_CLIENT_KEYS, MAX_REVOKED } from "../settings/clientKeys.ts";
import {
  type AccountSettings,
  type RouteSettings,
  type Settings,
  settingsSchema,
} from "../settings/settings.ts";
import { withEditable } from "../settings/table.ts";

/** What a config file says besides settings. It goes first and is changed there alone. */
export interface Fixed {
  readonly accounts: readonly AccountSettings[];
  readonly routes: readonly RouteSettings[];
  readonly keys?: readonly ClientKey[];
  /** Digests. */
  readonly revokedKeys?: readonly string[];
  /** The gateway's own key. */
  readonly apiKey?: string | undefined;
  /** The settings that it or the command line says; nobody else does. */
  readonly names?: ReadonlySet<string>;
  /** Where it is, for people. */
  readonly configFile?: string;
}

export const NOTHING_FIXED: Fixed = { accounts: [], routes: [] };
/** Of accounts, and of routes. */
const MAX = 1000;

export interface Composed {
  settings: Settings;
  /** Settings that are not valid; their defaults are used. */
  problems: Problem[];
}

export interface Sources {
  window: WindowSettings;
  /** Changed from the pages, where nobody else says it. */
  preferences?: SettingsChange;
  fixed: Fixed;
  accounts: readonly StoredAccount[];
  routes: readonly RouteSettings[];
  keys?: readonly ClientKey[];
  /** Digests of keys that count no longer. */
  revoked?: readonly string[];
  /** Absent: it cannot be read now. */
  apiKey: string | undefined;
}

/** Never fails: what is not valid is left out and named. */
export function composeSettings({
  window,
  preferences = {},
  fixed,
  accounts,
  routes,
  keys = [],
  revoked = [],
  apiKey,
}: Sources): Composed {
  const { auth, ...rest } = structuredClone(withEditable(window, preferences));
  const hidden = hiddenBy(fixed, accounts);
  const shown = accounts.filter((account) => !hidden.includes(account));
  const input: Record<string, unknown> = {
    ...rest,
    auth: { ...(isRecord(auth) ? auth : {}), ...(apiKey === undefined ? {} : { apiKey }) },
    // Whether one has a secret is for its key to know, and no setting.
    accounts: [...fixed.accounts, ...shown.map(({ stored: _stored, ...settings }) => settings)].slice(0, MAX),
    routes: [...fixed.routes, ...routes].slice(0, MAX),
    keys: [...(fixed.keys ?? []), ...ownKeys(fixed, keys)].slice(0, MAX_CLIENT_KEYS),
    revokedKeys: [...(fixed.revokedKeys ?? []), ...revoked].slice(-MAX_REVOKED),
  };
  const problems = hidden.map(({ id }): Problem => {
    const message = `There are two accounts named "${id}". The one in the config file is used; give it another id there, or remove the other one.`;
    return { severity: "warning", account: id, message, cause: "two-of-a-name" };
  });
  for (;;) {
    const parsed = settingsSchema.safeParse(input);
    if (parsed.success) return { settings: parsed.data, problems };
    const issue = parsed.error.issues[0];
    // An unknown key is reported at its parent.
    const path = (
      issue?.code === "unrecognized_keys" ? [...issue.path, ...issue.keys] : (issue?.path ?? [])
    ).map(String);
    const name = removeSetting(input, path);
    problems.push({
      severity: "warning",
      message: `The setting portico.${name} is not valid (${issue?.message ?? "unknown"}). Its default is used.`,
    });
  }
}

/** Those that a person made, less what the config file has as well: one of a name and of a secret, so that all hold. */
export function ownKeys({ keys: fixed = [] }: Fixed, keys: readonly ClientKey[]): readonly ClientKey[] {
  const taken = new Set(fixed.flatMap(({ id, key }) => [id, key]));
  return keys.filter(({ id, key }) => !taken.has(id) && (key === undefined || !taken.has(key)));
}

/** The accounts that a person added under an id that the config file has as well. */
export function hiddenBy(fixed: Fixed, accounts: readonly StoredAccount[]): readonly StoredAccount[] {
  const taken = new Set(fixed.accounts.map(({ id }) => id));
  return accounts.filter(({ id }) => taken.has(id));
}

/** Takes the setting out that holds `path`: one of the top level, or of a group. @returns its name. */
function removeSetting(input: Record<string, unknown>, path: readonly string[]): string {
  const [first = "", second] = path;
  const group = input[first];
  if (second !== undefined && isRecord(group) && second in group) {
    delete group[second];
    return `${first}.${second}`;
  }
  if (!(first in input)) throw new Error(`settings: nothing to leave out at "${path.join(".")}"`);
  delete input[first];
  return first;
}
