/** Stretches of time, stacks, tables and files of Token Stats. */
import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { noSums, type StatsGroup, type StatsSums } from "../../src/control/stats.ts";
import { sparkBars } from "../../src/webviews/components/Sparkline.tsx";
import { readDay, writeDay } from "../../src/webviews/days.ts";
import { placesOf, short } from "../../src/webviews/pages/tokenStats/axis.ts";
import { assign, MAX_KEPT } from "../../src/webviews/pages/tokenStats/colours.ts";
import { customPeriod, presetPeriod } from "../../src/webviews/pages/tokenStats/period.ts";
import {
  addPoints,
  alone,
  cachedShare,
  csvOf,
  errorShare,
  groupSeries,
  MAX_SERIES,
  stacked,
} from "../../src/webviews/pages/tokenStats/series.ts";
import { sorted } from "../../src/webviews/pages/tokenStats/sort.ts";
import fc from "../support/property.ts";

const HOUR = 3_600_000;

function group(key: string, requests: number[], change: Partial<StatsSums> = {}): StatsGroup {
  const points = requests.map((count) => ({ ...noSums(), ...change, requests: count }));
  const total = { ...noSums(), ...change, requests: requests.reduce((a, b) => a + b, 0) };
  return { key, label: key.toUpperCase(), total, firstByte: {}, duration: {}, points };
}

/** In a zone of its own: a thread has that of its process. */
function inBerlin(expression: string): unknown {
  const file = (name: string) => JSON.stringify(new URL(`../../src/webviews/${name}`, import.meta.url).href);
  const script = `
    import { presetPeriod, customPeriod, utcOffset } from ${file("pages/tokenStats/period.ts")};
    import { writeDay } from ${file("days.ts")};
    const at = (text) => new Date(text).getTime();
    console.log(JSON.stringify(${expression}));`;
  const out = execFileSync(process.execPath, ["--no-warnings", "--input-type=module", "-e", script], {
    env: { ...process.env, TZ: "Europe/Berlin" },
    encoding: "utf8",
  });
  return JSON.parse(out);
}

describe("the time looked at", () => {
  const now = Date.UTC(2026, 2, 12, 14, 31);

  it("is the last 24 hours, the one that runs among them", () => {
    const { from, to, bucket } = presetPeriod("day", now);
    expect(new Date(from).toISOString()).toBe("2026-03-11T15:00:00.000Z");
    expect(new Date(to).toISOString()).toBe("2026-03-12T15:00:00.000Z");
    expect(bucket).toBe("hour");
  });

  it("is the last 60 minutes, the one that runs among them", () => {
    const { from, to, bucket } = presetPeriod("hour", Date.UTC(2026, 2, 12, 14, 0, 1));
    expect(new Date(from).toISOString()).toBe("2026-03-12T13:01:00.000Z");
    expect(new Date(to).toISOString()).toBe("2026-03-12T14:01:00.000Z");
    expect(bucket).toBe("minute");
  });

  it("is whole days of the person's own, also where clocks are put forward", () => {
    const found = inBerlin(`(({ from, to, bucket }) => ({
      first: writeDay(from), hour: new Date(from).getHours(), end: new Date(to).getHours(),
      hours: (to - from) / 3600000, bucket, offset: utcOffset(to),
    }))(presetPeriod("week", at("2026-03-31T10:00:00Z")))`);
    expect(found).toEqual({
      first: "2026-03-25",
      hour: 0,
      end: 0,
      hours: 7 * 24 - 1,
      bucket: "day",
      offset: 120,
    });
  });

  it("is a day of 25 hours where clocks are put back", () => {
    const found = inBerlin(`customPeriod("2026-10-25", "2026-10-25").period`) as { from: number; to: number };
    expect((found.to - found.from) / HOUR).toBe(25);
  });

  it("is by the hour when it is short, by the day when it is not", () => {
    expect(customPeriod("2026-10-01", "2026-10-03")).toMatchObject({ period: { bucket: "hour" } });
    expect(customPeriod("2026-10-01", "2026-10-25")).toMatchObject({ period: { bucket: "day" } });
  });

  it.each([
    ["", "2026-01-01", "empty"],
    ["2026-02-31", "2026-03-01", "empty"],
    ["2026-03-02", "2026-03-01", "order"],
    ["2020-01-01", "2026-03-01", "long"],
  ])("is not from %s to %s: %s", (first, last, wrong) => {
    expect(customPeriod(first, last)).toEqual({ ok: false, wrong });
  });

  it("is written as it is read", () => {
    expect(writeDay(readDay("2026-03-29") ?? 0)).toBe("2026-03-29");
  });
});

