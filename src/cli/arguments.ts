/** The command line's arguments, as values or as a complaint. */

import { isIP } from "node:net";
import { t } from "@vscode/l10n";
import { DEFAULT_PROTOCOL, PROTOCOLS } from "../control/protocol.ts";
import { STATS_BY } from "../control/stats.ts";
import { LOG_LEVELS } from "../gateway/common/log.ts";
import { nearest } from "../gateway/config/nearest.ts";
import {
  type AddArguments,
  type AskArguments,
  type Command,
  type ListenHost,
  type ServeArguments,
  type SignInArguments,
  UsageError,
} from "./command.ts";
import { keyCommand } from "./keyArguments.ts";
import {
  COMMANDS,
  type CommandName,
  type CommandSpec,
  isFamily,
  membersOf,
  NAMES,
  OPTIONS,
  type Option,
  type OptionName,
  type Topic,
} from "./options.ts";
import { among, parse, pathIn, type Values, wholeNumber } from "./values.ts";

/** @throws UsageError */
export function parseCommand(args: readonly string[]): Command {
  const own = args.slice(0, ownArguments(args));
  const { values, positionals } = parse(own);
  const [first, ...others] = positionals;
  if (values.help || first === "help") {
    return { kind: "help", topic: topicOf(first === "help" ? others : positionals) };
  }
  if (values.version) return { kind: "version" };
  const { name, rest } = commandOf(positionals);
  refuseForeign(name, values);
  const asking: AskArguments = { dataDir: pathIn(values, "data-dir"), json: values.json === true };
  const { dataDir } = asking;
  switch (name) {
    case "serve":
      none(name, rest);
      return { kind: name, ...serveArguments(values) };
    case "route": {
      const model = one(name, rest, t("a model: portico route MODEL"));
      const { config, protocol = DEFAULT_PROTOCOL } = values;
      return {
        kind: name,
        model,
        protocol: among("protocol", protocol, PROTOCOLS),
        config,
        ...asking,
      };
    }
    case "status":
    case "clients":
    case "keys list":
      none(name, rest);
      return { kind: name, ...asking };
    case "start":
    case "stop":
    case "restart":
      none(name, rest);
      return { kind: name, ...asking, now: values.now === true };
    case "key show":
    case "key rotate":
      none(name, rest);
      return { kind: name, ...asking, rotate: name === "key rotate" };
    case "accounts list":
      none(name, rest);
      return { kind: name, ...asking, config: pathIn(values, "config") };
    case "dashboard":
      none(name, rest);
      return { kind: name, ...asking, open: values.open === true };
    case "accounts add": {
      const provider = one(name, rest, t("a provider: portico accounts add PROVIDER"));
      return { kind: name, ...asking, provider, ...addArguments(values) };
    }
    case "accounts remove":
      return { kind: name, ...asking, id: one(name, rest, anId()) };
    case "accounts sign-in":
      return {
        kind: name,
        ...asking,
        id: one(name, rest, anId()),
        how: howOf(values),
        keyEnv: values["key-env"],
        keep: values.keep === true,
      };
    case "accounts export":
      return {
        kind: name,
        ...asking,
        file: one(name, rest, t("a file, - for standard output")),
        keys: values["with-keys"] === true,
        passphraseEnv: values["passphrase-env"],
      };
    case "backup":
      return {
        kind: name,
        ...asking,
        file: one(name, rest, "a file, - for standard output"),
        passphraseEnv: values["passphrase-env"],
      };
    case "accounts import":
    case "restore":
      return {
        kind: name,
        ...asking,
        file: one(name, rest, t("a file")),
        yes: values.yes === true,
        passphraseEnv: values["passphrase-env"],
      };
    case "accounts test":
      return {
        kind: name,
        ...asking,
        config: pathIn(values, "config"),
        id: rest.length === 0 ? undefined : one(name, rest, t("an id")),
      };
    case "keys add":
    case "keys update":
    case "keys rotate":
    case "keys revoke": {
      const id = one(name, rest, name === "keys add" ? t('a name, such as "CI"') : aKey());
      return keyCommand({ name, id, asking }, values);
    }
    case "logs": {
      none(name, rest);
      const { client, account } = values;
      return {
        kind: name,
        ...asking,
        follow: values.follow === true,
        limit: wholeNumber("limit", values.limit, 1, 10_000) ?? 50,
        errors: values.errors === true,
        client,
        account: account?.at(-1),
        model: oneModel(name, values),
      };
    }
    case "stats":
      none(name, rest);
      return {
        kind: name,
        ...asking,
        by: among("by", values.by ?? "model", STATS_BY),
        days: wholeNumber("days", values.days, 1, 366) ?? 7,
      };
    case "service install":
    case "service uninstall":
    case "service status":
      none(name, rest);
      return {
        kind: name,
        config: pathIn(values, "config"),
        port: wholeNumber("port", values.port, 0, 65_535),
        dataDir,
        yes: values.yes === true,
      };
    case "run": {
      const client = one(name, rest, aClient());
      return { kind: name, client, model: oneModel(name, values), dataDir, rest: args.slice(own.length) };
    }
    case "remove":
      none(name, rest);
      return { kind: name, yes: values.yes === true, dataDir };
    case "connect":
    case "disconnect": {
      if (values.outdated === true) {
        none(name, rest);
        if (values.model !== undefined)
          throw new UsageError(t("--outdated takes no --model: each keeps its own"));
        return { kind: "connect outdated", yes: values.yes === true, dataDir };
      }
      const which = { client: one(name, rest, aClient()), yes: values.yes === true };
      if (name === "disconnect") return { kind: name, ...which };
      return { kind: name, ...which, model: oneModel(name, values), offers: values.offer, dataDir };
    }
  }
}

