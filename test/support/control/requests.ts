/** What the control API answers about recorded requests, statistics and budgets: all of it, with its bounds. */
import * as z from "zod";
import type { RequestMethods } from "../../../src/control/methods/requests.ts";
import type { StatsMethods } from "../../../src/control/methods/stats.ts";
import { PROTOCOLS } from "../../../src/control/protocol.ts";
import type { RequestsEvent } from "../../../src/control/requests.ts";

const text = z.string().max(10_000);
const count = z.int().min(0);
const outcome = z.enum(["ok", "failed", "client-gone"]);
const protocol = z.enum(PROTOCOLS);

const row = z.object({
  id: text,
  seq: count,
  time: z.number(),
  client: text,
  method: text.exactOptional(),
  path: text.exactOptional(),
  route: text.exactOptional(),
  protocol: protocol.exactOptional(),
  protocolOut: protocol.exactOptional(),
  key: text.exactOptional(),
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
  readonly [M in keyof RequestMethods]: z.ZodType<RequestMethods[M][1]>;
} = {
  "requests.list": z.object({ rows: z.array(row).max(500), total: count, upTo: count }),
  "requests.get": details,
  "requests.facets": z.object({
    clients: names,
    models: names,
    accounts: z.array(z.object({ id: text, label: text })).max(200),
    protocols: z.array(protocol),
    keys: z.array(z.object({ id: text, label: text })).max(200),
  }),
  "requests.export": z.object({ text: long, rows: count, next: count.exactOptional() }),
  "requests.clear": z.object({ removed: count }),
  "requests.curl": z.object({ command: long, complete: z.boolean() }),
  "requests.take": z.object({ taken: count }),
  "requests.trySandbox": z.discriminatedUnion("ok", [
    z.object({ ok: z.literal(true), question: text, answer: text, took: count }),
    z.object({ ok: z.literal(false), message: text }),
  ]),
  "requests.replay": z.discriminatedUnion("ok", [
    z.object({ ok: z.literal(true), id: text, status: z.int() }),
    z.object({ ok: z.literal(false), message: text }),
  ]),
};

export const requestsEvent: z.ZodType<RequestsEvent> = z.object({
  rows: z.array(row).max(500),
  missed: count,
});

const sums = z.object({
  requests: z.number(),
  errors: z.number(),
  failedOver: z.number(),
  input: z.number(),
  cacheRead: z.number(),
  cacheWrite: z.number(),
  output: z.number(),
  reasoning: z.number(),
  cost: z.number(),
  unpriced: z.number(),
});
const latency = z.object({
  p50: z.number().exactOptional(),
  p95: z.number().exactOptional(),
  p99: z.number().exactOptional(),
});

export const statsResultSchemas: { readonly [M in keyof StatsMethods]: z.ZodType<StatsMethods[M][1]> } = {
  "stats.query": z.object({
    bucket: z.literal("hour").exactOptional(),
    buckets: z.array(z.number()).max(1000),
    groups: z
      .array(
        z.object({
          key: text,
          label: text,
          total: sums,
          firstByte: latency,
          duration: latency,
          points: z.array(sums).max(1000),
        }),
      )
      .max(13),
    total: sums,
    firstByte: latency,
    duration: latency,
    errors: z.record(text, z.number()),
  }),
  "stats.today": z.object({
    since: z.number(),
    total: sums,
    firstByte: latency,
    duration: latency,
    hours: z.array(z.object({ start: z.number(), sums, firstByteP50: z.number().exactOptional() })).max(30),
  }),
  "budgets.list": z
    .array(
      z.object({
        account: text.exactOptional(),
        unit: z.enum(["tokens", "requests", "usd"]),
        per: z.enum(["day", "week", "month"]),
        limit: z.number(),
        warnAtPercent: z.number(),
        readOnly: z.boolean(),
        used: z.number(),
        unpriced: z.number(),
        until: z.number(),
        state: z.enum(["ok", "warning", "reached"]),
      }),
    )
    .max(1000),
};
