/** `portico stats`. */

import { t } from "@vscode/l10n";
import { noSums, type Stats, type StatsBy, type StatsGroup, type StatsQuery } from "../control/stats.ts";
import type { StatsArguments } from "./command.ts";
import { connectGateway } from "./connect.ts";
import { amount, money, took } from "./labels.ts";
import { type Console, type ExitCode, json, steering } from "./output.ts";
import { paint, type Screen } from "./screen.ts";
import { type Cell, type Column, table } from "./table.ts";
import { using } from "./using.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;

export async function showStats(args: StatsArguments, console: Console): Promise<ExitCode> {
  const query = queryOf(args, console.out);
  return using(connectGateway(steering(console, args)), async (steered): Promise<ExitCode> => {
    const stats = (await steered?.call("stats.query", query)) ?? NOTHING;
    if (args.json) json(console, stats);
    else for (const line of statsLines(stats, args, console.out)) console.out.line(line);
    return 0;
  });
}

/** The last days in local time, today included. */
export function queryOf(
  { by, days }: Pick<StatsArguments, "by" | "days">,
  screen: Pick<Screen, "now" | "utcOffset">,
): StatsQuery {
  const now = screen.now();
  const utcOffsetMinutes = screen.utcOffset(now);
  const local = now + utcOffsetMinutes * MINUTE;
  const today = Math.floor(local / DAY) * DAY - utcOffsetMinutes * MINUTE;
  return { from: today - (days - 1) * DAY, to: today + DAY, bucket: "day", by, utcOffsetMinutes };
}

const NOTHING: Stats = {
  buckets: [],
  groups: [],
  total: noSums(),
  firstByte: {},
  duration: {},
  errors: {},
};

const heads = (): Readonly<Record<StatsBy, string>> => ({
  model: t("MODEL"),
  account: t("ACCOUNT"),
  client: t("CLIENT"),
  protocol: t("PROTOCOL"),
  key: t("CLIENT KEY"),
});

const columns = (by: StatsBy): Column[] => [
  { head: heads()[by], min: 12 },
  ...[
    t("REQUESTS"),
    t("FAILED"),
    t("INPUT"),
    t("CACHED"),
    t("OUTPUT"),
    t("COST"),
    t("FIRST BYTE"),
    t("TOOK"),
    "95 %",
  ].map((head) => ({ head, right: true })),
];

export function statsLines(
  stats: Stats,
  { by, days }: Pick<StatsArguments, "by" | "days">,
  screen: Screen,
): string[] {
  if (stats.total.requests === 0)
    return [
      days === 1
        ? t("No request was recorded today.")
        : t("No request was recorded in the last {0} days.", days),
    ];
  const { total, firstByte, duration } = stats;
  const all = { key: "", label: t("all"), total, firstByte, duration, points: [] };
  const rows = [...stats.groups.map((group) => cells(group, by)), cells(all, by)];
  const lines = table(screen, columns(by), rows);
  if (total.unpriced > 0) {
    const missing =
      total.unpriced === 1
        ? t("the cost of 1 request is not known.")
        : t("the cost of {0} requests is not known.", total.unpriced);
    lines.push("", paint(screen, "dim", `+ ${missing}`));
  }
  return lines;
}

/** For what the gateway has no name. */
function nameOf({ key, label }: Pick<StatsGroup, "key" | "label">, by: StatsBy): string {
  if (key === "*") return t("the rest");
  return key === "-" ? nameless()[by] : label;
}

const nameless = (): Readonly<Record<StatsBy, string>> => ({
  model: t("no model"),
  account: t("no account"),
  client: t("not known"),
  protocol: t("not known"),
  key: t("no client key"),
});

function cells({ key, label, total, firstByte, duration }: StatsGroup, by: StatsBy): Cell[] {
  return [
    nameOf({ key, label }, by),
    amount(total.requests),
    total.errors === 0 ? "" : { text: amount(total.errors), style: "red" },
    amount(total.input),
    total.input === 0 || total.cacheRead === 0
      ? ""
      : `${Math.round((100 * total.cacheRead) / total.input)} %`,
    amount(total.output),
    total.cost === 0 && total.unpriced > 0 ? "?" : `${money(total.cost)}${total.unpriced > 0 ? "+" : ""}`,
    took(firstByte.p50),
    took(duration.p50),
    took(duration.p95),
  ];
}
