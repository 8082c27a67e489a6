/** Which headers cross the gateway. Everything does that is not ours, the connection's or a secret. */

import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import { USER_AGENT } from "../common/version.ts";
import { KEY_HEADERS } from "../protocols/endpoint.ts";
import type { AccountKey, SentCredential } from "../providers/account.ts";
import type { ProviderEndpoint } from "../providers/provider.ts";

/** RFC 9110 7.6.1, and what undici or we set ourselves. */
const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
];

const NOT_TO_PROVIDER = new Set([
  ...HOP_BY_HOP,
  "host",
  "content-length",
  "content-encoding",
  "expect",
  "accept-encoding",
  "user-agent",
  // Credentials of the client, and what names its own account.
  ...KEY_HEADERS,
  "x-goog-user-project",
  "openai-organization",
  "openai-project",
  "cookie",
  "cookie2",
  // Where the client sits is nobody's business.
  "origin",
  "referer",
  "forwarded",
  "via",
  "x-real-ip",
  "priority",
  // The client's traces are its own: ids in them join what it does elsewhere, and baggage says more.
  "traceparent",
  "tracestate",
  "baggage",
]);

const NOT_TO_CLIENT = new Set([
  ...HOP_BY_HOP,
  "set-cookie",
  "set-cookie2",
  // Credentials, which some servers send back with what they were asked.
  ...KEY_HEADERS,
  "authentication-info",
  "proxy-authentication-info",
  "x-goog-user-project",
  "cookie",
  "alt-svc",
  "strict-transport-security",
  "content-security-policy",
  "report-to",
  "nel",
  "date",
  "x-request-id",
  "request-id",
  // Who may read replies across origins is for our own guard to say.
  "vary",
  "cross-origin-opener-policy",
  "cross-origin-resource-policy",
  "cross-origin-embedder-policy",
  "clear-site-data",
  "refresh",
]);

const PRIVATE_PREFIX = /^(?:x-forwarded-|x-portico-|sec-|proxy-|cf-|access-control-)/;

/**
 * Headers for the provider as a flat list: the client's, less the private ones, plus exactly one
 * credential.
 */
export function providerHeaders(
  client: readonly string[],
  endpoint: Pick<ProviderEndpoint, "keyHeader" | "headers">,
  key: AccountKey | undefined,
): string[] {
  const out: string[] = ["user-agent", USER_AGENT, "accept-encoding", "identity"];
  const sent: SentCredential =
    typeof key === "object" ? key : { headers: {}, ...(key === undefined ? {} : { key }) };
  const seen = new Set(Object.keys(sent.headers));
  // `Connection: x-name` makes `x-name` hop-by-hop as well.
  const named = connectionNames(client);
  for (let i = 0; i + 1 < client.length; i += 2) {
    const name = (client[i] ?? "").toLowerCase();
    if (NOT_TO_PROVIDER.has(name) || PRIVATE_PREFIX.test(name) || named?.has(name)) continue;
    if (Object.hasOwn(sent.headers, name)) continue;
    seen.add(name);
    out.push(name, client[i + 1] ?? "");
  }
  for (const [name, value] of Object.entries(endpoint.headers ?? {})) {
    if (!seen.has(name)) out.push(name, value);
  }
  for (const [name, value] of Object.entries(sent.headers)) out.push(name, value);
  if (sent.key !== undefined) {
    const header = sent.header ?? endpoint.keyHeader;
    out.push(header, header === "authorization" ? `Bearer ${sent.key}` : sent.key);
  }
  return out;
}

function connectionNames(raw: readonly string[]): Set<string> | undefined {
  let names: Set<string> | undefined;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    if (raw[i]?.toLowerCase() !== "connection") continue;
    for (const name of (raw[i + 1] ?? "").split(",")) {
      const lower = name.trim().toLowerCase();
      if (lower === "" || lower === "keep-alive" || lower === "close") continue;
      names ??= new Set();
      names.add(lower);
    }
  }
  return names;
}

/** Headers for the client from the provider's reply. */
export function clientHeaders(provider: IncomingHttpHeaders): OutgoingHttpHeaders {
  const out: OutgoingHttpHeaders = {};
  for (const name of Object.keys(provider)) {
    if (NOT_TO_CLIENT.has(name) || name.startsWith("access-control-")) continue;
    const value = provider[name];
    if (value !== undefined) out[name] = value;
  }
  // The provider's id of the request, for its support; ours is `x-request-id`.
  const id = provider["x-request-id"] ?? provider["request-id"];
  if (typeof id === "string") out["x-portico-upstream-request-id"] = id;
  return out;
}

/** The same for a stream, whose length nobody knows. */
export function streamHeaders(provider: IncomingHttpHeaders): OutgoingHttpHeaders {
  const { "content-length": _length, ...headers } = clientHeaders(provider);
  return { ...headers, "x-accel-buffering": "no" };
}

/** Header values are Latin-1 without control characters (RFC 9110 5.5). */
export function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}

/**
 * A name that people chose, as a header's value: as it is where it is printable ASCII, else percent-encoded UTF-8.
 * A `%` is encoded as well, so that every value reads back.
 */
export function encodedName(name: string): string {
  return /^(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?$/.test(name) && !name.includes("%")
    ? name
    : encodeURIComponent(wellFormed(name));
}

/** Half a surrogate pair cannot be encoded: U+FFFD stands for it. */
export const wellFormed = (text: string): string => Buffer.from(text).toString();
