/** For what takes its time and can be stopped by the person. */
import { useEffect, useRef } from "preact/hooks";

export interface Stop {
  /** Of a new beginning; what was begun before is stopped. */
  signal(): AbortSignal;
  stop(): void;
}

/** Whoever leaves stops it, too. */
export function useStop(): Stop {
  const current = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => current.current?.abort(), []);
  return {
    signal() {
      current.current?.abort();
      current.current = new AbortController();
      return current.current.signal;
    },
    stop: () => current.current?.abort(),
  };
}
