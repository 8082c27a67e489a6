/** The gateway's own key: where clients put it, and a comparison whose time tells nothing. */

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { PROTOCOLS } from "../../../control/protocol.ts";
import { WIRES } from "../../protocols/wires.ts";

/** Drawn once per process, so that nobody outside can prepare digests. */
const digestKey = randomBytes(32);

const digest = (text: string): Buffer => createHmac("sha256", digestKey).update(text).digest();

/** Where clients show a key, beside the bearer token and the query. */
const KEY_HEADERS = [...new Set(PROTOCOLS.map((protocol) => WIRES[protocol].endpoint.keyHeader))].filter(
  (name) => name !== "authorization",
);

/** Every key the client shows, in whichever place; empty ones are none. */
export function presentedKeys(headers: IncomingHttpHeaders, queryKey: string | undefined): string[] {
  const bearer = /^bearer +(\S+)$/i.exec(headers.authorization ?? "")?.[1];
  return [bearer, ...KEY_HEADERS.map((name) => headers[name]), queryKey]
    .flat()
    .filter((key): key is string => key !== undefined && key !== "");
}

/** Is one of them the key? In time that depends on neither the keys' contents nor which one fits. */
export function hasKey(presented: readonly string[], apiKey: string | undefined): boolean {
  if (apiKey === undefined || apiKey === "") return false;
  const wanted = digest(apiKey);
  let found = false;
  for (const key of presented) {
    if (timingSafeEqual(digest(key), wanted)) found = true;
  }
  return found;
}
