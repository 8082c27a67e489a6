/** Where nobody is ready but somebody will be, a request waits. */
import { describe, expect, it } from "vitest";
import { MAX_IN_LINE, WaitingLine } from "../../../src/gateway/accounts/schedule/waitingLine.ts";

describe("the line", () => {
  it("takes so many and no more, and lets others in when some have left", () => {
    const line = new WaitingLine(() => 0.5);
    const leave = Array.from({ length: MAX_IN_LINE }, () => line.join());
    expect(leave.every((one) => one !== undefined)).toBe(true);
    expect(line.join()).toBeUndefined();
    leave[0]?.();
    leave[0]?.();
    expect(line.size).toBe(MAX_IN_LINE - 1);
    expect(line.join()).toBeDefined();
    expect(line.join()).toBeUndefined();
  });

  it("gives turns in the order of coming, spread, and anew where the time has changed", () => {
    let seed = 1;
    const line = new WaitingLine(() => {
      seed = (seed * 16_807) % 2_147_483_647;
      return seed / 2_147_483_647;
    });
    line.join();
    const turns = Array.from({ length: 500 }, () => line.turn("a", 1000));
    expect(turns).toEqual(turns.toSorted((a, b) => a - b));
    expect(new Set(turns).size).toBe(500);
    expect(turns[0]).toBeGreaterThanOrEqual(1000);
    expect(turns.at(-1)).toBeLessThan(1000 + 500 * 10);
    expect(line.turn("a", 9000)).toBeLessThan(9010);
    expect(line.turn("b", 1000)).toBeLessThan(1010);
  });
});
