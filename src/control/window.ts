/**
 * The contract between a VS Code window and the worker thread it starts, besides the methods and
 * events of `contract.ts`. What belongs to the editor reaches the worker only through this. Types only.
 */
import type { Status } from "./contract.ts";

/** `portico.*` as VS Code has it, nested by its dots; the worker checks it. */
export type WindowSettings = Readonly<Record<string, unknown>>;

export type AutoStart = "restore" | "always" | "never";

/** VS Code's `http.*` settings; what they leave open, the environment decides. */
export interface WindowNetwork {
  /** `http.proxySupport` is not `off`. */
  readonly proxySupport: boolean;
  readonly proxy?: string;
  readonly proxyAuthorization?: string;
  readonly noProxy: readonly string[];
  readonly strictTls: boolean;
  readonly systemCertificates: boolean;
}

/** `workerData`. */
export interface WorkerStart {
  /** The application's data folder, an absolute path. */
  readonly dataDir: string;
  readonly version: string;
  readonly settings: WindowSettings;
  readonly network: WindowNetwork;
  readonly autoStart: AutoStart;
}

/** What the worker asks of its window. Name -> `[params, result]`. */
export interface WindowMethods {
  "secrets.get": [{ key: string }, string | undefined];
  "secrets.set": [{ key: string; value: string }, undefined];
  "secrets.delete": [{ key: string }, undefined];
}
export type WindowMethod = keyof WindowMethods;

/** What the window asks of its worker, besides the control API. */
export interface WorkerMethods {
  /** Complete new settings; resolves when they apply in this window. */
  "window.settings": [WindowSettings, undefined];
  "window.network": [WindowNetwork, undefined];
  /** Ends the worker: the proxy stops when this window leads, and another window may take over. */
  "window.close": [undefined, undefined];
  /**
   * Deletes the data folder; only where this window leads. Nobody leads here afterwards.
   * `left`: names of what could not be deleted.
   */
  "window.delete": [undefined, { left: string[] }];
}

/**
 * How this window takes part: `leading` runs the gateway, `attached` uses that of another window or
 * process, `joining` is on its way, `broken` needs a person.
 */
export type MemberRole =
  | { kind: "joining" }
  | { kind: "leading" }
  | { kind: "attached"; pid: number }
  | { kind: "broken"; message: string };

/** What a window shows: its part, and the status once it is known. */
export interface WindowView {
  part: MemberRole;
  status?: Status;
}
