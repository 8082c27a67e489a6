/** The `model` field of a `multipart/form-data` body (RFC 7578), found without parsing the files in it. */
import { badRequest } from "../common/errors.ts";
import type { Span } from "./jsonSpans.ts";

export function multipartBoundary(contentType: string): string | undefined {
  if (!/^multipart\/form-data\b/i.test(contentType)) return undefined;
  const match = /;\s*boundary=(?:"([^"]{1,200})"|([^;\s"]{1,200}))/i.exec(contentType);
  return match?.[1] ?? match?.[2];
}

/**
 * @returns the bytes of the field's value, or `undefined` where there is none
 * @throws PorticoError `invalid_request` when the field stands in the form twice
 */
export function multipartField(body: Buffer, boundary: string, name: string): Span | undefined {
  const delimiter = Buffer.from(`--${boundary}`);
  const ending = Buffer.from(`\r\n--${boundary}`);
  let found: Span | undefined;
  let at = body.indexOf(delimiter);
  while (at !== -1) {
    const head = at + delimiter.length;
    const headEnd = body.indexOf("\r\n\r\n", head);
    if (headEnd === -1) break;
    const end = body.indexOf(ending, headEnd + 2);
    if (end === -1) break;
    const headers = body.toString("latin1", head, Math.min(headEnd, head + 2048));
    const field = /content-disposition:[^\r\n]*;\s*name="?([^";\r\n]*)"?/i.exec(headers)?.[1];
    if (field === name && !/;\s*filename/i.test(headers)) {
      if (found !== undefined) throw badRequest(`"${name}" stands in the form twice; send it once.`, name);
      found = { start: headEnd + 4, end };
    }
    at = body.indexOf(delimiter, end + 2);
  }
  return found;
}
