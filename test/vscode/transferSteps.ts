/** Accounts that move by a file: without keys, with keys under a passphrase, and back in. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ask } from "./http.ts";
import { GOOD_KEY } from "./provider.ts";
import type { Stage, Step } from "./stage.ts";
import type { Workbench } from "./workbench.ts";

const PASSPHRASE = "correct horse battery";

export function transferSteps(stage: Stage): Step[] {
  const { alpha, beta } = stage.servers;
  const open = join(stage.scratch, "first", "open.json");
  const backup = join(stage.scratch, "first", "backup.json");
  const sealed = join(stage.scratch, "first", "sealed.json");

  return [
    stage.step("exports accounts to a file, without any key", async (first) => {
      await startExport(first, "Without keys");
      await first.chooseFile("Export accounts", open);
      await first.told(/Exported \d accounts \(without keys\)/);
      const text = await readFile(open, "utf8");
      assert.ok(text.includes(alpha.host) && !text.includes(GOOD_KEY));
      await first.clearNotifications();
      return undefined;
    }),

    stage.step("exports keys under a passphrase only", async (first) => {
      await startExport(first, "With keys, under a passphrase");
      await first.type("A passphrase for the file", "too short");
      await first.quickInput.filter({ hasText: "At least 12 characters" }).waitFor();
      await first.answer("At least 12 characters", PASSPHRASE);
      await first.type("once more", "something else");
      await first.quickInput.filter({ hasText: "This is another one" }).waitFor();
      await first.screenshot("40-passphrase");
      await first.answer("This is another one", PASSPHRASE);
      await first.chooseFile("Export accounts", sealed);
      await first.told(/Exported \d accounts \(with keys, encrypted\)/);
      const text = await readFile(sealed, "utf8");
      assert.ok(text.includes(alpha.host) && !text.includes(GOOD_KEY) && !text.includes(PASSPHRASE));
      await first.clearNotifications();
      return undefined;
    }),

    stage.step("recognises accounts that are here already", async (first) => {
      await startImport(first, sealed);
      await first.answer("The passphrase that it was exported with", PASSPHRASE);
      await first.told("Every account of this file is here already");
      await first.clearNotifications();
      return undefined;
    }),

    stage.step("shows what an import would do, and does nothing until then", async (first) => {
      await removeAccount(first, alpha.host);
      await startImport(first, sealed);
      await first.answer("The passphrase that it was exported with", "another passphrase");
      await first.told("passphrase");
      await first.screenshot("41-wrong-passphrase");
      await first.clearNotifications();
      await startImport(first, sealed);
      await first.answer("The passphrase that it was exported with", PASSPHRASE);
      const preview = first.dialog.filter({ hasText: "Import 1 account?" });
      await preview.waitFor();
      const words = (await preview.textContent()) ?? "";
      assert.ok(words.includes(`${alpha.host}: new`) && words.includes(`${beta.host}: here already`), words);
      await first.screenshot("42-import-preview");
      await first.pressDialog("Cancel");
      await first.statusBar.click();
      await first.row(beta.host).waitFor();
      assert.equal(await first.row(alpha.host).count(), 0);
      await first.page.keyboard.press("Escape");
      return undefined;
    }),

    stage.step("backs all of it up under a passphrase, and knows it again", async (first) => {
      await first.runCommand("Portico: Back Up…");
      await first.answer("A passphrase for the file", PASSPHRASE);
      await first.answer("once more", PASSPHRASE);
      await first.chooseFile("Back up Portico", backup);
      await first.told(/Backed up \d accounts?, with routes, budgets, settings and client keys/);
      const text = await readFile(backup, "utf8");
      assert.ok(!text.includes(beta.host) && !text.includes(GOOD_KEY) && !text.includes(PASSPHRASE));
      await first.clearNotifications();
      await startRestore(first, backup);
      await first.answer("The passphrase that the backup was made with", "another passphrase");
      await first.told("passphrase is wrong");
      await first.clearNotifications();
      await startRestore(first, backup);
      await first.answer("The passphrase that the backup was made with", PASSPHRASE);
      await first.told("Everything in this backup is here already");
      await first.clearNotifications();
      return undefined;
    }),

    stage.step("shows what a restore would change, and changes it", async (first) => {
      await removeAccount(first, beta.host);
      await startRestore(first, backup);
      await first.answer("The passphrase that the backup was made with", PASSPHRASE);
      const preview = first.dialog.filter({ hasText: "Restore this backup?" });
      await preview.waitFor();
      const words = (await preview.textContent()) ?? "";
      assert.ok(words.includes(`${beta.host}: new`), words);
      await first.screenshot("43-restore-preview");
      await first.pressDialog("Restore");
      await first.told("Restored.");
      await first.clearNotifications();
      await first.statusBar.click();
      await first.row(beta.host).waitFor();
      await first.page.keyboard.press("Escape");
      return undefined;
    }),

    stage.step("imports an account with its key and its place", async (first) => {
      await startImport(first, sealed);
      await first.answer("The passphrase that it was exported with", PASSPHRASE);
      await first.pressDialog("Import");
      await first.told("Imported 1 account");
      await first.clearNotifications();
      const { answered } = alpha;
      await ask(stage.base, "quick", "after the import");
      assert.equal(alpha.answered, answered + 1);
      return undefined;
    }),
  ];
}

async function startExport(window: Workbench, how: string): Promise<void> {
  await window.runCommand("Portico: Export Accounts…");
  await window.quickInput.filter({ hasText: "export accounts" }).waitFor();
  await window.page.keyboard.press("Enter");
  await window.pick(how);
}

async function startImport(window: Workbench, file: string): Promise<void> {
  await window.runCommand("Portico: Import Accounts…");
  await window.chooseFile("Import accounts", file);
}

async function startRestore(window: Workbench, file: string): Promise<void> {
  await window.runCommand("Portico: Restore…");
  await window.chooseFile("Restore Portico", file);
}

async function removeAccount(window: Workbench, label: string): Promise<void> {
  await window.runCommand("Portico: Remove Account…");
  await window.pick(label);
  await window.pressDialog("Remove");
  await window.told(`${label} was removed`);
  await window.clearNotifications();
}
