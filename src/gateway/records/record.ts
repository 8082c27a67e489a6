/** What is known of a request when it is over. */

import type { UnknownWord } from "../../control/open.ts";
import type { Protocol } from "../../control/protocol.ts";
import type { RequestFieldName, RequestFields } from "../../control/requestFields.ts";
import { visible } from "../../control/visible.ts";
import type { ErrorKind } from "../common/errors.ts";
import { foreignText } from "../common/log.ts";
import type { Usage, Warning } from "../protocols/chat.ts";
import type { RawBodies } from "./bodies.ts";
import { type ClientHeaders, clientOf } from "./client.ts";

export interface AttemptRecord {
  readonly account: string;
  readonly model: string;
  readonly protocol: Protocol;
  /** Milliseconds since the request began. */
  readonly at: number;
  /** Milliseconds the attempt took. */
  readonly took: number;
  /** Milliseconds that the request had waited for an account before. */
  readonly waited?: number;
  readonly status?: number;
  /** `ok`, or the class of the failure. */
  readonly outcome: string;
  readonly message?: string;
}

/** Fields of the recorded request that the gateway's own records say in other words: see `entry.ts`. */
const derived = [
  ...(["seq", "protocolOut", "accountLabel", "outcome", "errorKind", "error"] as const),
  ...(["attempts", "failedOver", "tokens", "cost", "warnings"] as const),
] as const satisfies readonly RequestFieldName[];
export type Derived = (typeof derived)[number];
export const DERIVED: ReadonlySet<string> = new Set(derived);

type Known<T> = Exclude<T, UnknownWord>;
type Collected = {
  -readonly [F in Exclude<RequestFieldName, Derived>]?: Known<NonNullable<RequestFields[F]>>;
};

/** While a request is answered its fields come together here; what they mean stands in `control/requestFields.ts`. */
export interface RequestRecord extends Collected {
  readonly id: string;
  readonly time: number;
  readonly method: string;
  readonly path: string;
  attempts: AttemptRecord[];
  status: number;
  error?: { kind: ErrorKind | "client-gone" | "cut"; message: string };
  durationMs: number;
  usage?: Usage;
  warnings: Warning[];
  /** What was lost as the conversation moved to another account than before. */
  moved?: "cache" | "cache and thinking";
  bytesOut: number;
  /** Only where the person wants them recorded. */
  bodies?: RawBodies;
}

/** Characters of a `User-Agent` that are kept. */
export const USER_AGENT_LENGTH = 200;
/** Hexadecimal digits: enough to tell the conversations of one person apart. */
const SESSION_DIGITS = 12;

/** A request that has just come. */
export function newRecord(
  request: Pick<RequestRecord, "id" | "time" | "method" | "path">,
  headers: ClientHeaders,
): RequestRecord {
  const { "user-agent": userAgent } = headers;
  return {
    ...request,
    path: visible(request.path),
    client: visible(clientOf(headers)),
    attempts: [],
    ...(typeof userAgent !== "string" || userAgent === ""
      ? {}
      : { userAgent: visible(userAgent).slice(0, USER_AGENT_LENGTH) }),
    status: 0,
    durationMs: 0,
    warnings: [],
    bytesOut: 0,
  };
}

const TOKEN_COUNTS = /(?:\/count_tokens|:countTokens|\/input_tokens)$/;

/**
 * Do statistics and budgets count it? Calls of a model they count, but not lists of models, counts of tokens, or
 * what is read back of earlier replies.
 */
export function isCounted({ protocol, model, path }: RequestRecord): boolean {
  return protocol !== undefined && model !== undefined && model !== "" && !TOKEN_COUNTS.test(path);
}

/** What the record shows of a session's key. */
export const shownSession = (key: string): string => key.slice(0, SESSION_DIGITS);

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
  const failed = error === undefined ? "" : ` ${error.kind}: ${foreignText(error.message)}`;
  return `${method} ${path}${asked}${served} ${status} ${Math.round(durationMs)} ms${tokens}${tries}${failed}`;
}
