/**
 * Reads what a provider says went wrong, whatever the shape: `{error: {…}}` in its many kinds, one
 * in an array, JSON inside a string inside JSON, plain text, a page of HTML.
 */
import { parseJson } from "../common/json.ts";

export interface ErrorBody {
  /**
   * Codes, types, statuses and reasons, lower case, outermost first. Numbers are left out, but those of
   * which the shape tells whose they are: `minimax:1008`, `baidu:110`.
   */
  readonly codes: readonly string[];
  /** The code to show, as written: the first that is more than a number or `error`. */
  readonly code: string | undefined;
  /** The request's field that it speaks of, as OpenAI names it: `messages[0].name`. */
  readonly param: string | undefined;
  /** An HTTP status that the body names. */
  readonly status: number | undefined;
  /** The provider's own words; `""` where it gave none. */
  readonly message: string;
  /** All texts, for matching; bounded. */
  readonly text: string;
  /** The same, one by one. */
  readonly texts: readonly string[];
  /** False for HTML, bare text and empty bodies: nobody of the provider's API has spoken. */
  readonly structured: boolean;
  /** `google.rpc.RetryInfo`'s delay, as written: `26s`. */
  readonly retryDelay: string | undefined;
  /** Reply headers that a router passes on inside the body (OpenRouter). */
  readonly headers: Readonly<Record<string, string>>;
}

const MAX_DEPTH = 8;
const MAX_NODES = 300;
const MAX_TEXT = 4000;
const MAX_MESSAGE = 600;
/** A body longer than this is no error object. */
const MAX_JSON = 262_144;

const CODE_FIELDS = [
  "code",
  "type",
  "status",
  "reason",
  "error_type",
  "error_code",
  "limit_source",
  "quotaId",
];
const TEXT_FIELDS = [
  "message",
  "error",
  "detail",
  "msg",
  "error_message",
  "error_msg",
  "status_msg",
  "raw",
  "title",
];
const NESTED_FIELDS = [
  "error",
  "errors",
  "response",
  "details",
  "detail",
  "metadata",
  "violations",
  "innererror",
  "inner_error",
  "upstream_error",
  "choices",
  "base_resp",
];
/** Says nothing on its own. */
const EMPTY_CODES = new Set(["error", "response.failed", "failed", "unknown_error", "none", "null"]);

export function readErrorBody(body: unknown): ErrorBody {
  const written: string[] = [];
  const numbered: string[] = [];
  const texts: string[] = [];
  const headers: Record<string, string> = {};
  let status: number | undefined;
  let param: string | undefined;
  let retryDelay: string | undefined;
  let structured = false;
  let nodes = 0;

  const visit = (value: unknown, depth: number): void => {
    if (depth > MAX_DEPTH || ++nodes > MAX_NODES) return;
    if (typeof value === "string") visitText(value, depth);
    else if (Array.isArray(value)) for (const entry of value.slice(0, 20)) visit(entry, depth + 1);
    else if (typeof value === "object" && value !== null) visitObject(value, depth);
  };

  const visitObject = (value: object, depth: number): void => {
    structured = true;
    const fields: Readonly<Record<string, unknown>> = { ...value };
    for (const name of CODE_FIELDS) takeCode(fields[name]);
    if (typeof fields.param === "string" && fields.param.length <= 200) param ??= fields.param || undefined;
    takeNumber("minimax", Reflect.get(Object(fields.base_resp), "status_code"));
    takeNumber("baidu", fields.error_code);
    if (fields.success === false) takeNumber("zai", fields.code);
    for (const name of TEXT_FIELDS) if (typeof fields[name] === "string") visit(fields[name], depth + 1);
    if (typeof fields.retryDelay === "string") retryDelay ??= fields.retryDelay;
    takeHeaders(fields.headers);
    for (const name of NESTED_FIELDS) if (typeof fields[name] === "object") visit(fields[name], depth + 1);
  };

  const visitText = (value: string, depth: number): void => {
    const text = value.trim();
    const nested = parsed(text);
    const readable = text.startsWith("<") ? titleOf(text) : text;
    // A body of nothing but text may be anything; within an object, JSON may be a part of the request.
    if (nested !== undefined && (depth === 0 || isError(nested))) visit(nested, depth + 1);
    else if (readable !== "") texts.push(readable.slice(0, MAX_TEXT));
  };

  const takeCode = (value: unknown): void => {
    if (typeof value === "number" || (typeof value === "string" && /^[1-5]\d\d$/.test(value))) {
      const number = Number(value);
      if (number >= 400 && number <= 599) status ??= number;
      return;
    }
    if (typeof value === "string" && value !== "" && value.length <= 200) written.push(value);
  };

  const takeNumber = (whose: string, value: unknown): void => {
    if (typeof value === "number" && value !== 0 && numbered.length < MAX_NODES)
      numbered.push(`${whose}:${value}`);
  };

  const takeHeaders = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [name, content] of Object.entries(value).slice(0, 50)) {
      if (typeof content === "string" || typeof content === "number")
        headers[name.toLowerCase()] = String(content);
    }
  };

  visit(body, 0);
  const distinct = [...new Set(texts)];
  return {
    codes: [...written.map((code) => code.toLowerCase()), ...numbered],
    code: written.find((code) => !EMPTY_CODES.has(code.toLowerCase())),
    param,
    status,
    message: messageOf(distinct),
    text: distinct.join("\n").slice(0, MAX_TEXT),
    texts: distinct,
    structured,
    retryDelay,
    headers,
  };
}

function parsed(text: string): unknown {
  if ((!text.startsWith("{") && !text.startsWith("[")) || text.length > MAX_JSON) return undefined;
  return parseJson(text);
}

/** Is it an error object, such as relays put into a message, or one in an array? */
function isError(value: unknown): boolean {
  const outer: unknown = Array.isArray(value) ? value[0] : value;
  if (typeof outer !== "object" || outer === null) return false;
  return ["error", "message", "detail", "errors"].some((name) => name in outer);
}

function titleOf(html: string): string {
  return (/<title[^>]{0,200}>([^<]{1,300})/i.exec(html.slice(0, 20_000))?.[1] ?? "").trim();
}

/** A router's "Provider returned error" alone tells nobody anything. */
function messageOf(texts: readonly string[]): string {
  const [first = "", second] = texts;
  const whole = second !== undefined && /^provider returned error\.?$/i.test(first) ? second : first;
  return whole.replace(/\s+/g, " ").slice(0, MAX_MESSAGE).trim();
}
