/** Headers of a person's own for a server of their own. */

import * as z from "zod";
import { cleanValue, valueProblem } from "../../control/pastedText.ts";
import { KEY_HEADERS } from "../protocols/endpoint.ts";

/** What we, undici or the connection set. */
const OURS = new Set([
  "host",
  "content-length",
  "content-type",
  "content-encoding",
  "accept-encoding",
  "transfer-encoding",
  "connection",
  "keep-alive",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "upgrade",
  "expect",
  "user-agent",
]);

/** Those that carry a credential: exactly one of them goes out. */
const CREDENTIALS = new Set<string>([...KEY_HEADERS, "cookie", "x-goog-user-project"]);

/** Names become lower case. https://www.rfc-editor.org/rfc/rfc9110#section-5.1 */
export const headersSchema = z
  .record(
    z
      .string()
      .max(100)
      .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, { error: "is not the name of a header" })
      .toLowerCase()
      .refine((name) => !OURS.has(name), { error: "is a header that Portico sets itself" }),
    z
      .string()
      .overwrite(cleanValue)
      .min(1)
      .max(8000)
      .superRefine((value, context) => {
        const message = valueProblem(value);
        if (message !== undefined) context.addIssue({ code: "custom", message });
      }),
  )
  .refine((headers) => Object.keys(headers).length <= 50, { error: "are more than 50" });

/** @returns what is wrong with them on this account, for a person */
export function headersProblem(
  headers: Readonly<Record<string, string>> | undefined,
  { provider, hasKey }: { provider: string; hasKey: boolean },
): string | undefined {
  if (headers === undefined) return undefined;
  if (provider !== "custom") return "Headers of your own are for accounts of the provider custom.";
  const credentials = Object.keys(headers).filter((name) => CREDENTIALS.has(name));
  if (credentials.length === 0) return undefined;
  if (hasKey) return `An account has either a key or the header ${credentials[0] ?? ""}, not both.`;
  return credentials.length === 1 ? undefined : `Only one of ${credentials.join(", ")} can go out.`;
}
