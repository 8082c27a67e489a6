/** Statistics from the sums per hour and day. */
import { NO_NAME } from "../../../control/requests.ts";
import {
  type Latency,
  MAX_BUCKETS,
  noSums,
  STATS_BY,
  type Stats,
  type StatsBy,
  type StatsGroup,
  type StatsQuery,
  type StatsSums,
  type Today,
} from "../../../control/stats.ts";
import { badRequest } from "../../common/errors.ts";
import type { Database, SqlValue } from "../../common/sqlite.ts";
import { BY_CODES, DAY_MS, HOUR_MS, NANO, protocolCode } from "./codes.ts";
import type { Row } from "./columns.ts";
import { addCounts, addEncoded, count, type Histogram, newHistogram, percentile } from "./histogram.ts";
import type { StringInterning } from "./interning.ts";
import { type LastUse, lastUsesIn } from "./lastUses.ts";
import { areKept, canCount, MAX_COUNTED, MINUTE_MS, type Minutes, minutesOf, requestsIn } from "./minutes.ts";
import { kindsOf, type Level, PART_TABLES, REST, SUMS } from "./rollups.ts";
import { labelOf } from "./rows.ts";

const MAX_GROUPS = 12;
/** Days of a range up to which its days are those of the viewer's own clock; longer ones have days of UTC. */
const LOCAL_DAYS = 62;
const DAY_HOURS = 24;

const SUM_COLUMNS = SUMS.map((name) => `sum(${name}) AS ${name}`).join(", ");

/** Which sums answer a question: those by one thing alone where they do, else those by everything. */
interface Source {
  readonly tables: Readonly<Record<Level, string>>;
  /** Column, or a constant where there is one group alone. */
  readonly key: string;
  readonly condition: string;
  readonly values: SqlValue[];
}

/** What is read, and how its rows fall into the buckets of the reply. */
interface Range {
  readonly level: Level;
  /** Beginnings, in milliseconds since 1970. */
  readonly buckets: number[];
  /** SQL that gives a row's bucket, counted from 0. */
  readonly bucketOf: string;
  /** In units of the level; `to` exclusive. */
  readonly from: number;
  readonly to: number;
}

interface Group {
  readonly points: StatsSums[];
  readonly total: StatsSums;
  readonly first: Histogram;
  readonly took: Histogram;
}

export class StatsReader {
  readonly #database: Database;
  readonly #words: StringInterning;

  constructor(database: Database, words: StringInterning) {
    this.#database = database;
    this.#words = words;
  }

