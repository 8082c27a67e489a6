/** The dashboard's own server: real HTTP, real upgrades, and a real browser. */
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connectControl } from "../../../src/gateway/control/client.ts";
import { CODE_MS, IDLE_MS } from "../../../src/gateway/control/dashboard/access.ts";
import { type ControlServer, openControlServer } from "../../../src/gateway/control/server.ts";
import type { Log } from "../../../src/gateway/ports.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";

const log: Log = { debug() {}, info() {}, warn() {}, error() {} };

let folder: string;
let server: ControlServer;
let now: number;
/** Whether each caller was a browser. */
let callers: boolean[];

async function open(): Promise<ControlServer> {
  return await openControlServer({
    serve: ({ browser }) => {
      callers.push(browser);
      return async (method) => ({ asked: method });
    },
    log,
    version: "1",
    addressFile: join(folder, `gateway-${Math.random()}.json`),
    dashboard: { folder: join(folder, "pages"), clock: { now: () => now } },
  });
}

beforeEach(async () => {
  now = 1_000_000;
  callers = [];
  folder = makeFolder("dashboard");
  await mkdir(join(folder, "pages", "inner"), { recursive: true });
  await writeFile(join(folder, "secret.js"), "secret");
  await writeFile(join(folder, "pages", "panel.js"), PANEL);
  await writeFile(join(folder, "pages", "panel.css"), "body { color: rgb(1, 2, 3) }");
  await writeFile(join(folder, "pages", "codicon.ttf"), "font");
  await writeFile(join(folder, "pages", ".hidden.js"), "hidden");
  await writeFile(join(folder, "pages", "panel.js.map"), "{}");
  await writeFile(join(folder, "pages", "inner", "a.js"), "inner");
  await symlink(join(folder, "pages", "inner"), join(folder, "pages", "folder.js"));
  server = await open();
});
afterEach(async () => {
  await server.close();
  await removeFolder(folder);
});

/** Asks the control API over a socket of its own, and says so in the page. */
const PANEL = `
const socket = new WebSocket("ws://" + location.host + "/");
socket.onopen = () => socket.send(JSON.stringify({ id: 1, method: "status.get" }));
socket.onmessage = ({ data }) => { document.body.dataset.reply = data; };
socket.onclose = () => { document.body.dataset.closed = "yes"; };
document.body.dataset.start = document.getElementById("portico").textContent;
`;

interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

