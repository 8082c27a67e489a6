/** What a method and a normalized path ask for: the whole table of endpoints. */
import type { Protocol } from "../../control/protocol.ts";
import {
  actionOf,
  GEMINI_ACTIONS,
  type GeminiVersion,
  type NormalizedPath,
  type PathFamily,
  type ReadablePath,
} from "./paths.ts";

export type Route =
  | { readonly kind: "health" }
  | { readonly kind: "metrics" }
  /** The address itself, as a person's browser or a client's first probe asks for it. */
  | { readonly kind: "root" }
  /** Three protocols ask here; the client's headers decide unless the path's prefix did. */
  | { readonly kind: "models.list"; readonly family?: PathFamily }
  | { readonly kind: "models.get"; readonly id: string; readonly family?: PathFamily }
  | { readonly kind: "chat.completions" }
  | { readonly kind: "completions" }
  | { readonly kind: "responses.create" }
  | { readonly kind: "responses.input_tokens" }
  | { readonly kind: "responses.compact" }
  | {
      readonly kind: "responses.get" | "responses.delete" | "responses.cancel" | "responses.input_items";
      readonly id: string;
    }
  | { readonly kind: "conversations.create" }
  | {
      readonly kind:
        | "conversations.get"
        | "conversations.update"
        | "conversations.delete"
        | "conversations.items"
        | "conversations.add";
      readonly id: string;
    }
  | {
      readonly kind: "conversations.item" | "conversations.delete_item";
      readonly id: string;
      readonly item: string;
    }
  | { readonly kind: "messages" }
  | { readonly kind: "messages.count_tokens" }
  | { readonly kind: "gemini.list"; readonly version: GeminiVersion }
  | {
      readonly kind: "gemini.get" | (typeof GEMINI_ACTIONS)[keyof typeof GEMINI_ACTIONS];
      readonly version: GeminiVersion;
      /** Without `models/`; a tuned model keeps its `tunedModels/`. */
      readonly model: string;
    }
  /** Sent on as it is to an OpenAI-style account; `path` goes behind its `/v1/`. */
  | { readonly kind: "openai.passthrough"; readonly path: string }
  | { readonly kind: "method_not_allowed"; readonly allow: readonly string[]; readonly protocol: Protocol }
  /** A path that cannot be read: 400. */
  | { readonly kind: "unreadable"; readonly message: string }
  | { readonly kind: "unknown"; readonly protocol: Protocol };

/** One member per kind, so that `switch` tells them apart. */
type Each<R> = R extends { kind: infer K }
  ? K extends string
    ? Omit<R, "kind"> & { readonly kind: K }
    : never
  : never;
export type EachRoute = Each<Route>;

/** A route by method. */
type Methods = Readonly<Partial<Record<"GET" | "POST" | "DELETE", Route>>>;

/**
 * Classifies a request. HEAD is GET. A known path with another method is `method_not_allowed`,
 * whose `allow` is the value of the `Allow` header, one method each. Never throws.
 */
export function routeOf(method: string, path: NormalizedPath): Route {
  if (!path.ok) return { kind: "unreadable", message: path.message };
  const methods = methodsOf(path);
  if (methods === undefined) return { kind: "unknown", protocol: likelyProtocol(path) };
  const route = methods[method === "HEAD" ? "GET" : (method as keyof Methods)];
  if (route !== undefined && Object.hasOwn(methods, method === "HEAD" ? "GET" : method)) return route;
  const allow = Object.keys(methods).flatMap((name) => (name === "GET" ? ["GET", "HEAD"] : [name]));
  return { kind: "method_not_allowed", allow, protocol: likelyProtocol(path) };
}

function methodsOf({ segments, family, path }: ReadablePath): Methods | undefined {
  const [version, head, ...rest] = segments;
  if (version === undefined) return { GET: { kind: "root" } };
  if (version === "healthz" && head === undefined) return { GET: { kind: "health" } };
  if (version === "metrics" && head === undefined) return { GET: { kind: "metrics" } };
  if (head === "models" || head === "tunedModels") {
    return modelMethods(version as GeminiVersion, segments.slice(1), family);
  }
  if (version !== "v1") return undefined;
  const tail = rest.join("/");
  switch (head) {
    case "chat":
      return tail === "completions" ? { POST: { kind: "chat.completions" } } : undefined;
    case "completions":
      return tail === "" ? { POST: { kind: "completions" } } : undefined;
    case "responses":
      return responseMethods(rest);
    case "conversations":
      return conversationMethods(rest);
    case "messages":
      if (tail === "") return { POST: { kind: "messages" } };
      return tail === "count_tokens" ? { POST: { kind: "messages.count_tokens" } } : undefined;
    case "embeddings":
    case "moderations":
      return tail === "" ? passthrough(path) : undefined;
    case "images":
    case "audio":
      return tail === "" ? undefined : passthrough(path);
    default:
      return undefined;
  }
}

const passthrough = (path: string): Methods => ({
  POST: { kind: "openai.passthrough", path: path.slice("/v1/".length) },
});

