/** The dashboard for a browser: its pages, its files, and the way in. */

import { randomBytes } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import Koa, { type Context, type Next } from "koa";
import type { Result } from "../../../control/contract.ts";
import type { PageStart } from "../../../control/page.ts";
import { codeOf } from "../../common/dataFolder.ts";
import { messageOf } from "../../common/errors.ts";
import type { Clock, Log } from "../../common/ports.ts";
import { CODE_MS, DashboardAccess, type Session } from "./access.ts";
import { sessionOf } from "./cookie.ts";
import { readPageFile } from "./files.ts";
import { LinkFiles } from "./linkFiles.ts";
import {
  dashboardCsp,
  dashboardHtml,
  localeOf,
  MISSED,
  NO_SESSION,
  NOTICE_CSP,
  type Notice,
  noticeHtml,
  pageAt,
  signInCsp,
  signInHtml,
} from "./page.ts";
import { signInRouter } from "./signIn.ts";

export type DashboardLink = Result<"dashboard.link">;

export interface DashboardOptions {
  /** Of the pages' bundle: `panel.js`, `panel.css`, fonts. */
  folder: string;
  /** Where files that lead to the dashboard are put. */
  links: string;
  clock: Clock;
  log: Pick<Log, "warn" | "error">;
}

/** Its requests come with a `Host` that was checked. */
export class Dashboard {
  readonly #options: DashboardOptions;
  readonly #access: DashboardAccess;
  readonly #files: LinkFiles;
  /** Answers whatever comes. */
  readonly answer: (request: IncomingMessage, response: ServerResponse) => void;

  constructor(options: DashboardOptions) {
    const { clock, log, links } = options;
    this.#options = options;
    this.#access = new DashboardAccess({ clock });
    this.#files = new LinkFiles({ folder: links, clock, log });
    void this.#files.sweep();
    const app = new Koa();
    app.on("error", (error: unknown) => {
      // A browser that goes away in the middle is nobody's concern.
      if (["ECONNRESET", "EPIPE", "ERR_STREAM_PREMATURE_CLOSE"].includes(codeOf(error) ?? "")) return;
      log.error(`dashboard: ${messageOf(error)}`);
    });
    app.use(withHeaders);
    app.use(signInRouter({ access: this.#access, onUsed: (code) => void this.#files.remove(code) }).routes());
    app.use(async (ctx) => {
      const { localPort = 0 } = ctx.req.socket;
      put(ctx, await this.#reply(ctx.req, localPort));
    });
    const handle = app.callback();
    this.answer = (request, response) => void handle(request, response);
  }

  /** An address that opens the dashboard once. @param inFile with a file that leads there */
  async link(port: number, inFile: boolean): Promise<DashboardLink> {
    const code = this.#access.newCode();
    const url = `http://127.0.0.1:${port}/#code=${code}`;
    return inFile ? { url, file: await this.#files.write(code, url, CODE_MS) } : { url };
  }

  /** The session of the request's cookie. */
  session(headers: IncomingHttpHeaders, port: number): Session | undefined {
    return sessionOf(this.#access, headers, port);
  }

  /** Takes the files back. */
  close(): Promise<void> {
    return this.#files.close();
  }

  async #reply({ method, url: target = "", headers }: IncomingMessage, port: number): Promise<Reply> {
    const host = headers.host ?? "";
    const url = URL.parse(target, `http://${host}`);
    if (url?.host !== host || !target.startsWith("/")) return notice(400, NOTHING);
    if (method !== "GET" && method !== "HEAD") return notice(405, NOTHING, { allow: "GET, HEAD" });
    const open = pageAt(url);
    const nonce = randomBytes(18).toString("base64");
    if (this.session(headers, port) === undefined) {
      return open === undefined ? notice(401, NO_SESSION) : html(200, signInHtml(nonce), signInCsp(nonce));
    }
    if (open === undefined) return this.#file(headers, url.pathname.slice(1));
    if ((await readPageFile(this.#options.folder, "panel.js")) === undefined) return notice(503, NO_PAGES);
    const locale = localeOf(headers["accept-language"]);
    const start: PageStart = {
      kind: "browser",
      view: "panel",
      open,
      ...(locale === undefined ? {} : { locale }),
    };
    return html(200, dashboardHtml({ start, nonce }), dashboardCsp(nonce, host));
  }

  async #file(headers: IncomingHttpHeaders, name: string): Promise<Reply> {
    const file = await readPageFile(this.#options.folder, name);
    if (file === undefined) return notice(404, NOTHING);
    const { type, etag, bytes } = file;
    const known = headers["if-none-match"]?.split(",").some((each) => each.trim() === etag) === true;
    return {
      status: known ? 304 : 200,
      headers: { "content-type": type, "cache-control": "no-cache", etag },
      body: known ? undefined : bytes,
    };
  }
}

const ALWAYS = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
} as const;

const NOTHING: Notice = { title: "There is nothing here", text: [] };
const FAILED: Notice = { title: "Portico failed", text: ["Its log has the details."] };
const NO_PAGES: Notice = {
  title: "This copy of Portico has no dashboard",
  text: ["Its pages were not built. From a source folder: npm run build."],
};

interface Reply {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer | undefined;
}

/** On every reply; and what fails is said in words, whoever asked. */
async function withHeaders(ctx: Context, next: Next): Promise<void> {
  ctx.set({ ...ALWAYS, "cache-control": "no-store" });
  try {
    await next();
  } catch (error) {
    const status = error instanceof Koa.HttpError && error.status < 500 ? error.status : 500;
    if (status === 500) ctx.app.emit("error", error, ctx);
    if (ctx.method === "POST") {
      ctx.status = status;
      ctx.body = status === 500 ? FAILED : MISSED;
    } else put(ctx, notice(status, status === 500 ? FAILED : NOTHING));
  }
}

function put(ctx: Context, { status, headers, body }: Reply): void {
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) ctx.set(name, String(value));
  ctx.body = body ?? null;
  ctx.status = status;
}

function notice(status: number, words: Notice, headers: OutgoingHttpHeaders = {}): Reply {
  const reply = html(status, noticeHtml(words), NOTICE_CSP);
  return { ...reply, headers: { ...headers, ...reply.headers } };
}

function html(status: number, text: string, csp: string): Reply {
  return {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": csp,
      "cache-control": "no-store",
    },
    body: Buffer.from(text),
  };
}
