/** What is known of a request when it is over. */

import type { Protocol } from "../../control/protocol.ts";
import type { ErrorKind } from "../common/errors.ts";
import { theirWords } from "../common/log.ts";
import { visible } from "../common/visible.ts";
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
  /** The route that named the model, as its `model` pattern; absent: none did. */
  route?: string;
  /** The background rule that the request met, where that is why it went where it went. */
  background?: string;
  /** The conversation: a short hash, never what the client calls it. */
  session?: string;
  /** Did it go to the account that the conversation was on before? */
  sticky?: boolean;
  /** As people know it: `Claude Code`, `Codex`, …; else `unknown`. */
  client?: string;
  /** At most `USER_AGENT_LENGTH` characters. */
  userAgent?: string;
  status: number;
  error?: { kind: ErrorKind | "client-gone" | "cut"; message: string };
  /** Milliseconds. */
  firstByteMs?: number;
  durationMs: number;
  usage?: Usage;
  warnings: Warning[];
  /** Why the client's own bytes were not what the provider got, though both speak one protocol. */
  edited?: string;
  /** Of the body, inflated. */
  bytesIn?: number;
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
  const failed = error === undefined ? "" : ` ${error.kind}: ${theirWords(error.message)}`;
  return `${method} ${path}${asked}${served} ${status} ${Math.round(durationMs)} ms${tokens}${tries}${failed}`;
}
