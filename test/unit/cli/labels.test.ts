import { describe, expect, it } from "vitest";
import { amount, clock, hold, leftOf, money, stateOf, took } from "../../../src/cli/labels.ts";
import type { AccountHold, QuotaView } from "../../../src/control/accounts.ts";
import { duration } from "../../../src/gateway/common/duration.ts";

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 0, 31, 12, 0, 0);

describe("words", () => {
  it.each([
    [0, "1 s"],
    [11_200, "12 s"],
    [41 * MINUTE, "41 min"],
    [59.5 * MINUTE, "60 min"],
    [120 * MINUTE, "2 h"],
    [125 * MINUTE, "2 h 5 min"],
    [76 * 60 * MINUTE, "3 d 4 h"],
  ])("%d ms to go is %s", (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it.each([
    [undefined, ""],
    [0.4, "0 ms"],
    [999.4, "999 ms"],
    [999.6, "1.0 s"],
    [8440, "8.4 s"],
    [125_000, "2 min 5 s"],
  ])("%s ms took %j", (ms, text) => {
    expect(took(ms)).toBe(text);
  });

  it.each([
    [0, "0"],
    [9999, "9999"],
    [12_340, "12.3 k"],
    [999_400, "999 k"],
    [999_900, "1.00 M"],
    [8_420_000, "8.42 M"],
    [2.5e12, "2500 G"],
  ])("%d is %s", (count, text) => {
    expect(amount(count)).toBe(text);
  });

  it.each([
    [undefined, ""],
    [0, "$0"],
    [0.0001, "<$0.001"],
    [0.0213, "$0.021"],
    [3.4, "$3.40"],
  ])("%s dollars are %j", (usd, text) => {
    expect(money(usd)).toBe(text);
  });

  it("tells the time in the person's zone, with the day where it is another", () => {
    const screen = { now: () => NOW, utcOffset: () => 120 };
    expect(clock(screen, NOW)).toBe("14:00:00");
    expect(clock(screen, NOW - 24 * 60 * MINUTE)).toBe("30 Jan 14:00");
    expect(clock(screen, NOW + 10.5 * 60 * MINUTE)).toBe("01 Feb 00:30");
  });

  it("says what holds an account back, and until when", () => {
    const until = NOW + 41 * MINUTE;
    expect(hold({ condition: "exhausted", until, resetAt: until }, NOW)).toBe("used up, resets in 41 min");
    expect(hold({ condition: "exhausted", until, resetAt: NOW + 5 * 24 * 60 * MINUTE }, NOW)).toBe(
      "used up, resets in 5 d, asked again in 41 min",
    );
    expect(hold({ condition: "exhausted", until }, NOW)).toBe("used up, asked again in 41 min");
    expect(hold({ condition: "exhausted" }, NOW)).toBe("used up");
    expect(hold({ condition: "cooling", until }, NOW)).toBe("ready in 41 min");
    expect(hold({ condition: "cooling", until: NOW - 1 }, NOW)).toBe("waits");
    expect(hold({ condition: "needs-attention", until }, NOW)).toBe("needs you");
    const held = { condition: "exhausted" as const, reason: "x", until, resetAt: until };
    expect(stateOf({ enabled: true, held: [held] }, NOW)).toBe("used up, resets in 41 min");
    expect(stateOf({ enabled: true, held: [held] }, until)).toBe("ready");
    expect(stateOf({ enabled: true, held: [{ ...held, model: "m" }] }, NOW)).toBe("ready, 1 model not");
    expect(stateOf({ enabled: true, held: [] }, NOW)).toBe("ready");
    expect(stateOf({ enabled: false, held: [held] }, NOW)).toBe("off");
  });

  it("shows the quota that runs out first, else the balance", () => {
    const quota = (name: string, remaining: number, limit?: number, resetAt?: number) => ({
      name,
      unit: name,
      remaining,
      ...(limit === undefined ? {} : { limit }),
      ...(resetAt === undefined ? {} : { resetAt }),
    });
    const left = (quotas: QuotaView[], held: AccountHold[] = []) =>
      leftOf({ enabled: true, held, quotas }, NOW);
    const resetAt = NOW + 41 * MINUTE;
    expect(left([quota("requests", 50, 100), quota("tokens", 129, 1000, resetAt)])).toBe(
      "12 % of tokens left, resets in 41 min",
    );
    expect(left([{ ...quota("requests", 50, 100), window: "day", model: "gpt-5" }])).toBe(
      "50 % of requests/day left (gpt-5)",
    );
    expect(left([quota("tokens", 1, 1000, NOW - 1)])).toBe("100 % of tokens left since its reset");
    expect(left([quota("tokens", 1, 1000, NOW - 1), quota("requests", 50, 100)])).toBe(
      "50 % of requests left",
    );
    const spent: AccountHold = { condition: "exhausted", reason: "x", until: resetAt, resetAt };
    expect(left([quota("requests", 50, 100)], [spent])).toBe("used up, resets in 41 min");
    expect(left([{ name: "balance", unit: "usd", remaining: 3.4 }])).toBe("$3.40 left");
    expect(left([{ name: "balance", unit: "cny", remaining: 30, readAt: NOW - 50 * 60 * MINUTE }])).toBe(
      "30 cny left 2 days ago",
    );
    expect(left([])).toBe("");
  });
});
