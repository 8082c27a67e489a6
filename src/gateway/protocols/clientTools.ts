/**
 * Tools that not every protocol has (free-text tools, tools in namespaces, client-run tools such as
 * `local_shell` or `text_editor`) as plain functions, and calls of those functions as what the
 * client asked for. Both ways follow from the client's tool list alone, so nothing is kept between
 * request and reply.
 */
import { createHash } from "node:crypto";
import type {
  ChatEvent,
  ClientToolKind,
  ProviderToolPart,
  Tool,
  ToolCallPart,
  ToolChoice,
  Warn,
} from "./chat.ts";
import { CUSTOM_PARAMETERS, clientToolShape } from "./clientToolSchemas.ts";
import {
  type CustomInputStream,
  customInputStream,
  unwrapCustomInput,
  wrapCustomInput,
} from "./customInput.ts";

import { type RenamedProperties, renameProperties } from "./propertyNames.ts";
import { KeyRenamer, renameKeys } from "./renamedKeys.ts";

/** Every target accepts function names of this form (Gemini's rule is the strictest). */
const VALID_NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;
const NAME_LIMIT = 64;

/** What a function's name stood for in the client's request. */
export interface ToolOrigin {
  name: string;
  namespace?: string;
  kind: "function" | "custom";
  clientTool?: ClientToolKind;
}

/** Whether a target has this tool itself, so that it need not become a function. */
export type Keep = (tool: Tool) => boolean;

export interface FunctionTools {
  /** Functions, and whatever `keep` kept or the provider runs itself, in the client's order. */
  tools: Tool[];
  names: ToolNames;
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

/** A valid function name for `namespace` and `name`: `namespace__name`, changed only where it must be. */
export function flatName(name: string, namespace?: string): string {
  const joined = namespace ? `${namespace}__${name}` : name;
  if (VALID_NAME.test(joined)) return joined;
  const clean = joined.replace(/[^A-Za-z0-9_-]/g, "_").replace(/^(?![A-Za-z_])/, "_");
  return clean.length <= NAME_LIMIT ? clean : withDigest(clean, joined);
}

function withDigest(clean: string, whole: string): string {
  return `${clean.slice(0, NAME_LIMIT - 9)}_${digest(whole)}`;
}

const keyOf = (name: string, namespace?: string) => `${namespace ?? ""}\0${name}`;

/** The names of one request's tools, as functions and back. */
export class ToolNames {
  readonly #flat = new Map<string, string>();
  readonly #origin = new Map<string, ToolOrigin>();
  readonly #properties = new Map<string, RenamedProperties>();

  /** The name to declare a tool under. `undefined`: the same tool is there already. */
  add(origin: ToolOrigin): string | undefined {
    const key = keyOf(origin.name, origin.namespace);
    const known = this.#flat.get(key);
    if (known !== undefined) {
      const before = this.#origin.get(known);
      if (before?.kind === origin.kind && before.clientTool === origin.clientTool) return undefined;
    }
    let name = flatName(origin.name, origin.namespace);
    for (let salt = 0; this.#origin.has(name); salt++) {
      name = withDigest(name, `${key}\0${origin.kind}\0${origin.clientTool ?? ""}\0${salt}`);
    }
    if (known === undefined) this.#flat.set(key, name);
    this.#origin.set(name, origin);
    return name;
  }

