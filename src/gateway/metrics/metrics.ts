/** What `GET /metrics` says: counted as requests end, read from the pool when somebody asks. */

import { Counter, Gauge, Registry } from "prom-client";
import { ACCOUNT_STATES } from "../../control/accounts.ts";
import { quotaStanding } from "../../control/quotas.ts";
import type { AccountStanding } from "../accounts/pool.ts";
import { VERSION } from "../common/version.ts";
import type { Account } from "../providers/account.ts";
import { operationName, type ServerAddress, ServerAddresses } from "../providers/conventions.ts";
import type { RequestRecord } from "../records/record.ts";
import { CallMetrics, CallSeries } from "./calls.ts";
import { BoundedNames, OTHER } from "./names.ts";
import { Counts } from "./series.ts";

/** Different models, as clients name them and as accounts do. */
export const MAX_MODELS = 100;
/** Different combinations of model, address and kind of request: each has some 110 lines, and all are written at once. */
export const MAX_COMBINATIONS = 200;
/** Client keys. */
export const MAX_KEYS = 1000;
/** Accounts x quotas that are shown. */
export const MAX_QUOTAS = 500;

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
  readonly #calls: CallMetrics;
  readonly #series = new Map<string, CallSeries>();
  readonly #requests: Counts<"protocol" | "outcome">;
  readonly #keyed: Counts<"key" | "outcome">;
  readonly #keys = new BoundedNames(MAX_KEYS);
  readonly #attempts: Counts<"provider" | "outcome">;
  readonly #failovers: Counts<never>;
  readonly #moves: Counts<"lost">;
  readonly #addresses: ServerAddresses;

  constructor(sources: MetricsSources) {
    this.#sources = sources;
    this.#addresses = new ServerAddresses(() => sources.accounts());
    const registry = this.#registry;
    this.#calls = new CallMetrics(registry);
    this.#requests = new Counts(
      registry,
      { name: "portico_requests_total", help: "Requests that ended, by the client's protocol." },
      ["protocol", "outcome"],
    );
    this.#keyed = new Counts(
      registry,
      {
        name: "portico_key_requests_total",
        help: "Requests that ended, by the id of the client key that they showed.",
      },
      ["key", "outcome"],
    );
    this.#attempts = new Counts(
      registry,
      {
        name: "portico_attempts_total",
        help: "Calls to providers, by their outcome: ok, or the class of the failure.",
      },
      ["provider", "outcome"],
    );
    this.#failovers = new Counts(registry, {
      name: "portico_failovers_total",
      help: "Requests that another account or model than the first one tried has answered.",
    });
    this.#moves = new Counts(
      registry,
      {
        name: "portico_conversation_moves_total",
        help: "Conversations that moved to another account, by what that lost: the prompt cache, or thinking as well.",
      },
      ["lost"],
    );
    this.#addGauges();
  }

  /** Of `text()`, for the header. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** In Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** A finished request. */
  observe(record: RequestRecord): void {
    const { protocol, error, attempts, usage, key, moved, durationMs, firstByteMs } = record;
    if (protocol === undefined) return;
    const outcome = error === undefined ? "ok" : error.kind === "client-gone" ? "client_gone" : "failed";
    this.#requests.add([protocol, outcome]);
    if (key !== undefined) this.#keyed.add([this.#keys.of(key), outcome]);
    for (const attempt of attempts) this.#attempts.add([this.#addressOf(attempt).provider, attempt.outcome]);
    if (outcome === "ok" && attempts.length > 1 && movedOn(attempts)) this.#failovers.add([]);
    if (moved !== undefined) this.#moves.add([moved]);
    const first = record.stream === true && error === undefined ? firstByteMs : undefined;
    this.#seriesOf(record).add({
      error: error?.kind,
      seconds: durationMs / 1000,
      firstSeconds: first === undefined ? undefined : first / 1000,
      usage,
    });
  }

  /** Bounded: what a client makes up ends as `other`. */
  #seriesOf(record: RequestRecord): CallSeries {
    const last = record.attempts.at(-1);
    const { provider, address, port } = last === undefined ? NOWHERE : this.#addressOf(last);
    const operation = operationName(record.path);
    // A model that nobody serves is only a word of the client's.
    const asked = last === undefined ? OTHER : this.#models.of(record.model ?? OTHER);
    const used = last === undefined ? OTHER : this.#models.of(record.modelUsed ?? last.model);
    const combination = this.#combinations.of(`${operation} ${provider} ${asked} ${used} ${address}`);
    const kept = combination !== OTHER;
    const key = kept ? `${combination} ${port}` : operation;
    let series = this.#series.get(key);
    if (series === undefined) {
      const labels = {
        gen_ai_operation_name: operation,
        gen_ai_provider_name: kept ? provider : OTHER,
        gen_ai_request_model: kept ? asked : OTHER,
        gen_ai_response_model: kept ? used : OTHER,
        server_address: kept ? address : OTHER,
        server_port: kept ? port : "",
      };
      series = new CallSeries(labels, this.#calls);
      this.#series.set(key, series);
    }
    return series;
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
