/** `annotations` of a message (OpenAI's search models, OpenRouter) and bare lists of `citations`. */
import { compact, isRecord, listOf, textOf } from "../../../common/json.ts";
import type { Citation } from "../../chat.ts";
import { count, type Json, record } from "../values.ts";

export function decodeAnnotations(value: unknown): Citation[] {
  const out: Citation[] = [];
  for (const annotation of listOf(value)) {
    if (!isRecord(annotation)) continue;
    const cited = record(annotation.url_citation);
    const url = textOf(cited?.url);
    const raw = { protocol: "openai-chat" as const, value: annotation };
    if (cited === undefined || url === undefined) {
      out.push({ kind: "file", raw });
      continue;
    }
    const title = textOf(cited.title);
    const citedText = textOf(cited.content);
    const start = count(cited.start_index);
    const end = count(cited.end_index);
    out.push(compact({ kind: "url" as const, url, title, citedText, start, end, raw }));
  }
  return out;
}

/** Perplexity and xAI name their sources beside the choices, as addresses without a place in the text. */
export function decodeSources(value: unknown): Citation[] {
  return listOf(value).flatMap((source): Citation[] => {
    const url = textOf(source) ?? textOf(record(source)?.url);
    return url === undefined ? [] : [{ kind: "url", url }];
  });
}

/**
 * `undefined` where chat completions have no form for it: only addresses can be cited. `offset` is
 * where the part begins in the message, `length` how long the part is so far.
 */
export function encodeCitation(citation: Citation, offset: number, length: number): Json | undefined {
  if (citation.url === undefined) {
    const { raw } = citation;
    return raw?.protocol === "openai-chat" && isRecord(raw.value) ? raw.value : undefined;
  }
  return {
    type: "url_citation",
    url_citation: {
      start_index: offset + (citation.start ?? 0),
      end_index: offset + (citation.end ?? length),
      title: citation.title ?? citation.url,
      url: citation.url,
    },
  };
}