  /** The function name of a tool; also of one that the request no longer declares. */
  flat(name: string, namespace?: string): string {
    const known = this.#flat.get(keyOf(name, namespace));
    if (known !== undefined) return known;
    if (namespace === undefined) {
      for (const [flat, origin] of this.#origin) if (origin.name === name) return flat;
    }
    return flatName(name, namespace);
  }

  /** Notes that the function's parameters have other names at the target. */
  rename(flat: string, properties: RenamedProperties): void {
    this.#properties.set(flat, properties);
  }

  /** The parameters' names, where the target has others than the client. */
  properties(flat: string): RenamedProperties | undefined {
    return this.#properties.get(flat);
  }

  /** What a function of that name stands for; a name we did not declare stands for itself. */
  origin(flat: string): ToolOrigin {
    return this.#origin.get(flat) ?? { name: flat, kind: "function" };
  }
}

/**
 * A web search that may look at nothing new (`external_web_access: false`, `openai` types): no other protocol has it,
 * and a live search must not take its place.
 */
export function isOffline(tool: Tool): boolean {
  return tool.type === "provider" && tool.kind === "web_search" && tool.raw.external_web_access === false;
}

function originOf(tool: Tool): ToolOrigin | undefined {
  switch (tool.type) {
    case "function":
    case "custom":
      return {
        name: tool.name,
        kind: tool.type,
        ...(tool.namespace === undefined ? {} : { namespace: tool.namespace }),
      };
    case "client":
      return { name: tool.name, kind: "function", clientTool: tool.kind };
    case "provider":
      return undefined;
  }
}

/** The names alone: what decoding a reply needs, with what the request was encoded with. */
export function toolNames(tools: readonly Tool[], keep?: Keep, property?: RegExp): ToolNames {
  return toolsAsFunctions(tools, () => undefined, keep, property).names;
}

/**
 * The tools for a target that only has functions. Duplicates are dropped; a grammar becomes words
 * in the description. What the provider runs itself is passed on for the codec to decide.
 * @param property names of parameters that the target takes; others are renamed
 */
export function toolsAsFunctions(
  tools: readonly Tool[],
  warn: Warn,
  keep: Keep = () => false,
  property?: RegExp,
): FunctionTools {
  const names = new ToolNames();
  const out: Tool[] = [];
  const introduced = new Set<string>();
  for (const tool of tools) {
    if (tool.type === "function" && tool.removed) continue;
    const origin = originOf(tool);
    if (origin === undefined) {
      out.push(tool);
      continue;
    }
    const name = names.add(origin);
    if (name === undefined) {
      warn(`tools.${tool.name}`, "declared twice; the first declaration was used");
      continue;
    }
    if (keep(tool)) {
      out.push(tool);
      continue;
    }
    if (name !== tool.name && !("namespace" in tool && tool.namespace)) {
      warn(`tools.${tool.name}`, `the name is not allowed there; the model sees ${name}`);
    }
    const shown = asFunction(tool, name, introduced, warn);
    out.push(property === undefined ? shown : withProperties(shown, names, property));
  }
  return { tools: out, names };
}

/** The function with names of parameters that the target takes. */
function withProperties(tool: Tool, names: ToolNames, allowed: RegExp): Tool {
  if (tool.type !== "function") return tool;
  const properties = renameProperties(tool.parameters, allowed);
  if (properties === undefined) return tool;
  names.rename(tool.name, properties);
  return { ...tool, parameters: properties.schema };
}

function asFunction(tool: Tool, name: string, introduced: Set<string>, warn: Warn): Tool {
  if (tool.type === "client") {
    const shape = clientToolShape(tool.kind, tool.raw);
    return { type: "function", name, ...shape, ...(tool.cache ? { cache: tool.cache } : {}) };
  }
  if (tool.type === "provider") return tool;
  const lines = tool.description ? [tool.description] : [];
  if (tool.namespace && tool.namespaceDescription && !introduced.has(tool.namespace)) {
    introduced.add(tool.namespace);
    lines.push(`Tools named ${flatName("", tool.namespace)}…: ${tool.namespaceDescription}`);
  }
  if (tool.type === "custom") {
    if (tool.format?.type === "grammar") {
      warn(`tools.${tool.name}.format`, "the grammar is described to the model but not enforced");
      const kind = tool.format.syntax === "regex" ? "regular expression" : "Lark grammar";
      lines.push(`\`input\` must match this ${kind}:\n${tool.format.definition}`);
    }
    return {
      type: "function",
      name,
      ...(lines.length ? { description: lines.join("\n\n") } : {}),
      parameters: CUSTOM_PARAMETERS,
    };
  }
  const { namespace: _, namespaceDescription: __, ...rest } = tool;
  return { ...rest, name, ...(lines.length ? { description: lines.join("\n\n") } : {}) };
}

/** A call in the conversation so far as a call of the function. `arguments`: JSON text. */
export function callAsFunction(
  call: Pick<ToolCallPart, "name" | "namespace" | "kind" | "input">,
  names: ToolNames,
): { name: string; arguments: string } {
  const name = names.flat(call.name, call.namespace);
  if (call.kind === "custom") return { name, arguments: wrapCustomInput(call.input) };
  const properties = names.properties(name);
  const input = call.input || "{}";
  return { name, arguments: properties ? renameKeys(input, properties.renamed) : input };
}

/** A function call of the provider as a call of what the client declared. */
export function callFromFunction(
  call: { name: string; arguments: string },
  names: ToolNames,
): ToolOrigin & { input: string } {
  const origin = names.origin(call.name);
  if (origin.kind === "custom") return { ...origin, input: unwrapCustomInput(call.arguments) };
  const properties = names.properties(call.name);
  const input = call.arguments || "{}";
  return { ...origin, input: properties ? renameKeys(input, properties.original) : input };
}

/** OpenAI calls a deferred function that stands in no namespace as if it stood in one of its own name. */
const isInNamespace = ({ name, namespace }: { name: string; namespace?: string }) =>
  namespace !== undefined && namespace !== name;

/** `callFromFunction` on a decoded part. */
export function restoreCall(part: ToolCallPart, names: ToolNames): ToolCallPart {
  if (part.kind === "custom" || isInNamespace(part) || part.clientTool !== undefined) return part;
  if (part.cut) return { ...part, ...names.origin(part.name) };
  return { ...part, ...callFromFunction({ name: part.name, arguments: part.input }, names) };
}

/** What a search for tools found, by the client's names. */
export function restoreFound<P extends ProviderToolPart>(part: P, names: ToolNames): P {
  if (part.found === undefined) return part;
  const found = part.found.map((tool) => {
    if (isInNamespace(tool)) return tool;
    const { name, namespace } = names.origin(tool.name);
    return { name, ...(namespace === undefined ? {} : { namespace }) };
  });
  return { ...part, found };
}

/** The tool choice in the names the target was given. */
export function choiceAsFunctions(choice: ToolChoice, names: ToolNames): ToolChoice {
  if (choice.type === "tool") return { type: "tool", name: names.flat(choice.name) };
  if (choice.type === "allowed") return { ...choice, names: choice.names.map((name) => names.flat(name)) };
  return choice;
}

/** `callFromFunction` on the events of a decoded stream: put all of them through it. Most are of no call, and stay as they are. */
export function callRestorer(names: ToolNames): (events: ChatEvent[]) => ChatEvent[] {
  const restore = eventRestorer(names);
  return (events) => (events.some(mayConcernCall) ? events.flatMap(restore) : events);
}

const mayConcernCall = ({ type }: ChatEvent): boolean => type.startsWith("tool-") || type === "part";

function eventRestorer(names: ToolNames): (event: ChatEvent) => ChatEvent[] {
  const unwrapping = new Map<string, CustomInputStream>();
  return (event) => {
    switch (event.type) {
      case "tool-start": {
        if (event.kind === "custom" || isInNamespace(event) || event.clientTool !== undefined) return [event];
        const origin = names.origin(event.name);
        const properties = names.properties(event.name);
        if (origin.kind === "custom") unwrapping.set(event.id, customInputStream());
        else if (properties !== undefined) unwrapping.set(event.id, new KeyRenamer(properties.original));
        return [{ ...event, ...origin }];
      }
      case "tool-delta": {
        const stream = unwrapping.get(event.id);
        if (stream === undefined) return [event];
        const delta = stream.push(event.delta);
        return delta === "" ? [] : [{ type: "tool-delta", id: event.id, delta }];
      }
      case "tool-end": {
        const stream = unwrapping.get(event.id);
        if (stream === undefined) return [event];
        unwrapping.delete(event.id);
        if (event.cut) return [event];
        const delta = stream.end();
        return delta === "" ? [event] : [{ type: "tool-delta", id: event.id, delta }, event];
      }
      case "part":
        return [
          event.part.type === "provider-tool" ? { ...event, part: restoreFound(event.part, names) } : event,
        ];
      default:
        return [event];
    }
  };
}
