/** Methods about recorded requests. */
import type {
  ReplayResult,
  RequestDetails,
  RequestFacets,
  RequestFilter,
  RequestPage,
  SandboxResult,
} from "../requests.ts";
import { type MethodsOf, method } from "./method.ts";
import { row } from "./shapes.ts";

type ListParams = { filter?: RequestFilter; upTo?: number; offset?: number; limit: number };
type ExportParams = { filter?: RequestFilter; format: "jsonl" | "csv"; before?: number; limit: number };

export const requestMethods = {
  /** Newest first. `offset` from the newest at or below `upTo`; `limit` 1 to 500. */
  "requests.list": method<ListParams | undefined, RequestPage>({
    rows: [row],
    total: "number",
    upTo: "number",
  }),
  "requests.get": method<{ id: string }, RequestDetails>({
    ...row,
    method: "string",
    path: "string",
    attemptList: [
      {
        account: "string",
        accountLabel: "string",
        model: "string",
        protocol: "string",
        at: "number",
        took: "number",
        outcome: "string",
      },
    ],
    warningList: ["string"],
    bytesOut: "number",
  }),
  "requests.facets": method<undefined, RequestFacets>({
    clients: ["string"],
    models: ["string"],
    accounts: [{ id: "string", label: "string" }],
    protocols: ["string"],
  }),
  /**
   * Part of a file: at most `limit` (up to 2000) requests below `before`. Ask again with `next` until there
   * is none. The first part of a CSV begins with its heads.
   */
  "requests.export": method<ExportParams, { text: string; rows: number; next?: number }>({
    text: "string",
    rows: "number",
  }),
  /** Statistics stay. */
  "requests.clear": method<undefined, { removed: number }>({ removed: "number" }),
  /** A command line that sends it again, with a placeholder for the key. */
  "requests.curl": method<{ id: string }, { command: string; complete: boolean }>({
    command: "string",
    complete: "boolean",
  }),
  "requests.replay": method<{ id: string; model?: string }, ReplayResult>({ ok: "boolean" }),
  /** One request to the built-in sandbox, at the proxy's own address, as any tool would send it. */
  "requests.trySandbox": method<undefined, SandboxResult>({ ok: "boolean" }),
  /**
   * From a process that gave up the lead and still ended requests: their records and what holds its accounts
   * back, as they are inside of the gateway. What was taken before is not taken twice.
   */
  "requests.take": method<{ records: unknown[]; held: unknown[] }, { taken: number }>({ taken: "number" }),
};
export type RequestMethods = MethodsOf<typeof requestMethods>;
