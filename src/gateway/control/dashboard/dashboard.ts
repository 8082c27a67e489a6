/** The dashboard for a browser: its pages, its files, and the cookie that a one-time code is exchanged for. */
import { randomBytes } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { PageStart } from "../../../control/page.ts";
import type { Clock, Log } from "../../ports.ts";
import { DashboardAccess, type Session } from "./access.ts";
import { readPageFile } from "./files.ts";
import {
  dashboardCsp,
  dashboardHtml,
  localeOf,
  NOTICE_CSP,
  type Notice,
  noticeHtml,
  pageAt,
} from "./page.ts";

export interface DashboardOptions {
  /** Of the pages' bundle: `panel.js`, `panel.css`, fonts. */
  folder: string;
  clock: Pick<Clock, "now">;
  log: Pick<Log, "error">;
}

/** Its requests come with a `Host` that was checked. */
export class Dashboard {
  readonly #options: DashboardOptions;
  readonly #access: DashboardAccess;

  constructor(options: DashboardOptions) {
    this.#options = options;
    this.#access = new DashboardAccess({ clock: options.clock });
  }

  /** An address that opens the dashboard once. */
  link(port: number): string {
    return `http://127.0.0.1:${port}/?code=${this.#access.newCode()}`;
  }

  /** The session of the request's cookie. */
  session(headers: IncomingHttpHeaders, port: number): Session | undefined {
    for (const value of cookies(headers.cookie, cookieName(port))) {
      const session = this.#access.session(value);
      if (session !== undefined) return session;
    }
    return undefined;
  }

  answer(request: IncomingMessage, response: ServerResponse, port: number): void {
    this.#reply(request, port).then(
      (reply) => send(request, response, reply),
      (error: unknown) => {
        this.#options.log.error(`dashboard: ${error instanceof Error ? error.message : String(error)}`);
        send(request, response, notice(500, FAILED));
      },
    );
  }

  async #reply({ method, url: target = "", headers }: IncomingMessage, port: number): Promise<Reply> {
    const host = headers.host ?? "";
    const url = URL.parse(target, `http://${host}`);
    if (url?.host !== host || !target.startsWith("/")) return notice(400, NOTHING);
    if (method !== "GET" && method !== "HEAD") return notice(405, NOTHING, { allow: "GET, HEAD" });
    const code = url.pathname === "/" ? url.searchParams.get("code") : null;
    // A link that is looked at beforehand keeps its code.
    if (code !== null && method === "GET") return this.#signIn(headers, code, port);
    if (this.session(headers, port) === undefined) return notice(401, NO_SESSION);
    const open = pageAt(url);
    if (open === undefined) return this.#file(headers, url.pathname.slice(1));
    if ((await readPageFile(this.#options.folder, "panel.js")) === undefined) return notice(503, NO_PAGES);
    const nonce = randomBytes(18).toString("base64");
    const locale = localeOf(headers["accept-language"]);
    const start: PageStart = {
      kind: "browser",
      view: "panel",
      open,
      ...(locale === undefined ? {} : { locale }),
    };
    return html(200, dashboardHtml({ start, nonce }), dashboardCsp(nonce, host));
  }

  #signIn(headers: IncomingHttpHeaders, code: string, port: number): Reply {
    const value = this.#access.redeem(code);
    if (value !== undefined) {
      return goOn(headers, {
        "set-cookie": `${cookieName(port)}=${value}; Path=/; HttpOnly; SameSite=Strict`,
      });
    }
    // Whoever is in already, and opens the old link again, gets in.
    return this.session(headers, port) === undefined ? notice(401, OLD_CODE) : goOn(headers);
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

/** Cookies do not know ports: the name tells this Portico's from that of another. */
export function cookieName(port: number): string {
  return `portico-${port}`;
}

function cookies(header: string | undefined, name: string): string[] {
  return (header ?? "")
    .split(";")
    .map((each) => each.trim())
    .filter((each) => each.startsWith(`${name}=`))
    .map((each) => each.slice(name.length + 1));
}

const ALWAYS = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
} as const;

const NEW_LINK =
  'Run "portico dashboard" in a terminal on this computer for a new link, or look where you started "portico serve".';
const NO_SESSION: Notice = { title: "Open Portico with its link", text: [NEW_LINK] };
const OLD_CODE: Notice = {
  title: "This link was used, or is too old",
  text: ["A link opens the dashboard once, within ten minutes.", NEW_LINK],
};
const OPENING: Notice = { title: "Opening Portico", text: [] };
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

/**
 * To the dashboard. A browser that comes from another site would leave the new cookie out of a redirect, but
 * not when the page itself goes on.
 */
function goOn(headers: IncomingHttpHeaders, more: OutgoingHttpHeaders = {}): Reply {
  const site = headers["sec-fetch-site"];
  if (site === "cross-site" || site === "same-site") return notice(200, { ...OPENING, to: "/" }, more);
  return notice(303, OPENING, { ...more, location: "/" });
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

function send(request: IncomingMessage, response: ServerResponse, { status, headers, body }: Reply): void {
  const length = body === undefined ? {} : { "content-length": body.length };
  response.writeHead(status, { ...ALWAYS, ...headers, ...length });
  response.end(request.method === "HEAD" ? undefined : body);
}
