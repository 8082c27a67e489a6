/** Today in four numbers. */
import { t } from "@vscode/l10n";
import type { ComponentChildren } from "preact";
import type { BudgetView, StatsSums, Today } from "../../../control/stats.ts";
import { Button } from "../../components/Button.tsx";
import { Meter } from "../../components/Meter.tsx";
import { Sparkline } from "../../components/Sparkline.tsx";
import { budgetStanding, format } from "../../labels.ts";
import { go } from "../../state/route.ts";

export function Numbers({ today, budgets }: { today: Today; budgets: readonly BudgetView[] }) {
  const { total, firstByte, hours } = today;
  const series = (of: (sums: StatsSums) => number) => hours.map(({ sums }) => of(sums));
  const daily = budgets.find(
    ({ unit, per, account }) => unit === "usd" && per === "day" && account === undefined,
  );
  return (
    <ul class="numbers">
      <Tile
        title={t("Requests today")}
        query={{}}
        value={format.count(total.requests)}
        about={
          total.failedOver === 0
            ? t("none failed over")
            : t("{0} failed over, nobody noticed", format.count(total.failedOver))
        }
      >
        <Sparkline
          label={t("Requests by hour")}
          values={series((sums) => sums.requests)}
          color="var(--blue)"
        />
      </Tile>
      <Tile
        title={t("Tokens today")}
        query={{ tokens: ">0" }}
        value={format.amount(total.input + total.output)}
        exact={t("{0} in, {1} out", format.exact(total.input), format.exact(total.output))}
        about={t(
          "{0} of the input from cache",
          format.percent(total.input === 0 ? 0 : total.cacheRead / total.input),
        )}
      >
        <Sparkline
          label={t("Tokens by hour")}
          values={series((sums) => sums.input + sums.output)}
          color="var(--purple)"
        />
      </Tile>
      <Tile
        title={t("Cost today")}
        query={{ cost: ">0" }}
        value={format.money(total.cost)}
        exact={`$${format.exact(total.cost)}`}
        about={costLabel(total, daily)}
      >
        {daily === undefined ? (
          <Sparkline label={t("Cost by hour")} values={series((sums) => sums.cost)} color="var(--green)" />
        ) : (
          <BudgetMeter budget={daily} />
        )}
      </Tile>
      <Tile
        title={t("Median first token")}
        query={{ status: "ok" }}
        value={firstByte.p50 === undefined ? "—" : format.seconds(firstByte.p50, 2)}
        about={
          firstByte.p95 === undefined
            ? t("nothing measured yet")
            : t("95 % within {0} · errors {1}", format.seconds(firstByte.p95), errorShare(total))
        }
      >
        <Sparkline
          label={t("Median first token by hour")}
          values={hours.map(({ firstByteP50 }) => firstByteP50)}
          color="var(--orange)"
        />
      </Tile>
    </ul>
  );
}

export function BudgetMeter({ budget }: { budget: BudgetView }) {
  const { share, tone } = budgetStanding(budget);
  return (
    <span class="budget-meter">
      <Meter
        share={share}
        tone={tone}
        label={t("Budget used")}
        words={t("{0} used", format.percent(share))}
      />
    </span>
  );
}

function costLabel({ unpriced }: StatsSums, daily: BudgetView | undefined): string {
  if (unpriced > 0) return t("without {0} of unknown price", format.count(unpriced));
  return daily === undefined ? t("no budget set") : t("of your {0} daily budget", format.money(daily.limit));
}

function errorShare({ requests, errors }: StatsSums): string {
  return format.percent(requests === 0 ? 0 : errors / requests);
}

function Tile(props: {
  title: string;
  value: string;
  exact?: string;
  /** Of the requests it is made of, besides that they are today's. */
  query: Record<string, string>;
  about: string;
  children: ComponentChildren;
}) {
  return (
    <li class="tile">
      <h2>{props.title}</h2>
      <p class="value num" title={props.exact}>
        <Button
          kind="link"
          label={t("{0}: {1}, show the requests", props.title, props.value)}
          onClick={() => go("monitor", { time: "today", ...props.query })}
        >
          {props.value}
        </Button>
      </p>
      <p class="muted">{props.about}</p>
      {props.children}
    </li>
  );
}
