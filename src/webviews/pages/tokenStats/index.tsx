/** What was used and what it cost: by model, account, client, protocol or client key, over time. */
import { t } from "@vscode/l10n";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { keyNames } from "../../../control/keys.ts";
import { NO_NAME } from "../../../control/requests.ts";
import { STATS_BY, type Stats, type StatsBy, type StatsGroup } from "../../../control/stats.ts";
import { Button, IconButton, Segments } from "../../components/Button.tsx";
import { DateField } from "../../components/DateField.tsx";
import { Empty, Failure, Shown } from "../../components/Message.tsx";
import { Tag } from "../../components/State.tsx";
import { toast } from "../../components/Toast.tsx";
import { writeDay } from "../../days.ts";
import { useAction } from "../../state/action.ts";
import { readyOf, useLoaded } from "../../state/loaded.ts";
import { go, query, setQuery } from "../../state/route.ts";
import { useWatch } from "../../state/watch.ts";
import { call, on } from "../../transport.ts";
import { Budgets, isUrgent } from "./Budgets.tsx";
import { Charts } from "./Charts.tsx";
import { Groups, Latencies } from "./Groups.tsx";
import { customPeriod, type Period, PRESETS, type Preset, presetPeriod, utcOffset } from "./period.ts";
import { csvOf } from "./series.ts";
import { byTitle, namedGroups, presetTitle } from "./statsLabels.ts";
import { Totals } from "./Totals.tsx";

/** New requests change the numbers at most so often. Milliseconds. */
const AGAIN_MS = 5000;

export default function TokenStats() {
  const tick = useTick();
  const choice = useChoice();
  const { by, preset, clientKey } = choice;
  // Not with every drawing: the end of the time is now, and now moves.
  const asked = useMemo(() => choice.periodAt(Date.now()), [choice.key, tick]);
  const period = asked.ok ? asked.period : undefined;
  const loaded = useLoaded(async (signal) => {
    if (period === undefined) return undefined;
    const only = clientKey === undefined ? {} : { only: { key: clientKey } };
    const params = { ...period, by, ...only, utcOffsetMinutes: utcOffset(period.to) };
    return { stats: await call("stats.query", params, { signal }), period, by, clientKey };
  }, `${choice.key} ${tick}`);
  const state = loaded.state.value;
  const budgets = useLoaded((signal) => call("budgets.list", undefined, { signal }), String(tick));
  const urgent = isUrgent(budgets.state.value);
  return (
    <div class="stats">
      <div class="bar">
        <Segments
          label={t("Time")}
          options={PRESETS.map((value) => ({ value, label: presetTitle(value) }))}
          value={preset}
          onChange={choice.setPreset}
        />
        {preset === "custom" && <CustomDays choice={choice} wrong={asked.ok ? undefined : asked.wrong} />}
        <Segments
          label={t("By")}
          options={STATS_BY.map((value) => ({ value, label: byTitle(value) }))}
          value={by}
          onChange={(to) => setQuery({ by: to })}
        />
        {clientKey !== undefined && <OnlyKey id={clientKey} />}
        <span class="grow" />
        {state.kind === "ready" && state.value !== undefined && <ExportButton {...state.value} />}
      </div>
      {urgent && <Budgets of={budgets.state.value} retry={budgets.reload} />}
      <Shown of={state} retry={loaded.reload} lines={10}>
        {(value) => value !== undefined && <Everything {...value} preset={preset} />}
      </Shown>
      {!urgent && <Budgets of={budgets.state.value} retry={budgets.reload} />}
    </div>
  );
}

/** Whose requests alone are counted, and the way back to all. */
function OnlyKey({ id }: { id: string }) {
  const keys = useLoaded((signal) => call("keys.list", undefined, { signal }));
  const name = keyNames(readyOf(keys.state.value) ?? []).get(id) ?? id;
  return (
    <span class="row">
      <Tag>{t("Client key: {0}", name)}</Tag>
      <IconButton icon="close" label={t("Count all keys")} onClick={() => setQuery({ key: undefined })} />
    </span>
  );
}

interface Known {
  stats: Stats;
  period: Period;
  by: StatsBy;
  /** Id of the one key whose requests are counted. */
  clientKey: string | undefined;
}

