/** A provider's words without the credential they answer to: some quote it whole. */
import type { Outgoing } from "./exchange.ts";
import type { LaneResult } from "./lane.ts";

const CREDENTIAL_HEADERS: ReadonlySet<string> = new Set([
  "authorization",
  "x-api-key",
  "x-goog-api-key",
  "api-key",
]);
/** Characters; a shorter one is no secret, and would blank out ordinary words. */
const LEAST = 8;
const REDACTED = "[redacted]";

/** The same result; where the provider's words hold a credential of `outgoing`, they are cleaned. */
export function withoutCredential<Result extends LaneResult>(result: Result, outgoing: Outgoing): Result {
  if (result.kind === "done") {
    if (result.broken === undefined) return result;
    const message = cleaned(result.broken.message, outgoing);
    return { ...result, broken: { ...result.broken, message } };
  }
  const { trouble } = result;
  switch (trouble.kind) {
    case "network":
      return result;
    case "chat": {
      const { error } = trouble;
      return {
        ...result,
        trouble: { ...trouble, error: { ...error, message: cleaned(error.message, outgoing) } },
      };
    }
    case "reply": {
      // Every byte is a character, so that the others stay as they are.
      const body = trouble.body.toString("latin1");
      const clean = cleaned(body, outgoing);
      return clean === body
        ? result
        : { ...result, trouble: { ...trouble, body: Buffer.from(clean, "latin1") } };
    }
  }
}

function cleaned(text: string, { headers }: Outgoing): string {
  let clean = text;
  for (let at = 0; at + 1 < headers.length; at += 2) {
    if (!CREDENTIAL_HEADERS.has(headers[at] ?? "")) continue;
    const secret = (headers[at + 1] ?? "").replace(/^Bearer /, "");
    if (secret.length >= LEAST) clean = clean.replaceAll(secret, REDACTED);
  }
  return clean;
}
