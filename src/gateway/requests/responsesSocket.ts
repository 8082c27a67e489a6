/**
 * `GET /v1/responses` as a WebSocket: each `response.create` is one request on the same way as over
 * HTTP, its events come back as text messages. What OpenAI's WebSocket mode remembers of a
 * connection (its latest response, also with `store: false`) is remembered here, and put into the
 * next request that builds on it.
 */
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import { asPorticoError, PorticoError } from "../common/errors.ts";
import { listOf, parseJson } from "../common/json.ts";
import type { Timer } from "../common/ports.ts";
import {
  CONNECTION_LIMIT_MS,
  CREATE_RESPONSE,
  connectionLimitMessage,
  errorMessage,
  readClientMessage,
  codec as responses,
  userMessage,
  warmup,
} from "../protocols/responsesApi.ts";
import { namedHeaders } from "../records/client.ts";
import { newRecord } from "../records/record.ts";
import { isLargeJson, parseLargeJson } from "../server/body/largeJson.ts";
import { type GuardVerdict, refusalError } from "../server/guard/guard.ts";
import { guardRequest } from "../server/guard/request.ts";
import type { UpgradeHandler } from "../server/upgrade.ts";
import { enter, viewOf } from "./clientView.ts";
import type { GatewayContext } from "./context.ts";
import { serveIncoming } from "./serve.ts";
import { SocketReply } from "./socketReply.ts";

/** Connections at once; further ones are told to use HTTP. */
const MOST_SOCKETS = 256;
/** Requests that wait behind the one that runs. */
const MOST_WAITING = 8;
/** Milliseconds without a request. */
const IDLE_MS = 10 * 60_000;
const PATH = "/v1/responses";
/** RFC 6455, 7.4.1 */
const CLOSE = { normal: 1000, goingAway: 1001, policy: 1008 } as const;

type Body = Record<string, unknown>;

/** Takes upgrades of the path where the setting allows it; 426 otherwise, and clients use HTTP. */
export function responsesSocket(context: GatewayContext): UpgradeHandler {
  const open = new Set<Connection>();
  return ({ request, socket, head, path }) => {
    if (!path.ok || path.path !== PATH || !context.settings().responses.webSocket) return undefined;
    if (open.size >= MOST_SOCKETS) return undefined;
    const server = new WebSocketServer({
      noServer: true,
      maxPayload: context.settings().limits.bodyBytes,
      perMessageDeflate: false,
      clientTracking: false,
    });
    let taken: Connection | undefined;
    server.handleUpgrade(request, socket, head, (client) => {
      // A connection outlives the keys and their limits that there are when it is made.
      const decide = () => guardRequest(request, context.policy(), true).verdict;
      const connection = new Connection(client, request.rawHeaders, context, decide, () =>
        open.delete(connection),
      );
      open.add(connection);
      taken = connection;
    });
    // A handshake that was refused has been answered as well.
    return { finish: () => taken?.finish(), cut: (error) => taken?.cut(error) };
  };
}

/** The latest response of a connection: what a request that names it stands for. */
interface Remembered {
  readonly id: string;
  readonly items: readonly unknown[];
}

class Connection {
  readonly #client: WebSocket;
  readonly #headers: readonly string[];
  readonly #context: GatewayContext;
  readonly #waiting: Buffer[] = [];
  /** A message is read or answered. */
  #busy = false;
  #running: SocketReply | undefined;
  #latest: Remembered | undefined;
  #idle: Timer | undefined;
  readonly #limit: Timer;
  #expired = false;
  readonly #decide: () => GuardVerdict;

