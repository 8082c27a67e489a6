/** What goes between the gateway's thread and the records' thread. */

import type { RequestMethods } from "../../control/methods/requests.ts";
import type { RequestDetails, RequestFacets, RequestPage, RequestsEvent } from "../../control/requests.ts";
import type { Stats, StatsQuery, Today } from "../../control/stats.ts";
import type { ErrorKind } from "../common/errors.ts";
import type { RawBodies } from "./bodies.ts";
import type { LastUse } from "./db/lastUses.ts";
import type { Limits } from "./db/retention.ts";
import type { Price, Rates } from "./price.ts";
import type { PriceQuestion } from "./prices.ts";

/** What lies in the file. */
export interface StoredSizes {
  requests: { rows: number; bytes: number; oldest?: number };
  bodies: { rows: number; bytes: number };
  /** Files that were damaged and set aside. */
  damaged: { files: number; bytes: number };
  /** Of the file and what belongs to it. */
  bytes: number;
}

/** Keys of clients by their ids alone. */
export interface RecordedFacets extends Omit<RequestFacets, "keys"> {
  keys: string[];
}

/** Name -> `[params, result]` of what the thread answers. */
export interface Calls {
  list: [NonNullable<RequestMethods["requests.list"][0]>, RequestPage];
  /** `undefined`: it is not kept. */
  get: [{ id: string }, RequestDetails | undefined];
  facets: [undefined, RecordedFacets];
  exportPart: RequestMethods["requests.export"];
  clear: RequestMethods["requests.clear"];
  stats: [StatsQuery, Stats];
  today: [{ now: number; utcOffsetMinutes?: number }, Today];
  lastUses: [{ now: number; recentMs: number }, LastUse[]];
  storage: [undefined, StoredSizes];
  /** Deletes what is beyond the limits; resolves when nothing is. */
  sweep: [{ now: number }, undefined];
  rates: [{ questions: PriceQuestion[] }, (Rates | null)[]];
}
export type CallName = keyof Calls;

export interface ThreadSettings {
  readonly limits: Limits;
  readonly prices: readonly Price[];
  /** Bytes of one body that are kept. */
  readonly bodyMaxBytes: number;
}

export interface ThreadData {
  readonly file: string;
  readonly settings: ThreadSettings;
}

export type ToThread =
  | {
      readonly kind: "write";
      /** Names the batch; unique over all processes. */
      readonly batch: string;
      /** Milliseconds since 1970. */
      readonly now: number;
      /** JSON of entries: quicker to send than the objects. */
      readonly entries: string;
      /** By place in the batch. */
      readonly bodies?: ReadonlyMap<number, RawBodies>;
    }
  | { readonly kind: "call"; readonly id: number; readonly name: CallName; readonly params: unknown }
  | { readonly kind: "configure"; readonly settings: ThreadSettings }
  | { readonly kind: "secrets"; readonly secrets: readonly string[] }
  | { readonly kind: "listen"; readonly on: boolean }
  | { readonly kind: "close" };

export type FromThread =
  /** It is up. `batch`: the one written last. */
  | { readonly kind: "ready"; readonly batch?: string | undefined }
  /** `later`: it could not be written now; why is said. `never`: it cannot be written at all. */
  | {
      readonly kind: "written";
      readonly batch: string;
      readonly outcome: "written" | "later" | "never";
    }
  | { readonly kind: "answer"; readonly id: number; readonly value: unknown }
  | { readonly kind: "refused"; readonly id: number; readonly error: ErrorKind; readonly message: string }
  | { readonly kind: "rows"; readonly event: RequestsEvent }
  /** For a person: why nothing is written; absent: it is. */
  | { readonly kind: "problem"; readonly message?: string | undefined }
  /** For a person: what happened, without being in the way any longer. */
  | { readonly kind: "notice"; readonly message: string }
  | { readonly kind: "closed" };
