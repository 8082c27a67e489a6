/** The pages against a real gateway: what a person sees is what the gateway does. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { axeFindings, browserPath, openBrowser } from "../support/pages/browser.ts";
import { keyOf, openReal } from "../support/pages/real.ts";

describe.skipIf(browserPath === undefined)("pages of a real gateway (needs a browser)", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  it("runs, serves, counts, stops and starts, without an error in the console", async () => {
    const { page, errors, ask, close } = await openReal(browser);
    await page.getByText("Running", { exact: true }).waitFor();
    await page.getByText("Nothing needs you.").waitFor();
    expect(await ask()).toBe(200);
    const row = page.getByRole("table", { name: "The last requests" }).getByRole("row").nth(1);
    await row.getByText("test-model").waitFor();
    expect(await row.textContent()).toMatch(/200.*Codex.*Work.*1,200/);
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("Stopped", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Start Proxy" }).click();
    await page.getByText("Running", { exact: true }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    expect(errors).toEqual([]);
    await close();
  });

  it("says that a key was refused, and takes another", async () => {
    const { page, provider, ask, close } = await openReal(browser, {
      accounts: { old: "refused", spare: "well" },
    });
    await page.getByText("Running", { exact: true }).waitFor();
    expect(await ask()).toBe(200);
    await page.getByRole("button", { name: "Replace key" }).click();
    provider.moods.set("sk-fresh-0123456789", "well");
    await page.getByLabel("New key").fill("sk-fresh-0123456789");
    await page.keyboard.press("Enter");
    await page.getByText("Nothing needs you.").waitFor();
    await close();
  });

  it("leads from nothing to the first account", async () => {
    const { page, close } = await openReal(browser, { accounts: {} });
    await page.getByRole("button", { name: "Add the first account" }).click();
    await page.getByRole("dialog").waitFor();
    await close();
  });

  it("keeps settings, budgets and prices over a reload", async () => {
    const { portico, page, errors, close } = await openReal(browser, { open: "settings" });
    const history = page.getByRole("region", { name: "Request history" });
    await history.getByLabel("Keep for").fill("7");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Add a budget" }).click();
    await page.getByRole("dialog").getByLabel("At most").fill("3");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("$0 of $3.00").waitFor();
    await page.getByRole("button", { name: "Add a price" }).click();
    await page.getByLabel("Model").fill("test-*");
    await page.getByLabel("Input").fill("1000");
    await page.getByLabel("Output").fill("1000");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("cell", { name: "test-*", exact: true }).waitFor();
    await page.reload();
    await expect.poll(() => history.getByLabel("Keep for").inputValue()).toBe("7");
    await page.getByRole("cell", { name: "test-*", exact: true }).waitFor();
    const { values } = await portico.lead.call("settings.get", undefined);
    expect(values["records.maxAgeDays"]).toBe(7);
    expect(values.prices).toEqual([{ model: "test-*", input: 1000, output: 1000 }]);
    expect(errors).toEqual([]);
    await close();
  });

  it("counts a request against its budget, and clears the history", async () => {
    const { portico, page, ask, go, close } = await openReal(browser);
    await portico.lead.call("settings.update", {
      prices: [{ model: "test-*", input: 1000, output: 1000 }],
      budgets: [{ unit: "usd", per: "day", limit: 1, warnAtPercent: 80 }],
    });
    expect(await ask()).toBe(200);
    await go("settings");
    await page.getByText("$1.23 of $1.00").waitFor();
    await page.getByText("used up").waitFor();
    await page.getByText("1 request ·").waitFor();
    await page.getByRole("button", { name: "Clear…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Clear", exact: true }).click();
    await page.getByText("nothing kept yet").waitFor();
    await close();
  });

  it("shows a report without the secrets", async () => {
    const { page, close } = await openReal(browser, { open: "settings" });
    await page.getByRole("button", { name: "Make a report…" }).click();
    const report = page.locator("pre.report");
    await report.waitFor();
    expect(await report.textContent()).toContain("1.2.3");
    expect(await report.textContent()).not.toContain(keyOf("work"));
    await close();
  });
});
