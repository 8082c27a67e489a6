/**
 * Who may call. One pure function for every request and every upgrade; it decides before a byte of
 * the body is read. See "Boundaries" in docs/architecture.md.
 */
import type { IncomingHttpHeaders } from "node:http";
import { type ErrorKind, PorticoError } from "../../common/errors.ts";
import type { KeyRing } from "../../keys/keyRing.ts";
import type { ClientKey } from "../../settings/clientKeys.ts";
import type { AuthMode } from "../../settings/settings.ts";
import { isLoopback, socketAddress } from "./address.ts";
import { type HostName, isLanHost, isLocalHost, parseHost } from "./host.ts";
import { hasKey, presentedKeys } from "./key.ts";
import { isListedOrigin, isOwnOrigin } from "./origin.ts";

export interface GuardPolicy {
  readonly authMode: AuthMode;
  /** Absent: whatever needs the key is refused. */
  readonly apiKey?: string | undefined;
  /** Why there is a key but it cannot be read now, for a person; it is another matter than a wrong one. */
  readonly keyFailure?: string | undefined;
  /** Keys of clients; absent: there are none, and nobody looks for one. */
  readonly keys?: KeyRing | undefined;
  readonly allowLanAccess: boolean;
  readonly allowedOrigins: readonly string[];
  readonly allowedHosts: readonly string[];
}

export interface GuardInput {
  /** `socket.remoteAddress`; IPv4-mapped IPv6 is fine. */
  readonly peerAddress: string | undefined;
  /** `socket.localAddress` and `localPort` of the accepted connection. */
  readonly localAddress: string | undefined;
  readonly localPort: number;
  readonly method: string;
  /** The path is the health check's. */
  readonly health: boolean;
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, as received: shows what `headers` drops or joins. */
  readonly rawHeaders: readonly string[];
  readonly upgrade: boolean;
  /** The query's `key`. */
  readonly queryKey?: string | undefined;
  readonly policy: GuardPolicy;
}

export interface GuardRefusal {
  readonly ok: false;
  readonly status: 400 | 401 | 403 | 503;
  readonly kind: ErrorKind;
  /** For the client: what was refused and which setting would allow it. Holds no secret. */
  readonly message: string;
  /** For the log: the same and who asked. Holds no secret. */
  readonly logMessage: string;
  /** A listed web origin: the refusal carries CORS headers so that its page can read it. */
  readonly origin?: string;
}

export type GuardVerdict =
  | {
      readonly ok: true;
      /** A loopback peer that nothing forwarded. */
      readonly local: boolean;
      /** A listed web origin, as it was sent: the reply gets CORS headers for it. */
      readonly origin?: string;
      /** A CORS preflight: answer it and run nothing. */
      readonly preflight?: true;
      /** Whose limits hold; absent: the owner, or anybody on this computer where nobody needs a key. */
      readonly client?: ClientKey;
    }
  | GuardRefusal;

/** A refusal as the client is told of it. */
export const refusalError = ({ kind, message, status }: GuardRefusal): PorticoError =>
  new PorticoError(kind, message, { status, ...(status === 503 ? {} : { retryable: false }) });

/** Decides on one request or upgrade. Never throws. */
export function guard(input: GuardInput): GuardVerdict {
  const { policy, headers } = input;
  const peer = socketAddress(input.peerAddress);
  const loopback = isLoopback(peer);
  if (!loopback && !policy.allowLanAccess) {
    return refuse(
      input,
      403,
      "Requests from other computers are refused. The setting allowLanAccess would allow them, with the key.",
    );
  }

  const host = checkHost(input);
  if ("ok" in host) return host;

  const origin = checkOrigin(input, host);
  if (typeof origin !== "string") return origin;
  const listed = origin === "listed" ? headers.origin : undefined;

  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "none" && site !== "same-origin" && listed === undefined) {
    return refuse(
      input,
      403,
      `A web page of another site sent this request (Sec-Fetch-Site: ${show(site)}). The setting allowedOrigins names the origins that may call.`,
    );
  }
  if (input.upgrade && headers.cookie !== undefined && origin !== "own") {
    return refuse(
      input,
      403,
      "A WebSocket that brings a cookie has to come from Portico's own pages. Connect without cookies.",
    );
  }

  const forwarded = forwardingHeader(input.rawHeaders);
  const local = loopback && forwarded === undefined;
  if (
    listed !== undefined &&
    input.method === "OPTIONS" &&
    !input.upgrade &&
    headers["access-control-request-method"] !== undefined
  ) {
    return { ok: true, local, origin: listed, preflight: true };
  }

  const needed = needsKey(policy.authMode, local, input.health);
  let client: ClientKey | undefined;
  if (needed || policy.keys !== undefined) {
    const presented = presentedKeys(headers, input.queryKey);
    if (!hasKey(presented, policy.apiKey)) {
      const known = policy.keys?.find(presented, peer);
      if (known?.ok === false) {
        return refuse(input, known.status, known.message, listed);
      }
      client = known?.key;
      if (client === undefined && needed)
        return unknownKey(input, presented, { loopback, forwarded, listed });
      if (client === undefined && local) client = policy.keys?.local;
    }
  }
  return {
    ok: true,
    local,
    ...(listed === undefined ? {} : { origin: listed }),
    ...(client === undefined ? {} : { client }),
  };
}

