/** Client keys: who may call, and how much. */
import type { Open } from "./open.ts";
import type { BudgetView } from "./stats.ts";

export interface KeyBudget {
  unit: BudgetView["unit"];
  per: BudgetView["per"];
  limit: number;
  warnAtPercent?: number;
}

/** Absent: no limit. An empty list: nothing. */
export interface KeyLimits {
  /** As clients name them; `*` stands for anything. */
  models?: string[];
  /** Ids. */
  accounts?: string[];
  budgets?: KeyBudget[];
  perMinute?: { requests?: number; tokens?: number };
  /** Requests under way. */
  atOnce?: number;
  /** Addresses and ranges such as `192.168.0.0/16`. */
  from?: string[];
  /** Milliseconds since 1970. */
  expiresAt?: number;
}

export interface NewKey extends KeyLimits {
  name: string;
  note?: string;
}

/** What is given is changed; `null` takes a limit, or the note, away. */
export type KeyChange = {
  [F in keyof Omit<NewKey, "name">]?: NewKey[F] | null;
} & { id: string; name?: string; enabled?: boolean };

export type KeyState = "active" | "disabled" | "expired";

export interface KeyView extends KeyLimits {
  id: string;
  name: string;
  /** `sk-portico-…ab12`; `""` for whoever calls without a key. */
  shown: string;
  state: Open<KeyState>;
  enabled: boolean;
  /** It stands in the config file, or the file of keys is a newer Portico's. */
  readOnly: boolean;
  note?: string;
  /** Milliseconds since 1970, as all that follow. */
  createdAt?: number;
  lastUsedAt?: number;
  /** Until when the key before this one counts as well. */
  previousUntil?: number;
  /** How its budgets stand, in their order. */
  used?: { used: number; until: number }[];
}

/** A key as it is shown once and never again. */
export interface MadeKey {
  view: KeyView;
  key: string;
}

/** By id: the name, with the id where two are called alike. */
export function keyNames(keys: readonly Pick<KeyView, "id" | "name">[]): ReadonlyMap<string, string> {
  const alike = new Set<string>();
  const seen = new Set<string>();
  for (const { name } of keys) (seen.has(name) ? alike : seen).add(name);
  return new Map(keys.map(({ id, name }) => [id, alike.has(name) ? `${name} (${id})` : name]));
}
