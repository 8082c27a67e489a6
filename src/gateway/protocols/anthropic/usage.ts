/**
 * Token counts. Anthropic's `input_tokens` leaves out what was read from or written to the cache;
 * the canonical total includes both. Thinking is part of `output_tokens`.
 */
import { NO_USAGE, type Usage } from "../chat.ts";
import { isObject, type JsonObject } from "./json.ts";

const count = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 ? Math.trunc(value) : undefined;

/**
 * Counts of a reply, or of one stream event on top of earlier ones. The counters of a stream are
 * cumulative; a field that is missing, null, or zero where input was known leaves what there was.
 */
export function decodeUsage(wire: unknown, before: Usage = NO_USAGE): Usage {
  if (!isObject(wire)) return before;
  const uncached = count(wire.input_tokens) || before.input.uncached;
  const cacheRead = count(wire.cache_read_input_tokens) || before.input.cacheRead;
  const cacheWrite = count(wire.cache_creation_input_tokens) || before.input.cacheWrite;
  const details = isObject(wire.output_tokens_details) ? wire.output_tokens_details : {};
  const total = count(wire.output_tokens) ?? before.output.total;
  const reasoning = Math.min(total, count(details.thinking_tokens) ?? before.output.reasoning);
  return {
    input: { total: uncached + cacheRead + cacheWrite, uncached, cacheRead, cacheWrite },
    output: { total, reasoning },
  };
}

/** Usage as `message_delta` has it; a whole reply adds the fields of `encodeUsage`. */
export function encodeDeltaUsage(usage: Usage): JsonObject {
  return {
    input_tokens: usage.input.uncached,
    cache_creation_input_tokens: usage.input.cacheWrite,
    cache_read_input_tokens: usage.input.cacheRead,
    output_tokens: usage.output.total,
    ...(usage.output.reasoning > 0
      ? { output_tokens_details: { thinking_tokens: usage.output.reasoning } }
      : {}),
  };
}

export function encodeUsage(usage: Usage, serviceTier: string | undefined): JsonObject {
  return {
    ...encodeDeltaUsage(usage),
    cache_creation: { ephemeral_5m_input_tokens: usage.input.cacheWrite, ephemeral_1h_input_tokens: 0 },
    service_tier: serviceTier === undefined ? "standard" : (TIER_TO_WIRE.get(serviceTier) ?? "standard"),
  };
}

const TIER_TO_WIRE = new Map([
  ["default", "standard"],
  ["priority", "priority"],
  ["batch", "batch"],
]);

/** `usage.service_tier` in the canonical words, which are OpenAI's. */
export function decodeReplyTier(wire: unknown): string | undefined {
  if (!isObject(wire) || typeof wire.service_tier !== "string") return undefined;
  return wire.service_tier === "standard" ? "default" : wire.service_tier;
}
