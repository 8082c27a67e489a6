import { describe, expect, it } from "vitest";
import { amount, clock, hold, leftOf, money, stateOf, took } from "../../../src/cli/words.ts";
import { duration } from "../../../src/gateway/duration.ts";

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
    expect(hold("exhausted", until, NOW)).toBe("used up, resets in 41 min");
    expect(hold("exhausted", undefined, NOW)).toBe("used up");
    expect(hold("cooling", until, NOW)).toBe("ready in 41 min");
    expect(hold("cooling", NOW - 1, NOW)).toBe("waits");
    expect(hold("needs-attention", until, NOW)).toBe("needs you");
    const held = { condition: "exhausted" as const, reason: "x", until };
    expect(stateOf({ state: "exhausted", held: [held] }, NOW)).toBe("used up, resets in 41 min");
    expect(stateOf({ state: "ready", held: [{ ...held, model: "m" }] }, NOW)).toBe("ready, 1 model not");
    expect(stateOf({ state: "ready", held: [] }, NOW)).toBe("ready");
    expect(stateOf({ state: "disabled", held: [] }, NOW)).toBe("off");
  });

  it("shows the quota that runs out first, else the balance", () => {
    const quota = (name: string, remaining: number, limit?: number, resetAt?: number) => ({
      name,
      unit: "requests",
      remaining,
      ...(limit === undefined ? {} : { limit }),
      ...(resetAt === undefined ? {} : { resetAt }),
    });
    const resetAt = NOW + 41 * MINUTE;
    expect(leftOf([quota("requests", 50, 100), quota("tokens", 129, 1000, resetAt)], NOW)).toBe(
      "12 % of tokens, resets in 41 min",
    );
    expect(leftOf([quota("tokens", 1, 1000, NOW - 1), quota("requests", 50, 100)], NOW)).toBe(
      "50 % of requests",
    );
    expect(leftOf([{ name: "balance", unit: "usd", remaining: 3.4 }], NOW)).toBe("$3.40");
    expect(leftOf([{ name: "balance", unit: "cny", remaining: 30 }], NOW)).toBe("30 cny");
    expect(leftOf([], NOW)).toBe("");
  });
});
