/** The data folder is deleted or replaced while it is led: it is noticed, said, and one gateway leads it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { WindowView } from "../../../src/control/window.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { openWindow, type TestWindow } from "./windows.ts";

vi.setConfig({ testTimeout: 90_000 });

let folder: string;
let dataDir: string;
let windows: TestWindow[];
beforeEach(() => {
  folder = makeFolder("lost");
  dataDir = join(folder, "data");
  windows = [];
});
afterEach(async () => {
  await Promise.all(windows.map(({ host }) => host.close()));
  await removeFolder(folder);
});

function open(): TestWindow {
  const window = openWindow({ dataDir });
  windows.push(window);
  return window;
}

const leads = ({ part }: WindowView) => part.kind === "leading";
const attached = ({ part }: WindowView) => part.kind === "attached";
const says = (text: string) => (view: WindowView) =>
  view.status?.problems.some(({ cause, message }) => cause === "data-folder" && message.includes(text)) ===
  true;
const ids = async ({ host }: TestWindow) =>
  (await host.call("accounts.list", undefined)).map(({ id }) => id).sort();

async function running(): Promise<{ window: TestWindow; base: string }> {
  const window = open();
  await window.until(leads);
  await window.host.call("accounts.add", { id: "mine", provider: "openai", apiKey: "sk-0123456789abcdef" });
  const { proxy } = await window.host.call("proxy.start", undefined);
  if (proxy.kind !== "running") throw new Error(`not running: ${JSON.stringify(proxy)}`);
  return { window, base: proxy.baseUrl };
}

describe("a data folder that is deleted while it is led", () => {
  it.each([
    ["with all that is in it", () => rmSync(dataDir, { recursive: true })],
    [
      "and made anew, empty",
      () => {
        rmSync(dataDir, { recursive: true });
        mkdirSync(dataDir);
      },
    ],
  ])("%s is made anew from what is in memory, and no second gateway leads it", async (_what, remove) => {
    const { window, base } = await running();
    const began = performance.now();
    remove();
    await window.until(says("was deleted while Portico ran"));
    expect(performance.now() - began).toBeLessThan(15_000);
    expect(window.lines.join("\n")).toContain("was deleted while Portico ran");
    expect((await fetch(`${base}/healthz`)).status).toBe(200);

    const kept = JSON.parse(await readFile(join(dataDir, "accounts.json"), "utf8"));
    expect(kept.accounts.map(({ id }: { id: string }) => id)).toEqual(["mine"]);
    expect(JSON.parse(await readFile(join(dataDir, "wanted.json"), "utf8"))).toEqual({ proxy: "running" });

    const second = open();
    await second.until(attached);
    expect(await ids(second)).toEqual(["mine"]);
    await window.host.close();
    const view = await second.until((each) => leads(each) && each.status?.proxy.kind === "running");
    expect(view.status?.accounts).toBe(1);
  });
});

describe("a data folder that is replaced while it is led", () => {
  it("is taken as it is now, and nothing of the old one is written into it", async () => {
    const { window } = await running();
    renameSync(dataDir, join(folder, "aside"));
    mkdirSync(dataDir);
    const accounts = [{ id: "restored", provider: "ollama" }];
    writeFileSync(join(dataDir, "accounts.json"), JSON.stringify({ version: 1, accounts, routes: [] }));
    await vi.waitFor(
      () => expect(window.lines.join("\n")).toContain("was replaced while Portico ran"),
      15_000,
    );
    await vi.waitFor(async () => expect(await ids(window)).toEqual(["restored"]), 20_000);
    // What ran goes on running.
    await window.until(({ status }) => status?.proxy.kind === "running" && status.accounts === 1);
    const second = open();
    await second.until(attached);
    expect(await ids(second)).toEqual(["restored"]);
  });

  it("is left to whoever leads the new one", async () => {
    const { window, base } = await running();
    const other = join(folder, "other");
    mkdirSync(other);
    const script = fileURLToPath(new URL("leaderProcess.ts", import.meta.url));
    const holder = spawn(process.execPath, [script, join(other, "leader.db")], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    try {
      await once(holder.stdout, "data");
      renameSync(dataDir, join(folder, "aside"));
      renameSync(other, dataDir);
      await window.until(({ part }) => part.kind === "joining");
      expect(window.lines.join("\n")).toContain("was replaced while Portico ran");
      await vi.waitFor(() => expect(fetch(`${base}/healthz`)).rejects.toThrow(), 20_000);
      expect(window.host.view.part.kind).toBe("joining");
    } finally {
      holder.kill("SIGKILL");
    }
    await window.until(leads);
    expect(await ids(window)).toEqual([]);
  });
});
