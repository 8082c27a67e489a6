/**
 * Accounts of which one gateway alone can have the sign-in, as each renewal replaces its refresh token: each gateway tells which
 * it has, by names that say nothing, and hears who else has them.
 */
import type { Engine } from "./engine.ts";
import { PRESENT_MS } from "./presence.ts";
import { HELLO } from "./scripts.ts";

const MOST_GATEWAYS = 1000;
/** Accounts of one gateway, told and heard of. */
const MOST_OWNED = 200;
/** Marks an account whose sign-in was made at that gateway and nowhere else: another's is another. */
const OWN = "+";

/** How a gateway came to an account: by a sign-in of its own, or by one that may be elsewhere as well. */
export type Owning = "own" | "copied";

export interface Owned {
  /** As `PoolPort.nameOf` has it. */
  readonly account: string;
  readonly owning: Owning;
  /** It is known here that its refresh token is replaced. */
  readonly rotates: boolean;
}

export interface OwnersOptions {
  readonly engine: Pick<Engine, "run">;
  readonly key: string;
  /** This gateway's. */
  readonly id: string;
}

export class Owners {
  readonly #options: OwnersOptions;
  #owned: readonly Owned[] = [];
  /** By account: by gateway's id. */
  #elsewhere = new Map<string, Map<string, Owning>>();
  #told = false;

  constructor(options: OwnersOptions) {
    this.#options = options;
  }

  owns(owned: readonly Owned[]): void {
    this.#owned = owned;
  }

  /** @returns ids of gateways that have the same sign-in of an account of this one */
  othersWith(account: string): readonly string[] {
    const owned = this.#owned.find((each) => each.account === account);
    if (owned === undefined) return [];
    return [...(this.#elsewhere.get(account) ?? [])].flatMap(([id, owning]) =>
      owned.owning === "own" && owning === "own" ? [] : [id],
    );
  }

  /** @returns whether others have other accounts than before @throws EngineAway */
  async tell(): Promise<boolean> {
    const { id: own } = this.#options;
    // Of what others know to be such an account, this gateway says so as well.
    const told = this.#owned
      .filter(({ account, rotates }) => rotates || this.#elsewhere.has(account))
      .slice(0, MOST_OWNED)
      .map(({ account, owning }) => (owning === "own" ? `${account}${OWN}` : account));
    if (told.length === 0 && this.#told) await this.leave();
    this.#told = told.length > 0;
    const [, ...words] = await this.#run(PRESENT_MS, told.join(" "), this.#told);
    const found = new Map<string, Map<string, Owning>>();
    for (const word of words) {
      const [id = "", , ...accounts] = word.split(" ");
      if (id === own) continue;
      for (const each of accounts.slice(0, MOST_OWNED)) {
        const owning = each.endsWith(OWN) ? "own" : "copied";
        const account = owning === "own" ? each.slice(0, -OWN.length) : each;
        found.set(account, (found.get(account) ?? new Map<string, Owning>()).set(id, owning));
      }
    }
    const before = this.#shared();
    this.#elsewhere = found;
    return this.#shared() !== before;
  }

  /** It goes. @throws EngineAway */
  async leave(): Promise<void> {
    this.#told = false;
    await this.#run(0, "", false);
  }

  #shared(): string {
    return this.#owned.map(({ account }) => `${account} ${this.othersWith(account).toSorted()}`).join("\n");
  }

  async #run(lastsMs: number, told: string, says: boolean): Promise<string[]> {
    const { engine, key, id } = this.#options;
    const answer = await engine.run(HELLO, key, id, told, lastsMs, MOST_GATEWAYS, says ? 1 : 0, "", "");
    return (answer as readonly unknown[]).map(String);
  }
}
