/**
 * `POST /session`: a one-time code for a session's cookie. The code comes in the link's fragment, which no
 * browser sends along, and from there in a body: it is in no address, no `Referer` and no log.
 */
import type { IncomingHttpHeaders } from "node:http";
import Router from "@koa/router";
import type { Context, Middleware, Next } from "koa";
import * as z from "zod";
import { type DashboardAccess, TRIES_MS } from "./access.ts";
import { cookieName, sessionOf } from "./cookie.ts";
import { MISSED, NEW_LINK, type Notice } from "./page.ts";

/** Of the body; a code has some 60 bytes with its braces. */
const BODY_LIMIT = "1kb";
const bodySchema = z.strictObject({ code: z.string().min(1).max(200) });

const OLD_CODE: Notice = {
  title: "This link was used, or is too old",
  text: ["A link opens the dashboard once, within ten minutes.", NEW_LINK],
};
const TOO_MANY: Notice = {
  title: "Too many links that are not good",
  text: ["Wait a minute, then try again.", NEW_LINK],
};

export interface SignInOptions {
  readonly access: DashboardAccess;
  /** The code is spent. */
  onUsed(code: string): void;
}

export function signInRouter({ access, onUsed }: SignInOptions): Router {
  const router = new Router();
  let parse: Middleware | undefined;
  const parsed: Middleware = async (ctx, next) => {
    parse ??= await bodyParser();
    return parse(ctx, next);
  };
  router.post("/session", ownPageAlone, parsed, (ctx) => {
    const { localPort } = ctx.req.socket;
    const body = bodySchema.safeParse(ctx.request.body);
    if (!body.success || localPort === undefined) return answer(ctx, 400, MISSED);
    if (access.limited()) {
      ctx.set("retry-after", String(TRIES_MS / 1000));
      return answer(ctx, 429, TOO_MANY);
    }
    const { code } = body.data;
    const value = access.redeem(code);
    if (value !== undefined) {
      onUsed(code);
      ctx.set("set-cookie", `${cookieName(localPort)}=${value}; Path=/; HttpOnly; SameSite=Strict`);
    } else if (sessionOf(access, ctx.headers, localPort) === undefined) return answer(ctx, 401, OLD_CODE);
    // Whoever is in already, and opens the old link again, is not troubled.
    ctx.status = 204;
  });
  return router;
}

/** Loaded when somebody signs in: most gateways have no dashboard in a browser. */
async function bodyParser(): Promise<Middleware> {
  const { default: make } = await import("koa-bodyparser");
  return make({
    enableTypes: ["json"],
    jsonLimit: BODY_LIMIT,
    onerror: (error, ctx) => ctx.throw(statusOf(error), MISSED.title),
  });
}

/** A browser says on each `POST` whose page sends it. Other ports of this computer are the same site to it. */
async function ownPageAlone(ctx: Context, next: Next): Promise<void> {
  if (isOwnPage(ctx.headers)) await next();
  else answer(ctx, 403, MISSED);
}

function isOwnPage({ origin, host, ...headers }: IncomingHttpHeaders): boolean {
  const site = headers["sec-fetch-site"];
  return origin === `http://${host}` && (site === undefined || site === "same-origin");
}

function answer(ctx: Context, status: number, words: Notice): void {
  ctx.status = status;
  ctx.body = { title: words.title, text: words.text };
}

/** Of an error of the parser: too long, no JSON, an encoding that nobody knows. */
function statusOf(error: Error): number {
  const status: unknown = Reflect.get(error, "status");
  return typeof status === "number" && status >= 400 && status < 500 ? status : 400;
}
