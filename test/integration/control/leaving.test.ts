/** A window that leaves politely: the next one answers at once, and nothing of what still ends is lost or told twice. */
import type { Server, ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RequestRow } from "../../../src/control/requests.ts";
import type { WindowView } from "../../../src/control/window.ts";
import { bestOf } from "../../support/bestOf.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { freePort } from "../../support/port.ts";
import { GOOD_KEY, openWindow, type TestWindow, upstream } from "./windows.ts";

/** Several editors' worth of threads share the cores. */
vi.setConfig({ testTimeout: 180_000 });

let dataDir: string;
let port: number;
let base: string;
let windows: TestWindow[];
let server: Server;
let secrets: Map<string, string>;
/** What the provider was asked and has not answered to the end. */
let open: ServerResponse[];

beforeEach(async () => {
  dataDir = makeFolder("leaving");
  port = await freePort();
  base = `http://127.0.0.1:${port}`;
  windows = [];
  open = [];
  secrets = new Map();
});
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  await Promise.all(windows.map(({ host }) => host.close()));
  await removeFolder(dataDir);
});

const leads = ({ part }: WindowView) => part.kind === "leading";
const attached = ({ part }: WindowView) => part.kind === "attached";
const runs = ({ status }: WindowView) => status?.proxy.kind === "running";

function window(): TestWindow {
  const opened = openWindow({ dataDir, settings: { port }, secrets });
  windows.push(opened);
  return opened;
}

const chunk = (content: string) =>
  `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", choices: [{ index: 0, delta: { content } }] })}\n\n`;
const END = `data: ${JSON.stringify({ id: "c", choices: [{ index: 0, delta: {}, finish_reason: "stop" }], usage: { prompt_tokens: 7, completion_tokens: 3 } })}\n\ndata: [DONE]\n\n`;

/** A window that leads, with an account whose provider begins streams and ends them when told. */
async function leader(): Promise<TestWindow> {
  const made = await upstream((request, response) => {
    if (request.url === "/v1/models") {
      response.writeHead(200, { "content-type": "application/json" }).end('{"data":[{"id":"m"}]}');
      return;
    }
    if (request.method !== "POST") {
      response.writeHead(404).end();
      return;
    }
    request.resume().on("end", () => {
      open.push(response);
      if (request.headers["x-quiet"] === undefined) {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write(chunk("Hello"));
      }
    });
  });
  server = made.server;
  const first = window();
  await first.until(leads);
  await first.host.call("accounts.add", {
    provider: "custom",
    endpoints: { "openai-chat": `${made.base}/v1` },
    apiKey: GOOD_KEY,
  });
  await first.host.call("proxy.start", undefined);
  await first.until(runs);
  return first;
}

interface Asked {
  readonly status: number;
  /** All of the reply, when it ended by itself. */
  readonly all: Promise<string>;
}

