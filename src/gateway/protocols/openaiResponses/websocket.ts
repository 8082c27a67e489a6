/**
 * Messages of the Responses API's WebSocket mode (OpenAI's guide "WebSocket mode"; the events are
 * `ResponsesClientEvent` and `ResponsesServerEvent` of the official SDK). A client sends
 * `response.create` with the fields of a request; the events of the stream come back, each as one
 * text message. Pure functions; the socket is another module's.
 */
import { badRequest, type PorticoError } from "../../common/errors.ts";
import { type Fields, isRecord, parseJson, textOf } from "../../common/json.ts";
import { type ChatRequest, NO_USAGE } from "../chat.ts";
import type { WireEvent } from "../codec.ts";
import { encodeError, showError } from "./errors.ts";
import { ownId } from "./ids.ts";
import { responseHead, responseObject } from "./reply/responseObject.ts";

/** After this many milliseconds the server closes the connection, as the guide says. */
export const CONNECTION_LIMIT_MS = 60 * 60 * 1000;

export type ClientMessage =
  | {
      kind: "create";
      /** The body a `POST /v1/responses` would have had, streaming. */
      body: Record<string, unknown>;
      /** Names the events of this response where several run on one connection. */
      streamId?: string;
      /** `generate: false`: only take the input in, make no output. */
      generate: boolean;
    }
  /** Nothing to do and nothing to answer. */
  | { kind: "ignored" }
  /** Not possible here: `reply` is the message to send back. */
  | { kind: "refused"; reply: string };

function withStream(event: Fields, streamId: string | undefined): string {
  return JSON.stringify(streamId === undefined ? event : { ...event, stream_id: streamId });
}

/** An error as a message. Codex reads `status` and `headers`; the SDK reads `error`. */
export function errorMessage(error: PorticoError, requestId: string, streamId?: string): string {
  const { status, headers } = encodeError(error, requestId);
  const event = { type: "error", status, error: { ...showError(error), headers }, headers };
  return withStream(event, streamId);
}

/** What an idle or refused connection is told after an hour. */
export function connectionLimitMessage(): string {
  const error = {
    type: "invalid_request_error",
    code: "websocket_connection_limit_reached",
    message: "This connection has been open for 60 minutes. Open a new one to continue.",
    param: null,
  };
  return JSON.stringify({ type: "error", status: 400, error });
}

function refuse(message: string, field: string, requestId: string, streamId?: string): ClientMessage {
  return { kind: "refused", reply: errorMessage(badRequest(message, field), requestId, streamId) };
}

/**
 * What a client's message asks for. Never throws.
 * @param message parsed; `undefined` for what is no JSON
 * @param requestId for the error
 */
export function readClientMessage(message: unknown, requestId: string): ClientMessage {
  if (!isRecord(message)) return refuse("The message is not a JSON object.", "body", requestId);
  const streamId = textOf(message.stream_id);
  switch (message.type) {
    case "response.create": {
      const { type: _, stream_id: __, generate, background, ...body } = message;
      if (background === true) {
        return refuse("'background' is not supported over a WebSocket.", "background", requestId, streamId);
      }
      return {
        kind: "create",
        body: { ...body, stream: true },
        generate: generate !== false,
        ...(streamId === undefined ? {} : { streamId }),
      };
    }
    case "response.processed":
      return { kind: "ignored" };
    case "response.steer":
      return { kind: "refused", reply: steerFailed(message, streamId) };
    default: {
      const name = textOf(message.type);
      const what = name === undefined ? "A message without a type" : `A message of type '${name}'`;
      return refuse(`${what} is not supported; send 'response.create'.`, "type", requestId, streamId);
    }
  }
}

function steerFailed(message: Fields, streamId: string | undefined): string {
  const event = {
    type: "response.steer.failed",
    sequence_number: 0,
    steer: {
      input: message.input ?? "",
      previous_response_id: textOf(message.previous_response_id) ?? "",
    },
    error: {
      type: "invalid_request_error",
      code: "steering_not_supported",
      message: "A response cannot be steered here. Send a new 'response.create' instead.",
    },
  };
  return withStream(event, streamId);
}

/** A stream's event as a message; `undefined` for what has no JSON (`[DONE]`). */
export function serverMessage(event: WireEvent, streamId?: string): string | undefined {
  if (streamId === undefined) return event.data.startsWith("{") ? event.data : undefined;
  const data = parseJson(event.data);
  return isRecord(data) ? withStream(data, streamId) : undefined;
}

export interface Warmup {
  /** The response to keep, so that the next request can name it. */
  response: Fields;
  messages: string[];
}

/** The answer to `generate: false`: a response that is complete at once and empty. */
export function warmup(
  request: ChatRequest,
  context: { model: string; now: number; newId: () => string; streamId?: string },
): Warmup {
  const time = Math.floor(context.now / 1000);
  const head = responseHead(request, {
    id: ownId("resp", context.newId()),
    model: context.model,
    created: time,
    serviceTier: undefined,
  });
  const started = responseObject(head, { status: "in_progress", output: [], time });
  const response = responseObject(head, { status: "completed", output: [], usage: NO_USAGE, time });
  const events = [
    { type: "response.created", sequence_number: 0, response: started },
    { type: "response.in_progress", sequence_number: 1, response: started },
    { type: "response.completed", sequence_number: 2, response },
  ];
  return { response, messages: events.map((event) => withStream(event, context.streamId)) };
}
