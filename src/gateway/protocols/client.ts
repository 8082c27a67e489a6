/** How the clients of a protocol ask: their paths, what is asked there, and where the model is named. */

import type { Protocol } from "../../control/protocol.ts";
import type { Framing } from "./codec.ts";
import type { Operation } from "./operation.ts";

/** Where a body has model names: keys from the top; `[]` is every element of an array. */
export type SpanPath = readonly string[];

/** Where most bodies name their model. */
export const MODEL_FIELD: readonly SpanPath[] = [["model"]];

/** An object that servers keep, and what is done with it. */
export type StoredAction =
  | {
      readonly object: "response";
      readonly action: "get" | "delete" | "cancel" | "input_items";
      readonly id: string;
    }
  | { readonly object: "conversation"; readonly action: "create" }
  | {
      readonly object: "conversation";
      readonly action: "get" | "update" | "delete" | "items" | "add";
      readonly id: string;
    }
  | {
      readonly object: "conversation";
      readonly action: "item" | "delete_item";
      readonly id: string;
      readonly item: string;
    };

/** What leads to an account. */
export interface CallRoute {
  readonly kind: "call";
  readonly protocol: Protocol;
  readonly operation: Operation;
  /** Behind the endpoint's base; a model in the path is filled in. */
  readonly path: (model: string) => string;
  /** Model named by the path. */
  readonly model?: string;
  /** Stream asked for by the path. */
  readonly stream?: boolean;
  /** Where the body names the model. */
  readonly modelAt: readonly SpanPath[];
  /** What stands before the model's name in bodies. */
  readonly modelPrefix?: string;
  /** A field without which no provider answers, and its type. */
  readonly required?: { readonly field: string; readonly type: "array" | "present" };
  readonly stored?: StoredAction;
}

/** The gateway's own list of models, or one of it. */
export interface ModelsRoute {
  readonly kind: "models";
  /** In whose form; absent: the client's headers decide. */
  readonly protocol?: Protocol;
  readonly id?: string;
}

export type ClientRoute = CallRoute | ModelsRoute;

/** The routes at one path, by method. */
export type Methods = Readonly<Partial<Record<"GET" | "POST" | "DELETE", ClientRoute>>>;

/** A client's path in its one spelling. */
export interface ClientPath {
  readonly version: string;
  /** What is behind the version, decoded: `["chat", "completions"]`. */
  readonly rest: readonly string[];
  /** The same, percent-encoded: `chat/completions`. */
  readonly encoded: string;
  /** The family that a prefix named. */
  readonly family?: string;
}

export interface ClientSide {
  /** The prefix under which base URLs may name it, `/anthropic/v1/…`; protocols of one maker share it. */
  readonly family: string;
  /** The versions its paths may begin with; the first is meant where a client named none. */
  readonly versions: readonly [string, ...string[]];
  /** First segments of paths that only this protocol has, whatever version the base URL named. */
  readonly heads: readonly string[];
  /** Other paths that are this protocol's. @param rest what is behind the version */
  owns?(rest: readonly string[]): boolean;
  /** One spelling for paths that have several. @param rest what is behind the version */
  respell?(rest: readonly string[]): readonly string[];
  /** `undefined`: nothing of this protocol is there. */
  routes(path: ClientPath): Methods | undefined;
  /** What exists, as `METHOD /path`, for the text of a 404. */
  readonly paths: readonly string[];
  /** Headers that no other protocol's clients send, in lower case. */
  readonly headers: readonly string[];
  /** Do its clients, and no others, send their key as the query's `key`? */
  readonly keyInQuery: boolean;
  /** How streams are framed. @param search the query, as it was sent */
  framing(search: string): Framing;
}
