/**
 * Passthrough: the provider speaks the client's protocol, so its bytes go through as they are.
 */
import type { Framing } from "../../protocols/codec.ts";
import type { Exchange } from "../exchange.ts";
import { JsonArrayBoundary, SseBoundary } from "./eventBoundary.ts";
import { EventRelay } from "./eventRelay.ts";
import type { AttemptResult, RelayContext } from "./result.ts";
import { WholeRelay } from "./wholeRelay.ts";

/**
 * Pipes a 2xx reply to the client.
 * @param framing of the stream that the client asked for; absent: it asked for none
 */
export function passthrough(
  exchange: Exchange,
  framing: Framing | undefined,
  context: RelayContext,
): Promise<AttemptResult> {
  return new Promise((resolve) => {
    const type = String(exchange.headers["content-type"] ?? "").toLowerCase();
    const sink = type.startsWith("text/event-stream")
      ? new EventRelay(exchange, context, new SseBoundary(), "sse", resolve)
      : framing === "json-array" && type.startsWith("application/json")
        ? new EventRelay(exchange, context, new JsonArrayBoundary(), "json-array", resolve)
        : new WholeRelay(exchange, context, resolve);
    context.reply.onDrain(() => exchange.flow.resume());
    exchange.flow.attach(sink);
  });
}
