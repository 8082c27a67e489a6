import { readFile } from "node:fs/promises";
import type { RequestListener, Server } from "node:http";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { leaksIn, leaksInFolder, seededSecret } from "../../support/secrets.ts";
import { openaiLike, openWindow, type TestWindow, upstream } from "./windows.ts";

const KEYS = [seededSecret("sk-test-first"), seededSecret("sk-test-second")] as const;
const NEW_KEY = seededSecret("sk-test-third");

let dataDir: string;
let window: TestWindow;
let server: Server;
let base: string;
/** What the provider makes of a key; `good` where nothing is said. */
let keys: Map<string, "good" | "revoked" | "used-up">;

const provider: RequestListener = (request, response) => {
  const key = (request.headers.authorization ?? "").replace("Bearer ", "");
  if (keys.get(key) === "used-up" && request.url !== "/v1/models") {
    const error = { message: "You reached your daily limit.", type: "rate_limit_error" };
    request.resume();
    response
      .writeHead(429, { "content-type": "application/json", "retry-after": "7200" })
      .end(JSON.stringify({ error }));
    return;
  }
  request.headers.authorization =
    keys.get(key) === "revoked" ? "Bearer no" : "Bearer sk-test-0123456789abcdef";
  openaiLike(request, response);
};

beforeEach(async () => {
  dataDir = makeFolder("accounts");
  keys = new Map();
  ({ base, server } = await upstream(provider));
  window = openWindow({ dataDir });
  await window.until(({ part }) => part.kind === "leading");
  for (const apiKey of KEYS) {
    const endpoints = { "openai-chat": `${base}/v1` };
    await window.host.call("accounts.add", { provider: "custom", endpoints, apiKey });
  }
});
afterEach(async () => {
  await window.host.close();
  const shown = JSON.stringify([window.host.view, window.lines]);
  expect([...leaksIn("the window", shown), ...(await leaksInFolder(dataDir))]).toEqual([]);
  server.closeAllConnections();
  server.close();
  await removeFolder(dataDir);
});

