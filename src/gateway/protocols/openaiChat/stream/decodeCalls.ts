/** The tool calls of one choice while they are streamed, fragment by fragment, in any order. */
import { isRecord, listOf, textOf } from "../../../common/json.ts";
import type { ChatEvent, Signature } from "../../chat.ts";
import { JsonProgress } from "../../jsonProgress.ts";
import { argumentsText, madeCallId } from "../reply/decode.ts";
import { signatureFromExtra, signatureFromId } from "../signatures.ts";
import { count, type Json, record } from "../values.ts";

interface OpenCall {
  /** Event id; absent until the call's name is known. */
  event?: string;
  /** As the provider said it. */
  id?: string;
  index?: number;
  kind: "function" | "custom";
  /** Fragments that came before the name. */
  early: string;
  /** Has it any input? */
  begun?: true;
  progress: JsonProgress;
  signature?: Signature;
}

/** Fragments kept while a call has no name yet; a provider that sends more is not one to wait for. */
const MAX_EARLY = 65_536;

/** What a decoder shares with its choices. */
export interface StreamIds {
  /** A new id of a part. */
  next(): string;
  /** The provider's id of the reply. */
  replyId: string;
  calls: number;
}

export class CallDecoder {
  readonly #open: OpenCall[] = [];
  readonly #ids: StreamIds;
  readonly #choice: number;
  #seen = false;

  constructor(ids: StreamIds, choice: number) {
    this.#ids = ids;
    this.#choice = choice;
  }

  /** Was any tool called in this choice? */
  get seen(): boolean {
    return this.#seen;
  }

  /** Are the arguments of all calls there? */
  get whole(): boolean {
    return this.#open.every(isWhole);
  }

  push(deltas: unknown, out: ChatEvent[]): void {
    for (const delta of listOf(deltas)) if (isRecord(delta)) this.#delta(delta, out);
  }

  /** The deprecated `function_call`. */
  pushLegacy(delta: Json, out: ChatEvent[]): void {
    this.#delta({ function: delta, index: 0 }, out);
  }

  /** @param cutting the reply ended by its own limit: a call that is not whole by then never will be */
  close(out: ChatEvent[], cutting: boolean): void {
    const last = this.#open.at(-1);
    for (const call of this.#open) {
      // One that has no arguments is cut only where the model said nothing behind it.
      const cut = cutting && !isWhole(call) && (call.begun || call === last);
      if (!cut || call.event !== undefined) this.#end(call, out, cut);
    }
    this.#open.length = 0;
  }

  #delta(delta: Json, out: ChatEvent[]): void {
    const custom = record(delta.custom);
    const body = custom ?? record(delta.function) ?? {};
    const name = textOf(body.name);
    const call =
      this.#find(delta, name) ?? this.#begin(delta, custom === undefined ? "function" : "custom", out);
    const signature = signatureFromExtra(delta.extra_content);
    if (signature !== undefined) call.signature = signature;
    const piece = argumentsText(custom === undefined ? body.arguments : body.input);
    if (call.event === undefined) {
      if (name !== undefined || call.early.length + piece.length > MAX_EARLY) this.#start(call, name, out);
      else call.early += piece;
      if (call.event === undefined) return;
    }
    if (piece !== "") {
      call.begun = true;
      if (call.kind === "function") call.progress.push(piece);
      out.push({ type: "tool-delta", id: call.event, delta: piece });
    }
  }

  /** The call a fragment belongs to: by id, else by index, else the last one. */
  #find(delta: Json, name: string | undefined): OpenCall | undefined {
    const id = textOf(delta.id);
    const index = count(delta.index);
    if (id !== undefined) {
      const byId = this.#open.find((call) => call.id === id);
      if (byId !== undefined) return byId;
    }
    if (index !== undefined) {
      const byIndex = this.#open.findLast((call) => call.index === index);
      // Some providers send every call with index 0: a new id with a name is a new call.
      if (byIndex === undefined || id === undefined || byIndex.id === undefined) return byIndex;
      return name === undefined ? byIndex : undefined;
    }
    return id === undefined && name === undefined ? this.#open.at(-1) : undefined;
  }

  #begin(delta: Json, kind: OpenCall["kind"], out: ChatEvent[]): OpenCall {
    // What is complete is told at once; only calls still in the middle stay open.
    for (let i = this.#open.length - 1; i >= 0; i--) {
      const call = this.#open[i];
      if (call?.progress.complete) {
        this.#end(call, out);
        this.#open.splice(i, 1);
      }
    }
    const id = textOf(delta.id);
    const index = count(delta.index);
    const signature = id === undefined ? undefined : signatureFromId(id);
    const call: OpenCall = {
      kind,
      ...(signature === undefined ? {} : { signature }),
      early: "",
      progress: new JsonProgress(),
      ...(id === undefined ? {} : { id }),
      ...(index === undefined ? {} : { index }),
    };
    this.#open.push(call);
    return call;
  }

  #start(call: OpenCall, name: string | undefined, out: ChatEvent[]): void {
    this.#seen = true;
    call.event = this.#ids.next();
    out.push({
      type: "tool-start",
      id: call.event,
      callId: call.id ?? madeCallId(this.#ids.replyId, this.#ids.calls),
      name: name ?? "unknown",
      kind: call.kind,
      ...(this.#choice === 0 ? {} : { choice: this.#choice }),
    });
    this.#ids.calls++;
    if (call.early !== "") {
      call.begun = true;
      call.progress.push(call.early);
      out.push({ type: "tool-delta", id: call.event, delta: call.early });
      call.early = "";
    }
  }

  #end(call: OpenCall, out: ChatEvent[], cut = false): void {
    if (call.event === undefined) this.#start(call, undefined, out);
    if (call.event !== undefined) {
      out.push({
        type: "tool-end",
        id: call.event,
        ...(call.signature === undefined ? {} : { signature: call.signature }),
        ...(cut ? { cut } : {}),
      });
    }
  }
}

/** Free text does not show where it ends. */
function isWhole({ kind, progress }: OpenCall): boolean {
  return kind === "function" && progress.complete;
}
