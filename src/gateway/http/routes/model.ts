/** The way of a request that goes to an account: body, candidates, attempts, reply, record. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Account } from "../../accounts/account.ts";
import { asPorticoError, PorticoError } from "../../errors.ts";
import type { RequestRecord } from "../../records/record.ts";
import type { Candidate } from "../../routing/target.ts";
import { attemptFor } from "../../upstream/attempt.ts";
import { ClientGone, runAttempts } from "../../upstream/attempts.ts";
import type { Call } from "../../upstream/call.ts";
import { readBody } from "../body.ts";
import { clientCall, type ModelRoute } from "../clientCall.ts";
import { ClientReply } from "../clientReply.ts";
import type { GatewayContext } from "../context.ts";
import { sendError } from "../errorReply.ts";
import { protocolOf } from "../pathsRoute.ts";

export async function serveModel(
  context: GatewayContext,
  route: ModelRoute,
  req: IncomingMessage,
  res: ServerResponse,
  search: string,
  record: RequestRecord,
): Promise<void> {
  const reply = new ClientReply(res);
  const protocol = protocolOf(route) ?? "openai-chat";
  record.protocol = protocol;
  const settings = context.settings();
  using lease = context.budget.lease();
  let call: Call | undefined;
  try {
    const body = await readBody(req, { bodyBytes: settings.limits.bodyBytes, lease }, reply.signal);
    call = clientCall(route, {
      id: record.id,
      method: req.method ?? "POST",
      rawHeaders: req.rawHeaders,
      contentType: req.headers["content-type"] ?? "",
      search,
      body,
    });
    record.model = call.model;
    record.stream = call.stream;
    const candidates = candidatesFor(context, call, route);
    const beat = call.stream ? context.heartbeats() : undefined;
    const { attempt, stop } = attemptFor(call, reply, context, record, beat);
    try {
      const { candidate, done } = await runAttempts(candidates, attempt, reply, record.attempts, {
        health: context.health,
        clock: context.ports.clock,
        random: context.ports.random,
        log: context.ports.log,
        upstream: settings.upstream,
      });
      finish(context, route, candidate, done.responseId);
      record.status = done.status;
      record.account = candidate.account.id;
      record.modelUsed = candidate.model;
      record.bytesOut = done.bytes;
      if (done.usage !== undefined) record.usage = done.usage;
      if (done.broken !== undefined) record.error = { kind: done.broken.kind, message: done.broken.message };
    } finally {
      stop();
    }
  } catch (thrown) {
    if (thrown instanceof ClientGone || reply.signal.aborted) {
      record.error = { kind: "client-gone", message: "the client closed the connection" };
      res.destroy();
    } else {
      const error = sendError(res, thrown, protocol, record.id, call?.framing);
      record.error = { kind: error.kind, message: error.message };
      record.status = error.status;
      if (error.kind === "internal") reportBug(context, record.id, thrown);
    }
  } finally {
    if (reply.firstByteAt !== undefined) record.firstByteMs = reply.firstByteAt;
  }
}

/** Our own bugs: the log has what the client is not told. */
function reportBug(context: GatewayContext, id: string, thrown: unknown): void {
  const cause = asPorticoError(thrown).cause ?? thrown;
  context.ports.log.error(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause), {
    request: id,
  });
}

function finish(
  context: GatewayContext,
  route: ModelRoute,
  { account }: Candidate,
  responseId: string | undefined,
): void {
  if (responseId !== undefined) context.bindings.set(responseId, account.id);
  if (route.kind === "responses.delete") context.bindings.delete(route.id);
}

/** @throws PorticoError with what to do about it, where nobody can serve the request */
function candidatesFor(context: GatewayContext, call: Call, route: ModelRoute): readonly Candidate[] {
  if (call.operation === "response-object" && "id" in route) return ownersOf(context, route.id);
  const previous = previousResponse(call);
  const candidates = context.candidates(call.model, call.protocol).filter((each) => canServe(each, call));
  if (previous !== undefined) {
    const owner = context.bindings.get(previous);
    const bound = candidates.filter(({ account }) => account.id === owner);
    if (bound.length > 0) return bound;
  }
  if (candidates.length > 0) return candidates;
  throw nobody(context, call);
}

/** Endpoints without a canonical form need an account that has them. */
function canServe({ account, protocol }: Candidate, call: Call): boolean {
  if (account.provider.id === "sandbox")
    return call.operation !== "extra" && call.operation !== "response-object";
  switch (call.operation) {
    case "chat":
    case "completions":
      return true;
    case "count-tokens":
    case "embeddings":
    case "extra":
    case "response-object":
      return protocol === call.protocol;
  }
}

function previousResponse(call: Call): string | undefined {
  if (call.protocol !== "openai-responses" || typeof call.json !== "object" || call.json === null)
    return undefined;
  const previous: unknown = Reflect.get(call.json, "previous_response_id");
  return typeof previous === "string" ? previous : undefined;
}

/** A stored response is asked for where it was made, and nowhere else. */
function ownersOf(context: GatewayContext, id: string): readonly Candidate[] {
  const owner = context.bindings.get(id);
  const speaking = context
    .accounts()
    .filter(
      (account) =>
        account.enabled && account.endpoints.has("openai-responses") && account.provider.id !== "sandbox",
    );
  const account: Account | undefined =
    owner === undefined
      ? speaking.length === 1
        ? speaking[0]
        : undefined
      : speaking.find((each) => each.id === owner);
  if (account === undefined) {
    throw new PorticoError("not_found", `No account here has a response "${id.slice(0, 100)}".`, {
      retryable: false,
    });
  }
  return [{ account, protocol: "openai-responses", model: "", target: 0 }];
}

function nobody(context: GatewayContext, call: Call): PorticoError {
  const own = context.accounts().filter((account) => account.enabled && account.provider.id !== "sandbox");
  if (own.length === 0) {
    return new PorticoError(
      "unavailable",
      `No account serves "${call.model}" yet. Add one ("Portico: Add Account…" in VS Code, or "accounts" in the config file), or try the model "sandbox/echo".`,
    );
  }
  return new PorticoError(
    "model_not_found",
    `No account serves "${call.model}". GET /v1/models lists what is there; a route can give the name to another model.`,
    { retryable: false, field: "model" },
  );
}
