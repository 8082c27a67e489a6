/** What goes into a bug report: no keys, no names of accounts, no words of a conversation. */
import { homedir } from "node:os";
import type { ListedAccount } from "../../control/accounts.ts";
import type { Status } from "../../control/contract.ts";
import type { SettingName, SettingsView, StorageView, SurroundingsView } from "../../control/settings.ts";
import { MAX_DIAGNOSTICS } from "../control/settingSchemas.ts";

export interface DiagnosticsSources {
  readonly now: number;
  readonly platform: { readonly node: string; readonly os: string; readonly memory: number };
  readonly status: Status;
  readonly settings: SettingsView;
  readonly accounts: readonly ListedAccount[];
  readonly routes: { readonly fixed: number; readonly own: number };
  readonly storage: StorageView;
  readonly surroundings: SurroundingsView;
  /** Oldest first. */
  readonly lines: readonly string[];
  /** Takes secrets out. */
  redact(text: string): string;
}

/** Characters of one line of the log. */
const MAX_LINE = 2000;
/** Accounts that are listed. */
const MAX_ACCOUNTS = 200;

export function diagnostics(sources: DiagnosticsSources): string {
  const { now, platform, status, settings, accounts, routes, storage, surroundings, lines } = sources;
  // People name accounts after themselves: they go by number.
  const numbers = new Map(accounts.map(({ id }, index) => [id, `account ${index + 1}`]));
  const named = (id: string | undefined) =>
    id === undefined ? undefined : (numbers.get(id) ?? "an account");
  const changed = Object.entries(settings.values).map(([name, value]) => {
    const shown = name === "scheduling.pinned" ? named(value === "" ? undefined : String(value)) : value;
    return `${name} = ${JSON.stringify(withoutAccounts(shown, named)) ?? "none"} (${settings.homes[name as SettingName]})`;
  });
  const sections: [string, string[]][] = [
    [
      "Portico",
      [
        `version ${status.version}, ${surroundings.kind}, ${surroundings.clients} clients`,
        `node ${platform.node}, ${platform.os}, ${Math.round(platform.memory / 1024 / 1024)} MiB in use`,
        `at ${new Date(now).toISOString()}`,
        `upstream proxy: ${surroundings.proxy.used === "" ? "none" : "one is used"}`,
      ],
    ],
    [
      "State",
      [
        `proxy ${status.proxy.kind}, key ${status.authMode}, LAN ${status.lan ? "on" : "off"}, ${status.active} in flight`,
        ...status.problems.map(
          ({ severity, message, account, cause }) =>
            `${severity}${cause === undefined ? "" : ` ${cause}`}: ${account === undefined ? message : (named(account) ?? "")}`,
        ),
      ],
    ],
    [
      "Accounts",
      accounts
        .slice(0, MAX_ACCOUNTS)
        .map(
          ({ id, provider, credential, state, priority, enabled, protocols, held, quotas, inFlight = 0 }) =>
            `${named(id)}: ${provider}, ${credential}, ${enabled ? state : "disabled"}, priority ${priority}, ${protocols.join(" ")}, ${inFlight} in flight, ${quotas.length} quotas${held
              .map(
                ({ model, condition, reason }) => `\n  ${model ?? "whole account"}: ${condition}: ${reason}`,
              )
              .join("")}`,
        ),
    ],
    ["Settings", [...changed, `routes: ${routes.own} own, ${routes.fixed} from the config file`]],
    [
      "Data",
      [
        `${storage.requests.rows} requests, ${storage.requests.bytes} bytes; ${storage.bodies.rows} bodies, ${storage.bodies.bytes} bytes`,
        ...(storage.problem === undefined ? [] : [storage.problem]),
        ...storage.files.map(({ name, bytes }) => `${name} ${bytes}`),
      ],
    ],
    ["Log", lines.map((line) => line.slice(0, MAX_LINE))],
  ];
  let text = sections.map(([title, each]) => `# ${title}\n${each.join("\n")}\n`).join("\n");
  // Paths hold the person's name.
  text = sources.redact(text);
  for (const [path, name] of [
    [storage.path, "DATA_FOLDER"],
    [homedir(), "HOME"],
  ] as const) {
    // As it is, and as a field of a log line has it.
    if (path.length > 1)
      text = text.replaceAll(path, name).replaceAll(JSON.stringify(path).slice(1, -1), name);
  }
  for (const { id, label, provider } of longestFirst(accounts)) {
    // The provider's own name tells nothing, and stands in many places.
    const usual = label.toLowerCase().replaceAll(/[^a-z0-9]/g, "") === provider.replaceAll("-", "");
    if (!usual && label.length >= MIN_NAME) text = text.replaceAll(label, named(id) ?? "an account");
  }
  return text.length <= MAX_DIAGNOSTICS ? text : text.slice(0, MAX_DIAGNOSTICS);
}

/** Shorter labels are ordinary words. */
const MIN_NAME = 4;

function longestFirst(accounts: readonly ListedAccount[]): ListedAccount[] {
  return accounts.toSorted((a, b) => b.label.length - a.label.length);
}

/** Budgets and prices of one account name it. */
function withoutAccounts(value: unknown, named: (id: string) => string | undefined): unknown {
  if (!Array.isArray(value)) return value;
  return value.map((each: unknown) =>
    typeof each === "object" && each !== null && "account" in each
      ? { ...each, account: named(String(each.account)) }
      : each,
  );
}
