/** A stream of `GenerateContentResponse`s as canonical events. Keeps no text. */
import { fieldsOf, parseJson } from "../../../common/json.ts";
import type { ChatEvent, ChatRequest, Signature, TokenLogprob, Usage } from "../../chat.ts";
import { callRestorer, toolNames } from "../../clientTools.ts";
import type { StreamDecoder, StreamStage, WireEvent } from "../../codec.ts";
import { cutsCalls } from "../../cutCalls.ts";
import { replyCallId } from "../callIds.ts";
import { decodeCitations } from "../citations.ts";
import { decodeError } from "../errors.ts";
import { decodeFinish } from "../finish.ts";
import { decodeLogprobs } from "../logprobs.ts";
import { createdAt } from "../reply/decode.ts";
import { readPart } from "../reply/parts.ts";
import { keepClientTool } from "../request/encodeTools.ts";
import { answers, endReason, says } from "../streamEnding.ts";
import { fieldOf, type Json, listOf, numberOf, textOf } from "../values.ts";
import { wire } from "../wire.ts";
import { OutOfOrder } from "./argsWriter.ts";
import { CallStream } from "./calls.ts";

/** More candidates than any model gives; further ones are not believed. */
const MAX_CANDIDATES = 64;

interface OpenText {
  kind: "text" | "thought";
  id: string;
}

interface Candidate {
  choice: { choice?: number };
  calls: CallStream;
  open: OpenText | undefined;
  /** Why it ended, if it did. */
  reason: string | undefined;
  /** Has it said anything, and anything behind a reason for its end? */
  said: boolean;
  wentOn: boolean;
  /** Came the reason with words of the reply, as that of every chunk does where a relay gives one with each? */
  aside: boolean;
  /** Length of the text so far: bytes and code units are the same while it is all ASCII. */
  units: number;
  bytes: number;
}

class GeminiStreamDecoder implements StreamDecoder {
  readonly #messages: number;
  readonly #wanted: number;
  readonly #restore: (events: ChatEvent[]) => ChatEvent[];
  readonly #candidates = new Map<number, Candidate>();
  #started = false;
  #over = false;
  #blocked = false;
  readonly #counts = wire.usage.reader();
  #model: string | undefined;
  #scope: string | number = 0;
  #parts = 0;
  #calls = 0;

  constructor(request: ChatRequest) {
    this.#messages = request.messages.length;
    this.#wanted = request.n ?? 1;
    this.#restore = callRestorer(toolNames(request.tools, keepClientTool));
  }

