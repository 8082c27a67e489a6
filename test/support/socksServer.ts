/** A SOCKS5 proxy (RFC 1928, 1929) that takes every name to this computer. */
import net from "node:net";

export interface SocksServer extends AsyncDisposable {
  readonly port: number;
  /** Where connections were asked for, as `NAME:PORT`, with the user that asked. */
  readonly asked: readonly { readonly target: string; readonly user: string | undefined }[];
}

interface SocksOptions {
  /** Who may; absent: everybody. */
  readonly login?: { readonly user: string; readonly password: string };
  /** A reply code other than 0 refuses. */
  readonly reply?: number;
  /** Takes connections and says nothing. */
  readonly mute?: boolean;
}

const NO_LOGIN = 0;
const LOGIN = 2;
const NONE_OF_THESE = 0xff;

export async function startSocksServer(options: SocksOptions = {}): Promise<SocksServer> {
  const { login, reply = 0, mute = false } = options;
  const asked: { target: string; user: string | undefined }[] = [];
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    if (!mute) void serve(socket);
  });

  async function serve(socket: net.Socket): Promise<void> {
    const read = reader(socket);
    const [, count = 0] = await read(2);
    const methods = [...(await read(count))];
    const wanted = login === undefined ? NO_LOGIN : LOGIN;
    if (!methods.includes(wanted)) {
      socket.end(Buffer.from([5, NONE_OF_THESE]));
      return;
    }
    socket.write(Buffer.from([5, wanted]));
    let user: string | undefined;
    if (login !== undefined) {
      const [, length = 0] = await read(2);
      user = (await read(length)).toString();
      const [size = 0] = await read(1);
      const good = user === login.user && (await read(size)).toString() === login.password;
      socket.write(Buffer.from([1, good ? 0 : 1]));
      if (!good) return void socket.end();
    }
    const [, , , kind = 0] = await read(4);
    const name =
      kind === 3
        ? (await read((await read(1))[0] ?? 0)).toString()
        : address(await read(kind === 1 ? 4 : 16));
    const port = (await read(2)).readUInt16BE(0);
    asked.push({ target: `${name}:${port}`, user });
    const answer = (code: number) => socket.write(Buffer.from([5, code, 0, 1, 0, 0, 0, 0, 0, 0]));
    if (reply !== 0) {
      answer(reply);
      return void socket.end();
    }
    const onward = net.connect(port, "127.0.0.1", () => {
      answer(0);
      socket.pipe(onward).pipe(socket);
    });
    sockets.add(onward);
    onward.on("error", () => socket.destroy());
    socket.on("close", () => onward.destroy());
  }

  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("no port");
  return {
    port: bound.port,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

const address = (bytes: Buffer): string =>
  bytes.length === 4 ? [...bytes].join(".") : (bytes.toString("hex").match(/.{4}/g) ?? []).join(":");

/** Exactly so many bytes, in turn; what comes beyond stays for whoever reads next. */
function reader(socket: net.Socket): (length: number) => Promise<Buffer> {
  return async (length) => {
    for (;;) {
      if (length === 0) return Buffer.alloc(0);
      const bytes: Buffer | null = socket.read(length);
      if (bytes !== null) return bytes;
      await new Promise((done) => socket.once("readable", done));
    }
  };
}
