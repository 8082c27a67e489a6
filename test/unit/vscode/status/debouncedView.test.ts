import { beforeEach, describe, expect, it } from "vitest";
import { DebouncedView } from "../../../../src/vscode/status/debouncedView.ts";

let time: number;
let timers: Set<{ at: number; run: () => void }>;
let shown: string[];
let steady: DebouncedView<string>;

function pass(milliseconds: number): void {
  const end = time + milliseconds;
  for (;;) {
    const due = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
    if (due === undefined) break;
    timers.delete(due);
    time = due.at;
    due.run();
  }
  time = end;
}

beforeEach(() => {
  time = 0;
  timers = new Set();
  shown = [];
  steady = new DebouncedView<string>({
    settleMs: 150,
    mostMs: 600,
    timers: {
      after(milliseconds, run) {
        const timer = { at: time + milliseconds, run };
        timers.add(timer);
        return () => void timers.delete(timer);
      },
    },
    same: (before, now) => before === now,
    show: (value) => shown.push(value),
  });
});

describe("what the status bar shows", () => {
  it("is the first at once, and a change that lasts", () => {
    steady.put("a");
    expect(shown).toEqual(["a"]);
    steady.put("b");
    expect(shown).toEqual(["a"]);
    pass(150);
    expect(shown).toEqual(["a", "b"]);
    expect(timers.size).toBe(0);
  });

  it("is nothing that was over before it could be seen", () => {
    steady.put("a");
    for (let round = 0; round < 20; round += 1) {
      steady.put("b");
      pass(50);
      steady.put("a");
      pass(50);
    }
    pass(10_000);
    expect(shown).toEqual(["a"]);
    expect(timers.size).toBe(0);
  });

  it("is the latest after a while, even while it keeps changing", () => {
    steady.put("a");
    for (let round = 0; round < 100; round += 1) {
      steady.put(`b${round}`);
      pass(50);
    }
    expect(shown.length).toBeGreaterThan(5);
    expect(shown.length).toBeLessThan(12);
    pass(150);
    expect(shown.at(-1)).toBe("b99");
  });

  it("is nothing more after the end", () => {
    steady.put("a");
    steady.put("b");
    steady.dispose();
    pass(1000);
    expect(shown).toEqual(["a"]);
  });
});
