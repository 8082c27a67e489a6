/** What `GET /metrics` says: counted as requests end, read from the pool when somebody asks. */

import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { ACCOUNT_STATES } from "../../control/accounts.ts";
import { quotaStanding } from "../../control/quotas.ts";
import type { AccountStanding } from "../accounts/pool.ts";
import { VERSION } from "../common/version.ts";
import type { Account } from "../providers/account.ts";
import { operationName, type ServerAddress, ServerAddresses } from "../providers/conventions.ts";
import type { RequestRecord } from "../records/record.ts";
import { BoundedNames, OTHER } from "./names.ts";
import { NewNames } from "./newNames.ts";

/** Different models, as clients name them and as accounts do. */
export const MAX_MODELS = 100;
/** Different combinations of model, address and kind of request: each has some 110 lines, and all are written at once. */
export const MAX_COMBINATIONS = 200;
/** Client keys. */
export const MAX_KEYS = 1000;
/** Accounts x quotas that are shown. */
export const MAX_QUOTAS = 500;

// The buckets that the conventions ask for.
const SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const FIRST_TOKEN_SECONDS = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];
const TOKENS = Array.from({ length: 14 }, (_, power) => 4 ** power);

const CALL_LABELS = [
  "gen_ai_operation_name",
  "gen_ai_provider_name",
  "gen_ai_request_model",
  "gen_ai_response_model",
  "server_address",
  "server_port",
] as const;
type CallLabels = Record<(typeof CALL_LABELS)[number], string>;

/** Finished requests that wait to be counted. */
const BATCH = 256;

/** What is counted of one. */
interface Finished {
  readonly protocol: string;
  /** Id of the client key. */
  readonly key: string | undefined;
  readonly outcome: "ok" | "client_gone" | "failed";
  readonly attempts: readonly { provider: string; outcome: string }[];
  readonly failedOver: boolean;
  readonly moved: RequestRecord["moved"];
  readonly labels: CallLabels;
  readonly error: string | undefined;
  readonly seconds: number;
  readonly firstSeconds: number | undefined;
  readonly usage: RequestRecord["usage"];
}

export interface MetricsSources {
  accounts(): readonly Account[];
  standing(): readonly AccountStanding[];
  /** Requests in flight. */
  active(): number;
  /** Milliseconds since 1970. */
  now(): number;
  /** Spans of traces, since the start; absent: nobody gets any. */
  spans?(): { readonly sent: number; readonly dropped: number };
  /** Requests that could not be recorded. */
  recordsDropped(): number;
  /** Whether the engine of this gateway's pool answers; absent or `undefined`: it is in none. */
  poolJoined?(): boolean | undefined;
}

export class Metrics {
  readonly #sources: MetricsSources;
  readonly #registry = new Registry();
  readonly #models = new BoundedNames(MAX_MODELS);
  readonly #combinations = new BoundedNames(MAX_COMBINATIONS);
  readonly #duration: Histogram<(typeof CALL_LABELS)[number] | "error_type">;
  readonly #firstToken: Histogram<(typeof CALL_LABELS)[number]>;
  readonly #tokens: Histogram<(typeof CALL_LABELS)[number] | "gen_ai_token_type">;
  readonly #newNames: NewNames;
  readonly #requests: Counter<"protocol" | "outcome">;
  readonly #keyed: Counter<"key" | "outcome">;
  readonly #keys = new BoundedNames(MAX_KEYS);
  readonly #attempts: Counter<"provider" | "outcome">;
  readonly #failovers: Counter;
  readonly #moves: Counter<"lost">;
  #waiting: Finished[] = [];
  readonly #addresses: ServerAddresses;

