/** Ids of tool calls, each once in a conversation. */
import { wireId } from "../callId.ts";

/**
 * The ids of one conversation. Providers that count their calls anew each turn (`call_0`) repeat
 * ids; Anthropic wants each once, so a repeated one gets a number, and results mean the latest call.
 */
export class CallIds {
  readonly #latest = new Map<string, string>();
  readonly #used = new Set<string>();

  /** The id for a new call. */
  call(id: string): string {
    const base = wireId(id);
    let wire = base;
    for (let n = 2; this.#used.has(wire); n++) wire = `${base}_${n}`;
    this.#used.add(wire);
    this.#latest.set(id, wire);
    return wire;
  }

  /** The id for the result of a call. */
  result(id: string): string {
    return this.#latest.get(id) ?? wireId(id);
  }
}
