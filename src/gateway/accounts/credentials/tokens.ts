/**
 * Access tokens of accounts: renewed ahead of their end and when a provider refuses one, once at a
 * time for each account in this process and across processes, and stored before anyone uses them.
 */

import { createHash } from "node:crypto";
import type { Problem } from "../../../control/contract.ts";
import { messageOf, PorticoError } from "../../common/errors.ts";
import { foreignText } from "../../common/log.ts";
import type { Clock, Lock, Log } from "../../common/ports.ts";
import type { AccountKey } from "../../providers/account.ts";
import { type Credential, grantIn, type TokenCredential } from "./credential.ts";
import { GrantRefused, type Grants, withTokens } from "./grants.ts";
import { refusedMessage } from "./refused.ts";
import type { CredentialStore } from "./store.ts";

/** Locks that all accounts share, by a hash of their ids. */
const LOCKS = 32;
/** Milliseconds until a refused refresh token is tried again. */
const REFUSED_MS = 60_000;
/** Milliseconds after which a refused token may be one that ended: before, a new one would fare no better. */
const YOUNG_MS = 30_000;

export interface TokensDeps {
  readonly store: CredentialStore;
  readonly lock: Lock;
  readonly grants: Pick<Grants, "renew">;
  readonly clock: Pick<Clock, "now" | "monotonic">;
  readonly log: Log;
}

interface Named {
  readonly id: string;
  readonly label: string;
  /** Of its own; `""`: direct. */
  readonly proxy?: string | undefined;
}

interface Refusal {
  /** Hash of what was refused. */
  readonly grant: string;
  /** By the monotonic clock. */
  readonly until: number;
  readonly message: string;
}

export class AccountTokens {
  readonly #deps: TokensDeps;
  /** Kinds that are renewed; plain keys are the store's to keep in memory. */
  readonly #known = new Map<string, TokenCredential>();
  readonly #renewing = new Map<string, Promise<TokenCredential>>();
  /** Renewed here, but the store would not take it; the only copy. With what it came from. */
  readonly #unsaved = new Map<string, { from: string; renewed: TokenCredential }>();
  readonly #refused = new Map<string, Refusal>();
  /** When the token at hand was fetched here, by the monotonic clock. */
  readonly #renewedAt = new Map<string, number>();
  readonly #listeners = new Set<() => void>();
  readonly #rotationListeners = new Set<() => void>();
  #left = false;

  constructor(deps: TokensDeps) {
    this.#deps = deps;
  }

