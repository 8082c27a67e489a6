/** Citations of text blocks. */
import { compact, isRecord } from "../../common/json.ts";
import type { Citation } from "../chat.ts";
import type { JsonObject } from "./json.ts";

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
const index = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);

/** A citation of a text block or of a `citations_delta`; `undefined` where it is no object. */
export function decodeCitation(wire: unknown): Citation | undefined {
  if (!isRecord(wire)) return undefined;
  const raw = { protocol: "anthropic" as const, value: wire };
  const citedText = text(wire.cited_text);
  switch (wire.type) {
    case "web_search_result_location":
      return compact({ kind: "url", url: text(wire.url), title: text(wire.title), citedText, raw });
    case "search_result_location":
      return compact({ kind: "search", url: text(wire.source), title: text(wire.title), citedText, raw });
    default:
      return compact({
        kind: "document",
        documentIndex: index(wire.document_index),
        title: text(wire.document_title),
        fileId: text(wire.file_id),
        citedText,
        raw,
      });
  }
}

/** A citation for a client. `undefined`: Anthropic has no such citation. */
export function encodeCitation(citation: Citation): JsonObject | undefined {
  if (citation.raw?.protocol === "anthropic" && isRecord(citation.raw.value)) return citation.raw.value;
  if (citation.url === undefined) return undefined;
  return {
    type: "web_search_result_location",
    cited_text: citation.citedText ?? "",
    encrypted_index: "",
    title: citation.title ?? null,
    url: citation.url,
  };
}

/** A citation for a provider, which takes back only its own: a made-up `encrypted_index` is refused. */
export function replayCitation(citation: Citation): JsonObject | undefined {
  const raw = citation.raw;
  if (raw?.protocol !== "anthropic" || !isRecord(raw.value)) return undefined;
  if (raw.value.type === "web_search_result_location" && !raw.value.encrypted_index) return undefined;
  // `file_id` is a field of replies only.
  const { file_id: _, ...citationParam } = raw.value;
  return citationParam;
}
