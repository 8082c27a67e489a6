/** Ids of tool calls in the alphabet that Anthropic accepts: `^[a-zA-Z0-9_-]+$`. */
import { createHash } from "node:crypto";

const VALID = /^[a-zA-Z0-9_-]{1,128}$/;
const MAX_CLEAN = 64;

/** The id itself where it is valid; else a readable form of it with a digest, always the same one. */
export function wireId(id: string): string {
  if (VALID.test(id)) return id;
  const clean = id.slice(0, MAX_CLEAN).replace(/[^a-zA-Z0-9_-]/g, "_");
  return `${clean || "toolu"}_${createHash("sha256").update(id).digest("hex").slice(0, 8)}`;
}

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
