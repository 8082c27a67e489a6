/** Monitor and Token Stats of a real gateway, whose providers are scripted: from a client's request to the page. */
import { readFile } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { browserPath, openBrowser } from "../support/pages/browser.ts";
import { type OpenedReal, type OpenReal, openReal } from "../support/pages/real.ts";

describe.skipIf(browserPath === undefined)("requests of a real gateway (needs a browser)", () => {
  let browser: Browser;
  const opened: OpenedReal[] = [];
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    for (const each of opened.splice(0)) {
      expect(each.errors).toEqual([]);
      await each.close();
    }
  });

  async function open(options: OpenReal = {}) {
    const real = await openReal(browser, { open: "monitor", width: 1280, ...options });
    opened.push(real);
    return real;
  }

  const rows = (page: Page) => page.locator(".requests .line");
  const pane = (page: Page) => page.getByRole("complementary", { name: "Details of the request" });

  it("appear as they end, with what they used, and can be filtered", async () => {
    const { page, ask } = await open();
    await page.getByText("each of its requests appears here as it ends").waitFor();
    expect(await ask()).toBe(200);
    await rows(page).first().getByText("200 ok").waitFor();
    expect(await rows(page).first().textContent()).toContain("test-modelWork");
    await ask({ model: "test-model-mini" });
    await expect.poll(() => rows(page).count()).toBe(2);
    await page.keyboard.press("/");
    await page.keyboard.type("model:mini");
    await page.getByText("1 found").waitFor();
    await ask();
    await ask({ model: "test-model-mini" });
    await page.getByText("2 found").waitFor();
    await page.getByRole("button", { name: "Errors" }).click();
    await page.getByText("No request matches.").waitFor();
  });

  it("show how another account answered where the first could not", async () => {
    const { page, ask } = await open({ accounts: { busy: "rate-limited", work: "well" } });
    // Which of them goes first is the scheduler's to say; the second time it knows who waits.
    for (let i = 0; i < 4; i += 1) expect(await ask({ text: `conversation ${i}` })).toBe(200);
    await page.getByRole("button", { name: "Failed over" }).click();
    await rows(page).first().click();
    await pane(page)
      .getByText(/Busy — .*429 rate limit/)
      .waitFor();
    await pane(page)
      .getByText(/Work — (first token|answered) after/)
      .waitFor();
  });

  it("that failed say why, in words", async () => {
    const { page, ask } = await open({ accounts: { old: "refused" } });
    expect(await ask()).toBeGreaterThanOrEqual(400);
    await rows(page).first().waitFor();
    expect(await rows(page).first().textContent()).toMatch(/\d{3} [a-z]+/i);
    await rows(page).first().click();
    await pane(page).getByText("key refused").first().waitFor();
  });

  it("of a web page that was turned away can be allowed; then the page is let in", async () => {
    const { page, portico } = await open({ lead: { kind: "headless" } });
    const { proxy } = await portico.lead.call("status.get", undefined);
    if (proxy.kind !== "running") throw new Error("The proxy does not run.");
    const fromPage = () =>
      fetch(`${proxy.baseUrl}/v1/models`, { headers: { origin: "https://chat.example" } }).then(
        ({ status }) => status,
      );
    expect(await fromPage()).toBe(403);
    await rows(page).first().getByText("403 not allowed").waitFor();
    await rows(page).first().click();
    await pane(page).getByRole("button", { name: "Allow this origin…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Allow", exact: true }).click();
    await pane(page).getByText("https://chat.example is allowed by now").waitFor();
    await expect.poll(fromPage).toBe(200);
  });

  it("are copied as commands, saved as files, and cleared; statistics stay", async () => {
    const { page, ask, go } = await open();
    for (let i = 0; i < 3; i += 1) await ask();
    await page.getByText("3 kept").waitFor();
    await rows(page).first().click();
    await pane(page).getByRole("button", { name: "Copy as curl" }).click();
    await page.getByText("Copied without its body, which was not recorded.").waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^curl /);
    const saving = page.waitForEvent("download");
    await page.getByRole("button", { name: "Export what is filtered" }).click();
    await page.getByRole("menuitem", { name: "JSON lines" }).click();
    const lines = (await readFile(await (await saving).path(), "utf8")).trim().split("\n");
    expect(lines.map((line) => JSON.parse(line).model)).toEqual(["test-model", "test-model", "test-model"]);
    await page.getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitem", { name: "Clear the list…" }).click();
    await page.getByRole("button", { name: "Clear", exact: true }).click();
    await page.getByText("3 requests removed").waitFor();
    await go("token-stats?time=hour");
    await page.locator(".totals").getByText("3", { exact: true }).waitFor();
    await page.getByRole("table", { name: "Model", exact: true }).getByText("test-model").waitFor();
  });

  it("that were recorded are sent again to another model", async () => {
    const { page, ask, portico } = await open();
    await portico.lead.call("settings.update", { "records.bodies": true });
    await ask({ text: "say it again" });
    await rows(page).first().click();
    await pane(page).getByRole("button", { name: "Send again to…" }).click();
    const dialog = page.getByRole("dialog", { name: "Send again" });
    await dialog.getByRole("radio", { name: /test-model-mini/ }).check();
    await dialog.getByRole("button", { name: "Send to test-model-mini" }).click();
    await dialog.getByText("Sent, and answered").waitFor();
    await dialog.getByRole("button", { name: "Show it" }).click();
    await pane(page).locator(".facts").getByText("test-model-mini").first().waitFor();
    await pane(page).locator("summary", { hasText: "Show" }).first().click();
    await pane(page).getByText("say it again").waitFor();
  });
});
