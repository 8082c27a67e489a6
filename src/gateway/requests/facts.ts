/** What the scheduler goes by, read from a call. */
import type { CallFacts } from "../accounts/schedule/scheduler.ts";
import { sessionKey } from "../accounts/schedule/session.ts";
import { isChat } from "../protocols/operation.ts";
import type { ResponseStore } from "../protocols/responsesApi.ts";
import { WIRES } from "../protocols/wires.ts";
import { wantedAccount } from "./accountHeader.ts";
import type { Call } from "./call.ts";
import { buildsOnOurs, completed } from "./responseStore.ts";

/**
 * @param client id of the key that was shown: its conversations are its own
 * @throws PorticoError `invalid_request` where the call builds on what is kept in `responses`, and cannot
 */
export function factsOf(call: Call, responses: ResponseStore, client?: string): CallFacts {
  return {
    protocol: call.protocol,
    model: call.model,
    ...(isChat(call.operation) ? { session: sessionOf(call, responses, client) } : {}),
    forced: wantedAccount(call) !== undefined,
  };
}

/** A conversation that is continued by an id began where its first response did. */
function sessionOf(
  { protocol, headers, json }: Call,
  responses: ResponseStore,
  client: string | undefined,
): string | undefined {
  const continued = WIRES[protocol].keepsReplies && buildsOnOurs(json, responses);
  return sessionKey(protocol, headers, continued ? completed(json, responses) : json, client);
}
