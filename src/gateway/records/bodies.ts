/** What is kept of headers and bodies, where the person turned that on: text alone, without secrets. */

import type { RecordedBody } from "../../control/requests.ts";
import { createRedactor, type Redactor } from "../common/log.ts";
import { KEY_HEADERS } from "../protocols/endpoint.ts";
import { REDACTED } from "./redacted.ts";
import { redactText } from "./redactText.ts";

/** What was seen of them, before anything is taken out. */
export interface RawBodies {
  /** Of the request: names and values in turn, as Node has them. */
  readonly headers: readonly string[];
  readonly request?: RawBody | undefined;
  readonly reply?: RawBody | undefined;
}

export interface RawBody {
  /** The beginning of it. */
  readonly bytes: Uint8Array;
  /** Of the whole body. */
  readonly total: number;
  readonly contentType: string;
  /** `gzip` and the like; absent: none. */
  readonly encoding?: string;
}

/** Of what was seen. */
export const bytesOf = (bodies: RawBodies | undefined): number =>
  (bodies?.request?.bytes.length ?? 0) + (bodies?.reply?.bytes.length ?? 0);

export interface KeptBodies {
  /** JSON of `[name, value]` pairs. */
  readonly headers?: string | undefined;
  readonly request?: RecordedBody | undefined;
  readonly reply?: RecordedBody | undefined;
}

/** Headers that say who somebody is. */
const SECRET_NAME = /auth|key|token|secret|cookie|password|credential|signature/i;
/** Names of numbers, which the pattern above also meets. */
const HARMLESS_NAME = /^(?:x-ratelimit-.*|anthropic-ratelimit-.*|.*max-tokens)$/i;
/** Their values are looked for in bodies, too. */
const CREDENTIALS: ReadonlySet<string> = new Set([...KEY_HEADERS, "proxy-authorization", "cookie"]);
const MAX_HEADERS = 100;
/** Unit: characters. */
const MAX_HEADER = 2000;

const TEXT = /^(?:text\/|application\/(?:[\w.+-]*json|x-ndjson|xml|x-www-form-urlencoded)|)/i;
const IS_TEXT = (type: string): boolean => type === "" || (TEXT.exec(type)?.[0] ?? "") !== "";

/** Pictures, sound, files and other people's sealed data: runs of base64, in data URLs, bare or in lines. */
const DATA_URL = /data:([\w.+/-]{1,100});base64,[A-Za-z0-9+/=_\\-]*/g;
const BASE64 = /[A-Za-z0-9+/=_\\-]{512,}|(?:[A-Za-z0-9+/=_-]{60,100}\r?\n){8,}[A-Za-z0-9+/=_-]{0,100}/g;

/** What does the taking out, with all secrets that are known. */
export class BodyKeeper {
  #secrets: readonly string[] = [];
  #redactor: Redactor = createRedactor();

  /** The secrets to look for, besides what looks like one. */
  know(secrets: readonly string[]): void {
    if (secrets === this.#secrets) return;
    this.#secrets = secrets;
    this.#redactor = createRedactor();
    this.#redactor.add(secrets);
  }

  /** @param most bytes of one body */
  kept({ headers, request, reply }: RawBodies, most: number): KeptBodies {
    const own = createRedactor();
    own.add(credentialsIn(headers));
    const redact = (text: string): string => this.#redactor.redact(own.redact(text));
    const mask = (text: string): string => this.#redactor.mask(own.mask(text));
    return {
      headers: JSON.stringify(cleanHeaders(headers, redact)),
      request: request === undefined ? undefined : keptBody(request, most, redact, mask),
      reply: reply === undefined ? undefined : keptBody(reply, most, redact, mask),
    };
  }
}

function cleanHeaders(raw: readonly string[], redact: (text: string) => string): [string, string][] {
  const clean: [string, string][] = [];
  for (let index = 0; index + 1 < raw.length && clean.length < MAX_HEADERS; index += 2) {
    const name = (raw[index] ?? "").slice(0, MAX_HEADER);
    const secret = SECRET_NAME.test(name) && !HARMLESS_NAME.test(name);
    clean.push([name, secret ? REDACTED : redact((raw[index + 1] ?? "").slice(0, MAX_HEADER))]);
  }
  return clean;
}

/** What the client showed us, which a body may repeat. */
export function credentialsIn(raw: readonly string[]): string[] {
  const found: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    if (!CREDENTIALS.has((raw[index] ?? "").toLowerCase())) continue;
    const value = raw[index + 1] ?? "";
    const bare = value.replace(/^(?:bearer|basic)\s+/i, "");
    found.push(value, bare, ...bare.split(/;\s*/).map((part) => part.replace(/^[^=]*=/, "")));
  }
  return found;
}

function keptBody(
  body: RawBody,
  most: number,
  redact: (text: string) => string,
  mask: (text: string) => string,
): RecordedBody {
  const { bytes, total, contentType, encoding } = body;
  if (!IS_TEXT(contentType) || (encoding !== undefined && encoding !== "identity")) {
    const what = encoding === undefined || encoding === "identity" ? contentType : encoding;
    return { text: `[${what.slice(0, 100)}: not recorded]`, bytes: total, cut: true };
  }
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  const half = total > bytes.length;
  const stream = /^text\/event-stream/i.test(contentType);
  const clean = redactText(text, { stream, cut: half }, (each) => redact(withoutData(each)), mask);
  const short = cutTo(clean, most);
  return { text: short, bytes: total, cut: half || clean !== text || short !== clean };
}

/** Without pictures, sound and files that are written out in it. */
export function withoutData(text: string): string {
  return text
    .replace(DATA_URL, (_whole, type: string) => `data:${type};base64,[left out]`)
    .replace(BASE64, (run) => `[${run.length} characters of data left out]`);
}

/** At most so many bytes, and no half character. */
function cutTo(text: string, most: number): string {
  const bytes = Buffer.from(text);
  return bytes.length <= most
    ? text
    : bytes
        .subarray(0, most)
        .toString("utf8")
        .replace(/\uFFFD$/, "");
}