  /**
   * What goes out with a request; `undefined` where nothing is stored.
   * @throws PorticoError `authentication` when a person has to sign in again, `unavailable`,
   *   `timeout` or `upstream` when no token could be had now
   */
  async keyFor(account: Named): Promise<AccountKey | undefined> {
    const known = this.#known.get(account.id) ?? (await this.#load(account.id));
    if (known === undefined) return undefined;
    if (known.kind === "apiKey") return sent(known);
    if (this.#usable(known, undefined)) return sent(known);
    if (this.#left && known.accessToken !== undefined && this.#deps.clock.now() < (known.expiresAt ?? 0)) {
      return sent(known);
    }
    return sent(await this.#renewed(account, undefined));
  }

  /**
   * Another key after a provider refused this one; `undefined` where there is none that could fare better.
   * @throws PorticoError as `keyFor`
   */
  async keyAfterRefusal(account: Named, refused: AccountKey): Promise<AccountKey | undefined> {
    const token = typeof refused === "string" ? undefined : refused.key;
    if (token === undefined || this.#left) return undefined;
    const known = this.#known.get(account.id) ?? (await this.#load(account.id));
    if (known === undefined || known.kind === "apiKey") return undefined;
    if (this.#usable(known, token)) return sent(known);
    const renewedAt = this.#renewedAt.get(account.id);
    const young = renewedAt !== undefined && this.#deps.clock.monotonic() - renewedAt < YOUNG_MS;
    if (young && known.accessToken === token) return undefined;
    const renewed = await this.#renewed(account, token);
    return renewed.accessToken === token ? undefined : sent(renewed);
  }

  /** A credential of a person's own doing, in place of whatever there was. */
  async replace(id: string, credential: Credential): Promise<void> {
    await this.#hold(id, () => this.#deps.store.save(id, credential));
    this.forget(id);
  }

  /** Another computer has it too from now on: it is no longer for this one to end. */
  async share(id: string): Promise<void> {
    await this.#hold(id, async () => {
      const credential = await this.#deps.store.load(id, { fresh: true });
      if (credential?.kind !== "googleOAuth" || credential.signedInHere === undefined) return;
      const { signedInHere: _here, ...shared } = credential;
      await this.#deps.store.save(id, shared);
    });
  }

  async remove(id: string): Promise<void> {
    await this.#hold(id, () => this.#deps.store.remove(id));
    this.forget(id);
  }

  /** As it is stored, with the newest tokens. */
  stored(id: string): Promise<Credential | undefined> {
    return this.#deps.store.load(id);
  }

  forget(id: string): void {
    this.#known.delete(id);
    this.#unsaved.delete(id);
    this.#renewedAt.delete(id);
    if (this.#refused.delete(id)) this.#tell();
  }

  /** Sign-ins that their provider ended. */
  problems(): Problem[] {
    return [...this.#refused].map(([account, { message }]) => ({
      severity: "error",
      account,
      message,
      cause: "credential",
    }));
  }

  /** Hears when `problems` changes. @returns a function that ends the subscription */
  onProblems(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Hears when it turns out that an account's refresh token is replaced by renewals. @returns a function that ends the subscription */
  onRotation(listener: () => void): () => void {
    this.#rotationListeners.add(listener);
    return () => this.#rotationListeners.delete(listener);
  }

  /** From here on another process renews: what is at hand has to do. */
  leave(): void {
    this.#left = true;
  }

  /** Resolves when no renewal is under way. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#renewing.values());
  }

  async #load(id: string): Promise<Credential | undefined> {
    const credential = await this.#deps.store.load(id);
    if (credential !== undefined && credential.kind !== "apiKey") this.#known.set(id, credential);
    return credential;
  }

  /** @param refused a token that is no good, whatever its dates say */
  #usable(credential: TokenCredential, refused: string | undefined): boolean {
    const { accessToken, expiresAt = 0, renewAt = expiresAt } = credential;
    return accessToken !== undefined && accessToken !== refused && this.#deps.clock.now() < renewAt;
  }

  async #renewed(account: Named, refused: string | undefined): Promise<TokenCredential> {
    const joined = await (this.#renewing.get(account.id) ?? this.#start(account, refused));
    // Whoever was joined may have settled for the very token that was refused here.
    if (refused === undefined || joined.accessToken !== refused) return joined;
    return this.#renewing.get(account.id) ?? this.#start(account, refused);
  }

  #start(account: Named, refused: string | undefined): Promise<TokenCredential> {
    if (this.#left) {
      const message = `The sign-in of "${account.label}" has to be renewed, and this Portico is ending. Try again.`;
      return Promise.reject(new PorticoError("unavailable", message));
    }
    const { id } = account;
    const running = this.#hold(id, () => this.#renew(account, refused)).finally(() =>
      this.#renewing.delete(id),
    );
    this.#renewing.set(id, running);
    return running;
  }

  /** Under the lock: what is stored is read again, for another process may have been here. */
  async #renew(account: Named, refused: string | undefined): Promise<TokenCredential> {
    const { id, label } = account;
    const { store, grants, clock, log } = this.#deps;
    const found = await store.load(id, { fresh: true });
    if (found === undefined || found.kind === "apiKey") {
      this.forget(id);
      throw new PorticoError("authentication", `The account "${label}" was changed. Try again.`);
    }
    const stored = await this.#settle(id, found);
    if (this.#usable(stored, refused)) return this.#take(id, stored);
    const grant = grantOf(stored);
    const refusal = this.#refused.get(id);
    if (refusal !== undefined && refusal.grant === grant && clock.monotonic() < refusal.until) {
      throw new PorticoError("authentication", refusal.message, { code: "invalid_grant" });
    }
    let renewed: TokenCredential;
    try {
      renewed = withTokens(stored, await grants.renew(stored, account.proxy));
    } catch (error) {
      if (error instanceof GrantRefused && error.final) throw this.#refuse(account, stored, error);
      const why = messageOf(error);
      const { accessToken, expiresAt = 0 } = stored;
      if (accessToken !== undefined && accessToken !== refused && clock.now() < expiresAt) {
        log.warn(`the access token could not be renewed yet: ${foreignText(why)}`, { account: id });
        return this.#take(id, stored);
      }
      if (error instanceof PorticoError) throw error;
      throw new PorticoError("unavailable", `The sign-in of "${label}" could not be renewed: ${why}`);
    }
    await this.#keep(id, grant, renewed);
    this.#renewedAt.set(id, clock.monotonic());
    log.info("access token renewed", { account: id });
    if (rotates(renewed) && !rotates(stored)) for (const listener of this.#rotationListeners) listener();
    return this.#take(id, renewed);
  }

  /** What could not be stored before goes first: its refresh token may be the only one that works. */
  async #settle(id: string, stored: TokenCredential): Promise<TokenCredential> {
    const unsaved = this.#unsaved.get(id);
    if (unsaved === undefined) return stored;
    this.#unsaved.delete(id);
    if (unsaved.from !== grantOf(stored)) return stored;
    await this.#keep(id, unsaved.from, unsaved.renewed);
    return unsaved.renewed;
  }

  async #keep(id: string, from: string, renewed: TokenCredential): Promise<void> {
    try {
      await this.#deps.store.save(id, renewed);
    } catch (error) {
      this.#unsaved.set(id, { from, renewed });
      throw error;
    }
  }

  #take(id: string, credential: TokenCredential): TokenCredential {
    this.#known.set(id, credential);
    if (this.#refused.delete(id)) this.#tell();
    return credential;
  }

  #refuse({ id, label }: Named, stored: TokenCredential, error: GrantRefused): PorticoError {
    const message = refusedMessage(label, stored, error);
    const until = this.#deps.clock.monotonic() + REFUSED_MS;
    const before = this.#refused.get(id)?.message;
    this.#refused.set(id, { grant: grantOf(stored), until, message });
    this.#known.delete(id);
    if (before !== message) {
      this.#deps.log.error(`the sign-in is over: ${foreignText(message)}`, { account: id });
      this.#tell();
    }
    return new PorticoError("authentication", message, { code: error.code });
  }

  #hold<T>(id: string, job: () => Promise<T>): Promise<T> {
    const bucket = createHash("sha256").update(id).digest().readUInt32BE() % LOCKS;
    return this.#deps.lock.hold(`account-${bucket}`, job);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

const rotates = (credential: TokenCredential): boolean =>
  credential.kind === "googleOAuth" && credential.rotates === true;

/** Exactly one credential: an access token goes as `Authorization`, whatever the endpoint has for keys. */
export function sent(credential: Credential): AccountKey {
  if (credential.kind === "apiKey") {
    const { apiKey, headers } = credential;
    if (headers === undefined && apiKey !== undefined) return apiKey;
    return { ...(apiKey === undefined ? {} : { key: apiKey }), headers: headers ?? {} };
  }
  const { accessToken = "", quotaProject } = credential;
  return {
    key: accessToken,
    header: "authorization",
    headers: quotaProject === undefined ? {} : { "x-goog-user-project": quotaProject },
  };
}

function grantOf(credential: TokenCredential): string {
  return createHash("sha256").update(grantIn(credential)).digest("base64");
}
