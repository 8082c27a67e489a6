/** CORS, for origins that the guard found on the list and for no other; never `*`, never cookies. */
import type { IncomingHttpHeaders } from "node:http";

/** Seconds a browser may keep a preflight's answer; short, so that a change of settings is felt. */
const PREFLIGHT_SECONDS = 600;
const METHODS = "GET, HEAD, POST, DELETE, OPTIONS";
const MAX_ASKED_LENGTH = 8192;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

const EXPOSED: readonly string[] = [
  "x-request-id",
  "request-id",
  "retry-after",
  "retry-after-ms",
  "x-should-retry",
  "openai-processing-ms",
  "openai-version",
];
const EXPOSED_PREFIXES = ["x-portico-", "x-ratelimit-", "anthropic-ratelimit-"];

/**
 * Headers for a reply to a listed origin.
 * @param replyHeaders names the reply already has: CORS knows no prefixes, so those a page may
 * read are listed one by one.
 */
export function corsHeaders(origin: string, replyHeaders: Iterable<string> = []): Record<string, string> {
  const exposed = new Set(EXPOSED);
  for (const name of replyHeaders) {
    const lower = name.toLowerCase();
    if (EXPOSED_PREFIXES.some((prefix) => lower.startsWith(prefix))) exposed.add(lower);
  }
  return {
    "access-control-allow-origin": origin,
    "access-control-expose-headers": [...exposed].join(", "),
    vary: "Origin",
  };
}

/** The whole answer to a preflight of a listed origin; it has no body. */
export function preflightReply(
  origin: string,
  request: IncomingHttpHeaders,
): { status: 204; headers: Record<string, string> } {
  const asked = askedHeaders(request["access-control-request-headers"]);
  return {
    status: 204,
    headers: {
      "access-control-allow-origin": origin,
      "access-control-allow-methods": METHODS,
      ...(asked === "" ? {} : { "access-control-allow-headers": asked }),
      "access-control-max-age": String(PREFLIGHT_SECONDS),
      // A public page that may reach into this computer: https://wicg.github.io/private-network-access/
      ...(request["access-control-request-private-network"] === "true"
        ? { "access-control-allow-private-network": "true" }
        : {}),
      vary: "Origin, Access-Control-Request-Method, Access-Control-Request-Headers, Access-Control-Request-Private-Network",
    },
  };
}

/** The asked names that are header names at all. */
function askedHeaders(value: string | readonly string[] | undefined): string {
  const text = String(value ?? "");
  if (text.length > MAX_ASKED_LENGTH) return "";
  return text
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => TOKEN.test(name))
    .join(", ");
}
