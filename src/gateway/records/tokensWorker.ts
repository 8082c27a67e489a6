/** Entry of the worker thread that counts tokens: a megabyte takes a good part of a second. */
import { parentPort } from "node:worker_threads";
import { countTokens } from "gpt-tokenizer/encoding/o200k_base";

export interface CountRequest {
  readonly id: number;
  readonly texts: readonly string[];
}
export interface CountReply {
  readonly id: number;
  readonly tokens: number;
}

/** Characters of a run without a break that are counted at once: the time grows with its square. */
const LONG_RUN = /(?:\s{256}|[^\s\p{P}]{256}|[^\s\p{L}\p{N}]{256})/gu;
/** What looks like a special token is plain text here. */
const PLAIN = { disallowedSpecial: new Set<string>() };

function count(text: string): number {
  let tokens = 0;
  let from = 0;
  for (const { index, 0: run } of text.matchAll(LONG_RUN)) {
    tokens += countTokens(text.slice(from, index + run.length), PLAIN);
    from = index + run.length;
  }
  return tokens + countTokens(text.slice(from), PLAIN);
}

parentPort?.on("message", ({ id, texts }: CountRequest) => {
  const reply: CountReply = { id, tokens: texts.reduce((sum, text) => sum + count(text), 0) };
  parentPort?.postMessage(reply);
});
