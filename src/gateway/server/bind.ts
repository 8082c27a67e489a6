/** Which addresses the gateway listens on, and how they share one port. */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Log } from "../common/ports.ts";

export type Bound =
  | {
      readonly ok: true;
      readonly servers: readonly Server[];
      readonly port: number;
      readonly addresses: readonly string[];
    }
  | {
      readonly ok: false;
      readonly reason: "port-in-use" | "not-permitted" | "other";
      readonly message: string;
      readonly address: string;
    };

interface BindOptions {
  readonly port: number;
  readonly allowLanAccess: boolean;
  readonly host?: string | undefined;
}

/** Another program may have a free port's twin in the other family. */
const MAX_FREE_PORTS = 10;
/** This computer has no such family or address. */
const NO_IPV6: ReadonlySet<string> = new Set(["EAFNOSUPPORT", "EADDRNOTAVAIL", "EINVAL", "EPROTONOSUPPORT"]);

/**
 * Without LAN access `127.0.0.1`, and `::1` where that can be had; with it every address of both
 * families; or the one `host`.
 */
export async function bindAll(options: BindOptions, create: () => Server, log: Log): Promise<Bound> {
  if (options.host !== undefined) return one(create(), options.port, options.host);
  return options.allowLanAccess ? everywhere(options.port, create) : loopback(options.port, create, log);
}

async function loopback(port: number, create: () => Server, log: Log): Promise<Bound> {
  for (let attempt = 1; ; attempt++) {
    const four = await one(create(), port, "127.0.0.1");
    if (!four.ok) return four;
    const six = create();
    const error = await bind(six, four.port, "::1");
    if (error === undefined) {
      return { ...four, servers: [...four.servers, six], addresses: [...four.addresses, "::1"] };
    }
    if (NO_IPV6.has(error.code ?? "")) return four;
    if (port !== 0 || attempt === MAX_FREE_PORTS) {
      log.warn("not listening on [::1]: clients that take localhost for it will not reach Portico", {
        port: four.port,
        code: error.code,
      });
      return four;
    }
    await closeAll(four.servers);
  }
}

async function everywhere(port: number, create: () => Server): Promise<Bound> {
  // Some systems allow `::` beside another program's 127.0.0.1, which would then get our clients.
  const probe = await one(create(), port, "127.0.0.1");
  if (!probe.ok) return probe;
  await closeAll(probe.servers);

  const server = create();
  const error = await bind(server, port, "::");
  if (error === undefined) return bound(server, "::");
  return NO_IPV6.has(error.code ?? "") ? one(create(), port, "0.0.0.0") : failed(error, port, "::");
}

/** Resolves when none of them has a connection any more. */
export async function closeAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
}

async function one(server: Server, port: number, host: string): Promise<Bound> {
  const error = await bind(server, port, host);
  return error === undefined ? bound(server, host) : failed(error, port, host);
}

const bound = (server: Server, address: string): Bound & { ok: true } => ({
  ok: true,
  servers: [server],
  port: (server.address() as AddressInfo).port,
  addresses: [address],
});

function failed(error: NodeJS.ErrnoException, port: number, address: string): Bound {
  if (error.code === "EADDRINUSE") {
    return { ok: false, reason: "port-in-use", message: `Port ${port} is taken.`, address };
  }
  if (error.code === "EACCES" || error.code === "EPERM") {
    const message = `This account may not listen on port ${port}. Choose a port above 1023.`;
    return { ok: false, reason: "not-permitted", message, address };
  }
  return {
    ok: false,
    reason: "other",
    message: `Could not listen on ${address}, port ${port}: ${error.message}`,
    address,
  };
}

function bind(server: Server, port: number, host: string): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      server.off("listening", onListening);
      resolve(error);
    };
    const onListening = (): void => {
      server.off("error", onError);
      resolve(undefined);
    };
    server.once("error", onError).once("listening", onListening);
    server.listen({ port, host, exclusive: true });
  });
}
