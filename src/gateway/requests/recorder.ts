/** Where finished requests go: log, budgets, metrics, history. None of it can make a request fail. */
import type { AccountPool } from "../accounts/pool.ts";
import type { Log } from "../common/ports.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Handed } from "../records/handed.ts";
import { type Recorder, type RequestRecord, recordLine } from "../records/record.ts";
import { makeVisible } from "../records/visibleRecord.ts";
import type { SignatureStore } from "../state/signatureStore.ts";
import type { Traces } from "../telemetry/traces.ts";

/** Asked for every few seconds by whoever watches over us. */
const OWN_PATHS: ReadonlySet<string> = new Set(["/healthz", "/metrics"]);

export interface RecorderOptions {
  readonly log: Log;
  /** Of the line for each request. */
  readonly level: "info" | "debug";
  readonly pool: Pick<AccountPool, "record">;
  readonly metrics: Metrics;
  readonly traces: Pick<Traces, "end">;
  /** Another process leads, and counts what is handed to it. */
  readonly left: () => boolean;
  readonly onRecord?: ((record: RequestRecord) => void) | undefined;
}

export function createRecorder({
  log,
  level,
  pool,
  metrics,
  traces,
  left,
  onRecord,
}: RecorderOptions): Recorder {
  return (record) => {
    makeVisible(record);
    if (!OWN_PATHS.has(record.path)) log[level](recordLine(record), { request: record.id });
    try {
      if (!left()) pool.record(record);
      metrics.observe(record);
      onRecord?.(record);
      if (!OWN_PATHS.has(record.path)) traces.end(record);
    } catch (error) {
      log.error(`a request could not be recorded: ${String(error)}`, { request: record.id });
    }
  };
}

export interface TakingOptions extends Pick<RecorderOptions, "metrics" | "onRecord"> {
  readonly pool: Pick<AccountPool, "record" | "bind">;
  readonly signatures: Pick<SignatureStore, "merge">;
}

/** Those of a process that led before. */
export function takeHanded(
  handed: readonly Handed[],
  { pool, signatures, metrics, onRecord }: TakingOptions,
): void {
  for (const { record, counted, state } of handed) {
    makeVisible(record);
    if (state !== undefined) {
      pool.bind(state.bindings);
      signatures.merge(state.signatures);
    }
    if (!counted) pool.record(record);
    metrics.observe(record);
    onRecord?.(record);
  }
}
