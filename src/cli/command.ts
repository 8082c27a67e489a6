/** What a command line asks for, as values, and what is wrong with it. */
import type { NewKey } from "../control/keys.ts";
import type { Protocol } from "../control/protocol.ts";
import type { StatsBy } from "../control/stats.ts";
import type { LogLevel } from "../gateway/common/log.ts";
import type { Limit } from "./keyOptions.ts";
import type { Topic } from "./options.ts";

export type Command =
  | { readonly kind: "help"; readonly topic: Topic | undefined }
  | { readonly kind: "version" }
  | ({ readonly kind: "serve" } & ServeArguments)
  | ({ readonly kind: "start" | "stop" | "restart" } & SteerArguments)
  | ({ readonly kind: "route" } & RouteArguments)
  | ({ readonly kind: "status" } & AskArguments)
  | ({ readonly kind: "dashboard" } & DashboardArguments)
  | ({ readonly kind: "accounts list" } & AccountsArguments)
  | ({ readonly kind: "accounts add" } & AddArguments)
  | ({ readonly kind: "accounts remove"; readonly id: string } & AskArguments)
  | ({ readonly kind: "accounts test"; readonly id: string | undefined } & AccountsArguments)
  | ({ readonly kind: "accounts sign-in" } & SignInAgainArguments)
  | ({ readonly kind: "accounts export" } & ExportArguments)
  | ({ readonly kind: "accounts import" } & ImportArguments)
  | ({ readonly kind: "backup" } & BackupArguments)
  | ({ readonly kind: "restore" } & ImportArguments)
  | ({ readonly kind: "key show" | "key rotate" } & ApiKeyArguments)
  | ({ readonly kind: "keys list" } & AskArguments)
  | ({ readonly kind: "keys add"; readonly key: NewKey } & AskArguments)
  | ({ readonly kind: "keys update" } & UpdateKeyArguments)
  | ({ readonly kind: "keys rotate" | "keys revoke" } & KeyArguments)
  | ({ readonly kind: "logs" } & LogsArguments)
  | ({ readonly kind: "stats" } & StatsArguments)
  | ({ readonly kind: "clients" } & AskArguments)
  | ({ readonly kind: "connect" } & ConnectArguments)
  | ({ readonly kind: "connect outdated" } & UpdateArguments)
  | ({ readonly kind: "disconnect" } & DisconnectArguments)
  | ({ readonly kind: "remove" } & RemoveArguments)
  | ({ readonly kind: "run" } & RunArguments)
  | ServiceArguments;

export interface ServiceArguments {
  readonly kind: "service install" | "service uninstall" | "service status";
  /** What the service is started with. */
  readonly config: string | undefined;
  readonly port: number | undefined;
  readonly dataDir: string | undefined;
  /** Nobody is asked. */
  readonly yes: boolean;
}

/** Of every command that asks a gateway. */
export interface AskArguments {
  /** Absent: whichever runs. */
  readonly dataDir: string | undefined;
  readonly json: boolean;
}

export interface AccountsArguments extends AskArguments {
  readonly config: string | undefined;
}

export interface SteerArguments extends AskArguments {
  /** What is under way has no time to end. */
  readonly now: boolean;
}

export interface ApiKeyArguments extends AskArguments {
  readonly rotate: boolean;
}

export interface DashboardArguments extends AskArguments {
  readonly open: boolean;
}

export interface AddArguments extends AskArguments {
  readonly provider: string;
  readonly label: string | undefined;
  readonly id: string | undefined;
  /** `URL`, or `PROTOCOL=URL`. */
  readonly baseUrls: readonly string[];
  readonly models: readonly string[];
  readonly priority: number | undefined;
  /** The variable that holds the key. */
  readonly keyEnv: string | undefined;
  readonly keep: boolean;
  /** Absent: with a key. */
  readonly signIn: SignInArguments | undefined;
}

export interface SignInArguments {
  readonly open: boolean;
  /** Path of the JSON file of Google's OAuth client. */
  readonly clientFile: string | undefined;
  readonly clientId: string | undefined;
  /** The variable that holds the client's secret. */
  readonly clientSecretEnv: string | undefined;
  /** Of Google Cloud. */
  readonly project: string | undefined;
}

export interface SignInAgainArguments extends AskArguments {
  readonly id: string;
  readonly how: SignInArguments;
  readonly keyEnv: string | undefined;
  readonly keep: boolean;
}

export interface ExportArguments extends AskArguments {
  /** `-`: standard output. */
  readonly file: string;
  readonly keys: boolean;
  /** The variable that holds the passphrase. */
  readonly passphraseEnv: string | undefined;
}

export type BackupArguments = Omit<ExportArguments, "keys">;

export interface ImportArguments extends AskArguments {
  readonly file: string;
  /** Without asking. */
  readonly yes: boolean;
  readonly passphraseEnv: string | undefined;
}

/** What is not named stays. */
export interface UpdateKeyArguments extends AskArguments {
  readonly id: string;
  readonly name: string | undefined;
  readonly enabled: boolean | undefined;
  readonly limits: Omit<NewKey, "name">;
  /** Limits that go. */
  readonly drop: readonly Limit[];
}

export interface KeyArguments extends AskArguments {
  readonly id: string;
  /** Minutes for which a key that is replaced counts as well. */
  readonly grace: number | undefined;
}

export interface LogsArguments extends AskArguments {
  readonly follow: boolean;
  readonly limit: number;
  readonly errors: boolean;
  readonly client: string | undefined;
  readonly model: string | undefined;
  readonly account: string | undefined;
}

export interface StatsArguments extends AskArguments {
  readonly by: StatsBy;
  readonly days: number;
}

export interface DisconnectArguments {
  /** As `portico clients` calls it. */
  readonly client: string;
  /** Without asking. */
  readonly yes: boolean;
}

export interface ConnectArguments extends DisconnectArguments {
  readonly model: string | undefined;
  /** Models that it lists beside its own; absent: those that it lists now. */
  readonly offers: readonly string[] | undefined;
  readonly dataDir: string | undefined;
}

/** All that are connected to an address or with a key from before. */
export interface UpdateArguments {
  readonly yes: boolean;
  readonly dataDir: string | undefined;
}

/** What Portico has on this computer. */
export type RemoveArguments = UpdateArguments;

export interface RunArguments {
  /** As `portico clients` calls it, or its program's name. */
  readonly client: string;
  readonly model: string | undefined;
  readonly dataDir: string | undefined;
  /** The tool's own arguments. */
  readonly rest: readonly string[];
}

export interface RouteArguments {
  readonly model: string;
  /** The client's. */
  readonly protocol: Protocol;
  readonly config: string | undefined;
  readonly dataDir: string | undefined;
  readonly json: boolean;
}

export interface ServeArguments {
  readonly config: string | undefined;
  readonly port: number | undefined;
  /** What to listen on; absent: as the settings say. */
  readonly host: ListenHost | undefined;
  readonly dataDir: string | undefined;
  readonly logLevel: LogLevel;
  readonly dashboard: boolean;
  readonly dashboardPort: number | undefined;
  /** Seconds that running requests get to end when it is stopped. */
  readonly drain: number;
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
