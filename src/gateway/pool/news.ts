/**
 * What gateways tell each other, as JSON: ages and remaining times in milliseconds, never moments, as clocks differ; and
 * no word of a provider's, which may quote what was sent.
 */
import * as z from "zod";
import { parseJson } from "../common/json.ts";
import type { SharedClear, SharedHold, SharedQuota } from "./port.ts";

/** Characters of a message; more is none of ours. */
const MOST = 4000;
const LONGEST = 400 * 24 * 3_600_000;
const age = z.number().min(0).max(LONGEST);
const left = z.number().min(-LONGEST).max(LONGEST);
const name = z.string().max(200);
const common = { from: z.string().max(40), account: z.string().max(100), model: name.exactOptional() };

const holdSchema = z.object({
  kind: z.literal("hold"),
  id: z.string().max(60),
  ...common,
  condition: name,
  because: name,
  sinceAge: age,
  age,
  left,
  resetLeft: left.exactOptional(),
  failures: z.int().min(1).max(1000),
});
const clearSchema = z.object({ kind: z.literal("clear"), ...common, age });
const undoSchema = z.object({ kind: z.literal("undo"), id: z.string().max(60), from: z.string().max(40) });
const quotaSchema = z.object({
  kind: z.literal("quota"),
  ...common,
  name,
  remaining: z.number().exactOptional(),
  limit: z.number().exactOptional(),
  unit: name,
  window: name.exactOptional(),
  resetLeft: left.exactOptional(),
  age,
  source: name,
});
/** A gateway was not there before. */
const hereSchema = z.object({ kind: z.literal("here"), from: z.string().max(40), name: z.string().max(100) });
/** What all gateways have taken of a sum, in use or leased; the rest of the object is written inside the engine. */
const takenSchema = z.object({
  kind: z.literal("taken"),
  from: z.string().max(40),
  sum: z.string().max(1000),
  taken: z.number(),
  /** Of it, by that gateway just now. */
  leased: z.number(),
  revision: z.number(),
});
const newsSchema = z.discriminatedUnion("kind", [
  holdSchema,
  clearSchema,
  undoSchema,
  quotaSchema,
  hereSchema,
  takenSchema,
]);
export type News = z.output<typeof newsSchema>;
type HoldNews = z.output<typeof holdSchema>;
export type TakenNews = z.output<typeof takenSchema>;
type QuotaNews = z.output<typeof quotaSchema>;

/** @returns `undefined` where it is nothing that this version knows */
export function readNews(text: string): News | undefined {
  return text.length > MOST ? undefined : newsSchema.safeParse(parseJson(text)).data;
}

export const hereNews = (from: string, name: string): News => ({ kind: "here", from, name });

/** As `COUNT` wants it: without its last three fields. */
export const takenHead = (from: string, sum: string): string =>
  `${JSON.stringify({ kind: "taken", from, sum }).slice(0, -1)},`;

const given = <K extends string, V>(key: K, value: V | undefined): { [key in K]?: V } =>
  value === undefined ? {} : ({ [key]: value } as { [key in K]: V });

/** @param now milliseconds since 1970, by this gateway's clock */
export function holdNews(hold: SharedHold, id: string, from: string, now: number): HoldNews {
  const { account, model, condition, because, since, at, until, resetAt, failures } = hold;
  return {
    kind: "hold",
    id,
    from,
    account,
    ...given("model", model),
    condition,
    because,
    sinceAge: Math.max(0, now - since),
    age: Math.max(0, now - at),
    left: until - now,
    ...given("resetLeft", resetAt === undefined ? undefined : resetAt - now),
    failures,
  };
}

/** @param elapsed milliseconds since it was told */
export function holdOf(news: HoldNews, now: number, elapsed = 0): SharedHold {
  const { account, model, condition, because, sinceAge, age, left, resetLeft, failures } = news;
  const then = now - elapsed;
  return {
    account,
    ...given("model", model),
    condition,
    because,
    since: then - sinceAge,
    at: then - age,
    until: then + left,
    ...given("resetAt", resetLeft === undefined ? undefined : then + resetLeft),
    failures,
  };
}

export const clearNews = ({ account, model, before }: SharedClear, from: string, now: number): News => ({
  kind: "clear",
  from,
  account,
  ...given("model", model),
  age: Math.max(0, now - before),
});

export function quotaNews(quota: SharedQuota, from: string, now: number): QuotaNews {
  const { account, model, name, remaining, limit, unit, window, resetAt, readAt, source } = quota;
  return {
    kind: "quota",
    from,
    account,
    ...given("model", model),
    name,
    ...given("remaining", remaining),
    ...given("limit", limit),
    unit,
    ...given("window", window),
    ...given("resetLeft", resetAt === undefined ? undefined : resetAt - now),
    age: Math.max(0, now - readAt),
    source,
  };
}

export function quotaOf(news: QuotaNews, now: number, elapsed = 0): SharedQuota {
  const { account, model, name, remaining, limit, unit, window, resetLeft, age, source } = news;
  const then = now - elapsed;
  return {
    account,
    ...given("model", model),
    name,
    ...given("remaining", remaining),
    ...given("limit", limit),
    unit,
    ...given("window", window),
    ...given("resetAt", resetLeft === undefined ? undefined : then + resetLeft),
    readAt: then - age,
    source,
  };
}
