import { describe, expect, it } from "vitest";
import { Load } from "../../../../src/gateway/accounts/schedule/load.ts";
import {
  type CallFacts,
  Scheduler,
  type SchedulingSettings,
  type Withheld,
} from "../../../../src/gateway/accounts/schedule/scheduler.ts";
import { IDLE_MS, StickySessions } from "../../../../src/gateway/accounts/schedule/sticky.ts";
import type { Account } from "../../../../src/gateway/providers/account.ts";
import { PROVIDERS } from "../../../../src/gateway/providers/providers.ts";
import type { Candidate } from "../../../../src/gateway/routing/candidate.ts";
import { SimulatedClock } from "../../../support/simulation/clock.ts";

const START = 1_000_000;

function account(id: string, more: Partial<Account> = {}): Account {
  return {
    id,
    label: id,
    provider: PROVIDERS.custom,
    priority: 0,
    enabled: true,
    endpoints: new Map(),
    models: ["m"],
    proxy: undefined,
    key: () => Promise.resolve(undefined),
    ...more,
  };
}

const candidate = (id: string, more: Partial<Account> = {}, rest: Partial<Candidate> = {}): Candidate => ({
  account: account(id, more),
  protocol: "openai-chat",
  model: "m",
  target: 0,
  ...rest,
});

const facts: CallFacts = { protocol: "openai-chat", model: "m" };

function setup(settings: Partial<SchedulingSettings> = {}) {
  const clock = new SimulatedClock(START);
  const quota = new Map<string, { remaining?: number; reset?: number; spent?: number }>();
  const stopped = new Map<string, Withheld>();
  const scheduler = new Scheduler({
    clock,
    settings: () => ({ strategy: "cache-first", stickyWaitMs: 10_000, protectBelowPercent: 0, ...settings }),
    quotas: {
      remaining: (id) => quota.get(id)?.remaining,
      nextReset: (id) => quota.get(id)?.reset,
      spentUntil: (id) => quota.get(id)?.spent,
    },
    budget: (id) => stopped.get(id),
  });
  const order = (candidates: readonly Candidate[], more: Partial<CallFacts> = {}) =>
    scheduler.plan(candidates, { ...facts, ...more }).map(
      ({
        candidate: {
          account: { id },
        },
      }) => id,
    );
  return { clock, quota, stopped, scheduler, order };
}

const abc = ["a", "b", "c"].map((id) => candidate(id));

describe("strategies", () => {
  it("round-robin goes by turns", () => {
    const { scheduler, order } = setup({ strategy: "round-robin" });
    const got: string[] = [];
    for (let i = 0; i < 6; i++) {
      const first = order(abc)[0] ?? "";
      got.push(first);
      scheduler.begin(account(first))?.release();
    }
    expect(got).toEqual(["a", "b", "c", "a", "b", "c"]);
  });

  it("balanced looks at load, and at what is left of the quota", () => {
    const { scheduler, quota, order } = setup({ strategy: "balanced" });
    scheduler.begin(account("a"));
    expect(order(abc)).toEqual(["b", "c", "a"]);
    quota.set("b", { remaining: 0.2 });
    expect(order(abc)).toEqual(["c", "a", "b"]);
    quota.set("c", { remaining: 0.95 });
    quota.set("a", { remaining: 0.91 });
    expect(order(abc)[0]).toBe("c");
  });

  it("fill-first stays with one, and takes first what lapses first", () => {
    const { scheduler, quota, order } = setup({ strategy: "fill-first" });
    expect(order(abc)[0]).toBe("a");
    scheduler.begin(account("b"))?.release();
    expect(order(abc)).toEqual(["b", "a", "c"]);
    quota.set("c", { reset: START + 3_600_000 });
    expect(order(abc)[0]).toBe("c");
    quota.set("a", { reset: START + 1_800_000 });
    expect(order(abc)).toEqual(["a", "c", "b"]);
  });

  it("pinned uses one account for all that it serves", () => {
    const { scheduler, order } = setup({ strategy: "pinned", pinned: "b" });
    const plan = scheduler.plan(abc, facts);
    expect(
      plan.filter(({ withheld }) => withheld === undefined).map((one) => one.candidate.account.id),
    ).toEqual(["b"]);
    expect(plan.find((one) => one.candidate.account.id === "a")?.withheld?.why).toBe("pinned");
    expect(order([candidate("a"), candidate("c")])).toEqual(["a", "c"]);
  });

  it("keep what routing has decided: targets, priorities, certainty, the client's own protocol", () => {
    const { scheduler, order } = setup({ strategy: "round-robin" });
    const routed = [
      candidate("high", { priority: 1 }),
      candidate("sure"),
      candidate("unsure", {}, { unsure: true }),
      candidate("translated", {}, { protocol: "anthropic", unsure: true }),
      candidate("fallback", {}, { target: 1 }),
    ];
    scheduler.begin(account("high"))?.release();
    scheduler.begin(account("sure"))?.release();
    expect(order(routed)).toEqual(["high", "sure", "unsure", "translated", "fallback"]);
  });

  it("put last whose provider says that nothing is left", () => {
    const { quota, order } = setup({ strategy: "round-robin" });
    quota.set("a", { spent: START + 60_000 });
    quota.set("b", { spent: START + 30_000 });
    expect(order(abc)).toEqual(["c", "b", "a"]);
  });
});

