/** A turn of an agent in VS Code's own chat, with a tool and an image, at a provider of each protocol. */
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Locator } from "playwright-core";
import { PROTOCOLS, type Protocol } from "../../src/control/protocol.ts";
import {
  type AgentProvider,
  agentModel,
  COST,
  FOLDERS,
  noteIn,
  PRICE,
  REFUSED,
  SECRET,
  WANTS_ALL,
  WANTS_NOTE,
  WANTS_REFUSAL,
} from "./agentProvider.ts";
import { findCompanion } from "./companion.ts";
import { until, untilIs, untilMatch } from "./patience.ts";
import { GOOD_KEY } from "./provider.ts";
import type { Stage, Step } from "./stage.ts";
import { panelOf, showsPage } from "./webviews.ts";
import type { Workbench } from "./workbench.ts";

const BUNDLED_CHAT = "GitHub.copilot-chat";
/** A red dot. */
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

export function agentSteps(stage: Stage): Step[] {
  const { agents } = stage.servers;
  const companionOf = (window: Workbench) => findCompanion(stage.companions, window);
  const companion = () => companionOf(stage.window());

  /** A new conversation with that provider's model, in Agent mode, and these words in its box. */
  async function write(window: Workbench, { protocol }: AgentProvider, query: string): Promise<Locator> {
    const { run } = await companionOf(window);
    await run("workbench.action.chat.newChat");
    const modelSelector = { vendor: "portico", id: agentModel(protocol) };
    await run("workbench.action.chat.open", { query, mode: "agent", isPartialQuery: true, modelSelector });
    const box = window.page.locator(".interactive-input-part").last();
    await box.getByText(query).first().waitFor();
    return box;
  }

  const at = (protocol: Protocol): AgentProvider => {
    const found = agents.find((each) => each.protocol === protocol);
    assert.ok(found, `no provider speaks ${protocol}`);
    return found;
  };
  const answer = ({ page }: Workbench): Locator => page.locator(".interactive-response").last();

  /** Waits until VS Code offers the model there. */
  async function offers(window: Workbench, protocol: Protocol): Promise<void> {
    await until(
      async () => {
        const models = await (await companionOf(window)).chatModels().catch(() => []);
        return models.find(({ id }) => id === agentModel(protocol));
      },
      () => `the model of ${protocol} does not come`,
    );
  }

  return [
    stage.step("knows a model of each protocol, and the chat is enabled", async (first) => {
      for (const folder of FOLDERS) {
        const note = noteIn(stage.scratch, folder);
        await mkdir(dirname(note), { recursive: true });
        await writeFile(note, `The heron is called ${SECRET}.\n`);
      }
      await stage.control(async (client) => {
        await client.call("settings.update", { prices: [PRICE] });
        for (const { protocol, base, host } of agents) {
          const endpoints = { [protocol]: base };
          await client.call("accounts.add", { provider: "custom", label: host, endpoints, apiKey: GOOD_KEY });
        }
      });
      await (await companion()).set("chat.disableAIFeatures", false);
      await first.runCommand("Portico: Use in VS Code Chat");
      // VS Code may start its extension host anew for it.
      const isEnabled = async () => (await companion()).knows(BUNDLED_CHAT);
      await untilIs(() => isEnabled().catch(() => false), true);
      for (const { protocol } of agents) await offers(first, protocol);
      await first.clearNotifications();
      return undefined;
    }),

    ...PROTOCOLS.map((protocol) =>
      stage.step(`has a turn with a tool and an image at ${protocol}`, async (first) => {
        const provider = at(protocol);
        const box = await write(first, provider, `${WANTS_NOTE}, and look at the picture.`);
        const image = await pasteImage(first);
        await box.locator(".chat-attached-context-attachment").filter({ hasText: /image/i }).waitFor();
        await first.page.keyboard.press("Enter");
        await answer(first).getByText(`By ${protocol} the note says ${SECRET}.`).waitFor();
        await first.screenshot(`73-agent-${protocol}`);
        assert.deepEqual([...provider.images], [image]);
        return undefined;
      }),
    ),

    stage.step("shows in the chat's ring how full the context is, as the provider counted", async (first) => {
      const ring = first.page.locator(".chat-context-usage-widget:visible").last();
      await ring.hover();
      const details = first.page.locator(".chat-context-usage-details:visible");
      await details.waitFor();
      await first.screenshot("74-agent-usage");
      // Of the million that Gemini's models have.
      const words = async () => (await details.first().textContent()) ?? "";
      await untilMatch(words, /(?<!\d)21\.\dK \/ 1(?:\.\d)?M\D+2%/);
      await first.page.keyboard.press("Escape");
      return undefined;
    }),

    stage.step("lists these requests in Monitor, with client, account and cost", async (first) => {
      await first.runCommand("Portico: Open Monitor");
      await showsPage(first, "Monitor");
      const panel = await panelOf(first);
      const rows = panel.getByRole("grid", { name: "Requests" }).getByRole("row");
      const ours = rows.filter({ hasText: "VS Code chat" });
      const details = panel.getByRole("complementary", { name: "Details of the request" });
      for (const { protocol, host } of agents) {
        const turn = ours.filter({ hasText: agentModel(protocol) });
        // The call of the tool, and the answer.
        await turn.nth(1).waitFor();
        await turn.first().click();
        await details.getByText(agentModel(protocol)).first().waitFor();
        await details.getByText("VS Code chat").first().waitFor();
        await details.getByText(host).first().waitFor();
        await details.getByTitle(`$${COST}`).first().waitFor();
        await first.screenshot(`75-agent-monitor-${protocol}`);
        // In a narrow panel they cover the list.
        await details.getByRole("button", { name: "Close details" }).click();
        await details.waitFor({ state: "detached" });
      }
      await (await companion()).run("workbench.action.closeAllEditors");
      return undefined;
    }),

    {
      name: "has a turn with a tool in a window that follows, which the leader's Monitor lists",
      async run() {
        const [, folder] = FOLDERS;
        const follower = await stage.open(folder);
        await follower.statusIs(new RegExp(`Portico ${stage.port}`));
        await offers(follower, "openai-responses");
        await write(follower, at("openai-responses"), `${WANTS_NOTE} of this folder.`);
        await follower.page.keyboard.press("Enter");
        await answer(follower).getByText(`By openai-responses the note says ${SECRET}.`).waitFor();
        await follower.screenshot("75-agent-follower");
        await stage.close(follower);
        const first = stage.window();
        await first.page.bringToFront();
        await first.runCommand("Portico: Open Monitor");
        await showsPage(first, "Monitor");
        const rows = (await panelOf(first)).getByRole("grid", { name: "Requests" }).getByRole("row");
        const turn = rows
          .filter({ hasText: "VS Code chat" })
          .filter({ hasText: agentModel("openai-responses") });
        // Two of the first window, and two of that one.
        await turn.nth(3).waitFor();
        await (await companion()).run("workbench.action.closeAllEditors");
        return undefined;
      },
    },

    stage.step("breaks the provider's stream off when the person cancels", async (first) => {
      const provider = at("anthropic");
      await write(first, provider, WANTS_ALL);
      await first.page.keyboard.press("Enter");
      await answer(first).getByText("one two").first().waitFor();
      await (await companion()).run("workbench.action.chat.cancel");
      await untilIs(async () => provider.broken, 1);
      await first.screenshot("76-agent-cancelled");
      return undefined;
    }),

    stage.step("says what the provider refused in its own words, without a stack", async (first) => {
      await write(first, at("gemini"), WANTS_REFUSAL);
      await first.page.keyboard.press("Enter");
      await answer(first).getByText(REFUSED).first().waitFor();
      await first.screenshot("77-agent-refused");
      assert.doesNotMatch((await answer(first).textContent()) ?? "", /\bat .*(?:\.js|node:)|portico-gateway/);
      return undefined;
    }),

    stage.step("leaves the chat as it was", async () => {
      const { set, run } = await companion();
      await set("chat.disableAIFeatures", true);
      await run("workbench.action.closeAuxiliaryBar");
      await run("workbench.action.closeAllEditors");
      await stage.control(async (client) => {
        await client.call("settings.update", { prices: [] });
        const hosts = new Set(agents.map(({ host }) => host));
        for (const { id, label } of await client.call("accounts.list", undefined))
          if (hosts.has(label)) await client.call("accounts.remove", { id });
      });
      return undefined;
    }),
  ];
}

/** As a person does it, from another program. @returns base64, as the clipboard has it */
async function pasteImage({ page }: Workbench): Promise<string> {
  const write = `(async () => {
    const bytes = Uint8Array.from(atob(${JSON.stringify(PNG)}), (each) => each.charCodeAt(0));
    await navigator.clipboard.write([new ClipboardItem({ "image/png": new Blob([bytes], { type: "image/png" }) })]);
    const [item] = await navigator.clipboard.read();
    const kept = new Uint8Array(await (await item.getType("image/png")).arrayBuffer());
    return btoa(String.fromCharCode(...kept));
  })()`;
  const image = await page.evaluate<string>(write);
  await page.keyboard.press("Control+V");
  return image;
}
