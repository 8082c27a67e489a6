/** IP addresses as sockets and `Host` headers spell them. */
import { isIPv4, isIPv6 } from "node:net";

/**
 * One spelling per address: IPv4 as it is, IPv6 compressed in lower case and without a zone.
 * IPv4-mapped IPv6 stays IPv6. `undefined`: not an address.
 */
export function canonicalAddress(address: string): string | undefined {
  if (isIPv4(address)) return address;
  const zone = address.indexOf("%");
  const bare = zone === -1 ? address : address.slice(0, zone);
  if (!isIPv6(bare)) return undefined;
  const url = `http://[${bare}]`;
  return URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : undefined;
}

/** A socket's address, where a dual-stack listener's `::ffff:a.b.c.d` is the IPv4 address it stands for. */
export function socketAddress(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  const canonical = canonicalAddress(address);
  const mapped = canonical === undefined ? null : /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical);
  if (mapped === null) return canonical;
  const high = Number.parseInt(mapped[1] ?? "", 16);
  const low = Number.parseInt(mapped[2] ?? "", 16);
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

/** @param canonical an address from `canonicalAddress` or `socketAddress`. */
export function isLoopback(canonical: string | undefined): boolean {
  return (
    canonical !== undefined && (canonical === "::1" || (isIPv4(canonical) && canonical.startsWith("127.")))
  );
}
