/** Portico is removed from a computer: by the real window, worker and files; only VS Code's own storage is a map. */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import type { Server } from "node:http";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { openDataFolder } from "../../../src/gateway/common/dataFolder.ts";
import { tryLead } from "../../../src/gateway/common/leaderLock.ts";
import { deleteFolder } from "../../../src/gateway/worker/deleteFolder.ts";
import { lookFor, type Part, remove } from "../../../src/vscode/remove/removal.ts";
import { homeEnvironment } from "../../support/clientHome.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { lockFolder } from "../../support/lockedFolder.ts";
import { GOOD_KEY, openaiLike, openWindow, type TestWindow, upstream } from "./windows.ts";

vi.setConfig({ testTimeout: 240_000 });

const CLAUDE = ".claude/settings.json";
const MINE = '{ "env": { "A": "1" } }\n';
const REMOVED = "Portico was removed.";

let home: string;
let dataDir: string;
let windows: TestWindow[];
let servers: Server[];
let before: NodeJS.ProcessEnv;
beforeEach(async () => {
  home = makeFolder("removal");
  dataDir = join(home, "data");
  windows = [];
  servers = [];
  before = { ...process.env };
  // Of this process and the thread that it starts.
  Object.assign(process.env, homeEnvironment(home));
  await mkdir(dirname(at(CLAUDE)));
  await writeFile(at(CLAUDE), MINE);
});
afterEach(async () => {
  await Promise.all(windows.map(({ host }) => host.close()));
  for (const server of servers) server.closeAllConnections();
  for (const server of servers) server.close();
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, before);
  await removeFolder(home);
});

const at = (file: string) => join(home, file);
const claude = () => readFile(at(CLAUDE), "utf8");

function open(): TestWindow {
  const window = openWindow({ dataDir });
  windows.push(window);
  return window;
}

