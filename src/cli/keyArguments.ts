/** What `portico keys add` says of a key, as the control API takes it. */
import { t } from "@vscode/l10n";
import type { KeyBudget, NewKey } from "../control/keys.ts";
import { PERIODS } from "../gateway/settings/budgetPeriod.ts";
import { BUDGET_UNITS } from "../gateway/settings/budgetUnit.ts";
import { UsageError } from "./command.ts";

export interface KeyValues {
  readonly model?: string[] | undefined;
  readonly account?: string[] | undefined;
  readonly budget?: readonly string[] | undefined;
  readonly from?: string[] | undefined;
  readonly expires?: string | undefined;
  readonly note?: string | undefined;
}

export type CountOption = "per-minute" | "tokens-per-minute" | "at-once";

/** @param countOf reads an option that is a number @throws UsageError */
export function newKey(
  name: string,
  values: KeyValues,
  countOf: (option: CountOption) => number | undefined,
): NewKey {
  const { model: models, account: accounts, from, expires, note } = values;
  const [requests, tokens] = [countOf("per-minute"), countOf("tokens-per-minute")];
  const atOnce = countOf("at-once");
  return {
    name,
    ...(models === undefined ? {} : { models }),
    ...(accounts === undefined ? {} : { accounts }),
    ...(requests === undefined && tokens === undefined
      ? {}
      : {
          perMinute: {
            ...(requests === undefined ? {} : { requests }),
            ...(tokens === undefined ? {} : { tokens }),
          },
        }),
    ...(atOnce === undefined ? {} : { atOnce }),
    ...(values.budget === undefined ? {} : { budgets: values.budget.map(budgetOf) }),
    ...(from === undefined ? {} : { from }),
    ...(expires === undefined ? {} : { expiresAt: momentOf(expires) }),
    ...(note === undefined ? {} : { note }),
  };
}

function budgetOf(text: string): KeyBudget {
  const [, unit, per, limit] = /^(\w+)\/(\w+)=(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  const known = BUDGET_UNITS.find((each) => each === unit);
  const period = PERIODS.find((each) => each === per);
  if (known !== undefined && period !== undefined && Number(limit) > 0) {
    return { unit: known, per: period, limit: Number(limit) };
  }
  throw new UsageError(t("--budget must be like usd/month=20, not {0}", JSON.stringify(text)));
}

function momentOf(text: string): number {
  const time = Date.parse(text);
  if (Number.isNaN(time)) {
    throw new UsageError(t("--expires must be a date such as 2027-01-31, not {0}", JSON.stringify(text)));
  }
  return time;
}
