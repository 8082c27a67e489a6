/** Web search by a provider: what is asked of it, and what it found, in words of no protocol. */
import { type Fields, fieldsOf, isRecord, listOf, textOf } from "../common/json.ts";
import type { ChatEvent, ProviderToolPart, Tool } from "./chat.ts";
import type { StreamEncoder } from "./codec.ts";

interface SearchOptions {
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

/** Searches under way at a time; a provider that starts more is shown without what the first of them found. */
export const MOST_HELD = 32;

/**
 * Puts a search and what it found into one part, for protocols that have one item for both. A search without results
 * goes on alone, as soon as anything else comes; results without their search do so, too.
 */
export function joinSearches(encoder: StreamEncoder): StreamEncoder {
  const held = new Map<string, PartEvent>();
  const flush = () => {
    const text = [...held.values()].map((event) => encoder.push(event)).join("");
    held.clear();
    return text;
  };
  return {
    push(event) {
      const search = searchOf(event);
      if (search === undefined) return held.size === 0 ? encoder.push(event) : flush() + encoder.push(event);
      const { part } = search;
      if (part.phase === "call") {
        const before = held.size >= MOST_HELD || held.has(part.id) ? flush() : "";
        held.set(part.id, search);
        return before;
      }
      const called = held.get(part.id)?.part;
      held.delete(part.id);
      const input = called?.input === undefined ? {} : { input: called.input };
      return encoder.push({ ...search, part: { ...part, ...input, phase: "both" } });
    },
    end: () => flush() + encoder.end(),
  };
}

interface PartEvent {
  readonly type: "part";
  readonly part: ProviderToolPart;
}

function searchOf(event: ChatEvent): PartEvent | undefined {
  if (event.type !== "part" || event.choice || event.part.type !== "provider-tool") return undefined;
  const { part } = event;
  return part.tool === "web_search" && part.phase !== "both" ? { type: "part", part } : undefined;
}

/** For a client of the Responses API: `action.sources` of a `web_search_call`. */
export const sourcesField = ({ sources = [] }: ProviderToolPart): Fields =>
  sources.length === 0 ? {} : { sources: sources.map(({ url }) => ({ type: "url", url })) };
