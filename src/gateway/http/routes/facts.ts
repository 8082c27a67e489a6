/** What the scheduler goes by, read from a call. */
import type { CallFacts } from "../../accounts/schedule/scheduler.ts";
import { firstHeader, sessionKey } from "../../accounts/schedule/session.ts";
import type { Call } from "../../upstream/call.ts";

/** Names an account, by its id or label, that this one request has to go to. */
export const ACCOUNT_HEADER = ["x-portico-account"];

/** What a client wrote into the header that names an account. */
export function wantedAccount({ headers }: Call): string | undefined {
  return firstHeader(headers, ACCOUNT_HEADER);
}

export function factsOf(call: Call): CallFacts {
  const chats = call.operation === "chat" || call.operation === "completions";
  return {
    protocol: call.protocol,
    model: call.model,
    ...(chats ? { session: sessionKey(call.protocol, call.headers, call.json) } : {}),
    forced: wantedAccount(call) !== undefined,
  };
}
