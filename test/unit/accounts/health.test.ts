import { describe, expect, it } from "vitest";
import { CLASSES, type Failure, type FailureClass } from "../../../src/gateway/accounts/failures.ts";
import { AccountHealth, MAX_HELD } from "../../../src/gateway/accounts/health.ts";

const failure = (name: FailureClass, more: Partial<Failure> = {}): Failure => ({
  class: name,
  ...CLASSES[name],
  message: `because of ${name}`,
  ...more,
});

function setup(random = 0) {
  const clock = { time: 1_000_000, now: () => clock.time, monotonic: () => clock.time };
  return { clock, health: new AccountHealth({ clock, random: () => random }) };
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

describe("limits", () => {
  it("holds back one model of one account, for the provider's own time", () => {
    const { clock, health } = setup();
    health.report("a", "m", failure("rate-limit", { retryAfterMs: 20 * SECOND }));
    expect(health.available("a", "m")).toEqual({
      until: clock.time + 20 * SECOND,
      reason: "because of rate-limit",
      because: "rate-limit",
    });
    expect(health.available("a", "other")).toBe(true);
    expect(health.available("b", "m")).toBe(true);
    clock.time += 20 * SECOND;
    expect(health.available("a", "m")).toBe(true);
  });

  it("waits longer each time where the provider says nothing, up to a minute", () => {
    const { clock, health } = setup();
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      health.report("a", "m", failure("rate-limit"));
      const state = health.available("a", "m");
      const until = state === true ? clock.time : (state.until ?? 0);
      waits.push((until - clock.time) / SECOND);
      clock.time = until;
    }
    expect(waits).toEqual([2, 4, 8, 16, 32, 60, 60, 60]);
  });

  it("starts over after a success, and after a long quiet time", () => {
    const { clock, health } = setup();
    const wait = () => {
      health.report("a", "m", failure("rate-limit"));
      const state = health.peek("a", "m");
      return state === true ? 0 : (state.until ?? 0) - clock.time;
    };
    wait();
    expect(wait()).toBe(4 * SECOND);
    health.report("a", "m", "ok");
    expect(health.available("a", "m")).toBe(true);
    expect(wait()).toBe(2 * SECOND);
    clock.time += HOUR;
    expect(wait()).toBe(2 * SECOND);
  });

  it("spreads those who come back, never early", () => {
    const { clock, health } = setup(0.999);
    health.report("a", "m", failure("rate-limit", { retryAfterMs: 10 * SECOND }));
    const state = health.available("a", "m");
    expect(state).not.toBe(true);
    const until = state === true ? 0 : (state.until ?? 0);
    expect(until - clock.time).toBeGreaterThanOrEqual(10 * SECOND);
    expect(until - clock.time).toBeLessThanOrEqual(11 * SECOND);
  });

  it("calls a quota exhausted, for an hour where nobody says", () => {
    const { clock, health } = setup();
    health.report("a", "m", failure("quota"));
    expect(health.available("a", "m")).toMatchObject({ until: clock.time + HOUR });
    expect(health.state("a")).toMatchObject([{ model: "m", condition: "exhausted", because: "quota" }]);
  });

  it("holds back the whole account where the failure says so", () => {
    const { health } = setup();
    health.report("a", "m", failure("quota", { scope: "account", retryAfterMs: MINUTE }));
    expect(health.available("a", "other")).not.toBe(true);
  });

  it("keeps a model that is not open out for an hour", () => {
    const { clock, health } = setup();
    health.report("a", "m", failure("model"));
    expect(health.available("a", "m")).toMatchObject({ until: clock.time + HOUR });
    expect(health.available("a", "n")).toBe(true);
  });
});