  constructor(sources: MetricsSources) {
    this.#sources = sources;
    this.#addresses = new ServerAddresses(() => sources.accounts());
    const registers = [this.#registry];
    this.#duration = new Histogram({
      name: "gen_ai_client_operation_duration_seconds",
      help: "Time of a request to a model, from its arrival to the last byte of the reply.",
      labelNames: [...CALL_LABELS, "error_type"],
      buckets: SECONDS,
      registers,
    });
    this.#firstToken = new Histogram({
      name: "gen_ai_server_time_to_first_token_seconds",
      help: "Time from the arrival of a streamed request to the first byte of its reply.",
      labelNames: CALL_LABELS,
      buckets: FIRST_TOKEN_SECONDS,
      registers,
    });
    this.#tokens = new Histogram({
      name: "gen_ai_client_token_usage",
      help: "Tokens of a request, cached input and reasoning included.",
      labelNames: [...CALL_LABELS, "gen_ai_token_type"],
      buckets: TOKENS,
      registers,
    });
    this.#newNames = new NewNames(this.#registry, CALL_LABELS, {
      duration: SECONDS,
      firstChunk: FIRST_TOKEN_SECONDS,
    });
    this.#requests = new Counter({
      name: "portico_requests_total",
      help: "Requests that ended, by the client's protocol.",
      labelNames: ["protocol", "outcome"],
      registers,
    });
    this.#keyed = new Counter({
      name: "portico_key_requests_total",
      help: "Requests that ended, by the id of the client key that they showed.",
      labelNames: ["key", "outcome"],
      registers,
    });
    this.#attempts = new Counter({
      name: "portico_attempts_total",
      help: "Calls to providers, by their outcome: ok, or the class of the failure.",
      labelNames: ["provider", "outcome"],
      registers,
    });
    this.#failovers = new Counter({
      name: "portico_failovers_total",
      help: "Requests that another account or model than the first one tried has answered.",
      registers,
    });
    this.#moves = new Counter({
      name: "portico_conversation_moves_total",
      help: "Conversations that moved to another account, by what that lost: the prompt cache, or thinking as well.",
      labelNames: ["lost"],
      registers,
    });
    this.#addGauges();
  }

  /** Of `text()`, for the header. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** In Prometheus' text format. */
  text(): Promise<string> {
    this.#count();
    return this.#registry.metrics();
  }

  /** A finished request. Counting is put off: many at once cost a third of what they do one by one. */
  observe(record: RequestRecord): void {
    const { protocol, error, attempts, usage } = record;
    if (protocol === undefined) return;
    const outcome = error === undefined ? "ok" : error.kind === "client-gone" ? "client_gone" : "failed";
    this.#waiting.push({
      protocol,
      key: record.key,
      outcome,
      attempts: attempts.map((attempt) => ({
        provider: this.#addressOf(attempt).provider,
        outcome: attempt.outcome,
      })),
      failedOver: outcome === "ok" && attempts.length > 1 && movedOn(attempts),
      moved: record.moved,
      labels: this.#labelsOf(record),
      error: error?.kind,
      seconds: record.durationMs / 1000,
      firstSeconds:
        record.stream === true && record.firstByteMs !== undefined && error === undefined
          ? record.firstByteMs / 1000
          : undefined,
      usage,
    });
    if (this.#waiting.length >= BATCH) this.#count();
  }

  #count(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const call of waiting) {
      const { protocol, outcome, attempts, labels, error, firstSeconds, usage } = call;
      this.#requests.inc({ protocol, outcome });
      if (call.key !== undefined) this.#keyed.inc({ key: this.#keys.of(call.key), outcome });
      for (const attempt of attempts) this.#attempts.inc(attempt);
      if (call.failedOver) this.#failovers.inc();
      if (call.moved !== undefined) this.#moves.inc({ lost: call.moved });
      this.#duration.observe(error === undefined ? labels : { ...labels, error_type: error }, call.seconds);
      if (firstSeconds !== undefined) this.#firstToken.observe(labels, firstSeconds);
      this.#newNames.observe(labels, call);
      if (usage === undefined) continue;
      this.#tokens.observe({ ...labels, gen_ai_token_type: "input" }, usage.input.total);
      this.#tokens.observe({ ...labels, gen_ai_token_type: "output" }, usage.output.total);
    }
  }

  /** Bounded: what a client makes up ends as `other`. */
  #labelsOf(record: RequestRecord): CallLabels {
    const last = record.attempts.at(-1);
    const { provider, address, port } = last === undefined ? NOWHERE : this.#addressOf(last);
    const operation = operationName(record.path);
    // A model that nobody serves is only a word of the client's.
    const asked = last === undefined ? OTHER : this.#models.of(record.model ?? OTHER);
    const used = last === undefined ? OTHER : this.#models.of(record.modelUsed ?? last.model);
    const kept = this.#combinations.of(`${operation} ${provider} ${asked} ${used} ${address}`) !== OTHER;
    return {
      gen_ai_operation_name: operation,
      gen_ai_provider_name: kept ? provider : OTHER,
      gen_ai_request_model: kept ? asked : OTHER,
      gen_ai_response_model: kept ? used : OTHER,
      server_address: kept ? address : OTHER,
      server_port: kept ? port : "",
    };
  }

  #addressOf({
    account,
    protocol,
  }: Pick<RequestRecord["attempts"][number], "account" | "protocol">): ServerAddress {
    return this.#addresses.of(account, protocol) ?? NOWHERE;
  }

  #addGauges(): void {
    const registers = [this.#registry];
    const sources = this.#sources;
    new Gauge({
      name: "portico_build_info",
      help: "Always 1; its label says what runs.",
      labelNames: ["version"],
      registers,
    }).set({ version: VERSION }, 1);
    new Gauge({
      name: "portico_requests_in_flight",
      help: "Requests that have not ended, but for the one that asks.",
      registers,
      collect() {
        this.set(Math.max(0, sources.active() - 1));
      },
    });
    new Counter({
      name: "portico_trace_spans_total",
      help: "Spans of traces, by their outcome: sent, or dropped because the receiver did not take them in time.",
      labelNames: ["outcome"],
      registers,
      collect() {
        this.reset();
        const { sent = 0, dropped = 0 } = sources.spans?.() ?? {};
        this.inc({ outcome: "sent" }, sent);
        this.inc({ outcome: "dropped" }, dropped);
      },
    });
    new Gauge({
      name: "portico_accounts",
      help: "Accounts by their state.",
      labelNames: ["state"],
      registers,
      collect() {
        const standing = sources.standing();
        for (const state of ACCOUNT_STATES) {
          this.set({ state }, standing.filter((each) => each.state === state).length);
        }
      },
    });
    new Gauge({
      name: "portico_quota_remaining_ratio",
      help: "What is left of a quota that the provider tells of, from 0 to 1.",
      labelNames: ["account", "model", "name"],
      registers,
      collect() {
        this.reset();
        let shown = 0;
        for (const { account, held, quotas } of sources.standing()) {
          for (const quota of quotas) {
            const { share } = quotaStanding(quota, held, sources.now());
            if (share === undefined) continue;
            if (++shown > MAX_QUOTAS) return;
            this.set({ account, model: quota.model ?? "", name: quota.name }, share);
          }
        }
      },
    });
    if (sources.poolJoined?.() !== undefined) {
      new Gauge({
        name: "portico_pool_joined",
        help: "1 while the engine of this gateway's pool answers, else 0.",
        registers,
        collect() {
          this.set(sources.poolJoined?.() === true ? 1 : 0);
        },
      });
    }
    new Counter({
      name: "portico_records_dropped_total",
      help: "Requests that could not be recorded, because the database was too slow or failed.",
      registers,
      collect() {
        this.reset();
        this.inc(sources.recordsDropped());
      },
    });
  }
}

const NOWHERE: ServerAddress = { provider: OTHER, address: "", port: "" };

/** Whether more than one account or model was tried. */
function movedOn(attempts: RequestRecord["attempts"]): boolean {
  const [first] = attempts;
  return attempts.some(({ account, model }) => account !== first?.account || model !== first.model);
}
