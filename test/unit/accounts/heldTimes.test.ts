/** How long an account is held back where clocks are set, and where the computer sleeps. */
import { describe, expect, it } from "vitest";
import {
  CLASSES,
  classify,
  type Failure,
  type FailureClass,
  MAX_STATED_MS,
  MAX_WAIT_MS,
} from "../../../src/gateway/accounts/failures.ts";
import { AccountHealth, longestHold } from "../../../src/gateway/accounts/health.ts";
import { fakeClock } from "../../support/clock.ts";
import fc from "../../support/property.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOON = Date.UTC(2026, 8, 1, 12);

const failure = (name: FailureClass, more: Partial<Failure> = {}): Failure => ({
  class: name,
  ...CLASSES[name],
  message: `because of ${name}`,
  ...more,
});

function setup(random = 0) {
  const time = fakeClock(NOON);
  const make = () => new AccountHealth({ clock: time.clock, random: () => random });
  const health = make();
  /** Milliseconds for which "a" stays held back, by a person's watch. */
  const holdsFor = (of = health): number => {
    let passed = 0;
    while (of.peek("a", "m") !== true && passed < 40 * DAY) {
      time.pass(SECOND);
      passed += SECOND;
    }
    return passed;
  };
  return { ...time, make, health, holdsFor };
}

describe("a time that the provider states", () => {
  const refusal = (headers: Record<string, string>, message = "You have reached your usage limit.") =>
    classify({
      provider: "openai",
      protocol: "openai-chat",
      status: 429,
      headers,
      body: { error: { message, type: "usage_limit_reached" } },
      now: NOON,
    });

  it.each([
    [5 * HOUR, 5 * HOUR],
    [6 * HOUR, 6 * HOUR],
    [5 * DAY, 6 * HOUR],
  ])("of %i ms is kept as it is; asked again after %i ms", (stated, asked) => {
    for (const random of [0, 0.5, 0.999999]) {
      const { health, clock } = setup(random);
      health.report("a", "m", refusal({ "retry-after": String(stated / SECOND) }));
      const [held] = health.state("a");
      expect(held).toMatchObject({ condition: "exhausted", resetAt: clock.now() + stated });
      const wait = (held?.until ?? 0) - clock.now();
      expect(wait).toBeGreaterThanOrEqual(asked);
      expect(wait).toBeLessThanOrEqual(asked + 5 * SECOND);
    }
  });

  it("is kept by a snapshot and by what takes it up", () => {
    const { health, make, clock } = setup();
    health.report("a", "m", refusal({ "retry-after": String((5 * DAY) / SECOND) }));
    const again = make();
    again.restore(JSON.parse(JSON.stringify(health.snapshot())));
    expect(again.state("a")).toMatchObject([
      { resetAt: clock.now() + 5 * DAY, until: clock.now() + 6 * HOUR },
    ]);
  });

  it("is none where it is years away, or where we wait for as long as we think fit", () => {
    expect(refusal({ "retry-after": String((2 * MAX_STATED_MS) / SECOND) }).statedMs).toBeUndefined();
    expect(refusal({}).statedMs).toBeUndefined();
    // Google's delay is that of its minute, not of the day that is used up.
    const day = classify({
      provider: "gemini",
      protocol: "gemini",
      status: 429,
      headers: {},
      body: {
        error: {
          code: 429,
          status: "RESOURCE_EXHAUSTED",
          message: "You exceeded your current quota.",
          details: [
            {
              "@type": "type.googleapis.com/google.rpc.QuotaFailure",
              violations: [{ quotaId: "GenerateRequestsPerDayPerProjectPerModel-FreeTier" }],
            },
            { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "41s" },
          ],
        },
      },
      now: NOON,
    });
    expect(day).toMatchObject({ class: "quota" });
    expect(day.statedMs).toBeUndefined();
  });

  it("as a date goes by the reply's own clock", () => {
    for (const wrong of [-40 * DAY, -HOUR, 0, HOUR, 40 * DAY]) {
      const theirs = NOON + wrong;
      const date = new Date(theirs).toUTCString();
      for (const after of [
        { "retry-after": new Date(theirs + 2 * HOUR).toUTCString() },
        { "x-ratelimit-reset": String((theirs + 2 * HOUR) / SECOND) },
        {
          "anthropic-ratelimit-requests-remaining": "0",
          "anthropic-ratelimit-requests-reset": new Date(theirs + 2 * HOUR).toISOString(),
        },
      ]) {
        expect(refusal({ date, ...after }).statedMs).toBe(2 * HOUR);
      }
      const words = `Usage limit reached. It will reset at ${new Date(theirs + 2 * HOUR).toISOString().slice(0, 19).replace("T", " ")}`;
      expect(refusal({ date }, words).statedMs).toBe(2 * HOUR);
    }
  });

  it("goes by our own where the reply has no date, or its headers are older than the error", () => {
    const after = { "retry-after": new Date(NOON + 2 * HOUR).toUTCString() };
    expect(refusal(after).statedMs).toBe(2 * HOUR);
    expect(refusal({ date: "yesterday", ...after }).statedMs).toBe(2 * HOUR);
    const inStream = classify({
      provider: "zai",
      protocol: "openai-chat",
      status: 200,
      headers: { date: new Date(NOON - 10 * MINUTE).toUTCString() },
      body: {
        error: {
          code: "429",
          message: "Your limit will reset at 2026-09-01 22:00:00",
          type: "rate_limit_error",
        },
      },
      now: NOON,
    });
    expect(inStream.statedMs).toBe(2 * HOUR);
  });
});

