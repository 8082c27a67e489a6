/**
 * Finished requests on their way from a process that no longer leads to the one that does. Plain JSON:
 * what is essential is checked on arrival, what a newer version adds passes.
 */
import * as z from "zod";
import { PROTOCOLS } from "../../control/protocol.ts";
import { compact } from "../common/json.ts";
import { bytesOf, type RawBodies, type RawBody } from "./bodies.ts";
import type { RequestRecord } from "./record.ts";

/** Entries of a list and characters of a text that are handed over. */
const MOST = 100;
const MESSAGE = 500;

const count = z.number().min(0);
const body = z
  .object({
    base64: z.base64(),
    total: count,
    contentType: z.string().max(1000),
    encoding: z.string().max(100).exactOptional(),
  })
  .transform(({ base64, ...rest }) => ({ bytes: Buffer.from(base64, "base64"), ...rest }));
const schema = z.looseObject({
  id: z.string().min(1).max(100),
  time: count,
  method: z.string().max(20),
  path: z.string().max(2000),
  protocol: z.enum(PROTOCOLS).optional(),
  model: z.string().max(2000).optional(),
  account: z.string().max(100).optional(),
  status: z.int().min(0).max(999),
  error: z.looseObject({ kind: z.string().max(100), message: z.string().max(10_000) }).optional(),
  attempts: z
    .array(
      z.looseObject({
        account: z.string().max(100),
        model: z.string().max(2000),
        protocol: z.enum(PROTOCOLS),
        at: z.number(),
        took: z.number(),
        outcome: z.string().max(100),
      }),
    )
    .max(MOST),
  usage: z
    .looseObject({
      input: z.looseObject({ total: count, uncached: count, cacheRead: count, cacheWrite: count }),
      output: z.looseObject({ total: count, reasoning: count }),
    })
    .optional(),
  warnings: z.array(z.looseObject({ feature: z.string(), message: z.string() })).max(MOST),
  durationMs: z.number(),
  bytesOut: count,
  counted: z.boolean().optional(),
  attached: z
    .looseObject({
      bodies: z
        .object({
          headers: z.array(z.string()).max(2000),
          request: body.exactOptional(),
          reply: body.exactOptional(),
        })
        .optional()
        .catch(undefined),
      bindings: z
        .array(z.tuple([z.string(), z.string(), z.string().optional()]))
        .optional()
        .catch(undefined),
      signatures: z.array(z.unknown()).optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
});

/** What later requests of a conversation need of this one: who made its ids, and signed reasoning. */
export interface LateState {
  /** Id, account and, where a client key asked, that. */
  readonly bindings: readonly (readonly [id: string, account: string, client?: string | undefined])[];
  /** As `SignatureStore` keeps them. */
  readonly signatures: readonly unknown[];
}

export interface Handed {
  readonly record: RequestRecord;
  /** Budgets have counted it already; it only could not be written. */
  readonly counted: boolean;
  /** What was to be kept since the request before it. */
  readonly state?: LateState;
}

/** The same without all that may be large. */
export function bare({ record: { bodies: _bodies, ...record }, counted }: Handed): Handed {
  return { record, counted };
}

/** Bytes, roughly, of what may be large in it. */
export function sizeBesides({ record: { bodies }, state }: Handed): number {
  return bytesOf(bodies) + (state === undefined ? 0 : JSON.stringify(state).length);
}

/** As it is handed over. What is attached, an older Portico passes over. */
export function toHandOver({ record: { bodies, ...record }, counted, state }: Handed): unknown {
  const { error } = record;
  const attached = {
    ...(bodies === undefined ? {} : { bodies: bodiesOut(bodies) }),
    ...state,
  };
  return {
    ...record,
    ...(error === undefined ? {} : { error: { ...error, message: error.message.slice(0, MESSAGE) } }),
    attempts: record.attempts.slice(-MOST).map((attempt) => ({
      ...attempt,
      ...(attempt.message === undefined ? {} : { message: attempt.message.slice(0, MESSAGE) }),
    })),
    warnings: record.warnings
      .slice(0, MOST)
      .map((warning) => ({ ...warning, message: warning.message.slice(0, MESSAGE) })),
    ...(counted ? { counted } : {}),
    ...(Object.keys(attached).length === 0 ? {} : { attached }),
  };
}

const bodiesOut = ({ headers, request, reply }: RawBodies) =>
  compact({ headers, request: bodyOut(request), reply: bodyOut(reply) });

function bodyOut(body: RawBody | undefined) {
  if (body === undefined) return undefined;
  const { bytes, ...rest } = body;
  return { base64: Buffer.from(bytes).toString("base64"), ...rest };
}

/** @returns `undefined` for what is no such record */
export function handedRecord(value: unknown): Handed | undefined {
  const { success, data } = schema.safeParse(value);
  if (!success) return undefined;
  const { counted = false, attached, bodies: _, ...given } = data;
  // Kinds of errors and further fields are a newer version's to add; whoever shows them knows no better either.
  const record = given as unknown as RequestRecord;
  if (attached?.bodies !== undefined) record.bodies = attached.bodies;
  const { bindings = [], signatures = [] } = attached ?? {};
  const hasState = bindings.length > 0 || signatures.length > 0;
  return { record, counted, ...(hasState ? { state: { bindings, signatures } } : {}) };
}
