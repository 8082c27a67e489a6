/** Quotas that are used up before their reset at the pace so far: each is told once until that reset. Pure. */
import type { ListedAccount } from "../../control/accounts.ts";
import { holdsNow } from "../../control/holds.ts";
import { quotasNow, usedUpAt } from "../../control/quotas.ts";

/** What is read of an account. */
export type PacedAccount = Pick<ListedAccount, "id" | "label" | "state" | "enabled" | "held" | "quotas">;

export interface PaceNotice {
  readonly account: { readonly id: string; readonly label: string };
  readonly message: string;
}

/** Quotas that are remembered, and so told, at most. */
const MAX_TOLD = 1000;

export class PaceWatch {
  /** Account and quota, and when it is reset: milliseconds since 1970. */
  #told: Map<string, number>;

  /** @param kept as `kept` gave it */
  constructor(kept: Readonly<Record<string, number>>) {
    this.#told = new Map(Object.entries(kept));
  }

  get kept(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#told);
  }

  /** @param now milliseconds since 1970 @returns what is new */
  look(accounts: readonly PacedAccount[], now: number): PaceNotice[] {
    const told = new Map([...this.#told].filter(([, resetAt]) => resetAt > now));
    const fresh: PaceNotice[] = [];
    for (const account of accounts) {
      if (account.state !== "ready") continue;
      const holds = holdsNow(account, now);
      for (const { quota, standing } of quotasNow(account, now)) {
        const at = quota === undefined ? undefined : usedUpAt(quota, holds, now);
        if (quota === undefined || at === undefined || standing.resetAt === undefined) continue;
        const { model, name } = quota;
        const key = `${account.id} ${model ?? ""} ${name}`;
        if (told.has(key) || told.size >= MAX_TOLD) continue;
        told.set(key, standing.resetAt);
        const { id, label } = account;
        const what = model === undefined ? name : `${model}, ${name}`;
        const when = `${new Date(at).toISOString().slice(0, 16)}Z`;
        fresh.push({
          account: { id, label },
          message: `${label}: at this pace, its quota "${what}" is used up at about ${when}`,
        });
      }
    }
    this.#told = told;
    return fresh;
  }
}
