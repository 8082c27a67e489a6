/**
 * What the conventions for generative AI call metrics now, beside the names of before, which go with the release after
 * this one: https://github.com/open-telemetry/semantic-conventions-genai (`docs/gen-ai/client-inference.md`)
 */
import { Counter, Histogram, type Registry } from "prom-client";
import type { Usage } from "../protocols/chat.ts";

/** Labels of a call, as `metrics.ts` has them. */
type Labels = Record<string, string>;

interface Buckets {
  /** Unit: seconds. */
  readonly duration: readonly number[];
  readonly firstChunk: readonly number[];
}

const COUNTS = {
  input_tokens: ["Input tokens, cached ones included.", ({ input }: Usage) => input.total],
  output_tokens: ["Output tokens, reasoning included.", ({ output }: Usage) => output.total],
  cache_read_input_tokens: [
    "Input tokens read from a provider's cache.",
    ({ input }: Usage) => input.cacheRead,
  ],
  cache_write_input_tokens: [
    "Input tokens written to a provider's cache.",
    ({ input }: Usage) => input.cacheWrite,
  ],
  reasoning_output_tokens: ["Output tokens used for reasoning.", ({ output }: Usage) => output.reasoning],
} as const;

export class NewNames {
  readonly #duration: Histogram;
  readonly #firstChunk: Histogram;
  readonly #counters: readonly (readonly [counter: Counter, count: (usage: Usage) => number])[];

  constructor(registry: Registry, labelNames: readonly string[], buckets: Buckets) {
    const registers = [registry];
    this.#duration = new Histogram({
      name: "gen_ai_client_inference_duration_seconds",
      help: "Time of a request to a model, from its arrival to the last byte of the reply.",
      labelNames: [...labelNames, "error_type"],
      buckets: [...buckets.duration],
      registers,
    });
    this.#firstChunk = new Histogram({
      name: "gen_ai_client_inference_time_to_first_chunk_seconds",
      help: "Time from the arrival of a streamed request to the first byte of its reply.",
      labelNames,
      buckets: [...buckets.firstChunk],
      registers,
    });
    this.#counters = Object.entries(COUNTS).map(([name, [help, count]]) => {
      const counter = new Counter({
        name: `gen_ai_client_inference_usage_${name}_total`,
        help,
        labelNames: [...labelNames, "gen_ai_token_modality"],
        registers,
      });
      return [counter, count];
    });
  }

  /** @param error its class */
  observe(
    labels: Labels,
    {
      seconds,
      firstSeconds,
      error,
      usage,
    }: {
      readonly seconds: number;
      readonly firstSeconds: number | undefined;
      readonly error: string | undefined;
      readonly usage: Usage | undefined;
    },
  ): void {
    this.#duration.observe(error === undefined ? labels : { ...labels, error_type: error }, seconds);
    if (firstSeconds !== undefined) this.#firstChunk.observe(labels, firstSeconds);
    if (usage === undefined) return;
    // Providers mostly do not say which tokens were words and which were pictures.
    const counted = { ...labels, gen_ai_token_modality: "unknown" };
    for (const [counter, count] of this.#counters) {
      const tokens = count(usage);
      if (tokens > 0) counter.inc(counted, tokens);
    }
  }
}
