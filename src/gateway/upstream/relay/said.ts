/** The words of a reply, from which its tokens are estimated where its provider did not count them. */
import type { AssistantPart, ChatEvent, ChatReply } from "../../protocols/chat.ts";

/** UTF-16 units that are kept; what is beyond is taken to be like them. */
const KEPT = 16 * 1024;

export interface Said {
  /** The first words, or all of them. */
  readonly text: string;
  /** UTF-16 units of all of them. */
  readonly units: number;
}

export const NOTHING_SAID: Said = { text: "", units: 0 };

/** What an event adds to the words: texts, thoughts, names and arguments of calls. */
export function wordsOf(event: ChatEvent): string {
  switch (event.type) {
    case "text-delta":
    case "reasoning-delta":
      return event.text;
    case "tool-start":
      return event.name;
    case "tool-delta":
      return event.delta;
    default:
      return "";
  }
}

/** The same of a whole reply. */
export function wordsIn({ choices }: ChatReply): string {
  return choices.flatMap(({ parts }) => parts.map(wordsOfPart)).join("");
}

function wordsOfPart(part: AssistantPart): string {
  if (part.type === "tool-call") return part.name + part.input;
  return "text" in part ? part.text : "";
}

/** Keeps the first words of a stream, and counts the rest. */
export class SaidWords {
  #text = "";
  #units = 0;

  add(event: ChatEvent): void {
    const words = wordsOf(event);
    this.#units += words.length;
    if (this.#text.length < KEPT) this.#text += words.slice(0, KEPT - this.#text.length);
  }

  get said(): Said {
    return { text: this.#text, units: this.#units };
  }
}
