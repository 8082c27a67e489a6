/** The person's own limits, and how far they are used. */
import { t } from "@vscode/l10n";
import type { BudgetView } from "../../../control/stats.ts";
import { Button } from "../../components/Button.tsx";
import { Countdown } from "../../components/Countdown.tsx";
import { Shown } from "../../components/Message.tsx";
import { Meter } from "../../components/Meter.tsx";
import { Section } from "../../components/Section.tsx";
import { budgetStanding, format } from "../../labels.ts";
import { accountLabel, useLive } from "../../state/gateway.ts";
import { type Loaded, readyOf } from "../../state/loaded.ts";
import { go } from "../../state/route.ts";

/** Somebody has to look at them. */
export function isUrgent(budgets: Loaded<BudgetView[]>): boolean {
  return readyOf(budgets)?.some(({ state }) => state !== "ok") === true;
}

export function Budgets({ of: state, retry }: { of: Loaded<BudgetView[]>; retry(): unknown }) {
  useLive("accounts");
  const edit = (words: string) => (
    <Button kind="link" onClick={() => go("settings", { part: "budgets" })}>
      {words}
    </Button>
  );
  const some = state.kind === "ready" && state.value.length > 0;
  return (
    <Section title={t("Budgets")} end={some && edit(t("Edit…"))}>
      <Shown of={state} retry={retry} lines={1}>
        {(all) =>
          all.length === 0 ? (
            <p class="muted">
              {t("None: nothing stops what you spend.")} {edit(t("Set a budget…"))}
            </p>
          ) : (
            <ul class="budgets">
              {all.map((budget) => (
                <Budget key={`${budget.account ?? ""} ${budget.unit} ${budget.per}`} budget={budget} />
              ))}
            </ul>
          )
        }
      </Shown>
    </Section>
  );
}

function Budget({ budget }: { budget: BudgetView }) {
  const { account, per, used, limit, state, unpriced, until } = budget;
  const whose = account === undefined ? t("All accounts") : accountLabel(account);
  const { share, tone } = budgetStanding(budget);
  const word =
    state === "ok" ? "" : state === "warning" ? t("nearly used") : t("used up: requests are refused");
  return (
    <li>
      <span class="cut" title={whose}>
        <Button
          kind="figure"
          label={t("{0}: show its requests", `${whose} ${perLabel(per)}`)}
          onClick={() => go("monitor", queryOf(budget))}
        >
          {whose}
        </Button>{" "}
        <span class="muted">{perLabel(per)}</span>
      </span>
      <Meter share={share} tone={tone} label={`${whose} ${perLabel(per)}`} words={format.percent(share)} />
      <span class="num right">
        {amount(budget, used)} <span class="muted">{t("of {0}", amount(budget, limit))}</span>
      </span>
      <span class="muted budget-notes">
        {word !== "" && <span class={tone}>{word}</span>}
        {unpriced > 0 && (
          <span>{t("{0} requests not counted: no price is known", format.count(unpriced))}</span>
        )}
        <Countdown until={until} words={(time) => t("resets in {0}", time)} />
      </span>
    </li>
  );
}

/** The requests that it counts: since it began anew, of its account. */
export function queryOf({ account, per, until }: BudgetView): Record<string, string> {
  const began = new Date(until);
  if (per === "day") began.setDate(began.getDate() - 1);
  else if (per === "week") began.setDate(began.getDate() - 7);
  else began.setMonth(began.getMonth() - 1);
  return { from: String(began.getTime()), ...(account === undefined ? {} : { account }) };
}

function perLabel(per: BudgetView["per"]): string {
  return per === "day" ? t("a day") : per === "week" ? t("a week") : t("a month");
}

function amount({ unit }: BudgetView, value: number): string {
  if (unit === "usd") return format.money(value);
  return unit === "tokens"
    ? t("{0} tokens", format.amount(Math.round(value)))
    : t("{0} requests", format.count(value));
}