  /** @param decide on its upgrade as if it came now */
  constructor(
    client: WebSocket,
    headers: readonly string[],
    context: GatewayContext,
    decide: () => GuardVerdict,
    onClose: () => void,
  ) {
    this.#decide = decide;
    this.#client = client;
    this.#headers = requestHeaders(headers);
    this.#context = context;
    const { clock } = context.ports;
    this.#limit = clock.setTimeout(() => this.#expire(), CONNECTION_LIMIT_MS);
    client.on("message", (data, isBinary) => this.#receive(data, isBinary));
    // What is wrong with a frame closes the connection, which is all there is to say.
    client.on("error", () => client.terminate());
    client.on("close", () => {
      this.#limit.cancel();
      this.#idle?.cancel();
      this.#waiting.length = 0;
      this.#running?.gone();
      onClose();
    });
    this.#rest();
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (isBinary) {
      this.#client.close(CLOSE.policy, "only text messages are taken");
      return;
    }
    const message = bytesOf(data);
    if (!this.#busy) {
      void this.#serve(message);
      return;
    }
    if (this.#waiting.length < MOST_WAITING) {
      this.#waiting.push(message);
      return;
    }
    const error = new PorticoError(
      "rate_limit",
      "Too many requests wait on this connection. Wait for their events.",
    );
    this.#send(errorMessage(error, this.#newId()));
  }

  /** This message and, one after the other, those that come meanwhile. */
  async #serve(first: Buffer): Promise<void> {
    this.#busy = true;
    this.#idle?.cancel();
    let message: Buffer | undefined = first;
    while (message !== undefined && this.#client.readyState === this.#client.OPEN) {
      const id = this.#newId();
      try {
        await this.#answer(message, id);
      } catch (error) {
        this.#context.ports.log.error(String(error), { request: id });
      }
      this.#running = undefined;
      message = this.#expired ? undefined : this.#waiting.shift();
    }
    this.#busy = false;
    if (this.#expired) this.#client.close(CLOSE.goingAway);
    else if (this.#client.readyState === this.#client.OPEN) this.#rest();
  }

  async #answer(bytes: Buffer, id: string): Promise<void> {
    let parsed: unknown;
    try {
      parsed = isLargeJson(bytes) ? await parseLargeJson(bytes) : parseJson(bytes.toString("utf8"));
    } catch (thrown) {
      this.#send(errorMessage(asPorticoError(thrown), id));
      return;
    }
    if (this.#client.readyState !== this.#client.OPEN) return;
    const message = readClientMessage(parsed, id);
    if (message.kind === "refused") this.#send(message.reply);
    if (message.kind !== "create") return;
    const { body, generate, streamId } = message;
    if (generate) await this.#create(id, body, streamId);
    else this.#warm(id, this.#whole(body), streamId);
  }

  /** A request that builds on the latest response here, with what came before in its input. */
  #whole(body: Body): Body {
    const { previous_response_id: previous, ...rest } = body;
    if (this.#latest === undefined || previous !== this.#latest.id) return body;
    return { ...rest, input: [...this.#latest.items, ...itemsOf(body.input)] };
  }

  async #create(id: string, own: Body, streamId: string | undefined): Promise<void> {
    const body = this.#whole(own);
    const { clock } = this.#context.ports;
    const reply = new SocketReply(this.#client, streamId);
    this.#running = reply;
    const headers = namedHeaders(this.#headers);
    const record = newRecord({ id, time: clock.now(), method: "WS", path: PATH }, headers);
    const began = performance.now();
    const recorded = this.#context.unrecorded.begin();
    const verdict = this.#decide();
    const client = verdict.ok ? verdict.client : undefined;
    if (client !== undefined) record.key = client.id;
    this.#context.traces.begin(record, headers, verdict.ok);
    const context = viewOf(this.#context, client);
    await serveIncoming(context, CREATE_RESPONSE, reply, record, async () => {
      if (!verdict.ok) {
        this.#context.ports.log.warn(verdict.logMessage, { request: id });
        throw refusalError(verdict);
      }
      await enter(context, record);
      return {
        id,
        method: "POST",
        rawHeaders: this.#headers,
        contentType: "application/json",
        search: "",
        body: Buffer.from(JSON.stringify(body)),
        // What was put in front of it has to be as little in all as a body over HTTP.
        ...(body === own ? { parsed: { value: body } } : {}),
      };
    });
    this.#latest = this.#remembered(body, reply);
    if (record.firstByteMs !== undefined) record.firstByteMs = Math.max(0, record.firstByteMs - began);
    if (record.durationMs === 0) record.durationMs = performance.now() - began;
    this.#context.record(record);
    recorded();
  }

  /** `generate: false`: the input is taken in, for the request that follows. */
  #warm(id: string, body: Body, streamId: string | undefined): void {
    try {
      const model = typeof body.model === "string" ? body.model : "";
      const request = responses.decodeRequest({ ...body, input: body.input ?? [] }, { model, stream: true });
      const { response, messages } = warmup(request, {
        model,
        now: this.#context.ports.clock.now(),
        newId: () => this.#context.newId(),
        ...(streamId === undefined ? {} : { streamId }),
      });
      this.#latest = { id: String(response.id), items: itemsOf(body.input) };
      for (const message of messages) this.#send(message);
    } catch (thrown) {
      const error =
        thrown instanceof PorticoError ? thrown : new PorticoError("internal", "Portico failed here.");
      this.#send(errorMessage(error, id, streamId));
    }
  }

  #remembered(body: Body, reply: SocketReply): Remembered | undefined {
    const { completed } = reply;
    if (completed === undefined) return undefined;
    return { id: completed.id, items: [...itemsOf(body.input), ...completed.output] };
  }

  #rest(): void {
    this.#idle?.cancel();
    this.#idle = this.#context.ports.clock.setTimeout(
      () => this.#client.close(CLOSE.normal, "idle"),
      IDLE_MS,
    );
  }

  /** What runs ends now, with an error; then the connection does. */
  cut(error: PorticoError): void {
    this.finish();
    this.#running?.emit("cut", error);
  }

  /** What runs may end, then the connection does. */
  finish(): void {
    this.#expired = true;
    this.#waiting.length = 0;
    if (!this.#busy) this.#client.close(CLOSE.goingAway);
  }

  #expire(): void {
    this.#send(connectionLimitMessage());
    this.finish();
  }

  #newId(): string {
    return `req_${this.#context.newId()}`;
  }

  #send(message: string): void {
    if (this.#client.readyState === this.#client.OPEN) this.#client.send(message);
  }
}

/** The upgrade's headers as those of a request over HTTP. */
function requestHeaders(upgrade: readonly string[]): string[] {
  const headers = ["content-type", "application/json", "accept", "text/event-stream"];
  for (let at = 0; at + 1 < upgrade.length; at += 2) {
    const name = upgrade[at] ?? "";
    const value = upgrade[at + 1] ?? "";
    if (/^(?:content-type|accept)$/i.test(name)) continue;
    // Asks for what this connection already is.
    if (/^openai-beta$/i.test(name) && value.includes("responses_websockets")) continue;
    headers.push(name, value);
  }
  return headers;
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

function itemsOf(input: unknown): readonly unknown[] {
  return typeof input === "string" ? [userMessage(input)] : listOf(input);
}
