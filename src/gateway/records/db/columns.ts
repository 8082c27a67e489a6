/** The table `requests` as the fields of a request: what is inserted, and what is read back. */
import {
  type FieldTable,
  fieldsWhere,
  REQUEST_FIELDS,
  type RequestField,
  type RequestFieldName,
  type TokenCounts,
} from "../../../control/requestFields.ts";
import { NO_NAME, type RequestAttempt, type RequestRow } from "../../../control/requests.ts";
import type { SqlValue } from "../../common/sqlite.ts";
import type { Entry } from "../entry.ts";
import { FLAG, laneCode, NANO, outcomeCode, protocolCode } from "./codes.ts";
import type { StringInterning } from "./interning.ts";

export type Row = Record<string, unknown>;

/** Number of a name, which it gets where it has none; 0: none. */
export type NumberOf = (name: string | undefined) => number;

/** One that is kept in a row of its own, read and written. */
interface Column {
  readonly name: string;
  write(entry: Entry, numberOf: NumberOf): SqlValue;
}

/** The oldest flags share a column: the bit that says yes, and the one that says that it is known. */
const PACKED = {
  stream: { yes: FLAG.stream, known: FLAG.streamKnown },
  failedOver: { yes: FLAG.failedOver, known: 0 },
  sticky: { yes: FLAG.sticky, known: FLAG.stickyKnown },
} as const;
interface Bits {
  readonly yes: number;
  readonly known: number;
}
const packed = (name: string): Bits | undefined => (PACKED as Readonly<Record<string, Bits>>)[name];
const CODES = { protocol: protocolCode, lane: laneCode, outcome: outcomeCode } as const;
const TOKENS = [
  "input",
  "cacheRead",
  "cacheWrite",
  "output",
  "reasoning",
] as const satisfies readonly Exclude<keyof TokenCounts, "estimated">[];
/** What stands for a field that is always there, where a newer Portico wrote something unknown. */
const FALLBACK: Readonly<Record<string, string>> = { client: "unknown", outcome: "failed" };

const isNumber = (value: unknown): value is number => typeof value === "number";
const isText = (value: unknown): value is string => typeof value === "string";

export class RequestColumns {
  readonly #fields: FieldTable;
  readonly #columns: readonly Column[];
  readonly #listed: readonly Reader[];
  readonly #others: readonly Reader[];

  /** @param fields others than the contract's own, for tests */
  constructor(fields: FieldTable = REQUEST_FIELDS) {
    this.#fields = fields;
    const named = Object.entries(fields);
    this.#columns = named.flatMap(([name, field]) => columnsOf(name, field));
    const readers = (listed: boolean): Reader[] =>
      fieldsWhere((field) => (field.listed === true) === listed, fields).map((name) =>
        readerOf(name, fields[name] as RequestField),
      );
    this.#listed = readers(true);
    this.#others = readers(false);
  }

