/** How clients of the Responses API ask, and for what of the replies and conversations that are kept. */

import {
  type CallRoute,
  type ClientSide,
  type Methods,
  MODEL_FIELD,
  type SpanPath,
  type StoredAction,
} from "../client.ts";
import type { Operation } from "../operation.ts";

function route(path: string, operation: Operation, modelAt: readonly SpanPath[] = MODEL_FIELD): CallRoute {
  return { kind: "call", protocol: "openai-responses", operation, path: () => path, modelAt };
}

/** A new response: over HTTP, or by a message over a WebSocket. */
export const CREATE_RESPONSE: CallRoute = route("/responses", "chat");

/** @param segments of the path, decoded */
function kept(segments: readonly string[], stored: StoredAction): CallRoute {
  return { ...route(`/${segments.map(encodeURIComponent).join("/")}`, "response-object", []), stored };
}

function responses(segments: readonly string[]): Methods | undefined {
  const [, id, action] = segments;
  if (id === undefined) return { POST: CREATE_RESPONSE };
  if (segments.length > 3) return undefined;
  const object = "response";
  switch (action) {
    case undefined:
      if (id === "input_tokens") return { POST: route("/responses/input_tokens", "count-tokens") };
      if (id === "compact") return { POST: route("/responses/compact", "compact") };
      return {
        GET: kept(segments, { object, action: "get", id }),
        DELETE: kept(segments, { object, action: "delete", id }),
      };
    case "cancel":
      return { POST: kept(segments, { object, action, id }) };
    case "input_items":
      return { GET: kept(segments, { object, action, id }) };
    default:
      return undefined;
  }
}

function conversations(segments: readonly string[]): Methods | undefined {
  const [, id, items, item] = segments;
  const object = "conversation";
  if (id === undefined) return { POST: kept(segments, { object, action: "create" }) };
  if (items === undefined) {
    return {
      GET: kept(segments, { object, action: "get", id }),
      POST: kept(segments, { object, action: "update", id }),
      DELETE: kept(segments, { object, action: "delete", id }),
    };
  }
  if (items !== "items" || segments.length > 4) return undefined;
  if (item === undefined) {
    return {
      GET: kept(segments, { object, action: "items", id }),
      POST: kept(segments, { object, action: "add", id }),
    };
  }
  return {
    GET: kept(segments, { object, action: "item", id, item }),
    DELETE: kept(segments, { object, action: "delete_item", id, item }),
  };
}

export const client: ClientSide = {
  family: "openai",
  versions: ["v1"],
  heads: ["responses", "conversations"],
  routes({ rest }) {
    if (rest[0] === "responses") return responses(rest);
    return rest[0] === "conversations" ? conversations(rest) : undefined;
  },
  paths: [
    "POST /v1/responses",
    "GET /v1/responses/{id}",
    "DELETE /v1/responses/{id}",
    "POST /v1/responses/{id}/cancel",
    "GET /v1/responses/{id}/input_items",
    "POST /v1/responses/input_tokens",
    "POST /v1/responses/compact",
    "POST /v1/conversations",
    "GET /v1/conversations/{id}",
    "POST /v1/conversations/{id}",
    "DELETE /v1/conversations/{id}",
    "GET /v1/conversations/{id}/items",
    "POST /v1/conversations/{id}/items",
    "GET /v1/conversations/{id}/items/{item}",
    "DELETE /v1/conversations/{id}/items/{item}",
    "GET /v1/models",
    "GET /v1/models/{id}",
  ],
  headers: [],
  keyInQuery: false,
  framing: () => "sse",
};
