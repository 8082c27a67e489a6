/** The whole events in the end of a stream, which may begin in the midst of one. */
import { parseJson } from "../common/json.ts";

/** @returns what they hold, parsed, in their order; what is no JSON is left out */
export function tailEvents(text: string): unknown[] {
  const events = /^data:/m.test(text) ? sseEvents(text) : arrayElements(text);
  return events.map(parseJson).filter((value) => value !== undefined);
}

function sseEvents(text: string): string[] {
  return text.split(/\r\n\r\n|\n\n|\r\r/).map((event) =>
    event
      .split(/\r\n|\n|\r/)
      .flatMap((line) => (line.startsWith("data:") ? [line.slice(5)] : []))
      .join("\n"),
  );
}

/** Elements of a list, found from its end: there one is outside of all of them. */
function arrayElements(text: string): string[] {
  const elements: string[] = [];
  let depth = 0;
  let end = 0;
  let inString = false;
  for (let at = text.length - 1; at >= 0; at--) {
    switch (text[at]) {
      case '"':
        if (!isEscaped(text, at)) inString = !inString;
        break;
      case "}":
        if (!inString && depth++ === 0) end = at + 1;
        break;
      case "{":
        if (!inString && --depth === 0) elements.push(text.slice(at, end));
    }
  }
  return elements.reverse();
}

function isEscaped(text: string, at: number): boolean {
  let before = at;
  while (text[before - 1] === "\\") before--;
  return (at - before) % 2 === 1;
}