const anId = () => t('an id, as "portico accounts list" shows them');
const aKey = () => t('an id, as "portico keys list" shows them');
const aClient = () => t('a client, as "portico clients" lists them');

function serveArguments(values: Values): ServeArguments {
  return {
    config: pathIn(values, "config"),
    port: wholeNumber("port", values.port, 0, 65_535),
    host: values.host === undefined ? undefined : parseHost(values.host),
    dataDir: pathIn(values, "data-dir"),
    logLevel: among("log-level", values["log-level"] ?? "info", LOG_LEVELS),
    dashboard: values["no-dashboard"] !== true,
    dashboardPort: wholeNumber("dashboard-port", values["dashboard-port"], 0, 65_535),
    drain: wholeNumber("drain", values.drain, 0, 600) ?? 30,
  };
}

function addArguments(values: Values): Omit<AddArguments, "provider" | keyof AskArguments> {
  return {
    label: values.label,
    id: values.id,
    baseUrls: values["base-url"] ?? [],
    models: values.model ?? [],
    priority: wholeNumber("priority", values.priority, -1000, 1000),
    keyEnv: values["key-env"],
    keep: values.keep === true,
    signIn: signInArguments(values),
  };
}

const OF_SIGN_IN = ["open", "client-file", "client-id", "client-secret-env", "project"] as const;

function signInArguments(values: Values): SignInArguments | undefined {
  if (values["sign-in"] !== true) {
    const stray = OF_SIGN_IN.find((name) => values[name] !== undefined);
    if (stray !== undefined) throw new UsageError(t("{0} belongs to {1}", `--${stray}`, "--sign-in"));
    return undefined;
  }
  if (values["key-env"] !== undefined)
    throw new UsageError(t("--sign-in takes no --key-env: it needs no key"));
  return howOf(values);
}

function howOf(values: Values): SignInArguments {
  const { project } = values;
  if (project !== undefined && !/^[a-z0-9.:-]{1,200}$/i.test(project)) {
    throw new UsageError(t("--project is an id of letters, digits and dashes"));
  }
  return {
    open: values.open === true,
    clientFile: pathIn(values, "client-file"),
    clientId: values["client-id"],
    clientSecretEnv: values["client-secret-env"],
    project,
  };
}

function commandOf(positionals: readonly string[]): { name: CommandName; rest: readonly string[] } {
  const [first, second, ...rest] = positionals;
  if (first === undefined) throw new UsageError(t("no command given; did you mean: portico serve"));
  if (isFamily(first)) {
    const subs = membersOf(first).map((name) => name.slice(first.length + 1));
    if (second === undefined) throw new UsageError(t("{0} needs one of: {1}", first, subs.join(", ")));
    const name = NAMES.find((each) => each === `${first} ${second}`);
    if (name !== undefined) return { name, rest };
    throw new UsageError(
      t("unknown command {0}; there are: {1}", JSON.stringify(`${first} ${second}`), subs.join(", ")),
    );
  }
  const name = NAMES.find((each) => each === first);
  if (name !== undefined) return { name, rest: positionals.slice(1) };
  const known = [...new Set(NAMES.map((each) => each.split(" ")[0] ?? each))];
  const meant = nearest(first, known);
  const given = JSON.stringify(first);
  throw new UsageError(
    meant === undefined
      ? t("unknown command {0}; there are: {1}", given, known.join(", "))
      : t("unknown command {0}; did you mean {1}?", given, meant),
  );
}

/** What help is asked about; whatever else there is, all of it. */
function topicOf([first, second]: readonly string[]): Topic | undefined {
  if (isFamily(first)) return NAMES.find((name) => name === `${first} ${second}`) ?? first;
  return NAMES.find((name) => name === first);
}

function refuseForeign(name: CommandName, values: Values): void {
  const own: readonly OptionName[] = (COMMANDS[name] as CommandSpec).options;
  const foreign = Object.keys(values).find((each) => !own.includes(each as OptionName));
  if (foreign !== undefined) throw new UsageError(t("{0} is no option of {1}", `--${foreign}`, name));
}

function none(name: CommandName, rest: readonly string[]): void {
  if (rest.length === 0) return;
  throw new UsageError(t("{0} takes no {1}; options begin with --", name, JSON.stringify(rest[0])));
}

function one(name: CommandName, [first, ...rest]: readonly string[], what: string): string {
  if (first === undefined) throw new UsageError(t("{0} needs {1}", name, what));
  if (rest.length > 0)
    throw new UsageError(t("{0} takes one name, not also {1}", name, JSON.stringify(rest[0])));
  return first;
}

/** How many are ours: what stands behind `run CLIENT` is that client's. */
function ownArguments(args: readonly string[]): number {
  if (args[0] !== "run") return args.length;
  let at = 1;
  for (let arg = args[at]; arg?.startsWith("-"); arg = args[at]) {
    const option: Option | undefined = Object.entries(OPTIONS).find(([name]) => arg === `--${name}`)?.[1];
    at += option?.value === undefined ? 1 : 2;
  }
  return at + 1;
}

function oneModel(name: CommandName, { model = [] }: Values): string | undefined {
  if (model.length > 1) throw new UsageError(t("{0} takes one --model", name));
  if (model[0] === "") throw new UsageError(t("--model needs a name"));
  return model[0];
}

function parseHost(text: string): ListenHost {
  const address = text.toLowerCase() === "localhost" ? "127.0.0.1" : text.replace(/^\[(.*)\]$/, "$1");
  const family = isIP(address);
  if (family === 0) {
    throw new UsageError(t("--host must be localhost or an IP address, not {0}", JSON.stringify(text)));
  }
  return { address, loopback: family === 4 ? address.startsWith("127.") : address === "::1" };
}
