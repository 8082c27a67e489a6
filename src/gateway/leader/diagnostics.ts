/**
 * What goes into a bug report: no keys, no names of accounts, hosts or people, no words of a conversation or of
 * a provider.
 */
import { homedir, hostname, release, type } from "node:os";
import type { ListedAccount } from "../../control/accounts.ts";
import type { Status } from "../../control/contract.ts";
import type { SettingName, SettingsView, StorageView, SurroundingsView } from "../../control/settings.ts";
import { Pseudonyms } from "./pseudonyms.ts";

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
  /** That a person chose: of their own servers, proxies, other computers. */
  readonly hosts: readonly string[];
  /** Takes secrets out. */
  redact(text: string): string;
}

/** UTF-16 units of all of it. */
export const MAX_DIAGNOSTICS = 1024 * 1024;
/** Characters of one line of the log. */
const MAX_LINE = 2000;
/** Accounts that are listed. */
const MAX_ACCOUNTS = 200;

export function diagnostics(sources: DiagnosticsSources): string {
  const { now, platform, status, settings, accounts, routes, storage, surroundings, lines } = sources;
  const names = new Pseudonyms({
    accounts,
    hosts: [...sources.hosts, hostname()].filter((host) => host.length >= MIN_HOST),
    texts: [
      [storage.path, "DATA_FOLDER"],
      [homedir(), "HOME"],
    ],
  });
  const ids = new Set(accounts.map(({ id }) => id));
  const changed = Object.entries(settings.values).map(([name, value]) => {
    const shown = JSON.stringify(settingShown(name as SettingName, value, names, ids)) ?? "none";
    return `${name} = ${shown} (${settings.homes[name as SettingName]})`;
  });
  const sections: [string, string[]][] = [
    [
      "Portico",
      [
        // Whoever is about to send it wants to know.
        "Redacted: no key, no word of a conversation; accounts, hosts and people have other names here.",
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
          ({ severity, message, account, key, cause }) =>
            `${severity}${cause === undefined ? "" : ` ${cause}`}: ${account !== undefined ? names.account(account) : key === undefined ? names.scrub(message) : "a client key"}`,
        ),
      ],
    ],
    [
      "Accounts",
      accounts.slice(0, MAX_ACCOUNTS).map(
        ({ id, provider, credential, state, priority, enabled, protocols, held, quotas, inFlight = 0 }) =>
          `${names.account(id)}: ${provider}, ${credential}, ${enabled ? state : "disabled"}, priority ${priority}, ${protocols.join(" ")}, ${inFlight} in flight, ${quotas.length} quotas${held
            // Why it is held back is said in the provider's words.
            .map(({ model, condition }) => `\n  ${names.scrub(model ?? "whole account")}: ${condition}`)
            .join("")}`,
      ),
    ],
    ["Settings", [...changed, `routes: ${routes.own} own, ${routes.fixed} from the config file`]],
    [
      "Data",
      [
        `${storage.requests.rows} requests, ${storage.requests.bytes} bytes; ${storage.bodies.rows} bodies, ${storage.bodies.bytes} bytes`,
        ...(storage.problem === undefined ? [] : [names.scrub(storage.problem)]),
        ...storage.files.map(({ name, bytes }) => `${names.scrub(name)} ${bytes}`),
      ],
    ],
    ["Log", lines.map((line) => lineShown(line, sources.redact, names))],
  ];
  const text = sections.map(([title, each]) => `# ${title}\n${each.join("\n")}\n`).join("\n");
  const clean = sources.redact(text);
  return clean.length <= MAX_DIAGNOSTICS ? clean : clean.slice(0, MAX_DIAGNOSTICS);
}

/** Bounds the work; then cut again, since a name that was split is not recognised. */
function lineShown(line: string, redact: (text: string) => string, names: Pseudonyms): string {
  return names.scrub(redact(line).slice(0, 2 * MAX_LINE)).slice(0, MAX_LINE);
}

/** Shorter host names are ordinary words. */
const MIN_HOST = 3;

/** As it stands, but for what names accounts, hosts or people. */
function settingShown(
  name: SettingName,
  value: unknown,
  names: Pseudonyms,
  ids: ReadonlySet<string>,
): unknown {
  switch (name) {
    case "scheduling.pinned":
      return value === "" ? undefined : names.account(String(value));
    case "allowedHosts":
    case "allowedOrigins":
      return Array.isArray(value) ? `${value.length} given` : value;
    case "background.to":
      return Array.isArray(value) ? value.map((target) => targetShown(String(target), names, ids)) : value;
    default:
      return withoutAccounts(value, names);
  }
}

/** `ACCOUNT_OR_PROVIDER/MODEL`, or just `MODEL`. */
function targetShown(target: string, names: Pseudonyms, ids: ReadonlySet<string>): string {
  const slash = target.indexOf("/");
  const owner = target.slice(0, slash);
  return slash > 0 && ids.has(owner)
    ? `${names.account(owner)}/${names.scrub(target.slice(slash + 1))}`
    : names.scrub(target);
}

/** Budgets and prices of one account name it. */
function withoutAccounts(value: unknown, names: Pseudonyms): unknown {
  if (!Array.isArray(value)) return value;
  return value.map((each: unknown) => {
    if (typeof each !== "object" || each === null) return each;
    const { account, model, ...rest } = each as Record<string, unknown>;
    return {
      ...(model === undefined ? {} : { model: names.scrub(String(model)) }),
      ...(account === undefined ? {} : { account: names.account(String(account)) }),
      ...rest,
    };
  });
}

/** What this process runs on. */
export const thisPlatform = () => ({
  node: process.version,
  os: `${type()} ${release()} ${process.arch}`,
  memory: process.memoryUsage.rss(),
});
