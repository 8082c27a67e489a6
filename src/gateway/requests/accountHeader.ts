/** `x-portico-account`: names an account, by its id or label, on replies and for requests that have to go to it. */

import { firstHeader } from "../accounts/schedule/session.ts";
import type { Account } from "../providers/account.ts";
import { wellFormed } from "../upstream/headers.ts";

/** In requests: the account that this one has to go to. */
const ACCOUNT_HEADER = ["x-portico-account"];

/** What a client wrote there. */
export function wantedAccount({ headers }: { headers: readonly string[] }): string | undefined {
  return firstHeader(headers, ACCOUNT_HEADER);
}

/**
 * The account that is meant: its id counts before any label, and a label may be written as it is, percent-encoded as
 * on replies, or in UTF-8 (which Node.js reads as Latin-1).
 */
export function accountNamed<Named extends Pick<Account, "id" | "label">>(
  accounts: readonly Named[],
  wanted: string,
): Named | undefined {
  const labels = new Set([wanted, Buffer.from(wanted, "latin1").toString("utf8")]);
  try {
    labels.add(decodeURIComponent(wanted));
  } catch {
    // A percent sign that encodes nothing is one.
  }
  return (
    accounts.find(({ id }) => id === wanted) ?? accounts.find(({ label }) => labels.has(wellFormed(label)))
  );
}
