/** Small guarded readers for data whose shape nobody promised. */
import { isRecord, numberOf } from "../../common/json.ts";
import { mediaTypeOf } from "../mediaType.ts";

export type Json = Record<string, unknown>;

/** `undefined` unless it is a plain object. */
export function record(value: unknown): Json | undefined {
  return isRecord(value) ? value : undefined;
}

/** A count of tokens; anything else, negative numbers included, is `undefined`. */
export function count(value: unknown): number | undefined {
  const number = numberOf(value);
  return number !== undefined && number >= 0 ? Math.trunc(number) : undefined;
}

/** The media type and the base64 of a `data:` URL. `undefined`: not one, or not base64. */
export function parseDataUrl(url: string): { mediaType: string; data: string } | undefined {
  if (!url.startsWith("data:")) return undefined;
  const comma = url.indexOf(",");
  if (comma < 0 || comma > 400) return undefined;
  const [mediaType, ...parameters] = url.slice(5, comma).split(";");
  if (!parameters.includes("base64")) return undefined;
  return { mediaType: mediaTypeOf(mediaType) || "application/octet-stream", data: url.slice(comma + 1) };
}
