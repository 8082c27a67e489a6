/** From a route and its bytes to a `Call`: what is asked, of which model, and how it is sent on. */

import { badRequest } from "../common/errors.ts";
import { fieldsOf } from "../common/json.ts";
import { type CallRoute, MODEL_FIELD, type SpanPath } from "../protocols/client.ts";
import { WIRES } from "../protocols/wires.ts";
import type { AccountKey } from "../providers/account.ts";
import type { Candidate } from "../routing/candidate.ts";
import { notParsed } from "../server/body/largeJson.ts";
import type { Outgoing } from "../upstream/exchange.ts";
import { providerRequest } from "../upstream/providerRequest.ts";
import type { Call } from "./call.ts";
import { findSpans, mayRepeat, splice } from "./jsonSpans.ts";
import { multipartBoundary, multipartField } from "./multipart.ts";

export interface Incoming {
  readonly id: string;
  readonly method: string;
  /** Names and values in turn. */
  readonly rawHeaders: readonly string[];
  readonly contentType: string;
  /** `?beta=true` or `""`; never the client's key. */
  readonly search: string;
  readonly body: Buffer;
  /** The body's JSON, where it is large and was parsed ahead in slices. */
  readonly parsed?: { readonly value: unknown };
}

/** Characters of a model's name; those of providers have up to about 300. */
const MODEL_LENGTH = 500;

/**
 * @throws PorticoError `invalid_request` naming the field, for bodies that are no JSON object, that
 *   name no model, or name it twice
 */
export function clientCall(route: CallRoute, incoming: Incoming): Call {
  const { body } = incoming;
  const boundary = multipartBoundary(incoming.contentType);
  if (boundary !== undefined) return multipartCall(route, incoming, boundary);
  const empty =
    body.length === 0 &&
    (incoming.method === "GET" || incoming.method === "DELETE" || route.operation === "response-object");
  const json = empty ? undefined : parseObject(incoming);
  const [modelAt] = route.modelAt;
  const model = checkName(route.model ?? (modelAt === undefined ? "" : modelOf(json, modelAt)));
  if (json !== undefined) {
    checkFields(route, json);
    const paths = route.modelAt === MODEL_FIELD ? MODEL_FIELD : [...MODEL_FIELD, ...route.modelAt];
    if (paths.some((path) => mayRepeat(body, path.at(-1) ?? ""))) findSpans(body, paths);
  }
  const stream = route.stream ?? streamOf(json);
  // As OpenAI answers: this endpoint has no streams.
  if (stream && route.operation === "compact") throw badRequest("Unknown parameter: 'stream'.", "stream");
  return {
    id: incoming.id,
    protocol: route.protocol,
    operation: route.operation,
    model,
    stream,
    framing: stream ? WIRES[route.protocol].client.framing(incoming.search) : "sse",
    json,
    mentions: (text) => body.includes(text),
    headers: incoming.rawHeaders,
    outgoing(candidate, key, edited) {
      const bytes = edited === undefined ? body : Buffer.from(JSON.stringify(edited));
      const renamed = candidate.model !== model && json !== undefined && route.modelAt.length > 0;
      const sent = renamed
        ? splice(bytes, findSpans(bytes, route.modelAt), `${route.modelPrefix ?? ""}${candidate.model}`)
        : bytes;
      return outgoing(route, incoming, candidate, key, empty ? null : sent);
    },
  };
}

function multipartCall(route: CallRoute, incoming: Incoming, boundary: string): Call {
  if (route.operation !== "extra") throw badRequest("This endpoint takes JSON, not a form.");
  const { body } = incoming;
  const span = multipartField(body, boundary, "model");
  const model = span === undefined ? "" : body.toString("utf8", span.start, span.end);
  if (span === undefined || model === "")
    throw badRequest('The form has no field "model". Name the model to use.', "model");
  checkName(model);
  const stream = multipartField(body, boundary, "stream");
  return {
    id: incoming.id,
    protocol: route.protocol,
    operation: route.operation,
    model,
    stream: stream !== undefined && body.toString("latin1", stream.start, stream.end) === "true",
    framing: "sse",
    json: undefined,
    headers: incoming.rawHeaders,
    outgoing(candidate, key) {
      const sent =
        candidate.model === model
          ? body
          : Buffer.concat([
              body.subarray(0, span.start),
              Buffer.from(candidate.model),
              body.subarray(span.end),
            ]);
      return outgoing(route, incoming, candidate, key, sent);
    },
  };
}

function outgoing(
  route: CallRoute,
  { method, search, rawHeaders: headers }: Incoming,
  candidate: Candidate,
  key: AccountKey | undefined,
  body: Buffer | null,
): Outgoing {
  const sent = method === "HEAD" ? "GET" : (method as Outgoing["method"]);
  const request = { path: route.path(candidate.model), search, method: sent, headers, body };
  return providerRequest(candidate, request, key);
}

/** @throws PorticoError `invalid_request` for a body that is no JSON object */
export function parseObject({
  body,
  parsed,
}: Pick<Incoming, "body" | "parsed">): Readonly<Record<string, unknown>> {
  if (body.length === 0) throw badRequest("The request has no body. Send a JSON object.");
  const value = parsed === undefined ? parsedBody(body) : parsed.value;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw badRequest(
      `The body must be a JSON object, not ${Array.isArray(value) ? "an array" : JSON.stringify(value).slice(0, 20)}.`,
    );
  }
  return value as Readonly<Record<string, unknown>>;
}

function parsedBody(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch (error) {
    throw notParsed(error);
  }
}

function modelOf(json: unknown, at: SpanPath): string {
  const model = at.reduce<unknown>((value, key) => fieldsOf(value)[key], json);
  if (typeof model === "string" && model !== "") return model;
  const field = at.join(".");
  const why = model === undefined ? "is missing" : `must be a non-empty string, not ${shown(model)}`;
  throw badRequest(`"${field}" ${why}. GET /v1/models lists the models.`, field);
}

function streamOf(json: Readonly<Record<string, unknown>> | undefined): boolean {
  const stream = json?.["stream"];
  if (stream === undefined || stream === null || typeof stream === "boolean") return stream === true;
  throw badRequest(`"stream" must be true or false, not ${shown(stream)}.`, "stream");
}

/** Objects are not printed: they may be of any size and depth. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" && value !== null ? "an object" : JSON.stringify(value).slice(0, 50);
}

/** Names end up in paths, headers, messages and the log. */
function checkName(model: string): string {
  if (model.length > MODEL_LENGTH) {
    throw badRequest(`"model" is longer than ${MODEL_LENGTH} characters.`, "model");
  }
  if (/(?:^|\/)\.{1,2}(?:\/|$)/.test(model)) throw badRequest('"model" has a dot segment.', "model");
  return model;
}

function checkFields({ required }: CallRoute, json: Readonly<Record<string, unknown>>): void {
  if (required === undefined) return;
  const value = json[required.field];
  if (value === undefined || value === null)
    throw badRequest(`"${required.field}" is missing.`, required.field);
  if (required.type === "array" && !Array.isArray(value)) {
    throw badRequest(`"${required.field}" must be an array.`, required.field);
  }
}
