/** The client keys that Portico knows: which one a request shows, and whether it counts. */
import { BlockList, isIPv6 } from "node:net";
import { hashOf, shownKey } from "../common/clientSecret.ts";
import { type ClientKey, LOCAL_CLIENT, nameOf } from "../settings/clientKeys.ts";
import type { Settings } from "../settings/settings.ts";

interface KeyRefusal {
  readonly ok: false;
  readonly status: 401 | 403;
  readonly message: string;
}

type KeyVerdict = { readonly ok: true; readonly key: ClientKey } | KeyRefusal;

interface Entry {
  readonly key: ClientKey;
  /** Milliseconds since 1970 until which the secret counts, which another has replaced. */
  readonly until?: number;
}

export class KeyRing {
  readonly #secrets = new Map<string, Entry>();
  readonly #revoked: ReadonlySet<string>;
  readonly #addresses = new Map<string, BlockList>();
  /** Whoever calls from this computer without a key, where it has limits. */
  readonly local: ClientKey | undefined;
  readonly #now: () => number;

  /** @returns `undefined` where there is nothing to know: then nobody looks */
  static of({ keys, revokedKeys }: Pick<Settings, "keys" | "revokedKeys">, now: () => number) {
    return keys.length + revokedKeys.length === 0 ? undefined : new KeyRing(keys, revokedKeys, now);
  }

  /** @param now milliseconds since 1970 */
  private constructor(keys: readonly ClientKey[], revoked: readonly string[], now: () => number) {
    this.#now = now;
    this.#revoked = new Set(revoked);
    this.local = keys.find(({ id, enabled }) => id === LOCAL_CLIENT && enabled);
    for (const key of keys) {
      if (key.previous !== undefined) this.#secrets.set(key.previous.key, { key, until: key.previous.until });
      if (key.key !== undefined) this.#secrets.set(key.key, { key });
      if (key.from !== undefined) this.#addresses.set(key.id, listOf(key.from));
    }
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
      const verdict = entry === undefined ? undefined : this.#verdict(entry, peer);
      if (verdict?.ok === true) return verdict;
      refusal ??= verdict ?? (this.#revoked.has(hash) ? REVOKED : undefined);
    }
    return refusal;
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

const REVOKED = refused("This key was revoked.");

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = "", bits] = range.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    list.addSubnet(address, Number(bits ?? (family === "ipv6" ? 128 : 32)), family);
  }
  return list;
}
