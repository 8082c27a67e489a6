import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { RequestFilter } from "../../../src/control/requests.ts";
import { fits } from "../../../src/webviews/pages/monitor/filter.ts";
import fc from "../../support/property.ts";
import { requestRecord, type TestRecords, testRecords } from "../../support/records.ts";

let open: TestRecords;
const NOW = Date.now();
const at = (minutes: number) => NOW - minutes * 60_000;

/** Five requests, A to E. */
async function fill(): Promise<void> {
  open = testRecords();
  const { records } = open;
  records.add(requestRecord({ id: "req_A", time: at(9), model: "gpt-5", client: "Codex", account: "work" }));
  records.add(
    requestRecord({
      id: "req_B",
      time: at(8),
      model: "fast",
      modelUsed: "gpt-5-mini",
      protocol: "anthropic",
      durationMs: 9000,
    }),
  );
  records.add(
    requestRecord({
      id: "req_C",
      time: at(7),
      model: "claude-opus-4-5",
      account: "private",
      status: 502,
      error: { kind: "upstream", message: "Größe 100%_ unbekannt" },
    }),
  );
  records.add(requestRecord({ id: "req_D", time: at(6), error: { kind: "client-gone", message: "gone" } }));
  const attempts = ["a", "b"].map((account) => {
    return { account, model: "m", protocol: "gemini" as const, at: 0, took: 1, outcome: "ok" };
  });
  records.add(requestRecord({ id: "req_E", time: at(5), attempts, path: "/v1/messages" }));
  await records.flush();
}

const found = async (filter: RequestFilter) => {
  const { rows, total } = await open.records.list({ filter, limit: 100 });
  expect(total).toBe(rows.length);
  return rows.map(({ id }) => id.slice(4)).join("");
};

