/** What a try that gave no reply means, and how to say it to a person. */

import { classify, type Failure, ownFailure } from "../../accounts/failures.ts";
import { jsonOrText } from "../../common/json.ts";
import { redirectMessage } from "../../common/redirect.ts";
import type { Candidate } from "../../routing/candidate.ts";
import { isLocalServer, LOCAL_MODEL_HOLD_MS } from "../../upstream/localServer.ts";
import type { AttemptFailure } from "../../upstream/relay/result.ts";

/** @param now milliseconds since 1970 */
export function failureOf(cause: AttemptFailure, candidate: Candidate, now: number): Failure {
  const { provider } = candidate.account;
  switch (cause.kind) {
    case "reply": {
      const failure = classify({
        provider: provider.id,
        protocol: candidate.protocol,
        status: cause.status,
        headers: cause.headers,
        body: jsonOrText(cause.body),
        now,
      });
      // It may be pulled or loaded by now.
      return failure.class === "model" && isLocalServer(candidate.account)
        ? { ...failure, holdMs: LOCAL_MODEL_HOLD_MS }
        : failure;
    }
    case "redirect": {
      const { status, from, to } = cause;
      return {
        class: "provider",
        scope: "none",
        next: "next-account",
        message: redirectMessage(from, to, status),
      };
    }
    case "network":
      if (isOurs(cause.error)) {
        const message = `This computer could not open a connection (${codeOf(cause.error)}): ${OURS[codeOf(cause.error) ?? ""]}. No account is to blame; try again in a moment`;
        return { class: "network", scope: "none", next: "client", message };
      }
      return {
        class: "network",
        scope: "account",
        next: "next-account",
        message: networkMessage(cause.error, candidate),
      };
    case "chat":
      return ownFailure(cause.error);
  }
}

/** What this computer, or this process, has run out of: no provider has a part in it. */
const OURS: Readonly<Record<string, string>> = {
  EMFILE: "this process has too many open files and connections",
  ENFILE: "the system has too many open files",
  ENOMEM: "there is not enough memory",
  ENOBUFS: "the system has no buffers left",
  EADDRNOTAVAIL: "the system has no free local port",
  EAGAIN: "the system has no resources left for it",
};

/** Did the request fail here, before any server had to do with it? */
export function isOurs(error: Error): boolean {
  return Object.hasOwn(OURS, codeOf(error) ?? "");
}

function codeOf(error: Error): string | undefined {
  const code: unknown = Reflect.get(error, "code") ?? Reflect.get(Object(error.cause), "code");
  return typeof code === "string" ? code : undefined;
}

function networkMessage(error: Error, { account, protocol }: Candidate): string {
  const host = URL.parse(account.endpoints.get(protocol)?.base ?? "")?.host ?? account.label;
  const code = codeOf(error);
  switch (code) {
    case "ECONNREFUSED":
      return `${host} refuses connections; the server may not be running`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `the name of ${host} could not be resolved; this computer may be offline`;
    case "UND_ERR_CONNECT_TIMEOUT":
      return `${host} did not answer in time to connect`;
    case "UND_ERR_HEADERS_TIMEOUT":
      return `${host} sent no reply within the time allowed`;
    case "UND_ERR_BODY_TIMEOUT":
      return `${host} stopped sending in the midst of its reply`;
    case "CERT_HAS_EXPIRED":
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "SELF_SIGNED_CERT_IN_CHAIN":
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return `the certificate of ${host} is not trusted (${code})`;
    case "UND_ERR_SOCKET":
    case "ECONNRESET":
    case "EPIPE":
      return `${host} closed the connection before it had answered`;
    default:
      return `the connection to ${host} broke off (${code ?? error.message})`;
  }
}

/** A request that reached the provider, as far as one can tell. */
export function wasReset(error: Error): boolean {
  const code: unknown = Reflect.get(error, "code");
  return code === "ECONNRESET" || code === "UND_ERR_SOCKET" || code === "EPIPE";
}
