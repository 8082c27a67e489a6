/** The pool's models in VS Code's chat, and what other extensions get of them. */
import assert from "node:assert/strict";
import { findCompanion } from "./companion.ts";
import { until, untilIs } from "./patience.ts";
import type { Stage, Step } from "./stage.ts";

const COMPANION = "portico-test.companion";
const ALLOWED = "portico.chat.extensions";

export function chatSteps(stage: Stage): Step[] {
  const companion = () => findCompanion(stage.companions, stage.window());

  return [
    stage.step("offers its models, each once", async () => {
      const { chatModels } = await companion();
      const listed = await until(
        async () => (await chatModels()).find(({ id }) => id === "quick"),
        () => "the models do not come",
      );
      assert.equal(listed.maxInputTokens, 112_000);
      const ids = (await chatModels()).map(({ id }) => id);
      assert.deepEqual(ids.toSorted(), [...new Set(ids)].toSorted());
      return undefined;
    }),

    stage.step("asks once whether another extension may use them, and keeps the answer", async (first) => {
      const { askModel } = await companion();
      const answered = stage.servers.provider.answered;
      const denied = askModel("quick", "hi");
      await first.told(`Allow the extension Companion (${COMPANION})`);
      await first.screenshot("70-chat-consent");
      await first.pressNotification("Allow the extension Companion", "Deny");
      assert.equal((await denied).code, "NoPermissions");
      assert.equal((await askModel("quick", "hi")).code, "NoPermissions");
      assert.equal(stage.servers.provider.answered, answered);
      return undefined;
    }),

    stage.step("answers an extension that is allowed", async (first) => {
      const { askModel, set } = await companion();
      await set(ALLOWED, undefined);
      const allowed = askModel("quick", "hi");
      await first.pressNotification("Allow the extension Companion", "Allow");
      assert.deepEqual(await allowed, { text: "Hello from afar" });
      assert.deepEqual(await askModel("quick", "hi again"), { text: "Hello from afar" });
      await first.clearNotifications();
      return undefined;
    }),

    stage.step("ends a request that is cancelled", async () => {
      const { askModel } = await companion();
      const { text } = await askModel("slow", "count", true);
      assert.match(text ?? "", /^0 /);
      assert.ok(!text?.includes("99"), text);
      return undefined;
    }),

    {
      name: "answers in a window that follows another",
      run: async () => {
        const second = await stage.open("chat-window");
        const { chatModels, askModel } = await findCompanion(stage.companions, second);
        await until(
          async () => (await chatModels()).find(({ id }) => id === "quick"),
          () => "the models do not come",
        );
        assert.deepEqual(await askModel("quick", "hi"), { text: "Hello from afar" });
        await second.close();
        stage.windows.pop();
        return undefined;
      },
    },

    stage.step("has no models to offer while the proxy is stopped", async (first) => {
      const { chatModels, askModel } = await companion();
      await first.runCommand("Portico: Stop Proxy");
      await first.statusIs(/^\s*Portico\s*$/);
      await untilIs(async () => (await chatModels()).length, 0);
      assert.equal((await askModel("quick", "hi")).code, "none");
      return undefined;
    }),

    stage.step("starts again for the chat, and answers there", async (first) => {
      const { run, set, knows } = await companion();
      await set("chat.disableAIFeatures", false);
      await first.runCommand("Portico: Use in VS Code Chat");
      await first.statusIs(new RegExp(`Portico ${stage.port}`));
      // What is sent before the chat is enabled opens a sign-in instead.
      await untilIs(() => knows("GitHub.copilot-chat"), true);
      await first.screenshot("71-use-in-chat");
      const modelSelector = { vendor: "portico", id: "quick" };
      await run("workbench.action.chat.open", { query: "Say hello.", mode: "ask", modelSelector });
      await first.page.getByText("Hello from afar").first().waitFor();
      await first.screenshot("72-chat-answer");
      await set("chat.disableAIFeatures", true);
      await run("workbench.action.closeAuxiliaryBar");
      await run("workbench.action.closeAllEditors");
      return undefined;
    }),
  ];
}