describe("conversations", () => {
  it("stay with their account, and are worth a wait", () => {
    const { scheduler, order } = setup();
    scheduler.served(candidate("c"), { ...facts, session: "s" });
    expect(order(abc, { session: "s" })[0]).toBe("c");
    expect(scheduler.plan(abc, { ...facts, session: "s" })[0]?.worthWaitingMs).toBe(10_000);
    expect(order(abc, { session: "t" })[0]).toBe("a");
    expect(order([candidate("a", { priority: 5 }), candidate("c")], { session: "s" })[0]).toBe("c");
  });

  it("do not pull a request to a later target", () => {
    const { scheduler, order } = setup();
    scheduler.served(candidate("z"), { ...facts, session: "s" });
    expect(order([candidate("a"), candidate("z", {}, { target: 1 })], { session: "s" })).toEqual(["a", "z"]);
  });

  it("move when their account has nothing left for long", () => {
    const { scheduler, quota, order } = setup();
    scheduler.served(candidate("c"), { ...facts, session: "s" });
    quota.set("c", { spent: START + 5000 });
    expect(order(abc, { session: "s" })[0]).toBe("c");
    quota.set("c", { spent: START + 50_000 });
    expect(order(abc, { session: "s" })[0]).toBe("a");
  });

  it("are kept per model, for an hour of silence, and bounded", () => {
    const clock = { time: 0, now: () => clock.time };
    const sticky = new StickySessions(clock, 3);
    sticky.set("s", "m", "a");
    sticky.set("s", "n", "b");
    expect([sticky.get("s", "m"), sticky.get("s", "n")]).toEqual(["a", "b"]);
    clock.time = IDLE_MS;
    expect(sticky.get("s", "m")).toBe("a");
    clock.time++;
    expect(sticky.get("s", "m")).toBeUndefined();
    for (const session of ["1", "2", "3", "4"]) sticky.set(session, "m", "a");
    expect(sticky.size).toBe(3);
    expect(sticky.get("1", "m")).toBeUndefined();
    const again = new StickySessions(clock);
    again.restore([...sticky.snapshot(), { nonsense: true }, 7]);
    expect(again.snapshot()).toEqual(sticky.snapshot());
    again.retain(new Set(["b"]));
    expect(again.size).toBe(0);
  });

  it("know the endpoint as well, also after a restart and an hour of silence", () => {
    const clock = { time: 0, now: () => clock.time };
    const sticky = new StickySessions(clock);
    sticky.set("s", "m", "a", { protocol: "openai-responses" });
    const again = new StickySessions(clock);
    again.restore([
      ...sticky.snapshot(),
      { session: "t", model: "m", account: "a", at: 0, protocol: "smoke" },
    ]);
    clock.time = IDLE_MS + 1;
    expect(again.protocol("s", "m", "a")).toBe("openai-responses");
    expect(again.protocol("s", "m", "b")).toBeUndefined();
    expect(again.protocol("t", "m", "a")).toBeUndefined();
    const { scheduler } = setup();
    scheduler.served({ ...candidate("a"), protocol: "gemini" }, { ...facts, session: "s" });
    expect(scheduler.sticky.protocol("s", "m", "a")).toBe("gemini");
  });

  it("stay where their model's thinking is however long they are silent, also after a restart", async () => {
    const model = "claude-haiku-5-5";
    const pair = (id: string): Candidate => {
      const one = candidate(id);
      return { ...one, model, account: { ...one.account, provider: PROVIDERS.anthropic } };
    };
    const { scheduler, clock } = setup({ strategy: "round-robin" });
    const both = [pair("a"), pair("b")];
    const call = { ...facts, session: "s" };
    scheduler.served(pair("b"), call);
    scheduler.served(candidate("b"), call);
    const later = START + 30 * 24 * IDLE_MS;
    clock.setTimeout(() => {}, later - START);
    await clock.run();
    expect(scheduler.plan(both, call)[0]).toMatchObject({ own: true, candidate: { account: { id: "b" } } });
    expect(scheduler.movedFrom(pair("a"), call)).toBe("b");
    // A cache alone is gone by then.
    expect(scheduler.movedFrom(candidate("a"), call)).toBeUndefined();
    const again = setup({ strategy: "round-robin" });
    again.clock.setTimeout(() => {}, later - START);
    await again.clock.run();
    again.scheduler.sticky.restore(JSON.parse(JSON.stringify(scheduler.sticky.snapshot())));
    expect(again.scheduler.plan(both, call)[0]?.candidate.account.id).toBe("b");
    expect(scheduler.sticky.snapshot()).toHaveLength(1);
  });

  it("what is bound to an account goes there, whatever the strategy", () => {
    for (const strategy of ["round-robin", "pinned", "fill-first"] as const) {
      const { scheduler } = setup({ strategy, pinned: "a" });
      const bound = [candidate("a"), candidate("b"), candidate("c", {}, { bound: true })];
      const [first] = scheduler.plan(bound, facts);
      expect(first?.candidate.account.id).toBe("c");
      expect(first?.withheld).toBeUndefined();
      expect(first?.worthWaitingMs).toBe(10_000);
    }
  });
});

