/** `portico stats`. */

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

const HEADS: Readonly<Record<StatsBy, string>> = {
  model: "MODEL",
  account: "ACCOUNT",
  client: "CLIENT",
  protocol: "PROTOCOL",
};

const columns = (by: StatsBy): Column[] => [
  { head: HEADS[by], min: 12 },
  ...["REQUESTS", "FAILED", "INPUT", "CACHED", "OUTPUT", "COST", "FIRST BYTE", "TOOK", "95 %"].map(
    (head) => ({
      head,
      right: true,
    }),
  ),
];

export function statsLines(
  stats: Stats,
  { by, days }: Pick<StatsArguments, "by" | "days">,
  screen: Screen,
): string[] {
  const span = days === 1 ? "today" : `in the last ${days} days`;
  if (stats.total.requests === 0) return [`No request was recorded ${span}.`];
  const { total, firstByte, duration } = stats;
  const all = { key: "", label: "all", total, firstByte, duration, points: [] };
  const rows = [...stats.groups.map((group) => cells(group, by)), cells(all, by)];
  const lines = table(screen, columns(by), rows);
  if (total.unpriced > 0) {
    const requests = `${total.unpriced} request${total.unpriced === 1 ? "" : "s"}`;
    lines.push("", paint(screen, "dim", `+ the cost of ${requests} is not known.`));
  }
  return lines;
}

/** For what the gateway has no name. */
function nameOf({ key, label }: Pick<StatsGroup, "key" | "label">, by: StatsBy): string {
  if (key === "*") return "the rest";
  return key === "-" ? NAMELESS[by] : label;
}

const NAMELESS: Readonly<Record<StatsBy, string>> = {
  model: "no model",
  account: "no account",
  client: "not known",
  protocol: "not known",
};

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
