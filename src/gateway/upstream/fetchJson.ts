/** Small JSON requests of our own to an account: model lists, key checks. */
import type { IncomingHttpHeaders } from "node:http";
import type { Protocol } from "../../control/protocol.ts";
import type { Account } from "../providers/account.ts";
import type { Agents } from "./agents.ts";
import { exchange } from "./exchange.ts";
import { collect } from "./flow.ts";
import { inflated } from "./inflate.ts";
import { providerRequest } from "./providerRequest.ts";
import { withoutShown } from "./shownSecrets.ts";

/** Model lists of aggregators are a few megabytes. */
const LIMIT_BYTES = 32 * 1024 * 1024;
/** Milliseconds for the whole exchange. */
const DEADLINE_MS = 20_000;

export interface JsonReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Parsed, or the text where it is no JSON. */
  readonly body: unknown;
}

/**
 * `GET`, or `POST` with `body` as JSON, behind the base of an account's endpoint, with its key, which
 * is in no part of the reply.
 * @throws PorticoError `unsupported` where the account has no such endpoint; undici errors and
 *   `AbortError` (also when `signal` or the deadline of 20 s ends it)
 */
export async function getJson(
  agents: Agents,
  account: Account,
  path: string,
  protocol: Protocol,
  signal?: AbortSignal,
  body?: unknown,
): Promise<JsonReply> {
  const key = await account.key();
  const outgoing = providerRequest({ account, protocol }, { path, json: body }, key);
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  const received = await exchange(outgoing, {
    dispatcher: agents.for(outgoing.url, account.proxy),
    headersTimeoutMs: DEADLINE_MS,
    idleTimeoutMs: DEADLINE_MS,
    signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
  });
  const { status, headers, flow } = inflated(received, true);
  const text = withoutShown((await collect(flow, LIMIT_BYTES)).toString("utf8"), key);
  try {
    return { status, headers, body: JSON.parse(text) };
  } catch {
    return { status, headers, body: text };
  }
}
