/**
 * Finished requests on their way from a process that no longer leads to the one that does. Plain JSON:
 * what is essential is checked on arrival, what a newer version adds passes.
 */
import * as z from "zod";
import { PROTOCOLS } from "../../control/protocol.ts";
import type { RequestRecord } from "./record.ts";

/** Entries of a list and characters of a text that are handed over. */
const MOST = 100;
const MESSAGE = 500;

const count = z.number().min(0);
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
});

export interface Handed {
  readonly record: RequestRecord;
  /** Budgets have counted it already; it only could not be written. */
  readonly counted: boolean;
}

/** As it is handed over: without recorded bodies, which are too large for it. */
export function toHandOver({ record: { bodies: _bodies, ...record }, counted }: Handed): unknown {
  const { error } = record;
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
  };
}

/** @returns `undefined` for what is no such record */
export function handedRecord(value: unknown): Handed | undefined {
  const { success, data } = schema.safeParse(value);
  if (!success) return undefined;
  const { counted = false, ...record } = data;
  // Kinds of errors and further fields are a newer version's to add; whoever shows them knows no better either.
  return { record: record as unknown as RequestRecord, counted };
}
