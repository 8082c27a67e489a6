/** A reply passed through that does not stream. */

import { parseJson } from "../../common/json.ts";
import { WIRES } from "../../protocols/wires.ts";
import type { Exchange } from "../exchange.ts";
import type { Sink } from "../flow.ts";
import { clientHeaders } from "../headers.ts";
import { bytesCleaner, PiecesCleaner } from "../shownSecrets.ts";
import { isBareError, isEmbeddedError, missingAnswer } from "./embeddedError.ts";
import type { EncryptedScan } from "./encryptedScan.ts";
import { isJsonType, looksLikeJson } from "./jsonLook.ts";
import { scanOf, summary, type Told } from "./relay.ts";
import { type AttemptResult, endedEarly, HOLD_BYTES, type RelayContext, upstreamFailure } from "./result.ts";
import { HEAD, TAIL, Tap } from "./tap.ts";
import { usageAt } from "./usageAt.ts";
import { BodyWatch } from "./wholeBody.ts";

/** Bytes of a whole reply that may be an error; a longer one is an answer. */
const ERROR_OBJECT_BYTES = 16 * 1024;
/** Characters of a reply that is parsed to read its usage. */
const PARSED = 64 * 1024;

/** A reply that does not stream: held until it is whole or too large to hold. */
export class WholeRelay implements Sink {
  readonly #exchange: Exchange;
  readonly #context: RelayContext;
  readonly #resolve: (result: AttemptResult) => void;
  /** Of a reply that goes out in pieces. */
  #tap: Tap | undefined;
  readonly #scan: EncryptedScan | undefined;
  /** Of a reply that goes out in pieces. */
  #pieces: PiecesCleaner | undefined;
  readonly #watch: BodyWatch;
  #held: Buffer[] = [];
  #size = 0;
  #open = false;

  constructor(exchange: Exchange, context: RelayContext, resolve: (result: AttemptResult) => void) {
    this.#exchange = exchange;
    this.#watch = new BodyWatch(exchange);
    this.#context = context;
    this.#resolve = resolve;
    this.#scan = scanOf(context);
  }

  data(chunk: Buffer): void {
    this.#context.reply.heard();
    this.#size += chunk.length;
    if (this.#open) {
      this.#look(chunk);
      this.#write(chunk);
      return;
    }
    this.#held.push(chunk);
    if (this.#size <= HOLD_BYTES) return;
    this.#open = true;
    this.#context.onContent?.();
    this.#context.beat?.stop();
    this.#context.reply.head(this.#exchange.status, clientHeaders(this.#exchange.headers));
    for (const held of this.#held) {
      this.#look(held);
      this.#write(held);
    }
    this.#held = [];
  }

  #look(piece: Buffer): void {
    this.#tapped().push(piece);
    this.#watch.push(piece);
    this.#scan?.push(piece);
  }

  #tapped(): Tap {
    this.#tap ??= new Tap(WIRES[this.#context.codec.protocol].usage);
    return this.#tap;
  }

  #write(piece: Buffer): void {
    this.#pieces ??= new PiecesCleaner(this.#context.key);
    const clean = this.#pieces.push(piece);
    if (clean.length > 0 && !this.#context.reply.write(clean)) this.#exchange.flow.pause();
  }

  end(): void {
    if (!this.#open) {
      this.#endWhole();
      return;
    }
    if (this.#watch.isCut(this.#tapped().tail())) {
      this.error(endedEarly());
      return;
    }
    this.#context.reply.end(this.#pieces?.rest());
    this.#resolve(this.#summary());
  }

  #endWhole(): void {
    const { reply, beat } = this.#context;
    const { status, headers: received, delimited } = this.#exchange;
    const [only] = this.#held;
    const body = this.#held.length === 1 && only !== undefined ? only : Buffer.concat(this.#held);
    this.#held = [body];
    this.#watch.push(body);
    const text = body.toString("utf8");
    // An empty body is told from a cut one below.
    if (body.length > 0 && !delimited && this.#watch.isCut(text.slice(-TAIL))) {
      this.error(endedEarly());
      return;
    }
    // Parsed once: an error in it and its usage are read from the same value.
    const value = body.length > ERROR_OBJECT_BYTES ? undefined : parseJson(text);
    const refusal = this.#refusalIn(body, value);
    if (refusal !== undefined) {
      this.#resolve(refusal);
      return;
    }
    const isJson = (typeof value === "object" && value !== null) || looksLikeJson(body);
    if (status === 200 && !isJson && isJsonType(received)) {
      const what = body.length === 0 ? "an empty reply" : "a reply that is not JSON";
      this.#resolve(upstreamFailure(`the provider sent ${what}`));
      return;
    }
    beat?.stop();
    const clean = bytesCleaner(this.#context.key)(body);
    const headers = clientHeaders(received);
    // RFC 9110 8.6: a 204 has no length.
    if (status === 204) delete headers["content-length"];
    else headers["content-length"] = String(clean.length);
    reply.head(status, headers);
    reply.end(clean);
    this.#scan?.push(body);
    this.#resolve(this.#summary(text, value));
  }

  /** Some answer 200 with nothing but an error, or without any answer. */
  #refusalIn(body: Buffer, value: unknown): AttemptResult | undefined {
    const { codec, operation } = this.#context;
    const lookup = operation === "extra" || operation === "compact" || operation === "response-object";
    if (lookup ? isBareError(value) : isEmbeddedError(value, true)) {
      const { status, headers } = this.#exchange;
      return { kind: "failed", cause: { kind: "reply", status, headers, body } };
    }
    const missing = lookup ? undefined : missingAnswer(value, codec.protocol);
    return missing === undefined ? undefined : upstreamFailure(`the provider's reply has no ${missing}`);
  }

  error(error: Error): void {
    const { reply } = this.#context;
    if (!this.#open) {
      if (reply.signal.aborted && this.#size > 0) this.#resolve({ ...this.#summary(), left: true });
      else this.#resolve({ kind: "failed", cause: { kind: "network", error } });
      return;
    }
    const known = this.#summary();
    const cut = reply.cutBy;
    if (reply.signal.aborted && cut === undefined) {
      this.#resolve({ ...known, left: true });
      return;
    }
    // Half a JSON text cannot be mended; a cut connection says so.
    reply.destroy();
    const message = "The provider's reply broke off. What came so far is incomplete; try again.";
    this.#resolve({
      ...known,
      broken: { kind: cut?.kind ?? "upstream", message: cut?.message ?? message },
      ...(cut === undefined ? { brokenBy: { kind: "network", error } } : {}),
    });
  }

  /** @param text the whole reply @param value it is, where that was parsed */
  #summary(text?: string, value?: unknown) {
    const known = summary(this.#told(text, value), this.#exchange, this.#context);
    if (known.usage !== undefined) return known;
    const held = this.#open ? Buffer.from(this.#tapped().tail()) : Buffer.concat(this.#held);
    return { ...known, sample: { kind: "body" as const, held, bytes: this.#size } };
  }

  /** What is short is parsed at once, which costs less than a look at each byte. */
  #told(text: string | undefined, parsed: unknown): Told {
    const value = parsed ?? (text === undefined || text.length > PARSED ? undefined : parseJson(text));
    const format = WIRES[this.#context.codec.protocol].usage;
    if (text !== undefined && value !== undefined) {
      return {
        usage: usageAt(format, value),
        bytes: this.#size,
        head: () => text.slice(0, HEAD),
        tail: () => text,
      };
    }
    const tap = this.#tapped();
    if (!this.#open) for (const held of this.#held) tap.push(held);
    return tap;
  }
}
