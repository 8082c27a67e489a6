/** Several windows and ports: the second window, a port that is taken, a reload, a leader that dies. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { findCompanion } from "./companion.ts";
import { isHealthy, untilStatus } from "./http.ts";
import { STORAGE, type Stage, type Step } from "./stage.ts";

/** Milliseconds until another window has to have taken over. */
const TAKEOVER_MS = 1000;

export function windowSteps(stage: Stage): Step[] {
  const { base, companions, port, scratch } = stage;
  /** Where the proxy runs now. */
  let address = base;
  return [
    {
      name: "attaches a second window, which shows the same and steers the same",
      async run() {
        const first = stage.window();
        const second = await stage.open("second");
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
    },

    stage.step("says who has the port, and offers a choice", async (first) => {
      const squatter = await listen(port);
      await first.runCommand("Portico: Start Proxy");
      await first.told(`port ${port} is taken by`);
      const question = first.notification(`port ${port} is taken by`);
      assert.match(
        (await question.textContent()) ?? "",
        new RegExp(`pid ${process.pid}|another program|node`),
      );
      await first.statusBar.locator(".codicon-error").waitFor();
      await first.screenshot("12-port-taken");
      await squatter.close();
      await first.pressNotification(`port ${port} is taken by`, "Retry");
      await first.statusIs(new RegExp(`Portico ${port}`));
      await first.clearNotifications();
      return undefined;
    }),

    stage.step("moves to another port when the person says so", async (first) => {
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
    }),

    stage.step("runs again after the window is reloaded", async (first) => {
      await first.page.reload();
      await first.ready();
      await first.statusIs(/Portico \d+/);
      return undefined;
    }),

    {
      name: "lets the other window take over within a second when the leader is killed",
      async run() {
        const second = stage.window(1);
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
    },
  ];
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

/** Of the extension host that leads; 0 while nobody does. */
async function leaderPid(scratch: string): Promise<number> {
  const text = await readFile(join(scratch, ...STORAGE, "gateway.json"), "utf8").catch(() => "{}");
  return Number((JSON.parse(text) as { pid?: number }).pid ?? 0);
}
