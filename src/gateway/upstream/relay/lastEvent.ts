/**
 * The event with which a protocol ends its streams, found among whole events. A word that next to no
 * other event has is looked for in the bytes; only where it stands are lines looked at.
 */
import type { Protocol } from "../../../control/protocol.ts";

/** Gemini has no last event: its streams end with their connection. */
const WORDS: Readonly<Record<Protocol, Buffer | undefined>> = {
  "openai-chat": Buffer.from("[DONE]"),
  // Deltas name their type, not a response; inside of a text its quotes would be escaped.
  "openai-responses": Buffer.from('"response"'),
  anthropic: Buffer.from("message_stop"),
  gemini: undefined,
};

const CHAT_LAST = /^data:[ \t]*\[DONE\][ \t]*$/m;
const MESSAGES_LAST = /^message_stop$/;
/** `done` is what some relays make of all of them. */
const RESPONSES_LAST = /^response\.(?:completed|incomplete|failed|cancelled|done)$/;

/** Where `type` is not the first member of a longer event, it is found by parsing. */
const TYPE_FIRST = /^data:\s*\{\s*"type"\s*:\s*"([^"]*)"/;

/**
 * @param events whole events of a stream of server-sent events; of an event that is too large to hold,
 *   its beginning
 */
export function holdsLastEvent(protocol: Protocol, events: Buffer): boolean {
  const word = WORDS[protocol];
  if (word === undefined || !events.includes(word)) return false;
  const text = events.toString("latin1");
  if (protocol === "openai-chat") return CHAT_LAST.test(text);
  const last = protocol === "anthropic" ? MESSAGES_LAST : RESPONSES_LAST;
  return text.split(/\r\n|\n|\r/).some((line) => last.test(typeOf(line)));
}

/** The type that a line gives its event; `""` where it says nothing of one. */
function typeOf(line: string): string {
  if (line.startsWith("event:")) return line.slice(6).trim();
  if (!line.startsWith("data:")) return "";
  const first = TYPE_FIRST.exec(line)?.[1];
  if (first !== undefined) return first;
  try {
    const value: unknown = JSON.parse(line.slice(5));
    const type: unknown = Reflect.get(Object(value), "type");
    return typeof type === "string" ? type : "";
  } catch {
    return "";
  }
}
