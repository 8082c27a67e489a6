/** A listener with the guard and `readBody` behind it, and clients that write bytes to sockets. */
import * as net from "node:net";
import { asPorticoError } from "../../../src/gateway/common/errors.ts";
import type { Log, LogFields } from "../../../src/gateway/common/ports.ts";
import { BodyBudget, readBody } from "../../../src/gateway/server/body/read.ts";
import { corsHeaders, preflightReply } from "../../../src/gateway/server/cors.ts";
import type { GuardPolicy } from "../../../src/gateway/server/guard/guard.ts";
import { guardRequest } from "../../../src/gateway/server/guard/request.ts";
import { type HttpListener, type ListenOptions, listen } from "../../../src/gateway/server/listener.ts";

export const KEY = "sk-portico-0123456789abcdef";
const KiB = 1024;

export interface Started {
  readonly listener: HttpListener;
  readonly port: number;
  readonly logged: string[];
  /** How requests ended: bytes of the body, or the error. */
  readonly outcomes: unknown[];
  readonly budget: BodyBudget;
}

export interface StartOptions extends Partial<Omit<ListenOptions, "policy" | "log">> {
  readonly policy?: Partial<GuardPolicy>;
  readonly bodyLimit?: number;
  readonly budgetLimit?: number;
}

export function recordingLog(lines: string[]): Log {
  const write = (message: string, fields?: LogFields): void => {
    lines.push(`${message} ${JSON.stringify(fields ?? {})}`);
  };
  return { debug: write, info: write, warn: write, error: write };
}

/** Answers 200 with the number of body bytes; the guard's refusals and errors as JSON. */
export async function start(options: StartOptions = {}): Promise<Started> {
  const { policy: partial, bodyLimit = 256 * KiB, budgetLimit = 1024 * KiB, ...rest } = options;
  const policy: GuardPolicy = {
    authMode: "off",
    apiKey: KEY,
    allowLanAccess: rest.allowLanAccess ?? false,
    allowedOrigins: [],
    allowedHosts: [],
    ...partial,
  };
  const logged: string[] = [];
  const outcomes: unknown[] = [];
  const log = recordingLog(logged);
  const budget = new BodyBudget(budgetLimit);
  const result = await listen({
    port: 0,
    allowLanAccess: false,
    maxConnections: 2048,
    policy: () => policy,
    log,
    bodyBytes: () => bodyLimit,
    onRequest: async (request, response) => {
      const { verdict } = guardRequest(request, policy);
      if (!verdict.ok) {
        log.warn(verdict.logMessage);
        response.writeHead(verdict.status, { "content-type": "application/json" });
        response.end(JSON.stringify({ error: { type: verdict.kind, message: verdict.message } }));
        return;
      }
      if (verdict.preflight === true && verdict.origin !== undefined) {
        const { status, headers } = preflightReply(verdict.origin, request.headers);
        response.writeHead(status, headers).end();
        return;
      }
      const cors = verdict.origin === undefined ? {} : corsHeaders(verdict.origin);
      const lease = budget.lease();
      try {
        const body = await readBody(request, { bodyBytes: bodyLimit, lease });
        outcomes.push(body.length);
        response.writeHead(200, { "content-type": "application/json", ...cors });
        response.end(JSON.stringify({ bytes: body.length, local: verdict.local, method: request.method }));
      } catch (thrown) {
        outcomes.push(thrown);
        const error = asPorticoError(thrown);
        response.writeHead(error.status, { "content-type": "application/json", connection: "close" });
        response.end(JSON.stringify({ error: { type: error.kind, message: error.message } }));
      } finally {
        lease.release();
      }
    },
    ...rest,
  });
  if (!result.ok) throw new Error(result.message);
  return { listener: result.listener, port: result.listener.port, logged, outcomes, budget };
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The first reply in the text; `undefined` while it is not complete. */
export function parseReply(text: string): Reply | undefined {
  const end = text.indexOf("\r\n\r\n");
  if (end === -1) return undefined;
  const [first = "", ...lines] = text.slice(0, end).split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.indexOf(":")).toLowerCase(),
      line.slice(line.indexOf(":") + 1).trim(),
    ]),
  );
  const status = Number(first.split(" ")[1]);
  const rest = text.slice(end + 4);
  if (status === 100) return parseReply(rest);
  if (headers["transfer-encoding"] === "chunked") {
    if (!rest.endsWith("0\r\n\r\n")) return undefined;
    const body = rest
      .split("\r\n")
      .filter((_line, index) => index % 2 === 1)
      .join("");
    return { status, headers, body };
  }
  const length = Number(headers["content-length"] ?? 0);
  return Buffer.byteLength(rest) < length ? undefined : { status, headers, body: rest };
}

/** A TCP client that sees every byte. */
export class RawClient {
  readonly socket: net.Socket;
  text = "";
  /** A reset, for instance. */
  error: Error | undefined;
  readonly #closed: Promise<void>;
  #wake: () => void = () => {};

  constructor(port: number, host = "127.0.0.1") {
    this.socket = net.connect({ port, host });
    this.socket.on("data", (chunk: Buffer) => {
      this.text += chunk.toString("latin1");
      this.#wake();
    });
    this.socket.on("error", (error) => {
      this.error = error;
    });
    this.#closed = new Promise((resolve) => {
      this.socket.once("close", () => {
        resolve();
        this.#wake();
      });
    });
  }

  connected(): Promise<void> {
    if (!this.socket.connecting) return Promise.resolve();
    return new Promise((resolve) => this.socket.once("connect", () => resolve()));
  }

  write(data: string | Buffer): this {
    this.socket.write(data);
    return this;
  }

  closed(): Promise<void> {
    return this.#closed;
  }

  /** Waits for text from the server; rejects when the connection closes without it. */
  async until(done: (text: string) => boolean): Promise<string> {
    while (!done(this.text)) {
      if (this.socket.destroyed) throw new Error(`closed after: ${JSON.stringify(this.text)}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.text;
  }

  async reply(): Promise<Reply> {
    const reply = parseReply(await this.until((text) => parseReply(text) !== undefined));
    if (reply === undefined) throw new Error("unreachable");
    return reply;
  }
}

export interface Ask {
  readonly method?: string;
  readonly path?: string;
  /** `null`: without. */
  readonly host?: string | null;
  readonly headers?: readonly string[];
  readonly body?: Buffer | string;
}

/** A request as bytes; a body brings its length. */
export function requestBytes({
  method = "POST",
  path = "/v1/chat/completions",
  host,
  headers = [],
  body,
}: Ask): Buffer {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    ...(host === null ? [] : [`Host: ${host ?? "127.0.0.1"}`]),
    ...headers,
    ...(body === undefined ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
  ];
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), Buffer.from(body ?? "")]);
}

/** One request on a connection of its own. */
export async function ask(port: number, request: Ask = {}): Promise<Reply> {
  const client = new RawClient(port);
  try {
    return await client.write(requestBytes(request)).reply();
  } finally {
    client.socket.destroy();
  }
}
