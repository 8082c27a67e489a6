/**
 * What is told of calls to models, by the names of OpenTelemetry's conventions for generative AI: those of now
 * (https://github.com/open-telemetry/semantic-conventions-genai, `docs/gen-ai/client-inference.md`) beside those of
 * before, which go with the release after this one.
 */
import type { Registry } from "prom-client";
import type { Usage } from "../protocols/chat.ts";
import { Counts, type Distribution, Distributions, type Labels } from "./series.ts";

// The buckets that the conventions ask for.
const SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const FIRST_TOKEN_SECONDS = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];
const TOKENS = Array.from({ length: 14 }, (_, power) => 4 ** power);

export const CALL_LABELS = [
  "gen_ai_operation_name",
  "gen_ai_provider_name",
  "gen_ai_request_model",
  "gen_ai_response_model",
  "server_address",
  "server_port",
] as const;
export type CallLabels = Readonly<Record<(typeof CALL_LABELS)[number], string>>;

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

/** What is told of one call. */
export interface FinishedCall {
  /** Class of its error. */
  readonly error: string | undefined;
  readonly seconds: number;
  /** Until the first byte of a stream. */
  readonly firstSeconds: number | undefined;
  readonly usage: Usage | undefined;
}

/** Calls that are alike in their labels. */
export class CallSeries {
  readonly #labels: CallLabels;
  readonly #all: CallMetrics;
  readonly #durations = new Map<string | undefined, Distribution>();
  #first: Distribution | undefined;
  #input: Distribution | undefined;
  #output: Distribution | undefined;
  /** Values of the labels of its counters. Providers mostly do not say which tokens were words and which were pictures. */
  readonly #values: readonly string[];

  constructor(labels: CallLabels, all: CallMetrics) {
    this.#labels = labels;
    this.#all = all;
    this.#values = [...CALL_LABELS.map((name) => labels[name]), "unknown"];
  }

  add({ error, seconds, firstSeconds, usage }: FinishedCall): void {
    const all = this.#all;
    this.#durationOf(error).add(seconds);
    if (firstSeconds !== undefined) {
      this.#first ??= all.first.make(this.#labels);
      this.#first.add(firstSeconds);
    }
    if (usage === undefined) return;
    this.#input ??= all.tokens.make({ ...this.#labels, gen_ai_token_type: "input" });
    this.#input.add(usage.input.total);
    this.#output ??= all.tokens.make({ ...this.#labels, gen_ai_token_type: "output" });
    this.#output.add(usage.output.total);
    for (const [counts, tokensOf] of all.counts) {
      const tokens = tokensOf(usage);
      if (tokens > 0) counts.add(this.#values, tokens);
    }
  }

  #durationOf(error: string | undefined): Distribution {
    let known = this.#durations.get(error);
    if (known === undefined) {
      const labels: Labels = error === undefined ? this.#labels : { ...this.#labels, error_type: error };
      known = this.#all.duration.make(labels);
      this.#durations.set(error, known);
    }
    return known;
  }
}

export class CallMetrics {
  readonly duration: Distributions;
  readonly first: Distributions;
  readonly tokens: Distributions;
  readonly counts: readonly (readonly [counts: Counts<string>, tokensOf: (usage: Usage) => number])[];

  constructor(registry: Registry) {
    const duration = "Time of a request to a model, from its arrival to the last byte of the reply.";
    this.duration = new Distributions(
      registry,
      SECONDS,
      { name: "gen_ai_client_operation_duration_seconds", help: duration },
      { name: "gen_ai_client_inference_duration_seconds", help: duration },
    );
    const first = "Time from the arrival of a streamed request to the first byte of its reply.";
    this.first = new Distributions(
      registry,
      FIRST_TOKEN_SECONDS,
      { name: "gen_ai_server_time_to_first_token_seconds", help: first },
      { name: "gen_ai_client_inference_time_to_first_chunk_seconds", help: first },
    );
    this.tokens = new Distributions(registry, TOKENS, {
      name: "gen_ai_client_token_usage",
      help: "Tokens of a request, cached input and reasoning included.",
    });
    this.counts = Object.entries(COUNTS).map(([name, [help, tokensOf]]) => {
      const named = { name: `gen_ai_client_inference_usage_${name}_total`, help };
      return [new Counts(registry, named, [...CALL_LABELS, "gen_ai_token_modality"]), tokensOf] as const;
    });
  }
}