describe("what needs a person", () => {
  it("says so without a time, and asks again at growing gaps", () => {
    const { clock, health } = setup();
    const gaps: number[] = [];
    for (let i = 0; i < 10; i++) {
      health.report("a", "m", failure("credential"));
      expect(health.peek("a", "m")).toEqual({ reason: "because of credential", because: "credential" });
      const before = clock.time;
      while (health.peek("a", "m") !== true) clock.time += SECOND;
      gaps.push((clock.time - before) / SECOND);
    }
    expect(gaps).toEqual([30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
  });

  it("lets one request ask, and holds the others until it has an answer", () => {
    const { clock, health } = setup();
    health.report("a", "m", failure("credential"));
    clock.time += 31 * SECOND;
    expect(health.peek("a", "m")).toBe(true);
    expect(health.available("a", "m")).toBe(true);
    expect(health.available("a", "m")).toEqual({ reason: "because of credential", because: "credential" });
    expect(health.available("a", "n")).toEqual({ reason: "because of credential", because: "credential" });
    health.report("a", "m", "ok");
    expect(health.available("a", "n")).toBe(true);
  });

  it("lets another ask where the first never came back", () => {
    const { clock, health } = setup();
    health.report("a", "m", failure("billing"));
    clock.time += 6 * MINUTE;
    expect(health.available("a", "m")).toBe(true);
    expect(health.available("a", "m")).not.toBe(true);
    clock.time += 6 * MINUTE;
    expect(health.available("a", "m")).toBe(true);
  });

  it("shows it until a success, also while it is being asked again", () => {
    const { clock, health } = setup();
    health.report("a", "m", failure("permission"));
    clock.time += 10 * MINUTE;
    expect(health.state("a")).toMatchObject([
      { condition: "needs-attention", reason: "because of permission" },
    ]);
    health.report("a", "m", "ok");
    expect(health.state("a")).toEqual([]);
  });
});

describe("what nobody is blamed for", () => {
  it.each(["overloaded", "provider", "client", "too-long", "foreign-state"] as const)("%s", (name) => {
    const { health } = setup();
    for (let i = 0; i < 20; i++)
      health.report("a", "m", failure(name, { scope: "account", retryAfterMs: MINUTE }));
    expect(health.available("a", "m")).toBe(true);
    expect(health.snapshot()).toEqual([]);
  });

  it("a failure without a scope", () => {
    const { health } = setup();
    health.report("a", "m", failure("billing", { scope: "none" }));
    expect(health.available("a", "m")).toBe(true);
  });

  it("a network's hiccup; a server that stays away rests for seconds", () => {
    const { clock, health } = setup();
    health.report("a", "m", failure("network"));
    health.report("a", "m", failure("network"));
    expect(health.available("a", "m")).toBe(true);
    health.report("a", "m", failure("network"));
    expect(health.available("a", "m")).toMatchObject({ until: clock.time + 5 * SECOND });
  });
});

describe("memory", () => {
  it("is bounded", () => {
    const { health } = setup();
    for (let i = 0; i < MAX_HELD + 500; i++) health.report("a", `m${i}`, failure("model"));
    expect(health.snapshot()).toHaveLength(MAX_HELD);
    expect(health.available("a", "m0")).toBe(true);
    expect(health.available("a", `m${MAX_HELD + 499}`)).not.toBe(true);
  });

  it("is plain data that can be taken up again", () => {
    const { clock, health } = setup();
    health.report("a", "m", failure("quota", { retryAfterMs: HOUR }));
    health.report("b", "m", failure("credential"));
    const again = new AccountHealth({ clock, random: () => 0 });
    again.restore(JSON.parse(JSON.stringify(health.snapshot())));
    expect(again.snapshot()).toEqual(health.snapshot());
    expect(again.available("a", "m")).toEqual(health.peek("a", "m"));
  });

  it.each([undefined, null, "x", {}, [1, null, { account: "a" }, { account: 1, until: "x" }]])(
    "passes over %j",
    (data) => {
      const { health } = setup();
      health.restore(data);
      expect(health.snapshot()).toEqual([]);
    },
  );

  it("forgets one model of an account, and no other", () => {
    const { health } = setup();
    for (const [account, model] of [
      ["a", "m"],
      ["a", "n"],
      ["b", "m"],
    ] as const) {
      health.report(account, model, failure("model"));
    }
    health.forget("a", "m");
    expect(health.available("a", "m")).toBe(true);
    expect(health.available("a", "n")).not.toBe(true);
    expect(health.available("b", "m")).not.toBe(true);
    health.report("a", "m", failure("credential"));
    health.forget("a", "m");
    // What concerns the whole account is not the model's.
    expect(health.available("a", "m")).not.toBe(true);
  });

  it("forgets an account on request, and those that are gone", () => {
    const { health } = setup();
    health.report("a", "m", failure("credential"));
    health.report("b", "m", failure("model"));
    health.forget("a");
    expect(health.available("a", "m")).toBe(true);
    health.retain(new Set(["a"]));
    expect(health.snapshot()).toEqual([]);
  });
});
