/** Finished requests in short: a table with room, two lines each without. */
import { t } from "@vscode/l10n";
import type { RequestRow } from "../../control/requests.ts";
import { endedAt } from "../../control/requestTimes.ts";
import { format, modelLabel } from "../labels.ts";
import { accountLabel } from "../state/gateway.ts";
import { type Column, Table, TwoLines } from "./Table.tsx";

/** The status with its colour, and in words on hover. */
export function StatusCode({ row }: { row: RequestRow }) {
  const { word, tone } = outcomeLabel(row);
  return (
    <span class={`num mono ${tone}`} title={row.error === undefined ? word : `${word}: ${row.error}`}>
      {row.outcome === "client-gone"
        ? t("gone")
        : row.errorKind === "cut"
          ? t("cut")
          : row.status === 0
            ? t("none")
            : row.status}
      <span class="spoken"> {word}</span>
    </span>
  );
}

/** What became of a request; nobody has to know what the number means. */
export function outcomeLabel({ outcome, status, errorKind }: RequestRow): {
  word: string;
  tone: "ok" | "warn" | "bad" | "muted";
} {
  if (outcome === "ok") return { word: t("answered"), tone: "ok" };
  if (outcome === "client-gone") return { word: t("the client left"), tone: "muted" };
  if (errorKind === "cut") return { word: t("cut by Portico"), tone: "warn" };
  if (status === 429) return { word: t("no account was free"), tone: "warn" };
  if (outcome !== "failed") return { word: outcome, tone: "warn" };
  return { word: t("failed"), tone: status >= 500 || status === 0 ? "bad" : "warn" };
}

export function accountOf({ account, accountLabel: label }: RequestRow): string {
  return label ?? (account === undefined ? "" : accountLabel(account));
}

export function RequestLines(props: {
  label: string;
  rows: readonly RequestRow[];
  onOpen(row: RequestRow): void;
}) {
  return (
    <Table
      label={props.label}
      columns={columns()}
      rows={props.rows}
      keyOf={({ id }) => id}
      onOpen={props.onOpen}
      lines={(row) => <RequestTwoLines row={row} />}
    />
  );
}

export function RequestTwoLines({ row }: { row: RequestRow }) {
  return (
    <TwoLines
      first={
        <>
          <StatusCode row={row} /> {modelLabel(row)}
        </>
      }
      end={format.seconds(row.durationMs)}
      second={[format.clock(endedAt(row)), row.client, accountOf(row)]
        .filter((each) => each !== "")
        .join(" · ")}
      secondEnd={row.cost === undefined ? "" : format.money(row.cost)}
    />
  );
}

function columns(): Column<RequestRow>[] {
  return [
    {
      id: "time",
      head: t("Ended"),
      kind: "tight",
      cell: (row) => <span class="num muted">{format.clock(endedAt(row))}</span>,
      title: (row) => t("began {0}, ended {1}", format.date(row.time), format.date(endedAt(row))),
    },
    { id: "status", head: t("Status"), kind: "tight", cell: (row) => <StatusCode row={row} /> },
    { id: "client", head: t("Client"), cell: ({ client }) => client, title: ({ client }) => client },
    { id: "model", head: t("Model"), cell: modelLabel, title: modelLabel },
    { id: "account", head: t("Account"), cell: accountOf, title: accountOf },
    { id: "took", head: t("Took"), kind: "num", cell: ({ durationMs }) => format.seconds(durationMs) },
    {
      id: "first",
      head: t("First"),
      kind: "num",
      cell: ({ firstByteMs }) => (firstByteMs === undefined ? "" : format.seconds(firstByteMs)),
    },
    {
      id: "in",
      head: t("In"),
      kind: "num",
      cell: ({ tokens }) => (tokens === undefined ? "" : format.count(tokens.input)),
      title: ({ tokens }) =>
        tokens === undefined ? undefined : t("{0} of them from cache", format.count(tokens.cacheRead)),
    },
    {
      id: "out",
      head: t("Out"),
      kind: "num",
      cell: ({ tokens }) => (tokens === undefined ? "" : format.count(tokens.output)),
    },
    {
      id: "cost",
      head: t("Cost"),
      kind: "num",
      cell: ({ cost }) => format.money(cost),
      title: ({ cost }) => (cost === undefined ? t("no price is known") : `$${format.exact(cost)}`),
    },
  ];
}
