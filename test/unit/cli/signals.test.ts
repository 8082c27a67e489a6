import { describe, expect, it } from "vitest";
import { stopHandler } from "../../../src/cli/signals.ts";

function handled(wrapped: boolean, signals: [NodeJS.Signals, number][]): string[] {
  const seen: string[] = [];
  let now = 0;
  const handler = stopHandler({
    wrapped,
    now: () => now,
    onStop: (signal) => seen.push(`stop ${signal}`),
    onHurry: (code) => seen.push(`hurry ${code}`),
    onKill: (code) => seen.push(`kill ${code}`),
  });
  for (const [signal, at] of signals) {
    now = at;
    handler(signal);
  }
  return seen;
}

describe("stopHandler", () => {
  it("stops on the first signal, at once on the second, and kills on the third, however soon", () => {
    expect(
      handled(false, [
        ["SIGINT", 0],
        ["SIGINT", 1],
        ["SIGINT", 2],
      ]),
    ).toEqual(["stop SIGINT", "hurry 130", "kill 130"]);
  });

  it("takes the echoes of a wrapper for one signal", () => {
    expect(
      handled(true, [
        ["SIGINT", 0],
        ["SIGINT", 5],
        ["SIGINT", 299],
        ["SIGINT", 300],
        ["SIGINT", 310],
      ]),
    ).toEqual(["stop SIGINT", "hurry 130"]);
  });

  it("takes another signal for no echo", () => {
    expect(
      handled(true, [
        ["SIGINT", 0],
        ["SIGTERM", 5],
      ]),
    ).toEqual(["stop SIGINT", "hurry 143"]);
  });
});
