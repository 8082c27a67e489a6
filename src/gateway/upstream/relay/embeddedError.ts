/**
 * Errors under a good status, in the shapes that providers give them:
 * - OpenAI, Google, OpenRouter: `error`, also beside `choices`; vLLM: `object: "error"`
 * - Anthropic: `type: "error"`; Responses: `response.failed`, or a response whose `status` is `failed`
 * - MiniMax: `base_resp.status_code` other than 0, beside `choices: null`
 *   (https://platform.minimax.io/docs/api-reference/errorcode)
 * - Baidu: `error_code` and `error_msg`; Z.ai and Cloudflare: `success: false`; FastAPI: `detail`
 */

import type { Protocol } from "../../../control/protocol.ts";
import { hasContent, isRecord } from "../../common/json.ts";
import type { Framing } from "../../protocols/codec.ts";
import { WIRES } from "../../protocols/wires.ts";

/** What one of the protocols' replies has its content under; with content, words alone are no error. */
const CONTENT = ["choices", "content", "output", "candidates", "data", "embeddings"] as const;

const MARKS =
  /"error"\s*:\s*(?!null|""|\{\s*\})|"(?:error_code|status_code)"\s*:\s*(?!0\b|null|"0?")|"success"\s*:\s*false|"(?:object|type)"\s*:\s*"(?:error|response\.failed)"|"status"\s*:\s*(?:"failed"|[45]\d\d\b)|"(?:detail|errors)"\s*:\s*["[{]|"(?:msg|message|error_msg)"\s*:\s*"/;

/**
 * A look that costs next to nothing: does the JSON text have a name that errors have? Names inside of a
 * reply's texts do not count, because their quotes are escaped.
 */
export const mayHoldError = (json: string): boolean => MARKS.test(json);

/**
 * Is the JSON of a 2xx an error?
 * @param whole it is a reply of its own, not an event of a stream: then words without content are one
 */
export function isEmbeddedError(value: unknown, whole: boolean): boolean {
  const fields: unknown = Array.isArray(value) ? value[0] : value;
  if (!isRecord(fields)) return false;
  const { type, object, success, status, error } = fields;
  if (type === "error" || type === "response.failed" || object === "error") return true;
  if (object === "response") return status === "failed";
  if (isStated(error) || success === false || isCode(fields["error_code"])) return true;
  const base = fields["base_resp"];
  if (isRecord(base) && isCode(base["status_code"])) return true;
  if (CONTENT.some((name) => hasContent(fields[name]))) return false;
  const coded = isCode(fields["code"]) || (typeof status === "number" && status >= 400);
  if (typeof type === "string" && !coded) return false;
  if (hasContent(fields["detail"]) || hasContent(fields["errors"])) return true;
  const words = ["message", "msg", "error_msg"].some((name) => isWords(fields[name]));
  return words && (coded || whole);
}

/** The error object alone: what a lookup brings (a response, a job) may tell of a failure and be a good reply. */
export function isBareError(value: unknown): boolean {
  if (!isRecord(value)) return false;
  return value["type"] === "error" || (isStated(value["error"]) && !("object" in value) && !("id" in value));
}

/** A whole reply to a chat request in which there is no answer. @returns what is missing */
export function missingAnswer(value: unknown, protocol: Protocol): string | undefined {
  return isRecord(value) ? WIRES[protocol].missingAnswer(value) : undefined;
}

/**
 * The error among whole events of a stream, as its JSON.
 * @param text may begin in the midst of an event
 * @param which all events, or the first that says anything
 */
export function errorAmong(
  text: string,
  framing: Framing,
  which: "any" | "first" = "any",
): string | undefined {
  if (framing === "json-array") return errorInArray(text, which);
  // Mostly there is none, and then events need not be told apart.
  if (!mayHoldError(text) && !NAMED_ERROR.test(text)) return undefined;
  const events = eventsOf(text);
  const looked = which === "any" ? events : events.filter(({ data }) => !isHollow(data)).slice(0, 1);
  return looked.find(({ data, event }) => isErrorData(data, event))?.data;
}

/**
 * Does a stream's beginning prove nothing? Comments and pings do not, nor a chat chunk without choices, with
 * which Azure begins, nor the bare word that all is over.
 */
export function saysNothing(text: string, protocol: Protocol): boolean {
  const { beginsHollow } = WIRES[protocol].streamEnding;
  return eventsOf(text).every(({ data }) => beginsHollow && isHollow(data));
}

const isHollow = (data: string): boolean =>
  data === "[DONE]" || (/"choices"\s*:\s*(?:null|\[\s*\])/.test(data) && !mayHoldError(data));

/** @param event the name of the event, where it has one */
export function isErrorData(data: string, event?: string): boolean {
  if (event === "error") return data !== "";
  if (!mayHoldError(data)) return false;
  try {
    return isEmbeddedError(JSON.parse(data), false);
  } catch {
    return false;
  }
}

interface WireEvent {
  readonly event: string | undefined;
  readonly data: string;
}

const NAMED_ERROR = /^event:\s*error/m;
const PING = /^\{"type":\s*"ping"\}$/;

/** The events that carry data, pings left out. */
export function eventsOf(text: string): WireEvent[] {
  return text.split(/\r\n\r\n|\n\n|\r\r/).flatMap((block) => {
    const lines = block.split(/\r\n|\n|\r/);
    const field = (name: string) =>
      lines
        .filter((line) => line.startsWith(`${name}:`))
        .map((line) => line.slice(name.length + 1).trimStart());
    const data = field("data").join("\n");
    return data === "" || PING.test(data) ? [] : [{ event: field("event")[0], data }];
  });
}

function errorInArray(text: string, which: "any" | "first"): string | undefined {
  const elements = text.replace(/^[\s,[]+/, "").replace(/[\s,\]]+$/, "");
  if (!mayHoldError(elements)) return undefined;
  try {
    const values: unknown = JSON.parse(`[${elements}]`);
    const looked: unknown[] = Array.isArray(values) ? (which === "any" ? values : values.slice(0, 1)) : [];
    const error = looked.find((value) => isEmbeddedError(value, false));
    return error === undefined ? undefined : JSON.stringify(error);
  } catch {
    return undefined;
  }
}

const isWords = (value: unknown): boolean => typeof value === "string" && value.trim() !== "";

/** Some have an empty error object beside each good reply. */
function isStated(error: unknown): boolean {
  if (!isRecord(error)) return isWords(error) || (Array.isArray(error) && error.length > 0);
  return Object.values(error).some((value) => isCode(value) || isRecord(value));
}

const FINE = /^(?:0*|200|ok|success|none|null)$/i;

/** 0 and 200 are no errors, whatever they stand under. */
const isCode = (value: unknown): boolean =>
  typeof value === "number"
    ? value !== 0 && value !== 200
    : typeof value === "string" && !FINE.test(value.trim());
