/**
 * An id for every request, the guard, then the route. `/healthz` is a Koa app's; what goes to models is not led through
 * Koa, whose context and watch over each reply's end would be some 5 percent of a plain request.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import Router from "@koa/router";
import Koa from "koa";
import { DEFAULT_PROTOCOL, PROTOCOLS, type Protocol } from "../../control/protocol.ts";
import { badRequest, lasting } from "../common/errors.ts";
import { VERSION } from "../common/version.ts";
import { newRecord, type RequestRecord } from "../records/record.ts";
import { closeIfUnread } from "../server/body/unreadBody.ts";
import { corsHeaders, preflightReply } from "../server/cors.ts";
import { type GuardVerdict, refusalError } from "../server/guard/guard.ts";
import { guardRequest } from "../server/guard/request.ts";
import type { NormalizedPath } from "../server/paths.ts";
import { knownPaths, protocolOf, type Route, routeOf } from "../server/routes.ts";
import { JSON_TYPE } from "../upstream/relay/clientReply.ts";
import { scopeOf, viewOf } from "./clientView.ts";
import type { GatewayContext } from "./context.ts";
import { protocolOfHeaders, sendError } from "./errorReply.ts";
import { modelList } from "./modelList.ts";
import { reportBug, serveModel } from "./serve.ts";

interface OwnState {
  readonly route: Exclude<Route, { kind: "call" }>;
  readonly path: NormalizedPath;
  readonly record: RequestRecord;
}

/** A client that hangs up is in its request's record and no error of ours. */
function isClientGone(error: unknown): boolean {
  const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
  return code === "ECONNRESET" || code === "EPIPE" || code === "ERR_STREAM_PREMATURE_CLOSE";
}

export function createApp(context: GatewayContext): RequestListener {
  const serveOwn = ownApp(context);
  return (req, res) => {
    const recorded = context.unrecorded.begin();
    receive(context, req, res, serveOwn).then(recorded, (error: unknown) => {
      recorded();
      report(context, error);
      if (!res.headersSent) res.writeHead(500).end();
      // One that was ended may still be on its way.
      else if (!res.writableEnded) res.destroy();
    });
  };
}

function report(context: GatewayContext, error: unknown): void {
  if (isClientGone(error)) return;
  context.ports.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
}

type Serve = (req: IncomingMessage, res: ServerResponse) => Promise<void>;

function ownApp(context: GatewayContext): Serve {
  const app = new Koa();
  app.on("error", (error: unknown) => report(context, error));
  const own = new Router();
  own.get("/healthz", (ctx) => {
    ctx.body = {
      status: "ok",
      name: "portico",
      version: VERSION,
      uptime: Math.round((context.ports.clock.now() - context.startedAt) / 1000),
      pool: context.pool.shared.standing?.state,
    };
  });

  app.use(own.routes());
  return app.callback();
}

async function receive(
  context: GatewayContext,
  req: IncomingMessage,
  res: ServerResponse,
  serveOwn: Serve,
): Promise<void> {
  const id = `req_${context.newId()}`;
  res.setHeader("x-request-id", id);
  res.setHeader("x-content-type-options", "nosniff");
  const began = performance.now();
  const { verdict, path } = guardRequest(req, context.policy());
  const route = routeOf(req.method ?? "GET", path);
  const record = newRecord(
    {
      id,
      time: context.ports.clock.now(),
      method: req.method ?? "",
      path: path.ok ? path.path : "",
    },
    req.headers,
  );
  context.traces.begin(record, req.headers, verdict.ok && verdict.preflight !== true);
  try {
    if (!admitted(context, verdict, route, req, res, record)) return;
    if (route.kind === "health" && path.ok) {
      req.url = path.path;
      await serveOwn(req, res);
      return;
    }
    if (verdict.client !== undefined) record.key = verdict.client.id;
    const view = viewOf(context, verdict.client);
    if (route.kind === "call") {
      await serveModel(view, route, req, res, path.ok ? path.search : "", record);
    } else await dispatch(view, { route, path, record }, req, res);
  } catch (thrown) {
    closeIfUnread(req, res);
    const { error, bytes } = sendError(res, thrown, clientProtocol(route, req), id);
    record.bytesOut = bytes;
    record.status = error.status;
    record.error = { kind: error.kind, message: error.message };
    if (error.kind === "internal") reportBug(context, id, thrown);
  } finally {
    if (record.status === 0) record.status = res.statusCode;
    if (record.firstByteMs !== undefined) record.firstByteMs = Math.max(0, record.firstByteMs - began);
    // The reply may have been over before the record was.
    if (record.durationMs === 0) record.durationMs = performance.now() - began;
    context.record(record);
  }
}

