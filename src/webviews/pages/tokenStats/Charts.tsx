/** The same time, seen by what was used, what it was made of, how much came from the cache, how much failed. */
import { t } from "@vscode/l10n";
import { useMemo, useState } from "preact/hooks";
import type { Stats, StatsBucket, StatsBy, StatsGroup, StatsSums } from "../../../control/stats.ts";
import { Segments } from "../../components/Button.tsx";
import { format } from "../../labels.ts";
import { go } from "../../state/route.ts";
import { type Buckets, ChartFigure } from "./ChartFigure.tsx";
import { Errors } from "./Errors.tsx";
import {
  addPoints,
  cachedShare,
  errorShare,
  groupSeries,
  type Measure,
  measured,
  REST,
  type Series,
  sumOf,
} from "./series.ts";
import { bucketLabel, byTitle } from "./statsLabels.ts";

/** Milliseconds. */
const STEPS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
/** Lines in one chart that can be followed. */
const LINES = 5;

export function Charts(props: {
  onError(kind: string): void;
  stats: Stats;
  groups: readonly StatsGroup[];
  bucket: StatsBucket;
  by: StatsBy;
}) {
  const { stats, groups, bucket, by } = props;
  const buckets = useMemo(() => bucketLabel(stats.buckets, bucket), [stats, bucket]);
  const points = useMemo(() => addPoints(groups, stats.buckets.length), [groups, stats]);
  const showBucket = (start: number) => {
    const next = stats.buckets[stats.buckets.indexOf(start) + 1] ?? start + STEPS[bucket];
    go("monitor", { from: String(start), to: String(next) });
  };
  const shared = { buckets, onBucket: showBucket };
  return (
    <>
      <Used groups={groups} by={by} {...shared} />
      <div class="two-charts">
        <Kinds points={points} {...shared} />
        <Cached groups={groups} points={points} by={by} {...shared} />
        <Failed points={points} {...shared} />
        <Errors errors={stats.errors} requests={stats.total.requests} onShow={props.onError} />
      </div>
    </>
  );
}

interface Shared {
  buckets: Buckets;
  onBucket(start: number): void;
}

/** The main one: who used how much. */
function Used({ groups, by, ...shared }: Shared & { groups: readonly StatsGroup[]; by: StatsBy }) {
  const [measure, setMeasure] = useState<Measure>("tokens");
  const series = useMemo(
    () => groupSeries(groups, (sums) => measured(sums, measure), t("others")),
    [groups, measure],
  );
  const words = {
    tokens: (value: number) => format.amount(Math.round(value)),
    cost: (value: number) => format.money(value),
    requests: (value: number) => format.amount(Math.round(value)),
  }[measure];
  const exact =
    measure === "cost" ? (value: number) => format.money(value) : (value: number) => format.count(value);
  const measures: { value: Measure; label: string }[] = [
    { value: "tokens", label: t("Tokens") },
    { value: "cost", label: t("Cost") },
    { value: "requests", label: t("Requests") },
  ];
  const names: Record<Measure, string> = {
    tokens: t("Tokens by {0}", byTitle(by).toLocaleLowerCase()),
    cost: t("Cost by {0}", byTitle(by).toLocaleLowerCase()),
    requests: t("Requests by {0}", byTitle(by).toLocaleLowerCase()),
  };
  return (
    <ChartFigure
      title={names[measure]}
      end={
        <Segments
          label={t("What is counted")}
          options={measures}
          value={measure}
          onChange={(to) => setMeasure(to)}
        />
      }
      kind="bars"
      of={by}
      series={series}
      words={words}
      exact={exact}
      empty={measure === "cost" ? t("No price is known for what was used.") : t("Nothing was counted.")}
      {...shared}
    />
  );
}

/** What the tokens were. */
function Kinds({ points, ...shared }: Shared & { points: readonly StatsSums[] }) {
  const series = useMemo(() => {
    const kinds: [string, string, (sums: StatsSums) => number][] = [
      ["cached", t("input from cache"), (sums) => sums.cacheRead],
      ["input", t("new input"), (sums) => Math.max(0, sums.input - sums.cacheRead)],
      ["output", t("output"), (sums) => Math.max(0, sums.output - sums.reasoning)],
      ["reasoning", t("reasoning"), (sums) => sums.reasoning],
    ];
    return kinds
      .map(([key, label, value]): Series => ({ key, label, values: points.map(value) }))
      .filter(({ values }) => values.some((value) => value !== undefined && value > 0));
  }, [points]);
  return (
    <ChartFigure
      title={t("What the tokens were")}
      kind="bars"
      series={series}
      words={(value) => format.amount(Math.round(value))}
      exact={(value) => format.count(value)}
      empty={t("No tokens were counted.")}
      {...shared}
    />
  );
}

/** How much of the input the providers had already: what keeping a conversation on its account is for. */
function Cached(
  props: Shared & { groups: readonly StatsGroup[]; points: readonly StatsSums[]; by: StatsBy },
) {
  const { groups, points, by, ...shared } = props;
  const { series, whole } = useMemo(() => {
    const wholeOf = new Map<string, number | undefined>();
    const lines = groups
      .filter(({ key, total }) => key !== REST && total.input > 0)
      .toSorted((a, b) => b.total.input - a.total.input)
      .slice(0, LINES)
      .map(({ key, label, points: own, total }): Series => {
        wholeOf.set(key, cachedShare(total));
        return { key, label, values: own.map(cachedShare) };
      });
    if (lines.length > 1) {
      wholeOf.set("", cachedShare(sumOf(points)));
      lines.unshift({ key: "", label: t("all"), values: points.map(cachedShare) });
    }
    return { series: lines, whole: wholeOf };
  }, [groups, points]);
  return (
    <ChartFigure
      title={t("From cache")}
      aside={t("share of the input")}
      kind="lines"
      of={by}
      series={series}
      words={(value) => format.percent(value)}
      exact={(value) => format.percent(value)}
      most={1}
      wholeOf={({ key }) => whole.get(key)}
      empty={t("No input was counted.")}
      {...shared}
    />
  );
}

function Failed({ points, ...shared }: Shared & { points: readonly StatsSums[] }) {
  const { series, whole } = useMemo(() => {
    const all = sumOf(points);
    const lines: Series[] = [
      { key: "errors", label: t("failed"), values: points.map(errorShare) },
      {
        key: "failedOver",
        label: t("failed over"),
        values: points.map(({ requests, failedOver }) =>
          requests === 0 ? undefined : failedOver / requests,
        ),
      },
    ];
    const wholeOf = new Map([
      ["errors", errorShare(all)],
      ["failedOver", all.requests === 0 ? undefined : all.failedOver / all.requests],
    ]);
    return { series: lines, whole: wholeOf };
  }, [points]);
  return (
    <ChartFigure
      title={t("Failures")}
      aside={t("share of the requests")}
      kind="lines"
      series={series}
      words={(value) => format.percent(value)}
      exact={(value) => format.percent(value)}
      wholeOf={({ key }) => whole.get(key)}
      empty={t("No requests in this time.")}
      {...shared}
    />
  );
}
