import { describe, expect, it } from "vitest";
import type { ListedAccount } from "../../../src/control/accounts.ts";
import { AccountEvents, NEWS_MS } from "../../../src/gateway/leader/accountEvents.ts";
import { fakeClock } from "../../support/clock.ts";

const settled = () => new Promise((resolve) => setImmediate(resolve));

function setUp() {
  const time = fakeClock();
  const told: ListedAccount[][] = [];
  const warned: string[] = [];
  const state = { wanted: true, fails: false, asked: 0, inFlight: 0 };
  const events = new AccountEvents({
    clock: time.clock,
    log: { warn: (message) => warned.push(message) },
    wanted: () => state.wanted,
    async list() {
      state.asked += 1;
      if (state.fails) throw new Error("no");
      return [{ id: "a", inFlight: state.inFlight } as ListedAccount];
    },
    tell: (accounts) => told.push(accounts),
  });
  const pass = async (milliseconds: number) => {
    time.pass(milliseconds);
    await settled();
  };
  return { events, state, told, warned, pass, timers: time.timers };
}

describe("events of the accounts", () => {
  it("come once a second at most, and only when something changed", async () => {
    const { events, state, told, pass } = setUp();
    for (let count = 0; count < 100; count += 1) events.watch();
    await pass(NEWS_MS - 1);
    expect(told).toHaveLength(0);
    await pass(1);
    expect(told).toHaveLength(1);
    for (let second = 0; second < 5; second += 1) await pass(NEWS_MS);
    expect(told).toHaveLength(1);
    state.inFlight = 1;
    await pass(NEWS_MS);
    expect(told.map(([account]) => account?.inFlight)).toEqual([0, 1]);
    expect(state.asked).toBe(7);
  });

  it("come to whoever was given a list that was so only for a moment", async () => {
    const { events, told, pass } = setUp();
    const listed = (inFlight: number) => [{ id: "a", inFlight } as ListedAccount];
    events.watch();
    await pass(NEWS_MS);
    events.given(listed(0));
    await pass(NEWS_MS);
    expect(told).toHaveLength(1);
    events.given(listed(7));
    await pass(NEWS_MS);
    expect(told).toHaveLength(2);
    expect(told.at(-1)).toEqual(listed(0));
    await pass(NEWS_MS);
    expect(told).toHaveLength(2);
  });

  it("cost nothing while nobody looks, and begin anew", async () => {
    const { events, state, told, pass, timers } = setUp();
    events.watch();
    await pass(NEWS_MS);
    state.wanted = false;
    await pass(NEWS_MS);
    expect(timers.size).toBe(0);
    const { asked } = state;
    await pass(100 * NEWS_MS);
    expect(state.asked).toBe(asked);
    state.wanted = true;
    events.watch();
    await pass(NEWS_MS);
    expect(told).toHaveLength(2);
  });

  it("go on after a failure, and end when closed", async () => {
    const { events, state, told, warned, pass, timers } = setUp();
    state.fails = true;
    events.watch();
    await pass(NEWS_MS);
    expect(warned).toHaveLength(1);
    state.fails = false;
    await pass(NEWS_MS);
    expect(told).toHaveLength(1);
    events.close();
    expect(timers.size).toBe(0);
    events.watch();
    expect(timers.size).toBe(0);
  });
});
