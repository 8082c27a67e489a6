/**
 * What accounts of this gateway have in common with those of others in its pool: the same provider, address and credential,
 * whatever they are called here. What runs on this computer is not shared, and neither is an account without a credential.
 */
import { ACCOUNT_CONDITIONS } from "../../control/accounts.ts";
import { messageOf } from "../common/errors.ts";
import { setLatest } from "../common/latest.ts";
import type { Log } from "../common/ports.ts";
import type { Owned } from "../pool/owners.ts";
import type { PoolPort, SharedHold } from "../pool/port.ts";
import type { Account } from "../providers/account.ts";
import { isLocalServer } from "../upstream/localServer.ts";
import { type AccountHealth, foundAt, type HealthChange, type Held, isShared, MAX_HELD } from "./health.ts";
import type { QuotaStore } from "./quotas/store.ts";

export interface SharingOptions {
  readonly pool: PoolPort;
  readonly health: AccountHealth;
  readonly quotas: QuotaStore;
  readonly log: Pick<Log, "debug">;
  /** What tells a credential from others and stays when its token is renewed; `undefined`: there is none. */
  readonly identity: (account: Account) => Promise<string | undefined>;
  /** How this gateway has the account's sign-in; `undefined`: it has none, or one that is good for many. */
  readonly signIn?: ((account: Account) => Promise<Omit<Owned, "account"> | undefined>) | undefined;
}

export class Sharing {
  readonly #options: SharingOptions;
  /** By the account's id here. */
  #names = new Map<string, string>();
  /** Ids here, by the name in the pool. */
  #ids = new Map<string, string[]>();
  /** Of what this gateway has found out: the finding's id. */
  readonly #findings = new WeakMap<Held, string>();
  /** What others have found out, by the finding's id. */
  readonly #learned = new Map<string, Held[]>();
  #accounts: readonly Account[] = [];
  #turn = 0;

  constructor(options: SharingOptions) {
    this.#options = options;
    const { pool, health, quotas } = options;
    if (pool.standing === undefined) return;
    health.onChange = (change) => this.#tell(change);
    quotas.onRead = (quota) => {
      const account = this.#names.get(quota.account);
      if (account !== undefined) pool.quota({ ...quota, account });
    };
    pool.listen({
      hold: (hold, id) => this.#learn(hold, id),
      cleared: ({ account, model, before }) => {
        for (const id of this.#idsOf(account)) health.learnCleared(id, model, before);
      },
      undone: (id) => {
        for (const held of this.#learned.get(id) ?? []) health.unlearn(held);
        this.#learned.delete(id);
      },
      quota: (quota) => {
        for (const account of this.#idsOf(quota.account)) quotas.learn({ ...quota, account });
      },
      holds: () =>
        health
          .snapshot()
          .filter(isShared)
          .flatMap((held) => this.#shared(held) ?? []),
    });
  }

  /** The name that the pool has for an account; `undefined`: it is this gateway's alone, or not known yet. */
  nameOf(account: string): string | undefined {
    return this.#names.get(account);
  }

  /** Resolves when it is known which of them are others' as well. Never rejects. */
  async configure(accounts: readonly Account[]): Promise<void> {
    this.#accounts = accounts;
    const { pool, log } = this.#options;
    if (pool.standing === undefined) return;
    const turn = ++this.#turn;
    const named = await Promise.all(
      accounts.map(async (account) => {
        try {
          const name = await this.#nameFor(account);
          const signIn = name === undefined ? undefined : await this.#options.signIn?.(account);
          return [account.id, name, signIn] as const;
        } catch (error) {
          log.debug(`an account is not shared now: ${messageOf(error)}`, { account: account.id });
          return [account.id, undefined, undefined] as const;
        }
      }),
    );
    if (turn !== this.#turn) return;
    this.#names = new Map();
    this.#ids = new Map();
    for (const [id, name] of named) {
      if (name === undefined) continue;
      this.#names.set(id, name);
      this.#ids.set(name, [...(this.#ids.get(name) ?? []), id]);
    }
    pool.owns(
      named.flatMap(([, account, signIn]) =>
        account === undefined || signIn === undefined ? [] : [{ account, ...signIn }],
      ),
    );
    pool.readAgain();
  }

  /** Names of other gateways that have the sign-in of an account, which one alone can have. */
  othersWith(account: string): readonly string[] {
    const name = this.#names.get(account);
    return name === undefined ? [] : this.#options.pool.othersWith(name);
  }

  /**
   * A person has mended an account, or it was seen to work: others may try as well. Never rejects.
   * @param held what has held it back until now
   */
  async mended(account: string, held: readonly Held[], now: number): Promise<void> {
    if (this.#options.pool.standing === undefined) return;
    // It may have another credential.
    await this.configure(this.#accounts);
    const name = this.#names.get(account);
    if (name === undefined) return;
    for (const { model } of held.filter(isShared)) {
      this.#options.pool.clear({ account: name, model, before: now });
    }
  }

  async #nameFor(account: Account): Promise<string | undefined> {
    const { provider, endpoints } = account;
    if (provider.id === "sandbox" || isLocalServer(account)) return undefined;
    const identity = await this.#options.identity(account);
    if (identity === undefined) return undefined;
    const bases = [...endpoints.values()].map(({ base }) => base).toSorted();
    return this.#options.pool.nameOf("account", provider.id, ...new Set(bases), identity);
  }

  /** What the account of a name in the pool is called here. */
  idOf(name: string): string | undefined {
    return this.#ids.get(name)?.[0];
  }

  #idsOf(name: string): readonly string[] {
    return this.#ids.get(name) ?? [];
  }

  #shared(held: Held): SharedHold | undefined {
    const account = this.#names.get(held.account);
    return account === undefined ? undefined : { ...held, account, at: foundAt(held) };
  }

  #tell(change: HealthChange): void {
    const { pool } = this.#options;
    if (change.kind === "cleared") {
      const { model, before } = change;
      const account = this.#names.get(change.account);
      if (account !== undefined) pool.clear({ account, model, before });
      return;
    }
    const { held, kind } = change;
    const shared = isShared(held) ? this.#shared(held) : undefined;
    if (shared === undefined) return;
    if (kind === "held") {
      this.#findings.set(held, pool.hold(shared));
      return;
    }
    const id = this.#findings.get(held);
    if (id !== undefined) pool.undo(id, shared);
  }

  #learn(hold: SharedHold, id: string): void {
    const condition = ACCOUNT_CONDITIONS.find((each) => each === hold.condition);
    if (condition === undefined || !isShared(hold)) return;
    // A provider's own words are not told: they may quote what was sent.
    const reason = `another gateway of the pool was refused (${hold.because})`;
    const learned = this.#idsOf(hold.account).flatMap(
      (account) => this.#options.health.learn({ ...hold, account, condition, reason }) ?? [],
    );
    if (learned.length > 0) setLatest(this.#learned, id, learned, MAX_HELD);
  }
}
