/**
 * The contract between the gateway and everything that steers it: VS Code windows, the command
 * line, the dashboard: what they say of it, and its events. Types only. The methods are declared in `methods/`, and
 * served in `gateway/leader/methods/`, which checks the params that arrive; a method without both does not compile.
 *
 * Versions meet here, in both directions: fields are only added, and as optional ones; what a field means stays;
 * words such as states and kinds may join their union, so whoever reads one has an answer for others
 * (`reading.ts`).
 */

import type { HeldAccount, ListedAccount } from "./accounts.ts";
import type { Methods } from "./methods/all.ts";
import type { Open } from "./open.ts";
import type { Protocol } from "./protocol.ts";
import type { RequestsEvent } from "./requests.ts";
import type { SettingsView } from "./settings.ts";

export type { Protocol };
export type AuthMode = "off" | "strict" | "all_except_health" | "auto";

export type ProxyState =
  /** Never sent: what a reader makes of a state that it does not know (`readProxyState`). */
  | { kind: "unknown"; word: string }
  /** `stopping`: requests in flight (`Status.active`) may end until then. Milliseconds since 1970. */
  | { kind: "stopped"; stopping?: { until: number } }
  | { kind: "starting"; port: number }
  /** `since`: milliseconds since 1970. `baseUrl` without a trailing slash. */
  | { kind: "running"; host: string; port: number; baseUrl: string; since: number }
  | {
      kind: "failed";
      port: number;
      reason: Open<"port-in-use" | "not-permitted" | "other">;
      /** For a person: what happened and what to do. */
      message: string;
      /** Who has the port, where that can be known: `node (pid 4711)`, `another Portico`. */
      holder?: string;
      /** Base URL of another Portico that has the port: tools can use that one. */
      other?: string;
    };

export interface Status {
  version: string;
  proxy: ProxyState;
  authMode: Open<AuthMode>;
  lan: boolean;
  accounts: number;
  /** True while only the built-in sandbox answers. */
  sandboxOnly: boolean;
  /** What needs a person, worst first. */
  problems: Problem[];
  /** Accounts that wait or are used up, as a whole or with one model; bounded. */
  held: HeldAccount[];
  /** Accounts that could serve now, each with some model. */
  ready: number;
  /** Models that accounts serve and none can answer now; bounded. Absent: none is known, or the gateway is older. */
  unanswered?: string[];
  /** Requests in flight. */
  active: number;
  /**
   * Labels of the clients that are connected by their settings, and so refused while the proxy is stopped. Absent: none
   * is, or the gateway is older.
   */
  connected?: string[];
  /** Of several gateways, of which this is one. Absent: it is alone, or older. */
  pool?: PoolStatus;
}

export interface PoolStatus {
  name: string;
  /** `away`: what the gateways have in common cannot be reached. */
  state: Open<"connecting" | "joined" | "away">;
  /** Milliseconds since 1970. */
  since: number;
  /** Names of those that were there at the latest look, this one included; bounded. */
  gateways: string[];
}

export interface Problem {
  /** `notice`: nothing is wrong yet. */
  severity: Open<"error" | "warning" | "notice">;
  message: string;
  account?: string;
  /** Id of a client key. */
  key?: string;
  /** What it is about, in one word that stays while the message may change. */
  cause?: string;
}

export interface AccountView {
  id: string;
  provider: string;
  label: string;
  priority: number;
  enabled: boolean;
  protocols: Open<Protocol>[];
  /** From a `--config` file: shown, not edited. */
  readOnly: boolean;
  /** Read-only, yet it can be switched off and on (`accounts.update` with `enabled` alone): that is kept here. */
  pausable?: boolean;
  /** A person switched it off or on here, against its entry in the config file, until that changes. */
  switched?: boolean;
}

export interface NewAccount {
  /** Made from the provider's name when absent. */
  id?: string;
  provider: string;
  label?: string;
  priority?: number;
  endpoints?: Partial<Record<Protocol, string>>;
  models?: string[];
  apiKey?: string;
  /** Of a server of one's own (`custom`): sent with each request, kept as secret as the key. */
  headers?: Record<string, string>;
}

/** What a person can add an account of. */
export interface ProviderView {
  id: string;
  label: string;
  protocols: Open<Protocol>[];
  /** Its server's address is the person's to say. */
  needsBaseUrl: boolean;
  /** What such an address looks like. */
  example?: string;
  keyRequired: boolean;
  /** Where a person gets a key. */
  keyPage?: string;
}

/** A model server that answers on this computer and is not an account yet. */
export interface LocalServer {
  provider: string;
  label: string;
  baseUrl: string;
  models: string[];
}

export type CheckResult =
  | { ok: true; models: string[] }
  /** `message`: the provider's own words where it gave any. */
  | { ok: false; reason: Open<"key-refused" | "unreachable" | "other">; message: string };

export type { Methods };
export type Method = keyof Methods;
export type Params<M extends Method> = Methods[M][0];
export type Result<M extends Method> = Methods[M][1];

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface Events {
  status: Status;
  log: { level: Open<LogLevel>; time: number; message: string };
  requests: RequestsEvent;
  /** All of them, at most once a second. */
  accounts: ListedAccount[];
  settings: SettingsView;
}
export type EventName = keyof Events;
/** Sent to those alone that asked (`events.watch`). */
export type WatchedEvent = "requests" | "accounts" | "settings";

/** `closed`, `timeout`, `cancelled` and `busy` are also made by the caller's own side. */
export type ControlErrorCode =
  | "bad-request"
  | "not-found"
  | "failed"
  | "busy"
  | "cancelled"
  | "timeout"
  | "closed";

/** The frames, one JSON message each. Ids are the caller's own and used once. */
export type ControlRequest = { id: number; method: string; params?: unknown };
export type ControlCancel = { cancel: number };
export type ControlReply =
  | { id: number; result?: unknown }
  | { id: number; error: { message: string; code: ControlErrorCode } };
export type ControlEvent = { event: string; data: unknown };
export type ControlFrame = ControlRequest | ControlCancel | ControlReply | ControlEvent;
