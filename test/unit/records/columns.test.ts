/** The fields of a recorded request: one row says all of each, and what is inserted is what is read. */
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FieldTable, REQUEST_FIELDS, type RequestField } from "../../../src/control/requestFields.ts";
import { RequestColumns } from "../../../src/gateway/records/db/columns.ts";
import { Csv, requestCsv } from "../../../src/gateway/records/db/csv.ts";
import { detailsOf } from "../../../src/gateway/records/db/rows.ts";
import { migrate } from "../../../src/gateway/records/db/schema.ts";
import { Writer } from "../../../src/gateway/records/db/writer.ts";
import { type Entry, entriesOf, entryOf } from "../../../src/gateway/records/entry.ts";
import fc from "../../support/property.ts";
import { requestRecord } from "../../support/records.ts";

let database: DatabaseSync;
beforeEach(() => {
  database = new DatabaseSync(":memory:");
  migrate(database);
});
afterEach(() => database.close());

/** Writes one request and gives the row that the file has of it. */
function written(entry: Entry, columns: RequestColumns) {
  const writer = new Writer(database, columns);
  const seq = writer.write([{ entry }], `batch ${Math.random()}`);
  const row = database.prepare("SELECT * FROM requests WHERE seq = ?").get(seq);
  if (row === undefined) throw new Error("it is not there");
  return { seq, row, words: writer.words };
}

describe("the fields of a recorded request", () => {
  it("have the columns that the file has, each once", () => {
    const names = new RequestColumns().names;
    const inFile = database.prepare("PRAGMA table_info(requests)").all();
    expect(names.toSorted()).toEqual(inFile.map(({ name }) => String(name)).toSorted());
  });

  it("have the heads that spreadsheets know", () => {
    expect(requestCsv.head).toBe(
      "time,id,client,method,path,protocol,protocol_out,lane,stream,model,model_used,account,account_label," +
        "status,outcome,error_kind,error,attempts,failed_over,first_byte_ms,duration_ms,input_tokens," +
        "cache_read_tokens,cache_write_tokens,output_tokens,reasoning_tokens,tokens_estimated,cost_usd," +
        "bytes_in,bytes_out,session,warnings,key",
    );
  });

  it.each<[string, RequestField, string | number | boolean, unknown]>([
    ["name", { holds: "name", listed: true, csv: "tier", filtered: true }, "priority", "standard"],
    ["text", { holds: "text", listed: true, csv: "tier", filtered: true }, "priority", "standard"],
    ["count", { holds: "count", listed: true, csv: "tier", filtered: true }, 3, 4],
    ["flag", { holds: "flag", listed: true, csv: "tier", filtered: true }, true, false],
    ["name under another column", { holds: "name", csv: "tier", column: "level", filtered: true }, "a", "b"],
  ])("are one row each, and a migration: a new %s", (_what, field, value, other) => {
    const fields: FieldTable = { ...REQUEST_FIELDS, tier: field };
    database.exec(`ALTER TABLE requests ADD COLUMN ${field.column ?? "tier"} ANY`);
    const columns = new RequestColumns(fields);
    const collected = { ...requestRecord(), tier: value };
    const entry = entriesOf(fields)(collected, () => undefined);
    const { seq, row, words } = written(entry, columns);

    const details: object = detailsOf(row, undefined, words, columns);
    expect(details).toMatchObject({ tier: value });
    if (field.listed === true) {
      expect(columns.listed(row, words)).toMatchObject({ tier: value });
      expect(columns.listedEntry(entry, seq)).toMatchObject({ tier: value });
    } else expect(columns.listed(row, words)).not.toHaveProperty("tier");
    const csv = new Csv(fields);
    expect(csv.head).toBe(`${requestCsv.head},tier`);
    expect(csv.line(detailsOf(row, undefined, words, columns))).toMatch(new RegExp(`,${String(value)}$`));

    const found = (wanted: string | number | boolean) => {
      const { sql, values } = columns.equals("tier", wanted);
      return database.prepare(`SELECT seq FROM requests WHERE ${sql}`).all(...values);
    };
    expect(found(value)).toEqual([{ seq }]);
    expect(found(other as string)).toEqual([]);
    // One that has none of it says nothing.
    const without = written(
      entriesOf(fields)(requestRecord(), () => undefined),
      columns,
    );
    expect(detailsOf(without.row, undefined, words, columns)).not.toHaveProperty("tier");
  });

  it("are read as they were written", () => {
    const columns = new RequestColumns();
    const optional = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined });
    const count = fc.nat(1_000_000);
    const name = fc.string({ minLength: 1, maxLength: 60 });
    const records = fc.record({
      status: fc.nat(599),
      protocol: fc.constantFrom("openai-chat", "openai-responses", "anthropic", "gemini", undefined),
      lane: fc.constantFrom("A", "B", "sandbox", undefined),
      stream: optional(fc.boolean()),
      sticky: optional(fc.boolean()),
      model: optional(name),
      modelUsed: optional(name),
      account: optional(name),
      client: optional(name),
      route: optional(name),
      background: optional(name),
      edited: optional(name),
      userAgent: optional(name),
      session: optional(name),
      firstByteMs: optional(count),
      durationMs: count,
      bytesIn: optional(count),
      bytesOut: count,
      error: optional(
        fc.record({ kind: fc.constantFrom("rate_limit", "cut", "client-gone"), message: name }),
      ),
      usage: optional(
        fc.record({
          input: fc.record({ total: count, uncached: count, cacheRead: count, cacheWrite: count }),
          output: fc.record({ total: count, reasoning: count }),
          estimated: fc.boolean(),
        }),
      ),
      warnings: fc.array(fc.record({ feature: name, message: name }), { maxLength: 3 }),
      attempts: fc.array(
        fc.record({
          account: name,
          model: name,
          protocol: fc.constantFrom("openai-chat", "gemini"),
          at: count,
          took: count,
          status: fc.nat(599),
          outcome: fc.constantFrom("ok", "rate_limit"),
        }),
        { maxLength: 3 },
      ),
    });
    fc.assert(
      fc.property(records, optional(fc.nat(1_000_000)), (drawn, nanoUsd) => {
        const given = Object.fromEntries(Object.entries(drawn).filter(([, value]) => value !== undefined));
        const base = { id: "req_abc", time: 1, method: "POST", path: "/v1/x", status: 0, durationMs: 0 };
        const record = { ...base, bytesOut: 0, attempts: [], warnings: [], ...given };
        const entry = {
          ...entryOf(record, (id) => ({ label: `Label of ${id}`, provider: "openai" })),
          ...(nanoUsd === undefined ? {} : { cost: nanoUsd / 1e9 }),
        };
        const { seq, row, words } = written(entry, columns);
        expect(columns.listed(row, words)).toEqual(columns.listedEntry(entry, seq));
        const { provider: _provider, counted: _counted, ...kept } = entry as Entry & Record<string, unknown>;
        expect(detailsOf(row, undefined, words, columns)).toEqual({ ...kept, seq });
      }),
      { numRuns: 60 },
    );
  });
});
