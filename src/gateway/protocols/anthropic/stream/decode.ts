/** A provider's stream as canonical events. */

import { isRecord, parseJson } from "../../../common/json.ts";
import type { ChatEvent, ChatRequest } from "../../chat.ts";
import { callRestorer, toolNames } from "../../clientTools.ts";
import type { StreamDecoder, StreamStage, WireEvent } from "../../codec.ts";
import { cutsCalls } from "../../cutCalls.ts";
import { ANTHROPIC_PROPERTY } from "../../propertyNames.ts";
import { answerNames, nameRestorer } from "../answerNames.ts";
import { decodeError } from "../errors.ts";
import { decodeFinish, type Finish } from "../finish.ts";
import type { JsonObject } from "../json.ts";
import { explanation } from "../reply.ts";
import { keepTool } from "../request/encodeTools.ts";
import { decodeReplyTier, usageReader } from "../usage.ts";
import { type OpenBlock, openBlock } from "./openBlock.ts";

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
const isIndex = (value: unknown): value is number => Number.isInteger(value);

export function streamDecoder(context: { request: ChatRequest }): StreamDecoder {
  const decoder = new Decoder(context.request.model);
  const restore = callRestorer(
    toolNames(context.request.tools, keepTool(context.request.model), ANTHROPIC_PROPERTY),
  );
  const names = answerNames(context.request);
  const rename = names === undefined ? undefined : nameRestorer(names);
  const restored = (events: ChatEvent[]) => {
    const calls = restore(events);
    return rename === undefined ? calls : calls.flatMap(rename);
  };
  return {
    get stage() {
      return decoder.stage;
    },
    handsOn: rename === undefined,
    push: (event) => restored(decoder.push(event)),
    end: (excuse) => restored(decoder.end(excuse)),
  };
}

class Decoder {
  readonly #model: string;
  readonly #open = new Map<number, OpenBlock>();
  /** The end of a call that may not be whole: Anthropic closes the block, and then says `max_tokens`. */
  #held: ChatEvent | undefined;
  #blocks = 0;
  #started = false;
  #over = false;
  #calls = false;
  readonly #counts = usageReader();
  #finish: Finish | undefined;
  #refusal: string | undefined;

  constructor(model: string) {
    this.#model = model;
  }

