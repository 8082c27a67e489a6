/** A stream of canonical events gathered into a whole reply. */
import { compact } from "../common/json.ts";
import type { AssistantPart, ChatChoice, ChatError, ChatEvent, ChatReply, TextPart } from "./chat.ts";

interface OpenPart {
  part: AssistantPart;
  /** Text so far, in pieces: joined once, at the end. */
  pieces: string[];
  choice: number;
}

/** Feed it every event; `reply()` is complete after the last one. */
export class Collector {
  readonly #open = new Map<string, OpenPart>();
  readonly #choices: ChatChoice[] = [];
  #reply: Omit<ChatReply, "choices"> = {};
  error: ChatError | undefined;

  push(event: ChatEvent): void {
    switch (event.type) {
      case "start": {
        const { type: _type, usage, ...rest } = event;
        this.#reply = { ...this.#reply, ...rest, ...(usage === undefined ? {} : { usage }) };
        return;
      }
      case "text-start":
        this.#begin(event.id, event.choice, { type: event.refusal ? "refusal" : "text", text: "" });
        return;
      case "reasoning-start":
        this.#begin(event.id, event.choice, {
          type: "reasoning",
          text: "",
          ...compact({ summary: event.summary, itemId: event.itemId }),
        });
        return;
      case "tool-start": {
        const { type: _type, id, choice, ...call } = event;
        this.#begin(id, choice, { type: "tool-call", ...call, input: "" });
        return;
      }
      case "text-delta": {
        const open = this.#open.get(event.id);
        open?.pieces.push(event.text);
        if (event.logprobs !== undefined && open !== undefined) {
          const choice = this.#choice(open.choice);
          choice.logprobs = [...(choice.logprobs ?? []), ...event.logprobs];
        }
        return;
      }
      case "reasoning-delta":
        this.#open.get(event.id)?.pieces.push(event.text);
        return;
      case "tool-delta":
        this.#open.get(event.id)?.pieces.push(event.delta);
        return;
      case "text-end":
      case "reasoning-end":
        this.#close(event.id, event.signature);
        return;
      case "tool-end":
        this.#close(event.id, event.signature, event.cut);
        return;
      case "citation": {
        const part = this.#open.get(event.id)?.part;
        if (part?.type === "text") part.citations = [...(part.citations ?? []), event.citation];
        return;
      }
      case "part":
        this.#choice(event.choice ?? 0).parts.push(event.part);
        return;
      case "finish": {
        const { type: _type, choice, ...finish } = event;
        this.#choice(choice ?? 0).finish = finish;
        return;
      }
      case "usage":
        this.#reply.usage = event.usage;
        return;
      case "error":
        this.error = event.error;
        return;
    }
  }

  reply(): ChatReply {
    for (const id of [...this.#open.keys()]) this.#close(id, undefined);
    return { ...this.#reply, choices: this.#choices };
  }

  #choice(index: number): ChatChoice {
    while (this.#choices.length <= index) this.#choices.push({ parts: [], finish: { reason: "other" } });
    const choice = this.#choices[index];
    if (choice === undefined) throw new Error(`choice ${index}`);
    return choice;
  }

  #begin(id: string, choice: number | undefined, part: AssistantPart): void {
    // Parts keep the order in which they began.
    this.#choice(choice ?? 0).parts.push(part);
    this.#open.set(id, { part, pieces: [], choice: choice ?? 0 });
  }

  #close(id: string, signature: TextPart["signature"], cut?: true): void {
    const open = this.#open.get(id);
    if (open === undefined) return;
    this.#open.delete(id);
    const { part } = open;
    const text = open.pieces.join("");
    switch (part.type) {
      case "tool-call":
        part.input = text === "" && part.kind === "function" && cut === undefined ? "{}" : text;
        if (cut !== undefined) part.cut = cut;
        break;
      case "text":
      case "refusal":
      case "reasoning":
        part.text = text;
        break;
      default:
        return;
    }
    if (signature !== undefined && part.type !== "refusal") part.signature = signature;
  }
}
