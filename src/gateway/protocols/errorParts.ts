/** What is the same in all protocols' errors: classes of statuses, lists of findings, times to wait, headers. */
import type { ErrorKind, PorticoError } from "../common/errors.ts";
import { fieldsOf, textOf } from "../common/json.ts";

/** What an HTTP status means where nothing in the body says more. */
export const KIND_OF_STATUS: Readonly<Partial<Record<number, ErrorKind>>> = {
  401: "authentication",
  402: "billing",
  403: "permission",
  404: "not_found",
  405: "method_not_allowed",
  408: "timeout",
  413: "too_large",
  429: "rate_limit",
  // Groq's word for a full flex tier.
  498: "overloaded",
  501: "unsupported",
  503: "unavailable",
  504: "timeout",
  529: "overloaded",
};

export function kindOfStatus(status: number): ErrorKind {
  return KIND_OF_STATUS[status] ?? (status >= 400 && status < 500 ? "invalid_request" : "upstream");
}

/** FastAPI's list of what is wrong, `[{loc: ["body", "x"], msg: "…"}]`, as one sentence. */
export function findings(list: unknown): string | undefined {
  if (!Array.isArray(list)) return undefined;
  const lines = list.slice(0, 10).flatMap((entry: unknown) => {
    const { loc, msg, message } = fieldsOf(entry);
    const words = textOf(msg) ?? textOf(message) ?? textOf(entry);
    if (words === undefined) return [];
    return [Array.isArray(loc) && loc.length > 0 ? `${loc.join(".")}: ${words}` : words];
  });
  return lines.join("; ") || undefined;
}

const UNIT = "m(?:illi)?s(?:ec(?:ond)?s?)?|s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:ours?)?|d(?:ays?)?";
const TIME = String.raw`\d+(?:\.\d+)?(?:\s?(?:${UNIT})(?![a-z])|(?![a-z\d]))`;
const WAIT = new RegExp(
  String.raw`(?:try again|retry|wait)\b[^.]{0,40}?(?:in|for|after)\s+((?:${TIME}\s?)+)`,
  "i",
);
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `1m30s`, `20ms`, `37.5s`, `26 seconds`, `6.5` as milliseconds. */
export function durationMs(words: string): number | undefined {
  let total = 0;
  let found = false;
  for (const [, amount, unit = ""] of words.matchAll(/(\d+(?:\.\d+)?)\s?([a-z]*)/gi)) {
    const short = /^m(?:illi)?s/i.test(unit) ? "ms" : unit.slice(0, 1).toLowerCase() || "s";
    total += Number((Number(amount) * (UNIT_MS[short] ?? 0)).toFixed(3));
    found = true;
  }
  return found && Number.isFinite(total) ? Math.ceil(total) : undefined;
}

/** Milliseconds in words such as "Please try again in 1m2.5s". */
export function waitIn(message: string): number | undefined {
  const words = WAIT.exec(message)?.[1];
  return words === undefined ? undefined : durationMs(words) || undefined;
}

/** What a client's SDK goes by when it decides on a retry. */
export function retryHeaders({ retryAfterMs, retryable }: PorticoError): Record<string, string> {
  return {
    ...(retryAfterMs === undefined
      ? {}
      : { "retry-after": String(Math.max(0, Math.ceil(retryAfterMs / 1000))) }),
    ...(retryable === false ? { "x-should-retry": "false" } : {}),
  };
}
