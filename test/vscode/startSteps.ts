/** The first window: off, commands, the walkthrough, the first account, the proxy at work. */
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { activation } from "./activation.ts";
import { type Companion, findCompanion } from "./companion.ts";
import { ask, isHealthy, reach, untilStatus } from "./http.ts";
import { untilIs } from "./patience.ts";
import { GOOD_KEY, REFUSAL } from "./provider.ts";
import type { Stage, Step } from "./stage.ts";
import { isSeen, panelOf, showsPage } from "./webviews.ts";

/** Milliseconds of the extension host's own work that the streams may cost; all that a relay there would take. */
const HOST_WORK_MS = 1000;
const STREAMS = 100;

/** What a folder's own settings would make of Portico, if they could. */
const HOSTILE = {
  "portico.autoStart": "always",
  "portico.port": 9,
  "portico.allowLanAccess": true,
  "portico.auth.mode": "strict",
  "portico.allowedOrigins": ["https://example.com"],
  "portico.allowedHosts": ["example.com"],
  "portico.responses.onDisk": true,
  "http.proxy": "http://127.0.0.1:9",
  "http.proxyStrictSSL": false,
};

const manifest = z.object({
  contributes: z.object({ commands: z.array(z.object({ title: z.string() })) }),
});

/** Without an account, and with the proxy stopped. */
const SENSELESS_AT_FIRST: ReadonlySet<string> = new Set(
  [
    "Copy Base URL",
    "Enable/Disable Account…",
    "End LAN Access",
    "Export Accounts…",
    "Refresh Quotas",
    "Remove Account…",
    "Restart Proxy",
    "Set Priority…",
    "Sign in Again…",
    "Stop Proxy",
    "Test Account…",
  ].map((title) => `Portico: ${title}`),
);

