/** What is known of a request when it is over. */
import type { ErrorKind } from "../errors.ts";
import type { Usage, Warning } from "../protocols/chat.ts";
import type { Protocol } from "../protocols/protocol.ts";

export interface AttemptRecord {
  readonly account: string;
  readonly model: string;
  readonly protocol: Protocol;
  /** Milliseconds since the request began. */
  readonly at: number;
  /** Milliseconds the attempt took. */
  readonly took: number;
  readonly status?: number;
  /** `ok`, or the class of the failure. */
  readonly outcome: string;
  readonly message?: string;
}

export interface RequestRecord {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly method: string;
  /** Without query: it may hold a key. */
  readonly path: string;
  protocol?: Protocol;
  model?: string;
  stream?: boolean;
  /** A: the client's bytes; B: translated; sandbox: answered by ourselves. */
  lane?: "A" | "B" | "sandbox";
  account?: string;
  modelUsed?: string;
  attempts: AttemptRecord[];
  status: number;
  error?: { kind: ErrorKind | "client-gone"; message: string };
  /** Milliseconds. */
  firstByteMs?: number;
  durationMs: number;
  usage?: Usage;
  warnings: Warning[];
  /** Why the client's own bytes were not what the provider got, though both speak one protocol. */
  edited?: string;
  bytesOut: number;
}

/** Gets every finished request; must not throw, must not wait. */
export type Recorder = (record: RequestRecord) => void;

/** A line for the log: what was asked, who answered, how long it took. No text of the conversation. */
export function recordLine(record: RequestRecord): string {
  const { method, path, status, durationMs, model, account, modelUsed, usage, error, lane } = record;
  const asked = model === undefined || model === "" ? "" : ` ${model}`;
  const served =
    account === undefined
      ? ""
      : ` -> ${account}${modelUsed === model || !modelUsed ? "" : `/${modelUsed}`} (${lane ?? "?"})`;
  const tokens = usage === undefined ? "" : ` ${usage.input.total}+${usage.output.total} tokens`;
  const tries = record.attempts.length > 1 ? ` after ${record.attempts.length} tries` : "";
  const failed = error === undefined ? "" : ` ${error.kind}: ${error.message}`;
  return `${method} ${path}${asked}${served} ${status} ${Math.round(durationMs)} ms${tokens}${tries}${failed}`;
}
