/** The way of a batch of spans out: proxy and certificates as for any other request of the gateway's. */
import type { Dispatcher } from "undici";
import { USER_AGENT } from "../common/version.ts";
import { exchange } from "../upstream/exchange.ts";
import { collectStart } from "../upstream/flow.ts";
import type { Answer } from "./post.ts";

/** Of a reply, in which nothing but counts is read. */
const MAX_REPLY_BYTES = 64 * 1024;

export interface Place {
  readonly url: URL;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  /** Milliseconds for all of it. */
  readonly timeoutMs: number;
  dispatcher(url: URL): Dispatcher;
}

/** @throws where there is no answer */
export async function postTo(
  { url, headers, timeoutMs, dispatcher }: Place,
  body: Buffer,
  about: readonly string[],
  signal: AbortSignal,
): Promise<Answer> {
  const received = await exchange(
    {
      url,
      method: "POST",
      headers: [...headers, ...about, "user-agent", USER_AGENT],
      body,
      key: undefined,
    },
    {
      dispatcher: dispatcher(url),
      headersTimeoutMs: timeoutMs,
      idleTimeoutMs: timeoutMs,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    },
  );
  const { "retry-after": retryAfter } = received.headers;
  return { status: received.status, retryAfter, body: await collectStart(received.flow, MAX_REPLY_BYTES) };
}
