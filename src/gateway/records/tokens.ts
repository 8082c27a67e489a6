/**
 * Counts tokens with the `o200k_base` vocabulary in a worker thread of its own. OpenAI's models use
 * it; for others it comes within some ten percent. The thread starts with the first count, ends
 * when idle, and is replaced when it takes too long.
 */
import { Worker } from "node:worker_threads";
import type { Clock, Timer } from "../common/ports.ts";
import type { CountReply, CountRequest } from "./tokensWorker.ts";

export interface TokenCount {
  readonly tokens: number;
  /** By length alone, because the tokenizer could not be asked in time. */
  readonly rough: boolean;
}

export interface TokenCounterOptions {
  readonly clock: Clock;
  /** Milliseconds for one count, waiting included. */
  readonly timeoutMs?: number;
  /** Counts that wait at most. */
  readonly queue?: number;
  /** Characters that wait at most. */
  readonly characters?: number;
  /** Milliseconds after which an idle thread ends. */
  readonly idleMs?: number;
  readonly start?: () => Worker;
}

interface Waiting {
  readonly texts: readonly string[];
  readonly characters: number;
  readonly timer: Timer;
  readonly resolve: (count: TokenCount) => void;
}

/** UTF-8 bytes per token: four for English and code; other scripts have more bytes and more tokens. */
const BYTES_PER_TOKEN = 4;

/** Tokens by length alone. */
export function roughCount(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN), 0);
}

/** Beside this file in the sources; beside the bundle that this file is part of in a build. */
function startWorker(): Worker {
  const file = import.meta.url.endsWith(".ts") ? "./tokensWorker.ts" : "./tokens.js";
  return new Worker(new URL(file, import.meta.url), {
    name: "portico-tokens",
    // For what is new: without a limit, counting one long conversation takes 30 to 80 MB more and no less time.
    resourceLimits: { maxYoungGenerationSizeMb: 12 },
  });
}

export class TokenCounter {
  readonly #options: Required<TokenCounterOptions>;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #closing = false;
  #idle: Timer | undefined;
  #characters = 0;
  #nextId = 1;

  constructor(options: TokenCounterOptions) {
    this.#options = {
      timeoutMs: 8000,
      queue: 64,
      characters: 64 * 1024 * 1024,
      idleMs: 60_000,
      start: startWorker,
      ...options,
    };
  }

  /** Is the thread up? */
  get running(): boolean {
    return this.#worker !== undefined;
  }

  /** Never rejects. */
  count(texts: readonly string[]): Promise<TokenCount> {
    const { queue, characters: most, clock, timeoutMs } = this.#options;
    const characters = texts.reduce((sum, text) => sum + text.length, 0);
    if (characters === 0) return Promise.resolve({ tokens: 0, rough: false });
    const full = this.#waiting.size >= queue || this.#characters + characters > most;
    if (full || this.#closing) {
      return Promise.resolve({ tokens: roughCount(texts), rough: true });
    }
    return new Promise((resolve) => {
      const id = this.#nextId++;
      const timer = clock.setTimeout(() => this.#giveUp(), timeoutMs);
      this.#waiting.set(id, { texts, characters, timer, resolve });
      this.#characters += characters;
      this.#idle?.cancel();
      this.#idle = undefined;
      const request: CountRequest = { id, texts };
      try {
        this.#start().postMessage(request);
      } catch {
        this.#giveUp();
      }
    });
  }

  /** What still waits is answered by length. */
  async close(): Promise<void> {
    const worker = this.#worker;
    // Those who wait ask again at once, for the rest of what they count.
    this.#closing = true;
    this.#giveUp();
    await worker?.terminate();
    this.#closing = false;
  }

  #start(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = this.#options.start();
    this.#worker = worker;
    // Counting keeps no process alive.
    worker.unref();
    worker.on("message", ({ id, tokens }: CountReply) => this.#settle(id, { tokens, rough: false }));
    worker.on("error", () => this.#gone(worker));
    worker.on("exit", () => this.#gone(worker));
    return worker;
  }

  #gone(worker: Worker): void {
    if (this.#worker === worker) this.#giveUp();
  }

  /** The thread is stuck or lost: all that wait are answered by length, the next count starts anew. */
  #giveUp(): void {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#idle?.cancel();
    this.#idle = undefined;
    for (const [id, { texts }] of [...this.#waiting])
      this.#settle(id, { tokens: roughCount(texts), rough: true });
    void worker?.terminate();
  }

  #settle(id: number, count: TokenCount): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    this.#characters -= waiting.characters;
    waiting.timer.cancel();
    waiting.resolve(count);
    if (this.#waiting.size > 0 || this.#worker === undefined) return;
    this.#idle = this.#options.clock.setTimeout(() => this.#giveUp(), this.#options.idleMs);
  }
}