function ask(
  path: string,
  headers: Record<string, string> = {},
  { method = "GET", on = server }: { method?: string; on?: ControlServer } = {},
): Promise<Reply> {
  const { host, port } = new URL(on.address.address);
  return new Promise((resolve, reject) => {
    const call = request({ host: "127.0.0.1", port, path, method, headers: { host, ...headers } });
    call.on("response", (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (piece: string) => {
        body += piece;
      });
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
    call.on("upgrade", (response, socket) => {
      socket.destroy();
      resolve({ status: 101, headers: response.headers, body: "" });
    });
    call.on("error", reject);
    call.end();
  });
}

const upgrade = (headers: Record<string, string>, on = server) =>
  ask(
    "/",
    {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      ...headers,
    },
    { on },
  ).then(({ status }) => status);

const linkPath = (on = server) => {
  const { pathname, search } = new URL(on.dashboardLink() ?? "");
  return pathname + search;
};

async function cookie(on = server): Promise<string> {
  const { headers } = await ask(linkPath(on), {}, { on });
  return headers["set-cookie"]?.[0]?.split(";", 1)[0] ?? "";
}

const origin = (on = server) => on.address.address.replace("ws:", "http:");

describe("the one-time code", { timeout: 60_000 }, () => {
  it("becomes a cookie that no script and no other site gets", async () => {
    const { status, headers, body } = await ask(linkPath());
    expect(status).toBe(303);
    expect(headers.location).toBe("/");
    const port = new URL(server.address.address).port;
    expect(headers["set-cookie"]).toEqual([
      expect.stringMatching(
        new RegExp(`^portico-${port}=[A-Za-z0-9_-]{43}; Path=/; HttpOnly; SameSite=Strict$`),
      ),
    ]);
    expect(headers["cache-control"]).toBe("no-store");
    expect(body).not.toContain("code=");
  });

  it("goes on by the page where a redirect would lose the cookie", async () => {
    const { status, headers, body } = await ask(linkPath(), { "sec-fetch-site": "cross-site" });
    expect(status).toBe(200);
    expect(headers["set-cookie"]).toHaveLength(1);
    expect(body).toMatch(/http-equiv="refresh" content="0; url=\/"/);
  });

  it("is good once, for ten minutes, and not for those who only look", async () => {
    const path = linkPath();
    expect((await ask(path, {}, { method: "HEAD" })).status).toBe(401);
    expect((await ask(path)).status).toBe(303);
    const again = await ask(path);
    expect(again.status).toBe(401);
    expect(again.headers["set-cookie"]).toBeUndefined();
    expect(again.body).toContain("portico");
    const late = linkPath();
    now += CODE_MS;
    expect((await ask(late)).status).toBe(401);
    expect((await ask("/?code=")).status).toBe(401);
    expect((await ask(`/?code=${"x".repeat(8000)}`)).status).toBe(401);
  });

  it("does not trouble whoever is in already", async () => {
    const path = linkPath();
    const mine = { cookie: (await ask(path)).headers["set-cookie"]?.[0]?.split(";", 1)[0] ?? "" };
    expect((await ask(path, mine)).status).toBe(303);
  });
});

describe("the pages", { timeout: 60_000 }, () => {
  it("need a session, and say how to get one", async () => {
    for (const path of ["/", "/monitor", "/panel.js", "/nothing.js"]) {
      const { status, body } = await ask(path);
      expect(status, path).toBe(401);
      expect(body).toContain("portico");
      expect(body).not.toContain("<script");
    }
    const mine = await cookie();
    expect((await ask("/", { cookie: mine })).status).toBe(200);
    now += IDLE_MS;
    expect((await ask("/", { cookie: mine })).status).toBe(401);
  });

  it("come under a policy with a nonce of their own", async () => {
    const mine = await cookie();
    const [one, two] = [await ask("/", { cookie: mine }), await ask("/monitor?model=x", { cookie: mine })];
    const nonceOf = ({ headers }: Reply) =>
      /script-src 'nonce-([A-Za-z0-9+/=]+)'/.exec(String(headers["content-security-policy"]))?.[1];
    expect(nonceOf(one)).toBeDefined();
    expect(nonceOf(two)).not.toBe(nonceOf(one));
    expect(one.body).toContain(`nonce="${nonceOf(one)}"`);
    expect(one.headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cross-origin-resource-policy": "same-origin",
    });
    expect(two.body).toContain('"open":{"page":"monitor","query":{"model":"x"}}');
  });

  it("come with their files, asked for again by their tag", async () => {
    const mine = { cookie: await cookie() };
    const { status, headers, body } = await ask("/panel.css", mine);
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("text/css; charset=utf-8");
    expect(headers["cache-control"]).toBe("no-cache");
    expect(body).toContain("rgb");
    const etag = String(headers.etag);
    const known = await ask("/panel.css", { ...mine, "if-none-match": etag });
    expect([known.status, known.body]).toEqual([304, ""]);
    await writeFile(join(folder, "pages", "panel.css"), "body {}");
    expect((await ask("/panel.css", { ...mine, "if-none-match": etag })).status).toBe(200);
    expect((await ask("/codicon.ttf", mine)).headers["content-type"]).toBe("font/ttf");
    const head = await ask("/panel.css", mine, { method: "HEAD" });
    expect([head.status, head.body]).toEqual([200, ""]);
  });

  it.each([
    "/../secret.js",
    "/..%2fsecret.js",
    "/%2e%2e/secret.js",
    "/..\\secret.js",
    "//secret.js",
    "/inner/a.js",
    "/inner%2fa.js",
    "/.hidden.js",
    "/panel.js.map",
    "/folder.js",
    "/panel.js%00.css",
    "/nothing.js",
    "http://evil.example/secret.js",
    "*",
  ])("have no file at %s", async (path) => {
    const { status, body } = await ask(path, { cookie: await cookie() });
    expect([400, 404]).toContain(status);
    expect(body).not.toMatch(/secret$|^inner|^hidden/);
  });

  it("say so where they were not built", async () => {
    await rm(join(folder, "pages", "panel.js"));
    const { status, body } = await ask("/", { cookie: await cookie() });
    expect(status).toBe(503);
    expect(body).toContain("npm run build");
  });

  it("are read, never written to", async () => {
    const { status, headers } = await ask("/", { cookie: await cookie() }, { method: "POST" });
    expect(status).toBe(405);
    expect(headers.allow).toBe("GET, HEAD");
  });

  it("are not given under another name", async () => {
    const mine = await cookie();
    const { port } = new URL(server.address.address);
    for (const host of [
      "evil.example",
      `evil.example:${port}`,
      "127.0.0.1",
      "127.0.0.1:1",
      `[::1]:${port}`,
    ]) {
      expect((await ask("/", { cookie: mine, host })).status, host).toBe(403);
    }
    expect((await ask("/", { cookie: mine, host: `localhost:${port}` })).status).toBe(200);
  });
});

