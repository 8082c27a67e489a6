/** The pages in the editor: each by its command, an account from the wizard, a request seen as it comes. */
import assert from "node:assert/strict";
import { findCompanion } from "./companion.ts";
import { ask, isHealthy, untilStatus } from "./http.ts";
import { untilCount, untilIs } from "./patience.ts";
import { GOOD_KEY, REFUSAL } from "./provider.ts";
import type { Stage, Step } from "./stage.ts";
import { type ErrorWatch, isSeen, panelOf, panelTab, showsPage, sidebarOf } from "./webviews.ts";

const PAGES = ["Settings", "Token Stats", "Monitor", "API Proxy", "Accounts", "Connect", "Dashboard"];

/** @param errors of the first window; it listens from its first call on */
export function pageSteps(stage: Stage, errors: () => ErrorWatch): Step[] {
  const { base, companions, port } = stage;
  const { gamma } = stage.servers;
  /** The id of what is added here. */
  let account = "";
  return [
    stage.step("opens each page by its command, all in one panel", async (first) => {
      errors();
      for (const [i, title] of PAGES.entries()) {
        await first.runCommand(
          title === "Connect" ? "Portico: Connect or Disconnect a Client" : `Portico: Open ${title}`,
        );
        await showsPage(first, title);
        await first.screenshot(`60-page-${i + 1}-${title.toLowerCase().replace(" ", "-")}`);
      }
      await untilCount(panelTab(first), 1);
      // And the sidebar by the command that VS Code makes of the view.
      await first.runCommand("Focus on Portico View");
      await (await sidebarOf(first)).getByRole("button", { name: "Stop" }).waitFor();
      await first.page
        .locator(".activitybar")
        .getByRole("tab", { name: /Explorer/ })
        .click();
      return undefined;
    }),

    stage.step("goes where a link says", async (first) => {
      const companion = await findCompanion(companions, first);
      const shown = await panelOf(first);
      await companion.run("portico.openApiProxy", { section: "models", find: "no-such-model" });
      await showsPage(first, "API Proxy");
      await isSeen(shown.locator("#part-models"));
      await shown.locator("#part-models").getByText("No model is called that.").waitFor();
      await companion.run("portico.openTokenStats", { time: "month", by: "client" });
      await showsPage(first, "Token Stats");
      await shown.getByRole("button", { name: "Month", exact: true, pressed: true }).waitFor();
      await shown.getByRole("button", { name: "Client", exact: true, pressed: true }).waitFor();
      await companion.run("portico.openSettings", { part: "budgets" });
      await showsPage(first, "Settings");
      await isSeen(shown.getByRole("heading", { name: "Budgets" }).first());
      await companion.run("portico.openDashboard");
      await showsPage(first, "Dashboard");
      await companion.run("portico.openMonitor", { model: "no-such-model", outcome: "failed" });
      await showsPage(first, "Monitor");
      const panel = await panelOf(first);
      await panel.getByText("No request matches.").waitFor();
      await untilIs(() => panel.getByLabel("Filter requests").inputValue(), "model:no-such-model");
      await untilCount(panel.getByRole("button", { name: "Errors", pressed: true }), 1);
      // Before the page can have answered to the one, there is the next.
      await companion.run("portico.openSettings");
      await companion.run("portico.openAccounts", { add: "choose" });
      await showsPage(first, "Accounts");
      await panel.getByRole("dialog", { name: "Add account" }).waitFor();
      await untilCount(panelTab(first), 1);
      return undefined;
    }),

    stage.step("adds an account in the wizard, once its key works", async (first) => {
      const panel = await panelOf(first);
      const wizard = panel.getByRole("dialog");
      await wizard.getByRole("button", { name: "Any other server" }).click();
      await wizard.getByLabel("Address").fill(gamma.base);
      await wizard.getByLabel("Name", { exact: true }).fill(gamma.host);
      await wizard.getByLabel("API key").fill("sk-wrong-0123456789abcdef");
      await wizard.getByRole("button", { name: "Check and add" }).click();
      await wizard.getByRole("alert").filter({ hasText: REFUSAL }).waitFor();
      await first.screenshot("61-wizard-key-refused");
      await wizard.getByLabel("API key").fill(GOOD_KEY);
      await wizard.getByRole("button", { name: "Check and add" }).click();
      await panel.getByRole("dialog", { name: "Added" }).getByText("2 models").waitFor();
      await first.screenshot("62-wizard-added");
      await wizard.getByRole("button", { name: "Done" }).click();
      await panel.getByRole("list", { name: "Accounts" }).getByText(gamma.host).first().waitFor();
      await first.screenshot("63-listed");
      account = (await stage.accounts()).at(-1) ?? "";
      return undefined;
    }),

    stage.step("shows a request in Monitor as it comes", async (first) => {
      await first.runCommand("Portico: Open Monitor");
      await showsPage(first, "Monitor");
      const panel = await panelOf(first);
      const rows = panel.getByRole("grid", { name: "Requests" }).getByRole("row");
      const ours = rows.filter({ hasText: gamma.host });
      // The first one may find an empty page, the second a list.
      for (const count of [1, 2]) {
        await ask(base, `${account}/quick`, `seen as it comes, ${count}`);
        await ours.nth(count - 1).waitFor();
        await untilCount(ours, count);
      }
      assert.equal(gamma.answered, 2);
      await first.screenshot("64-monitor-live");
      return undefined;
    }),

    stage.step("filters, and shows the details of a request", async (first) => {
      await ask(base, `${account}/slow`, "slow");
      const panel = await panelOf(first);
      const rows = panel.getByRole("grid", { name: "Requests" }).getByRole("row");
      await rows.filter({ hasText: "slow" }).first().waitFor();
      await panel.getByLabel("Filter requests").fill(`account:${gamma.host} model:slow`);
      await panel.getByText("1 found").waitFor();
      await panel.getByLabel("Filter requests").press("Escape");
      await untilCount(rows.filter({ hasText: gamma.host }), 1);
      await rows.filter({ hasText: "slow" }).click();
      const details = panel.getByRole("complementary", { name: "Details of the request" });
      await details.getByText("/v1/chat/completions").waitFor();
      await details.getByText(gamma.host).first().waitFor();
      await first.screenshot("65-monitor-details");
      return undefined;
    }),

    stage.step("stops and starts by the button that is on every page", async (first) => {
      const strip = (await panelOf(first)).locator("header.strip");
      await strip.getByRole("button", { name: "Stop" }).click();
      await strip.getByText("Stopped", { exact: true }).waitFor();
      await first.statusIs(/^\s*Portico\s*$/);
      await untilIs(() => isHealthy(base), false);
      await first.screenshot("66-stopped");
      await strip.getByRole("button", { name: "Start Proxy" }).click();
      await strip.getByText("Running", { exact: true }).waitFor();
      await first.statusIs(new RegExp(`Portico ${port}`));
      await untilStatus(`${base}/healthz`, 200);
      return undefined;
    }),

    stage.step("is reached from the status bar's menu", async (first) => {
      for (const title of ["Monitor", "Dashboard"]) {
        await first.statusBar.click();
        await first.quickInput.filter({ hasText: "Portico: Running" }).waitFor();
        await first.page.keyboard.type(`Open ${title}`);
        await first.pick(`Open ${title}`);
        await showsPage(first, title);
      }
      await untilCount(panelTab(first), 1);
      return undefined;
    }),
  ];
}
