/** The dashboard's own server: real HTTP, real upgrades, and a real browser. */
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Log, systemClock } from "../../../src/gateway/common/ports.ts";
import { connectControl } from "../../../src/gateway/controlServer/client.ts";
import {
  CODE_MS,
  IDLE_MS,
  MAX_TRIES,
  TRIES_MS,
} from "../../../src/gateway/controlServer/dashboard/access.ts";
import { type ControlServer, openControlServer } from "../../../src/gateway/controlServer/server.ts";
import { browserPath, openBrowser } from "../../support/chromium.ts";
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
    dashboard: {
      folder: join(folder, "pages"),
      links: folder,
      clock: { ...systemClock, now: () => now, monotonic: () => now },
    },
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
  { method = "GET", on = server, body }: { method?: string; on?: ControlServer; body?: string | Buffer } = {},
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
    call.end(body);
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

const origin = (on = server) => on.address.address.replace("ws:", "http:");

async function link(on = server): Promise<string> {
  const { url } = (await on.dashboardLink()) ?? { url: "" };
  return url;
}

async function newCode(on = server): Promise<string> {
  return new URLSearchParams(new URL(await link(on)).hash.slice(1)).get("code") ?? "";
}

/** What the page sends that finds a code in its address. */
const signIn = (code: string, headers: Record<string, string> = {}, on = server): Promise<Reply> =>
  ask(
    "/session",
    { origin: origin(on), "content-type": "application/json", ...headers },
    { on, method: "POST", body: JSON.stringify({ code }) },
  );

async function cookie(on = server): Promise<string> {
  const { headers } = await signIn(await newCode(on), {}, on);
  return headers["set-cookie"]?.[0]?.split(";", 1)[0] ?? "";
}

describe("the one-time code", { timeout: 60_000 }, () => {
  it("is in no part of its link that is sent, and becomes a cookie that no script and no other site gets", async () => {
    const url = new URL(await link());
    expect(url.pathname + url.search).toBe("/");
    const { status, headers, body } = await signIn(await newCode(), { "sec-fetch-site": "same-origin" });
    expect([status, body]).toEqual([204, ""]);
    const port = new URL(server.address.address).port;
    expect(headers["set-cookie"]).toEqual([
      expect.stringMatching(
        new RegExp(`^portico-${port}=[A-Za-z0-9_-]{43}; Path=/; HttpOnly; SameSite=Strict$`),
      ),
    ]);
    expect(headers["cache-control"]).toBe("no-store");
    // As it was before: in the query it is nothing.
    const old = await ask(`/?code=${await newCode()}`);
    expect(old.headers["set-cookie"]).toBeUndefined();
    expect(old.body).toContain("portico dashboard");
  });

  it("is good once, for ten minutes, and says what to do afterwards", async () => {
    const code = await newCode();
    expect((await signIn(code)).status).toBe(204);
    const again = await signIn(code);
    expect(again.status).toBe(401);
    expect(again.headers["set-cookie"]).toBeUndefined();
    expect(JSON.parse(again.body)).toEqual({
      title: "This link was used, or is too old",
      text: [expect.stringContaining("once"), expect.stringContaining("portico dashboard")],
    });
    const late = await newCode();
    now += CODE_MS;
    expect((await signIn(late)).status).toBe(401);
  });

  it("does not trouble whoever is in already", async () => {
    const code = await newCode();
    const mine = { cookie: (await signIn(code)).headers["set-cookie"]?.[0]?.split(";", 1)[0] ?? "" };
    expect((await signIn(code, mine)).status).toBe(204);
  });

  it("is taken from our own page alone, and is still good when another sent it", async () => {
    const code = await newCode();
    const { port } = new URL(server.address.address);
    const strangers: Record<string, string>[] = [
      { origin: "https://evil.example" },
      { origin: "null" },
      { origin: `http://127.0.0.1:${Number(port) + 1}` },
      { origin: `http://localhost:${port}` },
      { origin: `https://127.0.0.1:${port}` },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { host: "evil.example", origin: "http://evil.example" },
    ];
    for (const headers of strangers) {
      expect((await signIn(code, headers)).status, JSON.stringify(headers)).toBe(403);
    }
    const bare = { method: "POST", body: JSON.stringify({ code }) };
    expect((await ask("/session", { "content-type": "application/json" }, bare)).status).toBe(403);
    // What a form can send.
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
      expect((await signIn(code, { "content-type": type })).status, type).toBe(400);
    }
    expect((await ask("/session", {}, { method: "OPTIONS" })).status).toBe(405);
    expect((await signIn(code)).status).toBe(204);
  });

  it("comes in a small body of JSON, or not at all", async () => {
    const send = (body: string | Buffer, headers: Record<string, string> = {}) =>
      ask(
        "/session",
        { origin: origin(), "content-type": "application/json", ...headers },
        { method: "POST", body },
      );
    const code = await newCode();
    const bodies = [
      "",
      "{",
      "null",
      "[]",
      "7",
      '"x"',
      "{}",
      '{"code":7}',
      '{"code":""}',
      `{"code":["${code}"]}`,
    ];
    for (const body of [...bodies, JSON.stringify({ code, more: 1 }), `{"code":"${"x".repeat(300)}"}`]) {
      const { status, body: words } = await send(body);
      expect(status, body).toBe(400);
      expect(JSON.parse(words)).toMatchObject({ title: expect.any(String), text: [expect.any(String)] });
    }
    expect((await send(`{"code":"${"x".repeat(2000)}"}`)).status).toBe(413);
    const packed = gzipSync(JSON.stringify({ code: "x".repeat(1_000_000) }));
    expect((await send(packed, { "content-encoding": "gzip" })).status).toBe(413);
    expect((await send("x", { "content-encoding": "secret" })).status).toBe(415);
    expect((await send(JSON.stringify({ code }))).status).toBe(204);
  });

  it("is not guessed", async () => {
    const code = await newCode();
    for (let tried = 0; tried < MAX_TRIES; tried += 1) expect((await signIn(`no${tried}`)).status).toBe(401);
    const { status, headers, body } = await signIn(code);
    expect(status).toBe(429);
    expect(headers["retry-after"]).toBe("60");
    expect(body).toContain("Wait a minute");
    now += TRIES_MS;
    expect((await signIn(code)).status).toBe(204);
  });

  it("is in a file of its owner's, which goes with it", async () => {
    const { url, file = "" } = (await server.dashboardLink(true)) ?? { url: "" };
    expect(file.startsWith(folder)).toBe(true);
    expect(await readFile(file, "utf8")).toContain(url);
    const code = new URL(url).hash.slice("#code=".length);
    expect((await signIn(code)).status).toBe(204);
    await expect.poll(() => existsSync(file), { timeout: 30_000 }).toBe(false);
    const other = await open();
    const second = (await other.dashboardLink(true))?.file ?? "";
    expect(existsSync(second)).toBe(true);
    await other.close();
    expect(existsSync(second)).toBe(false);
  });
});

