/** One attempt at one candidate: by lane A, lane B, or the sandbox. */
import type { Account } from "../accounts/account.ts";
import { PorticoError } from "../errors.ts";
import { type ClientReply, SSE_HEADERS } from "../http/clientReply.ts";
import type { GatewayContext } from "../http/context.ts";
import type { ChatRequest } from "../protocols/chat.ts";
import type { ReplyContext } from "../protocols/codec.ts";
import { CODECS } from "../protocols/codecs.ts";
import type { RequestRecord } from "../records/record.ts";
import type { Candidate } from "../routing/target.ts";
import type { Attempt } from "./attempts.ts";
import type { Call } from "./call.ts";
import { deliver } from "./deliver.ts";
import { type Exchange, exchange, type Outgoing } from "./exchange.ts";
import { collectStart } from "./flow.ts";
import { providerHeaders } from "./headers.ts";
import type { Heartbeats } from "./heartbeats.ts";
import { inflated } from "./inflate.ts";
import { ERROR_BYTES, type LaneContext, type LaneResult } from "./lane.ts";
import { laneA } from "./laneA.ts";
import { laneB } from "./laneB.ts";
import { chatPath, formOf } from "./operations.ts";
import { sandboxReply } from "./sandboxLane.ts";

/** Characters of all warnings in the reply header. */
const WARNING_HEADER = 1000;

/**
 * Makes the function that the attempt loop calls, and starts the heartbeats of a stream.
 * @returns `stop`: ends the heartbeats, whatever happened
 */
export function attemptFor(
  call: Call,
  reply: ClientReply,
  context: GatewayContext,
  record: RequestRecord,
  heartbeats: Heartbeats | undefined,
): { attempt: Attempt; stop: () => void } {
  const codec = CODECS[call.protocol];
  const beat = heartbeats?.start(() => {
    reply.heartbeatHead(
      call.framing === "json-array"
        ? { ...SSE_HEADERS, "content-type": "application/json; charset=utf-8" }
        : SSE_HEADERS,
    );
    reply.write(codec.heartbeat(call.framing));
  });
  const lane: LaneContext = { reply, codec, requestId: call.id, beat };
  const translator = new Translator(call, context, record, reply);

  const attempt: Attempt = async (candidate, { fresh }) => {
    const { account, protocol } = candidate;
    reply.setHeader("x-portico-account", headerText(account.label));
    reply.setHeader("x-portico-model", headerText(candidate.model));
    if (account.provider.id === "sandbox") {
      record.lane = "sandbox";
      const form = formOf(call);
      if (form === undefined) return sandboxReply(call, candidate.model, lane);
      const request = translator.request(candidate);
      const answer = context.sandbox.run(request);
      if ("error" in answer) return { kind: "trouble", trouble: { kind: "chat", error: answer.error } };
      return await deliver(answer.flow, call.stream, form.encoding, translator.replyContext(request), lane);
    }
    const key = await account.key();
    if (key === undefined && account.provider.keyRequired) return noKey(account);
    const sameProtocol =
      protocol === call.protocol && (call.operation !== "completions" || hasCompletions(account));
    record.lane = sameProtocol ? "A" : "B";
    const outgoing = sameProtocol ? call.outgoing(candidate, key) : translator.outgoing(candidate, key);
    const sent = await send(outgoing, candidate, fresh, reply, context);
    if (sent.kind === "trouble") return sent;
    const { exchange: received } = sent;
    if (sameProtocol) {
      if (reply.committed && !isStream(received)) {
        received.flow.abort();
        const message = "The provider sent no stream although one was asked for.";
        return { kind: "trouble", trouble: { kind: "chat", error: { kind: "upstream", message } } };
      }
      return await laneA(received, call.framing, lane);
    }
    const form = formOf(call);
    if (form === undefined) throw new Error(`no canonical form of ${call.operation}`);
    const request = translator.request(candidate);
    return await laneB(
      received,
      {
        provider: CODECS[protocol],
        request,
        stream: call.stream,
        encoding: form.encoding,
        replyContext: translator.replyContext(request),
      },
      lane,
    );
  };
  return { attempt, stop: () => beat?.stop() };
}

type Sent = { kind: "sent"; exchange: Exchange } | Extract<LaneResult, { kind: "trouble" }>;

