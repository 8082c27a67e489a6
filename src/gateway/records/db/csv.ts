/** Requests as lines of a table, for spreadsheets. */
import {
  type FieldTable,
  fieldsWhere,
  REQUEST_FIELDS,
  type TokenCounts,
} from "../../../control/requestFields.ts";
import type { RequestDetails } from "../../../control/requests.ts";

type Cell = string | number | boolean | undefined;
type Column = readonly [head: string, cell: (request: RequestDetails) => Cell];

const TOKEN_HEADS: Readonly<Record<keyof TokenCounts, string>> = {
  input: "input_tokens",
  cacheRead: "cache_read_tokens",
  cacheWrite: "cache_write_tokens",
  output: "output_tokens",
  reasoning: "reasoning_tokens",
  estimated: "tokens_estimated",
};

export class Csv {
  readonly #columns: readonly Column[];

  /** @param fields others than the contract's own, for tests */
  constructor(fields: FieldTable = REQUEST_FIELDS) {
    const columns = fieldsWhere(({ csv }) => csv !== undefined, fields).flatMap((name): Column[] => {
      if (name === "tokens") {
        return Object.entries(TOKEN_HEADS).map(([count, head]) => [
          head,
          ({ tokens }) => tokens?.[count as keyof TokenCounts],
        ]);
      }
      const head = fields[name]?.csv ?? name;
      if (name === "time") return [[head, ({ time }) => new Date(time).toISOString()]];
      return [[head, (request) => request[name] as Cell]];
    });
    // The time leads.
    this.#columns = [
      ...columns.filter(([head]) => head === "time"),
      ...columns.filter(([head]) => head !== "time"),
    ];
  }

  get head(): string {
    return this.#columns.map(([head]) => head).join(",");
  }

  line(request: RequestDetails): string {
    return this.#columns.map(([, cell]) => quoted(cell(request))).join(",");
  }
}

export const requestCsv = new Csv();

/**
 * RFC 4180. What a spreadsheet would take for a formula gets an apostrophe: names come from clients.
 */
function quoted(value: Cell): string {
  if (value === undefined) return "";
  if (typeof value !== "string") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
