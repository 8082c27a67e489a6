/** Function calls of one candidate's stream: whole ones, and those whose arguments come in pieces. */
import { fieldsOf, isRecord } from "../../../common/json.ts";
import type { ChatEvent, Signature } from "../../chat.ts";
import { fieldOf, type Json, listOf, textOf } from "../values.ts";
import { ArgsWriter } from "./argsWriter.ts";

interface OpenCall {
  id: string;
  wireId: string | undefined;
  writer: ArgsWriter;
  signature: Signature | undefined;
}

export class CallStream {
  /** Whether there was a call at all. */
  called = false;
  readonly #open: OpenCall[] = [];
  readonly #choice: { choice?: number };
  readonly #partId: () => string;
  readonly #callId: () => string;

  constructor(choice: { choice?: number }, partId: () => string, callId: () => string) {
    this.#choice = choice;
    this.#partId = partId;
    this.#callId = callId;
  }

  /** Is it in the midst of a call? */
  get isOpen(): boolean {
    return this.#open.length > 0;
  }

  /** @throws OutOfOrder */
  push(call: Json, signature: Signature | undefined, out: ChatEvent[]): void {
    const wireId = textOf(call.id) || undefined;
    const name = textOf(call.name);
    const more = fieldOf(call, "willContinue") === true;
    let open = this.#find(wireId, name);
    if (open === undefined) {
      // A continuation of nothing, e.g. a second terminator.
      if (name === undefined || name === "") return;
      // Without ids a new name is a new call, so the one before is over.
      if (wireId === undefined) for (const before of this.#open.splice(0)) close(before, out);
      open = { id: this.#partId(), wireId, writer: new ArgsWriter(), signature };
      this.called = true;
      const callId = wireId ?? this.#callId();
      const start = { id: open.id, callId, name, kind: "function" as const, ...this.#choice };
      out.push({ type: "tool-start", ...start, ...(signature === undefined ? {} : { signature }) });
      const whole = isRecord(call.args) ? call.args : undefined;
      if (!more && call.partialArgs === undefined && call.partial_args === undefined) {
        out.push({ type: "tool-delta", id: open.id, delta: JSON.stringify(whole ?? {}) });
        out.push({ type: "tool-end", id: open.id, ...(signature === undefined ? {} : { signature }) });
        return;
      }
      this.#open.push(open);
    }
    open.signature ??= signature;
    this.#args(open, call, out);
    if (more) return;
    this.#open.splice(this.#open.indexOf(open), 1);
    close(open, out);
  }

  #find(wireId: string | undefined, name: string | undefined): OpenCall | undefined {
    if (wireId !== undefined) return this.#open.find((call) => call.wireId === wireId);
    return name === undefined || name === "" ? this.#open.at(-1) : undefined;
  }

  #args(open: OpenCall, call: Json, out: ChatEvent[]): void {
    let delta = "";
    if (isRecord(call.args))
      for (const [name, value] of Object.entries(call.args)) delta += open.writer.member(name, value);
    for (const arg of listOf(fieldOf(call, "partialArgs"))) delta += open.writer.push(fieldsOf(arg));
    if (delta !== "") out.push({ type: "tool-delta", id: open.id, delta });
  }

  /**
   * The candidate is done: what is open gets its end.
   * @param cutting by a limit of its own: what is open will never be whole
   */
  finish(out: ChatEvent[], cutting: boolean): void {
    for (const call of this.#open.splice(0)) {
      if (cutting) out.push({ type: "tool-end", id: call.id, cut: true });
      else close(call, out);
    }
  }
}

function close(call: OpenCall, out: ChatEvent[]): void {
  out.push({ type: "tool-delta", id: call.id, delta: call.writer.end() });
  out.push({
    type: "tool-end",
    id: call.id,
    ...(call.signature === undefined ? {} : { signature: call.signature }),
  });
}
