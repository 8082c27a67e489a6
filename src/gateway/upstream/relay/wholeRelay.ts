/** A reply passed through that does not stream. */

import { jsonOrText } from "../../common/json.ts";
import { WIRES } from "../../protocols/wires.ts";
import type { Exchange } from "../exchange.ts";
import type { Sink } from "../flow.ts";
import { clientHeaders } from "../headers.ts";
import { bytesCleaner, PiecesCleaner } from "../shownSecrets.ts";
import { isBareError, isEmbeddedError, mayHoldError, missingAnswer } from "./embeddedError.ts";
import type { EncryptedScan } from "./encryptedScan.ts";
import { isJsonType, looksLikeJson } from "./jsonLook.ts";
import { scanOf, summary } from "./relay.ts";
import { type AttemptResult, endedEarly, HOLD_BYTES, type RelayContext, upstreamFailure } from "./result.ts";
import { Tap } from "./tap.ts";
import { BodyWatch } from "./wholeBody.ts";

/** Bytes of a whole reply that may be an error; a longer one is an answer. */
const ERROR_OBJECT_BYTES = 16 * 1024;

/** A reply that does not stream: held until it is whole or too large to hold. */
export class WholeRelay implements Sink {
  readonly #exchange: Exchange;
  readonly #context: RelayContext;
  readonly #resolve: (result: AttemptResult) => void;
  readonly #tap: Tap;
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
    this.#tap = new Tap(WIRES[context.codec.protocol].usage);
    this.#resolve = resolve;
    this.#scan = scanOf(context);
  }

  data(chunk: Buffer): void {
    this.#context.reply.heard();
    this.#tap.push(chunk);
    this.#watch.push(chunk);
    this.#scan?.push(chunk);
    if (this.#open) {
      this.#write(chunk);
      return;
    }
    this.#held.push(chunk);
    this.#size += chunk.length;
    if (this.#size <= HOLD_BYTES) return;
    this.#open = true;
    this.#context.onContent?.();
    this.#context.beat?.stop();
    this.#context.reply.head(this.#exchange.status, clientHeaders(this.#exchange.headers));
    for (const held of this.#held) this.#write(held);
    this.#held = [];
  }

  #write(piece: Buffer): void {
    this.#pieces ??= new PiecesCleaner(this.#context.key);
    const clean = this.#pieces.push(piece);
    if (clean.length > 0 && !this.#context.reply.write(clean)) this.#exchange.flow.pause();
  }

  end(): void {
    const { reply, beat } = this.#context;
    // An empty body is told from a cut one below.
    const cut = this.#size > 0 && this.#watch.isCut(this.#tap.tail());
    if (cut && (this.#open || !this.#exchange.delimited)) {
      this.error(endedEarly());
      return;
    }
    if (this.#open) reply.end(this.#pieces?.rest());
    else {
      const body =
        this.#held.length === 1 && this.#held[0] !== undefined ? this.#held[0] : Buffer.concat(this.#held);
      const refusal = body.length > ERROR_OBJECT_BYTES ? undefined : this.#refusalIn(body);
      if (refusal !== undefined) {
        this.#resolve(refusal);
        return;
      }
      const { status } = this.#exchange;
      if (status === 200 && isJsonType(this.#exchange.headers) && !looksLikeJson(body)) {
        const what = body.length === 0 ? "an empty reply" : "a reply that is not JSON";
        this.#resolve(upstreamFailure(`the provider sent ${what}`));
        return;
      }
      beat?.stop();
      const clean = bytesCleaner(this.#context.key)(body);
      const { "content-length": _length, ...headers } = clientHeaders(this.#exchange.headers);
      // RFC 9110 8.6: a 204 has no length.
      reply.head(status, status === 204 ? headers : { ...headers, "content-length": String(clean.length) });
      reply.end(clean);
    }
    this.#resolve(this.#summary());
  }

  /** Some answer 200 with nothing but an error, or without any answer. */
  #refusalIn(body: Buffer): AttemptResult | undefined {
    const { codec, operation } = this.#context;
    const text = body.toString("utf8");
    if (!mayHoldError(text) && !/"(?:choices|candidates|content|output)"\s*:\s*(?:null|\[\s*\])/.test(text)) {
      return undefined;
    }
    const value = jsonOrText(body);
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

  #summary() {
    const known = summary(this.#tap, this.#exchange, this.#context);
    if (known.usage !== undefined) return known;
    const held = this.#open ? Buffer.from(this.#tap.tail()) : Buffer.concat(this.#held);
    return { ...known, sample: { kind: "body" as const, held, bytes: this.#tap.bytes } };
  }
}
