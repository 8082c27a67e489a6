/** The part of the contract about recorded requests: Monitor, exports, replays. Types only. */
import type { Protocol } from "./contract.ts";
import type { Open } from "./open.ts";
import type { FilteredFields, ListedFields, RequestFields } from "./requestFields.ts";

export type { RequestLane, RequestOutcome, TokenCounts } from "./requestFields.ts";

/** One finished request, as a line of a list. */
export type RequestRow = ListedFields;

export interface RequestAttempt {
  account: string;
  accountLabel: string;
  model: string;
  protocol: Open<Protocol>;
  /** Milliseconds since the request began. */
  at: number;
  /** Milliseconds. */
  took: number;
  /** Milliseconds that the request had waited until an account was ready. */
  waited?: number;
  status?: number;
  /** `ok`, `broken`, `client-gone`, `cut` (by Portico), or the class of the failure. */
  outcome: string;
  /** Mostly in the provider's words. */
  message?: string;
}

/** What was kept of a body; text, redacted, cut at the cap. */
export interface RecordedBody {
  text: string;
  /** Of the whole body. */
  bytes: number;
  cut: boolean;
}

export interface RequestDetails extends RequestFields {
  attemptList: RequestAttempt[];
  warningList: string[];
  /** `[name, value]`, secrets blanked; only while they are kept. */
  headers?: [string, string][];
  /** Only where recording was on. */
  requestBody?: RecordedBody;
  replyBody?: RecordedBody;
}

/** All that is given must hold. */
export interface RequestFilter extends FilteredFields {
  /** Milliseconds since 1970, inclusive. */
  from?: number;
  /** Exclusive. */
  to?: number;
  /** Took at least so many milliseconds. */
  slowerThanMs?: number;
  /** Asked for or used; `*` stands for anything. */
  model?: string;
  /** Somewhere in model, account, client, error, path or id; case does not matter. */
  text?: string;
}

export interface RequestPage {
  rows: RequestRow[];
  /** How many hold in all. */
  total: number;
  /** Give it back to page through the same list while new requests arrive. */
  upTo: number;
}

/** What filters can be set to, most frequent first; at most 200 each. */
export interface RequestFacets {
  clients: string[];
  models: string[];
  accounts: { id: string; label: string }[];
  protocols: Open<Protocol>[];
}

export type ReplayResult =
  /** The new request's id. */
  | { ok: true; id: string; status: number }
  /** For a person: mostly that its body was not recorded. */
  | { ok: false; message: string };

/** Name -> `[params, result]`. */
export interface RequestMethods {
  /** Newest first. `offset` from the newest at or below `upTo`; `limit` 1 to 500. */
  "requests.list": [
    { filter?: RequestFilter; upTo?: number; offset?: number; limit: number } | undefined,
    RequestPage,
  ];
  "requests.get": [{ id: string }, RequestDetails];
  "requests.facets": [undefined, RequestFacets];
  /**
   * Part of a file: at most `limit` (up to 2000) requests below `before`. Ask again with `next` until there
   * is none. The first part of a CSV begins with its heads.
   */
  "requests.export": [
    { filter?: RequestFilter; format: "jsonl" | "csv"; before?: number; limit: number },
    { text: string; rows: number; next?: number },
  ];
  /** Statistics stay. */
  "requests.clear": [undefined, { removed: number }];
  /** A command line that sends it again, with a placeholder for the key. */
  "requests.curl": [{ id: string }, { command: string; complete: boolean }];
  "requests.replay": [{ id: string; model?: string }, ReplayResult];
  /**
   * From a process that gave up the lead and still ended requests: their records and what holds its accounts
   * back, as they are inside of the gateway. What was taken before is not taken twice.
   */
  "requests.take": [{ records: unknown[]; held: unknown[] }, { taken: number }];
}

/** Requests that ended, oldest first, at most some 20 times a second; `missed` more did not fit. */
export interface RequestsEvent {
  rows: RequestRow[];
  missed: number;
}
