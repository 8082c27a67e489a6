/** Leveled lines for a person, with everything taken out that looks like a secret or is known as one. */

import { visibleLine } from "../../control/visible.ts";
import type { Log, LogFields } from "./ports.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const REDACTED = "[redacted]";
/** Shorter values are no secrets, and would blank out ordinary words. */
const MIN_SECRET_LENGTH = 6;
const MAX_SECRETS = 5000;
/** Unit: characters. */
const MAX_LINE_LENGTH = 8192;

/** What gives a secret away: its place (a header, a query parameter, a field) or its own look. */
const PLACES = [
  /\b((?:proxy-)?authorization\s{0,8}(?:\\?["'])?\s{0,8}[:=]\s{0,8}(?:\\?["'])?(?:bearer|basic|token)?\s{0,8})[^\s"',;\\]+/gi,
  /\b((?:bearer|basic)\s{1,8})[A-Za-z0-9._~+/=-]{8,}/gi,
  // `MY_API_KEY=…`, `"password": "…"`, and the same within a text of JSON, where quotes are `\"`.
  /(?<![A-Za-z0-9_])((?:[A-Za-z0-9]{1,40}_){0,6}(?:x-api-key|x-goog-api-key|api[-_]?key|access[-_]?key|private[-_]?key|access[-_]?token|refresh[-_]?token|auth[-_]?token|client[-_]?secret|secret|password|passwd|cookie)\s{0,8}(?:\\?["'])?\s{0,8}[:=]\s{0,8}(?:\\?["'])?)[^\s"',;&\\]+/gi,
  /([?&#](?:key|token|code|secret|sig|signature)=)[^\s"'&#\\]+/gi,
  /(\b[a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@"'\\]{1,300}@/gi,
];
const LOOKS = [
  // Without the mark behind them, two letters begin many an id: `chatcmpl-hfQ…`.
  /\b(?:(?:sk|pk|rk|gsk|xai|ghp|gho|ghs|hf|nvapi|ya29)[-_.]|AIza)[A-Za-z0-9_-]{16,}/g,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z ]*PRIVATE KEY-----)?/g,
];

/** Takes secrets out of text. Knows the look of common keys, and exactly those it was given. */
export interface Redactor {
  /** Up to 5,000 are remembered; the oldest go first. */
  add(secrets: Iterable<string>): void;
  redact(text: string): string;
  /** The same text and length, with `\0` in place of every character of a secret. */
  mask(text: string): string;
  /** Those it was given, in all forms that they are looked for in; the same list until there is another. */
  secrets(): readonly string[];
}

export function createRedactor(): Redactor {
  const known = new Set<string>();
  let pattern: RegExp | undefined;
  let listed: readonly string[] | undefined = [];
  return {
    add(secrets) {
      listed = undefined;
      for (const secret of secrets) {
        if (secret.length < MIN_SECRET_LENGTH) continue;
        for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) {
          known.delete(form);
          known.add(form);
        }
      }
      for (const oldest of known) {
        if (known.size <= MAX_SECRETS) break;
        known.delete(oldest);
      }
      // Longest first: a key that contains another is taken out whole.
      const longestFirst = [...known].sort((a, b) => b.length - a.length);
      const escaped = longestFirst.map((secret) => secret.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&"));
      pattern = escaped.length === 0 ? undefined : new RegExp(escaped.join("|"), "g");
    },
    redact: (text) => without(text, pattern, () => REDACTED),
    mask: (text) => without(text, pattern, (secret) => "\0".repeat(secret.length)),
    secrets() {
      listed ??= [...known];
      return listed;
    },
  };
}

/**
 * What somebody else said, marked as that: a provider's words may hold anything, so they are no part of what a
 * person is asked to send in.
 */
export function foreignText(text: string): string {
  return `“${text.replace(/[\u201c\u201d]/g, "'")}”`;
}

/** @param said in place of a secret */
function without(text: string, known: RegExp | undefined, said: (secret: string) => string): string {
  let clean = known === undefined ? text : text.replace(known, said);
  for (const look of LOOKS) clean = clean.replace(look, said);
  for (const place of PLACES) {
    clean = clean.replace(place, (match, before: string) => {
      const end = match.endsWith("@") ? "@" : "";
      return before + said(match.slice(before.length, match.length - end.length)) + end;
    });
  }
  return clean;
}

export interface LogOptions {
  readonly level: LogLevel;
  /** Gets whole lines, each with its line feed; several at once where they waited. */
  readonly write?: (lines: string) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly redactor: Pick<Redactor, "redact">;
  /** Hears the same, in parts. */
  readonly tell?: (entry: { level: LogLevel; time: number; message: string }) => void;
  /** Calls `flush` soon: lines below `warn` wait until then. Absent: none does. */
  readonly later?: (flush: () => void) => void;
}

/** Milliseconds that a line waits, so that a busy gateway cleans and writes many at once. */
const WAIT_MS = 50;
/** Lines that wait at most. */
const MAX_WAITING = 500;

/** For `LogOptions.later`. Keeps no process alive. */
export const soon = (flush: () => void): void => void setTimeout(flush, WAIT_MS).unref();

/** A log whose lines may wait; whoever ends the process flushes it. */
export interface FlushedLog extends Log {
  readonly flush: () => void;
}

/**
 * Lines like `2026-01-31T12:00:00.000Z WARN  account is cooling account=work seconds=30`, in the order in which they
 * came. Line breaks and control characters are escaped, so that nothing can forge a line.
 */
export function createLog({ level, write, now, redactor, tell, later }: LogOptions): FlushedLog {
  const threshold = LOG_LEVELS.indexOf(level);
  let waiting: { level: LogLevel; time: number; message: string; fields: LogFields | undefined }[] = [];
  const flush = () => {
    if (waiting.length === 0) return;
    const entries = waiting.map(({ level, time, message, fields }) => ({
      level,
      time,
      message: logText(redactor, message, fields),
    }));
    waiting = [];
    write?.(entries.map(lineOf).join(""));
    if (tell !== undefined) for (const entry of entries) tell(entry);
  };
  const at = (each: LogLevel) => {
    const rank = LOG_LEVELS.indexOf(each);
    if (rank < threshold) return () => {};
    const waits = rank < LOG_LEVELS.indexOf("warn") ? later : undefined;
    return (message: string, fields?: LogFields) => {
      waiting.push({ level: each, time: now(), message, fields });
      if (waits === undefined || waiting.length >= MAX_WAITING) flush();
      else if (waiting.length === 1) waits(flush);
    };
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error"), flush };
}

const lineOf = ({ level, time, message }: { level: LogLevel; time: number; message: string }): string =>
  `${new Date(time).toISOString()} ${level.toUpperCase().padEnd(5)} ${message}\n`;

/** Message and fields as one safe line, without time and level. */
export function logText(redactor: Pick<Redactor, "redact">, message: string, fields?: LogFields): string {
  return visibleLine(cut(redactor.redact(bound(message + format(fields)))));
}

function format(fields: LogFields = {}): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => {
      const text = String(value);
      return ` ${key}=${/[\s"=]/.test(text) || text === "" ? JSON.stringify(text) : text}`;
    })
    .join("");
}

/** Bounds the work; wider than `cut`, which then takes away a secret that was split here. */
function bound(text: string): string {
  return text.slice(0, 2 * MAX_LINE_LENGTH);
}

function cut(text: string): string {
  return text.length <= MAX_LINE_LENGTH ? text : `${text.slice(0, MAX_LINE_LENGTH)}…`;
}
