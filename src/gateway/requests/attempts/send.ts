/** Sends a request and tells a reply from a failure; used by passthrough, translation and by our own endpoints. */

import { destination } from "../../common/redirect.ts";
import type { Candidate } from "../../routing/candidate.ts";
import { type Exchange, exchange, type Outgoing } from "../../upstream/exchange.ts";
import { collectStart } from "../../upstream/flow.ts";
import { inflated } from "../../upstream/inflate.ts";
import { ERROR_BYTES, type Failed, upstreamFailure } from "../../upstream/relay/result.ts";
import type { GatewayContext } from "../context.ts";
import { withoutCredential } from "./redactCredential.ts";

export type Sent = { kind: "sent"; exchange: Exchange } | Failed;

export interface SendOptions {
  /** On a new connection. */
  readonly fresh: boolean;
  readonly signal: AbortSignal;
}

/** `sent` for a 2xx reply, whose body is still to come, in plain text. */
export async function send(
  outgoing: Outgoing,
  candidate: Candidate,
  { fresh, signal }: SendOptions,
  context: GatewayContext,
): Promise<Sent> {
  const { account } = candidate;
  const { headersTimeoutMs, idleTimeoutMs } = context.settings().upstream;
  let received: Exchange;
  try {
    const dispatcher = context.agents.for(outgoing.url, account.proxy, fresh);
    received = await exchange(outgoing, { dispatcher, headersTimeoutMs, idleTimeoutMs, signal });
  } catch (error) {
    return {
      kind: "failed",
      cause: { kind: "network", error: error instanceof Error ? error : new Error(String(error)) },
    };
  }
  context.pool.observe(candidate, received.headers);
  const plain = inflated(received, isTextual(received));
  if (plain.status >= 200 && plain.status < 300) {
    if (!isPage(plain)) return { kind: "sent", exchange: plain };
    plain.flow.abort();
    return upstreamFailure(
      `${outgoing.url.host} answered with a web page. Check the account's base URL, and whether this network wants a sign-in`,
    );
  }
  const to = plain.status < 400 ? destination(plain.headers.location, outgoing.url.href) : undefined;
  if (to !== undefined) {
    plain.flow.abort();
    const from = outgoing.url.host;
    return withoutCredential(
      { kind: "failed", cause: { kind: "redirect", status: plain.status, from, to } },
      outgoing.key,
    );
  }
  const body = await collectStart(plain.flow, ERROR_BYTES);
  const { status, headers } = plain;
  return withoutCredential({ kind: "failed", cause: { kind: "reply", status, headers, body } }, outgoing.key);
}

/** What a wrong base URL or the sign-in page of a network answers; no provider's reply is one. */
const isPage = ({ headers }: Exchange): boolean => /^text\/html\b/i.test(headers["content-type"] ?? "");

function isTextual({ headers }: Exchange): boolean {
  return /^(?:text\/|application\/(?:json|x-ndjson|problem\+json))/i.test(
    headers["content-type"] ?? "application/json",
  );
}