/** Nothing that was shown is a key, where one is needed. */
function unknownKey(
  input: GuardInput,
  presented: readonly string[],
  how: { loopback: boolean; forwarded: string | undefined; listed: string | undefined },
): GuardRefusal {
  const { apiKey, keyFailure, authMode } = input.policy;
  if (apiKey === undefined && keyFailure !== undefined) {
    const message = `This request needs Portico's API key, which cannot be compared now. ${keyFailure}`;
    return refuse(input, 503, message, how.listed);
  }
  const message = keyMessage(presented.length > 0, how.loopback, how.forwarded, authMode);
  return refuse(input, 401, message, how.listed);
}

function needsKey(mode: AuthMode, local: boolean, health: boolean): boolean {
  if (mode === "strict") return true;
  if (health) return false;
  return !local || mode === "all_except_health";
}

function checkHost(input: GuardInput): HostName | GuardRefusal {
  const { policy } = input;
  const count = countHeader(input.rawHeaders, "host");
  const value = input.headers.host;
  if (count > 1) return refuse(input, 400, "The request has several Host headers; send one.");
  if (value === undefined || value === "") {
    return refuse(input, 400, "The request has no Host header; send the address it goes to.");
  }
  const host = parseHost(value);
  if (host === undefined) {
    return refuse(input, 400, `The Host header "${show(value)}" is not a host name with an optional port.`);
  }
  if (isLocalHost(host)) return host;
  if (policy.allowLanAccess && isLanHost(host, socketAddress(input.localAddress), policy.allowedHosts))
    return host;
  const how = policy.allowLanAccess
    ? "The setting allowedHosts names further hosts."
    : "The setting allowLanAccess with allowedHosts would allow further names.";
  return refuse(
    input,
    403,
    `The Host "${show(value)}" is not this gateway's; use localhost or 127.0.0.1. ${how}`,
  );
}

function checkOrigin(input: GuardInput, host: HostName): "absent" | "own" | "listed" | GuardRefusal {
  const count = countHeader(input.rawHeaders, "origin");
  const value = input.headers.origin;
  if (count > 1) return refuse(input, 400, "The request has several Origin headers; send one.");
  if (value === undefined) return "absent";
  if (isListedOrigin(value, input.policy.allowedOrigins)) return "listed";
  if (isOwnOrigin(value, host, input.localPort)) return "own";
  const how =
    value === "null"
      ? "It stands for a page without an origin (a sandboxed frame or a file) and cannot be allowed; serve the page from an origin and put that on the setting allowedOrigins."
      : "The setting allowedOrigins names the web origins that may call.";
  return refuse(input, 403, `The origin "${show(value)}" may not call this gateway. ${how}`);
}

/** The first header that says somebody passed this request on. */
function forwardingHeader(rawHeaders: readonly string[]): string | undefined {
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const raw = rawHeaders[index] ?? "";
    // Most names are told apart by their first letter.
    if (!/^[fx]/i.test(raw)) continue;
    // Some servers write `_` for `-`.
    const name = raw.toLowerCase().replaceAll("_", "-");
    if (name === "forwarded" || name === "x-real-ip" || name.startsWith("x-forwarded")) return name;
  }
  return undefined;
}

function countHeader(rawHeaders: readonly string[], wanted: string): number {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? "";
    if (name.length === wanted.length && name.toLowerCase() === wanted) count++;
  }
  return count;
}

function keyMessage(
  shown: boolean,
  loopback: boolean,
  forwarded: string | undefined,
  mode: AuthMode,
): string {
  const why = !loopback
    ? "a request from another computer always needs it"
    : forwarded !== undefined
      ? `a forwarded request (${show(forwarded)}) always needs it`
      : `the setting auth.mode is ${mode}`;
  return shown
    ? `The key that was sent is not Portico's own API key; ${why}. Copy the key from Portico.`
    : `Portico's own API key is missing; ${why}. Give it to your tool as its API key; any place where SDKs put one will do.`;
}

/** A header's value in a message: short and printable. */
function show(value: string | readonly string[]): string {
  const text = String(value).replace(/[^\x20-\x7e]/g, "?");
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

const KIND: Readonly<Record<GuardRefusal["status"], ErrorKind>> = {
  400: "invalid_request",
  401: "authentication",
  403: "permission",
  503: "unavailable",
};

function refuse(
  input: GuardInput,
  status: GuardRefusal["status"],
  message: string,
  origin?: string,
): GuardRefusal {
  const what = input.upgrade ? "upgrade" : show(input.method);
  const logMessage = `refused ${what} from ${show(input.peerAddress ?? "a closed connection")}: ${status} ${message}`;
  return {
    ok: false,
    status,
    kind: KIND[status],
    message,
    logMessage,
    ...(origin === undefined ? {} : { origin }),
  };
}
