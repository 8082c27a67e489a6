import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import type { Server } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { NewAccount } from "../../../src/control/contract.ts";
import type { WindowView } from "../../../src/control/window.ts";
import { deferred } from "../../../src/gateway/common/deferred.ts";
import { bestOf } from "../../support/bestOf.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import {
  GOOD_KEY,
  openaiLike,
  openWindow,
  type TestWindow,
  upstream,
  type WindowOptions,
} from "./windows.ts";

let dataDir: string;
let windows: TestWindow[];
let servers: Server[];

beforeEach(async () => {
  dataDir = makeFolder("window");
  windows = [];
  servers = [];
});
afterEach(async () => {
  await Promise.all(windows.map(({ host }) => host.close()));
  for (const server of servers) server.closeAllConnections();
  for (const server of servers) server.close();
  await removeFolder(dataDir);
});

function open(options: Partial<WindowOptions> = {}): TestWindow {
  const window = openWindow({ dataDir, ...options });
  windows.push(window);
  return window;
}

async function customAccount(apiKey = GOOD_KEY): Promise<NewAccount> {
  const { base, server } = await upstream(openaiLike);
  servers.push(server);
  return { provider: "custom", endpoints: { "openai-chat": `${base}/v1` }, apiKey };
}

const leads = ({ part }: WindowView) => part.kind === "leading";
const attached = ({ part }: WindowView) => part.kind === "attached";
const proxyIs = (kind: string) => (view: WindowView) => view.status?.proxy.kind === kind;

function baseUrl(view: WindowView): string {
  if (view.status?.proxy.kind !== "running") throw new Error(`not running: ${JSON.stringify(view)}`);
  return view.status.proxy.baseUrl;
}

