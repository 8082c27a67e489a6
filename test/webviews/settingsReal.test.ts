/** Settings of a real gateway: what is changed there holds, and is found again. */
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { EditableSettings } from "../../src/control/settings.ts";
import { axeFindings, browserPath } from "../support/pages/browser.ts";
import { keysOf } from "../support/pages/keys.ts";
import { keyOf, type OpenedReal, type OpenReal, openReal } from "../support/pages/real.ts";
import { withBrowser } from "../support/pages/withBrowser.ts";
import { freePort } from "../support/port.ts";

describe.skipIf(browserPath === undefined)("Settings of a real gateway (needs a browser)", () => {
  const pages = withBrowser();

  async function open(options: OpenReal = {}) {
    // Without VS Code, whose settings a browser could not write.
    const real = await openReal(pages.browser, {
      open: "settings",
      stopped: true,
      lead: { kind: "headless", window: {} },
      ...options,
    });
    pages.keep(real);
    await real.portico.lead.call("settings.update", { port: await freePort() });
    await real.portico.lead.call("proxy.start", undefined);
    await section(real.page, "Budgets").waitFor();
    return real;
  }
  const section = (page: Page, name: string) => page.getByRole("region", { name });
  const tab = (page: Page, name: string) => page.getByRole("link", { name, exact: true }).click();
  const clipboard = (page: Page) => page.evaluate(() => navigator.clipboard.readText());
  async function setting<N extends keyof EditableSettings>({ portico }: OpenedReal, name: N) {
    return (await portico.lead.call("settings.get", undefined)).values[name];
  }

  it("keeps what is kept of requests, for how long, and forgets it when told", async () => {
    const real = await open();
    const { page, ask } = real;
    await tab(page, "History and privacy");
    const history = section(page, "Request history");
    await history.getByText("nothing kept yet").waitFor();
    expect(await history.getByRole("button", { name: "Clear…" }).isDisabled()).toBe(true);
    await history.getByLabel("Keep for").fill("0");
    await page.keyboard.press("Enter");
    await page.getByText("At least 1.").waitFor();
    await history.getByLabel("Keep for").fill("7");
    await page.keyboard.press("Enter");
    await history.getByLabel("At most", { exact: true }).fill("500");
    await page.keyboard.press("Enter");
    await history.getByLabel("And at most").fill("50");
    await page.keyboard.press("Enter");
    await expect.poll(() => setting(real, "records.maxBytes")).toBe(50 * 1024 * 1024);
    expect(await setting(real, "records.maxAgeDays")).toBe(7);
    expect(await setting(real, "records.maxRows")).toBe(500);

    const privacy = section(page, "Privacy");
    expect(await privacy.getByLabel("Keep for").isDisabled()).toBe(true);
    await privacy.getByLabel("Keep what requests and replies say").check();
    await privacy.getByLabel("Keep for").fill("3");
    await page.keyboard.press("Enter");
    await privacy.getByLabel("Of each, at most").fill("64");
    await page.keyboard.press("Enter");
    await privacy.getByLabel("Of all, at most").fill("20");
    await page.keyboard.press("Enter");
    await privacy.getByLabel("Tell clients which account answered").check();
    await privacy.getByLabel("Keep stored responses on the disk").check();
    await expect.poll(() => setting(real, "responses.onDisk")).toBe(true);
    expect(await setting(real, "records.bodiesMaxHours")).toBe(3);
    expect(await setting(real, "records.bodyMaxBytes")).toBe(64 * 1024);
    expect(await setting(real, "records.bodiesMaxBytes")).toBe(20 * 1024 * 1024);
    expect(await setting(real, "replyHeaders")).toBe(true);

    expect(await ask({ text: "keep this" })).toBe(200);
    await page.reload();
    await history.getByText("1 request ·").waitFor();
    await privacy.getByText(/Now .* of 1\./).waitFor();
    expect(await history.getByLabel("Keep for").inputValue()).toBe("7");
    await history.getByRole("button", { name: "Clear…" }).click();
    await page.getByRole("dialog").getByText("1 request is removed for good.").waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Clear", exact: true }).click();
    await history.getByText("nothing kept yet").waitFor();
    await history.getByLabel("Keep a line for each request").uncheck();
    await expect.poll(() => setting(real, "records.enabled")).toBe(false);
    expect(await ask()).toBe(200);
    await page.reload();
    await history.getByText("nothing kept yet").waitFor();
  });

  it("stops what a budget does not allow, by the prices that are set here", async () => {
    const real = await open();
    const { page, ask } = real;
    const budgets = section(page, "Budgets");
    const dialog = page.getByRole("dialog");
    await page.getByRole("button", { name: "Add a price" }).click();
    await dialog.getByLabel("Model").fill("test-*");
    await dialog.getByLabel("Input").fill("1000");
    await dialog.getByLabel("Output").fill("1000");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("button", { name: "Change the price of test-*" }).click();
    await dialog.getByLabel("From cache").fill("100");
    await dialog.getByLabel("To cache").fill("1250");
    await dialog.getByLabel("Account").selectOption({ label: "Work" });
    await page.getByRole("button", { name: "Save" }).click();
    await expect
      .poll(() => setting(real, "prices"))
      .toEqual([
        { model: "test-*", account: "work", input: 1000, output: 1000, cacheRead: 100, cacheWrite: 1250 },
      ]);

    await page.getByRole("button", { name: "Add a budget" }).click();
    await dialog.getByLabel("For", { exact: true }).selectOption({ label: "Work" });
    await dialog.getByLabel("At most").fill("2");
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole("button", { name: "Save" }).click();
    await budgets.getByText("$0 of $2.00").waitFor();
    expect(await ask()).toBe(200);
    await page.reload();
    await budgets.getByText("$1.23 of $2.00").waitFor();
    await budgets.getByRole("button", { name: /^Change Work/ }).click();
    await dialog.getByLabel("At most").fill("1");
    await dialog.getByLabel("Warn at").fill("50");
    await page.getByRole("button", { name: "Save" }).click();
    await budgets.getByText("used up").waitFor();
    // Nobody else serves it.
    expect(await ask()).toBeGreaterThanOrEqual(400);
    await budgets.getByRole("button", { name: /^Change Work/ }).click();
    await dialog.getByLabel("Of", { exact: true }).selectOption("tokens");
    await dialog.getByLabel("At most").fill("5000000");
    await dialog.getByLabel("Each").selectOption("month");
    await page.getByRole("button", { name: "Save" }).click();
    await budgets.getByText(/ of 5\.00.M tokens/).waitFor();
    expect(await ask()).toBe(200);
    await budgets.getByRole("button", { name: /^Remove Work/ }).click();
    await expect.poll(() => setting(real, "budgets")).toEqual([]);
    await page.getByRole("button", { name: "Remove the price of test-*" }).click();
    await expect.poll(() => setting(real, "prices")).toEqual([]);
  });

  it("says where everything lies, makes a report without secrets, and leads to what is set elsewhere", async () => {
    const real = await open();
    const { page, portico } = real;
    await tab(page, "This Portico");
    const data = section(page, "Data folder");
    await data.getByText("preferences.json").or(data.getByText("accounts.json")).first().waitFor();
    await data.getByRole("button", { name: "Copy the path" }).click();
    await expect.poll(() => clipboard(page)).toBe(portico.folder.path);
    await page.getByRole("button", { name: "Make a report…" }).click();
    const report = page.locator("pre.report");
    await report.waitFor();
    const text = (await report.textContent()) ?? "";
    expect(text).toContain("1.2.3");
    expect(text).not.toContain(keyOf("work"));
    await page.getByRole("dialog").getByRole("button", { name: "Copy" }).click();
    await expect.poll(() => clipboard(page)).toBe(text);
    const saving = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save…" }).click();
    const download = await saving;
    expect(download.suggestedFilename()).toBe("portico-report.txt");
    expect(await readFile(await download.path(), "utf8")).toBe(text);
    await expect.poll(() => page.getByRole("dialog").count()).toBe(0);
    await section(page, "Address and access").getByText("not needed on this computer").waitFor();
    await page.getByRole("button", { name: "Change on API Proxy" }).click();
    await expect.poll(() => new URL(page.url()).hash).toBe("#api-proxy?section=access");
  });

  it("is used by keys alone", async () => {
    const real = await open();
    const { page } = real;
    const keys = keysOf(page);
    await keys.to("Add a budget");
    await keys.press("Enter");
    await keys.to("For");
    await keys.type("Wo");
    await keys.to("At most");
    await keys.press("Control+a");
    await keys.type("7");
    await keys.to("Each");
    await keys.type("mon");
    await keys.to("Save");
    await keys.press("Enter");
    await section(page, "Budgets").getByText("$0 of $7.00").waitFor();
    // What had opened the dialog is gone: the focus is near to where it was.
    await expect.poll(async () => (await keys.focused()).role).not.toBe("body");
    await keys.to(/^Change Work/);
    await keys.press("Enter");
    await page.getByRole("dialog").waitFor();
    await keys.press("Escape");
    await keys.at(/^Change Work/);
    await keys.to(/^Remove Work/);
    await keys.press("Space");
    await expect.poll(() => setting(real, "budgets")).toEqual([]);
    await expect.poll(async () => (await keys.focused()).role).not.toBe("body");
    await keys.to("Add a price");
    await keys.press("Enter");
    await keys.at("Model");
    await keys.type("test-*");
    await keys.to("Input");
    await keys.press("Control+a");
    await keys.type("2");
    await keys.to("Save");
    await keys.press("Enter");
    await page.getByRole("cell", { name: "test-*", exact: true }).waitFor();
    await keys.at("Add a price");
    await keys.to("History and privacy", "back");
    await keys.press("Enter");
    await keys.to("Keep for");
    await keys.press("Control+a");
    await keys.type("9");
    await keys.press("Enter");
    await expect.poll(() => setting(real, "records.maxAgeDays")).toBe(9);
    await keys.at("Keep for");
    await keys.to("Keep what requests and replies say");
    // Pressed twice at once: the second one counts.
    await keys.press("Space", "Space");
    await keys.press("Space");
    await expect.poll(() => setting(real, "records.bodies")).toBe(true);
    await keys.at("Keep what requests and replies say");
    await keys.to("This Portico", "back");
    await keys.press("Enter");
    await keys.to("Copy the path");
    await keys.press("Enter");
    await expect.poll(() => clipboard(page)).toBe(real.portico.folder.path);
    await keys.to("Make a report…");
    await keys.press("Enter");
    await page.locator("pre.report").waitFor();
    await keys.press("Escape");
    await keys.at("Make a report…");
    await keys.to("Change on API Proxy", "back");
    await keys.press("Enter");
    await expect.poll(() => new URL(page.url()).hash).toBe("#api-proxy?section=access");
    await keys.to("Let other computers in…");
  });
});
