/**
 * Eight situations. In each, Portico is said to fare the same in the status bar, its menu, the pages and the sidebar, and
 * the palette offers what makes sense then.
 */
import assert from "node:assert/strict";
import { findCompanion } from "./companion.ts";
import { reach } from "./http.ts";
import { until, untilIs } from "./patience.ts";
import { addCustom } from "./poolSteps.ts";
import { GOOD_KEY } from "./provider.ts";
import type { Stage, Step } from "./stage.ts";
import { panelOf, showsPage, sidebarOf } from "./webviews.ts";
import { listen } from "./windowSteps.ts";
import type { Workbench } from "./workbench.ts";

interface Situation {
  readonly name: string;
  /** How it all fares, as it is said everywhere. */
  readonly words: string;
  /** Commands that make sense. */
  readonly offers: readonly string[];
  /** Commands that make none. */
  readonly hides: readonly string[];
  /** Brings it about, also when it has passed. */
  arrange(): Promise<void>;
  /** Leaves it. */
  after?(): Promise<void>;
}

const ALWAYS = [
  "Add Account…",
  "Import Accounts…",
  "Explain Route…",
  "Copy API Key",
  "Open Dashboard",
  "Show Log",
];
const OF_ACCOUNTS = [
  "Remove Account…",
  "Sign in Again…",
  "Enable/Disable Account…",
  "Set Priority…",
  "Test Account…",
  "Refresh Quotas",
  "Export Accounts…",
];
const WHILE_RUNNING = ["Stop Proxy", "Restart Proxy", "Copy Base URL"];
const KNOWN = [
  ...ALWAYS,
  ...OF_ACCOUNTS,
  ...WHILE_RUNNING,
  "Start Proxy",
  "Allow LAN Access…",
  "End LAN Access",
];
const LAN_SETTING = "portico.allowLanAccess";

