/** A request whose body we wrote ourselves, for a candidate that speaks another protocol than the client. */

import type { Protocol } from "../../control/protocol.ts";
import type { Account, AccountKey } from "../providers/account.ts";
import type { Outgoing } from "./exchange.ts";
import { providerHeaders } from "./headers.ts";

/**
 * @param path as the protocol documents it; a provider's own spelling of it is applied here
 * @param stream whether the reply is asked for as server-sent events
 */
export function postJson(
  { account, protocol }: { readonly account: Account; readonly protocol: Protocol },
  path: string,
  body: unknown,
  key: AccountKey | undefined,
  stream = false,
): Outgoing {
  const endpoint = account.endpoints.get(protocol);
  if (endpoint === undefined) throw new Error(`${account.id} has no ${protocol} endpoint`);
  return {
    url: new URL(endpoint.base + (account.provider.path?.(protocol, path) ?? path)),
    method: "POST",
    headers: [
      ...providerHeaders([], endpoint, key),
      "content-type",
      "application/json",
      "accept",
      stream ? "text/event-stream" : "application/json",
    ],
    body: Buffer.from(JSON.stringify(body)),
    key,
  };
}
