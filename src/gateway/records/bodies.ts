/** What is kept of bodies and headers, where the person turned that on. */
import type { RecordedBody } from "../../control/requests.ts";

export interface KeptBodies {
  /** JSON of `[name, value]` pairs, secrets blanked. */
  readonly headers?: string | undefined;
  readonly request?: RecordedBody | undefined;
  readonly reply?: RecordedBody | undefined;
}

/** What was seen of them, before anything is taken out. */
export interface RawBodies {
  /** Names and values in turn, as Node has them. */
  readonly headers: readonly string[];
  readonly request?: RawBody | undefined;
  readonly reply?: RawBody | undefined;
}

export interface RawBody {
  readonly bytes: Uint8Array;
  /** Of the whole body. */
  readonly total: number;
  readonly contentType: string;
}

/** What may be kept: text alone, without secrets, cut at `most` bytes. */
export function keptOf(raw: RawBodies, most: number, secrets: readonly string[]): KeptBodies {
  void secrets;
  const kept = (body: RawBody | undefined): RecordedBody | undefined =>
    body === undefined
      ? undefined
      : {
          text: Buffer.from(body.bytes.subarray(0, most)).toString("utf8"),
          bytes: body.total,
          cut: body.total > most,
        };
  return { request: kept(raw.request), reply: kept(raw.reply) };
}
