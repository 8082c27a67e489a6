/** Keys that are on the computer already: shown masked, taken by choice, kept when they work. */
import assert from "node:assert/strict";
import { REFUSAL } from "./provider.ts";
import { FOUND_KEY } from "./servers.ts";
import type { Stage, Step } from "./stage.ts";
import type { Workbench } from "./workbench.ts";

export function foundSteps(stage: Stage): Step[] {
  const { openai } = stage.servers;
  return [
    stage.step("shows keys of the environment masked, and keeps none that is refused", async (first) => {
      await lookForKeys(first);
      const row = first.row("OPENAI_API_KEY");
      await row.filter({ hasText: "sk-…ijkl" }).waitFor();
      assert.ok(!((await first.quickInput.textContent()) ?? "").includes(FOUND_KEY));
      await row.click();
      await first.screenshot("60-found");
      await first.page.keyboard.press("Enter");
      const refusal = first.dialog.filter({ hasText: "No account was added." });
      await refusal.filter({ hasText: REFUSAL }).waitFor();
      await first.screenshot("61-found-refused");
      await first.pressDialog("OK");
      return undefined;
    }),

    stage.step("takes a found key that works, and shows it no more", async (first) => {
      openai.keys.add(FOUND_KEY);
      await lookForKeys(first);
      await first.pick("OPENAI_API_KEY");
      await first.page.keyboard.press("Enter");
      await first.told("1 account was added");
      await first.clearNotifications();
      await lookForKeys(first);
      await first.told("Every key that was found is an account already");
      await first.screenshot("62-nothing-new");
      await first.clearNotifications();
      return undefined;
    }),
  ];
}

async function lookForKeys(window: Workbench): Promise<void> {
  await window.runCommand("Portico: Add Account…");
  await window.row("OpenRouter").waitFor();
  await window.page.keyboard.type("Keys found");
  await window.pick("Keys found on this computer");
}
