import type { Clock } from "../../src/gateway/common/ports.ts";

/** Time that moves when it is told to. Its wall clock can be set, and the computer can sleep. */
export function fakeClock(start = 1000) {
  let time = 0;
  /** What the wall clock is ahead of the time that this process has seen. */
  let ahead = start;
  const timers = new Set<{ at: number; run: () => void }>();
  const clock: Clock = {
    now: () => time + ahead,
    monotonic: () => time,
    setTimeout(run, milliseconds) {
      const timer = { at: time + milliseconds, run };
      timers.add(timer);
      return { cancel: () => void timers.delete(timer) };
    },
  };
  return {
    clock,
    timers,
    /** Somebody sets the wall clock; backwards by a negative number. No timer goes off. */
    set(milliseconds: number) {
      ahead += milliseconds;
    },
    /** The lid is closed: only the wall clock goes on. */
    sleep(milliseconds: number) {
      ahead += milliseconds;
    },
    pass(milliseconds: number) {
      const end = time + milliseconds;
      for (;;) {
        const due = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (due === undefined) break;
        timers.delete(due);
        time = due.at;
        due.run();
      }
      time = end;
    },
  };
}
