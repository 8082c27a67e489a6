/** Sums per hour and per day by model, account, client and protocol. They outlive the requests. */
import type { Database, Statement } from "../sqlite.ts";
import { DAY_MS, HOUR_MS } from "./codes.ts";
import { addEncoded, classOf, encodeHistogram, type Histogram, newHistogram } from "./histogram.ts";

/** What one request adds; names as numbers. */
export interface Counted {
  readonly time: number;
  readonly model: number;
  readonly account: number;
  readonly client: number;
  readonly protocol: number;
  readonly failed: boolean;
  /** Word of the error's class; absent where it did not fail. */
  readonly kind?: string | undefined;
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

interface Delta {
  readonly key: readonly [start: number, model: number, account: number, client: number, protocol: number];
  readonly sums: number[];
  readonly kinds: Map<string, number>;
  readonly first: Histogram;
  readonly took: Histogram;
}

export const LEVELS = { hours: HOUR_MS, days: DAY_MS } as const;
export type Level = keyof typeof LEVELS;

/**
 * Different rows of one hour or day at most. Names come from clients, so there could be any number; what is
 * beyond is counted under `REST`.
 */
export const ROWS_PER_START: Readonly<Record<Level, number>> = { hours: 300, days: 600 };
/** Stands for all names beyond that. */
export const REST = "*";

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
  readonly #read: Statement;
  readonly #count: Statement;
  readonly #write: Statement;
  /** Rows by start, of the starts seen last. */
  readonly #rows = new Map<number, number>();

  constructor(database: Database, level: Level, rest: number) {
    this.#step = LEVELS[level];
    this.#most = ROWS_PER_START[level];
    this.#rest = rest;
    const where = "start = ? AND model = ? AND account = ? AND client = ? AND protocol = ?";
    this.#read = database.prepare(
      `SELECT ${SUMS.join(", ")}, kinds, first, took FROM ${level} WHERE ${where}`,
    );
    this.#count = database.prepare(`SELECT count(*) AS n FROM ${level} WHERE start = ?`);
    const columns = ["start", "model", "account", "client", "protocol", ...SUMS, "kinds", "first", "took"];
    this.#write = database.prepare(
      `INSERT OR REPLACE INTO ${level} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
    );
  }

  forget(): void {
    this.#rows.clear();
  }

  add(counted: readonly Counted[]): void {
    const deltas = new Map<string, Delta>();
    for (const each of counted) {
      const start = Math.floor(each.time / this.#step);
      const { model, account, client, protocol } = each;
      const key = [start, model, account, client, protocol] as const;
      const name = key.join(" ");
      let delta = deltas.get(name);
      if (delta === undefined) {
        delta = {
          key,
          sums: SUMS.map(() => 0),
          kinds: new Map(),
          first: newHistogram(),
          took: newHistogram(),
        };
        deltas.set(name, delta);
      }
      addTo(delta, each);
    }
    for (const delta of deltas.values()) this.#merge(delta);
  }

  #merge(delta: Delta): void {
    const [start, , , , protocol] = delta.key;
    let key = delta.key;
    let row = this.#read.get(...key);
    if (row === undefined) {
      const rows = this.#rowsOf(start);
      if (rows >= this.#most) {
        key = [start, this.#rest, this.#rest, this.#rest, protocol];
        row = this.#read.get(...key);
      }
      if (row === undefined) this.#rows.set(start, rows + 1);
    }
    if (row !== undefined) {
      for (const [index, name] of SUMS.entries())
        delta.sums[index] = (delta.sums[index] ?? 0) + Number(row[name]);
      for (const [kind, count] of Object.entries(kindsOf(row["kinds"])))
        delta.kinds.set(kind, (delta.kinds.get(kind) ?? 0) + count);
      addEncoded(delta.first, row["first"]);
      addEncoded(delta.took, row["took"]);
    }
    const kinds = delta.kinds.size === 0 ? null : JSON.stringify(Object.fromEntries(delta.kinds));
    this.#write.run(...key, ...delta.sums, kinds, encodeHistogram(delta.first), encodeHistogram(delta.took));
  }

  #rowsOf(start: number): number {
    let rows = this.#rows.get(start);
    if (rows === undefined) {
      rows = Number(this.#count.get(start)?.["n"] ?? 0);
      if (this.#rows.size > 100) this.#rows.clear();
      this.#rows.set(start, rows);
    }
    return rows;
  }
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
  for (const [index, value] of add.entries()) sums[index] = (sums[index] ?? 0) + value;
  if (each.kind !== undefined) kinds.set(each.kind, (kinds.get(each.kind) ?? 0) + 1);
  if (each.firstByteMs !== undefined) count(first, each.firstByteMs);
  count(took, each.durationMs);
}

function count(histogram: Histogram, milliseconds: number): void {
  const index = classOf(milliseconds);
  histogram[index] = (histogram[index] ?? 0) + 1;
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
