import { describe, expect, it } from "vitest";
import { type PacedAccount, PaceWatch } from "../../../src/gateway/notify/pace.ts";

const HOUR = 3_600_000;
/** Half of the week is over. */
const NOW = Date.UTC(2026, 0, 8, 12);
const RESET = NOW + 84 * HOUR;

const account = (remaining: number, more: Partial<PacedAccount> = {}): PacedAccount => ({
  id: "work",
  label: "Work",
  state: "ready",
  enabled: true,
  held: [],
  quotas: [{ name: "all models", unit: "percent", limit: 100, remaining, resetAt: RESET, window: "week" }],
  ...more,
});

describe("a quota that runs out before its reset", () => {
  it("is told once until it is reset, also by the next process, and in the next period again", () => {
    const watch = new PaceWatch({});
    // As much is left as is over.
    expect(watch.look([account(50)], NOW)).toEqual([]);
    // 80 went in 84 hours, so 20 last for 21.
    expect(watch.look([account(20)], NOW)).toEqual([
      {
        account: { id: "work", label: "Work" },
        message: 'Work: at this pace, its quota "all models" is used up at about 2026-01-09T09:00Z',
      },
    ]);
    expect(watch.look([account(10)], NOW + HOUR)).toEqual([]);
    const later = new PaceWatch(watch.kept);
    expect(later.look([account(5)], NOW + 2 * HOUR)).toEqual([]);
    const next = account(20);
    const quotas = next.quotas.map((quota) => ({ ...quota, resetAt: RESET + 168 * HOUR }));
    expect(later.look([{ ...next, quotas }], RESET + 84 * HOUR)).toHaveLength(1);
  });

  it("is told of each quota and account by itself, and of none that does not answer anyway", () => {
    const watch = new PaceWatch({});
    const { quotas } = account(20);
    const two = account(20, { quotas: [...quotas, ...quotas.map((quota) => ({ ...quota, model: "opus" }))] });
    const told = watch.look([two, account(20, { id: "other", label: "Other" })], NOW);
    expect(told.map(({ message }) => message.slice(0, 44))).toEqual([
      'Work: at this pace, its quota "all models" i',
      'Work: at this pace, its quota "opus, all mod',
      'Other: at this pace, its quota "all models" ',
    ]);
    expect(new PaceWatch({}).look([account(20, { state: "exhausted" })], NOW)).toEqual([]);
  });

  it("is forgotten when it is reset, so that nothing piles up", () => {
    const watch = new PaceWatch({});
    watch.look([account(20)], NOW);
    expect(Object.keys(watch.kept)).toHaveLength(1);
    watch.look([], RESET + 1);
    expect(watch.kept).toEqual({});
  });
});
