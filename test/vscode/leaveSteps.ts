/** What stays behind: keys nowhere but in VS Code's secret storage, and after an uninstall nothing that runs. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { findCompanion } from "./companion.ts";
import { isHealthy } from "./http.ts";
import { until, untilCount, untilIs } from "./patience.ts";
import { GOOD_KEY } from "./provider.ts";
import { FOUND_KEY } from "./servers.ts";
import { STORAGE, type Stage, type Step } from "./stage.ts";
import { leaderPid } from "./windowSteps.ts";

const REMOVE = "Portico: Remove Portico from This Computer…";
const EXTENSION = "portico-gateway.portico";

export function leaveSteps(stage: Stage): Step[] {
  const { companions, scratch } = stage;
  return [
    {
      name: "wrote no key and no token into any file of VS Code's",
      async run() {
        const { auth } = stage.servers;
        const secrets = [GOOD_KEY, FOUND_KEY, ...auth.secrets];
        const files = (await readdir(join(scratch, "data"), { recursive: true, withFileTypes: true })).filter(
          (each) => each.isFile(),
        );
        const holding: string[] = [];
        for (const { parentPath, name } of files) {
          const path = join(parentPath, name);
          // What VS Code is done with may go meanwhile.
          const bytes = await readFile(path).catch(() => Buffer.alloc(0));
          if (secrets.some((secret) => bytes.includes(secret))) holding.push(path);
        }
        assert.deepEqual(holding, []);
        assert.ok(files.some(({ name }) => name === "accounts.json"));
        return `${files.length} files`;
      },
    },

    {
      name: "is removed from the computer: shown first, then the proxy, keys and data are gone",
      async run() {
        const [window, ...others] = stage.windows.filter(({ page }) => !page.isClosed());
        assert.ok(window, "no window is open");
        for (const other of others) await other.close();
        await window.page.bringToFront();
        const folder = join(scratch, ...STORAGE);
        await untilIs(() => leaderPid(scratch), (await findCompanion(companions, window)).pid);
        // The window that was closed is detached a moment later.
        const choice = window.quickInput.filter({ hasText: "remove from this computer" });
        await until(
          async () => {
            await window.runCommand(REMOVE);
            const refused = window.notification(/would make its data anew/).first();
            await choice.or(refused).first().waitFor();
            if (await choice.isVisible()) return true;
            await window.clearNotifications();
            return undefined;
          },
          () => "the window is never alone",
        );
        for (const part of ["Keys", "Data"]) await window.row(part).waitFor();
        await window.screenshot("90-remove");
        await window.page.keyboard.press("Enter");
        await window.dialog.filter({ hasText: "This cannot be undone." }).waitFor();
        await window.pressDialog("Cancel");
        assert.ok((await readdir(folder)).includes("accounts.json"));

        await window.runCommand(REMOVE);
        await choice.waitFor();
        // Tools of whoever runs this stay as they are.
        const tools = window.row("Settings in tools");
        if ((await tools.count()) > 0) await tools.click();
        await window.page.keyboard.press("Enter");
        await window.dialog.filter({ hasText: folder }).waitFor();
        await window.screenshot("91-remove-asked");
        await window.dialog.filter({ hasText: "Settings in tools" }).waitFor({ state: "detached" });
        await window.pressDialog("Remove");
        const done = window.dialog.filter({ hasText: "This is what was done" });
        await done.waitFor();
        await window.screenshot("92-removed");
        const words = (await done.textContent()) ?? "";
        assert.match(words, /Keys deleted: [1-9]/);
        assert.ok(words.includes(`Data deleted: ${folder}.`), words);
        await window.pressDialog("Cancel");
        assert.equal(existsSync(folder), false);
        assert.equal(await isHealthy(stage.base), false);
        return undefined;
      },
    },

    {
      name: "begins anew, with nothing, once the window is reloaded",
      async run() {
        const [window] = stage.windows.filter(({ page }) => !page.isClosed());
        assert.ok(window, "no window is open");
        await window.reload();
        await window.runCommand("Portico: Start Proxy");
        await untilIs(() => isHealthy(stage.base), true);
        await untilIs(async () => existsSync(join(scratch, ...STORAGE, "accounts.json")), false);
        await stage.two();
        return undefined;
      },
    },

    {
      name: "leaves nothing running when it is uninstalled",
      async run() {
        const left = stage.windows.filter(({ page }) => !page.isClosed());
        const [window] = left;
        assert.ok(window, "no window is open");
        const url = await controlUrl(scratch);
        assert.equal(await answers(url), true);
        const companion = await findCompanion(companions, window);
        await companion.run("workbench.extensions.uninstallExtension", EXTENSION);
        for (const each of left) await each.refresh();
        for (const each of left) {
          await findCompanion(companions, each);
          await each.page.bringToFront();
          await untilCount(each.statusBar, 0);
        }
        await untilIs(() => answers(url), false);
        await untilIs(() => isHealthy(stage.base), false);
        return undefined;
      },
    },
  ];
}

/** Of the gateway that leads. */
async function controlUrl(scratch: string): Promise<string> {
  const text = await readFile(join(scratch, ...STORAGE, "gateway.json"), "utf8");
  return (JSON.parse(text) as { address: string }).address;
}

function answers(url: string): Promise<boolean> {
  return fetch(url.replace(/^ws/, "http")).then(
    () => true,
    () => false,
  );
}
