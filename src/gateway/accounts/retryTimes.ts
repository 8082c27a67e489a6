/**
 * When a provider says to come back, in any of the ways they say it:
 * - `retry-after-ms`, `Retry-After` in seconds or as a date (RFC 9110 10.2.3)
 * - `google.rpc.RetryInfo`: https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto
 * - `x-ratelimit-reset-requests: 6m0s`: https://platform.openai.com/docs/guides/rate-limits
 * - `anthropic-ratelimit-tokens-reset: 2026-…Z`: https://platform.claude.com/docs/en/api/rate-limits
 * - `X-RateLimit-Reset`, a moment in seconds or milliseconds (OpenRouter), or seconds from now
 * - "Please try again in 1m30.5s", "retry after 7 seconds", "will reset at 2026-09-09 05:38:28"
 */
import type { ProviderId } from "../providers/ids.ts";
import type { ErrorBody } from "./errorBody.ts";

export type ReplyHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * What a reply's own `Date` says (RFC 9110 6.6.1): moments that a provider names are read against its clock, not
 * against ours, which may be wrong. Without one, `now`.
 */
export function dateOf(headers: ReplyHeaders, now: number): number {
  const date = Date.parse(headerOf(headers, "date") ?? "");
  return Number.isNaN(date) ? now : date;
}

/**
 * @param now milliseconds since 1970 by the provider's clock, see `dateOf`
 * @returns milliseconds from `now`, uncapped, or `undefined` where nothing says when.
 */
export function retryAfter(
  headers: ReplyHeaders,
  body: ErrorBody,
  provider: ProviderId,
  now: number,
): number | undefined {
  const read = (name: string): string | undefined => headerOf(headers, name) ?? body.headers[name];
  return (
    positive(number(read("retry-after-ms"))) ??
    positive(retryAfterHeader(read("retry-after"), now)) ??
    positive(body.retryDelay === undefined ? undefined : parseDuration(body.retryDelay)) ??
    positive(exhaustedReset(headers, now)) ??
    positive(untilReset(read("x-ratelimit-reset"), now)) ??
    positive(fromText(body.text, provider, now))
  );
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const UNIT = "(?:milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d)";
const PIECE = new RegExp(
  `(\\d{1,12}(?:\\.\\d{1,9})?)\\s{0,3}(${UNIT})(?![a-z])|(\\d{1,12}(?:\\.\\d{1,9})?)([smhd])(?=\\d)`,
  "gi",
);
const IN_TEXT = new RegExp(
  `(?:again|retry|retrying|reset|resets|wait|available)(?:\\s+(?:in|after|for|at least|about))?\\s+((?:\\d{1,12}(?:\\.\\d{1,9})?\\s{0,3}${UNIT}[\\s,]{0,3}(?:and\\s)?){1,5})`,
  "i",
);

/** `6m0s`, `20ms`, `1m30.002s`, `5 days 22 hours`; a bare number is seconds. Milliseconds. */
export function parseDuration(text: string): number | undefined {
  const bare = number(text);
  if (bare !== undefined) return bare * 1000;
  let total: number | undefined;
  for (const match of text.slice(0, 100).matchAll(PIECE)) {
    const unit = (match[2] ?? match[4] ?? "").toLowerCase();
    const name = unit === "ms" || unit.startsWith("milli") ? "ms" : (unit[0] ?? "");
    total = (total ?? 0) + Number(match[1] ?? match[3]) * (UNITS[name] ?? 0);
  }
  return total;
}

function headerOf(headers: ReplyHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" ? value : value?.[0];
}

function number(text: string | undefined): number | undefined {
  if (text === undefined || !/^\s*\d{1,15}(?:\.\d+)?\s*$/.test(text)) return undefined;
  return Number(text);
}

const positive = (milliseconds: number | undefined): number | undefined =>
  milliseconds !== undefined && Number.isFinite(milliseconds) && milliseconds > 0
    ? Math.ceil(milliseconds)
    : undefined;

function retryAfterHeader(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const seconds = number(value);
  return seconds === undefined ? Date.parse(value) - now : seconds * 1000;
}

/** The latest reset among the limits that have nothing left. */
function exhaustedReset(headers: ReplyHeaders, now: number): number | undefined {
  let latest: number | undefined;
  for (const name of Object.keys(headers)) {
    const kind = /^(?:x|anthropic)-ratelimit-(?:reset-(.+)|(.+)-reset)$/.exec(name);
    const limit = kind?.[1] ?? kind?.[2];
    if (limit === undefined) continue;
    const remaining = headerOf(headers, name.replace("reset", "remaining"));
    if (remaining === undefined || Number(remaining) > 0) continue;
    const value = headerOf(headers, name) ?? "";
    const wait = parseMoment(value, now) ?? parseDuration(value);
    if (wait !== undefined && wait > (latest ?? 0)) latest = wait;
  }
  return latest;
}

const parseMoment = (value: string, now: number): number | undefined =>
  /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) - now : undefined;

/** Milliseconds until what a reset says: a moment, or a duration. @param now as for `retryAfter` */
export function untilReset(value: string | undefined, now: number): number | undefined {
  const moment = number(value);
  if (moment === undefined)
    return value === undefined ? undefined : (parseMoment(value, now) ?? parseDuration(value));
  if (moment > 1e12) return moment - now;
  return moment > 1e9 ? moment * 1000 - now : moment * 1000;
}

function fromText(text: string, provider: ProviderId, now: number): number | undefined {
  const duration = IN_TEXT.exec(text)?.[1];
  if (duration !== undefined) return parseDuration(duration.trim());
  const moment =
    /(?:reset at|resets at|regain access on|again (?:at|on)) (\d{4}-\d\d-\d\d)(?:(?: at |[ T])(\d\d:\d\d(?::\d\d)?))?/i.exec(
      text,
    );
  if (moment === null) return undefined;
  // Z.ai writes the time of Beijing.
  const zone = provider === "zai" ? "+08:00" : "Z";
  const clock = moment[2] ?? "00:00";
  return Date.parse(`${moment[1]}T${clock.length === 5 ? `${clock}:00` : clock}${zone}`) - now;
}
