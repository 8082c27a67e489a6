/** What stays behind: keys nowhere but in VS Code's secret storage, and after an uninstall nothing that runs. */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { findCompanion } from "./companion.ts";
import { isHealthy } from "./http.ts";
import { untilCount, untilIs } from "./patience.ts";
import { GOOD_KEY } from "./provider.ts";
import { FOUND_KEY } from "./servers.ts";
import { STORAGE, type Stage, type Step } from "./stage.ts";

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
