/** Reads requests: pages of a list, one with all its details, what filters can be set to. */
import type { RequestMethods } from "../../../control/methods/requests.ts";
import type { RequestDetails, RequestFilter, RequestPage, RequestRow } from "../../../control/requests.ts";
import type { StatsBy } from "../../../control/stats.ts";
import { setLatest } from "../../common/latest.ts";
import type { Database } from "../../common/sqlite.ts";
import type { RecordedFacets } from "../wire.ts";
import { BY_CODES, DAY_MS, protocolCode } from "./codes.ts";
import { requestColumns } from "./columns.ts";
import { requestCsv } from "./csv.ts";
import { addFilterFunctions, conditionOf } from "./filter.ts";
import type { StringInterning } from "./interning.ts";
import { REST } from "./rollups.ts";
import { detailsOf, labelOf, spanOf } from "./rows.ts";

const MAX_PAGE = 500;
const MAX_PART = 2000;
/** Lists that are remembered, so that scrolling does not search anew. */
const LISTS = 4;
const MAX_FACETS = 200;
/** Latest requests whose values filters offer. */
const FACET_ROWS = 10_000;

type ListParams = NonNullable<RequestMethods["requests.list"][0]>;
type ExportParams = RequestMethods["requests.export"][0];
type ExportPart = RequestMethods["requests.export"][1];

export class Reader {
  readonly #database: Database;
  readonly #words: StringInterning;
  /** Places of the requests that hold, newest first, by filter and `upTo`. */
  readonly #lists = new Map<string, Float64Array>();

  constructor(database: Database, words: StringInterning) {
    this.#database = database;
    this.#words = words;
    addFilterFunctions(database);
  }

  /** Rows were deleted. */
  forget(): void {
    this.#lists.clear();
  }

  list({ filter = {}, upTo: asked, offset = 0, limit }: ListParams): RequestPage {
    const { first, last } = spanOf(this.#database);
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

  /** From the sums of the days that are kept, which know what was used, and from the latest requests. */
  facets(): RecordedFacets {
    const { last, oldest } = spanOf(this.#database);
    const sums =
      oldest === undefined
        ? []
        : this.#database
            .prepare(
              "SELECT by, key, sum(requests) AS n FROM dayParts WHERE by > 0 AND start >= ? GROUP BY 1, 2",
            )
            .all(Math.floor(oldest / DAY_MS));
    const latest = this.#database
      .prepare(
        `SELECT client, model, account, protocol, key, count(*) AS n FROM requests
         WHERE seq > ? GROUP BY 1, 2, 3, 4, 5`,
      )
      .all(last - FACET_ROWS);
    const most = (by: StatsBy): number[] => {
      const counts = new Map<number, number>();
      const count = (value: unknown, n: unknown): void => {
        if (typeof value === "number" && value !== 0) counts.set(value, (counts.get(value) ?? 0) + Number(n));
      };
      for (const row of sums) if (row["by"] === BY_CODES[by]) count(row["key"], row["n"]);
      for (const row of latest) count(row[by], row["n"]);
      const sorted = [...counts].sort(([, a], [, b]) => b - a);
      return sorted.slice(0, MAX_FACETS).map(([value]) => value);
    };
    const named = (by: Exclude<StatsBy, "protocol">): { id: number; text: string }[] =>
      most(by).flatMap((id) => {
        const text = this.#words.textOf(id);
        return text === undefined || text === REST ? [] : [{ id, text }];
      });
    const words = (by: Parameters<typeof named>[0]): string[] => named(by).map(({ text }) => text);
    return {
      clients: words("client"),
      models: words("model"),
      accounts: named("account").map(({ id, text }) => ({
        id: text,
        label: labelOf(this.#database, this.#words, id) ?? text,
      })),
      protocols: most("protocol").flatMap((code) => protocolCode.from(code) ?? []),
      keys: words("key"),
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
    const lines =
      format === "jsonl"
        ? details.map((each) => JSON.stringify(each))
        : details.map((each) => requestCsv.line(each));
    if (format === "csv" && before === undefined) lines.unshift(requestCsv.head);
    const last = details.at(-1);
    return {
      text: lines.map((line) => `${line}\n`).join(""),
      rows: details.length,
      ...(details.length < count || last === undefined ? {} : { next: last.seq }),
    };
  }

  #below(upTo: number, count: number, first: number): RequestRow[] {
    if (upTo < first) return [];
    return this.#database
      .prepare("SELECT * FROM requests WHERE seq <= ? ORDER BY seq DESC LIMIT ?")
      .all(upTo, count)
      .map((row) => requestColumns.listed(row, this.#words));
  }

  #at(places: readonly number[]): RequestRow[] {
    if (places.length === 0) return [];
    const marks = places.map(() => "?").join(", ");
    return this.#database
      .prepare(`SELECT * FROM requests WHERE seq IN (${marks}) ORDER BY seq DESC`)
      .all(...places)
      .map((row) => requestColumns.listed(row, this.#words));
  }

  #placesOf(filter: RequestFilter, upTo: number): Float64Array {
    const key = JSON.stringify([filter, upTo]);
    const known = this.#lists.get(key);
    if (known !== undefined) return known;
    const { sql, values } = conditionOf(filter);
    const rows = this.#database
      .prepare(`SELECT seq FROM requests WHERE seq <= ? AND ${sql} ORDER BY seq DESC`)
      .all(upTo, ...values);
    const places = Float64Array.from(rows, (row) => Number(row["seq"]));
    setLatest(this.#lists, key, places, LISTS);
    return places;
  }
}

const isEmpty = (filter: RequestFilter): boolean =>
  Object.values(filter).every((value) => value === undefined || value === "");