describe("the pages", { timeout: 60_000 }, () => {
  it("need a session, and say how to get one", async () => {
    for (const path of ["/", "/monitor", "/panel.js", "/nothing.js"]) {
      const { status, body } = await ask(path);
      expect(status, path).toBe(path.endsWith(".js") ? 401 : 200);
      expect(body).toContain("portico dashboard");
      expect(body).not.toContain("/panel.js");
    }
    const mine = await cookie();
    expect((await ask("/", { cookie: mine })).body).toContain("/panel.js");
    now += IDLE_MS;
    expect((await ask("/", { cookie: mine })).body).not.toContain("/panel.js");
    expect((await ask("/panel.js", { cookie: mine })).status).toBe(401);
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
    expect(await bare.dashboardLink()).toBeUndefined();
    expect((await signIn("x", {}, bare)).status).toBe(404);
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

describe.skipIf(browserPath === undefined)("pages (needs a browser)", { timeout: 60_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  it("the link opens the page, which reaches the control API; other pages do not", async () => {
    const context = await browser.newContext({ locale: "de-DE" });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    // From another site, as out of a mail: a cookie that came with a redirect would be left out there.
    const elsewhere = createServer((_request, response) => {
      response.setHeader("content-type", "text/html");
      response.end(`<a href="${first}">Portico</a>`);
    });
    await new Promise<void>((done) => elsewhere.listen(0, "127.0.0.1", done));
    const first = await link();
    await page.goto(`http://localhost:${(elsewhere.address() as AddressInfo).port}/`);
    await page.click("a");
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
    await stranger.goto(await link(other));
    await stranger.waitForSelector("body[data-reply]", { state: "attached" });
    const outcome = await stranger.evaluate(`new Promise((resolve) => {
      addEventListener("securitypolicyviolation", () => resolve("policy"));
      const socket = new WebSocket("${server.address.address}");
      socket.onopen = () => resolve("open");
      socket.onerror = () => resolve("refused");
    })`);
    expect(["policy", "refused"]).toContain(outcome);
    expect(
      await stranger.evaluate(
        `fetch("${origin()}/session", { method: "POST", body: "{}" }).then(() => "sent", () => "refused")`,
      ),
    ).toBe("refused");

    // Whoever is in and opens a link again stays in, and its code is in no address; nor in the history.
    await page.goto(`${origin()}/monitor#code=${await newCode()}`);
    await page.waitForSelector("body[data-reply]", { state: "attached" });
    expect(page.url()).toBe(`${origin()}/monitor`);

    // The link that was used, in a browser that is not in: what to do next. Then a fresh one, in the same tab.
    const visitor = await (await browser.newContext()).newPage();
    await visitor.goto(first);
    await visitor.getByRole("heading", { name: "This link was used, or is too old" }).waitFor();
    expect(await visitor.locator("body").textContent()).toContain("portico dashboard");
    expect(visitor.url()).toBe(`${origin()}/`);
    await visitor.evaluate(`location.href = ${JSON.stringify(await link())}`);
    await visitor.waitForSelector("body[data-reply]", { state: "attached" });
    await visitor.context().close();

    // The file that a browser is started with.
    const byFile = await (await browser.newContext()).newPage();
    await byFile.goto(pathToFileURL((await server.dashboardLink(true))?.file ?? "").href);
    await byFile.waitForSelector("body[data-reply]", { state: "attached" });
    expect(byFile.url()).toBe(`${origin()}/`);
    await byFile.context().close();

    // Without scripts: what to do, and the link is still good.
    const plain = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
    const kept = await link();
    await plain.goto(kept);
    expect(await plain.locator("noscript").textContent()).toContain("Allow it for this address");
    await plain.context().close();
    expect((await signIn(new URL(kept).hash.slice("#code=".length))).status).toBe(204);

    await new Promise((done) => elsewhere.close(done).closeAllConnections());
    await context.close();
    await other.close();
  });
});
