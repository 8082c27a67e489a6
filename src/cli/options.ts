/** Every option of the command line, and which command takes which. */

import { DEFAULT_PROTOCOL, PROTOCOLS } from "../control/protocol.ts";
import { LOG_LEVELS } from "../gateway/common/log.ts";
import { ASKING, KEY_COMMANDS, KEY_OPTIONS } from "./keyOptions.ts";

/** `value`: what it takes, as the help calls it; absent: nothing. */
export interface Option {
  readonly value?: string;
  readonly says: string;
  readonly short?: string;
  /** May be given more than once. */
  readonly many?: true;
}

export const OPTIONS = {
  config: {
    value: "FILE",
    says: "settings and accounts (JSON with comments); watched while it runs (default: portico.jsonc in Portico's folder for settings, where there is one)",
  },
  port: { value: "N", says: "port to listen on (default 8045; 0 picks a free one)" },
  host: {
    value: "H",
    says: 'address to listen on (default 127.0.0.1, this computer only); another than loopback needs "allowLanAccess": true in the config file',
  },
  "data-dir": {
    value: "DIR",
    says: "of the gateway to ask (default: the one that runs, else the usual folder)",
  },
  "log-level": { value: "LEVEL", says: `${LOG_LEVELS.join(", ")} (default info)` },
  "no-dashboard": { says: "no dashboard for browsers" },
  "dashboard-port": { value: "N", says: "port of the dashboard (default: a free one)" },
  drain: {
    value: "N",
    says: "seconds that running requests get to end when it is stopped, 0 to 600 (default 30)",
  },
  protocol: {
    value: "P",
    says: `what the client speaks: ${PROTOCOLS.join(", ")} (default ${DEFAULT_PROTOCOL})`,
  },
  json: { says: "JSON in place of a table" },
  open: { says: "open it in the browser as well" },
  label: { value: "TEXT", says: "what it is called" },
  id: { value: "ID", says: "its name in routes and commands (default: made from the provider's)" },
  "base-url": {
    value: "URL",
    says: "its server's address, for every protocol, or one as PROTOCOL=URL (may be repeated)",
    many: true,
  },
  model: { value: "NAME", says: "a model, * stands for anything", many: true },
  offer: {
    value: "NAME",
    says: 'a model that Claude Code lists beside its own (may be repeated; "" for none)',
    many: true,
  },
  priority: { value: "N", says: "higher is used first (default 0)" },
  "key-env": { value: "NAME", says: "read the key from this environment variable" },
  "sign-in": { says: "sign in on the provider's page in a browser; no key is needed" },
  "client-file": { value: "FILE", says: "your OAuth client at Google, the JSON file that Google gives you" },
  "client-id": { value: "ID", says: "the same by its id; its secret is asked for" },
  "client-secret-env": { value: "NAME", says: "read that secret from this environment variable" },
  project: { value: "ID", says: "the Google Cloud project that is billed and counted" },
  keep: { says: "add it even where the call that should prove it fails" },
  now: { says: "end what is under way at once" },
  "with-keys": { says: "with keys and sign-ins, encrypted under a passphrase" },
  "passphrase-env": { value: "NAME", says: "read the passphrase from this environment variable" },
  outdated: { says: "all that are connected to an address or with a key from before, at once" },
  yes: { short: "y", says: "do it without asking" },
  follow: { short: "f", says: "go on with each request that ends, until Ctrl+C" },
  limit: { value: "N", says: "at most so many requests, 1 to 10000 (default 50)" },
  errors: { says: "only those that failed" },
  client: { value: "NAME", says: 'of this client, as "portico logs" calls it' },
  account: { value: "ID", says: "of this account", many: true },
  by: { value: "KIND", says: "a line per model, account, client, protocol or client key (default model)" },
  ...KEY_OPTIONS,
  days: { value: "N", says: "of the last N days, today included, 1 to 366 (default 7)" },
  help: { short: "h", says: "show this text" },
  version: { short: "v", says: "show the version" },
} as const satisfies Record<string, Option>;

export type OptionName = keyof typeof OPTIONS;