describe("the dashboard's socket", { timeout: 60_000 }, () => {
  it("takes a session from our own page alone", async () => {
    const mine = await cookie();
    expect(await upgrade({ cookie: mine, origin: origin() })).toBe(101);
    expect(await upgrade({ cookie: mine, origin: origin(), "sec-fetch-site": "same-origin" })).toBe(101);
    expect(callers).toEqual([true, true]);
    const port = Number(new URL(server.address.address).port);
    const refused: [string, Record<string, string>, number][] = [
      ["a cookie without an origin", { cookie: mine }, 401],
      ["an origin without a cookie", { origin: origin() }, 401],
      [
        "an origin with the token",
        { origin: origin(), authorization: `Bearer ${server.address.token}` },
        401,
      ],
      ["another cookie", { cookie: `portico-${port}=${"x".repeat(43)}`, origin: origin() }, 401],
      ["another name", { cookie: mine.replace("portico", "portico2"), origin: origin() }, 401],
      ["another port's page", { cookie: mine, origin: `http://127.0.0.1:${port + 1}` }, 403],
      ["a page without a port", { cookie: mine, origin: "http://127.0.0.1" }, 403],
      ["another scheme", { cookie: mine, origin: `https://127.0.0.1:${port}` }, 403],
      ["another name of this computer", { cookie: mine, origin: `http://localhost:${port}` }, 403],
      ["a foreign page", { cookie: mine, origin: "https://evil.example" }, 403],
      ["an opaque page", { cookie: mine, origin: "null" }, 403],
      ["a rebound name", { cookie: mine, origin: "http://evil.example", host: "evil.example" }, 403],
      ["another site's say", { cookie: mine, origin: origin(), "sec-fetch-site": "same-site" }, 403],
    ];
    for (const [name, headers, status] of refused) expect(await upgrade(headers), name).toBe(status);
    now += IDLE_MS;
    expect(await upgrade({ cookie: mine, origin: origin() })).toBe(401);
  });

  it("does not take the cookie of another Portico", async () => {
    const other = await open();
    const [mine, theirs] = [await cookie(), await cookie(other)];
    expect(await upgrade({ cookie: theirs, origin: origin() })).toBe(401);
    // The browser sends both: cookies know no ports.
    expect(await upgrade({ cookie: `${theirs}; ${mine}`, origin: origin() })).toBe(101);
    const name = mine.split("=", 1)[0];
    expect(await upgrade({ cookie: `${name}=${theirs.split("=")[1]}`, origin: origin() })).toBe(401);
    await other.close();
  });

  it("serves programs by the token as ever", async () => {
    const client = await connectControl(server.address);
    expect(server.clients).toBe(1);
    expect(callers).toEqual([false]);
    client.close();
  });
});

describe("without a dashboard", { timeout: 60_000 }, () => {
  it("there is no link, no page and no way in by a cookie", async () => {
    const bare = await openControlServer({
      serve: () => async () => undefined,
      log,
      version: "1",
      addressFile: join(folder, "bare.json"),
    });
    expect(bare.dashboardLink()).toBeUndefined();
    expect((await ask("/", {}, { on: bare })).status).toBe(404);
    const mine = await cookie();
    expect(await upgrade({ cookie: mine, origin: origin(bare) }, bare)).toBe(403);
    await bare.close();
  });
});

describe("a fixed port", { timeout: 60_000 }, () => {
  it("is taken, or its lack told", async () => {
    const { port } = new URL(server.address.address);
    const again = openControlServer({
      serve: () => async () => undefined,
      log,
      version: "1",
      addressFile: join(folder, "again.json"),
      port: Number(port),
    });
    await expect(again).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
});

describe("in a browser", { timeout: 60_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    });
  });
  afterAll(() => browser.close());

  it("the link opens the page, which reaches the control API; other pages do not", async () => {
    const context = await browser.newContext({ locale: "de-DE" });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    await page.goto(server.dashboardLink() ?? "");
    await page.waitForSelector("body[data-reply]", { state: "attached" });
    expect(page.url()).toBe(`${origin()}/`);
    const data = await page.evaluate<Record<string, string>>("({ ...document.body.dataset })");
    expect(JSON.parse(data.reply ?? "")).toEqual({ id: 1, result: { asked: "status.get" } });
    expect(JSON.parse(data.start ?? "")).toEqual({
      kind: "browser",
      view: "panel",
      open: { page: "dashboard" },
      locale: "de-DE",
    });
    expect(await page.evaluate("getComputedStyle(document.body).color")).toBe("rgb(1, 2, 3)");
    expect(await page.evaluate("document.cookie")).toBe("");
    expect(complaints).toEqual([]);

    // A page of another port is the same site: the browser sends the cookie, Portico refuses the origin.
    const other = await open();
    const stranger = await context.newPage();
    await stranger.goto(other.dashboardLink() ?? "");
    await stranger.waitForSelector("body[data-reply]", { state: "attached" });
    const outcome = await stranger.evaluate(`new Promise((resolve) => {
      addEventListener("securitypolicyviolation", () => resolve("policy"));
      const socket = new WebSocket("${server.address.address}");
      socket.onopen = () => resolve("open");
      socket.onerror = () => resolve("refused");
    })`);
    expect(["policy", "refused"]).toContain(outcome);
    await context.close();
    await other.close();
  });
});
