/** Reads requests: pages of a list, one with all its details, what filters can be set to. */
import type {
  RequestDetails,
  RequestFacets,
  RequestFilter,
  RequestMethods,
  RequestPage,
  RequestRow,
} from "../../../control/requests.ts";
import type { Database } from "../sqlite.ts";
import { protocolCode } from "./codes.ts";
import { csvHead, csvLine } from "./csv.ts";
import { addFilterFunctions, conditionOf } from "./filter.ts";
import { detailsOf, type Row, rowOf } from "./rows.ts";
import type { Words } from "./words.ts";

const MAX_PAGE = 500;
const MAX_PART = 2000;
/** Lists that are remembered, so that scrolling does not search anew. */
const LISTS = 4;
const MAX_FACETS = 200;
/** Latest requests whose values filters offer. */
const FACET_ROWS = 100_000;

type ListParams = NonNullable<RequestMethods["requests.list"][0]>;
type ExportParams = RequestMethods["requests.export"][0];
type ExportPart = RequestMethods["requests.export"][1];

export class Reader {
  readonly #database: Database;
  readonly #words: Words;
  /** Places of the requests that hold, newest first, by filter and `upTo`. */
  readonly #lists = new Map<string, Float64Array>();

  constructor(database: Database, words: Words) {
    this.#database = database;
    this.#words = words;
    addFilterFunctions(database);
  }

  /** Rows were deleted. */
  forget(): void {
    this.#lists.clear();
  }

  list({ filter = {}, upTo: asked, offset = 0, limit }: ListParams): RequestPage {
    const { first, last } = this.span();
    const upTo = Math.min(asked ?? last, last);
    const count = Math.min(limit, MAX_PAGE);
    if (isEmpty(filter)) {
      // Rows have no gaps, so places can be reckoned.
      const total = Math.max(0, upTo - first + 1);
      return { rows: this.#below(upTo - offset, count, first), total, upTo };
    }
    const places = this.#placesOf(filter, upTo);
    const wanted = [...places.subarray(offset, offset + count)];
    return { rows: this.#at(wanted), total: places.length, upTo };
  }

  /** @returns `undefined` where it is not kept, or no longer */
  get(id: string): RequestDetails | undefined {
    const bare = id.startsWith("req_") ? id.slice(4) : id;
    const row = this.#database
      .prepare("SELECT * FROM requests WHERE substr(id, 1, 6) = substr(?, 1, 6) AND id = ?")
      .get(bare, bare);
    if (row === undefined) return undefined;
    const bodies = this.#database.prepare("SELECT * FROM bodies WHERE seq = ?").get(Number(row["seq"]));
    return detailsOf(row, bodies, this.#words);
  }

  facets(): RequestFacets {
    const { last } = this.span();
    const rows = this.#database
      .prepare(
        `SELECT client, model, modelUsed, account, label, protocol, count(*) AS n
         FROM (SELECT * FROM requests WHERE seq > ? ORDER BY seq)
         GROUP BY client, model, modelUsed, account, label, protocol`,
      )
      .all(last - FACET_ROWS);
    const most = (key: string): number[] => ranked(rows, (row) => [row[key]]);
    const word = (id: number): string[] => {
      const text = this.#words.textOf(id);
      return text === undefined ? [] : [text];
    };
    const labels = new Map(rows.map((row) => [Number(row["account"]), Number(row["label"])]));
    return {
      clients: most("client").flatMap(word),
      models: ranked(rows, (row) => [row["model"], row["modelUsed"]]).flatMap(word),
      accounts: most("account").flatMap((account) =>
        word(account).map((id) => ({ id, label: this.#words.textOf(labels.get(account)) ?? id })),
      ),
      protocols: most("protocol").flatMap((code) => protocolCode.from(code) ?? []),
    };
  }

  /** Newest first. */
  exportPart({ filter = {}, format, before, limit }: ExportParams): ExportPart {
    const below = before ?? Number.MAX_SAFE_INTEGER;
    const condition = conditionOf(filter);
    const count = Math.min(limit, MAX_PART);
    const found = this.#database
      .prepare(`SELECT * FROM requests WHERE seq < ? AND ${condition.sql} ORDER BY seq DESC LIMIT ?`)
      .all(below, ...condition.values, count);
    const details = found.map((row) => detailsOf(row, undefined, this.#words));
    const lines = format === "jsonl" ? details.map((each) => JSON.stringify(each)) : details.map(csvLine);
    if (format === "csv" && before === undefined) lines.unshift(csvHead());
    const last = details.at(-1);
    return {
      text: lines.map((line) => `${line}\n`).join(""),
      rows: details.length,
      ...(details.length < count || last === undefined ? {} : { next: last.seq }),
    };
  }

  /** Places of the oldest and the newest request; `last < first` where there is none. */
  span(): { first: number; last: number } {
    const first = this.#database.prepare("SELECT min(seq) AS seq FROM requests").get()?.["seq"];
    const last = this.#database.prepare("SELECT max(seq) AS seq FROM requests").get()?.["seq"];
    return typeof first === "number" && typeof last === "number" ? { first, last } : { first: 1, last: 0 };
  }

  #below(upTo: number, count: number, first: number): RequestRow[] {
    if (upTo < first) return [];
    return this.#database
      .prepare("SELECT * FROM requests WHERE seq <= ? ORDER BY seq DESC LIMIT ?")
      .all(upTo, count)
      .map((row) => rowOf(row, this.#words));
  }

  #at(places: readonly number[]): RequestRow[] {
    if (places.length === 0) return [];
    const marks = places.map(() => "?").join(", ");
    return this.#database
      .prepare(`SELECT * FROM requests WHERE seq IN (${marks}) ORDER BY seq DESC`)
      .all(...places)
      .map((row) => rowOf(row, this.#words));
  }

  #placesOf(filter: RequestFilter, upTo: number): Float64Array {
    const key = JSON.stringify([filter, upTo]);
    const known = this.#lists.get(key);
    if (known !== undefined) return known;
    const { sql, values } = conditionOf(filter);
    // The plus keeps SQLite from walking another index and sorting afterwards.
    const rows = this.#database
      .prepare(`SELECT seq FROM requests WHERE seq <= ? AND ${sql} ORDER BY seq DESC`)
      .all(upTo, ...values);
    const places = Float64Array.from(rows, (row) => Number(row["seq"]));
    const oldest = this.#lists.keys().next();
    if (this.#lists.size >= LISTS && oldest.done !== true) this.#lists.delete(oldest.value);
    this.#lists.set(key, places);
    return places;
  }
}

const isEmpty = (filter: RequestFilter): boolean =>
  Object.values(filter).every((value) => value === undefined || value === "");

/** Values by how many requests have them, most first. */
function ranked(rows: readonly Row[], values: (row: Row) => unknown[]): number[] {
  const counts = new Map<number, number>();
  for (const row of rows) {
    for (const value of new Set(values(row))) {
      if (typeof value === "number" && value !== 0)
        counts.set(value, (counts.get(value) ?? 0) + Number(row["n"]));
    }
  }
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return sorted.slice(0, MAX_FACETS).map(([value]) => value);
}
