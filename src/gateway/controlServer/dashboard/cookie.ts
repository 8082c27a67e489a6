/** The cookie of a session. */
import type { IncomingHttpHeaders } from "node:http";
import type { DashboardAccess, Session } from "./access.ts";

/** Cookies do not know ports: the name tells this Portico's from that of another. */
export function cookieName(port: number): string {
  return `portico-${port}`;
}

/** The session of a request's cookie; it counts as used now. */
export function sessionOf(
  access: DashboardAccess,
  headers: IncomingHttpHeaders,
  port: number,
): Session | undefined {
  for (const value of cookies(headers.cookie, cookieName(port))) {
    const session = access.session(value);
    if (session !== undefined) return session;
  }
  return undefined;
}

function cookies(header: string | undefined, name: string): string[] {
  return (header ?? "")
    .split(";")
    .map((each) => each.trim())
    .filter((each) => each.startsWith(`${name}=`))
    .map((each) => each.slice(name.length + 1));
}
