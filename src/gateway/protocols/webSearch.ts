/** Web search by a provider: what is asked of it, and what it found, in words of no protocol. */
import { type Fields, fieldsOf, isRecord, listOf, textOf } from "../common/json.ts";
import type { ChatEvent, ProviderToolPart, Tool } from "./chat.ts";

export interface SearchOptions {
  /** Only these; empty: all. */
  readonly domains: readonly string[];
  /** `city`, `region`, `country`, `timezone` of the person who asks. */
  readonly place: Readonly<Record<string, string>>;
  /** OpenAI: `low`, `medium` or `high`. */
  readonly size: string | undefined;
}

const PLACE = ["city", "region", "country", "timezone"] as const;

/**
 * Options of a web search tool of any protocol: Anthropic's `allowed_domains` and `user_location`, the Responses API's
 * `filters.allowed_domains`, chat's `web_search_options`, whose location stands one level deeper.
 */
export function searchOptions({ raw }: Extract<Tool, { type: "provider" }>): SearchOptions {
  const location = fieldsOf(raw.user_location);
  const place = isRecord(location.approximate) ? location.approximate : location;
  return {
    domains: listOf(raw.allowed_domains ?? fieldsOf(raw.filters).allowed_domains).filter(
      (domain): domain is string => typeof domain === "string",
    ),
    place: Object.fromEntries(
      PLACE.flatMap((key) => {
        const said = textOf(place[key]);
        return said === undefined ? [] : [[key, said]];
      }),
    ),
    size: textOf(raw.search_context_size),
  };
}

/** What a person reads of a tool that another provider ran; `undefined` where it says nothing. */
export function providerToolText({ phase, tool, output }: ProviderToolPart): string | undefined {
  return phase === "call" || !output ? undefined : `[${tool}: ${output}]`;
}

/** Addresses among results: Anthropic's `web_search_result` blocks, the Responses API's `action.sources`. */
export function sourcesOf(results: unknown): NonNullable<ProviderToolPart["sources"]> {
  return listOf(results).flatMap((result) => {
    const { url, title } = fieldsOf(result);
    if (typeof url !== "string" || url === "") return [];
    return [{ url, ...(typeof title === "string" && title !== "" ? { title } : {}) }];
  });
}

/**
 * Puts a search and what it found into one part, for protocols that have one item for both. A search without results
 * goes on alone, as soon as anything else comes.
 */
export function joinSearches(push: (event: ChatEvent) => string): typeof push {
  let held: Extract<ChatEvent, { type: "part" }> | undefined;
  return (event) => {
    const part = event.type === "part" && event.part.type === "provider-tool" ? event.part : undefined;
    const search = part?.tool === "web_search" && part.phase !== "both" ? part : undefined;
    if (held === undefined && search?.phase !== "call") return push(event);
    const before = held;
    held = undefined;
    const called = before?.part.type === "provider-tool" ? before.part : undefined;
    if (before !== undefined && called !== undefined && search?.phase === "result") {
      return push({ ...before, part: { ...search, ...fieldsOfCall(called), phase: "both" } });
    }
    if (event.type === "part" && search?.phase === "call") {
      held = event;
      return before === undefined ? "" : push(before);
    }
    return before === undefined ? push(event) : push(before) + push(event);
  };
}

const fieldsOfCall = ({ id, input }: ProviderToolPart): Pick<ProviderToolPart, "id" | "input"> => ({
  id,
  ...(input === undefined ? {} : { input }),
});

/** For a client of the Responses API: `action.sources` of a `web_search_call`. */
export const sourcesField = ({ sources = [] }: ProviderToolPart): Fields =>
  sources.length === 0 ? {} : { sources: sources.map(({ url }) => ({ type: "url", url })) };
