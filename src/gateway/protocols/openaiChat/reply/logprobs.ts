/** Log probabilities of tokens, both ways. */
import { isRecord, listOf, numberOf } from "../../../common/json.ts";
import type { TokenLogprob } from "../../chat.ts";
import { type Json, record } from "../values.ts";

function bytesOf(value: unknown): { bytes?: number[] | null } {
  if (value === null) return { bytes: null };
  return Array.isArray(value) && value.every((byte) => typeof byte === "number") ? { bytes: value } : {};
}

function decodeOne(entry: Json): TokenLogprob | undefined {
  const logprob = numberOf(entry.logprob);
  if (typeof entry.token !== "string" || logprob === undefined) return undefined;
  const top = listOf(entry.top_logprobs).flatMap((other) => {
    const one = isRecord(other) ? decodeOne({ ...other, top_logprobs: [] }) : undefined;
    return one === undefined ? [] : [one];
  });
  return {
    token: entry.token,
    logprob,
    ...bytesOf(entry.bytes),
    ...(top.length > 0 ? { top } : {}),
  };
}

/** `choice.logprobs`; `undefined` when there are none. */
export function decodeLogprobs(value: unknown): TokenLogprob[] | undefined {
  const out: TokenLogprob[] = [];
  const logprobs = record(value);
  for (const entry of [...listOf(logprobs?.content), ...listOf(logprobs?.refusal)]) {
    const one = isRecord(entry) ? decodeOne(entry) : undefined;
    if (one !== undefined) out.push(one);
  }
  return out.length > 0 ? out : undefined;
}

const encodeOne = ({ token, logprob, bytes }: TokenLogprob): Json => ({
  token,
  logprob,
  bytes: bytes ?? null,
});

export function encodeLogprobs(logprobs: readonly TokenLogprob[] | undefined): Json | null {
  if (logprobs === undefined) return null;
  return {
    content: logprobs.map((one) => ({ ...encodeOne(one), top_logprobs: (one.top ?? []).map(encodeOne) })),
    refusal: null,
  };
}
