/**
 * The part of the contract about settings, routes, the model catalog and what lies on the disk.
 * Types only.
 *
 * A setting has one home: VS Code's own settings, the `--config` file, or Portico's data folder
 * (`preferences.json`). What another home holds is refused here; the page's host writes VS Code's.
 */
import type { AuthMode, Protocol } from "./contract.ts";
import type { Open } from "./open.ts";
import type { BudgetRule } from "./stats.ts";

export type Strategy = "cache-first" | "balanced" | "round-robin" | "fill-first" | "pinned";

export interface PriceRule {
  /** `*` stands for anything. */
  model: string;
  /** Id of an account; absent: any. */
  account?: string;
  /** USD per million tokens. */
  input: number;
  output: number;
  cacheRead?: number;
  cacheWrite?: number;
}

/** What a person can change from the pages. Flat: a name is a path into the settings. */
export interface EditableSettings {
  port: number;
  allowLanAccess: boolean;
  allowedOrigins: string[];
  allowedHosts: string[];
  "auth.mode": AuthMode;
  "scheduling.strategy": Strategy;
  "scheduling.stickyWaitMs": number;
  "scheduling.waitMs": number;
  /** Id of an account; `""`: none. */
  "scheduling.pinned": string;
  "scheduling.protectBelowPercent": number;
  "quotas.refreshMinutes": number;
  "background.enabled": boolean;
  "background.to": string[];
  budgets: BudgetRule[];
  prices: PriceRule[];
  "records.enabled": boolean;
  "records.maxAgeDays": number;
  "records.maxRows": number;
  "records.maxBytes": number;
  /** Bodies and headers of requests and replies; off by default. */
  "records.bodies": boolean;
  "records.bodyMaxBytes": number;
  "records.bodiesMaxBytes": number;
  "records.bodiesMaxHours": number;
  /** `x-portico-account` and `x-portico-model` on replies. */
  replyHeaders: boolean;
  "responses.onDisk": boolean;
}
export type SettingName = keyof EditableSettings;

/** `vscode`: VS Code's settings. `config`: the config file or the command line, not to be changed here. */
export type SettingHome = "portico" | "vscode" | "config";

export interface SettingValues extends Omit<EditableSettings, "auth.mode" | "scheduling.strategy"> {
  "auth.mode": Open<AuthMode>;
  "scheduling.strategy": Open<Strategy>;
}

export interface SettingsView {
  values: SettingValues;
  /** One without a home is none of the Portico that runs: it is older. */
  homes: Partial<Record<SettingName, Open<SettingHome>>>;
  /** Of numbers, both included, in the setting's own unit; absent where the gateway is older. */
  bounds?: Partial<Record<SettingName, { min: number; max: number }>>;
  /** The config file's path, where there is one. */
  configFile?: string;
}

export type SettingsChange = Partial<EditableSettings>;

export interface RouteRule {
  /** A model name, `*` stands for anything. */
  model: string;
  /** In order: `ACCOUNT_OR_PROVIDER/MODEL`, or just `MODEL`. */
  to: string[];
  edit?: {
    effort?: "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max";
    maxTokens?: number;
    systemPrefix?: string;
  };
}

export interface RoutesView {
  /** From the config file: shown, not edited; they come first. */
  fixed: RouteRule[];
  own: RouteRule[];
}

export interface ModelView {
  /** As a client may name it. */
  name: string;
  accounts: { id: string; label: string; protocols: Open<Protocol>[] }[];
  /** Tokens. */
  contextWindow?: number;
  maxOutput?: number;
  /** USD per million tokens, where it is known. */
  price?: { input: number; output: number; cacheRead?: number };
  /** What it takes beside text, where it is known. */
  input?: { image: boolean; pdf: boolean; audio: boolean };
  /** Its own words for how much to think; absent: it cannot be told. */
  efforts?: string[];
  /** A route of that very name takes it elsewhere. */
  routed?: boolean;
}

export interface StorageView {
  /** Absolute path of the data folder. */
  path: string;
  files: { name: string; bytes: number; what: string }[];
  requests: { rows: number; bytes: number; oldest?: number };
  bodies: { rows: number; bytes: number };
  /** Files of requests that were damaged and set aside; absent: none. Clearing the history deletes them. */
  damaged?: { files: number; bytes: number };
  /** For a person: why nothing is recorded at the moment. */
  problem?: string;
}

/** What a page is told of where it runs. */
/** Traces to a receiver of the person's own. */
export interface TelemetryView {
  /** Where they go, without what may be secret in an address; absent: nowhere. */
  url?: string;
  /** What was said goes along. */
  content: boolean;
  /** Where the headers come from that the receiver knows us by. */
  headers: Open<"none" | "stored" | "config">;
  /** Spans since the start. */
  sent: number;
  dropped: number;
}

export interface SurroundingsView {
  version: string;
  kind: Open<"vscode" | "headless">;
  /** Windows and other clients attached. */
  clients: number;
  proxy: { used: string; problem?: string };
  /** Of this computer in its networks, for clients elsewhere; absent where the gateway is older. */
  addresses?: string[];
  /** What this computer is called; absent where the gateway is older. */
  host?: string;
}