async function send(
  outgoing: Outgoing,
  { account }: Candidate,
  fresh: boolean,
  reply: ClientReply,
  context: GatewayContext,
): Promise<Sent> {
  const { headersTimeoutMs, idleTimeoutMs } = context.settings().upstream;
  let received: Exchange;
  try {
    const dispatcher = context.agents.for(outgoing.url, account.proxy, fresh);
    received = await exchange(outgoing, {
      dispatcher,
      headersTimeoutMs,
      idleTimeoutMs,
      signal: reply.signal,
    });
  } catch (error) {
    return {
      kind: "trouble",
      trouble: { kind: "network", error: error instanceof Error ? error : new Error(String(error)) },
    };
  }
  const plain = inflated(received, isTextual(received));
  if (plain.status >= 200 && plain.status < 300) return { kind: "sent", exchange: plain };
  const body = await collectStart(plain.flow, ERROR_BYTES);
  return { kind: "trouble", trouble: { kind: "reply", status: plain.status, headers: plain.headers, body } };
}

function isTextual({ headers }: Exchange): boolean {
  return /^(?:text\/|application\/(?:json|x-ndjson|problem\+json))/i.test(
    headers["content-type"] ?? "application/json",
  );
}

function isStream({ headers }: Exchange): boolean {
  const type = headers["content-type"] ?? "";
  return type.startsWith("text/event-stream") || type.startsWith("application/json");
}

function hasCompletions(account: Account): boolean {
  return account.provider.extras.includes("completions");
}

function noKey(account: Account): LaneResult {
  const message = `no key is stored for the account "${account.label}"; add it again with its key`;
  return { kind: "trouble", trouble: { kind: "chat", error: { kind: "authentication", message } } };
}

/** Header values are Latin-1 without control characters (RFC 9110 5.5). */
function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}

/** Decodes the client's request once, and encodes it for each candidate of another protocol. */
class Translator {
  readonly #call: Call;
  readonly #context: GatewayContext;
  readonly #record: RequestRecord;
  readonly #reply: ClientReply;
  #decoded: ChatRequest | undefined;

  constructor(call: Call, context: GatewayContext, record: RequestRecord, reply: ClientReply) {
    this.#call = call;
    this.#context = context;
    this.#record = record;
    this.#reply = reply;
  }

  /** @throws PorticoError `invalid_request` naming the field */
  request(candidate: Candidate): ChatRequest {
    if (this.#decoded === undefined) {
      const form = formOf(this.#call);
      if (form === undefined) {
        throw new PorticoError("unsupported", "No account here speaks the protocol of this endpoint.", {
          retryable: false,
        });
      }
      this.#decoded = form.decode(this.#call);
    }
    return { ...this.#decoded, model: candidate.model };
  }

  outgoing(candidate: Candidate, key: string | undefined): Outgoing {
    const { account, protocol } = candidate;
    const endpoint = account.endpoints.get(protocol);
    if (endpoint === undefined) throw new Error(`${account.id} has no ${protocol} endpoint`);
    this.#record.warnings = [];
    const request = this.request(candidate);
    const body = CODECS[protocol].encodeRequest(request, {
      provider: account.provider.id,
      autoCache: true,
      warn: (feature, message) => this.#warn(feature, message),
    });
    if (this.#record.warnings.length > 0) {
      const text = this.#record.warnings.map(({ feature, message }) => `${feature}: ${message}`).join("; ");
      this.#reply.setHeader("x-portico-warnings", headerText(text.slice(0, WARNING_HEADER)));
    }
    const path = chatPath(protocol, candidate.model, request.stream);
    return {
      url: new URL(endpoint.base + (account.provider.path?.(protocol, path) ?? path)),
      method: "POST",
      headers: [
        ...providerHeaders([], endpoint, key),
        "content-type",
        "application/json",
        "accept",
        request.stream ? "text/event-stream" : "application/json",
      ],
      body: Buffer.from(JSON.stringify(body)),
    };
  }

  replyContext(request: ChatRequest): ReplyContext {
    return {
      model: this.#call.model,
      now: this.#context.ports.clock.now(),
      newId: () => this.#context.newId(),
      request,
      framing: this.#call.framing,
      warn: (feature, message) => this.#warn(feature, message),
    };
  }

  #warn(feature: string, message: string): void {
    // A request of thousands of parts must not make as many warnings.
    if (this.#record.warnings.length < 100) this.#record.warnings.push({ feature, message });
  }
}
