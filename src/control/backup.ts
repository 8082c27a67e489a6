/** The part of the contract about backing Portico up and restoring it on another computer. Types only. */
import type { ImportEntry } from "./credentials.ts";
import type { Open } from "./open.ts";

export interface BackedUp {
  /** The whole file; nothing in it can be read without the passphrase. */
  text: string;
  accounts: number;
  routes: number;
  budgets: number;
  /** Of clients. Absent: the gateway is older. */
  keys?: number;
}

/** A list of which nothing is lost: what is only here stays. */
export interface RestoredList {
  added: number;
  /** Of the same name here, and different. */
  replaced: number;
  /** The same here already, or only here. */
  kept: number;
}

export interface RestoredSetting {
  name: string;
  /** As JSON. */
  from: string;
  to: string;
}

/**
 * `config`: the config file of this computer says it. `machine`: it belongs to the computer that it was set on.
 * `unknown`: this Portico does not know it, or not this value.
 */
export type LeftOut = "config" | "machine" | "unknown";

export interface RestorePlan {
  accounts: ImportEntry[];
  routes: RestoredList;
  budgets: RestoredList;
  prices: RestoredList;
  /** Of clients. Absent: the gateway is older. */
  keys?: RestoredList;
  /** Those that change; budgets and prices are counted above. */
  settings: RestoredSetting[];
  left: { name: string; why: Open<LeftOut> }[];
  /** Milliseconds since 1970. */
  exportedAt: number;
  /** There is something to do. */
  changes: boolean;
}
