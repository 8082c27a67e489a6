/**
 * The sockets of a listener: how many, which are at work, and how they come to an end. Where there is no place
 * left, the one that has been idle for longest makes room: nobody can shut others out by doing nothing.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { PorticoError } from "../common/errors.ts";

/** Milliseconds in which the rest of an unread body may still arrive and be thrown away. */
const UNREAD_MS = 1000;

/** Milliseconds without a byte after which a client that was answered has read its answer, or never will. */
const LINGER_IDLE_MS = 500;
/** The same in all: a sender without an end is cut off. */
const LINGER_MS = 5000;

interface Connection {
  /** Replies that are not finished. */
  readonly replies: Set<ServerResponse>;
  /** Its body may still be on the wire when the reply is out. */
  latest?: IncomingMessage;
  /** Handed to a WebSocket: busy until it closes. */
  upgraded?: Upgraded;
  /** How far a body had come that was still arriving, and since when: milliseconds of the caller's clock. */
  progress?: { readonly request: IncomingMessage; readonly bytes: number; readonly at: number };
}

/** What has taken a connection over. */
export interface Upgraded {
  /** Closes it now where it is idle, else behind what runs on it. */
  finish(): void;
  /** Ends what runs on it, which says why; then closes it. */
  cut(error: PorticoError): void;
}

export class Connections {
  readonly #open = new Map<Socket, Connection>();
  /** Those without a request, idle for longest first. */
  readonly #idle = new Set<Socket>();
  readonly #limit: number;
  readonly #onRefused: () => void;
  #draining = false;
  readonly #empty: (() => void)[] = [];

  constructor(limit: number, onRefused: () => void) {
    this.#limit = limit;
    this.#onRefused = onRefused;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Requests and upgraded connections in flight. */
  get active(): number {
    let active = 0;
    for (const { replies, upgraded } of this.#open.values()) {
      active += replies.size + (upgraded === undefined ? 0 : 1);
    }
    return active;
  }

  get draining(): boolean {
    return this.#draining;
  }

  watch(server: Server): void {
    server.on("connection", (socket: Socket) => this.#add(socket));
  }

  /** To be called for each request before it is handled. */
  begin(request: IncomingMessage, response: ServerResponse): void {
    const connection = this.#open.get(request.socket);
    if (connection === undefined) return;
    connection.replies.add(response);
    connection.latest = request;
    this.#idle.delete(request.socket);
    if (this.#draining) response.setHeader("connection", "close");
    response.on("close", () => {
      if (response.writableFinished && !request.complete) this.#endUnlessComplete(request);
      connection.replies.delete(response);
      if (
        connection.replies.size === 0 &&
        connection.upgraded === undefined &&
        this.#open.has(request.socket)
      ) {
        this.#idle.add(request.socket);
      }
      if (this.#draining && connection.replies.size === 0) request.socket.destroySoon();
    });
  }

  /** The connection is a WebSocket's from now on. */
  upgrade(socket: Socket, upgraded: Upgraded): void {
    const connection = this.#open.get(socket);
    if (connection === undefined) return;
    connection.upgraded = upgraded;
    this.#idle.delete(socket);
  }

  /**
   * Those on which the rest of a body is awaited and nothing has come for `idleMs`. To be asked now and then: a
   * timer for each request would cost more than all of them.
   */
  stalled(now: number, idleMs: number): Socket[] {
    const found: Socket[] = [];
    for (const [socket, connection] of this.#open) {
      const { latest, progress, upgraded } = connection;
      if (latest === undefined || latest.complete || upgraded !== undefined) continue;
      const bytes = socket.bytesRead;
      if (progress?.request !== latest || progress.bytes !== bytes)
        connection.progress = { request: latest, bytes, at: now };
      else if (now - progress.at >= idleMs) found.push(socket);
    }
    return found;
  }

  /** Has some of a reply gone out, so that nothing else may be written? */
  isReplying(socket: Socket): boolean {
    const connection = this.#open.get(socket);
    if (connection === undefined) return false;
    return (
      connection.upgraded !== undefined || [...connection.replies].some((response) => response.headersSent)
    );
  }

  /** Idle connections close now, busy ones behind their reply. */
  drain(): void {
    this.#draining = true;
    for (const [socket, { replies, upgraded }] of this.#open) {
      upgraded?.finish();
      if (replies.size === 0 && upgraded === undefined) socket.destroySoon();
      for (const response of replies) {
        if (!response.headersSent) response.setHeader("connection", "close");
      }
    }
  }

  /** Tells everybody who still waits for (the rest of) a reply that none will come. */
  cutAll(error: PorticoError): void {
    for (const { replies, upgraded } of [...this.#open.values()]) {
      upgraded?.cut(error);
      for (const response of [...replies]) response.emit("cut", error);
    }
  }

  /** Resolves when the last connection is gone. */
  whenEmpty(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#empty.push(resolve));
  }

  destroyAll(): void {
    for (const socket of this.#open.keys()) socket.destroy();
  }

  #add(socket: Socket): void {
    // A replayed request brings a socket a second time.
    if (this.#open.has(socket)) return;
    if (this.#draining || (this.#open.size >= this.#limit && !this.#makeRoom())) {
      socket.destroy();
      if (!this.#draining) this.#onRefused();
      return;
    }
    const connection: Connection = { replies: new Set() };
    this.#open.set(socket, connection);
    this.#idle.add(socket);
    socket.once("close", () => {
      this.#open.delete(socket);
      this.#idle.delete(socket);
      // Node tells only the reply that has the socket, not those that wait behind it.
      for (const response of connection.replies) {
        if (response.socket !== null) continue;
        response.destroy();
        response.emit("close");
      }
      if (this.#open.size === 0) for (const resolve of this.#empty.splice(0)) resolve();
    });

    // Node calls this behind a reply with `connection: close`. With unread bytes of the body in the
    // kernel, closing at once would reset the connection and the client would lose the reply.
    const destroySoon = socket.destroySoon.bind(socket);
    socket.destroySoon = () => {
      if (connection.latest === undefined || connection.latest.complete) destroySoon();
      else if (socket.writable) {
        socket.end();
        discardRest(connection.latest, socket);
      }
    };
  }

  /** @returns whether one was idle and is closed */
  #makeRoom(): boolean {
    const [longest] = this.#idle;
    if (longest === undefined) return false;
    this.#idle.delete(longest);
    // At once, for its place is taken now; its own `close` comes later.
    this.#open.delete(longest);
    longest.destroy();
    return true;
  }

  /** A reply went out before the body was in: the rest gets a moment, not for ever. */
  #endUnlessComplete(request: IncomingMessage): void {
    const { socket } = request;
    const timer = setTimeout(() => {
      if (!request.complete) socket.destroySoon();
    }, UNREAD_MS);
    const settle = () => {
      clearTimeout(timer);
      socket.off("close", settle);
    };
    socket.once("close", settle);
    request.once("end", settle);
  }
}

/**
 * Reads the rest of a refused body and throws it away. Many clients send all of a body before they look for the
 * answer, and bytes that nobody read would reset the connection under it.
 */
function discardRest(request: IncomingMessage, socket: Socket): void {
  const end = () => socket.destroy();
  const most = setTimeout(end, LINGER_MS);
  // A body that Node throws away by itself has no events.
  let before = socket.bytesRead;
  const idle = setInterval(() => {
    if (socket.bytesRead === before) end();
    before = socket.bytesRead;
  }, LINGER_IDLE_MS);
  request.once("end", end);
  request.resume();
  socket.once("close", () => {
    clearTimeout(most);
    clearInterval(idle);
  });
}
