/** The gateway's settings inside VS Code: the window's, the accounts file's and the key, as one. */
import type { Problem } from "../../control/contract.ts";
import type { WindowSettings } from "../../control/window.ts";
import type { StoredAccount } from "../accounts/accountsFile.ts";
import { type RouteSettings, type Settings, settingsSchema } from "../settings.ts";

export interface Composed {
  settings: Settings;
  /** Settings that are not valid; their defaults are used. */
  problems: Problem[];
}

export interface Sources {
  window: WindowSettings;
  accounts: readonly StoredAccount[];
  routes: readonly RouteSettings[];
  apiKey: string;
}

/** Never fails: what is not valid is left out and named. */
export function composeSettings({ window, accounts, routes, apiKey }: Sources): Composed {
  const { auth, ...rest } = structuredClone(window) as Record<string, unknown>;
  const input: Record<string, unknown> = {
    ...rest,
    auth: { ...(isObject(auth) ? auth : {}), apiKey },
    accounts: [...accounts],
    routes: [...routes],
  };
  const problems: Problem[] = [];
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

/** Takes the setting out that holds `path`: one of the top level, or of a group. @returns its name. */
function removeSetting(input: Record<string, unknown>, path: readonly string[]): string {
  const [first = "", second] = path;
  const group = input[first];
  if (second !== undefined && isObject(group) && second in group) {
    delete group[second];
    return `${first}.${second}`;
  }
  if (!(first in input)) throw new Error(`settings: nothing to leave out at "${path.join(".")}"`);
  delete input[first];
  return first;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
