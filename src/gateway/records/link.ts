/** The gateway's end of the records' thread: starts it, asks it, starts it anew when it is lost. */
import { Worker } from "node:worker_threads";
import { type Deferred, deferred } from "../common/deferred.ts";
import { PorticoError } from "../common/errors.ts";
import type { Clock, Timer } from "../common/ports.ts";
import { within } from "../common/sleep.ts";
import type { CallName, Calls, FromThread, ThreadData, ToThread } from "./wire.ts";

/** Questions that wait at most. */
const MAX_WAITING = 200;
/** Milliseconds until a lost thread is started anew: first, and at most. */
const RESTART_MS = 500;
const MAX_RESTART_MS = 60_000;
const CALL_TIMEOUT_MS = 30_000;
const CLOSE_TIMEOUT_MS = 5000;

type Message = Exclude<FromThread, { kind: "answer" | "refused" | "closed" }>;

export interface LinkOptions {
  readonly data: () => ThreadData;
  readonly clock: Clock;
  readonly start?: ((data: ThreadData) => Worker) | undefined;
  onMessage(message: Message): void;
  /** @param why for the log */
  onLost(why: string): void;
}

interface Waiting {
  readonly timer: Timer;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: PorticoError) => void;
}

/** Beside this file in the sources; beside the bundle that this file is part of in a build. */
function startWorker(data: ThreadData): Worker {
  const file = import.meta.url.endsWith(".ts") ? "./recordsWorker.ts" : "./records.js";
  return new Worker(new URL(file, import.meta.url), {
    name: "portico-records",
    workerData: data,
    // For what is new: by default as much as a server's thread has.
    resourceLimits: { maxYoungGenerationSizeMb: 6 },
  });
}

export class Link {
  readonly #options: LinkOptions;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #restart: Timer | undefined;
  #lost = 0;
  readonly #closed = deferred();
  #closing = false;
  #nextId = 1;
  #up: Deferred<void>;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#up = awaited();
    this.#start();
  }

  /** @returns whether there is a thread that gets it */
  post(message: ToThread): boolean {
    try {
      this.#worker?.postMessage(message);
      return this.#worker !== undefined;
    } catch {
      return false;
    }
  }

  /** @throws PorticoError `unavailable` where there is no answer; what the thread refused */
  call<Name extends CallName>(name: Name, params: Calls[Name][0]): Promise<Calls[Name][1]> {
    if (this.#waiting.size >= MAX_WAITING) return Promise.reject(unavailable());
    return new Promise<unknown>((resolve, reject) => {
      const id = this.#nextId++;
      if (!this.post({ kind: "call", id, name, params })) {
        reject(unavailable());
        return;
      }
      const timer = this.#options.clock.setTimeout(() => {
        this.#waiting.delete(id);
        reject(unavailable());
      }, CALL_TIMEOUT_MS);
      this.#waiting.set(id, { timer, resolve, reject });
    }) as Promise<Calls[Name][1]>;
  }

  /** Resolves once the thread is up. @throws PorticoError `unavailable` where it is lost before */
  up(): Promise<void> {
    return this.#up.promise;
  }

  /** It works again: the next loss starts it at once. */
  settled(): void {
    this.#lost = 0;
  }

  /** @param withinMs after which a thread that does not end is ended */
  async close(withinMs = CLOSE_TIMEOUT_MS): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    this.#restart?.cancel();
    this.#up.reject(unavailable());
    const worker = this.#worker;
    if (worker === undefined) return;
    if (this.post({ kind: "close" })) await within(withinMs, this.#options.clock, this.#closed.promise);
    this.#worker = undefined;
    this.#refuseAll();
    await worker.terminate();
  }

  #start(): void {
    const { start = startWorker, data } = this.#options;
    let worker: Worker;
    try {
      worker = start(data());
    } catch (error) {
      this.#gone(String(error));
      return;
    }
    this.#worker = worker;
    // Recording keeps no process alive.
    worker.unref();
    let why = "it ended";
    worker.on("message", (message: FromThread) => this.#receive(message));
    worker.on("error", (error: unknown) => {
      why = String(error);
    });
    worker.on("exit", () => {
      if (this.#worker === worker) this.#gone(why);
    });
  }

  #gone(why: string): void {
    this.#worker = undefined;
    this.#up.reject(unavailable());
    this.#up = awaited();
    this.#refuseAll();
    this.#closed.resolve();
    if (this.#closing) return;
    const wait = Math.min(MAX_RESTART_MS, RESTART_MS * 2 ** Math.min(this.#lost, 10));
    this.#lost += 1;
    this.#restart = this.#options.clock.setTimeout(() => this.#start(), wait);
    this.#options.onLost(why);
  }

  #refuseAll(): void {
    for (const { timer, reject } of this.#waiting.values()) {
      timer.cancel();
      reject(unavailable());
    }
    this.#waiting.clear();
  }

  #receive(message: FromThread): void {
    switch (message.kind) {
      case "closed":
        this.#closed.resolve();
        return;
      case "answer":
      case "refused": {
        const waiting = this.#waiting.get(message.id);
        if (waiting === undefined) return;
        this.#waiting.delete(message.id);
        waiting.timer.cancel();
        if (message.kind === "answer") waiting.resolve(message.value);
        else waiting.reject(new PorticoError(message.error, message.message));
        return;
      }
      case "ready":
        this.#options.onMessage(message);
        this.#up.resolve();
        return;
      default:
        this.#options.onMessage(message);
    }
  }
}

/** Nobody may be waiting when it fails. */
function awaited(): Deferred<void> {
  const made = deferred();
  made.promise.catch(() => {});
  return made;
}

const unavailable = (): PorticoError =>
  new PorticoError("unavailable", "The recorded requests cannot be read now. Try again in a moment.");