/** Answers refusals and preflights. */
function admitted(
  context: GatewayContext,
  verdict: GuardVerdict,
  route: Route,
  req: IncomingMessage,
  res: ServerResponse,
  record: RequestRecord,
): verdict is Extract<GuardVerdict, { ok: true }> {
  if (verdict.origin !== undefined) {
    for (const [name, value] of Object.entries(
      corsHeaders(verdict.origin, ["x-portico-account", "x-portico-model", "x-portico-warnings"]),
    )) {
      res.setHeader(name, value);
    }
  }
  if (!verdict.ok) {
    context.ports.log.warn(verdict.logMessage, { request: record.id });
    const error = refusalError(verdict);
    // A refused body is not read: the connection cannot be used again.
    res.setHeader("connection", "close");
    if (verdict.status === 401) res.setHeader("www-authenticate", "Bearer");
    record.bytesOut = sendError(res, error, clientProtocol(route, req), record.id).bytes;
    record.status = verdict.status;
    record.error = { kind: verdict.kind, message: verdict.message };
    return false;
  }
  if (verdict.preflight && verdict.origin !== undefined) {
    const { status, headers } = preflightReply(verdict.origin, req.headers);
    res.writeHead(status, headers);
    res.end();
    record.status = status;
    return false;
  }
  return true;
}

function clientProtocol(route: Route, req: IncomingMessage): Protocol {
  return protocolOf(route) ?? protocolOfHeaders(req.headers) ?? DEFAULT_PROTOCOL;
}

/** A small reply of our own. @returns the bytes of its body */
function sendText(res: ServerResponse, method: string | undefined, text: string, type = JSON_TYPE): number {
  const body = Buffer.from(text);
  res.writeHead(200, { "content-type": type, "content-length": String(body.length) });
  res.end(method === "HEAD" ? undefined : body);
  return method === "HEAD" ? 0 : body.length;
}

async function dispatch(
  context: GatewayContext,
  { route, path, record }: OwnState,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  switch (route.kind) {
    case "health":
      return;
    case "root": {
      const endpoints = [...new Set(PROTOCOLS.flatMap(knownPaths))];
      const about = { name: "portico", version: VERSION, endpoints };
      record.bytesOut = sendText(res, req.method, JSON.stringify(about));
      return;
    }
    case "metrics": {
      const { metrics, client } = context;
      if (scopeOf(client) !== undefined) {
        throw lasting("permission", "Metrics are for the owner of this Portico: show its own API key.");
      }
      record.bytesOut = sendText(res, req.method, await metrics.text(), metrics.contentType);
      return;
    }
    case "models":
      record.bytesOut = sendText(
        res,
        req.method,
        JSON.stringify(await modelList(context, route, req, res, path)),
      );
      return;
    case "unreadable":
      throw badRequest(route.message);
    case "method_not_allowed":
      res.setHeader("allow", route.allow.join(", "));
      throw lasting(
        "method_not_allowed",
        `This path takes ${route.allow.join(" or ")}, not ${req.method ?? "?"}.`,
      );
    case "unknown":
      throw lasting(
        "not_found",
        `There is nothing at ${record.path.slice(0, 200)}. What is there: ${knownPaths(route.protocol).join(", ")}.`,
      );
  }
}
