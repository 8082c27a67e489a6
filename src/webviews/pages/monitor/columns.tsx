/** What the list can show of a request, and what of it there is room for. */
import { t } from "@vscode/l10n";
import type { ComponentChildren } from "preact";
import type { RequestRow } from "../../../control/requests.ts";
import { endedAt } from "../../../control/requestTimes.ts";
import { Icon } from "../../components/Icon.tsx";
import { StatusWord } from "../../components/StatusWord.tsx";
import { askedLabel, format } from "../../labels.ts";
import { protocolName, servedBy } from "../../requestLabels.ts";
import { remembered } from "../../state/memory.ts";

export interface ListColumn {
  id: string;
  head: string;
  /** Pixels it needs at least. */
  width: number;
  /** Takes a share of what is left. */
  grows?: number;
  num?: boolean;
  /** Where there is no room for all, those with the highest go first; 0 stays. */
  dispensable: number;
  cell(row: RequestRow): ComponentChildren;
  title?(row: RequestRow): string | undefined;
}

export function allColumns(): readonly ListColumn[] {
  return [
    {
      id: "time",
      head: t("Ended"),
      width: timeWidth(),
      dispensable: 0,
      cell: (row) => <span class="muted num">{timeLabel(endedAt(row))}</span>,
      title: beganAndEnded,
    },
    {
      id: "status",
      head: t("Status"),
      width: 122,
      dispensable: 0,
      cell: (row) => <StatusWord row={row} />,
      title: ({ error }) => error,
    },
    {
      id: "client",
      head: t("Client"),
      width: 90,
      grows: 1,
      dispensable: 1,
      cell: ({ client }) => client,
      title: ({ client }) => client,
    },
    {
      id: "model",
      head: t("Model"),
      width: 150,
      grows: 2,
      dispensable: 0,
      cell: askedLabel,
      title: askedLabel,
    },
    {
      id: "account",
      head: t("Account"),
      width: 132,
      grows: 1.6,
      dispensable: 2,
      cell: (row) => <AccountName row={row} />,
      title: accountTitle,
    },
    {
      id: "protocol",
      head: t("Protocol"),
      width: 112,
      grows: 0.4,
      dispensable: 10,
      cell: ({ protocol }) => protocol !== undefined && protocolName(protocol),
    },
    {
      id: "key",
      head: t("Client key"),
      width: 110,
      grows: 0.8,
      dispensable: 8,
      cell: ({ key }) => key,
      title: ({ key }) => key,
    },
    {
      id: "took",
      head: t("Took"),
      width: 66,
      num: true,
      dispensable: 3,
      cell: ({ durationMs }) => format.took(durationMs),
      title: ({ durationMs }) => `${format.exact(durationMs)} ms`,
    },
    {
      id: "first",
      head: t("First"),
      width: 64,
      num: true,
      dispensable: 7,
      cell: ({ firstByteMs }) => firstByteMs !== undefined && format.took(firstByteMs),
      title: ({ firstByteMs }) =>
        firstByteMs === undefined ? undefined : t("first token after {0} ms", format.exact(firstByteMs)),
    },
    {
      id: "in",
      head: t("In"),
      width: 64,
      num: true,
      dispensable: 5,
      cell: ({ tokens }) => tokens !== undefined && tokenLabel(tokens.input),
      title: ({ tokens }) => (tokens === undefined ? undefined : t("{0} tokens", format.exact(tokens.input))),
    },
    {
      id: "cached",
      head: t("Cached"),
      width: 56,
      num: true,
      dispensable: 9,
      cell: ({ tokens }) =>
        tokens !== undefined && tokens.input > 0 && format.percent(tokens.cacheRead / tokens.input),
      title: ({ tokens }) =>
        tokens === undefined ? undefined : t("{0} tokens from cache", format.exact(tokens.cacheRead)),
    },
    {
      id: "out",
      head: t("Out"),
      width: 54,
      num: true,
      dispensable: 4,
      cell: ({ tokens }) => tokens !== undefined && tokenLabel(tokens.output),
      title: ({ tokens }) =>
        tokens === undefined ? undefined : t("{0} tokens", format.exact(tokens.output)),
    },
    {
      id: "cost",
      head: t("Cost"),
      width: 68,
      num: true,
      dispensable: 6,
      cell: ({ cost }) => format.money(cost),
      title: ({ cost }) => (cost === undefined ? t("no price is known") : `$${format.exact(cost)}`),
    },
    {
      id: "attempts",
      head: t("Tries"),
      width: 40,
      num: true,
      dispensable: 11,
      cell: ({ attempts }) => attempts,
    },
    {
      id: "warnings",
      head: t("Warnings"),
      width: 64,
      num: true,
      dispensable: 12,
      cell: ({ warnings }) => warnings > 0 && warnings,
    },
  ];
}

