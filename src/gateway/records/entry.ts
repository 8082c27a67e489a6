/** A finished request as it goes to the records' thread: plain, bounded, with all labels resolved. */

import type { Protocol } from "../../control/protocol.ts";
import type { RequestAttempt, RequestLane, RequestOutcome } from "../../control/requests.ts";
import { type AttemptRecord, isCounted, type RequestRecord } from "./record.ts";

/** What is known of an account by its id. */
export interface AccountFacts {
  readonly label: string;
  /** Id of its provider. */
  readonly provider: string;
  /** Base URL of the endpoint for a protocol, from which the price of a server without a name is known. */
  readonly base?: (protocol: Protocol) => string | undefined;
}
export type AccountLookup = (id: string) => AccountFacts | undefined;

/** Counts of tokens: input, cache read, cache write, output, reasoning. */
export type EntryTokens = readonly [number, number, number, number, number];

export interface Entry {
  /** Without `req_`. */
  readonly id: string;
  readonly time: number;
  readonly method: string;
  readonly path: string;
  readonly client: string;
  readonly userAgent?: string | undefined;
  readonly protocol?: Protocol | undefined;
  readonly protocolOut?: Protocol | undefined;
  readonly lane?: RequestLane | undefined;
  readonly stream?: boolean | undefined;
  readonly model?: string | undefined;
  readonly modelUsed?: string | undefined;
  readonly account?: string | undefined;
  readonly label?: string | undefined;
  readonly provider?: string | undefined;
  readonly base?: string | undefined;
  readonly status: number;
  readonly outcome: RequestOutcome;
  readonly kind?: string | undefined;
  readonly error?: string | undefined;
  /** How many, of which the list holds the last ones. */
  readonly tries: number;
  readonly attempts: readonly RequestAttempt[];
  readonly failedOver: boolean;
  readonly firstByteMs?: number | undefined;
  readonly durationMs: number;
  readonly tokens?: EntryTokens | undefined;
  readonly estimated?: boolean | undefined;
  /** USD, as the provider itself says. */
  readonly stated?: number | undefined;
  readonly warnings: readonly string[];
  readonly warned: number;
  readonly route?: string | undefined;
  readonly background?: string | undefined;
  readonly edited?: string | undefined;
  readonly session?: string | undefined;
  readonly sticky?: boolean | undefined;
  readonly bytesIn?: number | undefined;
  readonly bytesOut: number;
  /** Whether statistics count it. */
  readonly counted: boolean;
}

/** Unit: characters. */
const NAME = 200;
const MESSAGE = 500;
const MAX_ATTEMPTS = 20;
const MAX_WARNINGS = 20;

const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 1)}…`;
const short = (text: string | undefined): string | undefined =>
  text === undefined || text === "" ? undefined : cut(text, NAME);
const whole = (value: number): number => (Number.isFinite(value) && value > 0 ? Math.round(value) : 0);

/** Health checks and CORS preflights are nothing that a person asked for. */
export function isWorthKeeping({ path, method, status }: RequestRecord): boolean {
  return path !== "/healthz" && path !== "/metrics" && !(method === "OPTIONS" && status < 300);
}

/** Everything from outside is bounded here, once. */
export function entryOf(record: RequestRecord, lookup: AccountLookup): Entry {
  const { usage, account, error } = record;
  const facts = account === undefined ? undefined : lookup(account);
  const protocolOut = record.attempts.at(-1)?.protocol;
  return {
    id: cut(record.id.startsWith("req_") ? record.id.slice(4) : record.id, 64),
    time: whole(record.time),
    method: cut(record.method, 20),
    path: cut(record.path, NAME),
    client: short(record.client) ?? "unknown",
    userAgent: short(record.userAgent),
    protocol: record.protocol,
    protocolOut,
    lane: record.lane,
    stream: record.stream,
    model: short(record.model),
    modelUsed: short(record.modelUsed),
    account,
    label: facts?.label ?? account,
    provider: facts?.provider,
    base: protocolOut === undefined ? undefined : facts?.base?.(protocolOut),
    status: record.status,
    outcome: outcomeOf(record),
    kind: error?.kind,
    error: error === undefined ? undefined : cut(error.message, MESSAGE),
    tries: record.attempts.length,
    attempts: record.attempts.slice(-MAX_ATTEMPTS).map((attempt) => attemptOf(attempt, lookup)),
    failedOver: movedOn(record.attempts),
    firstByteMs: record.firstByteMs === undefined ? undefined : whole(record.firstByteMs),
    durationMs: whole(record.durationMs),
    tokens:
      usage === undefined
        ? undefined
        : [
            whole(usage.input.total),
            whole(usage.input.cacheRead),
            whole(usage.input.cacheWrite),
            whole(usage.output.total),
            whole(usage.output.reasoning),
          ],
    estimated: usage?.estimated,
    stated: usage?.cost,
    warnings: record.warnings
      .slice(0, MAX_WARNINGS)
      .map(({ feature, message }) => cut(`${feature}: ${message}`, MESSAGE)),
    warned: record.warnings.length,
    route: short(record.route),
    background: short(record.background),
    edited: short(record.edited),
    session: record.session === undefined ? undefined : cut(record.session, 32),
    sticky: record.sticky,
    bytesIn: record.bytesIn,
    bytesOut: whole(record.bytesOut),
    counted: isCounted(record),
  };
}

function outcomeOf({ error, status }: RequestRecord): RequestOutcome {
  if (error?.kind === "client-gone") return "client-gone";
  return error === undefined && status < 400 ? "ok" : "failed";
}

/** More than one account or model was tried. */
function movedOn([first, ...others]: readonly AttemptRecord[]): boolean {
  return others.some(({ account, model }) => account !== first?.account || model !== first.model);
}

function attemptOf(attempt: AttemptRecord, lookup: AccountLookup): RequestAttempt {
  const { account, model, protocol, status, outcome, message } = attempt;
  return {
    account,
    accountLabel: lookup(account)?.label ?? account,
    model: cut(model, NAME),
    protocol,
    at: whole(attempt.at),
    took: whole(attempt.took),
    ...(attempt.waited === undefined ? {} : { waited: whole(attempt.waited) }),
    ...(status === undefined ? {} : { status }),
    outcome,
    ...(message === undefined ? {} : { message: cut(message, MESSAGE) }),
  };
}
