/** What the scheduler goes by, read from a call. */
import type { CallFacts } from "../accounts/schedule/scheduler.ts";
import { sessionKey } from "../accounts/schedule/session.ts";
import { wantedAccount } from "./accountHeader.ts";
import type { Call } from "./call.ts";

export function factsOf(call: Call): CallFacts {
  const chats = call.operation === "chat" || call.operation === "completions";
  return {
    protocol: call.protocol,
    model: call.model,
    ...(chats ? { session: sessionKey(call.protocol, call.headers, call.json) } : {}),
    forced: wantedAccount(call) !== undefined,
  };
}
