/** Who used which account, and when: what the history knows, then each request as it ends. */
import { dropOldest, setLatest } from "../common/latest.ts";
import type { Clock } from "../common/ports.ts";
import type { LastUse } from "../records/db/lastUses.ts";
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
    setLatest(this.#uses, account, use, MAX_ACCOUNTS);
    if (client !== undefined) setLatest(use.clients, client, now, MAX_CLIENTS);
  }

  /** What was before this process, or in another; what was noted meanwhile is later. */
  restore(uses: readonly LastUse[]): void {
    const noted = [...this.#uses];
    this.#uses.clear();
    for (const { account, at, clients } of uses.toSorted((a, b) => a.at - b.at)) {
      const latest = clients.toSorted((a, b) => a.at - b.at);
      this.#uses.set(account, { at, clients: new Map(latest.map((each) => [each.client, each.at])) });
    }
    for (const [account, use] of noted) {
      const before = this.#uses.get(account);
      this.#uses.delete(account);
      const clients = new Map([...(before?.clients ?? [])].filter(([client]) => !use.clients.has(client)));
      for (const [client, at] of use.clients) clients.set(client, at);
      dropOldest(clients, MAX_CLIENTS);
      this.#uses.set(account, { at: Math.max(use.at, before?.at ?? 0), clients });
    }
    dropOldest(this.#uses, MAX_ACCOUNTS);
  }

  /** `usedBy`: most recent first. */
  of(account: string): { lastUsed?: number; usedBy?: string[] } {
    const use = this.#uses.get(account);
    if (use === undefined) return {};
    const now = this.#clock.now();
    const recent = [...use.clients].filter(([, at]) => at > now - USED_BY_MS).map(([client]) => client);
    // The clock may have been set back since.
    return { lastUsed: Math.min(use.at, now), usedBy: recent.reverse() };
  }
}
