/** Kept requests behind a page, as many as wanted: listed, filtered, exported, cleared; new ones can come. */
import type { RequestDetails, RequestFilter, RequestRow } from "../../../src/control/requests.ts";
import { fits } from "../../../src/webviews/pages/monitor/filter.ts";
import { type Answers, Refusal } from "./fake.ts";
import { details, requests } from "./worlds.ts";

export class RequestBook {
  /** Newest first. */
  rows: RequestRow[];
  /** Of single requests, what differs from what a world says. */
  readonly more = new Map<string, Partial<RequestDetails>>();

  constructor(rows: number | RequestRow[]) {
    this.rows = typeof rows === "number" ? requests(rows) : rows;
  }

  /** New ones, the oldest first, as the event tells of them. */
  come(count: number, change: Partial<RequestRow> = {}): RequestRow[] {
    const newest = this.rows[0]?.seq ?? 0;
    const time = this.rows[0]?.time ?? 0;
    const came = requests(Math.max(count, 1))
      .slice(0, count)
      .map((row, i) => ({
        ...row,
        seq: newest + i + 1,
        id: `req_new${newest + i + 1}`,
        time: time + (i + 1) * 10,
        ...change,
      }));
    this.rows = [...came.toReversed(), ...this.rows];
    return came;
  }

  answers(): Answers {
    return {
      "requests.list": (params) => {
        const { filter = {}, offset = 0, limit = 50 } = params ?? {};
        const newest = this.rows[0]?.seq ?? 0;
        const upTo = Math.min(params?.upTo ?? newest, newest);
        const matching = this.#matching(filter);
        const first = matching.findIndex(({ seq }) => seq <= upTo);
        const all = first === 0 ? matching : first === -1 ? [] : matching.slice(first);
        return { rows: all.slice(offset, offset + limit), total: all.length, upTo };
      },
      "requests.get": ({ id }) => {
        const row = this.rows.find((each) => each.id === id);
        if (row === undefined) throw new Refusal("That request is not kept any more.", "not-found");
        return { ...details(row), ...this.more.get(id) };
      },
      "requests.export": ({ filter = {}, format, before, limit }) => {
        const left = this.#matching(filter).filter(({ seq }) => before === undefined || seq < before);
        const part = left.slice(0, limit);
        const head = format === "csv" && before === undefined ? "id,time,model\n" : "";
        const lines = part.map((row) =>
          format === "csv" ? `${row.id},${row.time},${row.model ?? ""}` : JSON.stringify(row),
        );
        const last = part.at(-1);
        return {
          text: head + lines.map((line) => `${line}\n`).join(""),
          rows: part.length,
          ...(part.length < left.length && last !== undefined ? { next: last.seq } : {}),
        };
      },
      "requests.clear": () => {
        const removed = this.rows.length;
        this.rows = [];
        return { removed };
      },
    };
  }

  #matching(filter: RequestFilter): RequestRow[] {
    // What it finds is tested against the real records.
    return Object.keys(filter).length === 0 ? this.rows : this.rows.filter((row) => fits(row, filter));
  }
}
