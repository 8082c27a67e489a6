/** Endpoints that turned out not to be there: not every server of a protocol has all of it. */
import { setLatest } from "../../common/latest.ts";

/** Milliseconds after which an endpoint that was not there is looked for again. */
const ABSENT_MS = 3_600_000;
/** Endpoints that are remembered. */
const MOST_ABSENT = 1000;
/** Statuses that say so. */
const STATUSES: ReadonlySet<number> = new Set([404, 405, 501]);

export const saysAbsent = (status: number): boolean => STATUSES.has(status);

export class AbsentEndpoints {
  readonly #until = new Map<string, number>();

  /** @param now milliseconds of the monotonic clock */
  has(key: string, now: number): boolean {
    return (this.#until.get(key) ?? -Infinity) > now;
  }

  /** @param now milliseconds of the monotonic clock */
  add(key: string, now: number): void {
    setLatest(this.#until, key, now + ABSENT_MS, MOST_ABSENT);
  }
}
