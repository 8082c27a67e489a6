/**
 * `100 Continue` that nobody asked for: some servers send it before every reply, and undici takes it for a
 * broken one. It is cut out of the bytes before undici reads them (RFC 9110 15.2: a client may ignore it).
 */
import type { Duplex } from "node:stream";

const HEAD = Buffer.from("HTTP/1.1 100");
const END = Buffer.from("\r\n\r\n");
/** Bytes of such an answer; what is longer is left to undici, which refuses it. */
const LONGEST = 8192;

type Socket = Pick<Duplex, "read" | "write">;

/** Changes a connection, on which one request follows the other: whatever comes behind a request is its reply. */
export function withoutContinue(socket: Socket): void {
  const { read, write } = socket;
  let held: Buffer | undefined;
  const looking = (size?: number): unknown => {
    for (;;) {
      const chunk: unknown = read.call(socket, size);
      if (!Buffer.isBuffer(chunk)) return chunk;
      const bytes: Buffer = held === undefined ? chunk : Buffer.concat([held, chunk]);
      held = undefined;
      const rest = behindContinue(bytes);
      if (rest === "part") held = bytes;
      else {
        // What follows is read as ever, until the next request.
        Reflect.set(socket, "read", read);
        return rest;
      }
    }
  };
  Reflect.set(socket, "write", (...given: Parameters<typeof write>) => {
    Reflect.set(socket, "read", looking);
    return write.apply(socket, given);
  });
}

/** What follows such answers; `part`: one of them has not come whole, or nothing has come behind it. */
function behindContinue(bytes: Buffer): Buffer | "part" {
  let rest = bytes;
  while (rest.length > 0) {
    const known = Math.min(rest.length, HEAD.length);
    // HTTP/1.0 servers send none; the version's digit is that of 1.1.
    if (rest.compare(HEAD, 0, known, 0, known) !== 0) return rest;
    const end = rest.indexOf(END);
    if (end < 0) return rest.length > LONGEST ? rest : "part";
    rest = rest.subarray(end + END.length);
  }
  return "part";
}
