/** Sums per hour and per day by model, account, client, protocol and client key. They outlive the requests. */
import type { Database, Statement } from "../../common/sqlite.ts";
import { BY_CODES, DAY_MS, HOUR_MS } from "./codes.ts";
import { addCounts, addEncoded, count, encodeHistogram, type Histogram, newHistogram } from "./histogram.ts";

/** What one request adds; names as numbers. */
export interface Counted {
  readonly time: number;
  readonly model: number;
  readonly account: number;
  readonly client: number;
  readonly protocol: number;
  readonly key: number;
  readonly failed: boolean;
  /** Word of the error's class; absent where it did not fail. */
  readonly kind?: string | undefined;
  /** Answered, by another account or model than the first one tried. */
  readonly failedOver: boolean;
  readonly firstByteMs?: number | undefined;
  readonly durationMs: number;
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly output: number;
  readonly reasoning: number;
  /** 1e-9 USD; `undefined`: not known. */
  readonly cost?: number | undefined;
  readonly hasTokens: boolean;
}

/** The columns that are plain sums, in the order of the tables. */
export const SUMS = [
  "requests",
  "errors",
  "failedOver",
  "input",
  "cacheRead",
  "cacheWrite",
  "output",
  "reasoning",
  "cost",
  "unpriced",
] as const;

/** Sums that are still to be added to a row. */
interface Delta {
  readonly sums: number[];
  readonly kinds: Map<string, number>;
  readonly first: Histogram;
  readonly took: Histogram;
}
type Key = readonly number[];

export const LEVELS = { hours: HOUR_MS, days: DAY_MS } as const;
export type Level = keyof typeof LEVELS;
/** Tables by level: by everything together, and by one thing each. */
export const PART_TABLES = { hours: "hourParts", days: "dayParts" } as const;

/**
 * Different rows of one hour or day at most. Names come from clients, so there could be any number; what is
 * beyond is counted under `REST`, by its protocol and key alone: of those there are only so many.
 */
export const ROWS_PER_START: Readonly<Record<Level, number>> = { hours: 300, days: 600 };
/** Stands for all names beyond that. */
export const REST = "*";

const { all, model, account, client, protocol, key: clientKey } = BY_CODES;
/** What tells requests of one hour or day apart. */
const CUBE_KEY = ["start", "model", "account", "client", "protocol", "key"];
/** What rows are by, and where it stands in the key of the cube. */
const PARTS = [
  [model, 1],
  [account, 2],
  [client, 3],
  [protocol, 4],
  [clientKey, 5],
] as const;

export class Rollups {
  readonly #levels: readonly RollupLevel[];

  /** @param rest number of the word `REST` */
  constructor(database: Database, rest: number) {
    this.#levels = [new RollupLevel(database, "hours", rest), new RollupLevel(database, "days", rest)];
  }