  get stage(): StreamStage {
    if (this.#over) return "over";
    return this.#finish !== undefined && this.#open.size === 0 && this.#held === undefined
      ? "ending"
      : "open";
  }

  push(wire: WireEvent): ChatEvent[] {
    if (this.#over || wire.event === "ping") return [];
    if (wire.data.trim() === "[DONE]") return this.#stop();
    const data = parseJson(wire.data);
    if (!isRecord(data)) {
      // Noise between events is harmless; a broken event of the reply is a hole in it.
      const known = wire.event !== undefined && PART_OF_REPLY.has(wire.event);
      return known ? this.#fail("The provider sent an event that is not JSON.") : [];
    }
    switch (text(data.type) ?? wire.event) {
      case "message_start":
        return this.#start(isRecord(data.message) ? data.message : {});
      case "content_block_start":
        return this.#blockStart(data);
      case "content_block_delta":
        return this.#blockDelta(data);
      case "content_block_stop":
        return isIndex(data.index) ? this.#close(data.index) : [];
      case "message_delta":
        return this.#messageDelta(data);
      case "message_stop":
        return this.#stop();
      case "error":
        return this.#error(data);
      case "ping":
        return [];
      default:
        return data.error === undefined ? [] : this.#error(data);
    }
  }

  end(excuse?: () => void): ChatEvent[] {
    if (this.#over) return [];
    if (this.#finish !== undefined) return this.#stop();
    const calls = [...this.#open.values()].some(({ kind }) => kind === "tool" || kind === "whole");
    if (excuse !== undefined && this.#blocks > 0 && !calls && this.#held === undefined) {
      excuse();
      return this.#stop();
    }
    return this.#fail("The provider's stream ended before the reply was complete.");
  }

  #start(message: JsonObject): ChatEvent[] {
    this.#counts.add(message.usage);
    const events: ChatEvent[] = [];
    if (this.#started) {
      // The provider began anew. A half-sent tool call cannot be taken back, and must not be run.
      if (this.#isCalling)
        return this.#fail("The provider began its reply anew in the midst of a tool call.");
      events.push(...this.#closeAll());
      this.#finish = undefined;
      return events;
    }
    this.#started = true;
    const tier = decodeReplyTier(message.usage);
    const { usage } = this.#counts;
    const id = text(message.id);
    const model = text(message.model);
    events.push({
      type: "start",
      ...(id ? { id } : {}),
      ...(model ? { model } : {}),
      ...(usage === undefined ? {} : { usage }),
      ...(tier === undefined ? {} : { serviceTier: tier }),
    });
    return events;
  }

  /** Streams without a `message_start` begin at their first block. */
  #ensureStarted(): ChatEvent[] {
    if (this.#started) return [];
    this.#started = true;
    return [{ type: "start" }];
  }

  #blockStart(data: JsonObject): ChatEvent[] {
    const block = isRecord(data.content_block) ? data.content_block : {};
    const index = isIndex(data.index) ? data.index : this.#blocks;
    const open = this.#open.get(index);
    // Some providers send the start of a block twice.
    if (open !== undefined && open.type === block.type && open.callId === text(block.id)) return [];
    // Only the last block of a reply can be cut.
    const events = [...this.#ensureStarted(), ...this.#release(), ...this.#close(index)];
    const opened = openBlock(block, `b${this.#blocks++}`, this.#model);
    if (opened.kind === "tool") this.#calls = true;
    this.#open.set(index, opened);
    return [...events, ...opened.start()];
  }

  #blockDelta(data: JsonObject): ChatEvent[] {
    if (!isIndex(data.index) || !isRecord(data.delta)) return [];
    const events: ChatEvent[] = [];
    let block = this.#open.get(data.index);
    if (block === undefined) {
      const implied = IMPLIED.get(text(data.delta.type) ?? "");
      if (implied === undefined) return [];
      events.push(...this.#blockStart({ index: data.index, content_block: { type: implied } }));
      block = this.#open.get(data.index);
    }
    return block === undefined ? events : [...events, ...block.delta(data.delta)];
  }

  #close(index: number): ChatEvent[] {
    const block = this.#open.get(index);
    if (block === undefined) return [];
    this.#open.delete(index);
    const events = block.end();
    if (block.kind !== "tool" || block.whole) return events;
    const released = this.#release();
    this.#held = events.pop();
    return [...released, ...events];
  }

  #closeAll(): ChatEvent[] {
    return [...this.#open.keys()].flatMap((index) => this.#close(index));
  }

  /** Closes all but calls. */
  #closeWords(): ChatEvent[] {
    for (const [index, { kind }] of this.#open) if (kind === "tool") this.#open.delete(index);
    this.#held = undefined;
    return this.#closeAll();
  }

  #release(): ChatEvent[] {
    const held = this.#held;
    this.#held = undefined;
    if (held === undefined) return [];
    const cut = held.type === "tool-end" && cutsCalls(this.#finish?.reason ?? "tool-calls");
    return [cut ? { ...held, cut } : held];
  }

  get #isCalling(): boolean {
    return this.#held !== undefined || [...this.#open.values()].some(({ kind }) => kind === "tool");
  }

  #messageDelta(data: JsonObject): ChatEvent[] {
    this.#counts.add(data.usage);
    const delta = isRecord(data.delta) ? data.delta : {};
    const reason = text(delta.stop_reason);
    if (reason) this.#finish = decodeFinish(reason, delta.stop_sequence);
    this.#refusal = explanation(delta.stop_details) ?? this.#refusal;
    return this.#finish === undefined ? [] : this.#release();
  }

  #stop(): ChatEvent[] {
    if (!this.#started && this.#finish === undefined) return [];
    if (this.#finish === undefined && [...this.#open.values()].some(({ whole }) => !whole)) {
      return this.#fail("The provider's stream ended in the midst of a tool call.");
    }
    const finish = this.#finish ?? decodeFinish(this.#calls ? "tool_use" : "end_turn", undefined);
    const events = [...this.#ensureStarted(), ...this.#closeAll(), ...this.#release()];
    if (this.#refusal !== undefined) {
      events.push(
        { type: "text-start", id: "refusal", refusal: true },
        { type: "text-delta", id: "refusal", text: this.#refusal },
        { type: "text-end", id: "refusal" },
      );
    }
    this.#over = true;
    events.push({ type: "finish", ...finish });
    this.#say(events);
    return events;
  }

  #say(events: ChatEvent[]): void {
    const { usage } = this.#counts;
    if (usage !== undefined) events.push({ type: "usage", usage });
  }

  #error(data: JsonObject): ChatEvent[] {
    const error = decodeError(200, data) ?? decodeError(500, data);
    const events = this.#closeWords();
    this.#over = true;
    if (error !== undefined) events.push({ type: "error", error });
    return events;
  }

  #fail(message: string): ChatEvent[] {
    const events = this.#closeWords();
    this.#over = true;
    events.push({ type: "error", error: { kind: "upstream", message } });
    return events;
  }
}

const PART_OF_REPLY = new Set([
  "message_start",
  "content_block_start",
  "content_block_delta",
  "content_block_stop",
  "message_delta",
]);

/** The block that a delta without a start belongs to. */
const IMPLIED = new Map([
  ["text_delta", "text"],
  ["citations_delta", "text"],
  ["thinking_delta", "thinking"],
]);
