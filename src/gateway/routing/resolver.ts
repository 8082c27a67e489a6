/** Routing is pure, so its answers hold until the accounts, the routes or the models' lists change. */

import type { Protocol } from "../../control/protocol.ts";
import type { Clock } from "../common/ports.ts";
import type { Candidate } from "./candidate.ts";
import { type RoutingTable, resolve } from "./route.ts";

/** Names that are remembered. */
const MAX_NAMES = 500;
/** Milliseconds until what a provider says it serves is looked at again. */
const FRESH_MS = 1000;

export class Resolver {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly table: () => RoutingTable;
  readonly #known = new Map<string, readonly Candidate[]>();
  #since = -Infinity;

  constructor(clock: Pick<Clock, "monotonic">, table: () => RoutingTable) {
    this.#clock = clock;
    this.table = table;
  }

  /** Where a request can go, in order. */
  candidates(model: string, protocol: Protocol): readonly Candidate[] {
    const now = this.#clock.monotonic();
    if (now - this.#since > FRESH_MS || this.#known.size > MAX_NAMES) {
      this.#known.clear();
      this.#since = now;
    }
    const key = `${protocol} ${model}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const found = resolve(model, protocol, this.table());
    this.#known.set(key, found);
    return found;
  }

  /** The accounts or the routes are others now. */
  forget(): void {
    this.#known.clear();
  }
}
