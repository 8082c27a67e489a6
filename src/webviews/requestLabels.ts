/** How a request went, in words. */
import { t } from "@vscode/l10n";
import type { Open } from "../control/open.ts";
import { isProtocol, PROTOCOL_FACTS, type Protocol } from "../control/protocol.ts";
import type { RequestAttempt, RequestLane, RequestRow } from "../control/requests.ts";
import type { Tone } from "./labels.ts";

export interface Outcome {
  word: string;
  tone: Tone;
}

/** Beside the status, which is shown with it. */
export function outcomeOf(row: Pick<RequestRow, "outcome" | "status" | "errorKind">): Outcome {
  if (row.outcome === "client-gone") return { word: t("client left"), tone: "off" };
  if (row.outcome === "ok") return { word: t("ok"), tone: "ok" };
  if (row.outcome === "failed") return failureOf(row.errorKind, row.status);
  return { word: row.outcome, tone: "warn" };
}

/** Whose answer it was: an account, or who answered in its place. Never empty. */
export function servedBy(
  row: Pick<RequestRow, "account" | "accountLabel" | "lane" | "model" | "errorKind">,
): string {
  const { account, accountLabel, lane, model, errorKind } = row;
  if (accountLabel ?? account) return accountLabel ?? account ?? "";
  if (lane === "sandbox") return t("the sandbox");
  // Refused at the door, or answered without asking anybody.
  const own = model === undefined || errorKind === "authentication" || errorKind === "permission";
  return own ? t("Portico itself") : t("no account");
}

/** `""`: the client got none. */
export function statusText({ status }: Pick<RequestRow, "status">): string {
  return status === 0 ? "" : String(status);
}

/** By the kind of an error that a client got, or the class of an attempt's failure. */
const FAILURES: Readonly<Record<string, readonly [Tone, () => string]>> = {
  invalid_request: ["bad", () => t("not understood")],
  client: ["bad", () => t("not understood")],
  authentication: ["bad", () => t("key refused")],
  credential: ["bad", () => t("key refused")],
  permission: ["bad", () => t("not allowed")],
  billing: ["bad", () => t("no credit")],
  not_found: ["bad", () => t("not found")],
  model_not_found: ["bad", () => t("model unknown")],
  model: ["bad", () => t("model unknown")],
  method_not_allowed: ["bad", () => t("wrong method")],
  too_large: ["bad", () => t("too large")],
  context_too_long: ["bad", () => t("too long")],
  too_long: ["bad", () => t("too long")],
  rate_limit: ["warn", () => t("rate limit")],
  quota: ["warn", () => t("used up")],
  overloaded: ["warn", () => t("overloaded")],
  unavailable: ["bad", () => t("unavailable")],
  timeout: ["bad", () => t("timed out")],
  upstream: ["bad", () => t("provider failed")],
  provider: ["bad", () => t("provider failed")],
  network: ["bad", () => t("no connection")],
  broken: ["bad", () => t("broke off")],
  cut: ["warn", () => t("cut by Portico")],
  foreign_state: ["warn", () => t("another account’s")],
  unsupported: ["bad", () => t("not supported")],
  internal: ["bad", () => t("Portico failed")],
};

export function failureOf(kind: string | undefined, status: number | undefined): Outcome {
  const name = kind?.replaceAll("-", "_") ?? "";
  const known = Object.hasOwn(FAILURES, name) ? FAILURES[name] : undefined;
  return known === undefined ? byStatus(status) : { tone: known[0], word: known[1]() };
}

function byStatus(status: number | undefined): Outcome {
  if (status === 429) return { word: t("rate limit"), tone: "warn" };
  if (status === 401) return { word: t("key refused"), tone: "bad" };
  if (status === 403) return { word: t("not allowed"), tone: "bad" };
  if (status === 404) return { word: t("not found"), tone: "bad" };
  if (status !== undefined && status >= 400 && status < 500)
    return { word: t("not understood"), tone: "bad" };
  return { word: t("failed"), tone: "bad" };
}

export function attemptOutcome({ outcome, status }: RequestAttempt): Outcome {
  if (outcome === "ok") return { word: t("answered"), tone: "ok" };
  if (outcome === "client-gone") return { word: t("client left"), tone: "off" };
  return failureOf(outcome, status);
}

export function laneLabel(
  lane: Open<RequestLane> | undefined,
  edited: string | undefined,
): string | undefined {
  switch (lane) {
    case "A":
      return edited === undefined ? t("as it was sent") : t("edited by your route: {0}", edited);
    case "B":
      return t("translated");
    case "sandbox":
      return t("Portico’s sandbox: no account, no cost");
    default:
      return lane;
  }
}

export function protocolName(protocol: Open<Protocol>): string {
  return isProtocol(protocol) ? t(PROTOCOL_FACTS[protocol].short) : protocol;
}

/** The web origin that the guard refused, as it was sent; `undefined`: it was refused for something else. */
export function refusedOrigin({ status, error }: Pick<RequestRow, "status" | "error">): string | undefined {
  if (status !== 403) return undefined;
  const origin = /^The origin "([^"]+)" may not call this gateway\./.exec(error ?? "")?.[1];
  // Shortened, or made printable, it is no longer what was sent; `null` stands for no origin at all.
  return origin === undefined || origin === "null" || /[?…]/.test(origin) ? undefined : origin;
}
