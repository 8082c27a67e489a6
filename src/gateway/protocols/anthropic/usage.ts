/**
 * Token counts. Anthropic's `input_tokens` leaves out what was read from or written to the cache;
 * the canonical total includes both. Thinking is part of `output_tokens`.
 */
import { isRecord } from "../../common/json.ts";
import { NO_USAGE, type Usage } from "../chat.ts";
import { statedCost } from "../statedCost.ts";
import type { UsageReader } from "../wire.ts";
import type { JsonObject } from "./json.ts";

const count = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 ? Math.trunc(value) : undefined;

/** What the counters of a reply stand at. Compaction has its own: it is in none of the others. */
interface Counters {
  readonly uncached: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly output: number;
  readonly thinking: number;
  readonly cost?: number;
  readonly compaction: Usage;
}

const NOTHING: Counters = {
  uncached: 0,
  cacheRead: 0,
  cacheWrite: 0,
  output: 0,
  thinking: 0,
  compaction: NO_USAGE,
};

/**
 * Reads the counts of a reply. Those of a stream are cumulative; a field that is missing, null, or zero where
 * input was known leaves what there was.
 */
export function usageReader(): UsageReader {
  let counters: Counters | undefined;
  return {
    add(counts) {
      if (isRecord(counts) && COUNTS.some((name) => count(counts[name]) !== undefined)) {
        counters = joined(counters ?? NOTHING, counts);
      }
    },
    get usage() {
      return counters === undefined ? undefined : usageOf(counters);
    },
  };
}

const COUNTS = [
  "input_tokens",
  "output_tokens",
  "cache_read_input_tokens",
  "cache_creation_input_tokens",
] as const;

function joined(before: Counters, wire: JsonObject): Counters {
  const details = isRecord(wire.output_tokens_details) ? wire.output_tokens_details : {};
  return {
    uncached: count(wire.input_tokens) || before.uncached,
    cacheRead: count(wire.cache_read_input_tokens) || before.cacheRead,
    cacheWrite: count(wire.cache_creation_input_tokens) || before.cacheWrite,
    output: count(wire.output_tokens) ?? before.output,
    thinking: count(details.thinking_tokens) ?? before.thinking,
    ...(before.cost === undefined ? {} : { cost: before.cost }),
    ...statedCost(wire),
    compaction: Array.isArray(wire.iterations) ? compactionOf(wire.iterations) : before.compaction,
  };
}

function usageOf({ uncached, cacheRead, cacheWrite, output, thinking, cost, compaction }: Counters): Usage {
  const total = output + compaction.output.total;
  return {
    input: {
      total: uncached + cacheRead + cacheWrite + compaction.input.total,
      uncached: uncached + compaction.input.uncached,
      cacheRead: cacheRead + compaction.input.cacheRead,
      cacheWrite: cacheWrite + compaction.input.cacheWrite,
    },
    output: { total, reasoning: Math.min(total, thinking) },
    ...(cost === undefined ? {} : { cost }),
  };
}

/**
 * What the model used to sum up a long conversation: "A `compaction` entry's tokens are not included in the
 * top-level `usage` fields" (@anthropic-ai/sdk 1.14, `BetaUsage.iterations`).
 */
function compactionOf(iterations: readonly unknown[]): Usage {
  const sum = { uncached: 0, cacheRead: 0, cacheWrite: 0, output: 0 };
  for (const iteration of iterations) {
    if (!isRecord(iteration) || iteration.type !== "compaction") continue;
    sum.uncached += count(iteration.input_tokens) ?? 0;
    sum.cacheRead += count(iteration.cache_read_input_tokens) ?? 0;
    sum.cacheWrite += count(iteration.cache_creation_input_tokens) ?? 0;
    sum.output += count(iteration.output_tokens) ?? 0;
  }
  const { output, ...input } = sum;
  return {
    input: { total: input.uncached + input.cacheRead + input.cacheWrite, ...input },
    output: { total: output, reasoning: 0 },
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
  if (!isRecord(wire) || typeof wire.service_tier !== "string") return undefined;
  return wire.service_tier === "standard" ? "default" : wire.service_tier;
}
