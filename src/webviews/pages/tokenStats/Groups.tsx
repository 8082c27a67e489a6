/** Each model, account, client or protocol with all its numbers, and how long it lets one wait. */
import { t } from "@vscode/l10n";
import { NO_NAME } from "../../../control/requests.ts";
import type { StatsBy, StatsGroup } from "../../../control/stats.ts";
import { Button } from "../../components/Button.tsx";
import { Section } from "../../components/Section.tsx";
import { format } from "../../labels.ts";
import { type NumberColumn, NumbersTable } from "./NumbersTable.tsx";
import { cachedShare, REST } from "./series.ts";
import { byTitle } from "./statsLabels.ts";

export function Groups(props: {
  groups: readonly StatsGroup[];
  by: StatsBy;
  /** @param query what besides is asked of them */
  onShow(group: StatsGroup, query?: Record<string, string>): void;
}) {
  const { groups, by, onShow } = props;
  const count = (value: number) => format.count(value);
  const opens = (query: Record<string, string>) => (group: StatsGroup) =>
    canAsk(by, group) ? () => onShow(group, query) : undefined;
  const columns: NumberColumn<StatsGroup>[] = [
    {
      id: "requests",
      head: t("Requests"),
      value: ({ total }) => total.requests,
      words: count,
      opens: opens({}),
    },
    {
      id: "errors",
      head: t("Errors"),
      value: ({ total }) => total.errors,
      words: count,
      opens: opens({ outcome: "failed" }),
    },
    {
      id: "failedOver",
      head: t("Failed over"),
      value: ({ total }) => total.failedOver,
      words: count,
      opens: opens({ show: "failed-over", outcome: "ok" }),
    },
    {
      id: "input",
      head: t("Input"),
      value: ({ total }) => total.input,
      words: (n) => format.amount(n),
      opens: opens({ tokens: ">0" }),
    },
    {
      id: "cached",
      head: t("Cached"),
      title: t("Share of the input that came from the provider’s cache"),
      value: ({ total }) => cachedShare(total),
      words: (n) => format.percent(n),
    },
    {
      id: "output",
      head: t("Output"),
      value: ({ total }) => total.output,
      words: (n) => format.amount(n),
      opens: opens({ tokens: ">0" }),
    },
    {
      id: "cost",
      head: t("Cost"),
      value: ({ total }) => (total.cost === 0 && total.unpriced > 0 ? undefined : total.cost),
      words: (n) => format.money(n),
      opens: opens({ cost: ">0" }),
    },
    {
      id: "unpriced",
      head: t("No price"),
      title: t("Requests whose price is not known"),
      value: ({ total }) => total.unpriced,
      words: count,
    },
  ];
  return (
    <Section title={byTitle(by)} aside={t("{0} in this time", format.count(groups.length))}>
      <NumbersTable
        label={byTitle(by)}
        rows={groups}
        keyOf={({ key }) => key}
        first={firstColumn(by, props.onShow)}
        columns={columns}
        sort={{ by: "requests", down: true }}
      />
    </Section>
  );
}

export function Latencies(props: {
  groups: readonly StatsGroup[];
  by: StatsBy;
  onShow(group: StatsGroup): void;
}) {
  const { groups, by } = props;
  const measured = groups.filter(({ duration }) => duration.p50 !== undefined);
  const column = (
    id: string,
    head: string,
    title: string,
    value: (group: StatsGroup) => number | undefined,
  ): NumberColumn<StatsGroup> => ({ id, head, title, value, words: (ms) => format.took(ms, 2) });
  const columns = [
    column(
      "first50",
      t("First token"),
      t("First token: half of the requests are faster"),
      ({ firstByte }) => firstByte.p50,
    ),
    column("first95", "p95", t("First token: 95 of 100 are faster"), ({ firstByte }) => firstByte.p95),
    column("first99", "p99", t("First token: 99 of 100 are faster"), ({ firstByte }) => firstByte.p99),
    column(
      "whole50",
      t("Whole answer"),
      t("Whole answer: half of the requests are faster"),
      ({ duration }) => duration.p50,
    ),
    column("whole95", "p95", t("Whole answer: 95 of 100 are faster"), ({ duration }) => duration.p95),
    column("whole99", "p99", t("Whole answer: 99 of 100 are faster"), ({ duration }) => duration.p99),
  ];
  return (
    <Section title={t("How long it takes")} aside={t("half of the requests are faster; p95: 95 of 100 are")}>
      {measured.length === 0 ? (
        <p class="muted nothing">{t("No request was answered in this time.")}</p>
      ) : (
        <NumbersTable
          label={t("How long it takes")}
          rows={measured}
          keyOf={({ key }) => key}
          first={firstColumn(by, props.onShow)}
          columns={columns}
          sort={{ by: "whole50", down: true }}
        />
      )}
    </Section>
  );
}

/** Those beyond the largest are no group that can be asked for, nor those of no protocol. */
const canAsk = (by: StatsBy, { key }: StatsGroup) => key !== REST && !(by === "protocol" && key === NO_NAME);

function firstColumn(by: StatsBy, onShow: (group: StatsGroup) => void) {
  return {
    head: byTitle(by),
    value: ({ label }: StatsGroup) => label,
    cell: (group: StatsGroup) =>
      canAsk(by, group) ? (
        <Button kind="link" label={t("{0}: show its requests", group.label)} onClick={() => onShow(group)}>
          <span class="cut">{group.label}</span>
        </Button>
      ) : (
        <span class="muted">{group.label}</span>
      ),
  };
}
