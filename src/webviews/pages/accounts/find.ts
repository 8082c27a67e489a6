/** Which accounts are shown, and in what order. Pure: time is given in. */
import type { ListedAccount, QuotaView } from "../../../control/accounts.ts";

export const SORTS = ["attention", "name", "provider", "priority", "left", "used", "busy"] as const;
export type Sort = (typeof SORTS)[number];
export type StateFilter = "all" | ListedAccount["state"];
export const STATES: readonly StateFilter[] = [
  "all",
  "ready",
  "cooling",
  "exhausted",
  "needs-attention",
  "disabled",
];

export interface Wanted {
  text: string;
  /** Id of a provider; `""`: all. */
  provider: string;
  state: StateFilter;
  sort: Sort;
  /** Turns the order of `sort` round. */
  reversed: boolean;
}

const WORST_FIRST: readonly ListedAccount["state"][] = [
  "needs-attention",
  "exhausted",
  "cooling",
  "ready",
  "disabled",
];

export function findAccounts(
  all: readonly ListedAccount[],
  { text, provider, state, sort, reversed }: Wanted,
  now: number,
): ListedAccount[] {
  const words = text.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const found = all.filter(
    (account) =>
      (provider === "" || account.provider === provider) &&
      (state === "all" || isIn(account, state)) &&
      words.every((word) => textOf(account).includes(word)),
  );
  const order = orders(now)[sort];
  const byName = (a: ListedAccount, b: ListedAccount) =>
    a.label.localeCompare(b.label, undefined, { numeric: true });
  return found.sort((a, b) => (reversed ? -1 : 1) * order(a, b) || byName(a, b));
}

/** One model of it in that state is enough, whatever the account as a whole. */
export function isIn({ state, held }: ListedAccount, wanted: ListedAccount["state"]): boolean {
  return state === wanted || held.some(({ condition }) => condition === wanted);
}

/** Of the account or of one of its models, whichever is worse. */
export function worstState({ state, held }: ListedAccount): ListedAccount["state"] {
  const states = [state, ...held.map(({ condition }) => condition)];
  return WORST_FIRST.find((each) => states.includes(each)) ?? state;
}

function textOf({ id, label, provider, held, usedBy = [] }: ListedAccount): string {
  const holds = held.map(({ model = "", reason }) => `${model} ${reason}`);
  return [id, label, provider, ...holds, ...usedBy].join("\n").toLocaleLowerCase();
}

type Order = (a: ListedAccount, b: ListedAccount) => number;

/** What a person looks for comes first in each of them. */
function orders(now: number): Record<Sort, Order> {
  const rank = (account: ListedAccount) =>
    account.state === "disabled" ? WORST_FIRST.length : WORST_FIRST.indexOf(worstState(account));
  const left = (account: ListedAccount) => leastLeft(account, now) ?? 2;
  return {
    attention: (a, b) => rank(a) - rank(b),
    name: () => 0,
    provider: (a, b) => a.provider.localeCompare(b.provider),
    priority: (a, b) => b.priority - a.priority,
    left: (a, b) => left(a) - left(b),
    used: (a, b) => (b.lastUsed ?? 0) - (a.lastUsed ?? 0),
    busy: (a, b) => (b.inFlight ?? 0) - (a.inFlight ?? 0),
  };
}

/** Part that is left, 0 to 1; undefined where there is nothing to compare with. */
export function shareLeft({ remaining, limit, resetAt }: QuotaView, now: number): number | undefined {
  if (resetAt !== undefined && resetAt <= now) return 1;
  if (remaining === undefined) return undefined;
  if (limit === undefined || limit <= 0) return remaining <= 0 ? 0 : undefined;
  return Math.min(1, Math.max(0, remaining / limit));
}

export function leastLeft({ quotas }: ListedAccount, now: number): number | undefined {
  const shares = quotas.map((quota) => shareLeft(quota, now)).filter((each) => each !== undefined);
  return shares.length === 0 ? undefined : Math.min(...shares);
}

/** The tightest first; what cannot be compared, as balances, last. */
export function tightestFirst(quotas: readonly QuotaView[], now: number): QuotaView[] {
  return quotas.toSorted((a, b) => (shareLeft(a, now) ?? 2) - (shareLeft(b, now) ?? 2));
}

export interface QuotaGroup {
  /** Absent: of all models. */
  model?: string;
  quotas: QuotaView[];
}

/** Those of all models first, then model by model. */
export function byModel(quotas: readonly QuotaView[], now: number): QuotaGroup[] {
  const groups = new Map<string | undefined, QuotaView[]>([[undefined, []]]);
  for (const quota of tightestFirst(quotas, now)) {
    groups.set(quota.model, [...(groups.get(quota.model) ?? []), quota]);
  }
  return [...groups]
    .filter(([, list]) => list.length > 0)
    .map(([model, list]) => (model === undefined ? { quotas: list } : { model, quotas: list }));
}
