/** Connections through a SOCKS5 proxy (RFC 1928, 1929), by undici's own client; the proxy looks names up. */
import type { Socket } from "node:net";
import { buildConnector, Socks5ProxyAgent } from "undici";

/** `socks://` is what desktops write; `socks5h://` is curl's word for a proxy that looks names up. */
const SCHEME = /^socks(?:5h?)?:/i;

export const isSocks = (proxy: string): boolean => SCHEME.test(proxy);

export interface SocksOptions {
  /** With the name and password that the proxy wants, or without. */
  readonly proxy: string;
  /** `Basic …`, where they are not in the address. */
  readonly authorization: string | undefined;
  readonly connectTimeoutMs: number;
  /** Of the server behind it. */
  readonly trust: buildConnector.BuildOptions;
}

/**
 * A connector for the agents that we have anyway: undici's agent for SOCKS keeps connections by rules of its own.
 * Errors are undici's, of the proxy or of the server behind it.
 */
export function socksConnector(options: SocksOptions): buildConnector.connector {
  const { proxy, authorization, connectTimeoutMs, trust } = options;
  const plain = buildConnector({ timeout: connectTimeoutMs });
  const secure = buildConnector({ ...trust, timeout: connectTimeoutMs });
  const agent = new Socks5ProxyAgent(proxy.replace(SCHEME, "socks5:"), {
    ...credentials(authorization),
    connectTimeout: connectTimeoutMs,
    connect: (target, callback) => plain({ ...target, hostname: bare(target.hostname) }, callback),
  });
  const open: unknown = Reflect.get(agent, "createSocks5Connection");
  if (typeof open !== "function") throw new Error("undici has no SOCKS5 client");
  return (target, callback) => {
    const port = Number(target.port) || (target.protocol === "https:" ? 443 : 80);
    const opened: Promise<Socket> = open.call(agent, bare(target.hostname), port);
    opened.then(
      (socket) => {
        if (target.protocol === "https:") secure({ ...target, httpSocket: socket }, callback);
        else callback(null, socket);
      },
      (error: Error) => callback(error, null),
    );
  };
}

/** An IPv6 address without its brackets. */
const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, "");

function credentials(authorization: string | undefined): { username?: string; password?: string } {
  const encoded = /^Basic (.+)$/i.exec(authorization ?? "")?.[1];
  if (encoded === undefined) return {};
  const [username = "", ...password] = Buffer.from(encoded, "base64").toString("utf8").split(":");
  return { username, password: password.join(":") };
}
