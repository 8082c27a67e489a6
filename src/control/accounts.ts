/** The part of the contract about accounts at work: how they fare, what a person changes in them. */
import type { AccountView, Protocol } from "./contract.ts";
import type { Open } from "./open.ts";

/**
 * From the mildest to the worst.
 * - `cooling`: a limit that passes soon
 * - `exhausted`: a limit that passes late
 * - `needs-attention`: a person has to do something; asked again now and then, in case they did
 */
export const ACCOUNT_CONDITIONS = ["cooling", "exhausted", "needs-attention"] as const;
export type AccountCondition = (typeof ACCOUNT_CONDITIONS)[number];

/** What an account, or one model of it, is held back for. */
export interface AccountHold {
  /** Absent: the whole account. */
  model?: string;
  condition: Open<AccountCondition>;
  /** Mostly in the provider's words. */
  reason: string;
  /** Milliseconds since 1970 at which it is asked again; absent where time alone mends nothing. */
  until?: number;
  /** Milliseconds since 1970 at which the limit ends, as the provider stated it; `holdEnd` reads both. */
  resetAt?: number;
}

/** A hold with whose it is. */
export interface HeldAccount extends AccountHold {
  account: string;
  label: string;
}

export type QuotaWindow = "minute" | "hour" | "day" | "week" | "month";

export interface QuotaView {
  /** Absent: for all models. */
  model?: string;
  name: string;
  unit: string;
  remaining?: number;
  limit?: number;
  /** Milliseconds since 1970. */
  resetAt?: number;
  /** What the limit is per, where it is known. */
  window?: Open<QuotaWindow>;
  /** Milliseconds since 1970: when the provider said so. */
  readAt?: number;
}

export const ACCOUNT_STATES = ["ready", ...ACCOUNT_CONDITIONS, "disabled"] as const;
export type AccountState = (typeof ACCOUNT_STATES)[number];

/** An account with all that a person may want to know of it. */
export interface ListedAccount extends AccountView {
  /** Of the account as a whole. */
  state: Open<AccountState>;
  /** The whole account first. */
  held: AccountHold[];
  quotas: QuotaView[];
  /** How its credential came: with a sign-in, it can be repeated. */
  credential: Open<CredentialKind>;
  /** Requests in flight; absent where the gateway is older. */
  inFlight?: number;
  maxInFlight?: number;
  /** Milliseconds since 1970 of its last request, as the history has it; absent: it knows of none. */
  lastUsed?: number;
  /** Clients that used it in the last ten minutes, most recent first. */
  usedBy?: string[];
}

/** It can be switched off and on: also one of the config file. */
export function canPause({ readOnly, pausable }: Pick<AccountView, "readOnly" | "pausable">): boolean {
  return !readOnly || pausable === true;
}

/** How a credential came. */
export type CredentialKind = "key" | "google" | "openrouter" | "service-account" | "none";

export interface AccountChange {
  id: string;
  enabled?: boolean;
  /** Higher goes first. */
  priority?: number;
  label?: string;
}

/** Where a request for a model would go. */
export interface RouteView {
  routing: string[];
  scheduling: string[];
  chosen?: { account: string; model: string; protocol: Open<Protocol> };
}
