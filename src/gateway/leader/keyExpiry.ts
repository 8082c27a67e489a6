/** Says before a client key expires that it will: a week and a day ahead. */

import { KEY_EXPIRES } from "../../control/attention.ts";
import type { Problem } from "../../control/contract.ts";
import type { Clock, Timer } from "../common/ports.ts";
import { type ClientKey, nameOf } from "../settings/clientKeys.ts";

const DAY_MS = 86_400_000;
/** Days before its end from which on it is said, each once. */
const DAYS_AHEAD = [1, 7] as const;
/** Keys that are named at most, the first to expire first. */
export const MOST_NAMED = 20;
/** A look is never further away: clocks are set, and computers sleep. */
const LONGEST_MS = 3_600_000;

type Ending = Pick<ClientKey, "id" | "name" | "enabled" | "expiresAt">;

/** @param now milliseconds since 1970 */
export function expiringKeys(keys: readonly Ending[], now: number): Problem[] {
  return keys
    .flatMap(({ id, name, enabled, expiresAt = Infinity }) => {
      const days = DAYS_AHEAD.find((each) => expiresAt - now <= each * DAY_MS);
      return !enabled || days === undefined || expiresAt <= now ? [] : [{ id, name, expiresAt, days }];
    })
    .sort((a, b) => a.expiresAt - b.expiresAt)
    .slice(0, MOST_NAMED)
    .map(({ id, name, expiresAt, days }) => ({
      severity: "notice",
      key: id,
      cause: `${KEY_EXPIRES}-${days}d`,
      message: `The client key "${nameOf({ id, ...(name === undefined ? {} : { name }) })}" expires at ${momentOf(expiresAt)}.`,
    }));
}

const momentOf = (time: number): string => `${new Date(time).toISOString().slice(0, 16)}Z`;

/** When what is said changes next; `undefined`: by itself, never. */
export function nextExpiry(keys: readonly Ending[], now: number): number | undefined {
  const moments = keys.flatMap(({ enabled, expiresAt }) =>
    !enabled || expiresAt === undefined ? [] : [0, ...DAYS_AHEAD].map((days) => expiresAt - days * DAY_MS),
  );
  const next = Math.min(...moments.filter((moment) => moment > now));
  return next === Infinity ? undefined : next;
}

interface KeysInForce {
  readonly settings: { readonly keys: readonly Ending[] };
}

export class KeyExpiry {
  readonly #clock: Pick<Clock, "now" | "setTimeout">;
  readonly #keys: KeysInForce;
  readonly #onChange: () => void;
  #timer: Timer | undefined;
  #closed = false;

  constructor(clock: Pick<Clock, "now" | "setTimeout">, keys: KeysInForce, onChange: () => void) {
    this.#clock = clock;
    this.#keys = keys;
    this.#onChange = onChange;
  }

  get problems(): Problem[] {
    return expiringKeys(this.#keys.settings.keys, this.#clock.now());
  }

  /** The keys may be others: waits for the next of their moments. */
  look(): void {
    this.#timer?.cancel();
    const now = this.#clock.now();
    const next = this.#closed ? undefined : nextExpiry(this.#keys.settings.keys, now);
    if (next === undefined) return;
    this.#timer = this.#clock.setTimeout(() => this.#onChange(), Math.min(next - now, LONGEST_MS));
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }
}
