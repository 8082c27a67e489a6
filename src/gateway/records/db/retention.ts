/** Lets go of what is too old or too much, a little at a time, and gives the space back to the disk. */
import { type Database, transaction } from "../../common/sqlite.ts";
import { BY_CODES, DAY_MS, HOUR_MS } from "./codes.ts";
import { type Level, PART_TABLES } from "./rollups.ts";
import { spanOf } from "./rows.ts";

export interface Limits {
  readonly maxAgeDays: number;
  readonly maxRows: number;
  /** Of the whole file. */
  readonly maxBytes: number;
  readonly bodiesMaxBytes: number;
  readonly bodiesMaxHours: number;
}

/** Rows deleted at once: some milliseconds. */
const STEP_ROWS = 1000;
/** Pages given back at once. */
const STEP_PAGES = 500;
/** Days for which sums per hour are kept; those per day stay longer. */
export const HOURS_KEPT_DAYS = 100;
export const DAYS_KEPT_DAYS = 3 * 365;

export class Retention {
  readonly #database: Database;
  #orphans = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * One small step. Call it until it says so.
   * @param now milliseconds since 1970
   * @returns whether there is more to do
   */
  step(limits: Limits, now: number): boolean {
    return (
      this.#bodies(limits, now) ||
      this.#requests(limits, now) ||
      this.#sums(now) ||
      this.#words(now) ||
      this.#shrink()
    );
  }

  /** Bytes of the file that hold something. */
  used(): number {
    return (this.#pragma("page_count") - this.#pragma("freelist_count")) * this.#pragma("page_size");
  }

  #requests({ maxAgeDays, maxRows, maxBytes }: Limits, now: number): boolean {
    const { first, last, oldest } = spanOf(this.#database);
    if (oldest === undefined) return false;
    const keepFrom = Math.max(first, last - maxRows + 1);
    if (keepFrom > first) return this.#delete(first, Math.min(keepFrom, first + STEP_ROWS));
    if (oldest < now - maxAgeDays * DAY_MS) {
      // Rows are in the order of their ends, near enough to that of their beginnings.
      const row = this.#database
        .prepare(
          "SELECT min(seq) AS seq FROM (SELECT seq, time FROM requests ORDER BY seq LIMIT ?) WHERE time >= ?",
        )
        .get(STEP_ROWS, now - maxAgeDays * DAY_MS);
      const young = row?.["seq"];
      return this.#delete(first, typeof young === "number" ? young : first + STEP_ROWS);
    }
    if (this.used() <= maxBytes) return false;
    return this.#delete(first, Math.min(last, first + STEP_ROWS));
  }

  #delete(first: number, end: number): boolean {
    if (end <= first) return false;
    transaction(this.#database, () => {
      this.#database.prepare("DELETE FROM requests WHERE seq < ?").run(end);
      this.#database.prepare("DELETE FROM bodies WHERE seq < ?").run(end);
    });
    return true;
  }

  #bodies({ bodiesMaxBytes, bodiesMaxHours }: Limits, now: number): boolean {
    const sizes = this.#database
      .prepare("SELECT count(*) AS rows, total(size) AS bytes, min(time) AS oldest FROM bodies")
      .get();
    if (Number(sizes?.["rows"] ?? 0) === 0) return false;
    const late = now - bodiesMaxHours * HOUR_MS;
    if (Number(sizes?.["oldest"]) < late) {
      const { changes } = this.#database
        .prepare("DELETE FROM bodies WHERE seq IN (SELECT seq FROM bodies WHERE time < ? LIMIT 500)")
        .run(late);
      return Number(changes) > 0;
    }
    let over = Number(sizes?.["bytes"]) - bodiesMaxBytes;
    if (over <= 0) return false;
    let upTo = -1;
    for (const row of this.#database
      .prepare("SELECT seq, size FROM bodies ORDER BY seq LIMIT 500")
      .iterate()) {
      upTo = Number(row["seq"]);
      over -= Number(row["size"]);
      if (over <= 0) break;
    }
    this.#database.prepare("DELETE FROM bodies WHERE seq <= ?").run(upTo);
    return true;
  }

  #sums(now: number): boolean {
    const hours = Math.floor((now - HOURS_KEPT_DAYS * DAY_MS) / HOUR_MS);
    const days = Math.floor((now - DAYS_KEPT_DAYS * DAY_MS) / DAY_MS);
    return this.#deleteSums("hours", hours) || this.#deleteSums("days", days);
  }

  #deleteSums(level: Level, before: number): boolean {
    const first = this.#database.prepare(`SELECT min(start) AS start FROM ${level}`).get()?.["start"];
    if (typeof first !== "number" || first >= before) return false;
    const end = Math.min(before, first + 48);
    transaction(this.#database, () => {
      this.#database.prepare(`DELETE FROM ${level} WHERE start < ?`).run(end);
      for (const by of Object.values(BY_CODES)) {
        this.#database.prepare(`DELETE FROM ${PART_TABLES[level]} WHERE by = ? AND start < ?`).run(by, end);
      }
    });
    return true;
  }

  /** Names that nothing refers to, once a day. */
  #words(now: number): boolean {
    const today = Math.floor(now / DAY_MS);
    if (this.#orphans === today) return false;
    this.#orphans = today;
    const { oldest } = spanOf(this.#database);
    const day = oldest === undefined ? today : Math.floor(oldest / DAY_MS);
    const kept = ["hours", "days"]
      .flatMap((level) =>
        ["model", "account", "client", "key"].map((column) => `SELECT ${column} FROM ${level}`),
      )
      .join(" UNION ");
    const { changes } = this.#database
      .prepare(`DELETE FROM words WHERE used < ? AND id NOT IN (${kept} UNION SELECT label FROM labels)`)
      // A day's grace: a request is written at its end, under the day of its beginning.
      .run(day - 1);
    return Number(changes) > 0;
  }

  #shrink(): boolean {
    const free = this.#pragma("freelist_count");
    if (free < 50) return false;
    this.#database.exec(`PRAGMA incremental_vacuum(${STEP_PAGES})`);
    return this.#pragma("freelist_count") < free;
  }

  #pragma(name: string): number {
    const row = this.#database.prepare(`PRAGMA ${name}`).get();
    return Number(row?.[name] ?? 0);
  }
}
