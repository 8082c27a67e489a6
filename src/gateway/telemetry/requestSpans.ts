/**
 * The spans of a finished request: what the client asked (SERVER), the logical call of a model (CLIENT, by the
 * conventions for generative AI), and each call to a provider (CLIENT, HTTP). Tokens are at the logical call alone.
 * https://opentelemetry.io/docs/specs/semconv/http/http-spans/
 * https://github.com/open-telemetry/semantic-conventions-genai
 */
import type { Usage } from "../protocols/chat.ts";
import type { ServerAddresses } from "../providers/conventions.ts";
import { newId } from "./ids.ts";
import type { Attributes, RequestContext, Span, TracedAttempt, TracedRequest } from "./span.ts";

const METHODS: ReadonlySet<string> = new Set(
  "GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH QUERY".split(" "),
);
/** A request within a WebSocket, as records call it. */
const WEBSOCKET = "WS";
const CLIENT_GONE = "client-gone";

/** Given in: what is loaded later shares no code with what is there already, or that would be cut in pieces. */
export interface SpanSources {
  /** `gen_ai.operation.name` of a path. */
  readonly operationName: (path: string) => string;
  /** `http.route` of a path; `undefined` where nothing is there. */
  readonly routeTemplate: (method: string, path: string) => string | undefined;
  readonly addresses: ServerAddresses;
  /** Takes out what is secret: names come from clients. */
  readonly redact: (text: string) => string;
}

/** The parent of the others first. */
export function spansOf(request: TracedRequest, about: RequestContext, sources: SpanSources): Span[] {
  const { parent } = about;
  const traceId = parent?.traceId ?? newId(16);
  const state = parent?.state === undefined ? {} : { state: parent.state };
  const of = { traceId, ...state };
  const server: Span = {
    ...of,
    ...(parent === undefined ? {} : { parentSpanId: parent.spanId, parentIsRemote: true }),
    ...serverSpan(request, about, sources),
  };
  const call = callSpan(request, about, sources);
  const logical = call === undefined ? undefined : { ...of, parentSpanId: server.spanId, ...call };
  const above = (logical ?? server).spanId;
  const attempts = request.attempts.flatMap((attempt, index) => {
    const span = attemptSpan(request, attempt, index, sources);
    return span === undefined ? [] : [{ ...of, parentSpanId: above, ...span }];
  });
  return [server, ...(logical === undefined ? [] : [logical]), ...attempts];
}

type Own = Omit<Span, "traceId" | "parentSpanId" | "state">;

function serverSpan(
  request: TracedRequest,
  { host }: RequestContext,
  { redact, routeTemplate }: SpanSources,
): Own {
  const { method, path, time, durationMs, status, error } = request;
  const socket = method === WEBSOCKET;
  const known = METHODS.has(method);
  const route = routeTemplate(socket ? "POST" : method, path);
  const [name, port] = hostOf(host);
  return {
    spanId: newId(8),
    name: [socket || known ? method : "HTTP", route].filter((part) => part !== undefined).join(" "),
    kind: "server",
    start: time,
    end: time + durationMs,
    // What a client did wrong is no failure of the server's, and no more that it left.
    failed: status >= 500 || (error !== undefined && error.kind !== CLIENT_GONE && status < 400),
    attributes: {
      "http.request.method": socket ? undefined : known ? method : "_OTHER",
      "http.route": route,
      "http.response.status_code": status,
      "url.path": redact(path),
      "url.scheme": socket ? "ws" : "http",
      "network.protocol.name": socket ? "websocket" : undefined,
      "server.address": name,
      "server.port": port,
      "user_agent.original": textOf(request.userAgent, redact),
      "error.type": error?.kind ?? (status >= 500 ? String(status) : undefined),
      "user.id": request.key,
      "session.id": request.session,
      "portico.request.id": request.id,
      "portico.client.name": textOf(request.client, redact),
      "portico.client.protocol": request.protocol,
      "portico.lane": laneName(request.lane),
      "portico.attempts": request.attempts.length,
      "portico.warnings": request.warnings.length,
    },
  };
}

/** @returns `undefined` where no model was asked to answer */
function callSpan(
  request: TracedRequest,
  { reply, content }: RequestContext,
  { addresses, redact, operationName }: SpanSources,
): Own | undefined {
  const { attempts, time, model = "", path, error, usage } = request;
  const [first] = attempts;
  const last = attempts.at(-1);
  const operation = operationName(path);
  if (first === undefined || last === undefined || model === "" || operation === "count_tokens")
    return undefined;
  const begins = Math.max(0, first.at - (first.waited ?? 0));
  const server = addresses.of(last.account, last.protocol);
  const asked = redact(model);
  const failed = error !== undefined || request.status >= 400;
  return {
    spanId: newId(8),
    name: `${operation} ${asked}`,
    kind: "client",
    start: time + begins,
    end: time + Math.max(begins, last.at + last.took),
    failed,
    attributes: {
      "gen_ai.operation.name": operation,
      "gen_ai.provider.name": server?.provider ?? "unknown",
      "gen_ai.request.model": asked,
      "gen_ai.request.stream": request.stream === true ? true : undefined,
      "gen_ai.response.model": redact(reply?.model ?? request.modelUsed ?? last.model),
      "gen_ai.response.id": textOf(reply?.id, redact),
      "gen_ai.response.finish_reasons": failed ? ["error"] : reply?.finishReasons,
      "gen_ai.response.time_to_first_chunk":
        request.stream === true && request.firstByteMs !== undefined
          ? Math.max(0, request.firstByteMs - begins) / 1000
          : undefined,
      "gen_ai.input.messages": content?.input,
      "gen_ai.output.messages": content?.output,
      "portico.content.cut": content?.cut === true ? true : undefined,
      "server.address": server?.address || undefined,
      "server.port": portOf(server?.port),
      "error.type": failed ? (error?.kind ?? String(request.status)) : undefined,
      "user.id": request.key,
      "session.id": request.session,
      "portico.request.id": request.id,
      "portico.account.id": last.account,
      "openinference.span.kind": operation === "embeddings" ? "EMBEDDING" : "LLM",
      ...(usage === undefined ? {} : usageAttributes(usage)),
    },
  };
}

