/** What people come for, from the dashboard on: never more than three clicks before they type, and no dead end. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { browserPath } from "../support/pages/browser.ts";
import { Clicks } from "../support/pages/clicks.ts";
import { openReal } from "../support/pages/real.ts";
import { withBrowser } from "../support/pages/withBrowser.ts";
import { freePort } from "../support/port.ts";

describe.skipIf(browserPath === undefined)("a task takes few clicks (needs a browser)", () => {
  const pages = withBrowser();

  async function open() {
    const real = await openReal(pages.browser, {
      width: 1200,
      stopped: true,
      lead: { kind: "headless", window: {} },
      accounts: { work: "well", spare: "well" },
    });
    pages.keep(real);
    await real.portico.lead.call("settings.update", { port: await freePort() });
    await real.portico.lead.call("proxy.start", undefined);
    await real.page.getByRole("banner").getByText("Running").first().waitFor();
    const clicks = new Clicks();
    const { page } = real;
    const click = (
      role: "link" | "button",
      name: string | RegExp,
      where: Page | ReturnType<Page["getByRole"]> = page,
    ) => clicks.on(where.getByRole(role, { name, exact: typeof name === "string" }));
    const pageTab = (name: string) => click("link", name, page.getByRole("navigation", { name: "Pages" }));
    return { ...real, click, pageTab, clicks };
  }

  it("route a model with a fallback", async () => {
    const { page, portico, click, pageTab, clicks } = await open();
    await pageTab("API Proxy");
    await click("link", "Routes");
    await click("button", "Add a route");
    clicks.expectFew();
    await page.keyboard.type("my-alias");
    await page.getByLabel("Target, place 1").fill("work/test-model");
    await page.getByRole("button", { name: "Add a fallback" }).click();
    await page.getByLabel("Target, place 2").fill("spare/test-model");
    await page.getByRole("button", { name: "Save routes" }).click();
    await expect
      .poll(async () => (await portico.lead.call("routes.get", undefined)).own)
      .toEqual([{ model: "my-alias", to: ["work/test-model", "spare/test-model"] }]);
  });

  it("allow a web page to call", async () => {
    const { page, portico, pageTab, clicks } = await open();
    await pageTab("API Proxy");
    const field = page.getByLabel("Add an origin");
    await clicks.on(field);
    clicks.expectFew();
    await page.keyboard.type("https://app.example.com");
    await page.keyboard.press("Enter");
    await expect
      .poll(async () => (await portico.lead.call("settings.get", undefined)).values.allowedOrigins)
      .toEqual(["https://app.example.com"]);
  });

  it("pause an account, and use it again", async () => {
    const { page, portico, click, pageTab, clicks } = await open();
    const enabled = async () =>
      (await portico.lead.call("accounts.list", undefined)).find(({ id }) => id === "spare")?.enabled;
    await pageTab("Accounts");
    await click("button", /^Spare/, page.getByRole("list", { name: "Accounts" }));
    await click("button", "Switch off");
    await expect.poll(enabled).toBe(false);
    clicks.expectFew();
    await click("button", "Switch on");
    await expect.poll(enabled).toBe(true);
  });

  it("connect a tool", async () => {
    const { page, click, pageTab, clicks } = await open();
    await pageTab("Connect");
    await click("button", /^OpenCode/);
    await click("button", /^Copy: .*opencode/);
    clicks.expectFew();
    await expect
      .poll(() => page.evaluate(() => navigator.clipboard.readText()))
      .toContain("http://127.0.0.1:");
  });

  it("make a new key", async () => {
    const { portico, click, pageTab, clicks } = await open();
    const key = async () => (await portico.lead.call("auth.key", undefined)).apiKey;
    const before = await key();
    await pageTab("API Proxy");
    await click("button", "New key…");
    await click("button", "Make and copy a new key");
    await expect.poll(key).not.toBe(before);
    clicks.expectFew();
  });
});