describe("what a person holds back", () => {
  it("keeps an account below a share of its quota for those who name it", () => {
    const { scheduler, quota, order } = setup({ protectBelowPercent: 20 });
    quota.set("a", { remaining: 0.19, reset: START + 1000 });
    quota.set("b", { remaining: 0.2 });
    const withheld = (more: Partial<CallFacts> = {}) =>
      scheduler
        .plan(abc, { ...facts, ...more })
        .flatMap((one) => (one.withheld === undefined ? [] : [[one.candidate.account.id, one.withheld.why]]));
    expect(withheld()).toEqual([["a", "protected"]]);
    expect(withheld({ forced: true })).toEqual([]);
    expect(withheld({ model: "a/m" })).toEqual([]);
    expect(order(abc)).toContain("a");
    const pinned = setup({ strategy: "pinned", pinned: "a", protectBelowPercent: 20 });
    pinned.quota.set("a", { remaining: 0.1 });
    expect(
      pinned.scheduler.plan(abc, facts).find((one) => one.withheld === undefined)?.candidate.account.id,
    ).toBe("a");
  });

  it("an account's own percentage goes before the common one", () => {
    const { scheduler, quota } = setup({ protectBelowPercent: 20 });
    quota.set("a", { remaining: 0.1 });
    const [plan] = scheduler.plan([candidate("a", { protectBelowPercent: 0 })], facts);
    expect(plan?.withheld).toBeUndefined();
  });

  it("a budget holds even for those who name the account", () => {
    const { scheduler, stopped } = setup();
    stopped.set("a", { why: "budget", reason: "used up", until: START + 1 });
    expect(scheduler.plan(abc, { ...facts, forced: true })[0]?.withheld?.why).toBe("budget");
  });
});

describe("places", () => {
  const never = new AbortController().signal;

  it("are limited, and given back once", () => {
    const load = new Load(new SimulatedClock(0));
    const first = load.take("a", 1);
    expect(load.take("a", 1)).toBeUndefined();
    first?.release();
    first?.release();
    expect(load.inFlight("a")).toBe(0);
    expect(load.take("a", 1)).toBeDefined();
  });

  it("go to whoever has waited longest, at any of the accounts they could use", async () => {
    const load = new Load(new SimulatedClock(0));
    const [a, b] = [load.take("a", 1), load.take("b", 1)];
    const got: string[] = [];
    const wait = (name: string, ...ids: string[]) =>
      load
        .wait(new Map(ids.map((id) => [id, 1])), 1000, never)
        .then((place) => got.push(`${name} ${place?.account}`));
    const all = [wait("first", "a"), wait("second", "a", "b"), wait("third", "b")];
    expect(load.waiting).toBe(3);
    b?.release();
    await all[1];
    a?.release();
    await all[0];
    expect(got).toEqual(["second b", "first a"]);
    expect(load.waiting).toBe(1);
  });

  it("are not waited for longer than asked, nor by those who left, nor by too many", async () => {
    const clock = new SimulatedClock(0);
    const load = new Load(clock, 2);
    load.take("a", 1);
    const limits = new Map([["a", 1]]);
    const gone = new AbortController();
    const waits = [load.wait(limits, 1000, never), load.wait(limits, 5000, gone.signal)];
    expect(await load.wait(limits, 1000, never)).toBeUndefined();
    gone.abort();
    expect(await waits[1]).toBeUndefined();
    await clock.run();
    expect(await waits[0]).toBeUndefined();
    expect(load.waiting).toBe(0);
    expect(clock.now()).toBe(1000);
  });
});