export function startSteps(stage: Stage): Step[] {
  const { base, companions, port } = stage;
  const { provider } = stage.servers;
  let companion: Companion;
  return [
    {
      name: "opens with Portico off, and loads next to nothing for it",
      async run() {
        // For the whole story: a folder that somebody else made steers nothing.
        await mkdir(join(stage.scratch, "first", ".vscode"), { recursive: true });
        await writeFile(join(stage.scratch, "first", ".vscode", "settings.json"), JSON.stringify(HOSTILE));
        const first = await stage.open("first");
        await first.statusIs(/^\s*Portico\s*$/);
        companion = await findCompanion(companions, first);
        await first.statusBar.hover();
        await first.tooltip("Stopped").first().waitFor();
        await first.screenshot("01-off");
        return activation(first, companion);
      },
    },

    stage.step(
      "has in the palette exactly the commands that make sense before there is anything",
      async (first) => {
        await first.page.keyboard.press("F1");
        await first.page.keyboard.type("Portico: ");
        const rows = first.quickInput.locator(".monaco-list-row").filter({ hasText: "Portico: " });
        await rows.nth(7).waitFor();
        await first.screenshot("02-palette");
        const promised = (await commandTitles()).filter((title) => !SENSELESS_AT_FIRST.has(title));
        const titles = new Set<string>();
        // Rows out of sight do not exist.
        for (let more = promised.length; more >= 0 && titles.size < promised.length; more -= 1) {
          for (const text of await rows.allTextContents()) {
            const title = promised.find((each) => text.includes(each));
            // VS Code makes one of its own for each view.
            assert.ok(title !== undefined || text.includes("Focus on"), text);
            if (title !== undefined) titles.add(title);
          }
          await first.page.keyboard.press("PageDown");
        }
        assert.deepEqual([...titles].sort(), promised);
        await first.page.keyboard.press("Escape");
        return undefined;
      },
    ),

    stage.step(
      "leads a new person: the proxy starts from the walkthrough, and the sandbox answers",
      async (first) => {
        await companion.run("workbench.action.openWalkthrough", "portico-gateway.portico#start");
        const guide = first.page.locator(".gettingStartedContainer");
        await guide.getByText("Get Started with Portico").first().waitFor();
        const step = (title: string) => guide.locator(".getting-started-step").filter({ hasText: title });
        for (const title of ["Start Portico", "Add an account", "Connect a client", "See what happens"]) {
          await step(title).first().waitFor();
        }
        await step("Start Portico").getByRole("button", { name: "Start Proxy" }).click();
        await first.statusIs(new RegExp(`Portico ${port}`));
        await first.told("only the built-in sandbox answers");
        await first.screenshot("02-walkthrough");
        assert.match(await ask(base, "sandbox/echo"), /hi/);
        await step("Start Portico").locator(".codicon-getting-started-step-checked").waitFor();
        await first.clearNotifications();
        // Once more is no mistake. The command ends when its notice is closed.
        const again = companion.run("portico.startProxy");
        await first.told(`Portico is running on ${base}`);
        await untilStatus(`${base}/healthz`, 200);
        await first.clearNotifications();
        await again;
        await first.runCommand("Portico: Stop Proxy");
        await first.statusIs(/^\s*Portico\s*$/);
        await step("Connect a client").click();
        await guide.getByRole("button", { name: "Show Me How" }).waitFor();
        await first.screenshot("02-walkthrough-connect");
        await guide.getByRole("button", { name: "Show Me How" }).click();
        await showsPage(first, "Connect");
        await isSeen((await panelOf(first)).getByText("Claude Code").first());
        await first.runCommand("View: Close All Editors");
        return undefined;
      },
    ),

    stage.step("refuses a wrong key in the provider's own words, and keeps nothing", async (first) => {
      await first.runCommand("Portico: Add Account…");
      await first.quickInput.locator(".monaco-list-row").filter({ hasText: "OpenRouter" }).waitFor();
      await first.screenshot("03-providers");
      await first.page.keyboard.type("Custom");
      await first.pick("Custom");
      await first.answer("Base URL", provider.base);
      await first.quickInput.filter({ hasText: "OpenAI responses" }).waitFor();
      await first.screenshot("04-protocols");
      await first.page.keyboard.press("Enter");
      await first.answer("API key", "sk-wrong-0123456789abcdef");
      await first.quickInput.filter({ hasText: REFUSAL }).waitFor();
      await first.screenshot("05-key-refused");
      return undefined;
    }),

    stage.step("adds the account once the key works", async (first) => {
      await first.answer("refused the key", GOOD_KEY);
      await first.told("was added (2 models)");
      await first.screenshot("06-account-added");
      return undefined;
    }),

    stage.step("starts on the person's port, whatever the folder's settings say", async (first) => {
      await first.runCommand("Portico: Start Proxy");
      await first.statusIs(new RegExp(`Portico ${port}`));
      await first.told(`Portico is running on ${base}`);
      await first.statusBar.hover();
      await first.tooltip("this computer only · no key needed here").waitFor();
      const headers = { origin: "https://example.com" };
      assert.equal((await reach(`${base}/v1/models`, { headers })).status, 403);
      await first.page.mouse.move(640, 400);
      await first.screenshot("07-running");
      await first.clearNotifications();
      return undefined;
    }),

    stage.step("answers on the port with a stream from the account", async () => {
      const text = await ask(base, "quick");
      assert.match(text, /Hello[\s\S]*from[\s\S]*afar[\s\S]*\[DONE\]/);
      return undefined;
    }),

    stage.step(`leaves the extension host alone while ${STREAMS} streams run`, async () => {
      await companion.startDelay();
      const replies = await Promise.all(Array.from({ length: STREAMS }, () => ask(base, "slow")));
      const { max, p99, work } = await companion.stopDelay();
      for (const reply of replies) assert.match(reply, /"99 "[\s\S]*\[DONE\]/);
      // How long it was held says as much about the machine's other work; what it worked does not.
      assert.ok(work < HOST_WORK_MS, `the extension host worked for ${work} ms`);
      return `worked for ${Math.round(work)} ms, held for ${max.toFixed(1)} ms at most, p99 ${p99.toFixed(1)} ms`;
    }),

    stage.step("lets a stream end when the proxy is stopped, and takes no other", async (first) => {
      const request = { model: "slow", stream: true, messages: [{ role: "user", content: "hi" }] };
      const response = await reach(`${base}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(request),
      });
      const reader = response.body?.getReader();
      assert.equal((await reader?.read())?.done, false);
      await first.runCommand("Portico: Stop Proxy");
      await first.statusIs(/^\s*Portico\s*$/);
      await untilIs(() => isHealthy(base), false);
      // Whole, or cut after the time that a stop gives it: never left hanging.
      const rest = async () => {
        for (;;) if ((await reader?.read())?.done !== false) return "whole";
      };
      const end = await rest().catch(() => "cut");
      await first.runCommand("Portico: Start Proxy");
      await first.statusIs(new RegExp(`Portico ${port}`));
      await untilStatus(`${base}/healthz`, 200);
      await first.clearNotifications();
      return end;
    }),
  ];
}

/** `Portico: Start Proxy` and so on, in alphabetical order. */
async function commandTitles(): Promise<string[]> {
  const read = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(new URL(`../../${name}`, import.meta.url), "utf8"));
  const words = z.record(z.string(), z.string()).parse(await read("package.nls.json"));
  const { commands } = manifest.parse(await read("package.json")).contributes;
  return commands.map(({ title }) => `Portico: ${words[title.replaceAll("%", "")]}`).sort();
}
