/**
 * Every field of a recorded request, once: as `--json` and the pages have it, the column of `portico.db` that keeps
 * it, its head in a CSV, and how it is filtered by. Types, insert, readers and exports are made from these rows; a
 * field that is added here needs a migration besides (`gateway/records/db/schema.ts`), and nothing else.
 */
import type { Open, UnknownWord } from "./open.ts";
import type { Protocol } from "./protocol.ts";

export type RequestLane = "A" | "B" | "sandbox";

/** `ok`: answered. `failed`: the client got an error. `client-gone`: it hung up before the end. */
export type RequestOutcome = "ok" | "failed" | "client-gone";

export interface TokenCounts {
  /** All of the input, cached parts included. */
  input: number;
  cacheRead: number;
  cacheWrite: number;
  /** All of the output, reasoning included. */
  output: number;
  reasoning: number;
  /** Counted by Portico, not told by the provider. */
  estimated: boolean;
}

/** What a field may hold. */
interface Held {
  /** `req_…`; kept without that. */
  id: string;
  /** The row's own place. */
  seq: number;
  /** Milliseconds since 1970. */
  time: number;
  /** A whole number, not below 0. */
  count: number;
  flag: boolean;
  /** Different with most requests. */
  text: string;
  /** One of few, kept once. At most 200 characters. */
  name: string;
  /** Kept as 1e-9 USD. */
  usd: number;
  /** A column each. */
  tokens: TokenCounts;
  protocol: Open<Protocol>;
  lane: Open<RequestLane>;
  outcome: Open<RequestOutcome>;
}

export interface RequestField {
  readonly holds: keyof Held;
  /** Not optional. */
  readonly always?: true;
  /** In lists and events, not among the details alone. */
  readonly listed?: true;
  /** Of the table `requests`, where it is not called as the field. */
  readonly column?: string;
  /** Its head; absent: it is not in a CSV. */
  readonly csv?: string;
  /** A filter can ask for one value of it, under the field's own name. */
  readonly filtered?: true;
  /** A filter's `text` may stand in it. */
  readonly searched?: true;
}

export type FieldTable = Readonly<Record<string, RequestField>>;

export const REQUEST_FIELDS = {
  /** As the client saw it in `x-request-id`. */
  id: { holds: "id", always: true, listed: true, csv: "id" },
  /** Grows by one with each request kept; a place in the list. */
  seq: { holds: "seq", always: true, listed: true },
  /** At which it began. */
  time: { holds: "time", always: true, listed: true, csv: "time" },
  /** `Claude Code`, `Codex`, …; else what its `User-Agent` calls itself; else `unknown`. */
  client: { holds: "name", always: true, listed: true, csv: "client", filtered: true, searched: true },
  method: { holds: "name", always: true, listed: true, csv: "method" },
  /** Without query: it may hold a key. */
  path: { holds: "name", always: true, listed: true, csv: "path", searched: true },
  /** The client's. Absent where the request was no model call. */
  protocol: { holds: "protocol", listed: true, csv: "protocol", filtered: true },
  /** The account's. */
  protocolOut: { holds: "protocol", listed: true, csv: "protocol_out" },
  /** A: the client's bytes; B: translated; sandbox: answered by Portico itself. */
  lane: { holds: "lane", listed: true, csv: "lane", filtered: true },
  stream: { holds: "flag", listed: true, csv: "stream" },
  /** As the client named it. */
  model: { holds: "name", listed: true, csv: "model", searched: true },
  /** As the account names it. */
  modelUsed: { holds: "name", listed: true, csv: "model_used", searched: true },
  /** Id of the account that answered, or was tried last. */
  account: { holds: "name", listed: true, csv: "account", filtered: true, searched: true },
  /** Its label when the request was recorded. */
  accountLabel: { holds: "name", listed: true, column: "label", csv: "account_label", searched: true },
  /** HTTP status that the client got; 0: none. */
  status: { holds: "count", always: true, listed: true, csv: "status", filtered: true },
  outcome: { holds: "outcome", always: true, listed: true, csv: "outcome", filtered: true },
  /** Class of the error, `rate_limit` and the like. */
  errorKind: {
    holds: "name",
    listed: true,
    column: "kind",
    csv: "error_kind",
    filtered: true,
    searched: true,
  },
  /** For a person, at most 500 characters. */
  error: { holds: "text", listed: true, csv: "error", searched: true },
  /** How many calls to providers. */
  attempts: { holds: "count", always: true, listed: true, column: "tries", csv: "attempts" },
  /** More than one account or model was tried. */
  failedOver: { holds: "flag", always: true, listed: true, csv: "failed_over", filtered: true },
  /** Milliseconds. */
  firstByteMs: { holds: "count", listed: true, column: "first", csv: "first_byte_ms" },
  /** Milliseconds. */
  durationMs: { holds: "count", always: true, listed: true, column: "duration", csv: "duration_ms" },
  tokens: { holds: "tokens", listed: true, csv: "tokens" },
  /** USD; absent where no price is known. */
  cost: { holds: "usd", listed: true, csv: "cost_usd" },
  /** Of the client's body, inflated. */
  bytesIn: { holds: "count", csv: "bytes_in" },
  /** Of the body that the client was sent, whichever way it came about: errors and heartbeats in it included. */
  bytesOut: { holds: "count", always: true, csv: "bytes_out" },
  /** The conversation: a short hash, never what the client calls it. */
  session: { holds: "text", csv: "session" },
  /** How many things the target could not say. */
  warnings: { holds: "count", always: true, listed: true, column: "warned", csv: "warnings" },
  /** The route that named the model, as its `model` pattern; absent: none did. */
  route: { holds: "name", listed: true, filtered: true },
  /** The background rule that the request met, where that is why it went where it went. */
  background: { holds: "name" },
  /** Why the client's own bytes were not what the provider got, though both speak one protocol. */
  edited: { holds: "name" },
  /** Did it go to the account that the conversation was on before? */
  sticky: { holds: "flag" },
  /** As the client sent it. */
  userAgent: { holds: "name", column: "agent" },
  /** Id of the client key that was shown; absent: the owner's, or none. */
  key: { holds: "name", listed: true, csv: "key", filtered: true, searched: true },
} as const satisfies FieldTable;

type Fields = typeof REQUEST_FIELDS;
export type RequestFieldName = keyof Fields;
type Always = { readonly always: true };
type Value<F extends RequestFieldName> = Held[Fields[F]["holds"]];

/** The fields of a kind, such as `{ listed: true }`. */
type Named<Kind> = { [F in RequestFieldName]: Fields[F] extends Kind ? F : never }[RequestFieldName];

type Of<Names extends RequestFieldName> = {
  -readonly [F in Names as Fields[F] extends Always ? F : never]: Value<F>;
} & { -readonly [F in Names as Fields[F] extends Always ? never : F]?: Value<F> };

export type RequestFields = Of<RequestFieldName>;
export type ListedFields = Of<Named<{ readonly listed: true }>>;
export type FilteredFields = {
  [F in Named<{ readonly filtered: true }>]?: Exclude<Value<F>, UnknownWord>;
};

export type SearchedFields = Of<Named<{ readonly searched: true }>>;

/** Names of the rows that `wanted` takes, in their order. */
export function fieldsWhere(
  wanted: (field: RequestField) => boolean,
  fields: FieldTable = REQUEST_FIELDS,
): RequestFieldName[] {
  return Object.entries(fields).flatMap(([name, field]) => (wanted(field) ? [name as RequestFieldName] : []));
}
