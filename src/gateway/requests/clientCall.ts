/** From a route and its bytes to a `Call`: what is asked, of which model, and how it is sent on. */

import type { Protocol } from "../../control/protocol.ts";
import { badRequest } from "../common/errors.ts";
import type { Framing } from "../protocols/codec.ts";
import type { Operation } from "../protocols/operation.ts";
import type { AccountKey } from "../providers/account.ts";
import type { Candidate } from "../routing/candidate.ts";
import type { EachRoute } from "../server/routes.ts";
import type { Outgoing } from "../upstream/exchange.ts";
import { providerRequest } from "../upstream/providerRequest.ts";
import type { Call } from "./call.ts";
import { findSpans, mayRepeat, type SpanPath, splice } from "./jsonSpans.ts";
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

interface Shape {
  readonly protocol: Protocol;
  readonly operation: Operation;
  /** Behind the endpoint's base; a model in the path is filled in. */
  readonly path: (model: string) => string;
  /** Model named by the path. */
  readonly model?: string;
  /** Stream asked for by the path. */
  readonly stream?: boolean;
  /** Where the body names the model. */
  readonly models: readonly SpanPath[];
  /** Gemini writes `models/NAME` in bodies. */
  readonly prefix?: string;
  /** A field without which no provider answers, and its type. */
  readonly required?: { field: string; type: "array" | "present" };
}

const MODEL: readonly SpanPath[] = [["model"]];

/** Characters of a model's name; those of providers have up to about 300. */
const MODEL_LENGTH = 500;

/** The routes that lead to an account. */
export type ModelRoute = Exclude<
  EachRoute,
  {
    kind:
      | "health"
      | "metrics"
      | "root"
      | "models.list"
      | "models.get"
      | "gemini.list"
      | "gemini.get"
      | "method_not_allowed"
      | "unreadable"
      | "unknown";
  }
>;

function shapeOf(route: ModelRoute): Shape {
  switch (route.kind) {
    case "chat.completions":
      return {
        protocol: "openai-chat",
        operation: "chat",
        path: () => "/chat/completions",
        models: MODEL,
        required: { field: "messages", type: "array" },
      };
    case "completions":
      return {
        protocol: "openai-chat",
        operation: "completions",
        path: () => "/completions",
        models: MODEL,
        required: { field: "prompt", type: "present" },
      };
    case "responses.create":
      return { protocol: "openai-responses", operation: "chat", path: () => "/responses", models: MODEL };
    case "responses.input_tokens":
      return {
        protocol: "openai-responses",
        operation: "count-tokens",
        path: () => "/responses/input_tokens",
        models: MODEL,
      };
    case "responses.compact":
      return {
        protocol: "openai-responses",
        operation: "extra",
        path: () => "/responses/compact",
        models: MODEL,
      };
    case "responses.get":
    case "responses.delete":
      return responseObject(`/responses/${encodeURIComponent(route.id)}`);
    case "responses.cancel":
      return responseObject(`/responses/${encodeURIComponent(route.id)}/cancel`);
    case "responses.input_items":
      return responseObject(`/responses/${encodeURIComponent(route.id)}/input_items`);
    case "conversations.create":
      return responseObject("/conversations");
    case "conversations.get":
    case "conversations.update":
    case "conversations.delete":
      return responseObject(`/conversations/${encodeURIComponent(route.id)}`);
    case "conversations.items":
    case "conversations.add":
      return responseObject(`/conversations/${encodeURIComponent(route.id)}/items`);
    case "conversations.item":
    case "conversations.delete_item":
      return responseObject(
        `/conversations/${encodeURIComponent(route.id)}/items/${encodeURIComponent(route.item)}`,
      );
    case "messages":
      return {
        protocol: "anthropic",
        operation: "chat",
        path: () => "/v1/messages",
        models: MODEL,
        required: { field: "messages", type: "array" },
      };
    case "messages.count_tokens":
      return {
        protocol: "anthropic",
        operation: "count-tokens",
        path: () => "/v1/messages/count_tokens",
        models: MODEL,
        required: { field: "messages", type: "array" },
      };
    case "gemini.generate":
      return {
        ...gemini(route, "generateContent"),
        operation: "chat",
        stream: false,
        required: { field: "contents", type: "present" },
      };
    case "gemini.stream":
      return {
        ...gemini(route, "streamGenerateContent"),
        operation: "chat",
        stream: true,
        required: { field: "contents", type: "present" },
      };
    case "gemini.count":
      return {
        ...gemini(route, "countTokens"),
        operation: "count-tokens",
        models: [
          ["generateContentRequest", "model"],
          ["generate_content_request", "model"],
        ],
      };
    case "gemini.embed":
      return { ...gemini(route, "embedContent"), operation: "embeddings", models: MODEL };
    case "gemini.batchEmbed":
      return {
        ...gemini(route, "batchEmbedContents"),
        operation: "embeddings",
        models: [["requests", "[]", "model"]],
      };
    case "openai.passthrough":
      return {
        protocol: "openai-chat",
        operation: route.path === "embeddings" ? "embeddings" : "extra",
        path: () => `/${route.path}`,
        models: MODEL,
      };
  }
}

