/** Limits of a client key as words, and as a person types them. Pure. */
import { t } from "@vscode/l10n";
import type { KeyBudget, KeyLimits, KeyView } from "../../../control/keys.ts";
import { writeDay } from "../../days.ts";
import { budgetAmount, format } from "../../labels.ts";

/** What a person typed: empty is no limit. */
export interface TypedLimits {
  models: string;
  accounts: string;
  from: string;
  requests: string;
  tokens: string;
  atOnce: string;
  unit: KeyBudget["unit"];
  per: KeyBudget["per"];
  budget: string;
  /** As the browser's own field has it: `2027-01-31`. */
  expires: string;
}

export function limitsOf({ models, accounts, from, perMinute = {}, atOnce, budgets = [] }: KeyView): string {
  const lists = [models, accounts, from].flatMap((list) =>
    list === undefined ? [] : [list.length === 0 ? t("nothing allowed") : list.join(", ")],
  );
  const { requests, tokens } = perMinute;
  return [
    ...lists,
    ...(requests === undefined ? [] : [t("{0} requests per minute", format.count(requests))]),
    ...(tokens === undefined ? [] : [t("{0} tokens per minute", format.amount(tokens))]),
    ...(atOnce === undefined ? [] : [t("{0} at once", format.count(atOnce))]),
    ...budgets.map(budgetWords),
  ].join(" · ");
}

function budgetWords({ unit, per, limit }: KeyBudget): string {
  const each: Record<KeyBudget["per"], string> = { day: t("day"), week: t("week"), month: t("month") };
  return `${budgetAmount(limit, unit)} / ${each[per] ?? per}`;
}

export function typedOf(view: KeyView | undefined): TypedLimits {
  const [budget] = view?.budgets ?? [];
  const text = (value: number | undefined) => (value === undefined ? "" : String(value));
  return {
    models: view?.models?.join(", ") ?? "",
    accounts: view?.accounts?.join(", ") ?? "",
    from: view?.from?.join(", ") ?? "",
    requests: text(view?.perMinute?.requests),
    tokens: text(view?.perMinute?.tokens),
    atOnce: text(view?.atOnce),
    unit: budget?.unit ?? "usd",
    per: budget?.per ?? "month",
    budget: text(budget?.limit),
    expires: view?.expiresAt === undefined ? "" : writeDay(view.expiresAt),
  };
}

/** @param before further budgets, and an empty list, stay as they are */
export function wantedOf(typed: TypedLimits, before: KeyView | undefined): KeyLimits {
  const { unit, per } = typed;
  const list = (text: string, was: string[] | undefined) => {
    const items = text
      .split(",")
      .map((each) => each.trim())
      .filter((each) => each !== "");
    return items.length > 0 || was?.length === 0 ? items : undefined;
  };
  const count = (text: string) => (text.trim() === "" ? undefined : Number(text));
  const [requests, tokens, atOnce, limit] = [typed.requests, typed.tokens, typed.atOnce, typed.budget].map(
    count,
  );
  const perMinute = {
    ...(requests === undefined ? {} : { requests }),
    ...(tokens === undefined ? {} : { tokens }),
  };
  const [first, ...others] = before?.budgets ?? [];
  const warns = first?.warnAtPercent === undefined ? {} : { warnAtPercent: first.warnAtPercent };
  const budgets = [...(limit === undefined ? [] : [{ unit, per, limit, ...warns }]), ...others];
  const limits = {
    models: list(typed.models, before?.models),
    accounts: list(typed.accounts, before?.accounts),
    from: list(typed.from, before?.from),
    perMinute: Object.keys(perMinute).length === 0 ? undefined : perMinute,
    atOnce,
    budgets: budgets.length === 0 ? undefined : budgets,
    // It counts until its day is over.
    expiresAt: typed.expires === "" ? undefined : Date.parse(`${typed.expires}T23:59:59`),
  };
  const given = Object.entries(limits).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as KeyLimits;
}

/** Why a number is none. */
export function countProblem(text: string): string | undefined {
  return /^\s*\d*(?:\.\d+)?\s*$/.test(text) ? undefined : t("Enter a number.");
}
