/** `logprobsResult` and the canonical token list. */
import { fieldsOf } from "../../common/json.ts";
import type { TokenLogprob } from "../chat.ts";
import { type Json, listOf, numberOf, textOf } from "./values.ts";

interface Scored {
  token: string;
  logprob: number;
}

function scored(value: unknown): Scored | undefined {
  const wire = fieldsOf(value);
  const token = textOf(wire.token);
  return token === undefined ? undefined : { token, logprob: numberOf(wire.logProbability) ?? 0 };
}

export function decodeLogprobs(value: unknown): TokenLogprob[] | undefined {
  const wire = fieldsOf(value);
  const chosen = listOf(wire.chosenCandidates);
  if (chosen.length === 0) return undefined;
  const tops = listOf(wire.topCandidates);
  return chosen.flatMap((one, index) => {
    const token = scored(one);
    if (token === undefined) return [];
    const top = listOf(fieldsOf(tops[index]).candidates).flatMap((each) => scored(each) ?? []);
    return [{ ...token, ...(top.length > 0 ? { top } : {}) }];
  });
}

export function encodeLogprobs(tokens: readonly TokenLogprob[]): Json {
  const wire = ({ token, logprob }: Scored) => ({ token, logProbability: logprob });
  return {
    chosenCandidates: tokens.map(wire),
    ...(tokens.some((token) => token.top !== undefined)
      ? { topCandidates: tokens.map((token) => ({ candidates: (token.top ?? []).map(wire) })) }
      : {}),
  };
}
