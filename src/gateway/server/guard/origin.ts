/** The `Origin` header: its grammar, our own, and the list of allowed ones. */
import type { HostName } from "./host.ts";

const ORIGIN = /^([a-z][a-z0-9+.-]*):\/\/([^\s/\\?#@,"'<>`{}|^]*)$/;
const WEB_SCHEMES: ReadonlySet<string> = new Set(["http", "https", "ws", "wss"]);
const MAX_LENGTH = 512;

interface Origin {
  readonly scheme: string;
  /** Host and port, the scheme's default port left out. */
  readonly authority: string;
}

function parseOrigin(value: string): Origin | undefined {
  if (value.length > MAX_LENGTH) return undefined;
  const match = ORIGIN.exec(value.toLowerCase());
  if (match === null) return undefined;
  const scheme = match[1] ?? "";
  const authority = match[2] ?? "";
  if (!WEB_SCHEMES.has(scheme)) return { scheme, authority };
  if (authority === "") return undefined;
  const defaultPort = scheme === "http" || scheme === "ws" ? ":80" : ":443";
  return {
    scheme,
    authority: authority.endsWith(defaultPort) ? authority.slice(0, -defaultPort.length) : authority,
  };
}

/**
 * Is it the page that this very address serves? Scheme, host and port have to be those of the
 * request, and the port the accepting socket's: another program may hold `[::1]` with our port.
 */
export function isOwnOrigin(value: string, host: HostName, localPort: number): boolean {
  const origin = parseOrigin(value);
  const port = host.port ?? 80;
  if (origin?.scheme !== "http" || port !== localPort) return false;
  const name = host.ipv6 ? `[${host.name}]` : host.name;
  return origin.authority === (port === 80 ? name : `${name}:${port}`);
}

/**
 * On the list? Exactly (scheme and host in any case, a default port written or not); `*` stands for
 * any run of characters behind `://`, and only with schemes that no web site can have.
 */
export function isListedOrigin(value: string, allowed: readonly string[]): boolean {
  const origin = parseOrigin(value);
  if (origin === undefined) return false;
  return allowed.some((entry) => {
    const pattern = parseOrigin(entry);
    if (pattern === undefined || pattern.scheme !== origin.scheme) return false;
    if (!pattern.authority.includes("*")) return pattern.authority === origin.authority;
    return !WEB_SCHEMES.has(pattern.scheme) && matchesWildcard(origin.authority, pattern.authority);
  });
}

/** `*` matches any run of characters. Linear in practice, at most text x pattern; no backtracking tree. */
export function matchesWildcard(text: string, pattern: string): boolean {
  let at = 0;
  let next = 0;
  let star = -1;
  let resume = 0;
  while (at < text.length) {
    if (pattern[next] === "*") {
      star = next++;
      resume = at;
    } else if (next < pattern.length && pattern[next] === text[at]) {
      next++;
      at++;
    } else if (star !== -1) {
      next = star + 1;
      at = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[next] === "*") next++;
  return next === pattern.length;
}
