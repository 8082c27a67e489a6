/** A tool of this computer that is connected from the editor, and one that is opened in a terminal. */
import assert from "node:assert/strict";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Locator } from "playwright-core";
import { findCompanion } from "./companion.ts";
import { untilCount, untilIs, untilMatch } from "./patience.ts";
import { claudeFolder, toolFolder } from "./servers.ts";
import type { Stage, Step } from "./stage.ts";
import { panelOf, showsPage } from "./webviews.ts";
import type { Workbench } from "./workbench.ts";

const OWN_KEY = "sk-ant-mine-0123456789abcdef";
const BEFORE = `{\n  "model": "opus",\n  "env": {\n    "ANTHROPIC_API_KEY": "${OWN_KEY}"\n  }\n}\n`;

export function clientSteps(stage: Stage): Step[] {
  const { scratch, base } = stage;
  const file = join(claudeFolder(scratch), "settings.json");
  const told = join(scratch, "claude.env");
  const text = () => readFile(file, "utf8");

  /** What Claude Code's part of the page asks before it does what the button says. */
  async function dialogOf(window: Workbench, button: string, title: string): Promise<Locator> {
    const panel = await panelOf(window);
    const part = panel.getByRole("region", { name: "Connect Claude Code" });
    await part.getByRole("button", { name: button, exact: true }).click();
    return panel.getByRole("dialog", { name: title });
  }

  return [
    stage.step(
      "shows in VS Code's diff editor what connecting would change, and writes nothing until then",
      async (first) => {
        await mkdir(claudeFolder(scratch), { recursive: true });
        await writeFile(file, BEFORE);
        await addTool(toolFolder(scratch), told);
        await first.runCommand("Portico: Connect or Disconnect a Client");
        await showsPage(first, "Connect");
        const dialog = await dialogOf(first, "Connect…", "Connect Claude Code");
        await dialog.getByRole("button", { name: "Show Changes" }).click();
        const diff = first.page.locator(".monaco-diff-editor");
        const words = async () => plain(await diff.textContent());
        await untilMatch(words, new RegExp(`"ANTHROPIC_BASE_URL": "${base}"`));
        await untilMatch(words, /"ANTHROPIC_API_KEY": •••/);
        await first.screenshot("68-diff-connect");
        assert.doesNotMatch(await words(), new RegExp(OWN_KEY));
        assert.equal(await text(), BEFORE);
        // It is no text that VS Code finds fault with.
        assert.equal(await diff.locator(".squiggly-error").count(), 0);
        await dialog.getByRole("button", { name: "Connect", exact: true }).click();
        await untilMatch(text, new RegExp(`"ANTHROPIC_BASE_URL": "${base}"`));
        return undefined;
      },
    ),

    stage.step(
      "shows the same for what putting it back would change, in the place of the first",
      async (first) => {
        const dialog = await dialogOf(first, "Disconnect…", "Disconnect Claude Code");
        await dialog.getByRole("button", { name: "Show Changes" }).click();
        const diff = first.page.locator(".monaco-diff-editor");
        const words = async () => plain(await diff.textContent());
        await untilMatch(words, new RegExp(`"ANTHROPIC_BASE_URL": "${base}"`));
        await untilCount(first.page.locator('.tab[aria-label^="settings.json (now ↔"]'), 1);
        await dialog.getByRole("button", { name: "Disconnect", exact: true }).click();
        await untilIs(text, BEFORE);
        // Its focus goes back to the page, which would close what is typed into.
        const { run } = await findCompanion(stage.companions, first);
        await run("workbench.action.closeAllEditors");
        return undefined;
      },
    ),

    stage.step("opens a terminal with a tool, which finds Portico", async (first) => {
      await first.runCommand("Portico: Open a Terminal with…");
      await first.row("Claude Code").filter({ hasText: "9.8.7" }).first().waitFor();
      await first.screenshot("69-terminal-with");
      await first.pick("Claude Code");
      await untilMatch(() => readFile(told, "utf8").catch(() => ""), /^DONE$/m);
      const seen = await readFile(told, "utf8");
      assert.match(seen, new RegExp(`^ANTHROPIC_BASE_URL=${base}$`, "m"));
      assert.match(seen, /^ANTHROPIC_AUTH_TOKEN=portico$/m);
      assert.match(seen, /^NO_PROXY=.*127\.0\.0\.1/m);
      // Its own settings go before the environment, and what it is given goes before them.
      assert.match(seen, new RegExp(`^--settings .*"ANTHROPIC_BASE_URL":"${base}"`, "m"));
      assert.equal(await text(), BEFORE);
      await first.page.locator(".terminal-wrapper").first().waitFor();
      await first.screenshot("69-terminal-with-claude");
      await first.runCommand("Terminal: Kill All Terminals");
      return undefined;
    }),
  ];
}

/** VS Code shows blanks as such that do not break. */
const plain = (text: string | null): string => (text ?? "").replaceAll("\u00a0", " ");

/** A `claude` that writes down what it was told. */
async function addTool(folder: string, told: string): Promise<void> {
  const lines = [
    "#!/bin/sh",
    'if [ "$1" = "--version" ]; then echo 9.8.7; exit; fi',
    `{ env; echo "$1 $(cat "$2")"; echo DONE; } > '${told}'`,
    "",
  ];
  await mkdir(folder, { recursive: true });
  const file = join(folder, "claude");
  await writeFile(file, lines.join("\n"));
  await chmod(file, 0o755);
}
