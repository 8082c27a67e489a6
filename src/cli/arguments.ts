/** The command line's arguments, as values or as a complaint. */
import { isIP } from "node:net";
import { parseArgs } from "node:util";
import { nearest } from "../gateway/config/nearest.ts";
import { LOG_LEVELS, type LogLevel } from "../gateway/log.ts";
import { PROTOCOLS, type Protocol } from "../gateway/protocols/protocol.ts";

export type Command =
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | ({ readonly kind: "route" } & RouteArguments)
  | ({ readonly kind: "serve" } & ServeArguments);

export interface RouteArguments {
  readonly model: string;
  /** The client's. */
  readonly protocol: Protocol;
  readonly config: string | undefined;
  readonly dataDir: string | undefined;
}

export interface ServeArguments {
  readonly config: string | undefined;
  readonly port: number | undefined;
  /** What to listen on; absent: as the settings say. */
  readonly host: ListenHost | undefined;
  readonly dataDir: string | undefined;
  readonly logLevel: LogLevel;
}

export interface ListenHost {
  /** An IP address. */
  readonly address: string;
  /** Only this computer can reach it. */
  readonly loopback: boolean;
}

/** What the user has to change about how they called us: exit code 2. */
export class UsageError extends Error {
  override readonly name: string = "UsageError";
}

/** The same, in the config file: the help has no more to say about it. */
export class ConfigError extends UsageError {
  override readonly name = "ConfigError";
}

export const HELP = `Portico, a local AI gateway: one address for OpenAI, Anthropic and Gemini clients.

Usage: portico serve [options]
       portico route MODEL [options]

Options of serve:
  --config FILE      settings and accounts (JSON with comments); watched while it runs
  --port N           port to listen on (default 8045; 0 picks a free one)
  --host H           address to listen on (default 127.0.0.1, this computer only); another
                     than loopback needs "allowLanAccess": true in the config file
  --data-dir D       where Portico keeps its data (default: PORTICO_DATA_DIR, else the
                     platform's folder for application data)
  --log-level LEVEL  ${LOG_LEVELS.join(", ")} (default info)

Options of route, which says where a request for a model would go, and sends nothing there:
  --protocol P       what the client speaks: ${PROTOCOLS.join(", ")}
                     (default openai-chat)
  --config FILE, --data-dir D
                     as for serve

Options:
  -h, --help         show this text
  -v, --version      show the version

When it is ready, one line on standard output ends "listening on http://127.0.0.1:PORT".
Logs go to standard error. Ctrl+C lets running requests end; a second Ctrl+C stops at once.
`;

const OPTIONS = {
  config: { type: "string" },
  port: { type: "string" },
  host: { type: "string" },
  "data-dir": { type: "string" },
  "log-level": { type: "string" },
  protocol: { type: "string" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
} as const;

/** @throws UsageError */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  if (values.help) return { kind: "help" };
  if (values.version) return { kind: "version" };
  const [command, ...rest] = positionals;
  if (command === undefined) throw new UsageError("no command given; did you mean: portico serve");
  if (command === "route") return routeCommand(rest, values);
  if (command !== "serve")
    throw new UsageError(`unknown command ${JSON.stringify(command)}; there are: serve, route`);
  if (rest.length > 0)
    throw new UsageError(`serve takes no ${JSON.stringify(rest[0])}; options begin with --`);
  for (const name of ["config", "data-dir"] as const) {
    if (values[name] === "") throw new UsageError(`--${name} needs a path`);
  }
  return {
    kind: "serve",
    config: values.config,
    port: values.port === undefined ? undefined : parsePort(values.port),
    host: values.host === undefined ? undefined : parseHost(values.host),
    dataDir: values["data-dir"],
    logLevel: values["log-level"] === undefined ? "info" : parseLevel(values["log-level"]),
  };
}

function routeCommand(
  [model, ...rest]: readonly string[],
  values: ReturnType<typeof parse>["values"],
): Command {
  if (model === undefined) throw new UsageError("route needs a model: portico route MODEL");
  if (rest.length > 0) throw new UsageError(`route takes one model, not also ${JSON.stringify(rest[0])}`);
  const wanted = values.protocol ?? "openai-chat";
  const protocol = PROTOCOLS.find((each) => each === wanted);
  if (protocol === undefined) {
    throw new UsageError(`--protocol must be one of ${PROTOCOLS.join(", ")}, not ${JSON.stringify(wanted)}`);
  }
  return { kind: "route", model, protocol, config: values.config, dataDir: values["data-dir"] };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
      const given = args.find((arg) => arg.startsWith("-") && !isKnown(arg)) ?? "option";
      const name = given.replace(/=.*/s, "");
      const meant = nearest(name.replace(/^-+/, ""), Object.keys(OPTIONS));
      const hint = meant === undefined ? "" : `; did you mean --${meant}?`;
      throw new UsageError(`unknown option ${name}${hint}`);
    }
    if (error instanceof TypeError) throw new UsageError(firstSentence(error.message));
    throw error;
  }
}

function isKnown(arg: string): boolean {
  return ["-h", "-v"].includes(arg) || Object.hasOwn(OPTIONS, arg.replace(/^--/, "").replace(/=.*/s, ""));
}

function firstSentence(text: string): string {
  return (text.split(/\.\s|\n/)[0] ?? text).replace(/\.$/, "");
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port >= 0 && port <= 65_535) return port;
  throw new UsageError(`--port must be a whole number from 0 to 65535, not ${JSON.stringify(text)}`);
}

function parseHost(text: string): ListenHost {
  const address = text.toLowerCase() === "localhost" ? "127.0.0.1" : text.replace(/^\[(.*)\]$/, "$1");
  const family = isIP(address);
  if (family === 0) {
    throw new UsageError(`--host must be localhost or an IP address, not ${JSON.stringify(text)}`);
  }
  return { address, loopback: family === 4 ? address.startsWith("127.") : address === "::1" };
}

function parseLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((each) => each === text);
  if (level !== undefined) return level;
  throw new UsageError(`--log-level must be one of ${LOG_LEVELS.join(", ")}, not ${JSON.stringify(text)}`);
}