async function ask(base: string): Promise<string> {
  const response = await fetch(`${base}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "test-model", stream: true, messages: [{ role: "user", content: "hi" }] }),
  });
  return response.text();
}

describe("one window", () => {
  it("adds an account, starts, answers, stops, and leaves the port free", async () => {
    const { host, secrets, until, lines } = open();
    await until(leads);
    const account = await customAccount();
    expect(await host.call("accounts.check", account)).toEqual({ ok: true, models: ["test-model"] });
    const added = await host.call("accounts.add", account);
    expect(added).toMatchObject({
      id: "custom",
      provider: "custom",
      protocols: ["openai-chat"],
      readOnly: false,
    });
    expect(added.label).toMatch(/^127\.0\.0\.1:\d+$/);

    const status = await host.call("proxy.start", undefined);
    expect(status).toMatchObject({
      accounts: 1,
      sandboxOnly: false,
      problems: [],
      proxy: { kind: "running" },
    });
    const base = baseUrl({ part: { kind: "leading" }, status });
    expect(await ask(base)).toContain("the account");

    const stopped = await host.call("proxy.stop", undefined);
    expect(stopped.proxy).toEqual({ kind: "stopped" });
    await expect(fetch(`${base}/healthz`)).rejects.toThrow();

    expect([...secrets.values()]).toContain(GOOD_KEY);
    expect(await readFile(join(dataDir, "accounts.json"), "utf8")).not.toContain(GOOD_KEY);
    expect(lines.join("\n")).not.toContain(GOOD_KEY);
    expect(await host.call("accounts.remove", { id: added.id })).toEqual({ removed: true });
    expect([...secrets.values()]).not.toContain(GOOD_KEY);
  });

  it("hands on the provider's words when it refuses the key, and keeps nothing", async () => {
    const { host, until } = open();
    await until(leads);
    const result = await host.call("accounts.check", await customAccount("sk-wrong-0123456789abcdef"));
    expect(result).toMatchObject({ ok: false, reason: "key-refused" });
    expect(result).toHaveProperty("message", expect.stringContaining("Incorrect API key provided"));
    expect(await host.call("accounts.list", undefined)).toEqual([]);
  });

  it("says when nobody answers at an address", async () => {
    const { host, until } = open();
    await until(leads);
    const account = {
      provider: "custom",
      endpoints: { "openai-chat": "http://127.0.0.1:1/v1" },
      apiKey: "k",
    };
    expect(await host.call("accounts.check", account)).toMatchObject({ ok: false, reason: "unreachable" });
  });

  it("ends a check that the person cancels", async () => {
    const asked = deferred();
    const gone = deferred();
    const { base, server } = await upstream((_request, response) => {
      response.on("close", () => gone.resolve());
      asked.resolve();
    });
    servers.push(server);
    const { host, until } = open();
    await until(leads);
    const controller = new AbortController();
    const account = { provider: "custom", endpoints: { "openai-chat": `${base}/v1` }, apiKey: "k" };
    const check = host.call("accounts.check", account, { signal: controller.signal });
    await asked.promise;
    controller.abort();
    await expect(check).rejects.toMatchObject({ code: "cancelled" });
    await gone.promise;
  });

  it.each<[string, NewAccount, RegExp]>([
    ["no key where one is needed", { provider: "openai" }, /OpenAI needs a key/],
    ["no address where one is needed", { provider: "custom", apiKey: "k" }, /address/],
    ["an unknown provider", { provider: "nobody" }, /provider/],
  ])("refuses an account with %s", async (_name, account, words) => {
    const { host, until } = open();
    await until(leads);
    await expect(host.call("accounts.add", account)).rejects.toThrow(words);
  });

  it("names accounts of one provider apart", async () => {
    const { host, until } = open();
    await until(leads);
    for (const key of ["key-1", "key-2"])
      await host.call("accounts.add", { provider: "openai", apiKey: key });
    const accounts = await host.call("accounts.list", undefined);
    expect(accounts.map(({ id, label }) => [id, label])).toEqual([
      ["openai", "OpenAI"],
      ["openai-2", "OpenAI 2"],
    ]);
  });

  it("says that a key is missing, as on a computer that has only accounts.json", async () => {
    const account = { id: "work", provider: "openai" };
    await writeFile(join(dataDir, "accounts.json"), JSON.stringify({ version: 1, accounts: [account] }));
    const { until } = open();
    const view = await until(({ status }) => status !== undefined);
    expect(view.status?.problems).toEqual([
      {
        severity: "error",
        account: "work",
        message: expect.stringContaining("OpenAI has no key"),
        cause: "no-key",
      },
    ]);
  });

  it("sets a broken accounts.json aside and says so", async () => {
    await writeFile(join(dataDir, "accounts.json"), "{");
    const { until } = open();
    const view = await until(({ status }) => status !== undefined);
    expect(view.status?.problems[0]?.message).toContain("accounts.json.broken-");
  });

  it("uses the default of a setting that is not valid, and says so", async () => {
    const { until } = open({
      settings: { port: "many", auth: { mode: "strict" }, upstream: { maxAttempts: 1000 } },
    });
    const view = await until(({ status }) => status !== undefined);
    const messages = view.status?.problems.map(({ message }) => message).join("\n");
    expect(messages).toContain("portico.port");
    expect(messages).toContain("portico.upstream.maxAttempts");
    expect(view.status?.authMode).toBe("strict");
  });

  it("stays off on a taken port, says by whom, and starts once the setting names another", async () => {
    const squatter = createServer().listen(0, "127.0.0.1");
    await once(squatter, "listening");
    const { port } = squatter.address() as AddressInfo;
    const { host, until } = open({ settings: { port } });
    await until(leads);
    const { proxy } = await host.call("proxy.start", undefined);
    expect(proxy).toMatchObject({ kind: "failed", reason: "port-in-use", port });
    await host.tell("window.settings", { port: 0 });
    expect((await host.call("status.get", undefined)).proxy.kind).toBe("running");
    squatter.close();
  });

  it("moves to the port that a start asks for", async () => {
    const { host, until } = open();
    await until(leads);
    await host.call("proxy.start", undefined);
    const free = createServer().listen(0, "127.0.0.1");
    await once(free, "listening");
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    const { proxy } = await host.call("proxy.start", { port });
    expect(proxy).toMatchObject({ kind: "running", port });
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  });

  it("follows changed settings without a restart", async () => {
    const { host, until } = open();
    await until(leads);
    const base = baseUrl({ part: { kind: "leading" }, status: await host.call("proxy.start", undefined) });
    await host.tell("window.settings", { port: 0, auth: { mode: "strict" } });
    await until(({ status }) => status?.authMode === "strict");
    expect((await fetch(`${base}/v1/models`)).status).toBe(401);
    const { apiKey } = await host.call("auth.key", undefined);
    const headers = { authorization: `Bearer ${apiKey}` };
    expect((await fetch(`${base}/v1/models`, { headers })).status).toBe(200);
    const rotated = await host.call("auth.rotate", undefined);
    expect(rotated.apiKey).not.toBe(apiKey);
    expect((await fetch(`${base}/v1/models`, { headers })).status).toBe(401);
  });

  it.each<["restore" | "always" | "never", "ran" | "never ran", string]>([
    ["restore", "ran", "running"],
    ["restore", "never ran", "stopped"],
    ["always", "never ran", "running"],
    ["never", "ran", "stopped"],
  ])("with auto-start %s after it %s is %s", async (autoStart, before, after) => {
    const secrets = new Map<string, string>();
    if (before === "ran") {
      const first = open({ secrets });
      await first.until(leads);
      await first.host.call("proxy.start", undefined);
      await first.host.close();
    }
    const second = open({ secrets, autoStart });
    await second.until(leads);
    const view = await second.until(({ status }) => status !== undefined && status.proxy.kind !== "starting");
    if (after === "running") await second.until(proxyIs("running"));
    else expect(view.status?.proxy.kind).toBe("stopped");
  });

  it("cannot use a data folder that is a file, and says so", async () => {
    const file = join(dataDir, "file");
    await writeFile(file, "");
    const { until, host } = open({ dataDir: file });
    const view = await until(({ part }) => part.kind === "broken");
    expect(view.part).toHaveProperty("message", expect.stringContaining(file));
    await expect(host.call("status.get", undefined)).rejects.toThrow(file);
  });

  it("starts its worker again when that dies", async () => {
    const workerFile = new URL("crashingWorker.ts", import.meta.url);
    const { until, lines } = open({ workerFile });
    const view = await until(({ part }) => part.kind === "broken");
    expect(view.part).toHaveProperty("message", expect.stringContaining("gone wrong"));
    await until(({ part }) => part.kind === "joining");
    expect(lines.filter((line) => line.includes("The gateway's worker failed"))).not.toEqual([]);
  });
});

describe("two windows", () => {
  it("share one gateway and look the same", async () => {
    const first = open();
    await first.until(leads);
    const second = open();
    const view = await second.until(attached);
    expect(view.part).toMatchObject({ pid: process.pid });

    // The second steers, the first does it, both see it, and the secret is the leader's.
    await second.host.call("accounts.add", await customAccount());
    const status = await second.host.call("proxy.start", undefined);
    const base = baseUrl({ part: { kind: "leading" }, status });
    expect(baseUrl(await first.until(proxyIs("running")))).toBe(base);
    expect(baseUrl(await second.until(proxyIs("running")))).toBe(base);
    expect([...first.secrets.values()]).toContain(GOOD_KEY);
    expect([...second.secrets.values()]).toEqual([]);
    expect(await ask(base)).toContain("the account");

    await first.host.call("proxy.stop", undefined);
    await second.until(proxyIs("stopped"));
  });

  it("lets the second take over when the first closes, with what was wanted", async () => {
    const secrets = new Map<string, string>();
    const first = open({ secrets });
    await first.until(leads);
    const second = open({ secrets, autoStart: "never" });
    await second.until(attached);
    await first.host.call("accounts.add", await customAccount());
    await first.host.call("proxy.start", undefined);
    await second.until(proxyIs("running"));
    await first.host.close();
    await second.until(leads);
    expect(await ask(baseUrl(await second.until(proxyIs("running"))))).toContain("the account");
  });

  it("lets the second take over within a second when the first process is killed", async () => {
    const script = fileURLToPath(new URL("windowProcess.ts", import.meta.url));
    const took = await bestOf(async () => {
      const child = spawn(process.execPath, ["--no-warnings", script, dataDir], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let said = "";
      child.stdout.on("data", (data) => {
        said += String(data);
      });
      while (!said.includes("leading")) await once(child.stdout, "data");
      const second = open();
      const { part } = await second.until(attached);
      expect(part).toMatchObject({ pid: child.pid });
      await second.host.call("proxy.start", undefined);
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
      const killed = performance.now();
      await second.until(leads);
      await second.until(proxyIs("running"));
      const milliseconds = performance.now() - killed;
      await second.host.close();
      return milliseconds;
    }, 1000);
    expect(took).toBeLessThan(1000);
  });
});
