/** Several windows and ports: the second window, a port that is taken, a reload, a leader that dies. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import * as z from "zod";
import { findCompanion } from "./companion.ts";
import { isHealthy, reach, untilStatus } from "./http.ts";
import { takenOverIn, untilIs } from "./patience.ts";
import { STORAGE, type Stage, type Step } from "./stage.ts";
import { panelOf, showsPage } from "./webviews.ts";
import type { Workbench } from "./workbench.ts";

const address = z.object({ pid: z.int() });

export function windowSteps(stage: Stage): Step[] {
  const { base, companions, port, scratch } = stage;
  /** A request for a model that nobody has, which each of these then lists. */
  async function isSeenIn(windows: readonly Workbench[], model: string): Promise<void> {
    const init = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model, messages: [{ role: "user", content: "hi" }] }),
    };
    // Refused in whatever words; without an answer there is nobody who leads yet.
    await reach(`${stage.base}/v1/chat/completions`, init);
    for (const window of windows) {
      await window.page.bringToFront();
      const list = (await panelOf(window)).getByRole("grid", { name: "Requests" });
      await list.getByText(model).first().waitFor();
    }
  }

  return [
    {
      name: "attaches a second window, which shows the same and steers the same",
      async run() {
        const first = stage.window();
        const second = await stage.open("second");
        await second.statusIs(new RegExp(`Portico ${port}`));
        await second.statusBar.hover();
        await second.tooltip(base).first().waitFor();
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
      await first.pressNotification(`port ${port} is taken by`, "Use Another Port…");
      await first.quickInput.filter({ hasText: "another port" }).waitFor();
      const suggested = Number(await first.quickInput.locator("input.input:visible").first().inputValue());
      assert.ok(suggested > port);
      await first.screenshot("13-another-port");
      await first.page.keyboard.press("Enter");
      await first.statusIs(new RegExp(`Portico ${suggested}`));
      stage.port = suggested;
      await untilStatus(`${stage.base}/healthz`, 200);
      await squatter.close();
      await first.clearNotifications();
      return undefined;
    }),

    stage.step("runs again after the window is reloaded", async (first) => {
      await first.refresh();
      await first.ready();
      await first.statusIs(/Portico \d+/);
      return undefined;
    }),

    {
      name: "lets the other window take over when the leader is killed",
      async run() {
        const second = stage.window(1);
        const leader = await leaderPid(scratch);
        const hosts = await Promise.all(
          [stage.window(0), second].map((each) => findCompanion(companions, each)),
        );
        const other = hosts.find(({ pid }) => pid !== leader);
        assert.ok(
          other !== undefined && hosts.some(({ pid }) => pid === leader),
          "the leader is neither window",
        );
        process.kill(leader, "SIGKILL");
        const killed = performance.now();
        await untilIs(() => leaderPid(scratch), other.pid);
        await untilIs(() => isHealthy(stage.base), true);
        const took = performance.now() - killed;
        await second.page.bringToFront();
        await second.statusIs(/Portico \d+/);
        await second.screenshot("14-taken-over");
        return takenOverIn(took);
      },
    },

    {
      name: "shows the same in every window's Monitor, and goes on when one is closed",
      async run() {
        await stage.open("third");
        const all = stage.windows;
        for (const window of all) {
          await window.page.bringToFront();
          await window.runCommand("Portico: Open Monitor");
          await showsPage(window, "Monitor");
        }
        await isSeenIn(all, "seen-in-all");
        // The one that leads, so that another has to.
        const leader = await leaderPid(scratch);
        const hosts = await Promise.all(all.map((each) => findCompanion(companions, each)));
        const [gone] = all.filter((_each, index) => hosts[index]?.pid === leader);
        assert.ok(gone, "none of the windows leads");
        await gone.close();
        await isSeenIn(
          all.filter((each) => each !== gone),
          "seen-in-those-left",
        );
        return `the ${gone.folder} was closed`;
      },
    },
  ];
}

/** Listens on a port, which proves that it is free. */
export async function listen(port: number): Promise<{ close(): Promise<void> }> {
  // It reads, or the end of a connection would go unseen and `close` would wait for ever.
  const server: Server = createServer((socket) => socket.on("error", () => {}).resume());
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return { close: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** Of the extension host that leads; 0 while nobody does. */
export async function leaderPid(scratch: string): Promise<number> {
  const text = await readFile(join(scratch, ...STORAGE, "gateway.json"), "utf8").catch(() => "{}");
  // Empty where it is just being written.
  return address.safeParse(JSON.parse(text || "{}")).data?.pid ?? 0;
}
