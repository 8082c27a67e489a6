/**
 * Removes accounts. A sign-in that was made here for the account alone ends with it, at Google as
 * well: in the background, because a server that does not answer must keep nobody's account.
 */

import type { StoredAccount } from "../accounts/accountsFile.ts";
import { type GoogleOAuth, sharesGrant } from "../accounts/credentials/credential.ts";
import type { Credentials } from "../accounts/credentials/credentials.ts";
import { messageOf } from "../common/errors.ts";
import { foreignText } from "../common/log.ts";
import { type Log, systemClock } from "../common/ports.ts";
import { sleep } from "../common/sleep.ts";
import type { AccountStore } from "./accountStore.ts";

export interface RemovalDeps {
  readonly accountStore: Pick<AccountStore, "remove">;
  readonly credentials: Pick<Credentials, "tokens" | "grants">;
  readonly stored: () => readonly StoredAccount[];
  readonly log: Log;
}

export function createRemoval({ accountStore, credentials, stored, log }: RemovalDeps) {
  const { tokens, grants } = credentials;
  const ending = new Set<Promise<void>>();

  /** What is to be ended with the account; nothing where another account would lose its sign-in too. */
  async function ownGrant(id: string): Promise<GoogleOAuth | undefined> {
    // One that cannot be read can be removed all the same.
    const own = await tokens.stored(id).catch(() => undefined);
    if (own?.kind !== "googleOAuth" || own.signedInHere !== true) return undefined;
    for (const account of stored()) {
      if (account.id === id) continue;
      // Nor can be said then whose sign-in it is.
      const other = await tokens.stored(account.id).catch(() => own);
      if (other?.kind === "googleOAuth" && sharesGrant(own, other)) return undefined;
    }
    return own;
  }

  async function end(id: string, grant: GoogleOAuth, proxy: string | undefined): Promise<void> {
    try {
      await grants.revoke(grant, proxy);
      log.info("the sign-in with Google was ended", { account: id });
    } catch (error) {
      const why = messageOf(error);
      log.warn(
        `the sign-in with Google could not be ended there (${foreignText(why)}); see myaccount.google.com/connections`,
        { account: id },
      );
    }
  }

  return {
    /** @returns false where there was no such account */
    async remove(id: string): Promise<boolean> {
      const proxy = stored().find((account) => account.id === id)?.proxy;
      const grant = await ownGrant(id);
      const removed = await accountStore.remove(id);
      if (removed && grant !== undefined) {
        const one = end(id, grant, proxy).finally(() => ending.delete(one));
        ending.add(one);
      }
      return removed;
    },
    /** Waits for sign-ins that are being ended. */
    async settled(withinMs: number): Promise<void> {
      const done = new AbortController();
      const all = Promise.all(ending).finally(() => done.abort());
      await Promise.race([all, sleep(withinMs, systemClock, done.signal)]);
    },
  };
}
