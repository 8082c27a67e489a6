/** Connect against a real gateway: a tool's own file is written by a click, and is what it was after another. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFolder, removeFolder } from "../support/folder.ts";
import { browserPath } from "../support/pages/browser.ts";
import { openReal } from "../support/pages/real.ts";
import { withBrowser } from "../support/pages/withBrowser.ts";

const BEFORE = '{\n  "theme": "dark",\n  "env": { "EDITOR": "vi" }\n}\n';

describe.skipIf(browserPath === undefined)("Connect of a real gateway (needs a browser)", () => {
  const pages = withBrowser();

  it("connects Claude Code, and puts its settings back but for what was changed by hand since", async () => {
    const home = makeFolder("connect-home");
    const file = join(home, ".claude", "settings.json");
    await mkdir(join(home, ".claude"));
    await writeFile(file, BEFORE);
    const real = await openReal(pages.browser, {
      open: "connect",
      width: 1200,
      lead: {
        kind: "headless",
        window: { port: 0 },
        surroundings: { env: {}, platform: process.platform, home },
      },
    });
    pages.keep(real);
    const { page, portico } = real;
    const { proxy } = portico.lead.status();
    if (proxy.kind !== "running") throw new Error(proxy.kind);
    const part = page.getByRole("region", { name: "Connect Claude Code" });
    await part.getByRole("button", { name: "Connect…", exact: true }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText(file).waitFor();
    await dialog.getByText(proxy.baseUrl).first().waitFor();
    // A window may show the Portico of another computer.
    await dialog.getByText(`on the computer that Portico runs on (${hostname()}).`).waitFor();
    expect(await readFile(file, "utf8")).toBe(BEFORE);
    await dialog.getByRole("button", { name: "Connect", exact: true }).click();
    await part.getByText("Connected", { exact: true }).waitFor();
    const written = await readFile(file, "utf8");
    expect(JSON.parse(written)).toMatchObject({
      theme: "dark",
      env: { EDITOR: "vi", ANTHROPIC_BASE_URL: proxy.baseUrl },
    });

    await writeFile(file, written.replace('"dark"', '"light"'));
    await part.getByRole("button", { name: "Disconnect…" }).click();
    await dialog.getByRole("button", { name: "Disconnect", exact: true }).click();
    await part.getByRole("button", { name: "Connect…", exact: true }).waitFor();
    expect(await readFile(file, "utf8")).toBe(BEFORE.replace('"dark"', '"light"'));
    expect(real.errors).toEqual([]);
    await removeFolder(home);
  });
});
