/** What the gateway remembers of a translated reply, read from the events as they pass. */
import type {
  AssistantPart,
  ChatEvent,
  ChatReply,
  ReasoningPart,
  Signature,
  ToolCallPart,
} from "../../protocols/chat.ts";
import type { ChatFlow } from "../../protocols/chatStream.ts";

/** Characters of reasoning and of arguments that are held for one call; longer ones are not kept. */
const HELD_CHARACTERS = 1024 * 1024;

export interface ReplyListener {
  /** A whole call, with the reasoning since the call before it. */
  onCall(call: ToolCallPart, reasoning: readonly ReasoningPart[]): void;
  onSignature(signature: Signature): void;
}

interface Open {
  readonly part: ReasoningPart | ToolCallPart;
  readonly pieces: string[];
}

/** Gathers the calls of the first choice, and the reasoning before each. */
export class ReplyWatch {
  readonly #listener: ReplyListener;
  readonly #open = new Map<string, Open>();
  #reasoning: ReasoningPart[] = [];
  #held = 0;

  constructor(listener: ReplyListener) {
    this.#listener = listener;
  }

  event(event: ChatEvent): void {
    switch (event.type) {
      case "reasoning-start":
        if (event.choice) return;
        this.#open.set(event.id, {
          part: {
            type: "reasoning",
            text: "",
            ...(event.summary === undefined ? {} : { summary: event.summary }),
            ...(event.itemId === undefined ? {} : { itemId: event.itemId }),
          },
          pieces: [],
        });
        return;
      case "tool-start": {
        if (event.choice) return;
        const { type: _type, id, choice: _choice, ...call } = event;
        this.#open.set(id, { part: { type: "tool-call", ...call, input: "" }, pieces: [] });
        return;
      }
      case "reasoning-delta":
        this.#add(event.id, event.text);
        return;
      case "tool-delta":
        this.#add(event.id, event.delta);
        return;
      case "tool-end":
        if (event.cut) this.#open.delete(event.id);
        else this.#close(event.id, event.signature);
        return;
      case "reasoning-end":
        this.#close(event.id, event.signature);
        return;
      default:
        return;
    }
  }

  reply(reply: ChatReply): void {
    for (const part of reply.choices[0]?.parts ?? []) this.#whole(part);
  }

  #add(id: string, text: string): void {
    const open = this.#open.get(id);
    if (open === undefined) return;
    this.#held += text.length;
    if (this.#held <= HELD_CHARACTERS) open.pieces.push(text);
  }

  #close(id: string, signature: Signature | undefined): void {
    const open = this.#open.get(id);
    if (open === undefined) return;
    this.#open.delete(id);
    const text = open.pieces.join("");
    const proven = signature === undefined ? {} : { signature };
    this.#whole(
      open.part.type === "reasoning"
        ? { ...open.part, text, ...proven }
        : { ...open.part, input: text, ...proven },
    );
  }

  #whole(part: AssistantPart): void {
    if (part.type !== "reasoning" && part.type !== "tool-call") return;
    if (part.type === "tool-call" && part.cut) return;
    if (part.signature !== undefined) this.#listener.onSignature(part.signature);
    if (part.type === "reasoning") {
      this.#reasoning.push(part);
      return;
    }
    // Half a thought does not prove anything.
    if (this.#held <= HELD_CHARACTERS) this.#listener.onCall(part, this.#reasoning);
    this.#reasoning = [];
    this.#held = 0;
  }
}

/** The same flow; `watch` sees each event before it goes on. */
export function watched(flow: ChatFlow, watch: ReplyWatch): ChatFlow {
  return {
    attach(sink) {
      flow.attach({
        event(event) {
          watch.event(event);
          sink.event(event);
        },
        end: () => sink.end(),
        hold: () => sink.hold?.(),
        flush: () => sink.flush?.(),
      });
    },
    pause: () => flow.pause(),
    resume: () => flow.resume(),
    abort: () => flow.abort(),
  };
}
