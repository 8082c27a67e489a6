/** A provider that writes its streams to the socket itself, so that they can end in every way there is. */
import net, { type AddressInfo, type Socket } from "node:net";

/** How the end of a body is told: by a last chunk, or by the end of the connection alone. */
export type Delimiting = "chunked" | "close";

export interface RawReply {
  readonly socket: Socket;
  /** The head of a 200. */
  head(contentType: string, framing: Delimiting | { readonly length: number }): void;
  body(text: string): void;
  /** The end of the body, as its framing has it. */
  end(): void;
  /** The end of the connection, in peace or not. */
  fin(): void;
  reset(): void;
}

export interface RawProvider {
  readonly url: string;
  /** The connections on which requests came, in turn. */
  readonly asked: Socket[];
  script: (reply: RawReply) => void;
  close(): Promise<void>;
}

export async function startRawProvider(): Promise<RawProvider> {
  const asked: Socket[] = [];
  const open = new Set<Socket>();
  const server = net.createServer((socket) => {
    open.add(socket);
    socket.setNoDelay(true);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => {});
    let request = "";
    socket.on("data", (data) => {
      request += data.toString("latin1");
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(request)?.[1] ?? 0);
      const start = request.indexOf("\r\n\r\n");
      if (start === -1 || request.length < start + 4 + length) return;
      const list = request.startsWith("GET ");
      request = "";
      const reply = replyOn(socket);
      if (list) {
        // A connection that is not kept: those of the scripts are the only ones.
        reply.head("application/json", "close");
        reply.body('{"data":[]}');
        reply.end();
        return;
      }
      asked.push(socket);
      provider.script(reply);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const provider: RawProvider = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    script: () => {},
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
  return provider;
}

function replyOn(socket: Socket): RawReply {
  let chunked = false;
  let close = false;
  return {
    socket,
    head(contentType, framing) {
      chunked = framing === "chunked";
      close = framing === "close";
      const how =
        typeof framing === "object"
          ? `content-length: ${framing.length}\r\n`
          : chunked
            ? "transfer-encoding: chunked\r\n"
            : "";
      socket.write(`HTTP/1.1 200 OK\r\ncontent-type: ${contentType}\r\n${how}\r\n`);
    },
    body(text) {
      const bytes = Buffer.from(text);
      if (bytes.length === 0) return;
      if (!chunked) socket.write(bytes);
      else socket.write(Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, CRLF]));
    },
    end() {
      if (chunked) socket.write("0\r\n\r\n");
      if (close) socket.end();
    },
    fin: () => void socket.end(),
    reset: () => void socket.resetAndDestroy(),
  };
}

const CRLF = Buffer.from("\r\n");
