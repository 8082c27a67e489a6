/** The builder of every request to a provider: the client's own on its way, a translated one, one of ours. */

import type { Protocol } from "../../control/protocol.ts";
import { PorticoError } from "../common/errors.ts";
import { setLatest } from "../common/latest.ts";
import type { Account, AccountKey } from "../providers/account.ts";
import type { Outgoing } from "./exchange.ts";
import { providerHeaders } from "./headers.ts";

interface Addressed {
  /** Behind the endpoint's base, as the protocol documents it; a provider's own spelling of it is applied here. */
  readonly path: string;
}

/** A client's request in its own protocol: its headers and bytes go on. */
export interface ClientRequest extends Addressed {
  readonly method: Outgoing["method"];
  /** `?beta=true` or `""`. */
  readonly search: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: Buffer | null;
}

/** A request that we wrote: `POST` where it has JSON, else `GET`. */
export interface OwnRequest extends Addressed {
  readonly json?: unknown;
  /** The reply is asked for as server-sent events. */
  readonly stream?: boolean;
  /** What the JSON needs beside it. */
  readonly needs?: Readonly<Record<string, string>> | undefined;
}

/** Requests go to the same few places. */
const urls = new Map<string, URL>();
export const KEPT_URLS = 200;
/** Of one response, conversation or file: such places are asked a few times, and there is no end of them. */
const HAS_ID = /[-_][A-Za-z0-9]{12}/;

/** Not to be changed. @param rest behind the endpoint's base */
function urlOf(base: string, rest: string): URL {
  const text = base + rest;
  let url = urls.get(text);
  if (url === undefined) {
    url = new URL(text);
    if (!HAS_ID.test(rest)) setLatest(urls, text, url, KEPT_URLS);
  }
  return url;
}

/** @throws PorticoError `unsupported` where the account has no endpoint of this protocol */
export function providerRequest(
  { account, protocol }: { readonly account: Account; readonly protocol: Protocol },
  request: ClientRequest | OwnRequest,
  key: AccountKey | undefined,
): Outgoing {
  const { label, provider, endpoints } = account;
  const endpoint = endpoints.get(protocol);
  if (endpoint === undefined) throw new PorticoError("unsupported", `${label} has no ${protocol} endpoint.`);
  const { base } = endpoint;
  const path = provider.path?.(request.path) ?? request.path;
  if ("headers" in request) {
    const { method, search, headers, body } = request;
    return {
      url: urlOf(base, path + search),
      method,
      headers: providerHeaders(headers, endpoint, key),
      body,
      key,
    };
  }
  const { json, stream = false, needs = {} } = request;
  const headers = providerHeaders([], endpoint, key);
  headers.push("accept", stream ? "text/event-stream" : "application/json", ...Object.entries(needs).flat());
  if (json === undefined) return { url: urlOf(base, path), method: "GET", headers, body: null, key };
  headers.push("content-type", "application/json");
  return { url: urlOf(base, path), method: "POST", headers, body: Buffer.from(JSON.stringify(json)), key };
}
