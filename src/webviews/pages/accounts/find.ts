/** Which accounts are shown, and in what order. Pure: time is given in. */
import {
  ACCOUNT_CONDITIONS,
  ACCOUNT_STATES,
  type AccountState,
  type ListedAccount,
  type QuotaView,
} from "../../../control/accounts.ts";
import { holdsNow, worstState } from "../../../control/holds.ts";
import { leastLeft, type QuotaNow, quotaStanding } from "../../../control/quotas.ts";

export const SORTS = ["attention", "name", "provider", "priority", "left", "used", "busy"] as const;
export type Sort = (typeof SORTS)[number];
export type StateFilter = "all" | AccountState;
export const STATES: readonly StateFilter[] = ["all", ...ACCOUNT_STATES];

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
  ...ACCOUNT_CONDITIONS.toReversed(),
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

function textOf({ id, label, provider, held, usedBy = [] }: ListedAccount): string {
  const holds = held.map(({ model = "", reason }) => `${model} ${reason}`);
  return [id, label, provider, ...holds, ...usedBy].join("\n").toLocaleLowerCase();
}

type Order = (a: ListedAccount, b: ListedAccount) => number;

/** What a person looks for comes first in each of them. */
function orders(now: number): Record<Sort, Order> {
  const rank = (account: ListedAccount) =>
    account.state === "disabled" ? WORST_FIRST.length : WORST_FIRST.indexOf(worstState(account, now));
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

export interface QuotaGroup {
  /** Absent: of all models. */
  model?: string;
  quotas: (QuotaNow & { quota: QuotaView })[];
}

/** Every quota that was told, also where it does not hold: those of all models first, then model by model. */
export function byModel(
  account: Pick<ListedAccount, "enabled" | "held" | "quotas">,
  now: number,
): QuotaGroup[] {
  const holds = holdsNow(account, now);
  const all = account.quotas
    .map((quota) => ({ quota, standing: quotaStanding(quota, holds, now) }))
    .sort((a, b) => (a.standing.share ?? 2) - (b.standing.share ?? 2));
  const groups = new Map<string | undefined, QuotaGroup["quotas"]>([[undefined, []]]);
  for (const each of all) {
    const { model } = each.quota;
    groups.set(model, [...(groups.get(model) ?? []), { ...(model === undefined ? {} : { model }), ...each }]);
  }
  return [...groups]
    .filter(([, list]) => list.length > 0)
    .map(([model, list]) => (model === undefined ? { quotas: list } : { model, quotas: list }));
}
