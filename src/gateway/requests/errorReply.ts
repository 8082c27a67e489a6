/** An error as the client's protocol has it. Everything that is not a reply ends here. */

import type { IncomingHttpHeaders } from "node:http";
import { PROTOCOLS, type Protocol } from "../../control/protocol.ts";
import { asPorticoError, PorticoError } from "../common/errors.ts";
import { compact, parseJson } from "../common/json.ts";
import type { Framing } from "../protocols/codec.ts";
import { CODECS } from "../protocols/codecs.ts";
import { streamErrorText } from "../protocols/streamError.ts";
import { WIRES } from "../protocols/wires.ts";
import { clientHeaders } from "../upstream/headers.ts";
import { JSON_TYPE, type ReplyTarget } from "../upstream/relay/clientReply.ts";
import { UpstreamReply } from "./attempts/finalError.ts";

/** The protocol whose clients alone send one of these headers: its errors they most likely read. */
export function protocolOfHeaders(headers: IncomingHttpHeaders): Protocol | undefined {
  return PROTOCOLS.find((protocol) =>
    WIRES[protocol].client.headers.some((name) => headers[name] !== undefined),
  );
}

/** A page of a proxy in between is in nobody's error shape. */
function isJson(body: Buffer): boolean {
  const value = parseJson(body.toString("utf8"));
  return typeof value === "object" && value !== null;
}

/**
 * Ends the reply with `thrown`; as an event where the stream has begun.
 * @param framing of the stream that was asked for
 * @param begun whether anything of it but white space was sent
 * @returns what it was, and how many bytes of a body it made
 */
export function sendError(
  res: ReplyTarget,
  thrown: unknown,
  protocol: Protocol,
  requestId: string,
  framing: Framing = "sse",
  begun = true,
): { readonly error: PorticoError; readonly bytes: number } {
  const error = asPorticoError(thrown);
  if (res.destroyed || res.writableEnded) return { error, bytes: 0 };
  const codec = CODECS[protocol];
  if (res.headersSent) {
    const type = String(res.getHeader("content-type") ?? "");
    const streams = type.startsWith("text/event-stream") || framing === "json-array";
    const text = streams ? streamErrorText(codec, error, requestId, framing, begun) : "";
    if (streams) res.end(text);
    else res.destroy();
    return { error, bytes: Buffer.byteLength(text) };
  }
  if (error instanceof UpstreamReply && error.candidate.protocol === protocol && isJson(error.body)) {
    sendUpstreamReply(res, error);
    return { error, bytes: error.body.length };
  }
  const reply = codec.encodeError(inOtherWords(error, protocol), requestId);
  const body = Buffer.from(JSON.stringify(reply.body));
  for (const [name, value] of Object.entries(reply.headers)) res.setHeader(name, value);
  res.writeHead(reply.status, {
    "content-type": JSON_TYPE,
    "content-length": String(body.length),
  });
  res.end(body);
  return { error, bytes: body.length };
}

/** A provider's status is one of its own protocol (an invalid key is Gemini's 400); elsewhere the class decides. */
function inOtherWords(error: PorticoError, protocol: Protocol): PorticoError {
  if (!(error instanceof UpstreamReply) || error.candidate.protocol === protocol) return error;
  const { kind, message, code, field, retryAfterMs, retryable } = error;
  return new PorticoError(kind, message, compact({ code, field, retryAfterMs, retryable }));
}

/** The provider's own words, untouched; a 200 that was an error gets the status it should have had. */
function sendUpstreamReply(res: ReplyTarget, error: UpstreamReply): void {
  for (const [name, value] of Object.entries(clientHeaders(error.headers))) {
    if (value !== undefined && !res.hasHeader(name)) res.setHeader(name, value);
  }
  res.removeHeader("content-encoding");
  if (error.retryable === false) res.setHeader("x-should-retry", "false");
  else if (
    error.retryAfterMs !== undefined &&
    !res.hasHeader("retry-after-ms") &&
    !res.hasHeader("retry-after")
  ) {
    // It did not say when; the gateway knows when it asks again.
    res.setHeader("retry-after", String(Math.ceil(error.retryAfterMs / 1000)));
  }
  const type = String(error.headers["content-type"] ?? "");
  res.writeHead(error.status, {
    "content-type": type === "" || type.startsWith("text/event-stream") ? JSON_TYPE : type,
    "content-length": String(error.body.length),
  });
  res.end(error.body);
}
