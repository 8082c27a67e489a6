/** Requests with all their details, from what is kept of them. */
import type { RecordedBody, RequestAttempt, RequestDetails, RequestRow } from "../../../control/requests.ts";
import type { Database } from "../../common/sqlite.ts";
import { type RequestColumns, type Row, requestColumns } from "./columns.ts";
import type { StringInterning } from "./interning.ts";

/**
 * Places of the oldest and the newest request, and when the oldest began, in milliseconds since 1970. `last < first` and
 * no time where there is none.
 */
export function spanOf(database: Database): { first: number; last: number; oldest?: number } {
  const first = database.prepare("SELECT seq, time FROM requests ORDER BY seq LIMIT 1").get();
  const last = database.prepare("SELECT max(seq) AS seq FROM requests").get();
  if (first === undefined) return { first: 1, last: 0 };
  return { first: Number(first["seq"]), last: Number(last?.["seq"]), oldest: Number(first["time"]) };
}

/** What an account is called, by its number. */
export function labelOf(database: Database, words: StringInterning, account: number): string | undefined {
  const row = database.prepare("SELECT label FROM labels WHERE account = ?").get(account);
  return words.textOf(row?.["label"]);
}

/** Everything that is kept of a request. @param bodies its row there, if any */
export function detailsOf(
  row: Row,
  bodies: Row | undefined,
  words: StringInterning,
  columns: RequestColumns = requestColumns,
): RequestDetails {
  const base = columns.listed(row, words);
  const more = moreOf(row["more"]);
  const headers = headersOf(bodies?.["headers"]);
  const [requestBody, replyBody] = [bodyOf(bodies, "request"), bodyOf(bodies, "reply")];
  return {
    ...base,
    ...columns.others(row, words),
    attemptList: more.attempts ?? plainAttempt(base, row),
    warningList: more.warnings ?? [],
    ...(headers === undefined ? {} : { headers }),
    ...(requestBody === undefined ? {} : { requestBody }),
    ...(replyBody === undefined ? {} : { replyBody }),
  } as RequestDetails;
}

/** The attempt of a request that took only one, which went well. */
function plainAttempt(base: RequestRow, row: Row): RequestAttempt[] {
  const { account, accountLabel, modelUsed, protocolOut, status } = base;
  const { at, took } = row;
  if (
    typeof took !== "number" ||
    account === undefined ||
    modelUsed === undefined ||
    protocolOut === undefined
  ) {
    return [];
  }
  return [
    {
      account,
      accountLabel: accountLabel ?? account,
      model: modelUsed,
      protocol: protocolOut,
      at: Number(at),
      took,
      status,
      outcome: "ok",
    },
  ];
}

function moreOf(text: unknown): { attempts?: RequestAttempt[]; warnings?: string[] } {
  // Written by `moreOf` of the columns, in the same file as everything else here.
  return typeof text === "string" ? (JSON.parse(text) as { attempts?: RequestAttempt[] }) : {};
}

function headersOf(text: unknown): [string, string][] | undefined {
  return typeof text === "string" ? (JSON.parse(text) as [string, string][]) : undefined;
}

function bodyOf(bodies: Row | undefined, which: "request" | "reply"): RecordedBody | undefined {
  const text = bodies?.[which];
  if (typeof text !== "string") return undefined;
  return { text, bytes: Number(bodies?.[`${which}Bytes`]), cut: bodies?.[`${which}Cut`] === 1 };
}
