/**
 * `groundingMetadata` and `citationMetadata` as citations, and back. Offsets on the wire count
 * UTF-8 bytes of a part's text, canonical ones UTF-16 code units.
 */
import { compact, fieldsOf, isRecord } from "../../common/json.ts";
import type { Citation } from "../chat.ts";
import { fieldOf, type Json, listOf, numberOf, textOf } from "./values.ts";

/** A citation whose offsets are still bytes. */
export interface WireCitation {
  /** Index of the wire part it belongs to; absent: of the candidate's text. */
  part?: number;
  startByte?: number;
  endByte?: number;
  citation: Citation;
}

function chunkCitation(chunk: Json): Citation | undefined {
  for (const [name, kind] of [
    ["web", "url"],
    ["maps", "url"],
    ["image", "url"],
    ["retrievedContext", "search"],
  ] as const) {
    const source = chunk[name];
    if (!isRecord(source)) continue;
    const url = textOf(source.uri) ?? textOf(source.sourceUri);
    const title = textOf(source.title) ?? textOf(source.domain);
    return compact({ kind, url, title, raw: { protocol: "gemini" as const, value: chunk } });
  }
  return undefined;
}

/** Everything a candidate says of its sources. */
export function decodeCitations(candidate: Json): WireCitation[] {
  const out: WireCitation[] = [];
  const grounding = fieldsOf(fieldOf(candidate, "groundingMetadata"));
  const chunks = listOf(grounding.groundingChunks).map((chunk) => chunkCitation(fieldsOf(chunk)));
  const used = new Set<number>();
  for (const value of listOf(grounding.groundingSupports)) {
    const support = fieldsOf(value);
    const segment = fieldsOf(support.segment);
    const citedText = textOf(segment.text);
    const endByte = numberOf(segment.endIndex);
    for (const index of listOf(support.groundingChunkIndices)) {
      const citation = typeof index === "number" ? chunks[index] : undefined;
      if (citation === undefined) continue;
      used.add(Number(index));
      out.push({
        ...(numberOf(segment.partIndex) === undefined ? {} : { part: numberOf(segment.partIndex) ?? 0 }),
        ...(endByte === undefined ? {} : { startByte: numberOf(segment.startIndex) ?? 0, endByte }),
        citation: { ...citation, ...(citedText === undefined ? {} : { citedText }) },
      });
    }
  }
  for (const [index, citation] of chunks.entries())
    if (citation !== undefined && !used.has(index)) out.push({ citation });
  const recited = fieldsOf(fieldOf(candidate, "citationMetadata"));
  for (const value of listOf(recited.citations ?? recited.citationSources)) {
    const wire = fieldsOf(value);
    const url = textOf(wire.uri);
    const title = textOf(wire.title);
    const endByte = numberOf(wire.endIndex);
    out.push({
      ...(endByte === undefined ? {} : { startByte: numberOf(wire.startIndex) ?? 0, endByte }),
      citation: compact({ kind: "url", url, title, raw: { protocol: "gemini", value: wire } }),
    });
  }
  return out;
}

/** Code units from bytes in a known text. */
export function unitsAt(bytes: Buffer, byte: number): number {
  return bytes.subarray(0, Math.max(0, byte)).toString("utf8").length;
}

/** Collects the citations of one candidate for its `groundingMetadata`. */
export class Grounding {
  readonly #chunks: Json[] = [];
  readonly #indexes = new Map<string, number>();
  readonly #supports: Json[] = [];
  readonly #queries = new Set<string>();

  /** @param segment the span in bytes, where it is known. */
  add(citation: Citation, segment: { partIndex: number; startIndex?: number; endIndex?: number }): void {
    const text = citation.citedText;
    const index = this.#chunk(citation);
    if (segment.endIndex === undefined && text === undefined) return;
    this.#supports.push({
      segment: { ...segment, ...(text === undefined ? {} : { text }) },
      groundingChunkIndices: [index],
    });
  }

  #chunk(citation: Citation): number {
    const { url, title, fileId } = citation;
    const key = JSON.stringify([url, title, fileId]);
    const known = this.#indexes.get(key);
    if (known !== undefined) return known;
    const source = compact({ uri: url, title });
    this.#indexes.set(key, this.#chunks.length);
    this.#chunks.push(url === undefined ? { retrievedContext: source } : { web: source });
    return this.#chunks.length - 1;
  }

  /** What was searched for, where another provider's search tool tells. */
  query(text: string): void {
    this.#queries.add(text);
  }

  /** The candidate's field; empty where there is nothing to say. */
  field(): { groundingMetadata?: Json } {
    if (this.#chunks.length === 0 && this.#queries.size === 0) return {};
    return {
      groundingMetadata: {
        ...(this.#queries.size > 0 ? { webSearchQueries: [...this.#queries] } : {}),
        ...(this.#chunks.length > 0 ? { groundingChunks: this.#chunks } : {}),
        ...(this.#supports.length > 0 ? { groundingSupports: this.#supports } : {}),
      },
    };
  }
}