  /** Within the transaction that writes the requests themselves. */
  add(counted: readonly Counted[]): void {
    for (const level of this.#levels) level.add(counted);
  }

  /** After a transaction was rolled back, or rows were deleted. */
  forget(): void {
    for (const level of this.#levels) level.forget();
  }
}

class RollupLevel {
  readonly #step: number;
  readonly #most: number;
  readonly #rest: number;
  readonly #cube: SumTable;
  readonly #parts: SumTable;
  readonly #count: Statement;
  /** Rows by start, of the starts seen last. */
  readonly #rows = new Map<number, number>();

  constructor(database: Database, level: Level, rest: number) {
    this.#step = LEVELS[level];
    this.#most = ROWS_PER_START[level];
    this.#rest = rest;
    this.#cube = new SumTable(database, level, CUBE_KEY);
    this.#parts = new SumTable(database, PART_TABLES[level], ["by", "start", "key"]);
    this.#count = database.prepare(`SELECT count(*) AS n FROM ${level} WHERE start = ?`);
  }

  forget(): void {
    this.#rows.clear();
  }

  add(counted: readonly Counted[]): void {
    const deltas = new Deltas();
    for (const each of counted) {
      const start = Math.floor(each.time / this.#step);
      addTo(deltas.at([start, each.model, each.account, each.client, each.protocol, each.key]), each);
    }
    const parts = new Deltas();
    for (const { key: named, delta } of deltas.all()) {
      const key = this.#roomFor(named);
      const [start = 0] = key;
      addDelta(parts.at([all, start, 0]), delta);
      for (const [by, place] of PARTS) addDelta(parts.at([by, start, key[place] ?? 0]), delta);
      this.#cube.add(key, delta);
    }
    for (const { key, delta } of parts.all()) this.#parts.add(key, delta);
  }

  /** The key, or that of the rest where the hour or day has as many rows as it may. */
  #roomFor(key: Key): Key {
    if (this.#cube.has(key)) return key;
    const [start = 0, , , , inProtocol = 0, ofKey = 0] = key;
    let rows = this.#rows.get(start);
    if (rows === undefined) {
      rows = Number(this.#count.get(start)?.["n"] ?? 0);
      if (this.#rows.size > 100) this.#rows.clear();
    }
    const own = rows < this.#most ? key : [start, this.#rest, this.#rest, this.#rest, inProtocol, ofKey];
    if (own === key) rows += 1;
    this.#rows.set(start, rows);
    return own;
  }
}

/** Deltas by key. */
class Deltas {
  readonly #map = new Map<string, { readonly key: Key; readonly delta: Delta }>();

  at(key: Key): Delta {
    const name = key.join(" ");
    const known = this.#map.get(name);
    if (known !== undefined) return known.delta;
    const delta: Delta = {
      sums: SUMS.map(() => 0),
      kinds: new Map(),
      first: newHistogram(),
      took: newHistogram(),
    };
    this.#map.set(name, { key, delta });
    return delta;
  }

  all(): Iterable<{ readonly key: Key; readonly delta: Delta }> {
    return this.#map.values();
  }
}

/** A table of sums, whatever its key is. */
class SumTable {
  readonly #read: Statement;
  readonly #has: Statement;
  readonly #write: Statement;

  constructor(database: Database, table: string, key: readonly string[]) {
    const where = key.map((name) => `${name} = ?`).join(" AND ");
    this.#read = database.prepare(
      `SELECT ${SUMS.join(", ")}, kinds, first, took FROM ${table} WHERE ${where}`,
    );
    this.#has = database.prepare(`SELECT 1 FROM ${table} WHERE ${where}`);
    const columns = [...key, ...SUMS, "kinds", "first", "took"];
    this.#write = database.prepare(
      `INSERT OR REPLACE INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
    );
  }

  has(key: Key): boolean {
    return this.#has.get(...key) !== undefined;
  }

  /** `delta` is the row's own afterwards. */
  add(key: Key, delta: Delta): void {
    const row = this.#read.get(...key);
    if (row !== undefined) {
      addCounts(
        delta.sums,
        SUMS.map((name) => Number(row[name])),
      );
      for (const [kind, count] of Object.entries(kindsOf(row["kinds"])))
        delta.kinds.set(kind, (delta.kinds.get(kind) ?? 0) + count);
      addEncoded(delta.first, row["first"]);
      addEncoded(delta.took, row["took"]);
    }
    const kinds = delta.kinds.size === 0 ? null : JSON.stringify(Object.fromEntries(delta.kinds));
    this.#write.run(...key, ...delta.sums, kinds, encodeHistogram(delta.first), encodeHistogram(delta.took));
  }
}

function addDelta(to: Delta, from: Delta): void {
  addCounts(to.sums, from.sums);
  for (const [kind, count] of from.kinds) to.kinds.set(kind, (to.kinds.get(kind) ?? 0) + count);
  addCounts(to.first, from.first);
  addCounts(to.took, from.took);
}

function addTo({ sums, kinds, first, took }: Delta, each: Counted): void {
  const add = [
    1,
    each.failed ? 1 : 0,
    each.failedOver ? 1 : 0,
    each.input,
    each.cacheRead,
    each.cacheWrite,
    each.output,
    each.reasoning,
    each.cost ?? 0,
    each.hasTokens && each.cost === undefined ? 1 : 0,
  ];
  addCounts(sums, add);
  if (each.kind !== undefined) kinds.set(each.kind, (kinds.get(each.kind) ?? 0) + 1);
  if (each.firstByteMs !== undefined) count(first, each.firstByteMs);
  count(took, each.durationMs);
}

/** Error classes and how many, as a rollup row has them. */
export function kindsOf(text: unknown): Record<string, number> {
  if (typeof text !== "string") return {};
  const kinds: unknown = JSON.parse(text);
  if (typeof kinds !== "object" || kinds === null) return {};
  return Object.fromEntries(
    Object.entries(kinds).filter((entry): entry is [string, number] => typeof entry[1] === "number"),
  );
}