/** Of HTTP alone, without any `gen_ai.*`: whoever adds tokens up must not meet a call twice. */
function attemptSpan(
  { time, method, attempts }: TracedRequest,
  attempt: TracedAttempt,
  index: number,
  { addresses, redact }: SpanSources,
): Own | undefined {
  const { account, protocol, at, took, waited, status, outcome } = attempt;
  const server = addresses.of(account, protocol);
  // The sandbox is no server.
  if (server === undefined || server.address === "") return undefined;
  const verb = method === "GET" || method === "DELETE" ? method : method === "HEAD" ? "GET" : "POST";
  const failed = outcome !== "ok";
  return {
    spanId: newId(8),
    name: verb,
    kind: "client",
    start: time + at,
    end: time + at + took,
    failed,
    attributes: {
      "http.request.method": verb,
      "http.response.status_code": status,
      "http.request.resend_count": resends(attempts, index) || undefined,
      "server.address": server.address,
      "server.port": portOf(server.port),
      "error.type": failed ? (status !== undefined && status >= 400 ? String(status) : outcome) : undefined,
      "portico.attempt": index + 1,
      "portico.attempt.outcome": outcome,
      "portico.attempt.waited_ms": waited === undefined ? undefined : Math.round(waited),
      "portico.account.id": account,
      "portico.provider.name": server.provider,
      "portico.provider.model": redact(attempt.model),
      "portico.provider.protocol": protocol,
    },
  };
}

/** How often the same was sent to the same account before. */
function resends(attempts: readonly TracedAttempt[], index: number): number {
  const { account, model } = attempts[index] ?? {};
  return attempts.slice(0, index).filter((each) => each.account === account && each.model === model).length;
}

/** The names of now, those of before, and what Langfuse and Phoenix read. */
function usageAttributes({ input, output, estimated, cost }: Usage): Attributes {
  const { cacheRead, cacheWrite } = input;
  const { reasoning } = output;
  const some = (count: number) => (count > 0 ? count : undefined);
  return {
    "gen_ai.usage.input_tokens": input.total,
    "gen_ai.usage.output_tokens": output.total,
    "gen_ai.usage.cache_read.input_tokens": some(cacheRead),
    "gen_ai.usage.cache_write.input_tokens": some(cacheWrite),
    // Until 1.41 of the conventions, and what readers of today look for.
    "gen_ai.usage.cache_creation.input_tokens": some(cacheWrite),
    "gen_ai.usage.reasoning.output_tokens": some(reasoning),
    "gen_ai.usage.cost": cost,
    "portico.usage.estimated": estimated === true ? true : undefined,
    // Langfuse adds up all that it does not know by name: told so, nothing counts twice in any of its versions.
    "langfuse.observation.usage_details": JSON.stringify({
      input: input.uncached,
      input_cached_tokens: some(cacheRead),
      input_cache_creation: some(cacheWrite),
      output: Math.max(0, output.total - reasoning),
      output_reasoning_tokens: some(reasoning),
      total: input.total + output.total,
    }),
    // OpenInference: Phoenix reads reasoning here alone, and its earlier versions all of it.
    "llm.token_count.prompt": input.total,
    "llm.token_count.completion": output.total,
    "llm.token_count.total": input.total + output.total,
    "llm.token_count.prompt_details.cache_read": some(cacheRead),
    "llm.token_count.prompt_details.cache_write": some(cacheWrite),
    "llm.token_count.completion_details.reasoning": some(reasoning),
  };
}

const textOf = (text: string | undefined, redact: (text: string) => string): string | undefined =>
  text === undefined || text === "" ? undefined : redact(text);

const LANES: Readonly<Record<string, string>> = { A: "passthrough", B: "translation" };
const laneName = (lane: string | undefined): string | undefined =>
  lane === undefined ? undefined : (LANES[lane] ?? lane);

function portOf(port: string | undefined): number | undefined {
  return port === undefined || port === "" ? undefined : Number(port);
}

function hostOf(host: string | undefined): [name?: string, port?: number] {
  const url = host === undefined ? null : URL.parse(`http://${host}`);
  return url === null ? [] : [url.hostname, Number(url.port || 80)];
}
