/** A try with an account's key, and a second one where the provider refuses it and another may fare better. */

import { PorticoError } from "../../common/errors.ts";
import type { Account, AccountKey } from "../../providers/account.ts";
import type { ClientReply } from "../../upstream/relay/clientReply.ts";
import { type AttemptResult, chatFailure, type Failed } from "../../upstream/relay/result.ts";

/** @param run one try; called a second time only while no byte went out to the client */
export async function withKey(
  account: Account,
  reply: Pick<ClientReply, "committed" | "signal">,
  run: (key: AccountKey | undefined) => Promise<AttemptResult>,
): Promise<AttemptResult> {
  const first = await keyOr(() => account.key());
  if ("cause" in first) return first;
  const { key } = first;
  if (key === undefined && account.provider.keyRequired) return noKey(account);
  const result = await run(key);
  if (key === undefined || !isRefusal(result) || reply.committed || reply.signal.aborted) return result;
  const second = await keyOr(async () => account.keyAfterRefusal?.(key));
  if ("cause" in second) return second;
  return second.key === undefined || reply.committed ? result : await run(second.key);
}

function isRefusal(result: AttemptResult): boolean {
  return result.kind === "failed" && result.cause.kind === "reply" && result.cause.status === 401;
}

/** A sign-in that ended, or an authorization server that is down, is a failure of this account alone. */
async function keyOr(
  get: () => Promise<AccountKey | undefined>,
): Promise<{ key: AccountKey | undefined } | Failed> {
  try {
    return { key: await get() };
  } catch (error) {
    if (!(error instanceof PorticoError)) throw error;
    const { kind, message, code } = error;
    return chatFailure({ kind, message, ...(code === undefined ? {} : { code }) });
  }
}

function noKey(account: Account): Failed {
  const message = `no key is stored for the account "${account.label}"; add it again with its key`;
  return chatFailure({ kind: "authentication", message });
}
