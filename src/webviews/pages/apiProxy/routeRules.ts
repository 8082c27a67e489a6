/** Routes as they are edited: what is wrong with them, and what they are completed from. Pure. */
import { t } from "@vscode/l10n";
import type { ListedAccount } from "../../../control/accounts.ts";
import type { ModelView, RouteRule } from "../../../control/settings.ts";

export const EFFORTS = ["none", "minimal", "low", "medium", "high", "xhigh", "max"] as const;

export interface RuleProblems {
  model?: string;
  to?: string;
  maxTokens?: string;
}

export function ruleProblems(rule: RouteRule, others: readonly RouteRule[]): RuleProblems {
  const problems: RuleProblems = {};
  const model = rule.model.trim();
  if (model === "") problems.model = t("Name a model; * stands for anything.");
  else if (model.length > 200) problems.model = t("At most {0} characters.", 200);
  else if (others.some((each) => each.model.trim() === model)) {
    problems.model = t("Another route has that name; only the first of them would ever be used.");
  }
  const targets = rule.to.filter((each) => each.trim() !== "");
  if (targets.length === 0) problems.to = t("Name where it goes.");
  else if (targets.length > 50) problems.to = t("At most {0} targets.", 50);
  const most = rule.edit?.maxTokens;
  if (most !== undefined && (!Number.isInteger(most) || most < 1 || most > 10_000_000)) {
    problems.maxTokens = t("A whole number from 1 to 10,000,000.");
  }
  return problems;
}

/** Without the white space and the empty targets of editing. */
export function tidy({ model, to, edit = {} }: RouteRule): RouteRule {
  const { effort, maxTokens, systemPrefix } = edit;
  const kept: NonNullable<RouteRule["edit"]> = {
    ...(effort === undefined ? {} : { effort }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(systemPrefix === undefined || systemPrefix === "" ? {} : { systemPrefix }),
  };
  return {
    model: model.trim(),
    to: to.map((each) => each.trim()).filter((each) => each !== ""),
    ...(Object.keys(kept).length === 0 ? {} : { edit: kept }),
  };
}

/** What a target can be: a model's name, or an account's id before it. */
export function targetNames(models: readonly ModelView[], accounts: readonly ListedAccount[]): string[] {
  const names = new Set<string>();
  for (const { name, accounts: serving } of models) {
    for (const { id } of serving) names.add(name.startsWith(`${id}/`) ? name : `${id}/${name}`);
  }
  for (const { name } of models) names.add(name);
  // An account whose list could not be read serves all the same.
  for (const { id } of accounts) names.add(`${id}/`);
  return [...names];
}

/** In a few words: what a route changes in requests. */
export function editLabel(edit: RouteRule["edit"]): string[] {
  if (edit === undefined) return [];
  return [
    ...(edit.effort === undefined ? [] : [t("effort {0}", edit.effort)]),
    ...(edit.maxTokens === undefined ? [] : [t("at most {0} tokens", edit.maxTokens)]),
    ...(edit.systemPrefix === undefined ? [] : [t("text before the system prompt")]),
  ];
}
