/** `fetch` for the OAuth library over our own agents, so that proxies and certificates apply. */
import { messageOf, PorticoError } from "../../common/errors.ts";
import type { Clock } from "../../common/ports.ts";
import { USER_AGENT } from "../../common/version.ts";
import type { Agents } from "../../upstream/agents.ts";
import { exchange } from "../../upstream/exchange.ts";
import { collect } from "../../upstream/flow.ts";
import { inflated } from "../../upstream/inflate.ts";

/** Bytes of a token reply. */
const LIMIT_BYTES = 256 * 1024;
/** Milliseconds for the whole exchange. */
const DEADLINE_MS = 20_000;

export interface OAuthRequest {
  readonly method: "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Follows no redirect and never sends anything twice: a rotated token must not be asked for again. */
export type OAuthFetch = (url: string, request: OAuthRequest, options?: OAuthFetchCall) => Promise<Response>;

export interface OAuthFetchCall {
  readonly signal?: AbortSignal | undefined;
  /** The account's own; `""`: direct. */
  readonly proxy?: string | undefined;
}

export interface OAuthFetchOptions {
  readonly agents: Pick<Agents, "for">;
  readonly clock: Pick<Clock, "setTimeout">;
  readonly deadlineMs?: number;
}

/** @throws PorticoError `unavailable` or `timeout` where no reply came; the caller's `AbortError` */
export function createOAuthFetch({ agents, clock, deadlineMs = DEADLINE_MS }: OAuthFetchOptions): OAuthFetch {
  return async (address, { method, headers, body }, { signal, proxy } = {}) => {
    const url = new URL(address);
    const deadline = new AbortController();
    const timer = clock.setTimeout(() => deadline.abort(), deadlineMs);
    const either = signal === undefined ? deadline.signal : AbortSignal.any([deadline.signal, signal]);
    try {
      const received = await exchange(
        {
          url,
          method,
          headers: [
            ...Object.entries(headers).flat(),
            "user-agent",
            USER_AGENT,
            "accept-encoding",
            "identity",
          ],
          body: Buffer.from(body),
          key: undefined,
        },
        {
          dispatcher: agents.for(url, proxy, true),
          headersTimeoutMs: deadlineMs,
          idleTimeoutMs: deadlineMs,
          signal: either,
        },
      );
      const { status, headers: got, flow } = inflated(received, true);
      const text = (await collect(flow, LIMIT_BYTES)).toString("utf8");
      // The body says what is wrong; a challenge beside it would hide that from the library.
      return new Response(status === 204 || status === 304 ? null : text, {
        status,
        headers: { "content-type": got["content-type"] ?? "application/json" },
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      if (deadline.signal.aborted) {
        throw new PorticoError("timeout", `${url.host} did not answer within ${deadlineMs / 1000} s.`, {
          cause: error,
        });
      }
      const why = messageOf(error);
      throw new PorticoError("unavailable", `${url.host} could not be reached: ${why}`, { cause: error });
    } finally {
      timer.cancel();
    }
  };
}