function Everything({ stats, period, by, clientKey, preset }: Known & { preset: Preset }) {
  const groups = useMemo(() => namedGroups(stats.groups, by), [stats, by]);
  if (stats.total.requests === 0) return <Nothing preset={preset} />;
  const whose: Record<string, string> = clientKey === undefined ? {} : { key: clientKey };
  const time = { from: String(period.from), to: String(period.to), ...whose };
  const showGroup = ({ key }: StatsGroup, query: Record<string, string> = {}) =>
    go("monitor", { ...time, [by === "model" ? "used" : by]: key, ...query });
  return (
    <>
      <Totals stats={stats} onShow={(query) => go("monitor", { ...time, ...query })} />
      <Charts
        stats={stats}
        groups={groups}
        bucket={stats.bucket === undefined ? period.bucket : "hour"}
        by={by}
        onError={(kind) =>
          go("monitor", { ...time, outcome: "failed", error: kind === "other" ? NO_NAME : kind })
        }
      />
      <div class="two-tables">
        <Groups groups={groups} by={by} onShow={showGroup} />
        <Latencies groups={groups} by={by} onShow={showGroup} />
      </div>
    </>
  );
}

function Nothing({ preset }: { preset: Preset }) {
  if (preset === "month" || preset === "custom") {
    return (
      <Empty shape="bars" action={<Button onClick={() => go("connect")}>{t("Connect a client")}</Button>}>
        {t("No requests in this time. Point a client at Portico, and what it uses is counted here.")}
      </Empty>
    );
  }
  return (
    <Empty
      shape="bars"
      action={<Button onClick={() => setQuery({ time: "month" })}>{t("Show the month")}</Button>}
    >
      {t("No requests in this time.")}
    </Empty>
  );
}

/** What is looked at, kept in the page's query. */
function useChoice() {
  const now = query.value;
  const preset = PRESETS.find((each) => each === now["time"]) ?? "day";
  const by = STATS_BY.find((each) => each === now["by"]) ?? "model";
  const first = now["first"] ?? "";
  const last = now["last"] ?? "";
  const clientKey = now["key"];
  return {
    preset,
    by,
    first,
    last,
    clientKey,
    key: [clientKey ?? "", preset, by, ...(preset === "custom" ? [first, last] : [])].join(" "),
    periodAt: (time: number) =>
      preset === "custom"
        ? customPeriod(first, last)
        : { ok: true as const, period: presetPeriod(preset, time) },
    setPreset(to: Preset) {
      if (to !== "custom") setQuery({ time: to, first: undefined, last: undefined });
      else {
        // It begins with what is shown.
        const shown = preset === "custom" ? undefined : presetPeriod(preset, Date.now());
        setQuery({
          time: to,
          ...(shown === undefined ? {} : { first: writeDay(shown.from), last: writeDay(shown.to - 1) }),
        });
      }
    },
  };
}

function CustomDays(props: {
  choice: ReturnType<typeof useChoice>;
  wrong: "empty" | "order" | "long" | undefined;
}) {
  const { first, last } = props.choice;
  const messages = {
    empty: t("Choose both days."),
    order: t("The last day is before the first."),
    long: t("At most 1,000 days at once."),
  };
  return (
    <span class="row days">
      <DateField
        type="date"
        label={t("First day")}
        value={first}
        onChange={(day) => setQuery({ first: day })}
      />
      <span class="muted">{t("to")}</span>
      <DateField type="date" label={t("Last day")} value={last} onChange={(day) => setQuery({ last: day })} />
      <span role="alert" class="bad">
        {props.wrong !== undefined && messages[props.wrong]}
      </span>
    </span>
  );
}

function ExportButton({ stats, period, by, clientKey }: Known) {
  const save = useAction(async () => {
    const whose = clientKey === undefined ? "" : `-${clientKey}`;
    const name = `portico-stats-${by}${whose}-${writeDay(period.from)}-${writeDay(period.to - 1)}.csv`;
    const { saved } = await call("host.save", { name, text: csvOf(by, stats.buckets, stats.groups) });
    if (saved) toast(t("Saved {0}", name));
  });
  return (
    <>
      <Failure message={save.problem} />
      <Button busy={save.busy} onClick={() => save.run()}>
        {t("Export CSV")}
      </Button>
    </>
  );
}

/** Grows when new requests came, not too often. */
function useTick(): number {
  useWatch("requests");
  const [tick, setTick] = useState(0);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    const end = on("requests", ({ rows, missed }) => {
      if (rows.length + missed === 0 || timer.current !== undefined) return;
      timer.current = setTimeout(() => {
        timer.current = undefined;
        setTick((n) => n + 1);
      }, AGAIN_MS);
    });
    return () => {
      end();
      clearTimeout(timer.current);
    };
  }, []);
  return tick;
}
