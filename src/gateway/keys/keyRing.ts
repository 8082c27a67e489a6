/** The client keys that Portico knows: which one a request shows, and whether it counts. */
import { BlockList, isIPv6 } from "node:net";
import { hashOf, shownKey } from "../common/clientSecret.ts";
import { PorticoError } from "../common/errors.ts";
import { type ClientKey, LOCAL_CLIENT, nameOf } from "../settings/clientKeys.ts";
import type { Settings } from "../settings/settings.ts";

interface KeyRefusal {
  readonly ok: false;
  readonly status: 401 | 403;
  readonly message: string;
}

export type KeyVerdict = { readonly ok: true; readonly key: ClientKey } | KeyRefusal;

interface Entry {
  readonly key: ClientKey;
  /** Milliseconds since 1970 until which the secret counts, which another has replaced. */
  readonly until?: number;
}

export class KeyRing {
  readonly #secrets = new Map<string, Entry>();
  readonly #keys = new Map<string, ClientKey>();
  readonly #revoked: ReadonlySet<string>;
  readonly #addresses = new Map<string, BlockList>();
  readonly #now: () => number;

  /** @returns `undefined` where there is nothing to know: then nobody looks */
  static of({ keys, revokedKeys }: Pick<Settings, "keys" | "revokedKeys">, now: () => number) {
    return keys.length + revokedKeys.length === 0 ? undefined : new KeyRing(keys, revokedKeys, now);
  }

  /** @param now milliseconds since 1970 */
  private constructor(keys: readonly ClientKey[], revoked: readonly string[], now: () => number) {
    this.#now = now;
    this.#revoked = new Set(revoked);
    for (const key of keys) {
      this.#keys.set(key.id, key);
      if (key.previous !== undefined) this.#secrets.set(key.previous.key, { key, until: key.previous.until });
      if (key.key !== undefined) this.#secrets.set(key.key, { key });
      if (key.from !== undefined) this.#addresses.set(key.id, listOf(key.from));
    }
  }

  /** Whoever calls from this computer without a key, where it has limits. */
  get local(): ClientKey | undefined {
    const key = this.#keys.get(LOCAL_CLIENT);
    return key?.enabled === true ? key : undefined;
  }

  /**
   * The first that counts of what a client shows; else why one that is known does not.
   * A digest tells nothing of the key, so that the time of its look-up tells nothing either.
   * @param peer the socket's own address, as `socketAddress` spells it
   * @returns `undefined`: Portico knows none of them
   */
  find(presented: readonly string[], peer: string | undefined): KeyVerdict | undefined {
    let refusal: KeyVerdict | undefined;
    for (const secret of presented) {
      const hash = hashOf(secret);
      const entry = this.#secrets.get(hash);
      const verdict = entry === undefined ? this.#unknown(hash) : this.#verdict(entry, peer);
      if (verdict?.ok === true) return verdict;
      refusal ??= verdict;
    }
    return refusal;
  }

  /** A key as it stands now, for connections that outlive a change. */
  current(id: string, peer: string | undefined): KeyVerdict {
    const key = this.#keys.get(id);
    if (key === undefined) return REVOKED;
    return this.#verdict({ key }, peer);
  }

  #unknown(hash: string): KeyVerdict | undefined {
    return this.#revoked.has(hash) ? REVOKED : undefined;
  }

  #verdict({ key, until }: Entry, peer: string | undefined): KeyVerdict {
    const whose = `The key ${shownKey(until === undefined ? key.end : "")} ("${nameOf(key)}")`;
    if (!key.enabled) return refused(`${whose} is switched off.`);
    if (until !== undefined && until <= this.#now()) return refused(`${whose} was replaced by another.`);
    if (key.expiresAt !== undefined && key.expiresAt <= this.#now()) {
      return refused(`${whose} expired at ${new Date(key.expiresAt).toISOString()}.`);
    }
    const list = this.#addresses.get(key.id);
    if (list === undefined) return { ok: true, key };
    if (peer !== undefined && list.check(peer, isIPv6(peer) ? "ipv6" : "ipv4")) return { ok: true, key };
    const message = `${whose} may not be used from ${peer ?? "an unknown address"}.`;
    return { ok: false, status: 403, message };
  }
}

const refused = (why: string): KeyRefusal => ({
  ok: false,
  status: 401,
  message: `${why} Ask whoever runs this Portico for another.`,
});

export const REVOKED = refused("This key was revoked.");

export function keyRefused({ status, message }: KeyRefusal): PorticoError {
  return new PorticoError(status === 401 ? "authentication" : "permission", message, { retryable: false });
}

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = "", bits] = range.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    list.addSubnet(address, Number(bits ?? (family === "ipv6" ? 128 : 32)), family);
  }
  return list;
}