/** With an account, a recorded request and a connected tool. */
async function used(): Promise<TestWindow> {
  const window = open();
  const { host } = window;
  await window.until(({ part }) => part.kind === "leading");
  const { base, server } = await upstream(openaiLike);
  servers.push(server);
  await host.call("accounts.add", {
    provider: "custom",
    endpoints: { "openai-chat": `${base}/v1` },
    apiKey: GOOD_KEY,
  });
  const { proxy } = await host.call("proxy.start", undefined);
  if (proxy.kind !== "running") throw new Error(proxy.kind);
  const reply = await fetch(`${proxy.baseUrl}/v1/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model: "test-model", stream: true, messages: [{ role: "user", content: "hi" }] }),
  });
  expect(await reply.text()).toContain("the account");
  const wish = { id: "claude-code", to: "connect" } as const;
  const { seen } = await host.call("clients.preview", wish);
  await host.call("clients.apply", { wish, seen });
  expect(await claude()).toContain(proxy.baseUrl);
  return window;
}

async function removing({ host, secrets }: TestWindow, ...parts: Part[]) {
  let forgotten = 0;
  const removed = await remove(new Set(parts), await lookFor(host), {
    host,
    secrets: {
      keys: async () => [...secrets.keys()],
      delete: async (key) => void secrets.delete(key),
    },
    forget: async () => {
      forgotten += 1;
    },
    removed: REMOVED,
  });
  return { removed, forgotten };
}

it("all of it is shown, and goes: the tool's settings are its own, no key, no file and no proxy is left", async () => {
  const window = await used();
  const { host, secrets } = window;
  await expect.poll(async () => (await lookFor(host)).requests).toBe(1);
  const found = await lookFor(host);
  expect(found).toMatchObject({ accounts: 1, path: dataDir, others: 0 });
  expect(found.clients).toMatchObject([{ id: "claude-code", label: "Claude Code" }]);
  expect(found.bytes).toBeGreaterThan(10_000);
  expect(secrets.size).toBe(2);
  const status = host.view.status?.proxy;
  const base = status?.kind === "running" ? status.baseUrl : "";
  const { removed, forgotten } = await removing(window, "clients", "keys", "data");
  expect(removed).toEqual({
    clients: ["Claude Code"],
    failed: [],
    left: [],
    dropped: [],
    keys: 1,
    files: [],
  });
  expect(forgotten).toBe(1);
  expect(await claude()).toBe(MINE);
  expect([...secrets]).toEqual([]);
  expect(existsSync(dataDir)).toBe(false);
  await expect(fetch(base)).rejects.toThrow();
  expect(host.view.part).toEqual({ kind: "broken", message: REMOVED });
  await expect(host.call("status.get", undefined)).rejects.toThrow(REMOVED);
  // Nor does it come back by itself.
  host.start();
  await host.close();
  expect(existsSync(dataDir)).toBe(false);

  const next = open();
  await next.until(({ part }) => part.kind === "leading");
  expect(await lookFor(next.host)).toMatchObject({ accounts: 0, requests: 0, clients: [] });
});

it("tools alone are put back, and Portico goes on", async () => {
  const window = await used();
  const { removed, forgotten } = await removing(window, "clients");
  expect(removed).toMatchObject({ clients: ["Claude Code"], keys: 0, files: [] });
  expect(forgotten).toBe(0);
  expect(await claude()).toBe(MINE);
  expect((await window.host.call("status.get", undefined)).proxy.kind).toBe("running");
  expect(window.secrets.size).toBe(2);
});

it("a tool that cannot be put back is named, keeps its record, and keeps nothing else", async () => {
  const window = await used();
  await writeFile(at(CLAUDE), "{ broken");
  const { removed } = await removing(window, "clients", "keys", "data");
  expect(removed.clients).toEqual([]);
  expect(removed.failed).toMatchObject([{ label: "Claude Code" }]);
  expect(removed.failed[0]?.why).toContain("was left as it is");
  expect(await claude()).toBe("{ broken");
  expect(existsSync(dataDir)).toBe(false);
  expect([...window.secrets]).toEqual([]);
});

it("keys alone go: the accounts stay without them; a keyring that is locked keeps the rest from nothing", async () => {
  const window = await used();
  const connected = await claude();
  const { removed } = await removing(window, "keys");
  expect(removed).toMatchObject({ clients: [], keys: 2, files: [] });
  expect([...window.secrets]).toEqual([]);
  expect(await claude()).toBe(connected);
  expect(JSON.parse(await readFile(join(dataDir, "accounts.json"), "utf8")).accounts).toHaveLength(1);

  const next = open();
  await next.until(({ part }) => part.kind === "leading");
  const locked = { keys: () => Promise.reject(new Error("The keyring is locked.")), delete: async () => {} };
  const deps = { host: next.host, secrets: locked, forget: async () => {}, removed: REMOVED };
  const after = await remove(new Set(["keys", "data"]), { clients: [] }, deps);
  expect(after).toMatchObject({ keys: 0, keysFailed: "The keyring is locked." });
  expect(existsSync(dataDir)).toBe(false);
});

it("another window is counted, and the one that does not lead deletes nothing", async () => {
  const first = await used();
  const second = open();
  await second.until(({ part }) => part.kind === "attached");
  expect((await lookFor(first.host)).others).toBe(1);
  await expect(second.host.deleteData()).rejects.toThrow("is led by another window");
  expect(existsSync(join(dataDir, "accounts.json"))).toBe(true);
  await second.host.close();
  await expect.poll(async () => (await lookFor(first.host)).others).toBe(0);
});

it("a window that waits for the lock meanwhile begins with an empty folder, and is not disturbed", async () => {
  const first = await used();
  const deleted = first.host.deleteData();
  const second = open();
  expect(await deleted).toEqual([]);
  await second.until(({ part }) => part.kind === "leading");
  expect(await lookFor(second.host)).toMatchObject({ accounts: 0, requests: 0 });
  expect((await second.host.call("status.get", undefined)).problems).toEqual([]);
  expect((await readdir(dataDir)).sort()).toContain("leader.db");
});

it.skipIf(process.platform === "win32")("what cannot be deleted is named (not on Windows)", async () => {
  const folder = await openDataFolder(dataDir);
  const lock = tryLead(folder.leader);
  await writeFile(folder.accounts, "{}");
  await mkdir(join(dataDir, "kept"));
  await writeFile(join(dataDir, "kept", "file"), "");
  const unlock = lockFolder(join(dataDir, "kept"));
  try {
    expect(await deleteFolder(folder, () => lock?.release())).toEqual(["kept"]);
    expect(await readdir(dataDir)).toEqual(["kept"]);
  } finally {
    unlock();
  }
});

it("a folder that is gone already is no trouble, and its lock is given up", async () => {
  const folder = await openDataFolder(dataDir);
  await rm(dataDir, { recursive: true });
  let released = 0;
  const release = () => {
    released += 1;
  };
  expect(await deleteFolder(folder, release)).toEqual([]);
  expect(released).toBe(1);
});
