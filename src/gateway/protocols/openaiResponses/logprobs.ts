/** Log probabilities of output tokens. */

import { type Fields, isRecord, listOf, numberOf } from "../../common/json.ts";
import type { TokenLogprob } from "../chat.ts";

function bytesOf(value: unknown): number[] | undefined {
  return Array.isArray(value) && value.every((entry) => typeof entry === "number") ? value : undefined;
}

function decodeOne(entry: Fields): TokenLogprob | undefined {
  const logprob = numberOf(entry.logprob);
  if (typeof entry.token !== "string" || logprob === undefined) return undefined;
  const bytes = bytesOf(entry.bytes);
  return { token: entry.token, logprob, ...(bytes ? { bytes } : {}) };
}

/** `undefined` where there are none. */
export function decodeLogprobs(value: unknown): TokenLogprob[] | undefined {
  const out: TokenLogprob[] = [];
  for (const entry of listOf(value)) {
    if (!isRecord(entry)) continue;
    const one = decodeOne(entry);
    if (one === undefined) continue;
    const top = listOf(entry.top_logprobs).filter(isRecord).map(decodeOne);
    out.push({ ...one, top: top.filter((item) => item !== undefined) });
  }
  return out.length ? out : undefined;
}

export function encodeLogprobs(logprobs: readonly TokenLogprob[]): Fields[] {
  const one = (entry: Omit<TokenLogprob, "top">) => ({
    token: entry.token,
    logprob: entry.logprob,
    bytes: entry.bytes ?? [...Buffer.from(entry.token)],
  });
  return logprobs.map((entry) => ({ ...one(entry), top_logprobs: (entry.top ?? []).map(one) }));
}
