import type { Clock } from "../../src/gateway/ports.ts";

/** Time that moves when it is told to. */
export function fakeClock() {
  let time = 1000;
  const timers = new Set<{ at: number; run: () => void }>();
  const clock: Clock = {
    now: () => time,
    setTimeout(run, milliseconds) {
      const timer = { at: time + milliseconds, run };
      timers.add(timer);
      return { cancel: () => void timers.delete(timer) };
    },
  };
  return {
    clock,
    timers,
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
