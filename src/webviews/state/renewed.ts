/** Numbers that follow what happens, without being counted for every single event. */
import { useEffect, useRef } from "preact/hooks";

/** Milliseconds between two looks at the numbers while requests arrive. */
const RENEW_MS = 3000;

/** Reads the numbers anew soon after something changed, not with every change. */
export function useRenewed(change: unknown, reload: () => Promise<void>): void {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const first = useRef(true);
  useEffect(() => {
    if (first.current) first.current = false;
    else
      timer.current ??= setTimeout(() => {
        timer.current = undefined;
        void reload();
      }, RENEW_MS);
  }, [change]);
  useEffect(() => () => clearTimeout(timer.current), []);
}
