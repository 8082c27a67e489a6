/** The part of the contract about recorded requests: Monitor, exports, replays. */
import type { Protocol } from "./contract.ts";
import type { Open } from "./open.ts";
import type { FilteredFields, ListedFields, RequestFields } from "./requestFields.ts";

export type { RequestLane, RequestOutcome, TokenCounts } from "./requestFields.ts";

/** One finished request, as a line of a list. */
export type RequestRow = Omit<ListedFields, "method" | "path"> &
  /** Absent where the gateway is older. */
  Partial<Pick<ListedFields, "method" | "path">>;

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
export interface NumberRange {
  above?: number;
  atLeast?: number;
  below?: number;
  atMost?: number;
}

/** `tokens`: in and out together. What is not known is in no range. */
export const RANGED = ["durationMs", "cost", "tokens", "status"] as const;
export type RangedField = (typeof RANGED)[number];

/** In a filter's name: requests that have none. */
export const NO_NAME = "-";

/** All that is given must hold. A leader older than a field refuses the filter. */
export interface RequestFilter extends FilteredFields {
  /** Milliseconds since 1970, inclusive. */
  from?: number;
  /** Exclusive. */
  to?: number;
  /** Took at least so many milliseconds. */
  slowerThanMs?: number;
  ranges?: { [F in RangedField]?: NumberRange };
  /** Asked for or used; `*` stands for anything. */
  model?: string;
  /** The one that was used, and where none was reached, the one that was asked for: as statistics count. */
  usedModel?: string;
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
  /** Of clients; absent where the gateway is older. */
  keys?: { id: string; label: string }[];
}

export type ReplayResult =
  /** The new request's id. */
  | { ok: true; id: string; status: number }
  /** For a person: mostly that its body was not recorded. */
  | { ok: false; message: string };

export type SandboxResult =
  /** What was asked and answered; `took` in milliseconds. */
  | { ok: true; question: string; answer: string; took: number }
  /** For a person: why there was no answer. */
  | { ok: false; message: string };

/** Requests that ended, oldest first, at most some 20 times a second; `missed` more did not fit. */
export interface RequestsEvent {
  rows: RequestRow[];
  missed: number;
}
