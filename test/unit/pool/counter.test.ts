/** A gateway's own arithmetic of a sum: leases, shares, and what is told. The engine's answers are written down. */
import { describe, expect, it } from "vitest";
import { type Answer, Counter, SETTLE_MS, type Word } from "../../../src/gateway/pool/counter.ts";

interface Setup {
  readonly exact?: boolean;
  readonly limit?: number;
  readonly gateways?: number;
  readonly refuses?: boolean;
  readonly used?: number;
}

/** @returns a counter, with what it tells and what it is answered next */
function setUp({ exact = true, limit = 1000, gateways = 2, refuses = false, used = 0 }: Setup = {}) {
  const pool = { joined: true, refuses, gateways, now: 0, claimed: 0, said: Number.NEGATIVE_INFINITY };
  const words: Word[] = [];
  const answers: (Partial<Answer> | "away")[] = [];
  const surroundings = {
    get joined() {
      return pool.joined;
    },
    refuses,
    get gateways() {
      return pool.gateways;
    },
    saidSince: (moment: number) => pool.said > moment,
    monotonic: () => pool.now,
  };
  const counter = new Counter({ exact, used, claimed: () => pool.claimed }, surroundings, async (word) => {
    words.push(word);
    const next = answers.shift() ?? "away";
    if (next === "away") throw new Error("away");
    return { granted: 0, total: word.own, others: 0, lost: false, revision: word.number, ...next };
  });
  counter.limit = limit;
  return { counter, pool, words, answers };
}

/** So many more may begin here. */
function begin({ counter, pool }: ReturnType<typeof setUp>): number {
  let count = 0;
  while (count < 10_000 && counter.room() === "yes") {
    pool.claimed += 1;
    count += 1;
  }
  return count;
}

