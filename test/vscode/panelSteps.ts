/** The panel and the sidebar as parts of the editor: hidden and seen again, restored, steered from the side. */
import type { Locator } from "playwright-core";
import { activation } from "./activation.ts";
import { findCompanion } from "./companion.ts";
import { ask, untilStatus } from "./http.ts";
import { untilCount, untilIs } from "./patience.ts";
import type { Stage, Step } from "./stage.ts";
import { panelIsHidden, panelOf, panelTab, showsPage, sidebarOf } from "./webviews.ts";
import type { Workbench } from "./workbench.ts";

export function panelSteps(stage: Stage): Step[] {
  const { base, port } = stage;
  const { gamma } = stage.servers;

  /** Another editor over the panel. */
  async function cover(window: Workbench): Promise<void> {
    const companion = await findCompanion(stage.companions, window);
    await companion.run("workbench.action.files.newUntitledFile");
    await panelIsHidden(window);
  }

  /** Through the account that was added in the pages. */
  async function askGamma(conversation: string): Promise<void> {
    await ask(base, `${(await stage.accounts()).at(-1)}/quick`, conversation);
  }

  /** Monitor shows what went to that account, of one model, and so many of them. */
  async function isFiltered(window: Workbench, count: number): Promise<void> {
    const panel = await panelOf(window);
    await showsPage(window, "Monitor");
    await untilIs(() => panel.getByLabel("Filter requests").inputValue(), filter);
    await panel.getByText(`${count} found`).waitFor();
    await untilCount(await requests(window), count);
  }

  /** Of that model, as Monitor lists them; beside details there is no room for the account. */
  async function requests(window: Workbench): Promise<Locator> {
    const rows = (await panelOf(window)).getByRole("grid", { name: "Requests" }).getByRole("row");
    return rows.filter({ hasText: "quick" });
  }
  const filter = `model:*/quick account:${gamma.host}`;
  let seen = 0;

  return [
    stage.step("shows the same in the sidebar, and steers from there", async (first) => {
      await first.page.locator(".activitybar").getByRole("tab", { name: "Portico" }).click();
      const side = await sidebarOf(first);
      await side.getByText("Running", { exact: true }).waitFor();
      const line = side.getByRole("listitem").filter({ hasText: gamma.host });
      await line.getByRole("meter").first().waitFor();
      await side.getByRole("region", { name: "Last requests" }).getByText(gamma.host).first().waitFor();
      await first.screenshot("70-sidebar");
      await side.getByRole("button", { name: "Stop" }).click();
      await side.getByText("Stopped", { exact: true }).waitFor();
      await first.statusIs(/^\s*Portico\s*$/);
      await (await panelOf(first)).locator("header.strip").getByText("Stopped", { exact: true }).waitFor();
      await first.screenshot("71-sidebar-stopped");
      await side.getByRole("button", { name: "Start Proxy" }).click();
      await first.statusIs(new RegExp(`Portico ${port}`));
      await untilStatus(`${base}/healthz`, 200);
      return undefined;
    }),

    stage.step("opens the panel from the sidebar, where it says", async (first) => {
      const side = await sidebarOf(first);
      await side.getByRole("region", { name: "Last requests" }).getByRole("listitem").first().click();
      await showsPage(first, "Monitor");
      await (await panelOf(first)).getByRole("complementary", { name: "Details of the request" }).waitFor();
      await closePanel(first);
      await side.getByRole("button", { name: "Open the dashboard" }).click();
      await showsPage(first, "Dashboard");
      await side.getByRole("listitem").filter({ hasText: gamma.host }).first().click();
      await showsPage(first, "Accounts");
      await (await panelOf(first)).getByRole("heading", { name: gamma.host }).first().waitFor();
      await first.screenshot("72-opened-from-sidebar");
      await untilCount(panelTab(first), 1);
      return undefined;
    }),

    stage.step("is as it was when it is seen again, with what came meanwhile", async (first) => {
      await first.runCommand("Portico: Open Monitor");
      await showsPage(first, "Monitor");
      const panel = await panelOf(first);
      await panel.getByLabel("Filter requests").fill(filter);
      await panel.getByText(/\d+ found/).waitFor();
      seen = Number(/\d+/.exec((await panel.getByText(/\d+ found/).textContent()) ?? "")?.[0]);
      await cover(first);
      await askGamma("while the panel is hidden");
      seen += 1;
      await panelTab(first).click();
      await isFiltered(first, seen);
      await first.screenshot("73-seen-again");
      return undefined;
    }),

    stage.step("goes where a command says also while it is hidden", async (first) => {
      await cover(first);
      await first.runCommand("Portico: Open Token Stats");
      await showsPage(first, "Token Stats");
      await cover(first);
      await first.runCommand("Portico: Open Monitor");
      await showsPage(first, "Monitor");
      // With the filter that was last chosen there.
      await isFiltered(first, seen);
      await untilCount(panelTab(first), 1);
      return undefined;
    }),

    stage.step("is found where it was when the window is reloaded, details and all", async (first) => {
      await (await requests(first)).nth(seen - 1).click();
      const before = await details(first);
      await before.getByText("/v1/chat/completions").waitFor();
      const shown = await idOf(before);
      await first.reload();
      await isFiltered(first, seen);
      const after = await details(first);
      await untilIs(() => idOf(after), shown);
      await after.getByText("/v1/chat/completions").waitFor();
      await (await sidebarOf(first)).getByText("Running", { exact: true }).waitFor();
      await askGamma("after the reload");
      seen += 1;
      await isFiltered(first, seen);
      await first.screenshot("74-restored");
      return activation(first, await findCompanion(stage.companions, first));
    }),

    stage.step("goes where a command says that comes while it is being restored", async (first) => {
      await first.reload();
      // As a person with a shortcut: the panel's page may not run yet.
      await (await findCompanion(stage.companions, first)).run("portico.openSettings");
      await showsPage(first, "Settings");
      await untilCount(panelTab(first), 1);
      return undefined;
    }),

    stage.step("is one panel also when it is restored behind another editor", async (first) => {
      await cover(first);
      await first.reload();
      await untilCount(panelTab(first), 1);
      await first.runCommand("Portico: Open Settings");
      await showsPage(first, "Settings");
      await untilCount(panelTab(first), 1);
      await closePanel(first);
      await first.runCommand("Portico: Open Dashboard");
      await showsPage(first, "Dashboard");
      await untilCount(panelTab(first), 1);
      await first.runCommand("View: Close Other Editors in Group");
      return undefined;
    }),
  ];
}

async function details(window: Workbench): Promise<Locator> {
  return (await panelOf(window)).getByRole("complementary", { name: "Details of the request" });
}

/** The request's own, below all the other facts. */
function idOf(shown: Locator): Promise<string | null> {
  return shown.locator("dl.facts code").last().textContent();
}

async function closePanel(window: Workbench): Promise<void> {
  await panelTab(window).click();
  await panelTab(window).locator(".tab-actions a").click();
  await panelTab(window).waitFor({ state: "detached" });
}
