/** `data:` URLs, which bring their bytes along (RFC 2397). */
import { percentDecoded } from "../common/percent.ts";
import type { Source } from "./chat.ts";
import { mediaTypeOf } from "./mediaType.ts";

type Inline = Extract<Source, { kind: "base64" }>;

const HEAD = /^data:([^;,]*)((?:;[^;,]*)*),/i;

export function dataUrl({ mediaType, data }: Inline): string {
  return `data:${mediaType};base64,${data}`;
}

/** A URL as a source; one that brings its bytes, as those. */
export function sourceOfUrl(url: string): Source {
  return inlined({ kind: "url", url });
}

/** The same of a source. What is no such URL but for its first word brings nothing. */
export function inlined(source: Source): Source {
  if (source.kind !== "url" || !/^data:/i.test(source.url)) return source;
  const [head = source.url, type, parameters = ""] = HEAD.exec(source.url) ?? [];
  const mediaType = mediaTypeOf(type) || source.mediaType;
  const body = source.url.slice(head.length);
  return /;base64(?:;|$)/i.test(parameters)
    ? { kind: "base64", mediaType: mediaType ?? "application/octet-stream", data: body }
    : {
        kind: "base64",
        mediaType: mediaType ?? "text/plain",
        data: Buffer.from(percentDecoded(body)).toString("base64"),
      };
}
