/** Finished requests in short: a table with room, two lines each without. */
import { t } from "@vscode/l10n";
import type { RequestRow } from "../../control/requests.ts";
import { endedAt } from "../../control/requestTimes.ts";
import { askedLabel, format } from "../labels.ts";
import { servedBy } from "../requestLabels.ts";
import { StatusWord } from "./StatusWord.tsx";
import { type Column, Table, TwoLines } from "./Table.tsx";

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
          <StatusWord row={row} /> {askedLabel(row)}
        </>
      }
      end={format.took(row.durationMs)}
      second={`${format.clock(endedAt(row))} · ${row.client} · ${servedBy(row)}`}
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
    {
      id: "status",
      head: t("Status"),
      kind: "tight",
      cell: (row) => <StatusWord row={row} />,
      title: ({ error }) => error,
    },
    { id: "client", head: t("Client"), cell: ({ client }) => client, title: ({ client }) => client },
    { id: "model", head: t("Model"), cell: askedLabel, title: askedLabel },
    { id: "account", head: t("Account"), cell: servedBy, title: servedBy },
    { id: "took", head: t("Took"), kind: "num", cell: ({ durationMs }) => format.took(durationMs) },
    {
      id: "first",
      head: t("First"),
      kind: "num",
      cell: ({ firstByteMs }) => (firstByteMs === undefined ? "" : format.took(firstByteMs)),
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
