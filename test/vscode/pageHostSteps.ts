/** What the editor does for the pages: settings, clipboard, files; its policy for scripts. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { untilStatus } from "./http.ts";
import { until, untilIs, untilMatch } from "./patience.ts";
import { STORAGE, type Stage, type Step } from "./stage.ts";
import { type ErrorWatch, openPart, panelOf, showsPage, sidebarOf } from "./webviews.ts";

/** @param errors of the first window, since the first of the pages */
export function pageHostSteps(stage: Stage, errors: () => ErrorWatch): Step[] {
  const { base, scratch } = stage;
  const settingsFile = join(scratch, "data", "User", "settings.json");
  const preferencesFile = join(scratch, ...STORAGE, "preferences.json");

  return [
    stage.step("writes a setting of VS Code's into VS Code's settings", async (first) => {
      await first.runCommand("Portico: Open API Proxy");
      await showsPage(first, "API Proxy");
      const panel = await panelOf(first);
      const choose = (label: string) =>
        panel
          .getByRole("group", { name: "Who needs the key on this computer" })
          .getByRole("radio", { name: label })
          .click();
      await choose("Everybody, but for the health check");
      await untilStatus(`${base}/v1/models`, 401);
      await untilFile(settingsFile, /"portico\.auth\.mode": "all_except_health"/);
      await panel.locator("header.strip").getByText("key needed").waitFor();
      await first.screenshot("80-key-needed");
      await choose("Nobody");
      await untilStatus(`${base}/v1/models`, 200);
      return undefined;
    }),

    stage.step("keeps a setting of its own over a reload", async (first) => {
      const choice = async (label: string) =>
        (await panelOf(first)).getByRole("group", { name: "Strategy" }).getByRole("radio", { name: label });
      await openPart(first, "Scheduling");
      await (await choice("Round robin")).click();
      await untilFile(preferencesFile, /round-robin/);
      assert.doesNotMatch(await readFile(settingsFile, "utf8"), /round-robin/);
      await first.reload();
      await showsPage(first, "API Proxy");
      await (await choice("Round robin")).and((await panelOf(first)).locator(":checked")).waitFor();
      await (await choice("Cache first")).click();
      await untilFile(preferencesFile, /cache-first|^((?!round-robin)[\s\S])*$/);
      return undefined;
    }),

    stage.step("copies, saves files, and opens VS Code's settings", async (first) => {
      const panel = await panelOf(first);
      await openPart(first, "Address and access");
      await panel.getByRole("button", { name: "Copy the address" }).first().click();
      await panel.getByText("Copied the address").waitFor();
      await untilIs(() => first.readClipboard(), base);
      await first.runCommand("Portico: Open Monitor");
      await showsPage(first, "Monitor");
      await panel.getByRole("button", { name: "Export" }).click();
      await panel.getByRole("menuitem", { name: "CSV" }).click();
      const file = join(scratch, "first", "requests.csv");
      await first.chooseFile("Portico: save the file", file);
      await untilFile(file, /model[\s\S]*quick/);
      await panel.getByText(/Saved \d+ requests/).waitFor();
      await first.runCommand("Portico: Open Settings");
      await showsPage(first, "Settings");
      await openPart(first, "This Portico");
      await panel.getByRole("button", { name: "Open VS Code's settings" }).click();
      await first.page.locator(".settings-editor").getByText("portico", { exact: false }).first().waitFor();
      await first.screenshot("81-vscode-settings");
      // A dialog over all else, in newer versions.
      await first.page.locator(".settings-editor .suggest-input-container").click();
      await first.page.keyboard.press("Escape");
      await first.page.locator(".monaco-modal-editor-block").waitFor({ state: "detached" });
      return undefined;
    }),

    stage.step("runs scripts and styles of its own folder alone, and nothing complains", async (first) => {
      await first.runCommand("Portico: Open Dashboard");
      await showsPage(first, "Dashboard");
      assert.deepEqual(errors().take(), []);
      for (const each of [await panelOf(first), await sidebarOf(first)]) {
        const policy = await each
          .locator('meta[http-equiv="Content-Security-Policy"]')
          .first()
          .getAttribute("content");
        assert.match(policy ?? "", /default-src 'none'/);
        assert.doesNotMatch(policy ?? "", /unsafe-/);
        // What provokes it is refused, and heard of: the silence until here means something.
        const ran = await each.locator("body").evaluate((body) => {
          const script = body.ownerDocument.createElement("script");
          script.textContent = "document.body.dataset.ran = 'yes'";
          body.append(script);
          script.remove();
          return body.dataset.ran;
        });
        assert.equal(ran, undefined);
        const [refusal, ...more] = await until(
          async () => errors().some(),
          () => "what was provoked was not heard of",
        );
        assert.match(refusal ?? "", /Content Security Policy/);
        assert.deepEqual(more, []);
      }
      await first.runCommand("View: Close All Editors");
      await first.page
        .locator(".activitybar")
        .getByRole("tab", { name: /Explorer/ })
        .click();
      return undefined;
    }),
  ];
}

function untilFile(path: string, content: RegExp): Promise<void> {
  return untilMatch(() => readFile(path, "utf8").catch(() => ""), content);
}