describe("filters", () => {
  // They change nothing.
  beforeAll(fill);
  afterAll(() => open.end());
  it.each<[string, RequestFilter]>([
    ["EDCBA", {}],
    ["EDCBA", { text: "  " }],
    ["DC", { from: at(7), to: at(5) }],
    ["EBA", { outcome: "ok" }],
    ["C", { outcome: "failed" }],
    ["D", { outcome: "client-gone" }],
    ["E", { failedOver: true }],
    ["DCBA", { failedOver: false }],
    ["B", { slowerThanMs: 5000 }],
    ["C", { status: 502 }],
    ["A", { client: "Codex" }],
    ["", { client: "codex" }],
    ["B", { protocol: "anthropic" }],
    ["B", { model: "gpt-5-mini" }],
    ["B", { model: "fast" }],
    ["EDBA", { model: "gpt-*" }],
    ["", { model: "gpt" }],
    ["C", { account: "private" }],
    ["C", { text: "OPUS" }],
    ["C", { text: "label of private" }],
    ["C", { text: "GRÖSSE".replace("SS", "ß") }],
    ["C", { text: "100%_" }],
    ["", { text: "0%%" }],
    ["E", { text: "/v1/messages" }],
    ["A", { text: "codex" }],
    ["D", { text: "req_D" }],
    ["BA", { model: "*", slowerThanMs: 0, to: at(7), outcome: "ok" }],
    ["B", { ranges: { durationMs: { above: 5000 } } }],
    ["EDCA", { ranges: { durationMs: { below: 9000 } } }],
    ["B", { ranges: { durationMs: { atLeast: 9000, atMost: 9000 } } }],
    ["C", { ranges: { status: { atLeast: 500, below: 600 } } }],
    ["EDA", { usedModel: "gpt-5", account: "work" }],
    ["", { usedModel: "fast" }],
    ["B", { usedModel: "gpt-5-mini" }],
    ["C", { errorKind: "upstream" }],
    ["EBA", { errorKind: "-" }],
    ["EDCBA", { route: "-" }],
    ["", { lane: "sandbox" }],
  ])("find %j by %j", async (ids, filter) => {
    expect(await found(filter)).toBe(ids);
  });

  it("find the same as a page does that hears of a request", async () => {
    const { rows } = await open.records.list({ limit: 100 });
    const bound = fc.constantFrom(0, 1, 100, 320, 812, 9000, 200, 502, 0.001, 0.01, 50_000);
    const range = fc.record(
      { above: bound, atLeast: bound, below: bound, atMost: bound },
      { requiredKeys: [] },
    );
    const name = fc.constantFrom(
      "-",
      "gpt-5",
      "gpt-5-mini",
      "fast",
      "work",
      "private",
      "upstream",
      "claude-opus-4-5",
    );
    const filter: fc.Arbitrary<RequestFilter> = fc.record(
      {
        ranges: fc.record(
          { durationMs: range, cost: range, tokens: range, status: range },
          { requiredKeys: [] },
        ),
        usedModel: name,
        account: name,
        errorKind: name,
        route: name,
        lane: fc.constantFrom("A" as const, "B" as const, "sandbox" as const),
        model: fc.constantFrom("gpt-*", "fast", "gpt-5"),
        text: fc.constantFrom("/v1/messages", "OPUS", "codex"),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(filter, async (asked) => {
        const ids = rows.filter((row) => fits(row, asked)).map(({ id }) => id.slice(4));
        expect(await found(asked)).toBe(ids.join(""));
      }),
      { numRuns: 300 },
    );
  });
});

describe("pages", () => {
  beforeEach(fill);
  afterEach(() => open.end());
  it("are of one list while new requests arrive", async () => {
    const { records } = open;
    for (const filter of [{}, { outcome: "ok" as const }]) {
      const first = await records.list({ filter, limit: 2 });
      records.add(requestRecord());
      await records.flush();
      const second = await records.list({ filter, limit: 2, offset: 2, upTo: first.upTo });
      expect(second.total).toBe(first.total);
      expect(second.rows.every(({ seq }) => seq < (first.rows.at(-1)?.seq ?? 0))).toBe(true);
      expect((await records.list({ filter, limit: 2 })).total).toBe(first.total + 1);
    }
  });

  it("end where the list ends, and hold no more than they may", async () => {
    const { records } = open;
    expect(await records.list({ limit: 10, offset: 10 })).toMatchObject({ rows: [], total: 5 });
    expect(await records.list({ limit: 10, filter: { status: 200 }, offset: 10 })).toMatchObject({
      rows: [],
    });
    for (let n = 0; n < 600; n++) records.add(requestRecord());
    await records.flush();
    expect((await records.list({ limit: 9999 })).rows).toHaveLength(500);
  });

  it("go on counting after all requests were cleared", async () => {
    const { records } = open;
    await records.clear();
    records.add(requestRecord({ id: "req_F" }));
    await records.flush();
    const { rows, total } = await records.list();
    expect(total).toBe(1);
    expect(rows[0]).toMatchObject({ id: "req_F", seq: 6 });
  });
});

describe("exports", () => {
  beforeEach(fill);
  afterEach(() => open.end());
  it("are parts that join to the whole file", async () => {
    const { records } = open;
    for (const format of ["jsonl", "csv"] as const) {
      let text = "";
      let before: number | undefined;
      for (;;) {
        const part = await records.exportPart({
          format,
          limit: 2,
          ...(before === undefined ? {} : { before }),
        });
        text += part.text;
        if (part.next === undefined) break;
        before = part.next;
      }
      const lines = text.trimEnd().split("\n");
      expect(lines).toHaveLength(format === "csv" ? 6 : 5);
      if (format === "jsonl") {
        expect(lines.map((line) => JSON.parse(line).id)).toEqual([
          "req_E",
          "req_D",
          "req_C",
          "req_B",
          "req_A",
        ]);
      } else {
        expect(lines[0]).toMatch(/^time,id,client,/);
        expect(lines[3]).toContain(",Größe 100%_ unbekannt,");
      }
    }
  });

  it("cannot be taken for formulas or further columns", async () => {
    const { records } = open;
    records.add(
      requestRecord({ id: "req_X", client: '=HYPERLINK("http://x")', model: "a,b", modelUsed: "-1+1" }),
    );
    await records.flush();
    const { text } = await records.exportPart({ format: "csv", limit: 1 });
    expect(text).toContain(`,"'=HYPERLINK(""http://x"")",`);
    expect(text).toContain(`,"a,b",'-1+1,`);
  });
});