describe("a sum of requests", () => {
  it("lets in what is leased, whether it is under way or over", async () => {
    const each = setUp();
    const { counter, pool, answers } = each;
    expect(counter.room()).toBe("ask");
    answers.push({ granted: 5 });
    await counter.ask();
    expect(begin(each)).toBe(5);
    expect(counter.room()).toBe("ask");
    // One is over, one reached nobody.
    pool.claimed -= 1;
    counter.add(1);
    pool.claimed -= 1;
    expect(begin(each)).toBe(1);
    expect(counter.used).toBe(1);
  });

  it("asks once for all who wait, and tells how many they are", async () => {
    const { counter, words, answers } = setUp();
    answers.push({ granted: 3 });
    await Promise.all([counter.ask(), counter.ask(), counter.ask()]);
    expect(words.map(({ need, more }) => ({ need, more }))).toEqual([{ need: 3, more: true }]);
  });

  it("does not ask again at once where nothing was left", async () => {
    const { counter, pool, answers } = setUp();
    answers.push({ granted: 0, total: 1000 });
    await counter.ask();
    expect(counter.room()).toBe("no");
    pool.now += 1000;
    expect(counter.room()).toBe("ask");
  });

  it("gives back what nobody uses, before it is told", async () => {
    const each = setUp();
    const { counter, words, answers } = each;
    answers.push({ granted: 40 }, {}, {});
    await counter.ask();
    expect(counter.room()).toBe("yes");
    await counter.report();
    expect(words.at(-1)?.held).toBe(40);
    await counter.report();
    expect(words.at(-1)?.held).toBe(0);
    expect(counter.room()).toBe("ask");
  });

  it("has its share while the engine is away: what it has leased, and its part of what nobody has", async () => {
    const each = setUp({ limit: 1000, gateways: 2 });
    const { counter, pool, answers } = each;
    answers.push({ granted: 10, total: 400, others: 90 });
    await counter.ask();
    pool.joined = false;
    counter.away();
    // 1,000 less 400 used, 90 and 10 leased: 500 for two.
    expect(begin(each)).toBe(10 + 250);
    expect(counter.room()).toBe("no");
  });

  it("has less where it turns out that others had taken more, and never more", async () => {
    const each = setUp({ limit: 1000, gateways: 2 });
    const { counter, pool, answers } = each;
    answers.push({ granted: 10, total: 400, others: 90, revision: 5 });
    await counter.ask();
    // Before it was away, and after: a lease of 64, and one of 36 that came late.
    counter.heard(564, 64, 6);
    pool.joined = false;
    counter.away();
    counter.heard(600, 36, 7);
    pool.gateways = 4;
    expect(begin(each)).toBe(10 + 100);
    pool.gateways = 1;
    counter.heard(510, 10, 8);
    expect(counter.room()).toBe("no");
  });

  it("has that share when the engine is back until all others have told theirs, which is told as taken", async () => {
    const each = setUp({ limit: 1000, gateways: 2 });
    const { counter, pool, words, answers } = each;
    answers.push({ granted: 10, total: 400, others: 90 }, {});
    await counter.ask();
    pool.now = 1000;
    pool.joined = false;
    counter.away();
    await counter.report();
    expect(words.at(-1)).toMatchObject({ own: 0, held: 260 });
    pool.joined = true;
    counter.back();
    // Others tell of theirs as well.
    counter.heard(990, 0, 100);
    pool.said = 1000;
    expect(begin(each)).toBe(260);
    pool.said = 1001;
    expect(counter.room()).toBe("ask");
  });

  it("asks for nothing more where it went away meanwhile", async () => {
    const { counter, pool, words, answers } = setUp();
    answers.push({ granted: 1 });
    const report = counter.report();
    const ask = counter.ask();
    pool.joined = false;
    counter.away();
    await Promise.all([report, ask]);
    expect(words.map(({ need, more }) => ({ need, more }))).toEqual([{ need: 0, more: false }]);
  });

  it("has that share no longer than others are waited for, then asks for what is left", async () => {
    const each = setUp({ limit: 1000, gateways: 2 });
    const { counter, pool, answers } = each;
    answers.push({ granted: 10, total: 400, others: 90 });
    await counter.ask();
    pool.joined = false;
    expect(begin(each)).toBe(260);
    counter.back();
    pool.joined = true;
    expect(counter.room()).toBe("no");
    pool.claimed = 0;
    counter.add(260);
    pool.now += SETTLE_MS;
    expect(counter.room()).toBe("ask");
  });

  it("has its share as well where the engine has forgotten what it was told", async () => {
    const each = setUp({ limit: 100, gateways: 2 });
    const { counter, pool, words, answers } = each;
    answers.push({ granted: 4, total: 40, others: 6 }, { lost: true, total: 40 });
    await counter.ask();
    expect(begin(each)).toBe(4);
    await counter.ask();
    expect(words.at(-1)).toMatchObject({ seen: 40, before: true });
    // Of 100 are 40 used, 6 and 4 leased: 50 for two.
    expect(begin(each)).toBe(25);
    pool.now += SETTLE_MS;
    expect(counter.room()).toBe("ask");
  });

  it("is nobody's guess where the person wants none", async () => {
    const { counter, pool, answers } = setUp({ refuses: true });
    answers.push({ granted: 10 });
    await counter.ask();
    pool.joined = false;
    counter.away();
    expect(counter.room()).toBe("away");
    pool.joined = true;
    counter.back();
    expect(counter.room()).toBe("yes");
  });

  it("numbers its words, and goes on where one got no answer", async () => {
    const { counter, words, answers } = setUp();
    answers.push("away", { granted: 2 });
    await counter.ask();
    expect(counter.room()).toBe("ask");
    await counter.ask();
    expect(words.map(({ number, before }) => ({ number, before }))).toEqual([
      { number: 1, before: false },
      { number: 2, before: false },
    ]);
    expect(counter.room()).toBe("yes");
  });
});

describe("a sum of amounts", () => {
  it("is what all have used and may use, as far as it is known", async () => {
    const { counter, pool, answers } = setUp({ exact: false, limit: 100 });
    expect(counter.room()).toBe("ask");
    answers.push({ total: 60.5, others: 20 });
    await counter.ask();
    expect(counter.room()).toBe("yes");
    pool.claimed = 19.5;
    expect(counter.room()).toBe("no");
  });

  it("has its share while the engine is away", async () => {
    const { counter, pool, answers } = setUp({ exact: false, limit: 100 });
    answers.push({ total: 50, others: 20 });
    await counter.ask();
    pool.joined = false;
    expect(counter.room()).toBe("yes");
    counter.add(14.5);
    expect(counter.room()).toBe("yes");
    counter.add(0.5);
    expect(counter.room()).toBe("no");
  });
});