export interface CommandSpec {
  /** Behind the command's name. */
  readonly usage: string;
  readonly says: string;
  /** What its help says besides, a paragraph each; wrapped where it is shown. */
  readonly more?: readonly string[];
  readonly options: readonly OptionName[];
  /** Where an option means something else than usual. */
  readonly own?: Partial<Record<OptionName, string>>;
}

/** Of the commands that work on a folder, whoever runs. */
const DATA_DIR =
  "where Portico keeps its data (default: PORTICO_DATA_DIR, else the platform's folder for application data)";
const OF_FILE = "those of this config file, too, while no gateway runs";

export const COMMANDS = {
  serve: {
    usage: "[options]",
    says: "run the gateway until Ctrl+C",
    options: ["config", "port", "host", "data-dir", "log-level", "no-dashboard", "dashboard-port", "drain"],
    own: { "data-dir": DATA_DIR },
    more: [
      'When it is ready, one line on standard output ends "listening on http://127.0.0.1:PORT".',
      "Logs go to standard error. Ctrl+C lets running requests end; a second Ctrl+C stops at once.",
    ],
  },
  status: {
    usage: "[options]",
    says: "whether it runs, where, and what needs attention",
    options: ASKING,
  },
  start: {
    usage: "[options]",
    says: "start the proxy of the Portico that runs, in VS Code or without",
    options: ASKING,
  },
  stop: {
    usage: "[options]",
    says: "stop the proxy; Portico itself goes on",
    options: ["now", ...ASKING],
  },
  restart: {
    usage: "[options]",
    says: "open the proxy's port anew",
    options: ASKING,
  },
  dashboard: {
    usage: "[options]",
    says: "a fresh link to the running gateway's dashboard",
    options: ["open", ...ASKING],
    more: ["The link opens the dashboard once, within ten minutes."],
  },
  "accounts list": {
    usage: "[options]",
    says: "the accounts, how they fare and what they have left",
    options: ["config", ...ASKING],
    own: { config: OF_FILE },
  },
  "accounts add": {
    usage: "PROVIDER [options]",
    says: "add an account; the key is asked for, never an argument",
    options: [
      "label",
      "id",
      "base-url",
      "model",
      "priority",
      "key-env",
      "sign-in",
      "open",
      "client-file",
      "client-id",
      "client-secret-env",
      "project",
      "keep",
      ...ASKING,
    ],
    own: {
      open: "with --sign-in: open the page in the browser as well",
      model: "a model it serves, * stands for anything (may be repeated)",
    },
    more: [
      "The key is read from --key-env, else asked for in the terminal, else read from standard input.",
      "A real, cheap call proves it before it is kept.",
      "",
      'With --sign-in there is no key: openrouter needs nothing else; gemini (or google) and vertex need your own OAuth client of type "Desktop app", as --client-file. Where the browser runs on another computer, paste the address at which it ends.',
    ],
  },
  "accounts remove": {
    usage: "ID [options]",
    says: "remove an account and its key",
    options: ASKING,
  },
  "accounts sign-in": {
    usage: "ID [options]",
    says: "sign in again with an account, or give it another key",
    options: ["open", "client-file", "client-id", "client-secret-env", "key-env", "keep", ...ASKING],
    own: {
      open: "open the provider's page in the browser as well",
      "client-file": "another OAuth client at Google than the account has",
      keep: "take it even where the call that should prove it fails",
    },
    more: ["The key is read from --key-env, else asked for in the terminal, else read from standard input."],
  },
  "accounts export": {
    usage: "FILE [options]",
    says: "write the accounts to a new file, - for standard output; keys only if asked",
    options: ["with-keys", "passphrase-env", ...ASKING],
  },
  "accounts import": {
    usage: "FILE [options]",
    says: "show what a file of accounts would add, and add it",
    options: ["yes", "passphrase-env", ...ASKING],
  },
  backup: {
    usage: "FILE [options]",
    says: "write accounts with keys, routes, budgets, settings, client keys to a new file under a passphrase",
    options: ["passphrase-env", ...ASKING],
    more: [
      "What belongs to this computer stays out of it: port, LAN access, who needs the key, the key itself, allowed origins and hosts, connected clients, recorded requests, and what a config file says.",
    ],
  },
  restore: {
    usage: "FILE [options]",
    says: "show what a backup would change here, and change it",
    options: ["yes", "passphrase-env", ...ASKING],
    more: ["Accounts, routes and budgets that are only here stay."],
  },
  "accounts test": {
    usage: "[ID] [options]",
    says: "a real, cheap call with an account, or with each",
    options: ["config", ...ASKING],
    own: { config: OF_FILE },
  },
  "key show": {
    usage: "[options]",
    says: "the key that clients show where they have to",
    options: ASKING,
  },
  "key rotate": {
    usage: "[options]",
    says: "make a new key; the one from before is no longer taken",
    options: ASKING,
  },
  ...KEY_COMMANDS,
  logs: {
    usage: "[options]",
    says: "the last requests, newest last",
    options: ["follow", "limit", "errors", "client", "model", "account", ...ASKING],
    own: {
      json: "a line of JSON for each request",
      model: "for this model, * stands for anything",
    },
  },
  stats: {
    usage: "[options]",
    says: "requests, tokens, cost and waiting times",
    options: ["by", "days", ...ASKING],
  },
  route: {
    usage: "MODEL [options]",
    says: "where a request for a model would go; sends it nothing",
    options: ["protocol", "config", ...ASKING],
    own: {
      config: "by this file, in place of the gateway that runs",
    },
  },
  clients: {
    usage: "[options]",
    says: "the tools that can use Portico: found or not, what they are connected to, what beats that",
    options: ASKING,
  },
  connect: {
    usage: "CLIENT [options]",
    says: "point a tool at Portico by its own settings; shows what changes and asks first",
    options: ["model", "offer", "outdated", "yes", "data-dir"],
    own: { model: "the model that it asks for; some tools have their own" },
    more: [
      "Everything else in the tool's files stays byte for byte. What was there is kept in your own settings folder, so that portico disconnect puts it back. Where a gateway runs, one real request follows.",
      "After a change of port or key, portico connect --outdated (without CLIENT) brings those up to date that Portico has connected: address and key, and nothing else.",
    ],
  },
  disconnect: {
    usage: "CLIENT [options]",
    says: "put a tool's settings back as they were; what was changed since stays",
    options: ["yes"],
  },
  remove: {
    usage: "[options]",
    says: "take Portico's settings in tools, keys and data off this computer; shows them and asks first",
    options: ["yes", "data-dir"],
    own: { "data-dir": DATA_DIR },
    more: ["Not while a Portico runs with the data folder. The program itself and a config file stay."],
  },
  run: {
    usage: "[options] CLIENT [arguments]",
    says: "run a tool on Portico once, without changing its settings",
    options: ["model", "data-dir"],
    own: { model: "the model that it asks for; some tools have their own" },
    more: [
      "What follows CLIENT is the tool's own, and so are the terminal, signals and the exit code.",
      "Where no gateway runs, one runs for as long as the tool does.",
    ],
  },
  "service install": {
    usage: "[options]",
    says: "have portico serve start when you log in; shows what is written and asks first",
    options: ["config", "port", "data-dir", "yes"],
    own: { "data-dir": DATA_DIR },
    more: [
      "On Linux it is a unit of your own systemd, without root. On macOS and Windows its file and the commands are printed, and nothing is written. No key is in it.",
    ],
  },
  "service uninstall": {
    usage: "[options]",
    says: "stop it, and take that back; Portico's data stays",
    options: ["yes"],
  },
  "service status": {
    usage: "[options]",
    says: "whether it is installed, starts by itself and runs",
    options: [],
  },
} as const satisfies Record<string, CommandSpec>;

export type CommandName = keyof typeof COMMANDS;
export const NAMES = Object.keys(COMMANDS) as CommandName[];

type Family = CommandName extends infer N ? (N extends `${infer F} ${string}` ? F : never) : never;
/** What help is about: a command, or a family of them. */
export type Topic = CommandName | Family;

/** The commands of a family: `accounts list`, `accounts add` and so on. */
export const membersOf = (first: string): CommandName[] =>
  NAMES.filter((name) => name.startsWith(`${first} `));

export function isFamily(name: string | undefined): name is Family {
  return name !== undefined && membersOf(name).length > 0;
}
