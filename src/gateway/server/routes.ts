/** What a method and a normalized path ask for: the gateway's own endpoints, and those of the protocols. */
import { DEFAULT_PROTOCOL, PROTOCOLS, type Protocol } from "../../control/protocol.ts";
import type { ClientRoute } from "../protocols/client.ts";
import { WIRES } from "../protocols/wires.ts";
import type { NormalizedPath, ReadablePath } from "./paths.ts";

export type Route =
  | { readonly kind: "health" }
  | { readonly kind: "metrics" }
  /** The address itself, as a person's browser or a client's first probe asks for it. */
  | { readonly kind: "root" }
  | ClientRoute
  | { readonly kind: "method_not_allowed"; readonly allow: readonly string[]; readonly protocol: Protocol }
  /** A path that cannot be read: 400. */
  | { readonly kind: "unreadable"; readonly message: string }
  | { readonly kind: "unknown"; readonly protocol: Protocol };

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

/** Paths that clients ask for all the time are the same objects. */
const known = new WeakMap<ReadablePath, Methods | "none">();

function methodsOf(path: ReadablePath): Methods | undefined {
  let methods = known.get(path);
  if (methods === undefined) {
    methods = findMethods(path) ?? "none";
    known.set(path, methods);
  }
  return methods === "none" ? undefined : methods;
}

function findMethods({ segments, family, path }: ReadablePath): Methods | undefined {
  const [version, ...rest] = segments;
  if (version === undefined) return { GET: { kind: "root" } };
  if (version === "healthz" && rest.length === 0) return { GET: { kind: "health" } };
  if (version === "metrics" && rest.length === 0) return { GET: { kind: "metrics" } };
  const asked = {
    version,
    rest,
    encoded: path.slice(`/${version}/`.length),
    ...(family === undefined ? {} : { family }),
  };
  for (const protocol of PROTOCOLS) {
    const methods = WIRES[protocol].client.routes(asked);
    if (methods !== undefined) return methods;
  }
  if (rest[0] !== "models") return undefined;
  // Several protocols ask here.
  const protocol = ofFamily(family);
  return {
    GET: {
      kind: "models",
      ...(protocol === undefined ? {} : { protocol }),
      ...(rest.length === 1 ? {} : { id: rest.slice(1).join("/") }),
    },
  };
}

/** The first protocol of a family. */
function ofFamily(family: string | undefined): Protocol | undefined {
  return PROTOCOLS.find((protocol) => WIRES[protocol].client.family === family);
}

/** Whose error shape a client of this path most likely reads. */
function likelyProtocol({ segments: [version = "", ...rest], family }: ReadablePath): Protocol {
  const others = PROTOCOLS.filter((protocol) => protocol !== DEFAULT_PROTOCOL);
  const named = ofFamily(family);
  return (
    others.find((protocol) => WIRES[protocol].client.heads.includes(rest[0] ?? "")) ??
    others.find((protocol) => protocol === named) ??
    others.find((protocol) => version !== "v1" && WIRES[protocol].client.versions.includes(version)) ??
    others.find((protocol) => WIRES[protocol].client.owns?.(rest)) ??
    DEFAULT_PROTOCOL
  );
}

/** The protocol a route belongs to; `undefined` where only the client's headers can tell. */
export function protocolOf(route: Route): Protocol | undefined {
  return "protocol" in route ? route.protocol : undefined;
}

/** What exists, as `METHOD /path`, for the text of a 404. */
export function knownPaths(protocol: Protocol): readonly string[] {
  return WIRES[protocol].client.paths;
}
