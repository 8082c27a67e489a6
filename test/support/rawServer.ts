/** A server that answers with bytes as they are given, and a proxy that hands bytes on: what HTTP libraries would tidy up. */
import net from "node:net";
import tls from "node:tls";
import type { Certificate } from "./certificate.ts";

export interface RawServer {
  readonly port: number;
  /** Connections that were taken. */
  connections(): number;
  close(): Promise<void>;
}

/** Sends the pieces, each in a packet of its own, for every request of a connection; `list` answers a `GET`. */
export function startRawServer(
  pieces: readonly string[],
  list: string,
  certificate?: Certificate,
): Promise<RawServer> {
  const talk = (socket: net.Socket) => {
    socket.setNoDelay(true);
    let seen = "";
    socket.on("data", async (chunk) => {
      seen += chunk.toString("latin1");
      const length = Number(/content-length: (\d+)/i.exec(seen)?.[1] ?? 0);
      const head = seen.indexOf("\r\n\r\n");
      if (head < 0 || seen.length < head + 4 + length) return;
      const isGet = seen.startsWith("GET");
      seen = "";
      for (const piece of isGet ? [list] : pieces) {
        socket.write(piece);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    });
  };
  return listening(certificate === undefined ? net.createServer(talk) : tls.createServer(certificate, talk));
}

export interface RawProxy extends RawServer {
  /** The first line of each connection. */
  readonly asked: readonly string[];
}

/** Takes every host for this computer. */
export async function startRawProxy(): Promise<RawProxy> {
  const asked: string[] = [];
  const server = net.createServer((socket) => {
    socket.once("data", (chunk) => {
      const [line = ""] = chunk.toString("latin1").split("\r\n", 1);
      asked.push(line);
      const port = Number(/:(\d+)/.exec(line.replace(/^\w+ (?:http:\/\/)?/, ""))?.[1]);
      const target = net.connect(port, "127.0.0.1");
      target.on("error", () => socket.destroy()).on("close", () => socket.destroy());
      socket.on("close", () => target.destroy());
      if (line.startsWith("CONNECT")) socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      else target.write(chunk);
      socket.pipe(target).pipe(socket);
    });
  });
  return { ...(await listening(server)), asked };
}

async function listening(server: net.Server): Promise<RawServer> {
  const sockets = new Set<net.Socket>();
  let connections = 0;
  server.on("connection", (socket: net.Socket) => {
    connections++;
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  });
  server.on("secureConnection", (socket: net.Socket) => socket.on("error", () => {}));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    connections: () => connections,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
