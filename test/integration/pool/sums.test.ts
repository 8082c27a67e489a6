/** Sums of a pool inside a real engine, told and asked for by gateways of this process. */
import { fork } from "node:child_process";
import path from "node:path";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Clock, systemClock } from "../../../src/gateway/common/ports.ts";
import { MOST_LEASED } from "../../../src/gateway/pool/counter.ts";
import { MOST_NOTES } from "../../../src/gateway/pool/notes.ts";
import type { CounterOptions, PoolPort, SharedCounter } from "../../../src/gateway/pool/port.ts";
import { COUNT } from "../../../src/gateway/pool/scripts.ts";
import { joinPool } from "../../../src/gateway/pool/shared.ts";
import { ModelEngine } from "../../support/poolModel.ts";
import fc from "../../support/property.ts";
import { type Redis as Engine, redisPath, startRedis } from "../../support/redis.ts";
import { POOL, until } from "./here.ts";

vi.setConfig({ testTimeout: 120_000 });

const HOUR = 3_600_000;

/** So many notes that end at one moment. */
const FILL =
  "for i = 1, ARGV[1] do redis.call('HSET', KEYS[1], 'f' .. i, 'id 0 0 ' .. ARGV[2] .. ' {}') end return 1";

let redis: Engine;
let members: PoolPort[] = [];

/** @param ahead milliseconds that its clock is */
async function join(name: string, ahead = 0): Promise<PoolPort> {
  const clock: Clock = { ...systemClock, now: () => Date.now() + ahead };
  const pool = await joinPool({
    settings: { ...POOL, url: redis.url },
    ...{ clock, log: { info: () => {}, warn: () => {} }, name },
  });
  members.push(pool);
  return pool;
}

const know = (count: number) =>
  until("they know each other", () => members.every(({ standing }) => standing?.gateways.length === count));

function counterOf(
  pool: PoolPort,
  limit: number,
  options: Partial<CounterOptions> = {},
  ahead = 0,
): SharedCounter {
  const { start } = pool.periodOf("day", Date.now() + ahead);
  const counter = pool.counter("all:requests", "day", start, {
    exact: true,
    used: 0,
    claimed: () => 0,
    ...options,
  });
  if (counter === undefined) throw new Error("none");
  counter.limit = limit;
  return counter;
}

/** One request, where there is room for it. */
async function use(counter: SharedCounter): Promise<boolean> {
  for (let asked = 0; asked < 100 && counter.room() === "ask"; asked++) await counter.ask();
  const may = counter.room() === "yes";
  if (may) counter.add(1);
  return may;
}

