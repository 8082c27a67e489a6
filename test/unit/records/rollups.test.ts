import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { STATS_BY, type StatsQuery } from "../../../src/control/stats.ts";
import {
  addEncoded,
  CLASSES,
  classOf,
  encodeHistogram,
  middleOf,
  newHistogram,
  percentile,
} from "../../../src/gateway/records/db/histogram.ts";
import { ROWS_PER_START } from "../../../src/gateway/records/db/rollups.ts";
import { Store } from "../../../src/gateway/records/db/store.ts";
import type { RequestRecord } from "../../../src/gateway/records/record.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import fc from "../../support/property.ts";
import { pricedEntry, requestRecord } from "../../support/records.ts";
import { differences, lookInto } from "../../support/recordsCheck.ts";

let folder: string;
let store: Store;
const file = () => join(folder, "portico.db");
const problems: (string | undefined)[] = [];

beforeEach(() => {
  folder = makeFolder("rollups");
  problems.length = 0;
  store = new Store(file(), {
    onProblem: (each) => problems.push(each),
    onNotice: (each) => problems.push(each),
  });
});
afterEach(async () => {
  store.close();
  await removeFolder(folder);
  expect(problems).toEqual([]);
});

let batches = 0;
function write(records: readonly RequestRecord[], cost: (record: RequestRecord) => number | undefined): void {
  const lookup = (id: string) => ({ label: id.toUpperCase(), provider: "openai" });
  const items = records.map((record) => ({ entry: pricedEntry(record, cost(record), lookup) }));
  store.write(items, `test:${++batches}`);
}
const NOW = Date.UTC(2026, 0, 31, 12, 34);
const HOUR_START = Date.UTC(2026, 0, 31, 10);

const anyRecord: fc.Arbitrary<{ record: RequestRecord; cost: number | undefined }> = fc
  .record({
    age: fc.nat(70 * 86_400_000),
    model: fc.constantFrom("gpt-5", "claude", "gemini", "glm"),
    account: fc.constantFrom("a", "b", "c", undefined),
    client: fc.constantFrom("Claude Code", "Codex", "curl"),
    protocol: fc.constantFrom("openai-chat", "anthropic", "gemini", undefined),
    key: fc.constantFrom("ci-1a2b3c4d", "local", undefined),
    failed: fc.constantFrom(undefined, undefined, "rate_limit", "timeout", "client-gone"),
    tokens: fc.option(fc.tuple(fc.nat(100_000), fc.nat(50_000), fc.nat(9000)), { nil: undefined }),
    firstByteMs: fc.option(fc.nat(60_000), { nil: undefined }),
    durationMs: fc.nat(900_000),
    cost: fc.option(fc.double({ min: 0, max: 5, noNaN: true }), { nil: undefined }),
    counts: fc.boolean(),
    moved: fc.boolean(),
  })
  .map(({ age, failed, tokens, account, protocol, key, firstByteMs, cost, counts, moved, ...rest }) => {
    const record = requestRecord({
      ...rest,
      time: NOW - age,
      path: counts ? "/v1/messages" : "/v1/messages/count_tokens",
    });
    if (account === undefined) delete record.account;
    else record.account = account;
    if (key !== undefined) record.key = key;
    if (protocol === undefined) delete record.protocol;
    else record.protocol = protocol;
    if (firstByteMs === undefined) delete record.firstByteMs;
    else record.firstByteMs = firstByteMs;
    if (moved) {
      const [attempt] = record.attempts;
      if (attempt !== undefined)
        record.attempts = [{ ...attempt, account: "first", outcome: "429" }, attempt];
    }
    if (failed !== undefined)
      record.error = { kind: failed, message: failed } as NonNullable<RequestRecord["error"]>;
    if (tokens === undefined) delete record.usage;
    else {
      const [uncached, cacheRead, output] = tokens;
      record.usage = {
        input: { total: uncached + cacheRead, uncached, cacheRead, cacheWrite: 0 },
        output: { total: output, reasoning: 0 },
      };
    }
    return { record, cost };
  });

