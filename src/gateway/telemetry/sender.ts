/**
 * Spans on their way to the receiver: in bounded batches, one after the other, tried again within bounds. A receiver that
 * is slow, refuses or is not there costs no request, and no more memory than `MOST_WAITING` spans and `MOST_BYTES` of
 * what was said.
 */
import type { foreignText } from "../common/log.ts";
import type { Clock, Log, Random, Timer } from "../common/ports.ts";
import type { sleep, within } from "../common/sleep.ts";
import { encodeSpans } from "./otlp.ts";
import { type Posted, post, type Target } from "./post.ts";
import type { Attributes, Span } from "./span.ts";

/** Spans of a batch. */
export const MOST_IN_BATCH = 512;
/** Spans that wait at most; further ones are dropped. */
export const MOST_WAITING = 2048;
/** Of what was said, in all spans that wait; what is beyond is left out of its span. Unit: characters. */
export const MOST_BYTES = 8 * 1024 * 1024;
/** The same in one batch: receivers take so and so much at once. */
export const MOST_BYTES_IN_BATCH = 2 * 1024 * 1024;
/** Milliseconds that a span waits for others. */
export const BATCH_MS = 5000;
/** Milliseconds before each further try of a batch; half a minute in all. */
export const AGAIN_AFTER_MS = [1000, 2000, 4000, 8000, 16_000] as const;
/** Milliseconds that a receiver may ask us to wait. */
export const MOST_WAIT_MS = 60_000;

/** Since the start, whatever receivers there were. */
export interface SpanCounts {
  sent: number;
  dropped: number;
}

export interface SenderOptions {
  readonly target: Target;
  /** Attributes of all spans. */
  readonly resource: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Pick<Log, "info" | "warn">;
  readonly counts: SpanCounts;
  /** Given in, as in `SpanSources`. */
  readonly given: {
    readonly sleep: typeof sleep;
    readonly within: typeof within;
    readonly foreignText: typeof foreignText;
  };
}

/** Attributes that hold what was said. */
const CONTENT = ["gen_ai.input.messages", "gen_ai.output.messages"] as const;

function contentSize({ attributes }: Span): number {
  return CONTENT.reduce((sum, name) => sum + String(attributes[name] ?? "").length, 0);
}

function withoutContent(span: Span): Span {
  const attributes: Attributes = { ...span.attributes, "portico.content.cut": true };
  for (const name of CONTENT) delete attributes[name];
  return { ...span, attributes };
}

export class SpanSender {
  readonly #options: SenderOptions;
  #waiting: Span[] = [];
  #bytes = 0;
  #timer: Timer | undefined;
  #sending: Promise<void> | undefined;
  /** All is sent at once, without a second try. */
  #hurries = false;
  #wake = new AbortController();
  #giveUp = new AbortController();
  /** What was complained of, each once until a batch is taken. */
  readonly #said = new Set<string>();

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** Never throws, and keeps nobody waiting. */
  add(spans: readonly Span[]): void {
    const { clock, counts } = this.#options;
    for (const span of spans) {
      if (this.#waiting.length >= MOST_WAITING) {
        counts.dropped++;
        this.#say("spans are dropped: too many wait for the receiver of traces");
        continue;
      }
      const size = contentSize(span);
      const fits = this.#bytes + size <= MOST_BYTES;
      this.#waiting.push(fits ? span : withoutContent(span));
      if (fits) this.#bytes += size;
    }
    if (this.#isFull()) this.#send();
    else if (this.#waiting.length > 0) {
      this.#timer ??= clock.setTimeout(() => this.#send(), BATCH_MS);
    }
  }

  /** Sends all that waits, and gives up what is not taken in time. */
  async flush(withinMs: number): Promise<void> {
    const { clock, given } = this.#options;
    this.#hurries = true;
    this.#wake.abort();
    this.#send();
    await given.within(withinMs, clock, this.#sending ?? Promise.resolve());
    this.#giveUp.abort();
    await this.#sending;
    this.#giveUp = new AbortController();
    this.#wake = new AbortController();
    this.#hurries = false;
  }

  #send(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#waiting.length === 0) return;
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
      // What came meanwhile waits for others.
      this.add([]);
    });
  }

  async #sendAll(): Promise<void> {
    do {
      const batch = this.#nextBatch();
      if (this.#giveUp.signal.aborted) this.#options.counts.dropped += batch.length;
      else await this.#untilTaken(batch);
    } while (this.#isFull() || (this.#hurries && this.#waiting.length > 0));
  }

  /** A batch waits for no others. */
  #isFull(): boolean {
    return this.#waiting.length >= MOST_IN_BATCH || this.#bytes >= MOST_BYTES_IN_BATCH;
  }

  #nextBatch(): Span[] {
    let count = 0;
    let bytes = 0;
    for (const span of this.#waiting) {
      const size = contentSize(span);
      if (count === MOST_IN_BATCH || (count > 0 && bytes + size > MOST_BYTES_IN_BATCH)) break;
      bytes += size;
      count++;
    }
    this.#bytes -= bytes;
    const batch = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    return batch;
  }

  async #untilTaken(batch: readonly Span[]): Promise<void> {
    const { target, resource, clock, counts, given } = this.#options;
    let bytes: Uint8Array;
    try {
      bytes = encodeSpans(batch, resource);
    } catch (error) {
      counts.dropped += batch.length;
      this.#say("spans could not be written", String(error), batch.length);
      return;
    }
    for (let tries = 0; ; tries++) {
      const posted = await post(bytes, target, this.#giveUp.signal, clock.now);
      const pause = posted.kind === "later" ? this.#pauseAfter(posted, tries) : undefined;
      if (pause !== undefined) {
        await given.sleep(pause, clock, this.#wake.signal);
        continue;
      }
      const rejected = posted.kind === "taken" ? Math.min(batch.length, posted.rejected) : batch.length;
      counts.dropped += rejected;
      counts.sent += batch.length - rejected;
      if (posted.kind === "taken" && rejected === 0) this.#taken();
      else
        this.#say("spans were not taken by the receiver of traces", given.foreignText(posted.why), rejected);
      return;
    }
  }

  /** Milliseconds; `undefined`: it is not tried again. */
  #pauseAfter({ afterMs = 0 }: Extract<Posted, { kind: "later" }>, tries: number): number | undefined {
    const own = AGAIN_AFTER_MS[tries];
    if (own === undefined || this.#hurries) return undefined;
    const spread = own * (0.75 + this.#options.random() / 2);
    return Math.min(MOST_WAIT_MS, Math.max(spread, afterMs));
  }

  #taken(): void {
    if (this.#said.size === 0) return;
    this.#said.clear();
    this.#options.log.info("the receiver of traces takes them again");
  }

  #say(message: string, why?: string, spans?: number): void {
    const key = `${message} ${why ?? ""}`;
    if (this.#said.has(key) || this.#said.size > 20) return;
    this.#said.add(key);
    this.#options.log.warn(message, { why, spans });
  }
}