describe("while it runs", () => {
  it.each([HOUR, DAY, 31 * DAY])("a clock set back by %i ms prolongs nothing", (back) => {
    const { health, set, clock, holdsFor } = setup();
    health.report("a", "m", failure("quota", { retryAfterMs: 3 * HOUR, statedMs: 3 * HOUR }));
    set(-back);
    // What is shown is right as well.
    expect(health.state("a")).toMatchObject([
      { since: clock.now(), until: clock.now() + 3 * HOUR, resetAt: clock.now() + 3 * HOUR },
    ]);
    expect(holdsFor()).toBe(3 * HOUR);
  });

  it("a clock that was a month ahead when it failed latches nothing", () => {
    const { health, set, holdsFor } = setup();
    set(30 * DAY);
    health.report("a", "m", failure("rate-limit", { retryAfterMs: MINUTE }));
    set(-30 * DAY);
    expect(holdsFor()).toBe(MINUTE);
  });

  it("a clock set forward, and a sleeping computer, end what was to end meanwhile", () => {
    const { health, set, sleep, holdsFor } = setup();
    health.report("a", "m", failure("quota", { retryAfterMs: 3 * HOUR }));
    sleep(2 * HOUR);
    expect(health.peek("a", "m")).toMatchObject({ because: "quota" });
    set(HOUR);
    expect(health.peek("a", "m")).toBe(true);
    health.report("a", "m", failure("quota", { retryAfterMs: 3 * HOUR }));
    sleep(8 * HOUR);
    expect(holdsFor()).toBe(0);
  });

  it("a success after the clock was set back mends what failed before", () => {
    const { health, set, clock } = setup();
    health.report("a", "m", failure("credential"));
    set(-HOUR);
    const startedAt = clock.now() + MINUTE;
    health.report("a", "m", "ok", startedAt);
    expect(health.state("a")).toEqual([]);
  });

  it("a slow correction of the clock is no step, and many of them are", () => {
    const { health, set, clock, pass } = setup();
    health.report("a", "m", failure("quota", { retryAfterMs: HOUR }));
    const until = clock.now() + HOUR;
    set(-500);
    expect(health.heldFor("a", "m")?.until).toBe(until);
    pass(MINUTE);
    set(-600);
    expect(health.heldFor("a", "m")?.until).toBe(until - 1100);
  });

  it("whatever is done to the clock, nothing is held longer than its time by the monotonic one", () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("set" as const), by: fc.integer({ min: -40 * DAY, max: 40 * DAY }) }),
      fc.record({ kind: fc.constant("pass" as const), by: fc.integer({ min: 0, max: 2 * HOUR }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), fc.integer({ min: 1, max: 6 * HOUR }), (steps, wait) => {
        const { health, set, pass, clock } = setup();
        health.report("a", "m", failure("quota", { retryAfterMs: wait }));
        let passed = 0;
        for (const { kind, by } of steps) {
          if (kind === "set") set(by);
          else {
            pass(by);
            passed += by;
          }
          const held = health.heldFor("a", "m");
          // Up to a second of each step is not noticed.
          if (passed >= wait + steps.length * SECOND) expect(held).toBeUndefined();
          if (held !== undefined)
            expect(held.until - clock.now()).toBeLessThanOrEqual(wait - passed + steps.length * SECOND);
        }
      }),
    );
  });
});

describe("at start", () => {
  const CLASS_NAMES = [
    "credential",
    "billing",
    "permission",
    "model",
    "rate-limit",
    "quota",
    "network",
  ] as const;

  it("what a clock noted that was ahead is void", () => {
    const { health, make, set } = setup();
    set(30 * DAY);
    health.report("a", "m", failure("quota", { retryAfterMs: HOUR }));
    health.report("b", "m", failure("credential"));
    const saved: unknown = JSON.parse(JSON.stringify(health.snapshot()));
    set(-30 * DAY);
    const again = make();
    again.restore(saved);
    expect(again.snapshot()).toEqual([]);
    expect(again.peek("a", "m")).toBe(true);
  });

  it("what is a moment ahead is not: clocks are corrected by that much all the time", () => {
    const { health, make, set, holdsFor } = setup();
    health.report("a", "m", failure("quota", { retryAfterMs: HOUR }));
    const saved: unknown = JSON.parse(JSON.stringify(health.snapshot()));
    set(-2 * SECOND);
    const again = make();
    again.restore(saved);
    expect(holdsFor(again)).toBe(HOUR + 2 * SECOND);
  });

  it("a clock set forward, or a night, ends what was to end meanwhile", () => {
    const { health, make, set } = setup();
    health.report("a", "m", failure("quota", { retryAfterMs: HOUR }));
    const saved: unknown = JSON.parse(JSON.stringify(health.snapshot()));
    set(2 * HOUR);
    const again = make();
    again.restore(saved);
    expect(again.peek("a", "m")).toBe(true);
    expect(again.state("a")).toEqual([]);
  });

  it.each(CLASS_NAMES)("%s is held no longer than its class allows", (name) => {
    const { make, clock } = setup();
    const again = make();
    const [since, until] = [clock.now() - MINUTE, clock.now() + 30 * DAY];
    again.restore([
      {
        account: "a",
        condition: "exhausted",
        because: name,
        reason: "r",
        since,
        at: since,
        until,
        failures: 1,
      },
    ]);
    const [held] = again.snapshot();
    expect(held?.until).toBe(since + longestHold(name));
    expect(longestHold(name)).toBeLessThanOrEqual(MAX_WAIT_MS.quota + 5 * SECOND);
  });

  it("a class of a newer Portico is held for six hours at most", () => {
    const { make, clock } = setup();
    const again = make();
    const [since, until] = [clock.now(), clock.now() + 30 * DAY];
    again.restore([
      { account: "a", condition: "cooling", because: "new", reason: "r", since, until, failures: 1 },
    ]);
    expect(again.snapshot()[0]?.until).toBe(since + longestHold("new"));
  });
});
