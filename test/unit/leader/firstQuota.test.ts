import { describe, expect, it } from "vitest";
import { deferred } from "../../../src/gateway/common/deferred.ts";
import type { Clock } from "../../../src/gateway/common/ports.ts";
import { FIRST_QUOTA_MS, readFirstQuota } from "../../../src/gateway/leader/firstQuota.ts";

function pool() {
  const asked: string[][] = [];
  const answer = deferred<void>();
  const refreshQuotas = async (ids?: ReadonlySet<string>) => {
    asked.push([...(ids ?? [])]);
    await answer.promise;
  };
  return { asked, answer: () => answer.resolve(), refreshQuotas };
}

/** One timer at a time, that goes off when the test says so. */
function stopwatch() {
  let goOff = () => {};
  const waits: number[] = [];
  let cancelled = 0;
  const clock: Clock = {
    now: () => 0,
    monotonic: () => 0,
    setTimeout(callback, milliseconds) {
      goOff = callback;
      waits.push(milliseconds);
      return { cancel: () => void cancelled++ };
    },
  };
  return { clock, waits, goOff: () => goOff(), cancelled: () => cancelled };
}

describe("the first reading of a quota", () => {
  it("is waited for, and leaves no timer behind", async () => {
    const { clock, waits, cancelled } = stopwatch();
    const one = pool();
    let late = 0;
    const reading = readFirstQuota(one, ["a"], { clock, onLate: () => late++ });
    one.answer();
    await reading;
    expect(one.asked).toEqual([["a"]]);
    expect(waits).toEqual([FIRST_QUOTA_MS]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(cancelled()).toBe(1);
    expect(late).toBe(0);
  });

  it("keeps nobody waiting for long, and is told of when it comes", async () => {
    const { clock, goOff } = stopwatch();
    const one = pool();
    const told = deferred<void>();
    const reading = readFirstQuota(one, ["a"], { clock, onLate: () => told.resolve() });
    goOff();
    await reading;
    one.answer();
    await told.promise;
  });
});
