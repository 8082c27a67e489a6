/**
 * What still ends in a process that gave up the lead: its records, and what it found out about accounts,
 * go to whoever leads now. Where nobody does, they wait a while; nobody may write but the leader.
 */

import { ControlError } from "../../control/channel.ts";
import type { Held } from "../accounts/health.ts";
import { messageOf } from "../common/errors.ts";
import { type Leadership, tryLead } from "../common/leaderLock.ts";
import type { Clock, Log } from "../common/ports.ts";
import { readAddress } from "../controlServer/address.ts";
import { type ControlClient, connectControl } from "../controlServer/client.ts";
import { bare, type Handed, sizeBesides, toHandOver } from "../records/handed.ts";

/** Requests that wait at most; further ones are dropped and counted. */
export const MOST_WAITING = 1000;
/** Bytes of recorded bodies and of what conversations need that wait at most; beyond, records go without. */
export const WAITING_BYTES = 16 * 1024 * 1024;
/** Requests in one message, and bytes of it: the control API takes 1 MiB. */
const AT_ONCE = 5;
const MESSAGE_BYTES = 768 * 1024;
/** Milliseconds between two tries, and for each. */
const RETRY_MS = 100;
const CONNECT_MS = 1000;
const CALL_MS = 2000;

export interface HandOverDeps {
  /** Paths of `gateway.json` and `leader.db`. */
  readonly folder: { readonly gateway: string; readonly leader: string };
  readonly clock: Clock;
  readonly log: Pick<Log, "warn" | "debug">;
  /** What was found out about accounts since the lead was given up. */
  readonly held: () => readonly Held[];
  /** Puts them where a leader does; called under the leader's lock, once nobody else has it. */
  readonly keep: (records: readonly Handed[], held: readonly Held[]) => Promise<void>;
}

export class HandOver {
  readonly #deps: HandOverDeps;
  readonly #waiting: Handed[] = [];
  #wake: (() => void) | undefined;
  #client: ControlClient | undefined;
  #sending: Promise<void> | undefined;
  #begun = false;
  #finishing = false;
  #over = false;
  /** For a person: why requests are dropped. */
  #why = "Nobody leads who takes them.";
  #bytes = 0;
  /** Requests that nobody took. */
  dropped = 0;
  /** Requests that go without what was too large. */
  bared = 0;

  constructor(deps: HandOverDeps) {
    this.#deps = deps;
  }

  /** Never throws, never waits. */
  add(handed: Handed): void {
    if (this.#over || this.#waiting.length >= MOST_WAITING) {
      this.dropped++;
      return;
    }
    const size = sizeBesides(handed);
    const fits = this.#bytes + size <= WAITING_BYTES;
    if (!fits) this.bared++;
    this.#waiting.push(fits ? handed : bare(handed));
    if (fits) this.#bytes += size;
    this.#sendOn();
  }

  /** The lock is given up, and nobody is pointed to this process any more: until then, it would offer to itself. */
  begin(): void {
    this.#begun = true;
    this.#sendOn();
  }

  /** Nothing more is added. Resolves when all is handed over, kept, or dropped for want of time. */
  async finish(withinMs: number): Promise<void> {
    const { clock, log } = this.#deps;
    const timer = clock.setTimeout(() => {
      this.#over = true;
      this.#wakeUp();
    }, withinMs);
    this.#finishing = true;
    this.#wakeUp();
    await this.#sending;
    while (this.#waiting.length > 0 && !this.#over) {
      if (!(await this.#offer()) && !(await this.#keepHere())) await this.#pause();
    }
    timer.cancel();
    this.#over = true;
    this.#client?.close();
    this.dropped += this.#waiting.length;
    this.#waiting.length = 0;
    if (this.dropped > 0) log.warn(`${this.dropped} requests were not recorded. ${this.#why}`);
    if (this.bared > 0) {
      log.warn(
        `${this.bared} requests were recorded without their bodies: those were too large to be handed over`,
      );
    }
  }

  #sendOn(): void {
    if (!this.#begun || this.#waiting.length === 0) return;
    this.#sending ??= this.#send().finally(() => {
      this.#sending = undefined;
    });
  }

  /** Until the end, whoever takes over is waited for: looking at the lock would be in its way. */
  async #send(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#finishing) {
      if (!(await this.#offer())) await this.#pause();
    }
  }

  /** @returns whether some of what waits is done with */
  async #offer(): Promise<boolean> {
    const { folder, held, log } = this.#deps;
    // Before somebody is there, nothing is left out.
    let batch: readonly unknown[] = [];
    try {
      if (this.#client === undefined) {
        const address = await readAddress(folder.gateway);
        if (address === undefined) return false;
        this.#client = await connectControl(address, {
          timeoutMs: CONNECT_MS,
          onClose: () => {
            this.#client = undefined;
          },
        });
      }
      batch = this.#batch();
      await this.#client.call(
        "requests.take",
        { records: [...batch], held: [...held()] },
        { timeoutMs: CALL_MS },
      );
      this.#take(batch.length);
      return true;
    } catch (error) {
      log.debug("a finished request could not be handed over yet", { error: String(error) });
      if (error instanceof ControlError && (error.code === "not-found" || error.code === "bad-request")) {
        // One of an older version: it never will.
        this.#take(batch.length);
        this.dropped += batch.length;
        return true;
      }
      return false;
    }
  }

  /** The next ones as they are handed over, in one message. */
  #batch(): unknown[] {
    const batch: unknown[] = [];
    let bytes = 0;
    for (const [at, handed] of this.#waiting.slice(0, AT_ONCE).entries()) {
      let out = toHandOver(handed);
      let size = Buffer.byteLength(JSON.stringify(out));
      if (size > MESSAGE_BYTES) {
        this.bared++;
        this.#bytes -= sizeBesides(handed);
        const without = bare(handed);
        this.#waiting[at] = without;
        out = toHandOver(without);
        size = Buffer.byteLength(JSON.stringify(out));
      }
      if (at > 0 && bytes + size > MESSAGE_BYTES) break;
      bytes += size;
      batch.push(out);
    }
    return batch;
  }

  /** Those are done with. */
  #take(count: number): Handed[] {
    const taken = this.#waiting.splice(0, count);
    for (const handed of taken) this.#bytes -= sizeBesides(handed);
    return taken;
  }

  /** @returns whether it is done: nobody led, so that this process could once more */
  async #keepHere(): Promise<boolean> {
    const lock = this.#lock();
    if (lock === undefined) return false;
    const records = this.#take(this.#waiting.length);
    try {
      await this.#deps.keep(records, this.#deps.held());
    } catch (error) {
      this.dropped += records.length;
      this.#why = messageOf(error);
    } finally {
      lock.release();
    }
    return true;
  }

  #lock(): Leadership | undefined {
    try {
      return tryLead(this.#deps.folder.leader);
    } catch {
      return undefined;
    }
  }

  async #pause(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = this.#deps.clock.setTimeout(resolve, RETRY_MS);
      this.#wake = () => {
        timer.cancel();
        resolve();
      };
    });
    this.#wake = undefined;
  }

  #wakeUp(): void {
    this.#wake?.();
  }
}
