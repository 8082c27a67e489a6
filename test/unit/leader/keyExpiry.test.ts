/** When it is said that a client key expires: a week and a day ahead, each once. */
import { expect, it } from "vitest";
import { AttentionWatch } from "../../../src/control/attention.ts";
import { expiringKeys, KeyExpiry, MOST_NAMED, nextExpiry } from "../../../src/gateway/leader/keyExpiry.ts";
import { fakeClock } from "../../support/clock.ts";

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 5, 1, 12);

const key = (id: string, inDays: number | undefined, enabled = true) => ({
  id,
  name: `The ${id} tool`,
  enabled,
  ...(inDays === undefined ? {} : { expiresAt: NOW + inDays * DAY }),
});

it.each([
  [8, undefined],
  [7.001, undefined],
  [7, "key-expires-7d"],
  [1.001, "key-expires-7d"],
  [1, "key-expires-1d"],
  [0.001, "key-expires-1d"],
  [0, undefined],
  [-3, undefined],
  [undefined, undefined],
])("of a key with %s days left", (inDays, cause) => {
  const problems = expiringKeys([key("ci", inDays)], NOW);
  expect(problems.map((problem) => problem.cause)).toEqual(cause === undefined ? [] : [cause]);
  expect(expiringKeys([key("ci", inDays, false)], NOW)).toEqual([]);
});

it("names the key and the moment, the first to expire first, and only so many", () => {
  const keys = Array.from({ length: MOST_NAMED + 5 }, (_, n) => key(`k${n}`, 6 - n / 10));
  const problems = expiringKeys(keys, NOW);
  expect(problems).toHaveLength(MOST_NAMED);
  expect(problems[0]).toEqual({
    severity: "notice",
    key: `k${MOST_NAMED + 4}`,
    cause: "key-expires-7d",
    message: `The client key "The k${MOST_NAMED + 4} tool" expires at 2026-06-05T02:24Z.`,
  });
  expect(expiringKeys([{ id: "bare", enabled: true, expiresAt: NOW + DAY }], NOW)[0]?.message).toContain(
    '"bare"',
  );
});

it("waits for the next moment, and for none where there is none", () => {
  expect(nextExpiry([key("a", 30), key("b", 5)], NOW)).toBe(NOW + 4 * DAY);
  expect(nextExpiry([key("a", 0.5)], NOW)).toBe(NOW + 0.5 * DAY);
  expect(nextExpiry([key("a", -1), key("b", undefined), key("c", 5, false)], NOW)).toBeUndefined();
  const { clock, timers } = fakeClock(NOW);
  const expiry = new KeyExpiry(clock, { settings: { keys: [key("a", undefined)] } }, () => {});
  expiry.look();
  expect(timers.size).toBe(0);
});

it("is told once per key and threshold, also by who starts again, and anew after it was put off", () => {
  const time = fakeClock(NOW);
  const inForce = { settings: { keys: [key("ci", 10), key("b", undefined)] } };
  let memory: readonly string[] = [];
  const told: string[] = [];
  const start = () => {
    const watch = new AttentionWatch({ get: () => memory, set: (next) => (memory = next) });
    const look = () => {
      for (const each of watch.look(expiry.problems)) told.push(`${each.key} ${each.cause}`);
      expiry.look();
    };
    const expiry = new KeyExpiry(time.clock, inForce, look);
    look();
    return { look, close: () => expiry.close() };
  };
  let running = start();
  time.pass(2.9 * DAY);
  expect(told).toEqual([]);
  time.pass(0.2 * DAY);
  expect(told).toEqual(["ci key-expires-7d"]);
  running.close();
  running = start();
  time.pass(5 * DAY);
  expect(told).toHaveLength(1);
  time.pass(DAY);
  expect(told).toEqual(["ci key-expires-7d", "ci key-expires-1d"]);
  running.close();
  running = start();
  time.pass(0.5 * DAY);
  expect(told).toHaveLength(2);
  inForce.settings = { keys: [key("ci", 40)] };
  running.look();
  time.pass(24 * DAY);
  expect(told).toEqual(["ci key-expires-7d", "ci key-expires-1d", "ci key-expires-7d"]);
  // The lid was closed over the moment.
  time.sleep(5.5 * DAY);
  time.pass(3_600_001);
  expect(told.at(-1)).toBe("ci key-expires-1d");
  time.pass(3 * DAY);
  expect(told).toHaveLength(4);
  running.close();
  expect(time.timers.size).toBe(0);
});
