/** What `portico keys …` says of a key, as the control API takes it. */
import { t } from "@vscode/l10n";
import type { KeyBudget, NewKey } from "../control/keys.ts";
import { PERIODS } from "../gateway/settings/budgetPeriod.ts";
import { BUDGET_UNITS } from "../gateway/settings/budgetUnit.ts";
import { type AskArguments, type Command, UsageError } from "./command.ts";
import { LIMITS, type Limit } from "./keyOptions.ts";
import { among, type Values, wholeNumber } from "./values.ts";

const MOST = 1_000_000_000;
const MOST_GRACE_MINUTES = 43_200;

interface Named {
  readonly name: "keys add" | "keys update" | "keys rotate" | "keys revoke";
  /** What stands behind it. */
  readonly id: string;
  readonly asking: AskArguments;
}

/** @throws UsageError */
export function keyCommand({ name, id, asking }: Named, values: Values): Command {
  switch (name) {
    case "keys add":
      return { kind: name, ...asking, key: { name: id, ...limitsOf(values) } };
    case "keys update": {
      const { enable = false, disable = false } = values;
      if (enable && disable)
        throw new UsageError(t("{0} and {1} contradict each other", "--enable", "--disable"));
      const enabled = enable ? true : disable ? false : undefined;
      const drop = (values.drop ?? []).map(limitNamed);
      const both = drop.find((limit) => values[limit] !== undefined);
      if (both !== undefined)
        throw new UsageError(t("{0} and {1} contradict each other", `--${both}`, `--drop ${both}`));
      const limits = limitsOf(values);
      if (
        values.name === undefined &&
        enabled === undefined &&
        drop.length + Object.keys(limits).length === 0
      )
        throw new UsageError(t("{0} needs something to change; see {1}", name, `portico ${name} --help`));
      return { kind: name, ...asking, id, name: values.name, enabled, limits, drop };
    }
    default:
      return { kind: name, ...asking, id, grace: wholeNumber("grace", values.grace, 0, MOST_GRACE_MINUTES) };
  }
}

const limitNamed = (text: string): Limit =>
  LIMITS.find((limit) => text === `--${limit}`) ?? among("drop", text, LIMITS);

/** `""` alone: an empty list, which is nothing. */
const listOf = (texts: string[] | undefined): string[] | undefined =>
  texts?.length === 1 && texts[0] === "" ? [] : texts;

function limitsOf(values: Values): Omit<NewKey, "name"> {
  const { expires, note } = values;
  const [models, accounts, from] = [values.model, values.account, values.from].map(listOf);
  const [requests, tokens, atOnce] = (["per-minute", "tokens-per-minute", "at-once"] as const).map((name) =>
    wholeNumber(name, values[name], 0, MOST),
  );
  return {
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