function responseMethods(rest: readonly string[]): Methods | undefined {
  const [id, action] = rest;
  if (id === undefined) return { POST: { kind: "responses.create" } };
  if (rest.length === 1) {
    if (id === "input_tokens") return { POST: { kind: "responses.input_tokens" } };
    if (id === "compact") return { POST: { kind: "responses.compact" } };
    return { GET: { kind: "responses.get", id }, DELETE: { kind: "responses.delete", id } };
  }
  if (rest.length > 2) return undefined;
  if (action === "cancel") return { POST: { kind: "responses.cancel", id } };
  return action === "input_items" ? { GET: { kind: "responses.input_items", id } } : undefined;
}

function conversationMethods(rest: readonly string[]): Methods | undefined {
  const [id, items, item] = rest;
  if (id === undefined) return { POST: { kind: "conversations.create" } };
  if (items === undefined) {
    return {
      GET: { kind: "conversations.get", id },
      POST: { kind: "conversations.update", id },
      DELETE: { kind: "conversations.delete", id },
    };
  }
  if (items !== "items" || rest.length > 3) return undefined;
  if (item === undefined) {
    return { GET: { kind: "conversations.items", id }, POST: { kind: "conversations.add", id } };
  }
  return {
    GET: { kind: "conversations.item", id, item },
    DELETE: { kind: "conversations.delete_item", id, item },
  };
}

function modelMethods(
  version: GeminiVersion,
  resource: readonly string[],
  family: PathFamily | undefined,
): Methods | undefined {
  const [head, ...rest] = resource;
  const gemini = version !== "v1" || family === "gemini";
  const hint = family === undefined ? {} : { family };
  if (rest.length === 0) {
    if (head !== "models") return undefined;
    return { GET: gemini ? { kind: "gemini.list", version } : { kind: "models.list", ...hint } };
  }
  const id = rest.join("/");
  const prefix = head === "tunedModels" ? "tunedModels/" : "";
  const action = actionOf(resource);
  if (action !== undefined) {
    const model = prefix + withoutModels(id.slice(0, -(action.length + 1)));
    return { POST: { kind: GEMINI_ACTIONS[action], version, model } };
  }
  if (gemini || head === "tunedModels") {
    return { GET: { kind: "gemini.get", version, model: prefix + withoutModels(id) } };
  }
  return { GET: { kind: "models.get", id, ...hint } };
}

/** Gemini's names begin `models/`; put behind a path that has it already, it stands there twice. */
function withoutModels(id: string): string {
  let bare = id;
  while (bare.startsWith("models/")) bare = bare.slice("models/".length);
  return bare;
}

/** Whose error shape a client of this path most likely reads. */
function likelyProtocol({ segments, family }: ReadablePath): Protocol {
  const [version, head] = segments;
  if (head === "responses" || head === "conversations") return "openai-responses";
  if (family === "anthropic" || head === "messages" || head === "complete") return "anthropic";
  if (family === "gemini" || version === "v1beta" || version === "v1alpha") return "gemini";
  if (head === "tunedModels" || actionOf(segments.slice(1)) !== undefined) return "gemini";
  return "openai-chat";
}

/** The protocol a route belongs to; `undefined` where only the client's headers can tell. */
export function protocolOf(route: Route): Protocol | undefined {
  switch (route.kind) {
    case "health":
    case "root":
    case "unreadable":
      return undefined;
    case "models.list":
    case "models.get":
      if (route.family === undefined) return undefined;
      return route.family === "openai" ? "openai-chat" : route.family;
    case "method_not_allowed":
    case "unknown":
      return route.protocol;
    case "messages":
    case "messages.count_tokens":
      return "anthropic";
    case "chat.completions":
    case "completions":
    case "openai.passthrough":
      return "openai-chat";
    default:
      return route.kind.startsWith("gemini.") ? "gemini" : "openai-responses";
  }
}

const OPENAI_PATHS: readonly string[] = [
  "GET /v1/models",
  "GET /v1/models/{id}",
  "POST /v1/chat/completions",
  "POST /v1/completions",
  "POST /v1/embeddings",
  "POST /v1/images/…",
  "POST /v1/audio/…",
  "POST /v1/moderations",
  "POST /v1/responses",
  "GET /v1/responses/{id}",
];

const PATHS: Readonly<Record<Protocol, readonly string[]>> = {
  "openai-chat": OPENAI_PATHS,
  "openai-responses": [
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
  anthropic: ["POST /v1/messages", "POST /v1/messages/count_tokens", "GET /v1/models", "GET /v1/models/{id}"],
  gemini: [
    "GET /v1beta/models",
    "GET /v1beta/models/{model}",
    ...Object.keys(GEMINI_ACTIONS).map((action) => `POST /v1beta/models/{model}:${action}`),
  ],
};

/** What exists, as `METHOD /path`, for the text of a 404. */
export function knownPaths(protocol: Protocol): readonly string[] {
  return PATHS[protocol];
}