  get stage(): StreamStage {
    if (this.#over) return "over";
    if (this.#blocked) return "ending";
    // Some relays give a reason with every chunk, and before the first text.
    let doubtful = false;
    for (const { reason, said, wentOn, aside } of this.#candidates.values()) {
      if (reason === undefined || !said || wentOn) return "open";
      doubtful ||= aside;
    }
    if (this.#candidates.size < this.#wanted) return "open";
    return doubtful ? "doubtful" : "ending";
  }

  push(event: WireEvent): ChatEvent[] {
    if (this.#over) return [];
    const data = event.data.trim();
    if (data === "" || data === "[DONE]") return [];
    const out: ChatEvent[] = [];
    const value = parseJson(data);
    if (value === undefined) {
      this.#fail(out, "The provider's stream holds an element that is not JSON.");
    } else {
      for (const chunk of listOf(value)) if (!this.#over) this.#chunk(fieldsOf(chunk), out);
    }
    return this.#restore(out);
  }

  end(excuse?: () => void, delimited = true): ChatEvent[] {
    if (this.#over) return [];
    const out: ChatEvent[] = [];
    if (excuse !== undefined) this.#excuse(excuse);
    const candidates = [...this.#candidates.values()];
    const open = candidates.some(({ reason, wentOn }) => reason === undefined || (wentOn && !delimited));
    if (open || (candidates.length === 0 && !this.#blocked)) {
      this.#fail(out, "The provider's stream ended before the model was done.");
    } else {
      for (const state of candidates) finish(state, out);
      this.#say(out);
      this.#over = true;
    }
    return this.#restore(out);
  }

  /** Some relays never say why a reply ended. */
  #excuse(excuse: () => void): void {
    const unsaid = [...this.#candidates.values()].filter(({ reason }) => reason === undefined);
    if (unsaid.length === 0 || unsaid.some(({ calls }) => calls.isOpen)) return;
    excuse();
    for (const state of unsaid) state.reason = "STOP";
  }

  #chunk(chunk: Json, out: ChatEvent[]): void {
    if (chunk.error !== undefined && chunk.error !== null) {
      const error = decodeError(200, chunk);
      this.#abandon(out);
      const unknown = { kind: "upstream", message: "The provider reported an error." } as const;
      out.push({ type: "error", error: error ?? unknown });
      return;
    }
    this.#counts.add(fieldOf(chunk, "usageMetadata"));
    if (!this.#started) this.#start(chunk, this.#counts.usage, out);
    try {
      for (const [at, candidate] of listOf(chunk.candidates).entries()) {
        const wire = fieldsOf(candidate);
        this.#candidate(wire, numberOf(wire.index) ?? at, out);
      }
    } catch (thrown) {
      if (!(thrown instanceof OutOfOrder)) throw thrown;
      this.#fail(out, "The provider sent the arguments of a call in an order that cannot be streamed.");
      return;
    }
    const block = textOf(fieldOf(fieldsOf(fieldOf(chunk, "promptFeedback")), "blockReason"));
    if (block !== undefined && this.#candidates.size === 0 && !this.#blocked) {
      this.#blocked = true;
      out.push({ type: "finish", reason: "content-filter", raw: block });
    }
  }

  #start(chunk: Json, usage: Usage | undefined, out: ChatEvent[]): void {
    this.#started = true;
    const id = textOf(fieldOf(chunk, "responseId"));
    const created = createdAt(fieldOf(chunk, "createTime"));
    this.#model = textOf(fieldOf(chunk, "modelVersion"));
    this.#scope = id || this.#messages;
    out.push({
      type: "start",
      ...(id === undefined ? {} : { id }),
      ...(this.#model === undefined ? {} : { model: this.#model }),
      ...(created === undefined ? {} : { created }),
      ...(usage === undefined ? {} : { usage }),
    });
  }

  #state(index: number): Candidate | undefined {
    const known = this.#candidates.get(index);
    if (known !== undefined || this.#candidates.size >= MAX_CANDIDATES) return known;
    const choice = index === 0 ? {} : { choice: index };
    const made: Candidate = {
      choice,
      calls: new CallStream(choice, this.#partId, () => replyCallId(this.#scope, this.#calls++)),
      open: undefined,
      reason: undefined,
      said: false,
      wentOn: false,
      aside: false,
      units: 0,
      bytes: 0,
    };
    this.#candidates.set(index, made);
    return made;
  }

  readonly #partId = () => `p${this.#parts++}`;

  #candidate(wire: Json, index: number, out: ChatEvent[]): void {
    const state = this.#state(index);
    if (state === undefined) return;
    const saysSomething = says(wire);
    if (saysSomething) {
      state.wentOn ||= state.reason !== undefined;
      state.reason = undefined;
      state.said ||= answers(wire);
    }
    let logprobs = decodeLogprobs(fieldOf(wire, "logprobsResult"));
    for (const value of listOf(fieldsOf(wire.content).parts)) {
      const part = readPart(value, this.#model);
      switch (part.kind) {
        case "text":
        case "thought":
          if (part.text !== "" || part.signature !== undefined) {
            this.#text(state, part.kind, part.text, part.kind === "text" ? logprobs : undefined, out);
            if (part.kind === "text") logprobs = undefined;
          }
          if (part.signature !== undefined) closeText(state, out, part.signature);
          break;
        case "call":
          closeText(state, out);
          state.calls.push(part.call, part.signature, out);
          break;
        case "whole":
          closeText(state, out);
          out.push({ type: "part", part: part.part, ...state.choice });
      }
    }
    this.#cite(state, wire, out);
    const reason = endReason(wire);
    if (reason === undefined) return;
    state.reason = reason;
    state.aside = saysSomething;
    // They are told in the order in which they ended.
    this.#candidates.delete(index);
    this.#candidates.set(index, state);
  }

  #text(
    state: Candidate,
    kind: OpenText["kind"],
    text: string,
    logprobs: TokenLogprob[] | undefined,
    out: ChatEvent[],
  ): void {
    const open = this.#openText(state, kind, out);
    if (kind === "thought") {
      if (text !== "") out.push({ type: "reasoning-delta", id: open.id, text });
      return;
    }
    state.units += text.length;
    state.bytes += Buffer.byteLength(text);
    if (text === "" && logprobs === undefined) return;
    out.push({ type: "text-delta", id: open.id, text, ...(logprobs === undefined ? {} : { logprobs }) });
  }

  #openText(state: Candidate, kind: OpenText["kind"], out: ChatEvent[]): OpenText {
    if (state.open?.kind === kind) return state.open;
    closeText(state, out);
    const open: OpenText = { kind, id: this.#partId() };
    state.open = open;
    state.units = 0;
    state.bytes = 0;
    out.push({ type: kind === "text" ? "text-start" : "reasoning-start", id: open.id, ...state.choice });
    return open;
  }

  #cite(state: Candidate, wire: Json, out: ChatEvent[]): void {
    const citations = decodeCitations(wire);
    if (citations.length === 0) return;
    const { id } = this.#openText(state, "text", out);
    for (const { startByte, endByte, citation } of citations) {
      const known = endByte !== undefined && state.units === state.bytes && endByte <= state.bytes;
      const span = known ? { start: startByte ?? 0, end: endByte } : {};
      out.push({ type: "citation", id, citation: { ...citation, ...span } });
    }
  }

  #say(out: ChatEvent[]): void {
    const { usage } = this.#counts;
    if (usage !== undefined) out.push({ type: "usage", usage });
  }

  #abandon(out: ChatEvent[]): void {
    for (const state of this.#candidates.values()) closeText(state, out);
    this.#over = true;
  }

  #fail(out: ChatEvent[], message: string): void {
    this.#abandon(out);
    out.push({ type: "error", error: { kind: "upstream", message } });
  }
}

/** Ends a candidate that said why. */
function finish(state: Candidate, out: ChatEvent[]): void {
  closeText(state, out);
  const { reason = "STOP", calls, choice } = state;
  const finish = decodeFinish(reason, calls.called);
  if (finish.reason !== "error") calls.finish(out, cutsCalls(finish.reason));
  out.push({ type: "finish", ...finish, ...choice });
}

function closeText(state: Candidate, out: ChatEvent[], signature?: Signature): void {
  const open = state.open;
  if (open === undefined) return;
  state.open = undefined;
  const end = open.kind === "text" ? "text-end" : "reasoning-end";
  out.push({ type: end, id: open.id, ...(signature === undefined ? {} : { signature }) });
}

export function streamDecoder(context: { request: ChatRequest }): StreamDecoder {
  return new GeminiStreamDecoder(context.request);
}
