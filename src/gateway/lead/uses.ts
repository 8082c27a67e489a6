/** Who used which account, and when: since the gateway began, in memory only. */
import type { Clock } from "../ports.ts";
import type { RequestRecord } from "../records/record.ts";

/** Milliseconds in which a client counts as one that uses an account. */
export const USED_BY_MS = 10 * 60_000;
const MAX_ACCOUNTS = 2000;
/** Of one account. */
const MAX_CLIENTS = 20;

interface Use {
  at: number;
  /** Client -> milliseconds since 1970, the latest last. */
  readonly clients: Map<string, number>;
}

export class LastUses {
  readonly #clock: Pick<Clock, "now">;
  readonly #uses = new Map<string, Use>();

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** A finished request. */
  note({ account, client }: Pick<RequestRecord, "account" | "client">): void {
    if (account === undefined) return;
    const now = this.#clock.now();
    const use = this.#uses.get(account) ?? { at: now, clients: new Map<string, number>() };
    use.at = now;
    this.#uses.delete(account);
    this.#uses.set(account, use);
    dropOldest(this.#uses, MAX_ACCOUNTS);
    if (client === undefined) return;
    use.clients.delete(client);
    use.clients.set(client, now);
    dropOldest(use.clients, MAX_CLIENTS);
  }

  /** `usedBy`: most recent first. */
  of(account: string): { lastUsed?: number; usedBy?: string[] } {
    const use = this.#uses.get(account);
    if (use === undefined) return {};
    const since = this.#clock.now() - USED_BY_MS;
    const recent = [...use.clients].filter(([, at]) => at > since).map(([client]) => client);
    return { lastUsed: use.at, usedBy: recent.reverse() };
  }
}

function dropOldest(map: Map<string, unknown>, max: number): void {
  for (const key of map.keys()) {
    if (map.size <= max) return;
    map.delete(key);
  }
}