  /**
   * @param most requests that are counted one by one
   * @throws PorticoError where the range has more than 1000 buckets
   */
  query(query: StatsQuery, most = MAX_COUNTED): Stats {
    if (query.bucket !== "minute") return this.#fromSums(query);
    const minutes = minutesOf(query);
    const possible = canCount(this.#database, minutes, most) && areKept(this.#database, minutes);
    if (possible) return this.#byMinute(query, minutes);
    return { bucket: "hour", ...this.#fromSums({ ...query, bucket: "hour" }) };
  }

  #byMinute(query: StatsQuery, minutes: Minutes): Stats {
    const { from, to } = minutes;
    const buckets = bucketsOf(from / MINUTE_MS, to / MINUTE_MS, MINUTE_MS);
    const counting = new Counting(buckets.length);
    for (const row of requestsIn(this.#database, minutes, { by: query.by, only: this.#onlyOf(query) })) {
      counting.add(row);
      counting.observe(row["name"], ({ first, took }) => {
        if (typeof row["first"] === "number") count(first, row["first"]);
        count(took, Number(row["duration"]));
      });
      if (row["errors"] === 1) counting.failed(this.#words.textOf(row["kind"]) ?? "other", 1);
    }
    return this.#told(query, buckets, counting);
  }

  #fromSums(query: StatsQuery): Stats {
    const range = this.#rangeOf(query);
    const source = this.#sourceOf(query);
    const counting = new Counting(range.buckets.length);
    for (const row of this.#points(range, source)) counting.add(row);
    for (const row of this.#latencies(range, source)) {
      counting.observe(row["name"], ({ first, took }) => {
        addEncoded(first, row["first"]);
        addEncoded(took, row["took"]);
      });
      for (const [kind, times] of Object.entries(kindsOf(row["kinds"]))) counting.failed(kind, times);
    }
    return this.#told(query, range.buckets, counting);
  }

  #told({ by }: StatsQuery, buckets: number[], { groups, all, kinds }: Counting): Stats {
    return {
      buckets,
      groups: this.#named(groups, by, buckets.length),
      total: inUsd(all.total),
      firstByte: latencyOf(all.first),
      duration: latencyOf(all.took),
      errors: Object.fromEntries([...kinds].sort(([, a], [, b]) => b - a)),
    };
  }

  today(now: number, utcOffsetMinutes = 0): Today {
    const offset = utcOffsetMinutes * MINUTE_MS;
    const since = Math.floor((now + offset) / DAY_MS) * DAY_MS - offset;
    const firstHour = Math.ceil(since / HOUR_MS);
    const lastHour = Math.max(firstHour, Math.floor(now / HOUR_MS));
    const hours = Array.from({ length: lastHour - firstHour + 1 }, () => newGroup(0));
    const all = newGroup(0);
    const rows = this.#database
      .prepare(`SELECT * FROM hourParts WHERE by = ${BY_CODES.all} AND start BETWEEN ? AND ?`)
      .iterate(firstHour, lastHour);
    for (const row of rows) {
      for (const group of [hours[Number(row["start"]) - firstHour], all]) {
        if (group === undefined) continue;
        addSums(group.total, row);
        addEncoded(group.first, row["first"]);
        addEncoded(group.took, row["took"]);
      }
    }
    return {
      since,
      total: inUsd(all.total),
      firstByte: latencyOf(all.first),
      duration: latencyOf(all.took),
      hours: hours.map((group, index) => {
        const firstByteP50 = percentile(group.first, 0.5);
        return {
          start: (firstHour + index) * HOUR_MS,
          sums: inUsd(group.total),
          ...(firstByteP50 === undefined ? {} : { firstByteP50 }),
        };
      }),
    };
  }

  lastUses(params: { now: number; recentMs: number }): LastUse[] {
    return lastUsesIn(this.#database, this.#words, params);
  }

  #rangeOf({ from, to, bucket, utcOffsetMinutes = 0 }: StatsQuery): Range {
    const offset = bucket === "hour" ? 0 : utcOffsetMinutes * MINUTE_MS;
    const step = bucket === "hour" ? HOUR_MS : DAY_MS;
    const begin = Math.floor((from + offset) / step);
    const end = Math.max(begin + 1, Math.ceil((to + offset) / step));
    if (end - begin > MAX_BUCKETS) {
      throw badRequest(`The time asked for has more than ${MAX_BUCKETS} ${bucket}s; ask for less.`, "from");
    }
    const localBuckets = () => bucketsOf(begin, end, step, offset);
    const fromHour = Math.ceil((begin * step - offset) / HOUR_MS);
    const toHour = Math.ceil(Math.min(to, end * step - offset) / HOUR_MS);
    if (bucket === "hour") {
      const bucketOf = `start - ${begin}`;
      return { level: "hours", buckets: localBuckets(), bucketOf, from: fromHour, to: toHour };
    }
    if (end - begin <= LOCAL_DAYS && this.#hoursReachTo(fromHour)) {
      const bucketOf = `(start * 60 + ${utcOffsetMinutes}) / 1440 - ${begin}`;
      return { level: "hours", buckets: localBuckets(), bucketOf, from: fromHour, to: toHour };
    }
    const [firstDay, endDay] = [Math.floor(from / DAY_MS), Math.ceil(to / DAY_MS)];
    return {
      level: "days",
      buckets: Array.from(
        { length: Math.max(1, endDay - firstDay) },
        (_, index) => (firstDay + index) * DAY_MS,
      ),
      bucketOf: `start - ${firstDay}`,
      from: firstDay,
      to: endDay,
    };
  }

  /** Hours go earlier than days. */
  #hoursReachTo(hour: number): boolean {
    const least = (level: Level): number =>
      Number(this.#database.prepare(`SELECT min(start) AS start FROM ${level}`).get()?.["start"] ?? 0);
    const oldest = least("hours");
    return hour >= oldest || Math.floor(oldest / DAY_HOURS) <= least("days");
  }

  #points({ level, bucketOf, from, to }: Range, source: Source): Iterable<Row> {
    return this.#database
      .prepare(
        `SELECT ${bucketOf} AS bucket, ${source.key} AS name, ${SUM_COLUMNS} FROM ${source.tables[level]}
         WHERE ${source.condition} AND start >= ? AND start < ? GROUP BY 1, 2`,
      )
      .iterate(...source.values, from, to);
  }

  /** Histograms are of the whole range, so whole days are taken from where they are sums already. */
  *#latencies({ level, from, to }: Range, source: Source): Iterable<Row> {
    const read = (of: Level, first: number, end: number): Iterable<Row> =>
      this.#database
        .prepare(
          `SELECT ${source.key} AS name, kinds, first, took FROM ${source.tables[of]}
           WHERE ${source.condition} AND start >= ? AND start < ?`,
        )
        .iterate(...source.values, first, end);
    if (level === "days") return yield* read("days", from, to);
    const firstDay = Math.ceil(from / DAY_HOURS);
    const endDay = Math.floor(to / DAY_HOURS);
    if (endDay <= firstDay) return yield* read("hours", from, to);
    yield* read("hours", from, firstDay * DAY_HOURS);
    yield* read("days", firstDay, endDay);
    yield* read("hours", endDay * DAY_HOURS, to);
  }

