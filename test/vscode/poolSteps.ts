/** Accounts that stand in for each other: one is used up, one is refused, and what the person sees of it. */
import assert from "node:assert/strict";
import { ask } from "./http.ts";
import { GOOD_KEY, REFUSAL, type ScriptedProvider, USED_UP } from "./provider.ts";
import type { Stage, Step } from "./stage.ts";
import type { Workbench } from "./workbench.ts";

const NEW_KEY = "sk-test-new-0123456789abc";

export function poolSteps(stage: Stage): Step[] {
  const { base } = stage;
  const { alpha, beta } = stage.servers;

  /** Who of them answered a new conversation. */
  async function served(): Promise<"alpha" | "beta" | "neither"> {
    const before = { alpha: alpha.answered, beta: beta.answered };
    await ask(base, "quick", `conversation ${before.alpha} ${before.beta}`);
    if (alpha.answered > before.alpha) return "alpha";
    return beta.answered > before.beta ? "beta" : "neither";
  }

  return [
    stage.step("adds two more accounts, and uses the one with the higher priority", async (first) => {
      for (const [server, priority] of [
        [alpha, 20],
        [beta, 10],
      ] as const) {
        await addCustom(first, server);
        await first.runCommand("Portico: Set Priority…");
        await first.pick(server.host);
        await first.answer(`priority of ${server.host}`, String(priority));
        await first.told(`${server.host} has priority ${priority}`);
        await first.clearNotifications();
      }
      assert.equal(await served(), "alpha");
      return undefined;
    }),

    stage.step("goes on with the next account when one is used up, and shows until when", async (first) => {
      alpha.usedUp = true;
      const asked = alpha.asked.length;
      assert.equal(await served(), "beta");
      assert.equal(alpha.asked.length, asked + 1, "the first account was tried");
      assert.equal(await served(), "beta");
      assert.equal(alpha.asked.length, asked + 1, "and not again");
      await first.statusBar.hover();
      await first.tooltip(`${alpha.host}: used up until`).waitFor();
      await first.screenshot("20-used-up-tooltip");
      await first.statusBar.click();
      await first.row(alpha.host).filter({ hasText: "used up until" }).waitFor();
      await first.row(beta.host).filter({ hasText: "ready · 12 of 50 requests left" }).waitFor();
      await first.screenshot("21-used-up-menu");
      await first.pick(alpha.host);
      await first.quickInput.filter({ hasText: "used up until" }).waitFor();
      assert.equal(await first.quickInput.locator("input").first().getAttribute("placeholder"), USED_UP);
      await first.screenshot("22-used-up-account");
      return undefined;
    }),

    stage.step("forgets the limit when a test of the account succeeds", async (first) => {
      alpha.usedUp = false;
      await first.pick("Test Account");
      await first.told(`${alpha.host} works (2 models)`);
      assert.equal(await served(), "alpha");
      await first.clearNotifications();
      return undefined;
    }),

    stage.step("says once that a key is refused, and takes a new one where it says so", async (first) => {
      alpha.keys.clear();
      assert.equal(await served(), "beta");
      await first.told(REFUSAL);
      await first.statusBar.locator(".codicon-error").waitFor();
      await first.screenshot("23-key-refused-notice");
      assert.equal(await served(), "beta");
      await first.statusBar.click();
      await first.row(REFUSAL).waitFor();
      await first.screenshot("24-key-refused-menu");
      await first.page.keyboard.press("Escape");
      const notices = await first.openNotifications();
      assert.equal(await notices.filter({ hasText: REFUSAL }).count(), 1);
      await first.pressNotification(REFUSAL, "Replace Key…");
      await first.answer(`new key · ${alpha.host}`, "sk-wrong-0123456789abcdef");
      await first.quickInput.filter({ hasText: `The key was refused: ${REFUSAL}` }).waitFor();
      await first.screenshot("25-new-key-refused");
      alpha.keys.add(NEW_KEY);
      await first.answer("The key was refused", NEW_KEY);
      await first.told(`${alpha.host} has its new key`);
      await first.screenshot("26-new-key");
      await first.clearNotifications();
      assert.equal(await served(), "alpha");
      await first.statusBar.locator(".codicon-error").waitFor({ state: "detached" });
      return undefined;
    }),

    stage.step("does not say it twice, not even in a window that is reloaded", async (first) => {
      alpha.keys.clear();
      assert.equal(await served(), "beta");
      await first.pressNotification(REFUSAL, "Show");
      await first.row(REFUSAL).waitFor();
      await first.page.keyboard.press("Escape");
      await first.refresh();
      await first.ready();
      await first.statusBar.locator(".codicon-error").waitFor();
      assert.equal(await served(), "beta");
      const notices = await first.openNotifications();
      assert.equal(await notices.filter({ hasText: REFUSAL }).count(), 0);
      await first.screenshot("27-not-told-again");
      await first.page.keyboard.press("Escape");
      return undefined;
    }),

    stage.step("signs in again by the command", async (first) => {
      await first.runCommand("Portico: Sign in Again…");
      await first.row(alpha.host).filter({ hasText: "needs you" }).waitFor();
      await first.screenshot("28-sign-in-again");
      await first.pick(alpha.host);
      alpha.keys.add(GOOD_KEY);
      await first.answer(`new key · ${alpha.host}`, GOOD_KEY);
      await first.told(`${alpha.host} has its new key`);
      await first.clearNotifications();
      assert.equal(await served(), "alpha");
      return undefined;
    }),
  ];
}

export async function addCustom(window: Workbench, { base, host }: ScriptedProvider): Promise<void> {
  await window.runCommand("Portico: Add Account…");
  await window.row("OpenRouter").waitFor();
  await window.page.keyboard.type("Custom");
  await window.pick("Custom");
  await window.answer("Base URL", base);
  await window.quickInput.filter({ hasText: "OpenAI responses" }).waitFor();
  await window.page.keyboard.press("Enter");
  await window.answer("API key", GOOD_KEY);
  await window.told(`${host} was added (2 models)`);
  await window.clearNotifications();
}
