/** Pages as VS Code shows them: the sidebar, the panel, hidden and seen again, reloaded. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { axeFindings, browserPath, overflows } from "../support/pages/browser.ts";
import { type OpenWorld, openWorld } from "../support/pages/open.ts";
import { actAsVsCode } from "../support/pages/vscodeApi.ts";
import { withBrowser } from "../support/pages/withBrowser.ts";
import { requests, WORLDS, world } from "../support/pages/worlds.ts";

describe.skipIf(browserPath === undefined)("pages in VS Code (needs a browser)", () => {
  const pages = withBrowser();

  const panel = (options: OpenWorld = {}) =>
    openWorld(pages.browser, {
      before: actAsVsCode,
      ...options,
      start: { kind: "vscode", open: { page: "dashboard" }, ...options.start },
    });
  const sidebar = (options: OpenWorld = {}) => panel({ width: 280, ...options, start: { view: "sidebar" } });

  async function hide(page: Page, hidden: boolean): Promise<void> {
    await page.evaluate((value) => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => value });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  }

  it("talks to its window, which keeps the clipboard", async () => {
    const { fake, page, errors, close } = await panel({ answers: { "host.copy": () => undefined } });
    await page.getByText("Running", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Copy the address" }).click();
    await page.getByText("Copied the address").waitFor();
    expect(fake.called("host.copy")).toEqual([{ text: "http://127.0.0.1:8045" }]);
    expect(errors).toEqual([]);
    await close();
  });

  it("says what its window says of the connection", async () => {
    const { fake, page, close } = await panel();
    await page.getByText("Running", { exact: true }).waitFor();
    fake.emit("link", { kind: "disconnected", message: "Another window is taking over." });
    await page.getByText("Another window is taking over.").waitFor();
    await page.getByText("Disconnected", { exact: true }).waitFor();
    fake.emit("link", { kind: "connected" });
    await page.getByText("Running", { exact: true }).waitFor();
    await close();
  });

  it("goes where a command sends it, and is there again after a reload", async () => {
    const { fake, page, close } = await panel();
    await page.getByText("Running", { exact: true }).waitFor();
    fake.emit("open", { page: "settings", query: { part: "privacy" } });
    await page.getByRole("region", { name: "Privacy" }).waitFor();
    await page.reload();
    await page.getByRole("region", { name: "Privacy" }).waitFor();
    // What VS Code restores a panel from.
    expect(await page.evaluate(() => JSON.parse(sessionStorage.getItem("vscode") ?? "{}"))).toMatchObject({
      page: "settings",
      query: { part: "privacy" },
    });
    await close();
  });

  it("is found scrolled to where it was", async () => {
    const { page, close } = await panel({ start: { open: { page: "settings" } }, height: 200 });
    await page.getByRole("region", { name: "Prices" }).waitFor();
    await expect
      .poll(() => page.evaluate(() => document.documentElement.scrollHeight - innerHeight))
      .toBeGreaterThan(100);
    await page.evaluate(() => window.scrollTo(0, 100));
    await expect
      .poll(() => page.evaluate(() => sessionStorage.getItem("vscode") ?? ""))
      .toContain('"settings":100');
    await page.reload();
    await expect.poll(() => page.evaluate(() => window.scrollY)).toBe(100);
    await close();
  });

  it("hears nothing while it is hidden, and reads everything anew when it is seen again", async () => {
    const { fake, page, close } = await panel();
    await page.getByText("1,284", { exact: true }).waitFor();
    await expect.poll(() => fake.called("events.watch").at(-1)?.events).toEqual(["accounts", "requests"]);
    await hide(page, true);
    await expect.poll(() => fake.called("events.watch").at(-1)?.events).toEqual([]);
    const before = fake.called("accounts.list").length;
    fake.answers["requests.list"] = () => ({
      rows: requests(3).map((row) => ({ ...row, model: "meanwhile", modelUsed: "meanwhile" })),
      total: 3,
      upTo: 3,
    });
    await hide(page, false);
    await page.getByText("meanwhile").first().waitFor();
    expect(fake.called("accounts.list").length).toBe(before + 1);
    await expect.poll(() => fake.called("events.watch").at(-1)?.events).toEqual(["accounts", "requests"]);
    await close();
  });

  it("watches what the page that is shown needs, and no more", async () => {
    const { fake, page, close } = await panel();
    await expect.poll(() => fake.called("events.watch").at(-1)?.events).toEqual(["accounts", "requests"]);
    await page.getByRole("link", { name: "Settings" }).click();
    await expect.poll(() => fake.called("events.watch").at(-1)?.events).toEqual(["accounts", "settings"]);
    await close();
  });

  it("shows translations, and numbers as the reader writes them", async () => {
    const { page, close } = await panel({
      start: { locale: "de", language: "ko" },
    });
    await page.getByText("실행 중", { exact: true }).waitFor();
    await page.getByText("8,42 M").waitFor();
    await page.getByText("4개 준비됨", { exact: false }).first().waitFor();
    await close();
  });

  it("leaves its language to VS Code", async () => {
    const { page, close } = await panel({ start: { open: { page: "settings", query: { part: "report" } } } });
    await page.getByRole("button", { name: "Make a report…" }).waitFor();
    expect(await page.getByRole("radio").count()).toBe(0);
    await close();
  });

  it("speaks of a change of state, and only of that", async () => {
    const { fake, page, close } = await panel();
    const voice = page.locator("[aria-live=polite]");
    await expect.poll(() => voice.textContent()).toBe("Portico: Running, 1 account needs you");
    fake.emit("requests", { rows: requests(1), missed: 0 });
    fake.emit("status", { ...world("normal").status, active: 3 });
    await page.getByText("3 under way").waitFor();
    expect(await voice.textContent()).toBe("Portico: Running, 1 account needs you");
    fake.emit("status", world("stopped").status);
    await expect.poll(() => voice.textContent()).toBe("Portico: Stopped");
    await close();
  });

  describe("the sidebar", () => {
    it.each(WORLDS)("has nothing that axe minds, nor anything too wide: %s", async (name) => {
      for (const [width, theme] of [
        [180, "dark"],
        [320, "light"],
      ] as const) {
        const { page, close } = await sidebar({ world: name, width, theme });
        await page.getByRole("button", { name: "Open the dashboard" }).waitFor();
        expect(await axeFindings(page)).toEqual([]);
        await expect.poll(() => overflows(page)).toBe(false);
        await close();
      }
    });
  });
});