function responseObject(path: string): Shape {
  return { protocol: "openai-responses", operation: "response-object", path: () => path, models: [] };
}

function gemini(route: { version: string; model: string }, action: string): Omit<Shape, "operation"> {
  return {
    protocol: "gemini",
    path: (model) =>
      `/${route.version}/${model.startsWith("tunedModels/") ? "" : "models/"}${model.split("/").map(encodeURIComponent).join("/")}:${action}`,
    model: route.model,
    models: [],
    prefix: "models/",
  };
}

/**
 * @throws PorticoError `invalid_request` naming the field, for bodies that are no JSON object, that
 *   name no model, or name it twice
 */
export function clientCall(route: ModelRoute, incoming: Incoming): Call {
  const shape = shapeOf(route);
  const { body } = incoming;
  const boundary = multipartBoundary(incoming.contentType);
  if (boundary !== undefined) return multipartCall(shape, incoming, boundary);
  const empty =
    body.length === 0 &&
    (incoming.method === "GET" || incoming.method === "DELETE" || shape.operation === "response-object");
  const json = empty ? undefined : parseObject(incoming);
  const model = checkName(shape.model ?? (shape.operation === "response-object" ? "" : modelOf(json)));
  if (json !== undefined) {
    checkFields(shape, json);
    if (mayRepeat(body, "model")) findSpans(body, [["model"], ...shape.models]);
  }
  const stream = shape.stream ?? streamOf(json);
  return {
    id: incoming.id,
    protocol: shape.protocol,
    operation: shape.operation,
    model,
    stream,
    framing: stream ? framingOf(shape, incoming.search) : "sse",
    json,
    mentions: (text) => body.includes(text),
    headers: incoming.rawHeaders,
    outgoing(candidate, key, edited) {
      const bytes = edited === undefined ? body : Buffer.from(JSON.stringify(edited));
      const renamed = candidate.model !== model && json !== undefined && shape.models.length > 0;
      const sent = renamed
        ? splice(bytes, findSpans(bytes, shape.models), `${shape.prefix ?? ""}${candidate.model}`)
        : bytes;
      return outgoing(shape, incoming, candidate, key, empty ? null : sent);
    },
  };
}

function multipartCall(shape: Shape, incoming: Incoming, boundary: string): Call {
  if (shape.operation !== "extra") throw badRequest("This endpoint takes JSON, not a form.");
  const { body } = incoming;
  const span = multipartField(body, boundary, "model");
  const model = span === undefined ? "" : body.toString("utf8", span.start, span.end);
  if (span === undefined || model === "")
    throw badRequest('The form has no field "model". Name the model to use.', "model");
  checkName(model);
  const stream = multipartField(body, boundary, "stream");
  return {
    id: incoming.id,
    protocol: shape.protocol,
    operation: shape.operation,
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
      return outgoing(shape, incoming, candidate, key, sent);
    },
  };
}

function outgoing(
  shape: Shape,
  { method, search, rawHeaders: headers }: Incoming,
  candidate: Candidate,
  key: AccountKey | undefined,
  body: Buffer | null,
): Outgoing {
  const sent = method === "HEAD" ? "GET" : (method as Outgoing["method"]);
  const request = { path: shape.path(candidate.model), search, method: sent, headers, body };
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
    throw badRequest(
      `The body is not valid JSON: ${error instanceof Error ? jsonComplaint(error) : "it cannot be parsed"}.`,
    );
  }
}

/** V8 quotes the text; a conversation does not belong into an error or a log. */
function jsonComplaint(error: Error): string {
  const position = /position (\d+)/.exec(error.message)?.[1];
  return position === undefined
    ? "it ends too early or has a stray character"
    : `unexpected character at position ${position}`;
}

function modelOf(json: Readonly<Record<string, unknown>> | undefined): string {
  const model = json?.["model"];
  if (typeof model === "string" && model !== "") return model;
  const why = model === undefined ? "is missing" : `must be a non-empty string, not ${shown(model)}`;
  throw badRequest(`"model" ${why}. GET /v1/models lists the models.`, "model");
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

function checkFields({ required }: Shape, json: Readonly<Record<string, unknown>>): void {
  if (required === undefined) return;
  const value = json[required.field];
  if (value === undefined || value === null)
    throw badRequest(`"${required.field}" is missing.`, required.field);
  if (required.type === "array" && !Array.isArray(value)) {
    throw badRequest(`"${required.field}" must be an array.`, required.field);
  }
}

function framingOf({ protocol }: Shape, search: string): Framing {
  if (protocol !== "gemini") return "sse";
  return new URLSearchParams(search).get("alt") === "sse" ? "sse" : "json-array";
}
