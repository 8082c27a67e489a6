/** Annotations of `output_text` and canonical citations. */

import { compact, type Fields, fieldsOf, isRecord, listOf, numberOf, textOf } from "../../common/json.ts";
import type { Citation } from "../chat.ts";

export function decodeAnnotation(annotation: Fields): Citation {
  return compact({
    kind: annotation.type === "url_citation" ? ("url" as const) : ("file" as const),
    url: textOf(annotation.url),
    title: textOf(annotation.title) ?? textOf(annotation.filename),
    fileId: textOf(annotation.file_id),
    start: numberOf(annotation.start_index),
    end: numberOf(annotation.end_index),
    raw: { protocol: "openai-responses" as const, value: annotation },
  });
}

export function decodeAnnotations(annotations: unknown): Citation[] {
  return listOf(annotations).filter(isRecord).map(decodeAnnotation);
}

/** The annotation of a citation; `undefined` where this protocol has none for it. */
export function encodeAnnotation(citation: Citation): Fields | undefined {
  if (citation.raw?.protocol === "openai-responses") return fieldsOf(citation.raw.value);
  const start = citation.start ?? 0;
  if (citation.url !== undefined) {
    return {
      type: "url_citation",
      start_index: start,
      end_index: citation.end ?? start,
      url: citation.url,
      title: citation.title ?? citation.url,
    };
  }
  if (citation.fileId === undefined) return undefined;
  return { type: "file_citation", file_id: citation.fileId, filename: citation.title ?? "", index: start };
}
