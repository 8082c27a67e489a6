/** A try with an account's key, and a second one where the provider refuses it and another may fare better. */

import { PorticoError } from "../../common/errors.ts";
import type { Account, AccountKey } from "../../providers/account.ts";
import type { ClientReply } from "../../upstream/relay/clientReply.ts";
import { type AttemptResult, chatFailure, type Failed } from "../../upstream/relay/result.ts";
import { withoutCredential } from "./redactCredential.ts";

/**
 * @param run one try; called a second time only while no byte went out to the client
 * @returns what came of it, without the key
 */
export async function withKey(
  account: Account,
  reply: Pick<ClientReply, "committed" | "signal">,
  run: (key: AccountKey | undefined) => Promise<AttemptResult>,
): Promise<AttemptResult> {
  let key: AccountKey | undefined;
  try {
    key = await account.key();
  } catch (error) {
    return noCredential(error);
  }
  if (key === undefined && account.provider.keyRequired) return noKey(account);
  const result = withoutCredential(await run(key), key);
  if (key === undefined || !isRefusal(result) || reply.committed || reply.signal.aborted) return result;
  let second: AccountKey | undefined;
  try {
    second = await account.keyAfterRefusal?.(key);
  } catch (error) {
    return noCredential(error);
  }
  return second === undefined || reply.committed ? result : withoutCredential(await run(second), second);
}

function isRefusal(result: AttemptResult): boolean {
  return result.kind === "failed" && result.cause.kind === "reply" && result.cause.status === 401;
}

/** A sign-in that ended, or an authorization server that is down, is a failure of this account alone. */
function noCredential(error: unknown): Failed {
  if (!(error instanceof PorticoError)) throw error;
  const { kind, message, code } = error;
  return chatFailure({ kind, message, ...(code === undefined ? {} : { code }) });
}

function noKey(account: Account): Failed {
  const message = `no key is stored for the account "${account.label}"; add it again with its key`;
  return chatFailure({ kind: "authentication", message });
}
