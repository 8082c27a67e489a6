/** What `portico keys …` says of a key, as the control API takes it. */
import { t } from "@vscode/l10n";
import type { KeyBudget, NewKey } from "../control/keys.ts";
import { PERIODS } from "../gateway/settings/budgetPeriod.ts";
import { BUDGET_UNITS } from "../gateway/settings/budgetUnit.ts";
import { type AskArguments, type Command, UsageError } from "./command.ts";
import { LIMITS, type Limit } from "./keyOptions.ts";

export interface KeyValues {
  readonly model?: string[] | undefined;
  readonly account?: string[] | undefined;
  readonly budget?: readonly string[] | undefined;
  readonly from?: string[] | undefined;
  readonly expires?: string | undefined;
  readonly note?: string | undefined;
  readonly "per-minute"?: string | undefined;
  readonly "tokens-per-minute"?: string | undefined;
  readonly "at-once"?: string | undefined;
  readonly name?: string | undefined;
  readonly drop?: readonly string[] | undefined;
  readonly enable?: boolean | undefined;
  readonly disable?: boolean | undefined;
}

export type CountOption = "per-minute" | "tokens-per-minute" | "at-once" | "grace";
/** Reads an option that is a number of at most so much. @throws UsageError */
type CountOf = (option: CountOption, most: number) => number | undefined;

const MOST = 1_000_000_000;
const MOST_GRACE_MINUTES = 43_200;

interface Named {
  readonly name: "keys add" | "keys update" | "keys rotate" | "keys revoke";
  /** What stands behind it. */
  readonly id: string;
  readonly asking: AskArguments;
}

/** @throws UsageError */
export function keyCommand({ name, id, asking }: Named, values: KeyValues, countOf: CountOf): Command {
  switch (name) {
    case "keys add":
      return { kind: name, ...asking, key: { name: id, ...limitsOf(values, countOf) } };
    case "keys update": {
      const { enable = false, disable = false } = values;
      if (enable && disable)
        throw new UsageError(t("{0} and {1} contradict each other", "--enable", "--disable"));
      const enabled = enable ? true : disable ? false : undefined;
      const drop = (values.drop ?? []).map(limitNamed);
      const both = drop.find((limit) => values[limit] !== undefined);
      if (both !== undefined)
        throw new UsageError(t("{0} and {1} contradict each other", `--${both}`, `--drop ${both}`));
      const limits = limitsOf(values, countOf);
      if (
        values.name === undefined &&
        enabled === undefined &&
        drop.length + Object.keys(limits).length === 0
      )
        throw new UsageError(t("{0} needs something to change; see {1}", name, `portico ${name} --help`));
      return { kind: name, ...asking, id, name: values.name, enabled, limits, drop };
    }
    default:
      return { kind: name, ...asking, id, grace: countOf("grace", MOST_GRACE_MINUTES) };
  }
}

function limitNamed(text: string): Limit {
  const found = LIMITS.find((limit) => limit === text.replace(/^--/, ""));
  if (found !== undefined) return found;
  throw new UsageError(
    t("{0} must be one of {1}, not {2}", "--drop", LIMITS.join(", "), JSON.stringify(text)),
  );
}

/** `""` alone: an empty list, which is nothing. */
const listOf = (texts: string[] | undefined): string[] | undefined =>
  texts?.length === 1 && texts[0] === "" ? [] : texts;

function limitsOf(values: KeyValues, countOf: CountOf): Omit<NewKey, "name"> {
  const { expires, note } = values;
  const [models, accounts, from] = [values.model, values.account, values.from].map(listOf);
  const [requests, tokens] = [countOf("per-minute", MOST), countOf("tokens-per-minute", MOST)];
  const atOnce = countOf("at-once", MOST);
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
