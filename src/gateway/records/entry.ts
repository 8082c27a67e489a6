/** A finished request as it goes to the records' thread: plain, bounded, with all labels resolved. */

import type { Protocol } from "../../control/protocol.ts";
import {
  type FieldTable,
  REQUEST_FIELDS,
  type RequestField,
  type RequestFieldName,
  type RequestFields,
  type TokenCounts,
} from "../../control/requestFields.ts";
import type { RequestAttempt, RequestOutcome } from "../../control/requests.ts";
import type { Usage } from "../protocols/chat.ts";
import { type AttemptRecord, DERIVED, type Derived, isCounted, type RequestRecord } from "./record.ts";

/** What is known of an account by its id. */
export interface AccountFacts {
  readonly label: string;
  /** Id of its provider. */
  readonly provider: string;
  /** Base URL of the endpoint for a protocol, from which the price of a server without a name is known. */
  readonly base?: (protocol: Protocol) => string | undefined;
}
export type AccountLookup = (id: string) => AccountFacts | undefined;

/** What is written beside the fields, or serves to know them. */
interface Beside {
  attemptList: readonly RequestAttempt[];
  warningList: readonly string[];
  /** Id of the account's provider, and base URL: for the price. */
  provider?: string | undefined;
  base?: string | undefined;
  /** USD, as the provider itself says. */
  stated?: number | undefined;
  /** Whether statistics count it. */
  counted: boolean;
}
const BESIDE = [
  "attemptList",
  "warningList",
  "provider",
  "base",
  "stated",
  "counted",
] as const satisfies readonly (keyof Beside)[];

type Sparse<T> = { [K in keyof T]: Record<never, never> extends Pick<T, K> ? T[K] | undefined : T[K] };
type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** As it is recorded, but for its place; bodies go another way. */
export type Entry = Readonly<Sparse<Omit<RequestFields, "seq">> & Beside>;

/** Unit: characters. */
const NAME = 200;
const ID = 64;
const MESSAGE = 500;
const MAX_ATTEMPTS = 20;
const MAX_WARNINGS = 20;

const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 1)}…`;
const whole = (value: number): number => (Number.isFinite(value) && value > 0 ? Math.round(value) : 0);

/** Health checks and CORS preflights are nothing that a person asked for. */
export function isWorthKeeping({ path, method, status }: RequestRecord): boolean {
  return path !== "/healthz" && path !== "/metrics" && !(method === "OPTIONS" && status < 300);
}

type CollectedName = Exclude<RequestFieldName, Derived>;

/** How records become entries: the fields that are taken over, and an entry with nothing in it. */
interface Plan {
  readonly names: readonly CollectedName[];
  readonly holds: readonly RequestField["holds"][];
  /** Copied, all entries have one shape, which is quick to fill and to write as JSON. */
  readonly empty: Readonly<Record<string, undefined>>;
}

function planOf(fields: FieldTable): Plan {
  const collected = Object.entries(fields).filter(([name]) => !DERIVED.has(name));
  return {
    names: collected.map(([name]) => name as CollectedName),
    holds: collected.map(([, { holds }]) => holds),
    empty: Object.fromEntries([...Object.keys(fields), ...BESIDE].map((name) => [name, undefined])),
  };
}

/** @param fields others than the contract's own, for tests */
export function entriesOf(fields: FieldTable): (record: RequestRecord, lookup: AccountLookup) => Entry {
  const { names, holds, empty } = planOf(fields);
  return (record, lookup) => {
    // Fields that are not set are `undefined` until it is JSON.
    const entry = { ...empty } as unknown as Writable<Entry>;
    for (let at = 0; at < names.length; at++) {
      const name = names[at] as "status";
      entry[name] = bounded(record[name], holds[at]) as number;
    }
    derive(entry, record, lookup);
    return entry;
  };
}

/** Everything from outside is bounded here, once. */
export const entryOf = entriesOf(REQUEST_FIELDS);

function bounded(value: unknown, holds: RequestField["holds"] | undefined): unknown {
  if (typeof value === "number") return whole(value);
  if (typeof value !== "string") return value;
  if (holds === "id") return `req_${cut(value.startsWith("req_") ? value.slice(4) : value, ID)}`;
  return value === "" ? undefined : cut(value, holds === "text" ? MESSAGE : NAME);
}

/** What the record says in other words, or not by itself. */
function derive(entry: Writable<Entry>, record: RequestRecord, lookup: AccountLookup): void {
  const { usage, account, error, attempts, warnings } = record;
  const facts = account === undefined ? undefined : lookup(account);
  const protocolOut = attempts.at(-1)?.protocol;
  entry.client ??= "unknown";
  entry.path ??= "";
  entry.accountLabel = facts?.label ?? account;
  entry.provider = facts?.provider;
  entry.protocolOut = protocolOut;
  entry.base = protocolOut === undefined ? undefined : facts?.base?.(protocolOut);
  entry.outcome = outcomeOf(record);
  entry.errorKind = error?.kind;
  entry.error = error === undefined ? undefined : cut(error.message, MESSAGE);
  entry.attempts = attempts.length;
  entry.attemptList = attempts.slice(-MAX_ATTEMPTS).map((attempt) => attemptOf(attempt, lookup));
  entry.failedOver = movedOn(attempts);
  entry.tokens = usage === undefined ? undefined : tokensOf(usage);
  entry.stated = usage?.cost;
  entry.warnings = warnings.length;
  entry.warningList = warnings
    .slice(0, MAX_WARNINGS)
    .map(({ feature, message }) => cut(`${feature}: ${message}`, MESSAGE));
  entry.counted = isCounted(record);
}

const tokensOf = ({ input, output, estimated = false }: Usage): TokenCounts => ({
  input: whole(input.total),
  cacheRead: whole(input.cacheRead),
  cacheWrite: whole(input.cacheWrite),
  output: whole(output.total),
  reasoning: whole(output.reasoning),
  estimated,
});

function outcomeOf({ error, status }: RequestRecord): RequestOutcome {
  if (error?.kind === "client-gone") return "client-gone";
  return error === undefined && status < 400 ? "ok" : "failed";
}

/** More than one account or model was tried. */
function movedOn([first, ...others]: readonly AttemptRecord[]): boolean {
  return others.some(({ account, model }) => account !== first?.account || model !== first.model);
}

function attemptOf(attempt: AttemptRecord, lookup: AccountLookup): RequestAttempt {
  const { account, protocol, status, outcome, message, waited } = attempt;
  const made: RequestAttempt = {
    account,
    accountLabel: lookup(account)?.label ?? account,
    model: cut(attempt.model, NAME),
    protocol,
    at: whole(attempt.at),
    took: whole(attempt.took),
    outcome,
  };
  if (waited !== undefined) made.waited = whole(waited);
  if (status !== undefined) made.status = status;
  if (message !== undefined) made.message = cut(message, MESSAGE);
  return made;
}
