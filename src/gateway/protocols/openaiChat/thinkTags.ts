/**
 * Reasoning that open models write in front of their answer, between `<think>` and `</think>`, where their server does
 * not take it out (https://docs.vllm.ai/en/latest/features/reasoning_outputs, without a reasoning parser). Only at the
 * beginning of a reply: further on, a tag is something that the model writes about.
 */
import type { AssistantPart } from "../chat.ts";

const OPEN = "<think>";
const CLOSE = "</think>";
/** White space in front of the tag that is waited through, in characters. */
const MOST_SPACE = 64;

export interface Piece {
  readonly kind: "reasoning" | "text";
  readonly text: string;
}

/** Fed the content of one choice as it comes; a tag may be cut anywhere. */
export class ThinkTags {
  #held = "";
  /** `opened` and `closed`: behind a tag, only white space so far. */
  #at: "start" | "opened" | "thinking" | "closed" | "answer" = "start";

  /** Nothing is held back any more: all that follows is text. */
  get over(): boolean {
    return this.#at === "answer";
  }

  push(text: string): Piece[] {
    if (this.#at === "answer") return text === "" ? [] : [{ kind: "text", text }];
    this.#held += text;
    const out: Piece[] = [];
    while (this.#step(out));
    return out;
  }

  /** Nothing more comes, or something else than text does. */
  flush(): Piece[] {
    const kind = this.#at === "opened" || this.#at === "thinking" ? "reasoning" : "text";
    const text = this.#at === "opened" || this.#at === "closed" ? this.#held.trimStart() : this.#held;
    this.#held = "";
    this.#at = "answer";
    return text === "" ? [] : [{ kind, text }];
  }

  /** @returns is there more to do with what is held? */
  #step(out: Piece[]): boolean {
    switch (this.#at) {
      case "start": {
        const begun = this.#held.trimStart();
        if (this.#held.length - begun.length <= MOST_SPACE) {
          if (begun.startsWith(OPEN)) return this.#enter("opened", begun.slice(OPEN.length));
          if (OPEN.startsWith(begun)) return false;
        }
        return this.#enter("answer", this.#held, out);
      }
      case "opened": {
        const begun = this.#held.trimStart();
        if (begun.startsWith(CLOSE)) return this.#enter("closed", begun.slice(CLOSE.length));
        this.#held = begun;
        return !CLOSE.startsWith(begun) && this.#enter("thinking", begun);
      }
      case "thinking": {
        const end = this.#held.indexOf(CLOSE);
        const until = end < 0 ? this.#held.length - partOf(CLOSE, this.#held) : end;
        if (until > 0) out.push({ kind: "reasoning", text: this.#held.slice(0, until) });
        if (end >= 0) return this.#enter("closed", this.#held.slice(end + CLOSE.length));
        this.#held = this.#held.slice(until);
        return false;
      }
      case "closed":
        this.#held = this.#held.trimStart();
        return this.#held !== "" && this.#enter("answer", this.#held, out);
      case "answer":
        return false;
    }
  }

  #enter(at: "opened" | "thinking" | "closed" | "answer", held: string, out?: Piece[]): boolean {
    this.#at = at;
    this.#held = at === "answer" ? "" : held;
    if (at === "answer" && held !== "") out?.push({ kind: "text", text: held });
    return at !== "answer";
  }
}

/** How many characters at the end of a text may be the beginning of a tag. */
function partOf(tag: string, text: string): number {
  for (let length = Math.min(tag.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(tag.slice(0, length))) return length;
  }
  return 0;
}

/** A whole content as parts. */
export function withoutThinkTags(content: string): AssistantPart[] {
  const tags = new ThinkTags();
  const said = { reasoning: "", text: "" };
  for (const { kind, text } of [...tags.push(content), ...tags.flush()]) said[kind] += text;
  return (["reasoning", "text"] as const).flatMap((type) =>
    said[type] === "" ? [] : [{ type, text: said[type] }],
  );
}