/** Resolves with the head of the reply. */
async function ask(headers: Record<string, string> = {}): Promise<Asked> {
  const reply = await fetch(`${base}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ model: "m", stream: true, messages: [{ role: "user", content: "hi" }] }),
  });
  const all = reply.text();
  all.catch(() => {});
  return { status: reply.status, all };
}

async function answers(): Promise<void> {
  for (;;) {
    const reply = await fetch(`${base}/healthz`).catch(() => undefined);
    if (reply?.ok === true) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Requests to the account, once there are so many. */
async function recorded({ host }: TestWindow, wanted = 1): Promise<RequestRow[]> {
  for (;;) {
    const { rows } = await host.call("requests.list", { limit: 100 });
    const found = rows.filter(({ protocol }) => protocol !== undefined);
    if (found.length >= wanted) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe("a window that is closed with a stream under way", () => {
  it("is followed within a second; its client reads an error event, recorded once", async () => {
    const first = await leader();
    const second = window();
    await second.until(attached);
    const asked = await ask();
    const closed = first.host.close();
    await second.until(leads);
    await answers();
    const text = await asked.all;
    const [error = "", ...rest] = text.split("\n\n").filter((block) => block.includes('"error"'));
    expect(JSON.parse(error.slice("data: ".length))).toMatchObject({
      error: {
        message: expect.stringContaining("The VS Code window that ran Portico was closed or reloaded"),
      },
    });
    expect(rest).toEqual([]);
    await closed;
    const [row, ...others] = await recorded(second);
    expect(others).toEqual([]);
    expect(row).toMatchObject({ outcome: "failed", errorKind: "cut", status: 200, account: "custom" });
    // Those that answer in time are not told twice either.
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await recorded(second)).toHaveLength(1);
  });

  it("lets another answer in less than a second", async () => {
    const took = await bestOf(async () => {
      for (const each of windows.splice(0)) await each.host.close();
      const first = await leader();
      const second = window();
      await second.until(attached);
      const asked = await ask();
      const began = performance.now();
      const closed = first.host.close();
      await second.until(leads);
      await answers();
      const milliseconds = performance.now() - began;
      open.at(-1)?.end(END);
      await asked.all;
      await closed;
      server.close();
      return milliseconds;
    }, 1000);
    expect(took).toBeLessThan(1000);
  });

  it("lets a stream end that does so in time, which the next one records with its tokens", async () => {
    const first = await leader();
    await first.host.call("settings.update", { "records.bodies": true });
    const second = window();
    await second.until(attached);
    const asked = await ask();
    const closed = first.host.close();
    await second.until(leads);
    open[0]?.end(END);
    expect(await asked.all).toContain("[DONE]");
    await closed;
    const rows = await recorded(second);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ outcome: "ok", tokens: { input: 7, output: 3 } });
    const details = await second.host.call("requests.get", { id: rows[0]?.id ?? "" });
    expect(details.requestBody?.text).toContain('"content":"hi"');
    expect(details.replyBody?.text).toContain("[DONE]");
    const accounts = await second.host.call("accounts.list", undefined);
    expect(accounts[0]?.lastUsed).toEqual(expect.any(Number));
  });

  it("tells the next one what holds an account back", async () => {
    const first = await leader();
    const second = window();
    await second.until(attached);
    const asked = ask({ "x-quiet": "yes" });
    while (open.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    const closed = first.host.close();
    await second.until(leads);
    open[0]
      ?.writeHead(401, { "content-type": "application/json" })
      .end('{"error":{"message":"Incorrect API key provided","code":"invalid_api_key"}}');
    expect((await asked).status).toBe(401);
    await closed;
    expect(await recorded(second)).toHaveLength(1);
    const accounts = await second.host.call("accounts.list", undefined);
    expect(accounts[0]?.state).toBe("needs-attention");
  });

  it("records what it cut itself where there is no other", async () => {
    const first = await leader();
    const asked = await ask();
    await first.host.close();
    expect(await asked.all).toContain("The VS Code window that ran Portico was closed or reloaded");
    const second = window();
    await second.until(leads);
    expect(await recorded(second)).toMatchObject([{ errorKind: "cut" }]);
  });
});

describe("a proxy that is stopped with a stream under way", () => {
  it("says so until the stream is over, and is stopped now by a second stop", async () => {
    const first = await leader();
    const second = window();
    await second.until(attached);
    const asked = await ask();
    const stopped = first.host.call("proxy.stop", undefined);
    const stopping = ({ status }: WindowView) =>
      status?.proxy.kind === "stopped" && status.proxy.stopping !== undefined && status.active === 1;
    await first.until(stopping);
    await second.until(stopping);
    await second.host.call("proxy.stop", { now: true });
    expect(await asked.all).toContain("Portico was stopped before this reply was complete");
    expect((await stopped).proxy).toEqual({ kind: "stopped" });
    await second.until(({ status }) => status?.proxy.kind === "stopped" && status.active === 0);
    expect(await recorded(second)).toMatchObject([{ errorKind: "cut" }]);
  });

  it("can be started anew at once", async () => {
    const first = await leader();
    const asked = await ask();
    const stopped = first.host.call("proxy.stop", undefined);
    await first.until(({ status }) => status?.proxy.kind === "stopped");
    expect((await first.host.call("proxy.start", undefined)).proxy.kind).toBe("running");
    await answers();
    open[0]?.end(END);
    expect(await asked.all).toContain("[DONE]");
    await stopped;
    expect(await recorded(first)).toMatchObject([{ outcome: "ok" }]);
  });

  it("answers at once when it is restarted; what does not end in time is told so", async () => {
    const first = await leader();
    const asked = await ask();
    const { proxy } = await first.host.call("proxy.restart", undefined);
    expect(proxy).toMatchObject({ kind: "running", port });
    await answers();
    expect(await asked.all).toContain("Portico was restarted before this reply was complete");
    expect(await recorded(first)).toMatchObject([{ errorKind: "cut" }]);
  });
});
