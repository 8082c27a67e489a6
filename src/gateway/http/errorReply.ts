/** An error as the client's protocol has it. Everything that is not a reply ends here. */
import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { asPorticoError, type PorticoError } from "../errors.ts";
import type { Framing } from "../protocols/codec.ts";
import { CODECS } from "../protocols/codecs.ts";
import type { Protocol } from "../protocols/protocol.ts";
import { UpstreamReply } from "../upstream/finalAnswer.ts";
import { clientHeaders } from "../upstream/headers.ts";

/** The protocol whose errors a client most likely reads, where its path does not tell. */
export function protocolOfHeaders(headers: IncomingHttpHeaders): Protocol {
  if (headers["anthropic-version"] !== undefined || headers["anthropic-beta"] !== undefined)
    return "anthropic";
  if (headers["x-goog-api-key"] !== undefined || headers["x-goog-api-client"] !== undefined) return "gemini";
  return "openai-chat";
}

/** Ends the reply with `thrown`; as an event where the stream has begun. */
export function sendError(
  res: ServerResponse,
  thrown: unknown,
  protocol: Protocol,
  requestId: string,
  framing: Framing = "sse",
): PorticoError {
  const error = asPorticoError(thrown);
  if (res.destroyed || res.writableEnded) return error;
  const codec = CODECS[protocol];
  if (res.headersSent) {
    const type = String(res.getHeader("content-type") ?? "");
    const streams = type.startsWith("text/event-stream") || framing === "json-array";
    if (streams) res.end(codec.encodeStreamError(error, requestId, framing));
    else res.destroy();
    return error;
  }
  if (error instanceof UpstreamReply && error.candidate.protocol === protocol && error.body.length > 0) {
    sendUpstreamReply(res, error);
    return error;
  }
  const reply = codec.encodeError(error, requestId);
  const body = JSON.stringify(reply.body);
  for (const [name, value] of Object.entries(reply.headers)) res.setHeader(name, value);
  res.writeHead(reply.status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": String(Buffer.byteLength(body)),
  });
  res.end(body);
  return error;
}

/** The provider's own words, untouched; a 200 that was an error gets the status it should have had. */
function sendUpstreamReply(res: ServerResponse, error: UpstreamReply): void {
  for (const [name, value] of Object.entries(clientHeaders(error.headers))) {
    if (value !== undefined && !res.hasHeader(name)) res.setHeader(name, value);
  }
  res.removeHeader("content-encoding");
  if (error.retryable === false) res.setHeader("x-should-retry", "false");
  const type = String(error.headers["content-type"] ?? "");
  res.writeHead(error.status, {
    "content-type":
      type === "" || type.startsWith("text/event-stream") ? "application/json; charset=utf-8" : type,
    "content-length": String(error.body.length),
  });
  res.end(error.body);
}
