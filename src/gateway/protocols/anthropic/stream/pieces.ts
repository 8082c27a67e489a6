/** Parts of a reply on their way to a client, as content blocks. */
import { wireId } from "../../callId.ts";
import type { ChatEvent, Signature } from "../../chat.ts";
import type { JsonObject } from "../json.ts";
import { encodeReasoning } from "../reply.ts";

const START = "event: content_block_start\ndata: ";
const DELTA = "event: content_block_delta\ndata: ";

const startText = (index: number, block: JsonObject): string =>
  `${START}${JSON.stringify({ type: "content_block_start", index, content_block: block })}\n\n`;

const deltaText = (index: number, delta: string): string =>
  `${DELTA}{"type":"content_block_delta","index":${index},"delta":${delta}}\n\n`;

const stopText = (index: number): string =>
  `event: content_block_stop\ndata: {"type":"content_block_stop","index":${index}}\n\n`;

/**
 * One block. What is not sent yet waits in `#waiting` (deltas as JSON text); `flush` sends it, and
 * is called for the head of the line only.
 */
export abstract class Piece {
  closed = false;
  /** The block has begun on the wire. */
  sent = false;
  #stopped = false;
  #waiting: string[] = [];

  /** The block's start; `undefined`: it is not known yet, or there is nothing to send. */
  protected abstract head(): JsonObject | undefined;

  abstract say(text: string): void;

  cite(citation: JsonObject): void {
    this.wait({ type: "citations_delta", citation });
  }

  close(_signature: Signature | undefined): void {
    this.closed = true;
  }

  /** Nothing more comes, and the block must not look whole: it never stops. */
  cut(): void {
    this.closed = true;
    this.#stopped = true;
  }

  protected wait(delta: JsonObject): void {
    if (!this.closed) this.#waiting.push(JSON.stringify(delta));
  }

  /** The same for a text, written by hand because most of a stream is that. */
  protected waitFor(type: string, name: string, text: string): void {
    if (!this.closed) this.#waiting.push(`{"type":"${type}","${name}":${JSON.stringify(text)}}`);
  }

  flush(index: number): string {
    let out = "";
    if (!this.sent) {
      const head = this.head();
      if (head === undefined) return "";
      this.sent = true;
      out = startText(index, head);
    }
    for (const delta of this.#waiting) out += deltaText(index, delta);
    this.#waiting = [];
    if (this.closed && !this.#stopped) {
      this.#stopped = true;
      out += stopText(index);
    }
    return out;
  }
}

/** Begins with its first words: an empty text block is refused when the client sends it back. */
export class TextPiece extends Piece {
  #any = false;

  protected head(): JsonObject | undefined {
    return this.#any ? { type: "text", text: "" } : undefined;
  }

  say(text: string): void {
    if (text === "") return;
    this.#any = true;
    this.waitFor("text_delta", "text", text);
  }

  override cite(citation: JsonObject): void {
    this.#any = true;
    super.cite(citation);
  }
}

/** Thinking; without words it is decided at the end whether it is redacted, signed or nothing. */
export class ReasoningPiece extends Piece {
  readonly #origin: { itemId?: string; summary?: boolean };
  #any = false;
  #whole: JsonObject | undefined;

  constructor(event: Extract<ChatEvent, { type: "reasoning-start" }>) {
    super();
    this.#origin = {
      ...(event.itemId === undefined ? {} : { itemId: event.itemId }),
      ...(event.summary === undefined ? {} : { summary: event.summary }),
    };
  }

  protected head(): JsonObject | undefined {
    if (this.#any) return { type: "thinking", thinking: "", signature: "" };
    return this.#whole;
  }

  say(text: string): void {
    if (text === "") return;
    this.#any = true;
    this.waitFor("thinking_delta", "thinking", text);
  }

  override cite(): void {}

  override close(signature: Signature | undefined): void {
    const block = encodeReasoning({
      type: "reasoning",
      text: this.#any ? "…" : "",
      ...this.#origin,
      ...(signature ? { signature } : {}),
    });
    if (block?.type === "thinking") {
      this.#any = true;
      if (block.signature !== "") this.wait({ type: "signature_delta", signature: block.signature });
    } else if (!this.#any) {
      this.#whole = block;
    }
    super.close(signature);
  }
}

export class ToolPiece extends Piece {
  readonly #head: JsonObject;
  readonly #custom: boolean;
  #opened = false;

  constructor(event: Extract<ChatEvent, { type: "tool-start" }>, newId: () => string) {
    super();
    this.#custom = event.kind === "custom";
    this.#head = {
      type: "tool_use",
      id: event.callId === "" ? `toolu_${newId()}` : wireId(event.callId),
      name: event.name,
      input: {},
    };
  }

  protected head(): JsonObject {
    return this.#head;
  }

  /** Free text goes, piece by piece, into the string of `{"input": "…"}`. */
  say(text: string): void {
    if (text === "") return;
    if (!this.#custom) {
      this.waitFor("input_json_delta", "partial_json", text);
      return;
    }
    const before = this.#opened ? "" : '{"input":"';
    this.#opened = true;
    this.wait({ type: "input_json_delta", partial_json: before + JSON.stringify(text).slice(1, -1) });
  }

  override cite(): void {}

  override close(signature: Signature | undefined): void {
    if (this.#custom) {
      this.wait({ type: "input_json_delta", partial_json: this.#opened ? '"}' : '{"input":""}' });
    }
    super.close(signature);
  }
}

const STREAMED_INPUT = new Set(["server_tool_use", "mcp_tool_use"]);

/** A block that is known as a whole. Input and text come as a delta, where clients look for them. */
export class WholePiece extends Piece {
  readonly #head: JsonObject;

  constructor(block: JsonObject) {
    super();
    if (STREAMED_INPUT.has(String(block.type))) {
      this.#head = { ...block, input: {} };
      this.wait({ type: "input_json_delta", partial_json: JSON.stringify(block.input ?? {}) });
    } else if (block.type === "text") {
      this.#head = { type: "text", text: "" };
      this.wait({ type: "text_delta", text: String(block.text) });
    } else if (block.type === "compaction") {
      const { type: _, ...fields } = block;
      this.#head = { type: "compaction", content: null };
      this.wait({ type: "compaction_delta", ...fields });
    } else {
      this.#head = block;
    }
    this.closed = true;
  }

  protected head(): JsonObject {
    return this.#head;
  }

  say(): void {}
}