async function ask(session = "one"): Promise<string> {
  const { proxy } = await window.host.call("proxy.start", undefined);
  if (proxy.kind !== "running") throw new Error("it does not run");
  const reply = await fetch(`${proxy.baseUrl}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-portico-session": session },
    body: JSON.stringify({ model: "test-model", stream: true, messages: [{ role: "user", content: "hi" }] }),
  });
  return reply.text();
}
const listed = async (id: string) =>
  (await window.host.call("accounts.list", undefined)).find((account) => account.id === id);

describe("accounts at work, as a window sees them", () => {
  it("tells of an account that is used up while the other answers", async () => {
    keys.set(KEYS[0], "used-up");
    await window.host.call("accounts.update", { id: "custom", priority: 10 });
    expect(await ask()).toContain("the account");
    const { status } = await window.until((view) => (view.status?.held.length ?? 0) > 0);
    expect(status?.held[0]).toMatchObject({ account: "custom", condition: "exhausted" });
    expect(status?.held[0]?.until).toBeGreaterThan(Date.now() + 3_600_000);
    expect(status?.problems).toEqual([]);
    expect(await listed("custom")).toMatchObject({ credential: "key", held: [{ condition: "exhausted" }] });
    expect(await listed("custom-2")).toMatchObject({ state: "ready", held: [] });
  });

  it("tells of a revoked key, and is content with another", async () => {
    keys.set(KEYS[0], "revoked");
    await window.host.call("accounts.update", { id: "custom", priority: 10 });
    expect(await ask()).toContain("the account");
    const { status } = await window.until((view) => (view.status?.problems.length ?? 0) > 0);
    expect(status?.problems[0]).toMatchObject({ severity: "error", account: "custom", cause: "credential" });
    expect(status?.problems[0]?.message).toContain("Incorrect API key provided");
    expect(await listed("custom")).toMatchObject({ state: "needs-attention" });

    expect(await window.host.call("accounts.test", { id: "custom" })).toMatchObject({
      reason: "key-refused",
    });
    keys.set(NEW_KEY, "revoked");
    expect(await window.host.call("accounts.replaceKey", { id: "custom", apiKey: NEW_KEY })).toMatchObject({
      ok: false,
      reason: "key-refused",
    });
    expect([...window.secrets.values()]).not.toContain(NEW_KEY);
    keys.set(NEW_KEY, "good");
    expect(await window.host.call("accounts.replaceKey", { id: "custom", apiKey: NEW_KEY })).toMatchObject({
      ok: true,
    });
    await window.until((view) => view.status?.problems.length === 0);
    expect([...window.secrets.values()]).toContain(NEW_KEY);
    expect([...window.secrets.values()]).not.toContain(KEYS[0]);
    expect(await window.host.call("accounts.test", { id: "custom" })).toMatchObject({ ok: true });
    expect(window.lines.join("\n")).not.toContain(NEW_KEY);
  });

  it("asks for the models again at once when a key is replaced", async () => {
    const offered = async () => (await window.host.call("models.list", undefined)).map(({ name }) => name);
    keys.set(KEYS[0], "revoked");
    await window.host.call("proxy.start", undefined);
    expect(await offered()).toEqual(["test-model"]);
    expect(await window.host.call("accounts.replaceKey", { id: "custom", apiKey: NEW_KEY })).toMatchObject({
      ok: true,
    });
    // Not after the half minute that a list waits which could not be read.
    expect(await offered()).toContain("custom/test-model");
  });

  it("tells of a key that is refused again after it was replaced", async () => {
    await window.host.call("accounts.update", { id: "custom", priority: 10 });
    const problems = (count: number) => window.until((view) => view.status?.problems.length === count);
    for (const apiKey of [KEYS[0], NEW_KEY]) {
      keys.set(apiKey, "revoked");
      expect(await ask(apiKey)).toContain("the account");
      await problems(1);
      keys.set(NEW_KEY, "good");
      await window.host.call("accounts.replaceKey", { id: "custom", apiKey: NEW_KEY });
      await problems(0);
    }
  });

  it("knows from the first how they fared, although the proxy is off", async () => {
    keys.set(KEYS[0], "revoked");
    await window.host.call("accounts.update", { id: "custom", priority: 10 });
    await ask();
    await window.until((view) => view.status?.problems.length === 1);
    await window.host.call("proxy.stop", undefined);
    await window.host.close();
    window = openWindow({ dataDir, secrets: window.secrets });
    const first = await window.until((view) => view.status !== undefined);
    expect(first.status).toMatchObject({ proxy: { kind: "stopped" }, ready: 1 });
    expect(first.status?.problems).toMatchObject([{ account: "custom", cause: "credential" }]);
  });

  it("leaves a disabled account alone, and keeps what was changed", async () => {
    await window.host.call("accounts.update", { id: "custom", enabled: false, label: "Work" });
    expect(await listed("custom")).toMatchObject({ state: "disabled", label: "Work", enabled: false });
    const { routing, chosen } = await window.host.call("route.explain", { model: "test-model" });
    expect(routing.length).toBeGreaterThan(0);
    expect(chosen).toMatchObject({ account: "custom-2", model: "test-model" });
    const kept: unknown = JSON.parse(await readFile(join(dataDir, "accounts.json"), "utf8"));
    expect(kept).toMatchObject({ accounts: [{ id: "custom", enabled: false, label: "Work" }, {}] });
    await expect(window.host.call("accounts.update", { id: "nobody", enabled: true })).rejects.toMatchObject({
      code: "not-found",
    });
  });

  it("reads the quota of a new account, while the proxy is stopped as well", async () => {
    const balances = [{ currency: "USD", total_balance: "12.50" }];
    const deepseek: RequestListener = (request, response) => {
      if (request.url !== "/user/balance") openaiLike(request, response);
      else
        response
          .writeHead(keys.get("balance") === "revoked" ? 500 : 200, { "content-type": "application/json" })
          .end(JSON.stringify({ is_available: true, balance_infos: balances }));
    };
    const other = await upstream(deepseek);
    try {
      const account = {
        provider: "deepseek",
        endpoints: { "openai-chat": other.base, anthropic: other.base },
        apiKey: KEYS[0],
      };
      const { id } = await window.host.call("accounts.add", account);
      expect(await listed(id)).toMatchObject({ quotas: [{ name: "balance in USD", remaining: 12.5 }] });
      keys.set("balance", "revoked");
      const second = await window.host.call("accounts.add", { ...account, apiKey: KEYS[1] });
      expect(await listed(second.id)).toMatchObject({ state: "ready", quotas: [] });
    } finally {
      other.server.closeAllConnections();
      other.server.close();
    }
  });

  it("asks for quotas and lists the accounts", async () => {
    expect(await window.host.call("accounts.quotas.refresh", undefined)).toHaveLength(2);
  });
});
