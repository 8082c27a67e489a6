/**
 * Quotas in reply headers:
 * - Anthropic, on every reply: `anthropic-ratelimit-{requests,tokens,input-tokens,output-tokens}-
 *   {limit,remaining,reset}`, the reset an RFC 3339 moment, per minute:
 *   https://platform.claude.com/docs/en/api/rate-limits#response-headers
 * - OpenAI and most compatible providers: `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`,
 *   the reset a duration (`6m0s`, `20ms`): https://platform.openai.com/docs/guides/rate-limits
 * - Groq: the same names, requests per day and tokens per minute:
 *   https://console.groq.com/docs/rate-limits
 * - some name the window behind the unit (`x-ratelimit-limit-tokens-minute`)
 */
import { compact } from "../../common/json.ts";
import type { ProviderId } from "../../providers/ids.ts";
import { dateOf, type ReplyHeaders, untilReset } from "../retryTimes.ts";
import type { Reading } from "./quota.ts";

type Field = "limit" | "remaining" | "reset";
type Window = NonNullable<Reading["window"]>;

/** Limits of one reply that are read; a provider has a handful. */
const MAX_READINGS = 12;

const COMMON =
  /^x-ratelimit-(limit|remaining|reset)-(requests|tokens|input-tokens|output-tokens)(?:-(minute|hour|day|month))?$/;
const ANTHROPIC =
  /^anthropic-ratelimit-(requests|tokens|input-tokens|output-tokens)-(limit|remaining|reset)$/;

interface Found {
  readonly unit: Reading["unit"];
  readonly window: Window | undefined;
  readonly fields: Map<Field, string>;
}

/** @param headers names in lower case @param now milliseconds since 1970 */
export function readQuotaHeaders(provider: ProviderId, headers: ReplyHeaders, now: number): Reading[] {
  let found: Map<string, Found> | undefined;
  for (const header of Object.keys(headers)) {
    // Nearly all headers of a reply are none of these.
    if (!header.startsWith("x-ratelimit-") && !header.startsWith("anthropic-ratelimit-")) continue;
    const parsed = parseName(header, provider);
    const raw = headers[header];
    const value = typeof raw === "string" ? raw : raw?.[0];
    if (parsed === undefined || value === undefined) continue;
    found ??= new Map();
    let entry = found.get(parsed.name);
    if (entry === undefined) {
      if (found.size >= MAX_READINGS) continue;
      entry = { unit: parsed.unit, window: parsed.window, fields: new Map() };
      found.set(parsed.name, entry);
    }
    entry.fields.set(parsed.field, value);
  }
  if (found === undefined) return [];
  return [...found].flatMap(([name, each]) => {
    const reading = toReading(name, each, now, dateOf(headers, now));
    return reading === undefined ? [] : [reading];
  });
}

function parseName(
  header: string,
  provider: ProviderId,
): { name: string; field: Field; unit: Reading["unit"]; window: Window | undefined } | undefined {
  const common = COMMON.exec(header);
  if (common !== null) {
    const [, field, unit, window] = common as unknown as [string, Field, Reading["unit"], Window | undefined];
    const known = window ?? (provider === "groq" ? (unit === "requests" ? "day" : "minute") : undefined);
    return { name: window === undefined ? unit : `${unit}-${window}`, field, unit, window: known };
  }
  const anthropic = ANTHROPIC.exec(header);
  if (anthropic === null) return undefined;
  const [, unit, field] = anthropic as unknown as [string, Reading["unit"], Field];
  return { name: unit, field, unit, window: "minute" };
}

/** @param theirs `now` by the provider's clock */
function toReading(
  name: string,
  { unit, window, fields }: Found,
  now: number,
  theirs: number,
): Reading | undefined {
  const limit = count(fields.get("limit"));
  const remaining = count(fields.get("remaining"));
  if (limit === undefined && remaining === undefined) return undefined;
  const wait = waitOf(fields.get("reset"), theirs);
  const resetAt = wait === undefined ? undefined : Math.round(now + wait);
  return compact({ name, unit, limit, remaining, window, resetAt });
}

function count(text: string | undefined): number | undefined {
  if (text === undefined || !/^\s*-?\d{1,15}(?:\.\d{1,9})?\s*$/.test(text)) return undefined;
  return Math.max(0, Number(text));
}

/** Far-off moments are as wrong as negative ones: a year is the most. */
const MAX_AHEAD_MS = 366 * 86_400_000;

/** Milliseconds. @param now by the provider's clock, which moments are read against */
function waitOf(text: string | undefined, now: number): number | undefined {
  const wait = untilReset(text, now);
  return wait !== undefined && wait >= 0 && wait <= MAX_AHEAD_MS ? wait : undefined;
}
