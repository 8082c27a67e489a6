/** A recorded request as a command line, and as what can be sent again. */

import type { RequestDetails } from "../../control/requests.ts";
import { KEY_HEADERS } from "../protocols/endpoint.ts";

/** What a client sent, as far as it is recorded. */
export interface RecordedRequest {
  readonly method: string;
  /** Without query. */
  readonly path: string;
  /** Secrets are blanked. */
  readonly headers: readonly (readonly [string, string])[];
  /** Absent where it was not recorded. */
  readonly body?: string;
  /** Nothing of the body is missing. */
  readonly complete: boolean;
  readonly details: RequestDetails;
}

export function recordedRequestOf(details: RequestDetails): RecordedRequest {
  const { method, path, headers = [], requestBody } = details;
  return {
    method: method === "WS" ? "POST" : method,
    path,
    headers,
    ...(requestBody === undefined ? {} : { body: requestBody.text }),
    complete: requestBody !== undefined && !requestBody.cut,
    details,
  };
}

/** What a client's library adds by itself, or what belongs to one connection alone. */
const LEFT_OUT = new RegExp(
  `^(?:host|connection|content-length|accept-encoding|content-encoding|transfer-encoding|user-agent|${KEY_HEADERS.join("|")}|cookie|sec-.*|x-stainless-.*)$`,
  "i",
);

/** For a POSIX shell. @param baseUrl without a trailing slash */
export function curlOf(details: RequestDetails, baseUrl: string): { command: string; complete: boolean } {
  const { method, path, headers, body, complete } = recordedRequestOf(details);
  const lines = [`curl -X ${method} ${quoted(`${baseUrl}${path}`)}`];
  lines.push(`  -H ${quoted("Authorization: Bearer YOUR_KEY")}`);
  const kept = headers.filter(([name]) => !LEFT_OUT.test(name));
  if (method !== "GET" && !kept.some(([name]) => name.toLowerCase() === "content-type")) {
    kept.push(["content-type", "application/json"]);
  }
  for (const [name, value] of kept) lines.push(`  -H ${quoted(`${name}: ${value}`)}`);
  if (method !== "GET" && method !== "DELETE") {
    lines.push(`  --data-raw ${quoted(body ?? "BODY_WAS_NOT_RECORDED")}`);
  }
  return { command: lines.join(" \\\n"), complete: complete || method === "GET" };
}

/** Nothing in it means anything to the shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
