/** What a leader is made of, and what its process has of it. */

import type { Serve } from "../../control/channel.ts";
import type {
  CheckResult,
  EventName,
  Events,
  LocalServer,
  Method,
  NewAccount,
  Params,
  ProxyState,
  Result,
  Status,
} from "../../control/contract.ts";
import type { AutoStart, WindowSettings } from "../../control/window.ts";
import type { Surroundings } from "../accounts/credentials/discover.ts";
import type { DataFolder } from "../common/dataFolder.ts";
import type { Ports } from "../common/ports.ts";
import type { Gateway, GatewayOptions } from "../gateway.ts";
import type { PoolPort } from "../pool/port.ts";
import type { AccountKey } from "../providers/account.ts";
import type { Provider } from "../providers/provider.ts";
import type { Records, RecordsOptions } from "../records/records.ts";
import type { Settings } from "../settings/settings.ts";
import type { Fixed } from "./composeSettings.ts";
import type { CredentialServiceDeps } from "./credentialService.ts";

/** The parts of the gateway that the leader puts to work; given in, so that tests choose them. */
export interface LeaderDependencies {
  createGateway(settings: Settings, ports: Ports, options: GatewayOptions): Gateway;
  providers: readonly Provider[];
  /** @param key in place of `account.apiKey`, where it is more than that */
  checkAccount(
    account: NewAccount,
    gateway: Gateway,
    signal: AbortSignal,
    key?: AccountKey,
  ): Promise<CheckResult>;
  openRecords(options: RecordsOptions): Records;
  /** @param known base URLs that are accounts already */
  detectLocal(known: ReadonlySet<string>, signal: AbortSignal): Promise<LocalServer[]>;
}

export interface LeaderOptions {
  folder: DataFolder;
  /** The user's runtime folder, where word is left of who runs. */
  runtimeDir?: string;
  version: string;
  /** In VS Code, its own settings hold some. */
  kind: "vscode" | "headless";
  /** How a person calls the command line here; `portico` by default. */
  program?: string;
  window: WindowSettings;
  /** Of a config file. */
  fixed?: Fixed;
  /** Listen on exactly this address. */
  host?: string;
  /** Start-up alone asks this; one who takes over does what is wanted. */
  autoStart: AutoStart;
  /** Other gateways that this one is a pool with; absent: it is alone. Whoever gives it closes it. */
  pool?: PoolPort | undefined;
  /** Clients are connected again when the proxy runs, and put back at the end, where `clients.restoreAtExit` says so. */
  restoresClients?: boolean;
  /** For a person whose keys cannot be read: what keeps them, and what to do. */
  secretsFailure: string;
  ports: Ports;
  parts: LeaderDependencies;
  /** Where credentials are looked for; this process's own by default. */
  surroundings?: Surroundings;
  /** Where the operating system asks for a proxy script; absent: it is not asked. */
  systemPac?: () => Promise<string | undefined>;
  signIns?: CredentialServiceDeps["signIns"];
  /** Of the control API and the dashboard; any that is free by default. */
  controlPort?: number;
  /** Folder of the pages' bundle, for browsers; absent: no dashboard. */
  pages?: string;
  /** Takes secrets out of text that is written down. */
  redact(text: string): string;
  /** Secrets that must not be written down, for threads that look for them themselves. */
  secrets(): readonly string[];
  /**
   * Takes the lock of the data folder anew, where it went with the folder; absent: nobody can.
   * @returns whether it was free
   */
  retake?(): boolean;
  /** This process can lead no longer: its data folder is another's. It has to close. @param why for a person */
  onLost?(why: string): void;
  /** To this window; the other ones hear the same over the control API. */
  onEvent<E extends EventName>(event: E, data: Events[E]): void;
}

export interface Leader {
  readonly serve: Serve;
  /** The same for this process itself; failures are as they come. */
  call<M extends Method>(method: M, params: Params<M>, signal?: AbortSignal): Promise<Result<M>>;
  status(): Status;
  /** Opens the data port, whatever is wanted; does not throw for a taken one. */
  start(): Promise<ProxyState>;
  /** What this process found besides, as a problem until it is told anew. @param message absent: all is well */
  note(cause: string, message: string | undefined): void;
  /** To the other windows: this window's log. */
  tellOthers(data: Events["log"]): void;
  /** @param fixed of the config file; absent: as it was */
  applyWindow(window: WindowSettings, fixed?: Fixed): Promise<ProxyState>;
  /**
   * Gives up the port, then the lock by `release`, and lets requests end for up to `drainMs`; again, with less
   * patience. What is wanted stays as it is. Without `release` the lock is kept, and connected clients stay so.
   */
  close(drainMs: number, release?: () => void): Promise<void>;
}

/** How the gateway speaks to whoever runs it, and to its like. In VS Code, requests are looked at in Monitor and not in the log. */
export const toldOf = (options: LeaderOptions) => ({
  howToAdd: howToAdd(options),
  accessLog: options.kind === "vscode" ? ("debug" as const) : ("info" as const),
  ...(options.pool === undefined ? {} : { shared: options.pool }),
});

/** What a person does here to add an account. */
function howToAdd({ kind, program = "portico", fixed }: LeaderOptions): string {
  if (kind === "vscode") return '"Portico: Add Account…" in VS Code';
  const command = `${program} accounts add PROVIDER`;
  return fixed?.configFile === undefined ? command : `${command}, or "accounts" in ${fixed.configFile}`;
}
