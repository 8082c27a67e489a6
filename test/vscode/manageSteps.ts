/** What a person does with accounts that are there: switch off and on, test, read quotas, ask for the route. */
import assert from "node:assert/strict";
import { ask } from "./http.ts";
import { REFUSAL } from "./provider.ts";
import type { Stage, Step } from "./stage.ts";

export function manageSteps(stage: Stage): Step[] {
  const { base } = stage;
  const { alpha, beta } = stage.servers;
  return [
    stage.step("leaves an account alone while it is disabled", async (first) => {
      const toggle = async (outcome: string) => {
        await first.runCommand("Portico: Enable/Disable Account…");
        await first.pick(alpha.host);
        await first.told(`${alpha.host} is ${outcome}`);
        await first.clearNotifications();
      };
      await toggle("disabled: no request goes to it");
      const { answered } = alpha;
      await ask(base, "quick", "while it is disabled");
      assert.equal(alpha.answered, answered);
      await first.statusBar.click();
      await first.row(alpha.host).filter({ hasText: "disabled" }).waitFor();
      await first.screenshot("30-disabled-menu");
      await first.page.keyboard.press("Escape");
      await toggle("enabled");
      await ask(base, "quick", "while it is enabled");
      assert.equal(alpha.answered, answered + 1);
      return undefined;
    }),

    stage.step("tests an account with a real call, and says what the provider says", async (first) => {
      const keys = [...alpha.keys];
      alpha.keys.clear();
      await first.runCommand("Portico: Test Account…");
      await first.pick(alpha.host);
      await first.told(`${alpha.host} does not work: ${REFUSAL}`);
      await first.screenshot("31-test-refused");
      await first.clearNotifications();
      for (const key of keys) alpha.keys.add(key);
      await first.runCommand("Portico: Test Account…");
      await first.pick(alpha.host);
      await first.told(`${alpha.host} works (2 models)`);
      await first.clearNotifications();
      return undefined;
    }),

    stage.step("lists what is left of each account's quota", async (first) => {
      await first.runCommand("Portico: Refresh Quotas");
      await first.row(beta.host).filter({ hasText: "12 of 50 requests left" }).waitFor();
      await first.screenshot("32-quotas");
      await first.page.keyboard.press("Escape");
      return undefined;
    }),

    stage.step("explains where a request would go, without sending one", async (first) => {
      const { asked } = alpha;
      const before = asked.length;
      await first.runCommand("Portico: Explain Route…");
      await first.answer("The model name that a client sends", "quick");
      await first.pick("OpenAI chat completions");
      await first.quickInput.filter({ hasText: "a request for quick" }).waitFor();
      await first.row("· quick").first().waitFor();
      await first.screenshot("33-route");
      await first.page.keyboard.press("Escape");
      await first.runCommand("Portico: Explain Route…");
      await first.answer("The model name that a client sends", "quick");
      await first.pick("Anthropic messages");
      await first.row("translated to OpenAI chat completions").first().waitFor();
      await first.screenshot("34-route-translated");
      await first.page.keyboard.press("Escape");
      assert.equal(asked.length, before);
      return undefined;
    }),
  ];
}