export function situationSteps(stage: Stage): Step[] {
  const { port } = stage;
  const { provider } = stage.servers;

  const start = () => stage.control((client) => client.call("proxy.start", undefined));
  const stop = () => stage.control((client) => client.call("proxy.stop", { now: true }));
  const enable = (enabled: boolean) =>
    stage.control(async (client) => {
      const [account] = await client.call("accounts.list", undefined);
      assert.ok(account, "there is no account");
      await client.call("accounts.update", { id: account.id, enabled });
    });
  const allowLan = async (value: true | undefined) =>
    (await findCompanion(stage.companions, stage.window())).set(LAN_SETTING, value);

  /** A request that may fail. */
  const ask = (model: string, text: string) =>
    reach(`${stage.base}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model, stream: true, messages: [{ role: "user", content: text }] }),
    });

  let squatter: { close(): Promise<void> } | undefined;

  const situations: readonly Situation[] = [
    {
      name: "running",
      words: "Running",
      offers: [...ALWAYS, ...OF_ACCOUNTS, ...WHILE_RUNNING, "Allow LAN Access…"],
      hides: ["Start Proxy", "End LAN Access"],
      arrange: async () => void (await start()),
    },
    {
      name: "stopping while a request is under way",
      words: "Stopping, 1 request under way",
      // Once more is at once, and who changed their mind starts it.
      offers: [...ALWAYS, ...OF_ACCOUNTS, "Stop Proxy", "Start Proxy"],
      hides: ["Restart Proxy", "Copy Base URL"],
      async arrange() {
        await start();
        const reply = await ask("sandbox/slow", "word ".repeat(400));
        assert.equal(reply.status, 200);
        void reply.text().catch(() => {});
        void stage.control((client) => client.call("proxy.stop", undefined)).catch(() => {});
      },
      after: async () => void (await stop()),
    },
    {
      name: "stopped",
      words: "Stopped",
      offers: [...ALWAYS, ...OF_ACCOUNTS, "Start Proxy"],
      hides: WHILE_RUNNING,
      arrange: async () => void (await stop()),
    },
    {
      name: "not running, as another has the port",
      words: "Not running",
      offers: [...ALWAYS, ...OF_ACCOUNTS, "Start Proxy"],
      hides: WHILE_RUNNING,
      async arrange() {
        await stop();
        squatter ??= await listen(port);
        await start().catch(() => {});
      },
      async after() {
        await squatter?.close();
        await start();
      },
    },
    {
      name: "running for the network",
      words: "Running",
      offers: [...ALWAYS, ...OF_ACCOUNTS, ...WHILE_RUNNING, "End LAN Access"],
      hides: ["Start Proxy", "Allow LAN Access…"],
      arrange: () => allowLan(true),
      after: () => allowLan(undefined),
    },
    {
      name: "running with an account whose key is refused",
      words: "Running, no account can answer",
      offers: [...ALWAYS, ...OF_ACCOUNTS, ...WHILE_RUNNING],
      hides: ["Start Proxy", "End LAN Access"],
      async arrange() {
        provider.keys.clear();
        await (await ask("quick", "refused")).text();
      },
      async after() {
        provider.keys.add(GOOD_KEY);
        await stage.control(async (client) => {
          const [account] = await client.call("accounts.list", undefined);
          await client.call("accounts.test", { id: account?.id ?? "" });
        });
      },
    },
    {
      name: "running with no account but one that is disabled",
      words: "Running",
      offers: [...ALWAYS, ...OF_ACCOUNTS, ...WHILE_RUNNING],
      hides: ["Start Proxy", "End LAN Access"],
      arrange: () => enable(false),
      after: () => enable(true),
    },
    {
      name: "running without any account",
      words: "Running",
      offers: [...ALWAYS, ...WHILE_RUNNING],
      hides: [...OF_ACCOUNTS, "Start Proxy"],
      arrange: () =>
        stage.control(async (client) => {
          for (const { id } of await client.call("accounts.list", undefined))
            await client.call("accounts.remove", { id });
        }),
      after: () => addCustom(stage.window(), provider),
    },
  ];

  return [
    stage.step("shows the pages and the sidebar side by side", async (first) => {
      await first.runCommand("Portico: Open Dashboard");
      await showsPage(first, "Dashboard");
      await first.page.locator(".activitybar").getByRole("tab", { name: "Portico" }).click();
      await sidebarOf(first);
      return undefined;
    }),
    ...situations.map((situation, index) =>
      stage.step(
        `says the same everywhere, and offers what makes sense: ${situation.name}`,
        async (first) => {
          await situation.arrange();
          for (const [where, read] of Object.entries(PLACES)) {
            await holds(first, situation, async () => {
              const said = await read(first);
              return said === situation.words ? undefined : `${where}: ${said}`;
            });
          }
          await holds(first, situation, async () => {
            const offered = await paletteOf(first);
            const missing = situation.offers.filter((title) => !offered.has(title));
            const wrong = situation.hides.filter((title) => offered.has(title));
            if (missing.length === 0 && wrong.length === 0) return undefined;
            return `not offered: ${missing.join(", ")}; offered for nothing: ${wrong.join(", ")}`;
          });
          await first.screenshot(`80-situation-${index + 1}`);
          await situation.after?.();
          return undefined;
        },
      ),
    ),
    stage.step("is as it was before", async (first) => {
      await start();
      await first.statusIs(new RegExp(`Portico ${port}`));
      await untilIs(async () => (await stage.accounts()).length, 1);
      assert.equal((await ask("quick", "works again")).status, 200);
      await first.clearNotifications();
      await first.runCommand("View: Close All Editors");
      await first.page
        .locator(".activitybar")
        .getByRole("tab", { name: /Explorer/ })
        .click();
      return undefined;
    }),
  ];
}

/** Where it is said how Portico fares. */
const PLACES: Readonly<Record<string, (window: Workbench) => Promise<string>>> = {
  "status bar": statusWords,
  strip: async (window) => stripWords(await panelOf(window)),
  sidebar: async (window) => stripWords(await sidebarOf(window)),
  async menu(window) {
    await window.statusBar.click();
    const title = window.quickInput.locator(".quick-input-title");
    try {
      await title.filter({ hasText: "Portico: " }).waitFor();
      return ((await title.textContent()) ?? "").replace("Portico: ", "");
    } finally {
      await window.page.keyboard.press("Escape");
      await window.quickInput.waitFor({ state: "hidden" });
    }
  },
};

/** What a screen reader says of the item begins with the words. */
async function statusWords({ statusBar }: Workbench): Promise<string> {
  const spoken = (await statusBar.getAttribute("aria-label")) ?? "";
  return /^Portico: ([^.]*)/.exec(spoken)?.[1] ?? spoken;
}

async function stripWords(page: Awaited<ReturnType<typeof panelOf>>): Promise<string> {
  return (await page.locator(".strip .words").textContent()) ?? "";
}

/** Milliseconds after which a situation is brought about again that has passed. */
const PASSES_MS = 5000;

/**
 * Waits until there is nothing to complain of. What was read while the situation passed says nothing: it is brought about again.
 * @param complaint `undefined`: there is none
 */
async function holds(
  window: Workbench,
  { words, arrange }: Situation,
  complaint: () => Promise<string | undefined>,
): Promise<void> {
  let last = "it does not come about";
  let again = performance.now() + PASSES_MS;
  const look = async () => {
    const said = await statusWords(window);
    if (said !== words) {
      last = `status bar: ${said}`;
      if (performance.now() < again) return undefined;
      await arrange();
      again = performance.now() + PASSES_MS;
      return undefined;
    }
    const found = await complaint();
    if ((await statusWords(window)) !== words) return undefined;
    if (found !== undefined) last = found;
    return found === undefined ? true : undefined;
  };
  await until(look, () => last);
}

/** Pages of the palette's list that are looked through; it begins anew behind the last. */
const MOST_PAGES = 60;
/** So many without anything new, and all were seen: the list has fewer. */
const ENOUGH_PAGES = 3;
const NEXT_FRAME = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))";

/** Titles of Portico's commands that the palette lists, once it lists the same when it is opened again. */
async function paletteOf(window: Workbench): Promise<ReadonlySet<string>> {
  let before = "";
  return until(
    async () => {
      await window.openPalette("Portico: ");
      const titles = await listed(window);
      await window.page.keyboard.press("Escape");
      await window.quickInput.waitFor({ state: "hidden" });
      const now = [...titles].sort().join("\n");
      const settled = now !== "" && now === before;
      before = now;
      return settled ? titles : undefined;
    },
    () => `the palette does not settle: ${before}`,
  );
}

/** All rows, of which those out of sight do not exist. */
async function listed({ page, quickInput }: Workbench): Promise<Set<string>> {
  const rows = quickInput.locator(".monaco-list-row").filter({ hasText: "Portico: " });
  await rows.first().waitFor();
  const titles = new Set<string>();
  let nothingNew = 0;
  for (let pages = 0; pages < MOST_PAGES && nothingNew < ENOUGH_PAGES; pages++) {
    const before = titles.size;
    for (const text of await rows.allTextContents()) {
      const title = KNOWN.find((each) => text.includes(`Portico: ${each}`));
      if (title !== undefined) titles.add(title);
    }
    nothingNew = titles.size === before ? nothingNew + 1 : 0;
    await page.keyboard.press("PageDown");
    await page.evaluate(NEXT_FRAME);
  }
  return titles;
}