describe.skipIf(redisPath === undefined)("a sum of a pool (needs redis-server)", () => {
  beforeEach(async () => {
    redis = await startRedis();
    members = [];
  });
  afterEach(async () => {
    await Promise.all(members.map((pool) => pool.close()));
    await redis[Symbol.asyncDispose]();
  });

  it("is exact, whoever uses it when", async () => {
    const counters: SharedCounter[] = [];
    for (const name of ["a", "b", "c"]) counters.push(counterOf(await join(name), 1000));
    await know(3);
    const used = await Promise.all(
      counters.map(async (counter) => {
        let count = 0;
        for (let each = 0; each < 600; each++) if (await use(counter)) count += 1;
        return count;
      }),
    );
    expect(used.reduce((a, b) => a + b)).toBeLessThanOrEqual(1000);
    // What one has leased and does not use comes back to the others.
    await until("all is used", async () => {
      for (const counter of counters) await use(counter);
      return counters.every((counter) => counter.used === 1000);
    });
  });

  it("is one day for clocks that are an hour apart, and its holds last as long", async () => {
    const [a, b] = [await join("a"), await join("b", HOUR)];
    await know(2);
    const now = Date.now();
    const [mine, theirs] = [a.periodOf("day", now), b.periodOf("day", now + HOUR)];
    expect(theirs.start).toBe(mine.start);
    expect(theirs.end - mine.end).toBeGreaterThan(HOUR - 5000);
    expect(theirs.end - mine.end).toBeLessThan(HOUR + 5000);
    const one = counterOf(a, 10);
    const other = counterOf(b, 10, {}, HOUR);
    let passed = 0;
    for (let each = 0; each < 10; each++)
      for (const counter of [one, other]) if (await use(counter)) passed += 1;
    expect(passed).toBe(10);

    const heard: number[] = [];
    const nothing = { cleared: () => {}, undone: () => {}, quota: () => {}, holds: () => [] };
    b.listen({ ...nothing, hold: ({ until: end }) => heard.push(end - (Date.now() + HOUR)) });
    const at = Date.now();
    a.hold({
      account: "x",
      condition: "cooling",
      because: "rate-limit",
      since: at,
      at,
      until: at + 60_000,
      failures: 1,
    });
    await until("it is heard", () => heard.length === 1);
    expect(heard[0]).toBeGreaterThan(58_000);
    expect(heard[0]).toBeLessThan(61_000);
  });

  it("and what is told beside it come back with a connection that was cut", async () => {
    const [a, b] = [await join("a"), await join("b")];
    await know(2);
    const heard: string[] = [];
    const nothing = { cleared: () => {}, undone: () => {}, quota: () => {}, holds: () => [] };
    b.listen({ ...nothing, hold: ({ account }) => heard.push(account) });
    const hold = (account: string) => {
      const at = Date.now();
      const finding = { condition: "cooling", because: "rate-limit", failures: 1 };
      a.hold({ ...finding, account, since: at, at, until: at + 60_000 });
    };
    hold("before");
    await until("it is heard", () => heard.includes("before"));
    expect(await redis.command("CLIENT", "KILL", "TYPE", "pubsub")).toMatch(/^:[12]/);
    await until("they have noticed", () => members.some(({ standing }) => standing?.state === "away"));
    await until("they are back", () => members.every(({ standing }) => standing?.state === "joined"));
    hold("after");
    await until("it is heard", () => heard.includes("after"));
  });

  it("and what was found out of accounts meanwhile are told when the engine is back", async () => {
    const [a, b] = [await join("a"), await join("b")];
    await know(2);
    const [known, other] = [new Set<string>(), new Set<string>()];
    for (const [pool, set] of [[a, known] as const, [b, other] as const]) {
      pool.listen({
        hold: ({ account }) => set.add(account),
        cleared: ({ account }) => set.delete(account),
        undone: () => set.delete("undone"),
        quota: () => {},
        holds: () => [],
      });
    }
    const at = Date.now();
    const finding = {
      condition: "cooling",
      because: "rate-limit",
      failures: 1,
      since: at,
      at,
      until: at + 600_000,
    };
    a.hold({ ...finding, account: "cleared" });
    const undone = a.hold({ ...finding, account: "undone" });
    await until("the other knows", () => other.size === 2);
    redis.freeze();
    await until("they have noticed", () => members.every(({ standing }) => standing?.state === "away"));
    a.clear({ account: "cleared", before: Date.now() });
    a.undo(undone, { account: "undone" });
    redis.thaw();
    await until("they are back", () => members.every(({ standing }) => standing?.state === "joined"));
    await until("the other knows", () => other.size === 0);
    expect(await redis.command("HLEN", "portico:test:holds")).toContain(":0");
    expect([...known]).toEqual([]);
  });

  it("is beside a bounded number of holds, of which those that are over make room", async () => {
    const pool = await join("a");
    const fill = (lasting: number) =>
      redis.command(
        ...["EVAL", FILL, "1", "portico:test:holds", String(MOST_NOTES), String(Date.now() + lasting)],
      );
    const hold = async (account: string) => {
      const at = Date.now();
      const finding = { condition: "cooling", because: "rate-limit", failures: 1 };
      pool.hold({ ...finding, account, since: at, at, until: at + 60_000 });
      // On the same connection, and so after it.
      await pool.recall(["nothing"]);
      return (await redis.command("HEXISTS", "portico:test:holds", account)).trim() === ":1";
    };
    await fill(60_000);
    expect(await hold("too-many")).toBe(false);
    expect(await redis.command("HLEN", "portico:test:holds")).toContain(`:${MOST_NOTES}\r\n`);
    await fill(-1);
    expect(await hold("again")).toBe(true);
    expect(await redis.command("HLEN", "portico:test:holds")).toContain(":1\r\n");
  });

  it("goes on from what is remembered where the engine was emptied while nobody was there", async () => {
    const first = await join("a");
    const counter = counterOf(first, 100);
    for (let each = 0; each < 60; each++) expect(await use(counter)).toBe(true);
    await first.close();
    members = [];
    await redis.command("FLUSHALL");
    const again = counterOf(await join("a"), 100, { used: 60 });
    let passed = 0;
    for (let each = 0; each < 100; each++) if (await use(again)) passed += 1;
    expect(passed).toBe(40);
    expect(again.used).toBe(100);
  });

  it("counts what is left of a gateway that is killed as used, a slice at most, and no more than that", async () => {
    const a = await join("a");
    const settings = { ...POOL, url: redis.url };
    const member = fork(
      path.join(import.meta.dirname, "../../support/poolMember.ts"),
      [JSON.stringify(settings)],
      {
        stdio: ["ignore", "pipe", "inherit", "ipc"],
      },
    );
    let said = "";
    member.stdout?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    await know(2);
    member.send(1000);
    await until("it has used one", () => said.includes("used one"));
    member.kill("SIGKILL");
    const counter = counterOf(a, 1000);
    let passed = 0;
    for (let each = 0; each < 1100; each++) if (await use(counter)) passed += 1;
    expect(passed).toBeGreaterThanOrEqual(1000 - MOST_LEASED);
    expect(passed).toBeLessThan(1000);
  });

  it("is used by others to the last one where a gateway goes in the midst of its requests", async () => {
    const a = await join("a");
    const one = counterOf(a, 1000);
    const other = counterOf(await join("b"), 1000);
    await know(2);
    expect(await use(one)).toBe(true);
    // It had leased some more.
    await a.close();
    let passed = 0;
    for (let each = 0; each < 1100; each++) if (await use(other)) passed += 1;
    expect(passed).toBe(999);
  });

  it("is told of to all in the turn in which one of them takes more, and who comes is told of before", async () => {
    const heard: string[] = [];
    const listener = new Redis(redis.url);
    listener.on("message", (_channel, text: string) => heard.push(text));
    await listener.subscribe("portico:test:news");
    const a = await join("a");
    const counter = counterOf(a, 1000);
    await counter.ask();
    await until("all is told", () => heard.some((text) => text.includes('"leased":64')));
    listener.disconnect();
    const told = heard.map((text) => JSON.parse(text));
    expect(told.map(({ kind }) => kind)).toEqual(["here", "taken"]);
    expect(told[0]).toMatchObject({ name: "a" });
    expect(told[1]).toMatchObject({ taken: 64, leased: 64 });
    expect(told[1].sum).toMatch(/^all:requests:day:\d+$/);
  });

  it("is shared out to who has just come as well, where the engine is lost in that moment", async () => {
    const one = counterOf(await join("a"), 1000);
    expect(await use(one)).toBe(true);
    const present = () => redis.command("HGETALL", "portico:test:gateways");
    const before = await present();
    // A moment after it has looked who is there: it looks again a second later.
    await until("it has looked", async () => (await present()) !== before);
    const other = counterOf(await join("b"), 1000);
    await until("it has joined", () => members[1]?.standing?.state === "joined");
    await until("it knows what is used", () => other.used === 1);
    redis.freeze();
    await Promise.all([one.ask(), other.ask()]);
    await until("they have noticed", () => members.every(({ standing }) => standing?.state === "away"));
    let passed = 1;
    for (let each = 0; each < 1000; each++)
      for (const counter of [one, other]) if (await use(counter)) passed += 1;
    expect(passed).toBeLessThanOrEqual(1000 + MOST_LEASED);
  });

  it("does what its model in tests does", async () => {
    const client = new Redis(redis.url);
    await client.subscribe("news");
    const told: string[] = [];
    client.on("message", (_channel, text: string) => told.push(text));
    const asker = new Redis(redis.url);
    const lua = COUNT.lua.replace(/redis\.call\('TIME'\)/, "{ ARGV[15], 0 }");
    const word = fc.record({
      member: fc.constantFrom("a", "b", "c"),
      number: fc.nat(30),
      own: fc.nat(300),
      held: fc.nat(70),
      seen: fc.nat(600),
      before: fc.nat(1),
      need: fc.nat(80),
      more: fc.nat(1),
      limit: fc.nat(1000),
      gateways: fc.integer({ min: 1, max: 4 }),
      seconds: fc.nat(40),
      exact: fc.boolean(),
    });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 30 }), async (words) => {
        const engine = new ModelEngine();
        const expected: string[] = [];
        const key = `sum-${++run}`;
        let seconds = 1_700_000_000;
        told.length = 0;
        for (const each of words) {
          seconds += each.seconds;
          const { member, number, own, held, seen, before, need, more, limit, gateways, exact } = each;
          const given = [member, number, own, held, seen, before, need, more, limit, gateways];
          const args = [...given, 86_400_000, 60_000, "news", exact ? "{" : ""];
          const answer = await asker.eval(lua, 1, key, ...args, seconds);
          const modelled = engine.run(COUNT, args, seconds * 1000, (text) => expected.push(text));
          expect((answer as unknown[]).map(Number)).toEqual((modelled as unknown[]).map(Number));
        }
        await until("all is heard", () => told.length >= expected.length);
        expect(told).toEqual(expected);
        expect(Number(await asker.pttl(key))).toBeGreaterThan(words.length === 0 ? -3 : 0);
      }),
      { numRuns: 60 },
    );
    client.disconnect();
    asker.disconnect();
  });

  it("of amounts counts what others use and may use", async () => {
    let claimed = 0;
    const [a, b] = [await join("a"), await join("b")];
    await know(2);
    const one = counterOf(a, 1000, { exact: false, claimed: () => claimed });
    const other = counterOf(b, 1000, { exact: false });
    expect(other.room()).toBe("ask");
    await other.ask();
    expect(other.room()).toBe("yes");
    one.add(400.5);
    claimed = 599.5;
    one.room();
    await until("the other knows", () => other.room() === "no");
    expect(other.used).toBe(400.5);
    claimed = 0;
    one.room();
    await until("the other knows that it was less", () => other.room() === "yes");
  });
});
