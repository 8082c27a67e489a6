/** Who may use it: keys on this computer, and other computers. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { reach, untilStatus } from "./http.ts";
import { untilIs, untilMatch } from "./patience.ts";
import type { Stage, Step } from "./stage.ts";

export function accessSteps(stage: Stage): Step[] {
  const { base, port, scratch } = stage;
  const settings = () => readFile(join(scratch, "data", "User", "settings.json"), "utf8");
  let key = "";
  return [
    stage.step("opens a menu from the status bar", async (first) => {
      await first.statusBar.click();
      await first.quickInput.filter({ hasText: "Portico: Running" }).waitFor();
      await first.screenshot("08-menu");
      await first.pick("Who needs the key");
      await first.quickInput.filter({ hasText: "who needs the key?" }).waitFor();
      await first.screenshot("09-key-modes");
      await first.pick("Key for everything but");
      await untilStatus(`${base}/v1/models`, 401);
      return undefined;
    }),

    stage.step("explains LAN access and shows the key before it allows it", async (first) => {
      await first.statusBar.click();
      await first.pick("LAN access");
      await first.dialog.filter({ hasText: "They must show this key" }).waitFor();
      key = /sk-portico-[0-9a-f]+/.exec((await first.dialog.textContent()) ?? "")?.[0] ?? "";
      assert.ok(key, "the key is not shown");
      await first.screenshot("10-lan-access");
      await first.pressDialog("Cancel");
      assert.doesNotMatch(await settings(), /allowLanAccess/);
      const headers = { authorization: `Bearer ${key}` };
      assert.equal((await reach(`${base}/v1/models`, { headers })).status, 200);
      await first.statusBar.click();
      await first.pick("Who needs the key");
      await first.pick("No key on this computer");
      await untilStatus(`${base}/v1/models`, 200);
      return undefined;
    }),

    stage.step("lets other computers in, with the key alone, until it is switched off", async (first) => {
      await first.statusBar.click();
      await first.pick("LAN access");
      await first.dialog.filter({ hasText: key }).waitFor();
      await first.pressDialog("Allow and Copy Key");
      await untilMatch(settings, /"portico\.allowLanAccess": true/);
      assert.doesNotMatch(await settings(), /sk-portico-/);
      await untilIs(() => first.readClipboard(), key);
      await first.statusBar.hover();
      await first.tooltip("your network · others need the key").waitFor();
      await untilStatus(`${base}/v1/models`, 200);
      // As another computer would come: not from loopback.
      const own = ownAddress();
      const url = `http://${own}:${port}/v1/models`;
      const shown = () =>
        fetch(url, { headers: { authorization: `Bearer ${key}` } }).then(({ status }) => status, String);
      if (own !== undefined) {
        await untilStatus(url, 401);
        assert.equal(await shown(), 200);
      }
      await first.page.mouse.move(640, 400);
      await first.statusBar.click();
      await first.pick("LAN access");
      await untilMatch(settings, /^(?![\s\S]*"portico\.allowLanAccess": true)/);
      await untilStatus(`${base}/v1/models`, 200);
      if (own !== undefined) {
        const reached = async () => typeof (await shown()) === "number";
        await untilIs(reached, false);
      }
      return own === undefined ? "this computer is in no network" : undefined;
    }),

    stage.step("makes a client key, shows it once, and leads to its limits", async (first) => {
      await first.runCommand("Portico: Create a Client Key…");
      await first.answer("Which tool, script or colleague is it for?", "CI of the team");
      await first.pick("30 days");
      await first.dialog.filter({ hasText: "The key of CI of the team" }).waitFor();
      const made = /sk-portico-[\w-]{32}/.exec((await first.dialog.textContent()) ?? "")?.[0] ?? "";
      assert.ok(made, "the key is not shown");
      await first.screenshot("11-client-key");
      await first.pressDialog("Copy");
      await untilIs(() => first.readClipboard(), made);
      await first.told("Copied the key.");
      await first.clearNotifications();
      const headers = { authorization: `Bearer ${made}` };
      assert.equal((await reach(`${base}/v1/models`, { headers })).status, 200);
      await first.statusBar.click();
      await first.pick("Who needs the key");
      await first.pick("Key for everything but");
      await untilStatus(`${base}/v1/models`, 401);
      assert.equal((await reach(`${base}/v1/models`, { headers })).status, 200);
      await first.statusBar.click();
      await first.pick("Who needs the key");
      await first.pick("No key on this computer");
      await untilStatus(`${base}/v1/models`, 200);
      return undefined;
    }),
  ];
}

/** In the network, where there is one. */
function ownAddress(): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ family, internal }) => family === "IPv4" && !internal)?.address;
}