  #sourceOf({ by, only = {} }: StatsQuery): Source {
    const given = this.#onlyOf({ only });
    const [first, ...others] = given;
    if (others.length === 0 && (first === undefined || by === undefined || by === first.by)) {
      const code = BY_CODES[first?.by ?? by ?? "all"];
      return {
        tables: PART_TABLES,
        key: by === undefined ? "0" : "key",
        condition: first === undefined ? "by = ?" : "by = ? AND key = ?",
        values: first === undefined ? [code] : [code, first.number],
      };
    }
    return {
      tables: { hours: "hours", days: "days" },
      key: by ?? "0",
      condition: given.map((each) => `${each.by} = ?`).join(" AND "),
      values: given.map(({ number }) => number),
    };
  }

  #onlyOf({ only = {} }: Pick<StatsQuery, "only">): { by: StatsBy; number: number }[] {
    return STATS_BY.flatMap((each) => {
      const name = only[each];
      return name === undefined ? [] : [{ by: each, number: this.#numberOf(each, name) }];
    });
  }

  /** -1: there is none. */
  #numberOf(by: StatsBy, name: string): number {
    if (name === NO_NAME) return 0;
    if (by === "protocol") return protocolCode.to(name as Parameters<typeof protocolCode.to>[0]) || -1;
    return this.#words.find(name) ?? -1;
  }

  #named(groups: Map<number, Group>, by: StatsBy | undefined, buckets: number): StatsGroup[] {
    if (by === undefined) {
      return [...groups.values()].map((group) => groupView("", "", group));
    }
    const named = [...groups].map(([key, group]) => ({ key: this.#keyOf(by, key), number: key, group }));
    named.sort((a, b) => b.group.total.requests - a.group.total.requests);
    const own = named.filter(({ key }) => key !== REST);
    const shown = own.slice(0, MAX_GROUPS).map(({ key, number, group }) => {
      const label = by === "account" ? labelOf(this.#database, this.#words, number) : undefined;
      return groupView(key, label ?? key, group);
    });
    const others = [...own.slice(MAX_GROUPS), ...named.filter(({ key }) => key === REST)];
    if (others.length === 0) return shown;
    const rest = newGroup(buckets);
    for (const { group } of others) {
      addAll(rest.total, group.total);
      for (const [index, point] of rest.points.entries()) addAll(point, group.points[index]);
      addCounts(rest.first, group.first);
      addCounts(rest.took, group.took);
    }
    return [...shown, groupView(REST, REST, rest)];
  }

  #keyOf(by: StatsBy, key: number): string {
    if (key === 0) return NO_NAME;
    return (by === "protocol" ? protocolCode.from(key) : this.#words.textOf(key)) ?? NO_NAME;
  }
}

/** Groups as they grow. */
class Counting {
  readonly groups = new Map<number, Group>();
  readonly all: Group;
  readonly kinds = new Map<string, number>();
  readonly #buckets: number;

  constructor(buckets: number) {
    this.#buckets = buckets;
    this.all = newGroup(buckets);
  }

  add(row: Row): void {
    const bucket = Number(row["bucket"]);
    for (const group of [this.#group(row["name"]), this.all]) {
      const point = group.points[bucket];
      if (point !== undefined) addSums(point, row);
      addSums(group.total, row);
    }
  }

  observe(name: unknown, add: (group: Group) => void): void {
    add(this.#group(name));
    add(this.all);
  }

  failed(kind: string, times: number): void {
    this.kinds.set(kind, (this.kinds.get(kind) ?? 0) + times);
  }

  #group(name: unknown): Group {
    const key = Number(name);
    const known = this.groups.get(key);
    if (known !== undefined) return known;
    const made = newGroup(this.#buckets);
    this.groups.set(key, made);
    return made;
  }
}

/** @param offset milliseconds that local time is ahead */
const bucketsOf = (begin: number, end: number, step: number, offset = 0): number[] =>
  Array.from({ length: end - begin }, (_, index) => (begin + index) * step - offset);

const newGroup = (buckets: number): Group => ({
  points: Array.from({ length: buckets }, noSums),
  total: noSums(),
  first: newHistogram(),
  took: newHistogram(),
});

function addSums(sums: StatsSums, row: Row): void {
  for (const name of SUMS) sums[name] += Number(row[name]);
}

function addAll(sums: StatsSums, others: StatsSums | undefined): void {
  if (others !== undefined) for (const name of SUMS) sums[name] += others[name];
}

/** Inside, costs are whole numbers of 1e-9 USD: sums of them are exact. */
const inUsd = (sums: StatsSums): StatsSums => ({ ...sums, cost: sums.cost / NANO });

const groupView = (key: string, label: string, group: Group): StatsGroup => ({
  key,
  label,
  total: inUsd(group.total),
  firstByte: latencyOf(group.first),
  duration: latencyOf(group.took),
  points: group.points.map(inUsd),
});

function latencyOf(histogram: Histogram): Latency {
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => percentile(histogram, share));
  return p50 === undefined || p95 === undefined || p99 === undefined ? {} : { p50, p95, p99 };
}
