/** The types of whole server-sent events, read without parsing more than has to be. */

import { fieldsOf, parseJson, textOf } from "../common/json.ts";

/** Where `type` is not the first member of a longer event, it is found by parsing. */
const TYPE_FIRST = /^data:\s*\{\s*"type"\s*:\s*"([^"]*)"/;

/** Has one of the events such a type? Of an event that is too large to hold, the beginning is enough. */
export function hasEventOf(type: RegExp, events: string): boolean {
  return events.split(/\r\n|\n|\r/).some((line) => type.test(typeOf(line)));
}

/** The type that a line gives its event; `""` where it says nothing of one. */
function typeOf(line: string): string {
  if (line.startsWith("event:")) return line.slice(6).trim();
  if (!line.startsWith("data:")) return "";
  const first = TYPE_FIRST.exec(line)?.[1];
  if (first !== undefined) return first;
  return textOf(fieldsOf(parseJson(line.slice(5))).type) ?? "";
}
