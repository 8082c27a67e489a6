/** What may arrive over the control API about recorded requests: params, and for its clients results. */
import * as z from "zod";
import type { RequestMethods, RequestsEvent } from "../../control/requests.ts";
import { PROTOCOLS } from "../protocols/protocol.ts";

type RequestMethod = keyof RequestMethods;

/** Rows of one page of a list. */
export const MAX_PAGE = 500;
/** Requests of one part of an export. */
export const MAX_EXPORT_PART = 2000;
/** Rows of one event; what is beyond is counted in `missed`. */
export const MAX_EVENT_ROWS = 500;
/** Of each list, in one message. */
const MAX_TAKEN = 100;

const text = z.string().max(10_000);
const count = z.int().min(0);
const time = z.number().min(0);
const outcome = z.enum(["ok", "failed", "client-gone"]);
const protocol = z.enum(PROTOCOLS);

const wanted = z.string().min(1).max(500);
const filter = z.strictObject({
  from: time.exactOptional(),
  to: time.exactOptional(),
  outcome: outcome.exactOptional(),
  failedOver: z.boolean().exactOptional(),
  slowerThanMs: time.exactOptional(),
  status: z.int().min(0).max(999).exactOptional(),
  client: wanted.exactOptional(),
  protocol: protocol.exactOptional(),
  model: wanted.exactOptional(),
  account: wanted.exactOptional(),
  text: wanted.exactOptional(),
});
const id = z.string().min(1).max(100);

export const requestParamSchemas: {
  readonly [M in RequestMethod]: z.ZodType<RequestMethods[M][0]>;
} = {
  "requests.list": z
    .strictObject({
      filter: filter.exactOptional(),
      upTo: count.exactOptional(),
      offset: count.exactOptional(),
      limit: z.int().min(1).max(MAX_PAGE),
    })
    .optional(),
  "requests.get": z.strictObject({ id }),
  "requests.facets": z.undefined(),
  "requests.export": z.strictObject({
    filter: filter.exactOptional(),
    format: z.enum(["jsonl", "csv"]),
    before: count.exactOptional(),
    limit: z.int().min(1).max(MAX_EXPORT_PART),
  }),
  "requests.clear": z.undefined(),
  "requests.curl": z.strictObject({ id }),
  "requests.replay": z.strictObject({ id, model: wanted.exactOptional() }),
  // Each is checked by whom it is for.
  "requests.take": z.strictObject({
    records: z.array(z.unknown()).max(MAX_TAKEN),
    held: z.array(z.unknown()).max(MAX_TAKEN),
  }),
};

const row = z.object({
  id: text,
  seq: count,
  time: z.number(),
  client: text,
  protocol: protocol.exactOptional(),
  protocolOut: protocol.exactOptional(),
  lane: z.enum(["A", "B", "sandbox"]).exactOptional(),
  stream: z.boolean().exactOptional(),
  model: text.exactOptional(),
  modelUsed: text.exactOptional(),
  account: text.exactOptional(),
  accountLabel: text.exactOptional(),
  status: z.int(),
  outcome,
  errorKind: text.exactOptional(),
  error: text.exactOptional(),
  attempts: count,
  failedOver: z.boolean(),
  firstByteMs: z.number().exactOptional(),
  durationMs: z.number(),
  tokens: z
    .object({
      input: z.number(),
      cacheRead: z.number(),
      cacheWrite: z.number(),
      output: z.number(),
      reasoning: z.number(),
      estimated: z.boolean(),
    })
    .exactOptional(),
  cost: z.number().exactOptional(),
  warnings: count,
});

/** Text of a recorded body or an export: a message stays under the limit of its connection. */
const long = z.string().max(8 * 1024 * 1024);
const body = z.object({ text: long, bytes: count, cut: z.boolean() });

const details = row.extend({
  method: text,
  path: text,
  attemptList: z
    .array(
      z.object({
        account: text,
        accountLabel: text,
        model: text,
        protocol,
        at: z.number(),
        took: z.number(),
        waited: z.number().exactOptional(),
        status: z.int().exactOptional(),
        outcome: text,
        message: text.exactOptional(),
      }),
    )
    .max(100),
  warningList: z.array(text).max(1000),
  route: text.exactOptional(),
  background: text.exactOptional(),
  edited: text.exactOptional(),
  session: text.exactOptional(),
  sticky: z.boolean().exactOptional(),
  bytesIn: z.number().exactOptional(),
  bytesOut: z.number(),
  userAgent: text.exactOptional(),
  headers: z
    .array(z.tuple([text, text]))
    .max(200)
    .exactOptional(),
  requestBody: body.exactOptional(),
  replyBody: body.exactOptional(),
});

const names = z.array(text).max(200);

export const requestResultSchemas: {
  readonly [M in RequestMethod]: z.ZodType<RequestMethods[M][1]>;
} = {
  "requests.list": z.object({ rows: z.array(row).max(MAX_PAGE), total: count, upTo: count }),
  "requests.get": details,
  "requests.facets": z.object({
    clients: names,
    models: names,
    accounts: z.array(z.object({ id: text, label: text })).max(200),
    protocols: z.array(protocol),
  }),
  "requests.export": z.object({ text: long, rows: count, next: count.exactOptional() }),
  "requests.clear": z.object({ removed: count }),
  "requests.curl": z.object({ command: long, complete: z.boolean() }),
  "requests.take": z.object({ taken: count }),
  "requests.replay": z.discriminatedUnion("ok", [
    z.object({ ok: z.literal(true), id: text, status: z.int() }),
    z.object({ ok: z.literal(false), message: text }),
  ]),
};

export const requestsEvent: z.ZodType<RequestsEvent> = z.object({
  rows: z.array(row).max(MAX_EVENT_ROWS),
  missed: count,
});
