/** The pages against a real gateway: what a person sees is what the gateway does. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { axeFindings, browserPath, openBrowser } from "../support/pages/browser.ts";
import { openReal } from "../support/pages/real.ts";

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
});
