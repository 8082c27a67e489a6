/** What needs a person, worst first, each with what mends it. Pure. */
import { t } from "@vscode/l10n";
import type { ListedAccount } from "../../control/accounts.ts";
import type { Problem } from "../../control/contract.ts";
import { holdsNow } from "../../control/holds.ts";
import { quotasNow, usedUpAt } from "../../control/quotas.ts";
import type { BudgetView } from "../../control/stats.ts";
import type { Format } from "../format.ts";
import { QuotaLabels } from "../quotaLabels.ts";

export type Remedy =
  | { kind: "replace-key"; account: string }
  | { kind: "sign-in"; account: string }
  | { kind: "show-account"; account: string }
  | { kind: "budgets" }
  | { kind: "records" }
  | { kind: "connect" }
  | { kind: "keys" }
  | { kind: "log" };

export interface Need {
  key: string;
  tone: "bad" | "warn";
  title: string | undefined;
  text: string;
  remedy: Remedy;
}

export interface Known {
  problems: readonly Problem[];
  accounts: readonly ListedAccount[];
  budgets: readonly BudgetView[];
}

export function needsOf({ problems, accounts, budgets }: Known, format: Format, now: number): Need[] {
  const all = [
    ...problems.map((problem) => ofProblem(problem, accounts, format, now)),
    ...budgets.flatMap((budget) => ofBudget(budget, accounts, format)),
    ...accounts.flatMap((account) => ofPace(account, format, now)),
  ];
  return [...all.filter(({ tone }) => tone === "bad"), ...all.filter(({ tone }) => tone === "warn")];
}

function ofProblem(problem: Problem, accounts: readonly ListedAccount[], format: Format, now: number): Need {
  const { severity, message, account: id, key: clientKey, cause } = problem;
  const tone = severity === "error" ? "bad" : "warn";
  const account = accounts.find((each) => each.id === id);
  const key = `${id ?? clientKey ?? ""} ${cause ?? message}`;
  if (account === undefined) {
    const remedy: Remedy =
      id !== undefined
        ? { kind: "show-account", account: id }
        : cause === "records"
          ? { kind: "records" }
          : cause === "clients-outdated"
            ? { kind: "connect" }
            : clientKey !== undefined
              ? { kind: "keys" }
              : { kind: "log" };
    return { key, tone, title: undefined, text: message, remedy };
  }
  // The account's name is the title already.
  const text = message.startsWith(`${account.label}: `) ? message.slice(account.label.length + 2) : message;
  const since =
    account.lastUsed === undefined ? "" : ` ${t("Last used {0}.", format.moment(account.lastUsed, now))}`;
  return { key, tone, title: account.label, text: `${text}${since}`, remedy: ofCredential(account) };
}

function ofCredential({ id, credential, readOnly }: ListedAccount): Remedy {
  if (!readOnly && credential === "key") return { kind: "replace-key", account: id };
  if (!readOnly && (credential === "google" || credential === "openrouter"))
    return { kind: "sign-in", account: id };
  return { kind: "show-account", account: id };
}

function ofBudget(budget: BudgetView, accounts: readonly ListedAccount[], format: Format): Need[] {
  if (budget.state === "ok") return [];
  const { account: id, used, limit, unit, per, state } = budget;
  const amount = (value: number) => (unit === "usd" ? format.money(value) : format.amount(value));
  const what =
    unit === "usd" ? "" : ` ${unit === "tokens" ? t("tokens") : unit === "requests" ? t("requests") : unit}`;
  const label = accounts.find((each) => each.id === id)?.label ?? id;
  const spent = t("{0} of {1} used.", amount(used), `${amount(limit)}${what}`);
  return [
    {
      key: `budget ${id ?? ""} ${unit} ${per}`,
      tone: state === "reached" ? "bad" : "warn",
      title: label === undefined ? budgetName(per) : `${label} · ${budgetName(per)}`,
      text: state === "reached" ? `${spent} ${t("Requests wait for the next one.")}` : spent,
      remedy: { kind: "budgets" },
    },
  ];
}

export function budgetName(per: BudgetView["per"]): string {
  if (per === "day") return t("Daily budget");
  if (per === "week") return t("Weekly budget");
  return per === "month" ? t("Monthly budget") : t("Budget per {0}", per);
}

function ofPace(account: ListedAccount, format: Format, now: number): Need[] {
  if (account.state !== "ready") return [];
  const holds = holdsNow(account, now);
  const all = quotasNow(account, now);
  return all.flatMap((each): Need[] => {
    const { quota } = each;
    const at = quota === undefined ? undefined : usedUpAt(quota, holds, now);
    if (quota === undefined || at === undefined) return [];
    const what = new QuotaLabels(format).name(each, all);
    return [
      {
        key: `pace ${account.id} ${quota.model ?? ""} ${quota.name}`,
        tone: "warn",
        title: account.label,
        text: t(
          "At this pace, “{0}” is used up at about {1}.",
          what,
          format.moment(roundTo10Minutes(at), now),
        ),
        remedy: { kind: "show-account", account: account.id },
      },
    ];
  });
}

function roundTo10Minutes(time: number): number {
  return Math.round(time / 600_000) * 600_000;
}