describe("sums", () => {
  it("are what the requests add up to, whatever they are and however they come", () => {
    let total = 0;
    fc.assert(
      fc.property(
        fc.array(fc.array(anyRecord, { minLength: 10, maxLength: 40 }), { minLength: 2, maxLength: 6 }),
        (all) => {
          for (const batch of all) {
            const costs = new Map(batch.map(({ record, cost }) => [record, cost]));
            write([...costs.keys()], (record) => costs.get(record));
            total += batch.length;
          }
        },
      ),
      { numRuns: 25 },
    );
    expect(lookInto(file())).toMatchObject({ integrity: "ok", rows: total, written: total });
    expect(differences(file())).toEqual([]);
    expect(total).toBeGreaterThanOrEqual(500);
  });

  it("are answered alike from sums by one thing and from those by all", () => {
    const records = fc.sample(anyRecord, { numRuns: 400, seed: 7 });
    const costs = new Map(records.map(({ record, cost }) => [record, cost]));
    write([...costs.keys()], (record) => costs.get(record));
    const ask = (query: Partial<StatsQuery>) =>
      store.read(({ stats }) =>
        stats.query({ from: NOW - 50 * 86_400_000, to: NOW, bucket: "day", ...query }),
      );
    for (const utcOffsetMinutes of [0, 60, -480, 330]) {
      const all = ask({ utcOffsetMinutes });
      expect(all.buckets.every((start) => (start + utcOffsetMinutes * 60_000) % 86_400_000 === 0)).toBe(true);
      for (const by of STATS_BY) {
        const split = ask({ by, utcOffsetMinutes });
        expect(split.total).toEqual(all.total);
        expect(split.firstByte).toEqual(all.firstByte);
        expect(split.errors).toEqual(all.errors);
        for (const { key, total, duration } of split.groups) {
          const alone = ask({ only: { [by]: key }, utcOffsetMinutes });
          expect(alone.total).toEqual(total);
          expect(alone.duration).toEqual(duration);
          // Another thing asked for beside it is answered from the sums by all.
          const other = by === "client" ? "model" : "client";
          const crossed = ask({ by: other, only: { [by]: key }, utcOffsetMinutes });
          expect(crossed.total.requests).toBe(total.requests);
          expect(crossed.duration).toEqual(duration);
        }
      }
    }
  });

  it("put a request into the day and hour of the viewer's own clock", () => {
    const at = Date.UTC(2026, 0, 30, 23, 30);
    write([requestRecord({ time: at })], () => 0.5);
    const days = (utcOffsetMinutes: number) => {
      const { buckets, groups } = store.read(({ stats }) =>
        stats.query({ from: at - 86_400_000, to: at + 86_400_000, bucket: "day", utcOffsetMinutes }),
      );
      const index = groups[0]?.points.findIndex(({ requests }) => requests === 1) ?? -1;
      return new Date((buckets[index] ?? 0) + utcOffsetMinutes * 60_000).toISOString().slice(0, 10);
    };
    expect(days(0)).toBe("2026-01-30");
    expect(days(60)).toBe("2026-01-31");
    expect(days(-480)).toBe("2026-01-30");
    const today = store.read(({ stats }) => stats.today(at + 3_600_000, 60));
    expect(today).toMatchObject({ since: Date.UTC(2026, 0, 30, 23), total: { requests: 1, cost: 0.5 } });
    expect(today.hours.map(({ sums }) => sums.requests)).toEqual([1, 0]);
    expect(store.read(({ stats }) => stats.today(at + 3_600_000, 0)).total.requests).toBe(0);
  });

  it("by the minute say the same as those by the hour, in smaller pieces", () => {
    const records = fc
      .sample(anyRecord, { numRuns: 300, seed: 11 })
      .map(({ record, cost }, n) => ({ record: { ...record, time: HOUR_START + n * 23_000 }, cost }));
    const costs = new Map(records.map(({ record, cost }) => [record, cost]));
    write([...costs.keys()], (record) => costs.get(record));
    const range = { from: HOUR_START, to: HOUR_START + 2 * 3_600_000 };
    const ask = (query: Partial<StatsQuery>) =>
      store.read(({ stats }) => stats.query({ ...range, bucket: "minute", ...query }));
    for (const by of [undefined, ...STATS_BY]) {
      const kind = by === undefined ? {} : { by };
      const minutes = ask(kind);
      const hours = ask({ ...kind, bucket: "hour" });
      expect(minutes.buckets).toEqual(Array.from({ length: 120 }, (_, n) => HOUR_START + n * 60_000));
      expect(minutes.bucket).toBeUndefined();
      const { buckets: _minutes, groups, ...rest } = minutes;
      const { buckets: _hours, groups: inHours, ...restInHours } = hours;
      expect(rest).toEqual(restInHours);
      const named = (each: typeof groups) => new Map(each.map((group) => [group.key, group]));
      expect([...named(groups).keys()].sort()).toEqual([...named(inHours).keys()].sort());
      for (const { key, points, ...group } of groups) {
        const { points: hourly = [], ...same } = named(inHours).get(key) ?? {};
        expect({ key, ...group }).toEqual(same);
        for (const [hour, sums] of hourly.entries()) {
          const requests = points.slice(hour * 60, hour * 60 + 60).map((point) => point.requests);
          expect(requests.reduce((sum, n) => sum + n, 0)).toBe(sums.requests);
        }
        if (by === undefined) continue;
        const only = ask({ only: { [by]: key } });
        expect(only.total).toEqual(group.total);
      }
    }
  });

  it("are by the hour where there were too many to count, or where not all are kept", () => {
    const at = (n: number) => HOUR_START + 30 * 60_000 + n * 1000;
    write(
      Array.from({ length: 10 }, (_, n) => requestRecord({ time: at(n) })),
      () => undefined,
    );
    const query: StatsQuery = { from: at(0) - 60_000, to: at(10), bucket: "minute" };
    const ask = (most?: number) => store.read(({ stats }) => stats.query(query, most));
    expect(ask(10)).toMatchObject({
      buckets: [at(0) - 60_000, at(0)],
      total: { requests: 10 },
      groups: [{ points: [{ requests: 0 }, { requests: 10 }] }],
    });
    expect(ask(9)).toMatchObject({ bucket: "hour", buckets: [HOUR_START], total: { requests: 10 } });
    store.clear();
    expect(ask()).toMatchObject({ bucket: "hour", buckets: [HOUR_START], total: { requests: 10 } });
    write([requestRecord({ time: at(9) })], () => undefined);
    expect(ask()).toMatchObject({ bucket: "hour", total: { requests: 11 } });
  });

  it("have the largest groups by name, the others together", () => {
    const records = Array.from({ length: 20 }, (_, n) =>
      Array.from({ length: n + 1 }, () => requestRecord({ time: NOW, model: `model-${n}` })),
    ).flat();
    write(records, () => undefined);
    const { groups, total } = store.read(({ stats }) =>
      stats.query({ from: NOW - 1000, to: NOW + 1000, bucket: "hour", by: "model" }),
    );
    expect(groups).toHaveLength(13);
    expect(groups[0]).toMatchObject({ key: "model-19", total: { requests: 20, unpriced: 20 } });
    expect(groups.at(-1)).toMatchObject({ key: "*", total: { requests: 36 }, points: [{ requests: 36 }] });
    expect(total.requests).toBe(210);
  });

  it("stay bounded where a client makes up names", () => {
    const records = Array.from({ length: ROWS_PER_START.days + 300 }, (_, n) =>
      requestRecord({ time: NOW, model: `made-up-${n}` }),
    );
    for (let n = 0; n < records.length; n += 200) write(records.slice(n, n + 200), () => 0.01);
    const found = lookInto(file());
    expect(Object.values(found.sums)).toEqual(Array.from({ length: 4 }, () => records.length));
    const stats = store.read(({ stats: reader }) =>
      reader.query({ from: NOW - 1000, to: NOW + 1000, bucket: "hour", by: "model" }),
    );
    expect(stats.total.requests).toBe(records.length);
    expect(stats.groups.at(-1)?.total.requests).toBe(records.length - 12);
  });

  it("tell keys apart also where a client made up more names than are kept", () => {
    const key = (n: number) => `tool-${n % 3}`;
    const records = Array.from({ length: ROWS_PER_START.days + 300 }, (_, n) =>
      requestRecord({ time: NOW, model: `made-up-${n}`, key: key(n) }),
    );
    for (let n = 0; n < records.length; n += 200) write(records.slice(n, n + 200), () => 0.01);
    const ask = (query: Partial<StatsQuery>) =>
      store.read(({ stats }) => stats.query({ from: NOW - 1000, to: NOW + 1000, bucket: "day", ...query }));
    const { groups } = ask({ by: "key" });
    expect(groups.map((group) => [group.key, group.total.requests])).toEqual([
      ["tool-0", 300],
      ["tool-1", 300],
      ["tool-2", 300],
    ]);
    for (const { key: only } of groups) {
      expect(ask({ by: "model", only: { key: only } }).total.requests).toBe(300);
    }
  });

  it("refuse to be cut into too many pieces", () => {
    const query: StatsQuery = { from: 0, to: NOW, bucket: "hour" };
    expect(() => store.read(({ stats }) => stats.query(query))).toThrow(/more than 1000 hours/);
  });
});

