/** What a request shows a provider of an account's own, to be taken out of what comes back: some quote it whole. */
import type { IncomingHttpHeaders } from "node:http";
import type { AccountKey } from "../providers/account.ts";

/** Characters; a shorter one is no secret, and would blank out ordinary words. The log's redaction has the same. */
const LEAST = 6;
const REDACTED = "[redacted]";

/** Written the same in JSON, in a URL and in a header. */
const PLAIN = /^[\w.~-]+$/;

/** `text` without the key and the headers of the account that it answers to, however they are written there. */
export function withoutShown(text: string, key: AccountKey | undefined): string {
  let clean = text;
  for (const form of formsOf(key)) clean = clean.replaceAll(form, REDACTED);
  return clean;
}

/** The same of bytes, any number of times; the very same buffer where it holds nothing of that. */
export function bytesCleaner(key: AccountKey | undefined): (bytes: Buffer) => Buffer {
  const forms = formsOf(key).map((form) => Buffer.from(form));
  return (bytes) => {
    if (!forms.some((form) => bytes.includes(form))) return bytes;
    // Every byte is a character, so that the others stay as they are.
    return Buffer.from(withoutShown(bytes.toString("latin1"), key), "latin1");
  };
}

/** The same of every value, in place. */
export function cleanHeaders(headers: IncomingHttpHeaders, key: AccountKey | undefined): void {
  const forms = formsOf(key);
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    for (const form of forms) {
      if (typeof value === "string" ? !value.includes(form) : !value?.some((each) => each.includes(form)))
        continue;
      headers[name] =
        typeof value === "string" ? withoutShown(value, key) : value?.map((each) => withoutShown(each, key));
    }
  }
}

/** Longest first: a value that contains another is taken out whole. */
function formsOf(key: AccountKey | undefined): readonly string[] {
  if (key === undefined) return [];
  if (typeof key === "string" && PLAIN.test(key)) return key.length < LEAST ? [] : [key];
  const secrets =
    typeof key === "string"
      ? [key]
      : [...(key.key === undefined ? [] : [key.key]), ...Object.values(key.headers)];
  const forms = new Set<string>();
  for (const secret of secrets.flatMap(partsOf)) {
    if (secret.length < LEAST) continue;
    const json = JSON.stringify(secret).slice(1, -1);
    for (const form of [secret, json, json.replaceAll("/", "\\/"), encodeURIComponent(secret)])
      forms.add(form);
  }
  return [...forms].sort((a, b) => b.length - a.length);
}

/** `Bearer abc` and `Basic dXNlcjpwYXNz` are quoted with and without their first word, the latter also as it reads. */
function partsOf(value: string): string[] {
  const [, scheme, rest] = /^(bearer|basic|token|key|apikey)\s+(\S.*)$/i.exec(value) ?? [];
  if (scheme === undefined || rest === undefined) return [value];
  if (scheme.toLowerCase() !== "basic") return [value, rest];
  const decoded = Buffer.from(rest, "base64").toString("latin1");
  return [value, rest, decoded, decoded.slice(decoded.indexOf(":") + 1)];
}
