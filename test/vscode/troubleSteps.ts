/** Trouble around Portico: a keyring that hangs or fails and is unlocked, a data folder that cannot be written. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { lockFolder } from "../support/lockedFolder.ts";
import { type Companion, findCompanion } from "./companion.ts";
import { ask, isHealthy, reach } from "./http.ts";
import { takenOverIn, until, untilIs } from "./patience.ts";
import { STORAGE, type Stage, type Step } from "./stage.ts";
import { leaderPid } from "./windowSteps.ts";
import type { Workbench } from "./workbench.ts";

const UNLOCK = "Unlock the keyring";
const accountsFile = z.object({
  accounts: z.array(z.object({ id: z.string(), enabled: z.boolean(), stored: z.boolean().optional() })),
});

export function troubleSteps(stage: Stage): Step[] {
  const { companions, scratch } = stage;
  const storage = join(scratch, ...STORAGE);

  /** The windows that are open, each with its extension host's companion. */
  async function hosts(): Promise<{ window: Workbench; companion: Companion }[]> {
    const left = stage.windows.filter(({ page }) => !page.isClosed());
    return Promise.all(
      left.map(async (window) => ({ window, companion: await findCompanion(companions, window) })),
    );
  }

  async function leading(): Promise<{ window: Workbench; companion: Companion }> {
    return until(
      async () => {
        const leader = await leaderPid(scratch);
        return (await hosts()).find(({ companion }) => companion.pid === leader);
      },
      () => "no window leads",
    );
  }

  /** What a request gets that needs a stored key. */
  async function needsKey(): Promise<string> {
    const { accounts } = accountsFile.parse(
      JSON.parse(await readFile(join(storage, "accounts.json"), "utf8")),
    );
    const account = accounts.find(({ enabled, stored }) => enabled && stored === true);
    assert.ok(account, "no account has a key");
    const reply = await reach(`${stage.base}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: `${account.id}/quick`, messages: [{ role: "user", content: "hi" }] }),
    });
    return `${reply.status} ${await reply.text()}`;
  }

  const keyring = (mode: "hangs" | "fails"): Step => ({
    name: `leads with a keyring that ${mode}, says so, serves what needs none, and heals when it is unlocked`,
    async run() {
      await stage.two();
      const all = await hosts();
      const leader = await leaderPid(scratch);
      const next = all.find(({ companion }) => companion.pid !== leader);
      assert.ok(next !== undefined && all.length > 1, "there is no second window");
      await next.companion.keyring(mode);
      process.kill(leader, "SIGKILL");
      const killed = performance.now();
      await untilIs(() => leaderPid(scratch), next.companion.pid);
      await untilIs(() => isHealthy(stage.base), true);
      const took = performance.now() - killed;

      assert.match(await ask(stage.base, "sandbox/echo"), /hi/);
      const refused = await needsKey();
      assert.match(refused, /^503 /);
      assert.ok(refused.includes(UNLOCK), refused);
      await next.window.page.bringToFront();
      await next.window.statusBar.locator(".codicon-error").waitFor();
      await next.window.statusBar.hover();
      await next.window.tooltip(UNLOCK).first().waitFor();
      await next.window.screenshot(`15-keyring-${mode}`);

      await next.companion.keyring("works");
      await untilIs(async () => (await needsKey()).includes(UNLOCK), false);
      await until(
        async () => {
          await next.window.page.mouse.move(400, 300);
          await next.window.statusBar.hover();
          const told = await next.window.tooltip(UNLOCK).count();
          return told === 0 ? true : undefined;
        },
        () => `the status bar still says "${UNLOCK}"`,
      );
      return takenOverIn(took);
    },
  });

  return [
    keyring("hangs"),
    keyring("fails"),
    {
      name: "stops although its data folder cannot be written, and says what could not be kept",
      async run() {
        const { window } = await leading();
        await window.page.bringToFront();
        await window.statusIs(/Portico \d+/);
        const unlock = lockFolder(storage);
        try {
          await window.runCommand("Portico: Stop Proxy");
          await window.told("could not be saved");
          await window.statusIs(/^\s*Portico\s*$/);
          await untilIs(() => isHealthy(stage.base), false);
          await window.screenshot("16-not-kept");
        } finally {
          unlock();
        }
        await window.clearNotifications();
        await window.runCommand("Portico: Start Proxy");
        await window.statusIs(/Portico \d+/);
        await untilIs(() => isHealthy(stage.base), true);
        await window.clearNotifications();
        return undefined;
      },
    },
  ];
}