describe("series", () => {
  const requests = ({ requests: count }: StatsSums) => count;

  it("are ranked, and what cannot be told apart is one", () => {
    const groups = Array.from({ length: 12 }, (_, i) => group(`m${i}`, [i + 1, 1]));
    const series = groupSeries([...groups, group("*", [1000, 0])], requests, "others");
    expect(series.length).toBe(MAX_SERIES);
    expect(series[0]?.label).toBe("M11");
    expect(series.at(-1)?.label).toBe("others");
    const all = series.flatMap(({ values }) => values).reduce<number>((a, b) => a + (b ?? 0), 0);
    expect(all).toBe(78 + 12 + 1000);
  });

  it("without anything are left out", () => {
    expect(
      groupSeries([group("a", [0, 0]), group("b", [1, 0])], requests, "others").map(({ key }) => key),
    ).toEqual(["b"]);
  });

  it("stand on each other", () => {
    const series = groupSeries([group("a", [3, 0]), group("b", [1, 2])], requests, "others");
    expect(stacked(series)).toEqual([
      [3, 0],
      [4, 2],
    ]);
  });

  it("have no share where there was nothing", () => {
    expect(cachedShare(noSums())).toBeUndefined();
    expect(errorShare(noSums())).toBeUndefined();
    expect(cachedShare({ ...noSums(), input: 200, cacheRead: 50 })).toBe(0.25);
  });

  it("add up bucket by bucket", () => {
    const points = addPoints([group("a", [3, 1]), group("b", [1, 2])], 2);
    expect(points.map(requests)).toEqual([4, 3]);
  });
});

describe("the file", () => {
  it("has a line for each group and bucket with anything in it", () => {
    const text = csvOf("model", [0, HOUR], [group("gpt-5", [2, 0], {}), group("b,c", [0, 1], {})]);
    expect(text.split("\r\n")).toEqual([
      "start,model,label,requests,errors,failed_over,input,cache_read,cache_write,output,reasoning,cost,unpriced",
      "1970-01-01T00:00:00.000Z,gpt-5,GPT-5,2,0,0,0,0,0,0,0,0,0",
      '1970-01-01T01:00:00.000Z,"b,c","B,C",1,0,0,0,0,0,0,0,0,0',
      "",
    ]);
  });

  it("makes nothing a formula", () => {
    const text = csvOf("client", [0], [group('=HYPERLINK("x")', [1])]);
    expect(text).toContain(`"'=HYPERLINK(""x"")"`);
  });
});

describe("a table", () => {
  interface Row {
    name: string;
    n: number | undefined;
  }
  const columns = [{ id: "n", value: ({ n }: Row) => n }];
  const rows: Row[] = [
    { name: "b", n: 2 },
    { name: "a", n: undefined },
    { name: "c", n: 10 },
  ];
  const first = { value: ({ name }: Row) => name };

  it("is sorted by numbers, what has none comes last either way", () => {
    const names = (down: boolean) => sorted(rows, { by: "n", down }, first, columns).map(({ name }) => name);
    expect(names(true)).toEqual(["c", "b", "a"]);
    expect(names(false)).toEqual(["b", "c", "a"]);
  });

  it("is sorted by its first column", () => {
    expect(sorted(rows, { by: "", down: true }, first, columns).map(({ name }) => name)).toEqual([
      "c",
      "b",
      "a",
    ]);
  });
});

describe("an axis", () => {
  it("names as many buckets as there is room for, evenly", () => {
    expect(placesOf(24, 1200)).toHaveLength(12);
    expect(placesOf(24, 250)).toEqual([0, 6, 12, 18]);
    expect(placesOf(1, 100)).toEqual([0]);
    expect(placesOf(0, 100)).toEqual([]);
  });

  it.each([
    ["2.00 M", "2 M"],
    ["1.10 M", "1.1 M"],
    ["1,000", "1,000"],
    ["$0.500", "$0.5"],
    ["50 %", "50 %"],
    ["<$0.001", "<$0.001"],
  ])("writes %s as %s", (words, expected) => {
    expect(short(words, ".")).toBe(expected);
  });
});

describe("alone", () => {
  it.each<[(number | undefined)[], number[]]>([
    [[], []],
    [[1], [0]],
    [[undefined, 0.5, undefined], [1]],
    [
      [1, undefined, 2, 3, undefined, 0],
      [0, 5],
    ],
    [[1, 2, 3], []],
    [[undefined, undefined], []],
  ])("of %j: values that no line would show", (values, places) => {
    expect(alone(values)).toEqual(places);
  });
});

describe("the colour of a series", () => {
  it("is the same in every chart, whoever stands beside it", () => {
    const first = assign(["gpt-5", "claude"], "model", {});
    const second = assign(["gemini", "claude", "*"], "model", first.known);
    expect(second.slots[1]).toBe(first.slots[1]);
    expect(new Set(second.slots).size).toBe(3);
    expect(second.slots[2]).toBe(MAX_SERIES - 1);
  });

  it("is another one for each in a chart, and bounded in what is kept", () => {
    const name = fc.string({ minLength: 1, maxLength: 4 }).filter((text) => text !== "*");
    fc.assert(
      fc.property(
        fc.array(fc.uniqueArray(name, { maxLength: MAX_SERIES - 1 }), { maxLength: 60 }),
        (charts) => {
          let known: Record<string, number> = {};
          for (const keys of charts) {
            const next = assign(keys, "model", known);
            expect(new Set(next.slots).size).toBe(keys.length);
            known = next.known;
          }
          expect(Object.keys(known).length).toBeLessThanOrEqual(MAX_KEPT);
        },
      ),
    );
  });
});

describe("a bar for each hour", () => {
  it("stands alone where it is alone, and is none where nothing was", () => {
    expect(sparkBars([], 240, 32)).toBe("");
    expect(sparkBars([undefined, 0], 240, 32)).toBe("");
    expect(sparkBars([undefined, 5, undefined], 240, 32)).toBe("M16.8 0h11.8v32h-11.8z");
    expect(sparkBars([1, 1000], 240, 32)).toMatch(/^M0 31h11.8v1h/);
  });
});