const FIRST = ["time", "status", "client", "model", "account", "took", "first", "in", "out", "cost"];
/** Names of the columns that were chosen. */
export const chosenColumns = remembered<string[]>("monitor.columns", FIRST, isNames);

export function toggleColumn(id: string): void {
  const chosen = chosenColumns.peek();
  chosenColumns.value = chosen.includes(id) ? chosen.filter((each) => each !== id) : [...chosen, id];
}

export function resetColumns(): void {
  chosenColumns.value = FIRST;
}

const GAP = 12;
/** By the font that is drawn with: `02:31 PM` and `Mar 12 14:31` take what they take. */
let widest: { font: string; width: number } | undefined;
const MEASURED = Date.UTC(2026, 8, 28, 22, 58, 58);

function timeWidth(): number {
  const { font } = getComputedStyle(document.body);
  if (widest?.font !== font) {
    const context = document.createElement("canvas").getContext("2d");
    if (context === null) return 110;
    context.font = font;
    const texts = [format.clock(MEASURED), format.moment(MEASURED, MEASURED + 7 * 86_400_000)];
    const width = Math.max(...texts.map((text) => context.measureText(text).width));
    widest = { font, width: Math.ceil(width) + 6 };
  }
  return widest.width;
}

/** Those that fit into so many pixels, in their order; the least dispensable are taken first. */
export function fitting(columns: readonly ListColumn[], width: number): ListColumn[] {
  const taken = new Set<ListColumn>();
  let left = width + GAP;
  for (const column of columns.toSorted((a, b) => a.dispensable - b.dispensable)) {
    const needed = column.width + GAP;
    if (column.dispensable > 0 && needed > left) continue;
    taken.add(column);
    left -= needed;
  }
  return columns.filter((column) => taken.has(column));
}

/** As a value of `grid-template-columns`. */
export function template(columns: readonly ListColumn[]): string {
  return columns
    .map(({ width, grows }) => (grows === undefined ? `${width}px` : `minmax(${width}px, ${grows}fr)`))
    .join(" ");
}

/** In full, as on hover. */
export function beganAndEnded(row: RequestRow): string {
  return t("began {0}, ended {1}", format.date(row.time), format.date(endedAt(row)));
}

/** To the second today, with its day before. */
export function timeLabel(time: number): string {
  const now = Date.now();
  return time >= new Date(now).setHours(0, 0, 0, 0) ? format.clock(time) : format.moment(time, now);
}

/** Exact, as long as that fits its column. */
function tokenLabel(tokens: number): string {
  return tokens < 10_000_000 ? format.count(tokens) : format.amount(tokens);
}

function AccountName({ row }: { row: RequestRow }) {
  const name = servedBy(row);
  if (row.account === undefined) return <span class="muted">{name}</span>;
  return (
    <>
      {row.failedOver && <Icon name="arrow-swap" />}
      {row.failedOver ? ` ${name}` : name}
    </>
  );
}

function accountTitle(row: RequestRow): string {
  const name = servedBy(row);
  return row.failedOver ? t("{0}, after {1} tries", name, row.attempts) : name;
}

function isNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}