describe("histograms", () => {
  it("have classes whose middle is within 10 % of what is in them", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 80 * 3_600_000 }), (milliseconds) => {
        const index = classOf(milliseconds);
        expect(index).toBeLessThan(CLASSES);
        if (index === CLASSES - 1) return;
        const off = Math.abs(middleOf(index) - milliseconds);
        expect(off).toBeLessThanOrEqual(Math.max(0.5, milliseconds * 0.1));
      }),
    );
  });

  it("come back from bytes, and do not mind what is none", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(CLASSES - 1), fc.nat(1e9)), { maxLength: 50 }), (pairs) => {
        const histogram = newHistogram();
        for (const [index, count] of pairs) histogram[index] = count;
        const back = newHistogram();
        addEncoded(back, encodeHistogram(histogram));
        expect(back).toEqual(histogram);
      }),
    );
    const histogram = newHistogram();
    for (const bytes of [null, "text", Uint8Array.of(3), Uint8Array.of(3, 0x80), Uint8Array.of(250, 7)]) {
      addEncoded(histogram, bytes);
    }
    expect(histogram).toEqual(newHistogram());
  });

  it("give percentiles near the truth", () => {
    const histogram = newHistogram();
    for (let n = 1; n <= 1000; n++) histogram[classOf(n * 10)] = (histogram[classOf(n * 10)] ?? 0) + 1;
    for (const [share, truth] of [
      [0.5, 5000],
      [0.95, 9500],
      [0.99, 9900],
    ] as const) {
      const told = percentile(histogram, share) ?? 0;
      expect(Math.abs(told - truth) / truth).toBeLessThan(0.1);
    }
    expect(percentile(newHistogram(), 0.5)).toBeUndefined();
  });
});
