/** What a person does with Portico in VS Code, step by step; each step builds on those before it. */
import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { type Companion, findCompanion } from "./companion.ts";
import type { Editor } from "./editor.ts";
import { GOOD_KEY, REFUSAL, type ScriptedProvider } from "./provider.ts";
import { Workbench } from "./workbench.ts";

export interface Stage {
  editor: Editor;
  scratch: string;
  screenshots: string;
  provider: ScriptedProvider;
  /** The setting `portico.port`. */
  port: number;
}

/** `run` may return a measured value, for the report. */
export interface Step {
  name: string;
  run(): Promise<string | undefined>;
}

/** Milliseconds that activation may take, as it is promised: tried for, and told when it is missed. */
const ACTIVATION_MS = 50;
/** And what it may take at most where a browser and a server share the cores with the editor. */
const ACTIVATION_BUSY_MS = 150;
/** Milliseconds that the extension host's event loop may once be late: generous, as test machines are busy. */
const LATE_MS = 250;
const STREAMS = 100;
/** Milliseconds until another window has to have taken over. */
const TAKEOVER_MS = 1000;

export function scenario(stage: Stage): Step[] & { onFailure(): Promise<void> } {
  const { editor, scratch, screenshots, provider, port } = stage;
  const base = `http://127.0.0.1:${port}`;
  const companions = join(scratch, "companions");
  const steps: Step[] = [];
  const windows: Workbench[] = [];
  let companion: Companion;
  /** Where the proxy runs now. */
  let address = base;

  const step = (name: string, run: (window: Workbench) => Promise<string | undefined>) =>
    steps.push({ name, run: () => run(window()) });
  const window = (index = 0): Workbench => {
    const found = windows[index];
    if (found === undefined) throw new Error("the window is not open");
    return found;
  };

  async function open(folder: string): Promise<Workbench> {
    const path = join(scratch, folder);
    await mkdir(path, { recursive: true });
    const opened = new Workbench(await editor.openWindow(path), screenshots);
    windows.push(opened);
    await opened.ready();
    return opened;
  }

  steps.push({
    name: "opens with Portico off, quickly activated",
    async run() {
      const first = await open("first");
      await first.statusIs(/^\s*Portico\s*$/);
      // A busy machine makes it longer and nothing makes it shorter, so the best of a few counts.
      let took = await first.activationMs("Portico");
      for (let more = 3; more > 0 && took >= ACTIVATION_MS; more -= 1) {
        await first.page.reload();
        await first.ready();
        took = Math.min(took, await first.activationMs("Portico"));
      }
      assert.ok(took < ACTIVATION_BUSY_MS, `activation took ${took} ms`);
      companion = await findCompanion(companions, "first");
      await first.statusBar.hover();
      await first.page.getByText("Portico is off").first().waitFor();
      await first.screenshot("01-off");
      return took < ACTIVATION_MS ? `${took} ms` : `${took} ms, over ${ACTIVATION_MS} on this busy machine`;
    },
  });

  step("has exactly its sixteen commands in the palette", async (first) => {
    await first.page.keyboard.press("F1");
    await first.page.keyboard.type("Portico: ");
    const rows = first.quickInput.locator(".monaco-list-row").filter({ hasText: "Portico: " });
    await rows.nth(7).waitFor();
    await first.screenshot("02-palette");
    // Rows out of sight do not exist.
    const titles = new Set(await rows.allTextContents());
    await first.page.keyboard.press("ArrowUp");
    await rows.filter({ hasText: "Test Account" }).waitFor();
    for (const title of await rows.allTextContents()) titles.add(title);
    assert.equal(titles.size, 16, [...titles].join());
    await first.page.keyboard.press("Escape");
    return undefined;
  });

  step("refuses a wrong key in the provider's own words, and keeps nothing", async (first) => {
    await first.runCommand("Portico: Add Account…");
    await first.quickInput.locator(".monaco-list-row").filter({ hasText: "OpenRouter" }).waitFor();
    await first.screenshot("03-providers");
    await first.page.keyboard.type("Custom");
    await first.pick("Custom");
    await first.answer("Base URL", provider.base);
    await first.quickInput.filter({ hasText: "OpenAI responses" }).waitFor();
    await first.screenshot("04-protocols");
    await first.page.keyboard.press("Enter");
    await first.answer("API key", "sk-wrong-0123456789abcdef");
    await first.quickInput.filter({ hasText: REFUSAL }).waitFor();
    await first.screenshot("05-key-refused");
    return undefined;
  });

  step("adds the account once the key works", async (first) => {
    await first.answer("refused the key", GOOD_KEY);
    await first.notification("was added (2 models)").waitFor();
    await first.screenshot("06-account-added");
    return undefined;
  });

  step("starts, and shows the port", async (first) => {
    await first.runCommand("Portico: Start Proxy");
    await first.statusIs(new RegExp(`Portico ${port}`));
    await first.notification(`Portico is running on ${base}`).waitFor();
    await first.screenshot("07-running");
    await first.clearNotifications();
    return undefined;
  });

  step("answers on the port with a stream from the account", async () => {
    const text = await ask(base, "quick");
    assert.match(text, /Hello[\s\S]*from[\s\S]*afar[\s\S]*\[DONE\]/);
    return undefined;
  });

  step(`leaves the extension host alone while ${STREAMS} streams run`, async () => {
    await companion.startDelay();
    const replies = await Promise.all(Array.from({ length: STREAMS }, () => ask(base, "slow")));
    const { max, p99 } = await companion.stopDelay();
    for (const reply of replies) assert.match(reply, /"99 "[\s\S]*\[DONE\]/);
    assert.ok(max < LATE_MS, `the event loop was held for ${max} ms`);
    return `held for ${max.toFixed(1)} ms at most, p99 ${p99.toFixed(1)} ms`;
  });

  step("opens a menu from the status bar", async (first) => {
    await first.statusBar.click();
    await first.quickInput.filter({ hasText: `Portico is running on ${base}` }).waitFor();
    await first.screenshot("08-menu");
    await first.pick("Who needs the key");
    await first.quickInput.filter({ hasText: "who needs the key?" }).waitFor();
    await first.screenshot("09-key-modes");
    await first.pick("Key for everything but");
    await untilStatus(`${base}/v1/models`, 401);
    return undefined;
  });

  step("explains LAN access and shows the key before it allows it", async (first) => {
    await first.statusBar.click();
    await first.pick("LAN access");
    await first.dialog.filter({ hasText: "They must show this key" }).waitFor();
    const key = /sk-portico-[0-9a-f]+/.exec((await first.dialog.textContent()) ?? "")?.[0];
    assert.ok(key, "the key is not shown");
    await first.screenshot("10-lan-access");
    await first.pressDialog("Cancel");
    const headers = { authorization: `Bearer ${key}` };
    assert.equal((await fetch(`${base}/v1/models`, { headers })).status, 200);
    await first.statusBar.click();
    await first.pick("Who needs the key");
    await first.pick("No key on this computer");
    await untilStatus(`${base}/v1/models`, 200);
    return undefined;
  });

  steps.push({
    name: "attaches a second window, which shows the same and steers the same",
    async run() {
      const first = window();
      const second = await open("second");
      await second.statusIs(new RegExp(`Portico ${port}`));
      await second.statusBar.hover();
      await second.page.getByText(`Portico is running on ${base}`).first().waitFor();
      await second.screenshot("11-second-window");
      await second.runCommand("Portico: Stop Proxy");
      await second.statusIs(/^\s*Portico\s*$/);
      await first.page.bringToFront();
      await first.statusIs(/^\s*Portico\s*$/);
      await (await listen(port)).close();
      return undefined;
    },
  });

  step("says who has the port, and offers a choice", async (first) => {
    const squatter = await listen(port);
    await first.runCommand("Portico: Start Proxy");
    const question = first.notification(`port ${port} is taken by`);
    await question.waitFor();
    assert.match((await question.textContent()) ?? "", new RegExp(`pid ${process.pid}|another program|node`));
    await first.statusBar.locator(".codicon-error").waitFor();
    await first.screenshot("12-port-taken");
    await squatter.close();
    await first.pressNotification(`port ${port} is taken by`, "Retry");
    await first.statusIs(new RegExp(`Portico ${port}`));
    await first.clearNotifications();
    return undefined;
  });

  step("moves to another port when the person says so", async (first) => {
    await first.runCommand("Portico: Stop Proxy");
    await first.statusIs(/^\s*Portico\s*$/);
    const squatter = await listen(port);
    await first.runCommand("Portico: Start Proxy");
    await first.pressNotification(`port ${port} is taken by`, "Another Port…");
    await first.quickInput.filter({ hasText: "another port" }).waitFor();
    const suggested = Number(await first.quickInput.locator("input.input:visible").first().inputValue());
    assert.ok(suggested > port);
    await first.screenshot("13-another-port");
    await first.page.keyboard.press("Enter");
    await first.statusIs(new RegExp(`Portico ${suggested}`));
    address = `http://127.0.0.1:${suggested}`;
    await untilStatus(`${address}/healthz`, 200);
    await squatter.close();
    await first.clearNotifications();
    return undefined;
  });

  step("runs again after the window is reloaded", async (first) => {
    await first.page.reload();
    await first.ready();
    await first.statusIs(/Portico \d+/);
    return undefined;
  });

  steps.push({
    name: "lets the other window take over within a second when the leader is killed",
    async run() {
      const second = window(1);
      const leader = await leaderPid(scratch);
      const hosts = await Promise.all(["first", "second"].map((name) => findCompanion(companions, name)));
      const other = hosts.find(({ pid }) => pid !== leader);
      assert.ok(
        other !== undefined && hosts.some(({ pid }) => pid === leader),
        "the leader is neither window",
      );
      process.kill(leader, "SIGKILL");
      const killed = performance.now();
      while ([0, leader].includes(await leaderPid(scratch)) || !(await isHealthy(address))) {
        if (performance.now() - killed > 10 * TAKEOVER_MS) break;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      const took = performance.now() - killed;
      assert.ok(took < TAKEOVER_MS, `it took ${took} ms`);
      await second.page.bringToFront();
      await second.statusIs(/Portico \d+/);
      await second.screenshot("14-taken-over");
      return `${Math.round(took)} ms`;
    },
  });

  return Object.assign(steps, {
    async onFailure() {
      for (const [index, each] of windows.entries()) await each.screenshot(`failed-${index + 1}`);
    },
  });
}

async function ask(base: string, model: string): Promise<string> {
  const response = await fetch(`${base}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model, stream: true, messages: [{ role: "user", content: "hi" }] }),
  });
  assert.equal(response.status, 200);
  return response.text();
}

async function isHealthy(base: string): Promise<boolean> {
  return fetch(`${base}/healthz`).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function untilStatus(url: string, status: number): Promise<void> {
  let last: number | undefined;
  for (let tries = 0; tries < 100; tries += 1) {
    last = await fetch(url).then(
      (response) => response.status,
      () => undefined,
    );
    if (last === status) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.equal(last, status);
}

/** Listens on a port, which proves that it is free. */
async function listen(port: number): Promise<{ close(): Promise<void> }> {
  // It reads, or the end of a connection would go unseen and `close` would wait for ever.
  const server: Server = createServer((socket) => socket.on("error", () => {}).resume());
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return { close: () => new Promise((resolve) => server.close(() => resolve())) };
}

const GATEWAY_FILE = ["data", "User", "globalStorage", "portico-gateway.portico", "gateway.json"];

/** Of the extension host that leads; 0 while nobody does. */
async function leaderPid(scratch: string): Promise<number> {
  const text = await readFile(join(scratch, ...GATEWAY_FILE), "utf8").catch(() => "{}");
  return Number((JSON.parse(text) as { pid?: number }).pid ?? 0);
}