  /** `seq` comes first. */
  get names(): string[] {
    return ["seq", ...SHARED, ...this.#columns.map(({ name }) => name)];
  }

  /** In the order of `names`. */
  values(seq: number, entry: Entry, numberOf: NumberOf): SqlValue[] {
    const values: SqlValue[] = [seq, ...shared(entry)];
    for (const column of this.#columns) values.push(column.write(entry, numberOf));
    return values;
  }

  /** The line of a request just written. */
  listedEntry(entry: Entry, seq: number): RequestRow {
    const line: Record<string, unknown> = {};
    for (const { field } of this.#listed) {
      const value = field === "seq" ? seq : entry[field];
      if (value !== undefined) line[field] = field === "cost" ? roundedCost(value as number) : value;
    }
    return line as unknown as RequestRow;
  }

  /** A line of a list. */
  listed(row: Row, words: StringInterning): RequestRow {
    return read(this.#listed, row, words) as unknown as RequestRow;
  }

  /** The fields that only details have. */
  others(row: Row, words: StringInterning): Record<string, unknown> {
    return read(this.#others, row, words);
  }

  /** Columns of names, or of texts, in which a filter's text is looked for. */
  searched(holds: "name" | "text"): string[] {
    return fieldsWhere((field) => field.searched === true && field.holds === holds, this.#fields).map(
      (name) => columnOf(name, this.#fields[name] as RequestField),
    );
  }

  /** Does this field have this value? A condition in SQL; its one value, if any, is a mark. */
  equals(name: string, value: string | number | boolean): { sql: string; values: SqlValue[] } {
    const field = this.#fields[name] as RequestField;
    const column = columnOf(name, field);
    const bit = packed(name);
    if (bit !== undefined)
      return { sql: `(flags & ${bit.yes}) ${value === true ? "<>" : "="} 0`, values: [] };
    if (field.holds === "name" && value === NO_NAME) return { sql: `${column} = 0`, values: [] };
    if (field.holds === "name")
      return { sql: `${column} IN (SELECT id FROM words WHERE word = ?)`, values: [String(value)] };
    if (isCoded(field.holds)) return { sql: `${column} = ?`, values: [CODES[field.holds].to(String(value))] };
    return { sql: `${column} = ?`, values: [typeof value === "boolean" ? Number(value) : value] };
  }
}

interface Reader {
  readonly field: RequestFieldName;
  read(row: Row, words: StringInterning): unknown;
}

/** What is not known is left out: what goes over the wire should not have it. */
function read(readers: readonly Reader[], row: Row, words: StringInterning): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const reader of readers) {
    const value = reader.read(row, words);
    if (value !== undefined) found[reader.field] = value;
  }
  return found;
}

const columnOf = (name: string, field: RequestField): string => field.column ?? name;
const isCoded = (holds: RequestField["holds"]): holds is keyof typeof CODES => Object.hasOwn(CODES, holds);
const roundedCost = (usd: number): number => Math.round(usd * NANO) / NANO;

function columnsOf(field: string, row: RequestField): Column[] {
  const name = columnOf(field, row);
  const key = field as keyof Entry;
  const { holds } = row;
  switch (holds) {
    case "seq":
      return [];
    case "id":
      return [{ name, write: (entry) => entry.id.slice(4) }];
    case "name":
      return [{ name, write: (entry, numberOf) => numberOf(entry[key] as string | undefined) }];
    case "usd":
      return [{ name, write: ({ cost }) => (cost === undefined ? null : Math.round(cost * NANO)) }];
    case "flag":
      if (packed(field) !== undefined) return [];
      return [{ name, write: (entry) => (entry[key] === undefined ? null : Number(entry[key])) }];
    case "tokens":
      return TOKENS.map((count) => ({ name: count, write: ({ tokens }) => tokens?.[count] ?? null }));
    case "time":
    case "count":
    case "text":
      return [{ name, write: (entry) => (entry[key] as string | number | undefined) ?? null }];
    default:
      return [{ name, write: (entry) => CODES[holds].to(entry[key] as string | undefined) }];
  }
}

function readerOf(field: RequestFieldName, row: RequestField): Reader {
  const name = columnOf(field, row);
  const fallback = row.always === true ? (FALLBACK[field] ?? "") : undefined;
  return { field, read: readingOf(field, name, row.holds, fallback) };
}

function readingOf(
  field: string,
  name: string,
  holds: RequestField["holds"],
  fallback: string | undefined,
): Reader["read"] {
  switch (holds) {
    case "id":
      return (row) => `req_${String(row[name])}`;
    case "name":
      return (row, words) => words.textOf(row[name]) ?? fallback;
    case "text":
      return (row) => (isText(row[name]) ? row[name] : fallback);
    case "usd":
      return (row) => (isNumber(row[name]) ? row[name] / NANO : undefined);
    case "flag": {
      const bit = packed(field);
      if (bit === undefined) return (row) => (isNumber(row[name]) ? row[name] !== 0 : undefined);
      const { yes, known } = bit;
      return (row) => {
        const flags = Number(row["flags"]);
        return known !== 0 && (flags & known) === 0 ? undefined : (flags & yes) !== 0;
      };
    }
    case "tokens":
      return tokensOf;
    case "seq":
    case "time":
    case "count":
      return (row) => (isNumber(row[name]) ? row[name] : undefined);
    default:
      return (row) => CODES[holds].from(row[name]) ?? fallback;
  }
}

function tokensOf(row: Row): TokenCounts | undefined {
  if (!isNumber(row["input"])) return undefined;
  return {
    input: row["input"],
    cacheRead: Number(row["cacheRead"]),
    cacheWrite: Number(row["cacheWrite"]),
    output: Number(row["output"]),
    reasoning: Number(row["reasoning"]),
    estimated: (Number(row["flags"]) & FLAG.estimated) !== 0,
  };
}

/** Columns that hold several fields at once, or what lists hold; `shared` gives their values. */
const SHARED = ["flags", "at", "took", "more"] as const;

function shared(entry: Entry): [flags: number, at: SqlValue, took: SqlValue, more: SqlValue] {
  const plain = plainAttempt(entry);
  return [flagsOf(entry), plain?.at ?? null, plain?.took ?? null, moreOf(entry, plain)];
}

function flagsOf({ stream, failedOver, sticky, tokens, counted }: Entry): number {
  return (
    bits(stream, PACKED.stream) |
    bits(failedOver, PACKED.failedOver) |
    bits(sticky, PACKED.sticky) |
    (tokens?.estimated === true ? FLAG.estimated : 0) |
    (counted ? FLAG.counted : 0)
  );
}

function bits(value: boolean | undefined, { yes, known }: Bits): number {
  if (value === undefined) return 0;
  return value ? known | yes : known;
}

/** The only attempt, where the row itself says all of it. */
function plainAttempt(entry: Entry): RequestAttempt | undefined {
  const [only] = entry.attemptList;
  return entry.attempts === 1 &&
    only?.outcome === "ok" &&
    only.account === entry.account &&
    only.accountLabel === entry.accountLabel &&
    only.model === entry.modelUsed &&
    only.status === entry.status &&
    only.message === undefined &&
    only.waited === undefined
    ? only
    : undefined;
}

function moreOf(entry: Entry, plain: RequestAttempt | undefined): string | null {
  const { attemptList: attempts, warningList: warnings } = entry;
  const withAttempts = attempts.length > 0 && plain === undefined;
  if (!withAttempts && warnings.length === 0) return null;
  return JSON.stringify({
    ...(withAttempts ? { attempts } : {}),
    ...(warnings.length > 0 ? { warnings } : {}),
  });
}

export const requestColumns = new RequestColumns();
