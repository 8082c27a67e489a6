/** One batch to the receiver, by OTLP over HTTP: https://opentelemetry.io/docs/specs/otlp/#otlphttp */
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { readPartialSuccess } from "./otlp.ts";

/** What may be otherwise a moment later, as the specification lists it. */
const LATER: ReadonlySet<number> = new Set([429, 502, 503, 504]);

const gzipped = promisify(gzip);

/** A reply, of which no more was read than counts need. */
export interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: Buffer;
}

export interface Target {
  readonly compression: "none" | "gzip";
  /**
   * Posts it to where the person said, and nowhere else: a redirect is not followed.
   * @param headers besides those that the person set
   * @throws where there is no answer
   */
  post(body: Buffer, headers: readonly string[], signal: AbortSignal): Promise<Answer>;
}

export type Posted =
  /** `rejected`: spans of it that were not. */
  | { readonly kind: "taken"; readonly rejected: number; readonly why: string }
  /** `afterMs`: not before. */
  | { readonly kind: "later"; readonly why: string; readonly afterMs?: number }
  | { readonly kind: "refused"; readonly why: string };

/** Never rejects. */
export async function post(
  batch: Uint8Array,
  target: Target,
  signal: AbortSignal,
  now: () => number,
): Promise<Posted> {
  const plain = Buffer.from(batch.buffer, batch.byteOffset, batch.byteLength);
  try {
    const packs = target.compression === "gzip";
    const headers = [
      ...["content-type", "application/x-protobuf"],
      ...(packs ? ["content-encoding", "gzip"] : []),
    ];
    const { status, retryAfter, body } = await target.post(
      packs ? await gzipped(plain) : plain,
      headers,
      signal,
    );
    if (status >= 200 && status < 300) return { kind: "taken", ...partial(body) };
    const why = `it answered ${status}`;
    if (!LATER.has(status)) return { kind: "refused", why };
    const afterMs = millisecondsIn(retryAfter, now());
    return { kind: "later", why, ...(afterMs === undefined ? {} : { afterMs }) };
  } catch (error) {
    return { kind: "later", why: String(error) };
  }
}

/** Whoever answers with something else has taken it all the same. */
function partial(body: Buffer): { rejected: number; why: string } {
  try {
    const { rejected, why } = readPartialSuccess(body);
    return Number.isSafeInteger(rejected) && rejected > 0 ? { rejected, why } : { rejected: 0, why };
  } catch {
    return { rejected: 0, why: "" };
  }
}

/** @param value seconds, or a date (RFC 9110 10.2.3) */
function millisecondsIn(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
