/** Something a person asked for: whether it is under way, and what went wrong. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { isCancelled, messageOf } from "./loaded.ts";

export interface Action<A extends unknown[]> {
  busy: boolean;
  /** What went wrong the last time, for a person. */
  problem: string | undefined;
  /** Does nothing while it is under way. Never throws. @returns whether it worked */
  run(...args: A): Promise<boolean>;
  clear(): void;
}

/** @param onBusy told when it begins and when it is over */
export function useAction<A extends unknown[]>(
  job: (...args: A) => Promise<unknown>,
  onBusy?: (busy: boolean) => void,
): Action<A> {
  const [state, setState] = useState<{ busy: boolean; problem?: string }>({ busy: false });
  const latest = useRef({ job, onBusy });
  latest.current = { job, onBusy };
  const running = useRef(false);
  const gone = useRef(false);
  useEffect(() => {
    gone.current = false;
    return () => {
      gone.current = true;
    };
  }, []);
  const run = useCallback(async (...args: A) => {
    if (running.current) return false;
    running.current = true;
    setState({ busy: true });
    latest.current.onBusy?.(true);
    let problem: string | undefined;
    try {
      await latest.current.job(...args);
    } catch (thrown) {
      problem = isCancelled(thrown) ? undefined : messageOf(thrown);
      if (!gone.current) setState(problem === undefined ? { busy: false } : { busy: false, problem });
      return false;
    } finally {
      running.current = false;
      latest.current.onBusy?.(false);
    }
    if (!gone.current) setState({ busy: false });
    return true;
  }, []);
  const clear = useCallback(() => setState({ busy: running.current }), []);
  return { busy: state.busy, problem: state.problem, run, clear };
}
