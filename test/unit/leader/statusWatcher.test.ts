import { describe, expect, it } from "vitest";
import { SETTLE_MS, StatusWatcher } from "../../../src/gateway/leader/statusWatcher.ts";
import { fakeClock } from "../../support/clock.ts";

describe("changes in how the accounts fare", () => {
  it("are told once, however many requests there were, and only where there is one", () => {
    const { clock, pass } = fakeClock();
    let told = 0;
    let value = { until: [] as number[] };
    const changes = new StatusWatcher(clock, {
      read: () => value,
      next: ({ until }) => until[0],
      onChange: () => {
        told += 1;
      },
    });
    for (let count = 0; count < 1000; count += 1) changes.noted();
    pass(SETTLE_MS);
    expect(told).toBe(1);
    changes.noted();
    pass(SETTLE_MS);
    expect(told).toBe(1);
    value = { until: [clock.now() + 60_000] };
    changes.noted();
    pass(SETTLE_MS);
    expect(told).toBe(2);
  });

  it("are told when a wait is over, without any request", () => {
    const { clock, pass, timers } = fakeClock();
    const end = clock.now() + 60_000;
    let told = 0;
    const changes = new StatusWatcher(clock, {
      read: () => ({ waits: clock.now() < end }),
      next: ({ waits }) => (waits ? end : undefined),
      onChange: () => {
        told += 1;
      },
    });
    changes.noted();
    pass(30_000);
    expect(told).toBe(1);
    pass(31_000);
    expect(told).toBe(2);
    expect(timers.size).toBe(0);
  });

  it("are told again when they come back after a change that was told by someone else", () => {
    const { clock, pass } = fakeClock();
    let told = 0;
    let value = "refused";
    const changes = new StatusWatcher(clock, {
      read: () => value,
      next: () => undefined,
      onChange: () => {
        told += 1;
      },
    });
    changes.noted();
    pass(SETTLE_MS);
    value = "ready";
    changes.told();
    changes.noted();
    pass(SETTLE_MS);
    expect(told).toBe(1);
    value = "refused";
    changes.noted();
    pass(SETTLE_MS);
    expect(told).toBe(2);
  });

  it("are waited for from what someone else told on", () => {
    const { clock, pass, timers } = fakeClock();
    const end = clock.now() + 60_000;
    let told = 0;
    const changes = new StatusWatcher(clock, {
      read: () => clock.now() < end,
      next: (waits) => (waits ? end : undefined),
      onChange: () => {
        told += 1;
      },
    });
    changes.told();
    pass(59_000);
    expect(told).toBe(0);
    pass(2000);
    expect(told).toBe(1);
    expect(timers.size).toBe(0);
  });

  it("are not told after the end", () => {
    const { clock, pass, timers } = fakeClock();
    const changes = new StatusWatcher(clock, {
      read: () => 1,
      next: () => undefined,
      onChange: () => expect.unreachable(),
    });
    changes.noted();
    changes.close();
    changes.noted();
    changes.told();
    pass(10_000);
    expect(timers.size).toBe(0);
  });
});
