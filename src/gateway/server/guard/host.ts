/** The `Host` header: its strict grammar, and which names are ours. Stops DNS rebinding. */
import { isIPv6 } from "node:net";
import { canonicalAddress, isLoopback } from "./address.ts";

export interface HostName {
  /** Lower case; an IPv6 address in its one spelling, without brackets. */
  readonly name: string;
  /** Absent where the header has none. */
  readonly port?: number;
  readonly ipv6: boolean;
}

const NAME_AND_PORT = /^([A-Za-z0-9_][A-Za-z0-9_.-]{0,252})(?::([0-9]{1,5}))?$/;
const IPV6_AND_PORT = /^\[([0-9A-Fa-f:.]{2,45})\](?::([0-9]{1,5}))?$/;

/** `undefined` for anything but `name`, `name:port`, `[ipv6]` or `[ipv6]:port`. */
export function parseHost(value: string): HostName | undefined {
  const ipv6 = value.startsWith("[");
  const match = (ipv6 ? IPV6_AND_PORT : NAME_AND_PORT).exec(value);
  if (match === null) return undefined;
  const name = ipv6 ? canonicalAddress(match[1] ?? "") : (match[1] ?? "").toLowerCase();
  if (name === undefined) return undefined;
  if (match[2] === undefined) return { name, ipv6 };
  const port = Number(match[2]);
  return port >= 1 && port <= 65_535 ? { name, port, ipv6 } : undefined;
}

/** `localhost`, 127/8 in four decimal parts, or `[::1]`. A trailing dot is another name. */
export function isLocalHost(host: HostName): boolean {
  return host.name === "localhost" || isLoopback(host.name);
}

/** The accepting socket's own address, or on `allowedHosts` (a port there has to match as well). */
export function isLanHost(
  host: HostName,
  ownAddress: string | undefined,
  allowedHosts: readonly string[],
): boolean {
  if (ownAddress !== undefined && host.name === ownAddress) return true;
  return allowedHosts.some((entry) => {
    const allowed = parseHost(isIPv6(entry) ? `[${entry}]` : entry);
    if (allowed === undefined || allowed.name !== host.name) return false;
    return allowed.port === undefined || allowed.port === (host.port ?? 80);
  });
}
