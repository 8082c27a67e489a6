/** The tools that a request offers, and what it says about their choice. */
import type { Protocol } from "../../../control/protocol.ts";
import type { CacheMarker, ExtraFields } from "./parts.ts";

/** JSON Schema as a client sent it; dialects differ, so nothing is assumed of it. */
export type JsonSchema = Readonly<Record<string, unknown>> | boolean;

export type ClientToolKind =
  | "local_shell"
  | "shell"
  | "apply_patch"
  | "bash"
  | "text_editor"
  | "computer"
  | "memory"
  /** Responses `tool_search` with `execution: "client"`. */
  | "tool_search";

export type Tool =
  | {
      type: "function";
      name: string;
      namespace?: string;
      namespaceDescription?: string;
      description?: string;
      parameters?: JsonSchema;
      strict?: boolean;
      cache?: CacheMarker;
      /** Anthropic / Responses tool search: not shown to the model at first. */
      deferLoading?: boolean;
      /** Brought by a tool search earlier in the conversation; not in the request's own tool list. */
      loaded?: true;
      /** Taken away later in the conversation (Anthropic `tool_removal`). */
      removed?: true;
      extra?: ExtraFields;
    }
  | {
      type: "custom";
      name: string;
      namespace?: string;
      namespaceDescription?: string;
      description?: string;
      format?: { type: "text" } | { type: "grammar"; syntax: "lark" | "regex"; definition: string };
      loaded?: true;
      extra?: ExtraFields;
    }
  /** Defined by its protocol, run by the client. */
  | {
      type: "client";
      kind: ClientToolKind;
      name: string;
      protocol: Protocol;
      raw: Readonly<Record<string, unknown>>;
      cache?: CacheMarker;
    }
  /** Run by the provider. `kind` is one of the well-known ones where it maps. */
  | {
      type: "provider";
      kind:
        | "web_search"
        | "web_fetch"
        | "code_execution"
        | "file_search"
        | "image_generation"
        | "mcp"
        | "tool_search"
        | "other";
      name: string;
      protocol: Protocol;
      raw: Readonly<Record<string, unknown>>;
      cache?: CacheMarker;
    };

export type ToolChoice =
  | { type: "auto" }
  | { type: "none" }
  | { type: "required" }
  | { type: "tool"; name: string; kind?: "function" | "custom" | "other" }
  | { type: "allowed"; mode: "auto" | "required"; names: string[] };
