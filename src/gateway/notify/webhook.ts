/**
 * Notices to an address of the person's own: one `POST` each with JSON, signed, one after the other. Whoever does not
 * take one is tried again for some minutes; more than a few wait for nobody.
 */

import { createHmac } from "node:crypto";
import type { Dispatcher } from "undici";
import { messageOf } from "../common/errors.ts";
import type { Clock, Log } from "../common/ports.ts";
import { sleep } from "../common/sleep.ts";
import { exchange } from "../upstream/exchange.ts";
import { collectStart } from "../upstream/flow.ts";

/** Notices that wait at most; the oldest go first. */
export const MOST_WAITING = 100;
/** Milliseconds before each further try; about 13 minutes in all. */
export const AGAIN_AFTER_MS = [1000, 5000, 30_000, 150_000, 600_000] as const;
/** Milliseconds for one try. */
const DEADLINE_MS = 10_000;
/** Of a reply, which nobody reads. */
const MAX_REPLY_BYTES = 64 * 1024;

export const SIGNATURE_HEADER = "x-portico-signature";

export interface WebhookOptions {
  readonly url: string;
  readonly secret: string;
  readonly clock: Clock;
  readonly log: Pick<Log, "debug" | "warn">;
  /** Proxy and certificates as for any other request. */
  dispatcher(url: URL): Dispatcher;
}

/** @returns `t=SECONDS,v1=HEX`: HMAC-SHA256 of `SECONDS.BODY`, so that an old notice cannot be sent as a new one */
export function signed(secret: string, seconds: number, body: string): string {
  return `t=${seconds},v1=${createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex")}`;
}

export class Webhook {
  readonly #options: WebhookOptions;
  readonly #closed = new AbortController();
  #waiting: object[] = [];
  /** The one that is under way. */
  #sending: object | undefined;

  constructor(options: WebhookOptions) {
    this.#options = options;
  }

  /** Never throws, and keeps nobody waiting. @param notice plain data */
  send(notice: object): void {
    if (this.#closed.signal.aborted) return;
    this.#waiting.push(notice);
    if (this.#waiting.length > MOST_WAITING) {
      this.#waiting = this.#waiting.slice(-MOST_WAITING);
      this.#options.log.warn("a notice was given up: too many wait for the webhook");
    }
    if (this.#sending === undefined) void this.#sendAll();
  }

  /** @returns what nobody has taken yet; the first may have been, without our knowing */
  close(): readonly object[] {
    if (this.#closed.signal.aborted) return [];
    this.#closed.abort();
    const left = this.#sending === undefined ? this.#waiting : [this.#sending, ...this.#waiting];
    this.#waiting = [];
    return left;
  }

  async #sendAll(): Promise<void> {
    for (;;) {
      this.#sending = this.#waiting.shift();
      if (this.#sending === undefined) return;
      await this.#untilTaken(JSON.stringify(this.#sending));
    }
  }

  async #untilTaken(body: string): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#closed;
    for (let tries = 1; !signal.aborted; tries++) {
      const refused = await this.#try(body);
      if (refused === undefined || signal.aborted) return;
      const again = refused.forGood ? undefined : AGAIN_AFTER_MS[tries - 1];
      if (again === undefined) {
        log.warn("a notice was given up: the webhook did not take it", { why: refused.why, tries });
        return;
      }
      log.debug("the webhook did not take a notice yet", { why: refused.why, tries });
      await sleep(again, clock, signal);
    }
  }

  /** @returns `undefined`: taken */
  async #try(body: string): Promise<{ why: string; forGood: boolean } | undefined> {
    const { url, secret, clock, dispatcher } = this.#options;
    try {
      // A redirect is not followed: what is signed goes where the person said, and nowhere else.
      const outgoing = {
        url: new URL(url),
        method: "POST" as const,
        headers: [
          ...["content-type", "application/json", "user-agent", "portico"],
          ...[SIGNATURE_HEADER, signed(secret, Math.floor(clock.now() / 1000), body)],
        ],
        body: Buffer.from(body),
        key: undefined,
      };
      const { status, flow } = await exchange(outgoing, {
        dispatcher: dispatcher(outgoing.url),
        headersTimeoutMs: DEADLINE_MS,
        idleTimeoutMs: DEADLINE_MS,
        signal: AbortSignal.any([this.#closed.signal, AbortSignal.timeout(DEADLINE_MS)]),
      });
      await collectStart(flow, MAX_REPLY_BYTES);
      if (status >= 200 && status < 300) return undefined;
      const later = status >= 500 || [408, 425, 429].includes(status);
      return { why: `it answered ${status}`, forGood: !later };
    } catch (error) {
      return { why: messageOf(error), forGood: false };
    }
  }
}
