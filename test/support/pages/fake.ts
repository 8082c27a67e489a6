/**
 * A stand-in for what a page lives in: serves the built pages over real HTTP and answers their calls over
 * a real WebSocket from a scripted world. Deterministic: the same world, the same answers.
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, resolve } from "node:path";
import { type WebSocket, WebSocketServer } from "ws";
import type { PageEvents, PageMethods, PageStart } from "../../../src/control/page.ts";
import type { ThemeName } from "./themes.ts";
import { themeMarkup } from "./themes.ts";

export const DIST = resolve(import.meta.dirname, "../../../dist/webviews");

type Answer<M extends keyof PageMethods> = (
  params: PageMethods[M][0],
) => PageMethods[M][1] | Promise<PageMethods[M][1]>;
/** What answers each call; a call without an answer fails as the gateway's own would. */
export type Answers = { [M in keyof PageMethods]?: Answer<M> };

export interface Call {
  method: string;
  params: unknown;
}

/** A failure as the gateway tells it. */
export class Refusal extends Error {
  readonly code: string;

  constructor(message: string, code = "failed") {
    super(message);
    this.code = code;
  }
}

export interface FakeOptions {
  answers: Answers;
  /** Sent as soon as a page connects. */
  greet?: { [E in keyof PageEvents]?: PageEvents[E] };
  start?: Partial<PageStart>;
  /** VS Code's own colours; absent: those of a browser. */
  theme?: ThemeName;
  /** Whether pages can connect; else they get the page and no more. */
  reachable?: boolean;
}

export class FakePages {
  readonly #options: FakeOptions;
  readonly #server = createServer((request, response) => void this.#serve(request.url ?? "/", response));
  readonly #sockets = new WebSocketServer({ noServer: true });
  /** Every call that came, in order. */
  readonly calls: Call[] = [];
  answers: Answers;
  reachable: boolean;

  private constructor(options: FakeOptions) {
    this.#options = options;
    this.answers = { ...options.answers };
    this.reachable = options.reachable ?? true;
    this.#server.on("upgrade", (request, socket, head) => {
      if (!this.reachable || request.url !== "/control") socket.destroy();
      else this.#sockets.handleUpgrade(request, socket, head, (client) => this.#attend(client));
    });
  }

  static async open(options: FakeOptions): Promise<FakePages> {
    const fake = new FakePages(options);
    await new Promise<void>((done) => fake.#server.listen(0, "127.0.0.1", done));
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** Tells every page. */
  emit<E extends keyof PageEvents>(event: E, data: PageEvents[E]): void {
    for (const client of this.#sockets.clients) client.send(JSON.stringify({ event, data }));
  }

  /** Ends the connections, and refuses new ones until `reachable` is true again. */
  disconnect(): void {
    this.reachable = false;
    for (const client of this.#sockets.clients) client.terminate();
  }

  /** The calls of one method, their params alone. */
  called<M extends keyof PageMethods>(method: M): PageMethods[M][0][] {
    return this.calls
      .filter((call) => call.method === method)
      .map(({ params }) => params as PageMethods[M][0]);
  }

  async close(): Promise<void> {
    this.disconnect();
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  #attend(client: WebSocket): void {
    for (const [event, data] of Object.entries(this.#options.greet ?? {})) {
      client.send(JSON.stringify({ event, data }));
    }
    client.on("message", async (bytes) => {
      const frame = JSON.parse(String(bytes)) as { id?: number; method?: string; params?: unknown };
      if (frame.id === undefined || frame.method === undefined) return;
      this.calls.push({ method: frame.method, params: frame.params });
      client.send(JSON.stringify(await this.#reply(frame.id, frame.method, frame.params)));
    });
  }

  async #reply(id: number, method: string, params: unknown): Promise<object> {
    if (method === "events.watch") return { id };
    const answer = (this.answers as Record<string, ((params: unknown) => unknown) | undefined>)[method];
    if (answer === undefined) {
      return { id, error: { code: "not-found", message: `Nobody answers "${method}" here.` } };
    }
    try {
      return { id, result: await answer(params) };
    } catch (thrown) {
      const code = thrown instanceof Refusal ? thrown.code : "failed";
      return { id, error: { code, message: thrown instanceof Error ? thrown.message : String(thrown) } };
    }
  }

  async #serve(url: string, response: import("node:http").ServerResponse): Promise<void> {
    const path = new URL(url, "http://localhost").pathname;
    if (path === "/") {
      response.setHeader("content-type", "text/html; charset=utf-8");
      response.setHeader("content-security-policy", csp(new URL(this.url).host));
      response.end(this.#html());
      return;
    }
    try {
      const file = join(DIST, path.replace(/^\/+/, "").replaceAll("..", ""));
      response.setHeader("content-type", TYPES[extname(file)] ?? "application/octet-stream");
      response.end(await readFile(file));
    } catch {
      response.statusCode = 404;
      response.end();
    }
  }

  #html(): string {
    const start: PageStart = {
      kind: "browser",
      view: "panel",
      locale: "en-u-hc-h23",
      ...this.#options.start,
    };
    const { head, body } = themeMarkup(this.#options.theme);
    return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Portico</title>
<link rel="icon" href="data:,">
${head}
<link rel="stylesheet" href="/panel.css">
<script type="application/json" id="portico">${JSON.stringify(start).replaceAll("<", "\\u003c")}</script>
</head>
<body class="${body} view-${start.view}">
<div id="root"></div>
<script type="module" nonce="script" src="/${start.view}.js"></script>
</body>
</html>`;
  }
}

/** As strict as the real ones; the theme's variables alone come with a nonce of their own. */
function csp(host: string): string {
  return [
    "default-src 'none'",
    "script-src 'nonce-script'",
    "style-src 'self' 'nonce-theme'",
    "font-src 'self'",
    "img-src 'self' data:",
    `connect-src ws://${host}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

const TYPES: Record<string, string> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".ttf": "font/ttf",
  ".map": "application/json",
};
