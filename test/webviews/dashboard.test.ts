/** The dashboard in a real browser, over scripted worlds. */
import { describe, expect, it } from "vitest";
import { axeFindings, browserPath, cutOff, overflows } from "../support/pages/browser.ts";
import { openWorld } from "../support/pages/open.ts";
import { withBrowser } from "../support/pages/withBrowser.ts";
import { WORLDS, world } from "../support/pages/worlds.ts";

describe.skipIf(browserPath === undefined)("the dashboard (needs a browser)", () => {
  const pages = withBrowser();

  it("shows today's numbers, accounts with their quotas, clients and the last requests", async () => {
    const { page, errors, close } = await openWorld(pages.browser);
    await page.getByText("1,284", { exact: true }).waitFor();
    await page.getByText("37 failed over, nobody noticed").waitFor();
    await page.getByText("of your $20.00 daily budget").waitFor();
    await page.getByText("4 ready, 1 waiting, 1 needs you").waitFor();
    const meter = page.getByRole("meter", { name: "gemini-2.5-pro / day" });
    expect(await meter.getAttribute("aria-valuenow")).toBe("18");
    await page.getByText("ready in 0:12").waitFor();
    const row = page.getByRole("row").nth(1);
    expect(await row.textContent()).toContain("gpt-5 → gemini-2.5-pro");
    expect(errors).toEqual([]);
    await close();
  });

  it("says what failed where the numbers would be, and tries again", async () => {
    let broken = true;
    const { page, close } = await openWorld(pages.browser, {
      answers: {
        "stats.today": () => {
          if (broken) throw new Error("The statistics cannot be read: the disk is full.");
          return world("normal").today;
        },
      },
    });
    await page.getByText("The statistics cannot be read: the disk is full.").waitFor();
    await page.getByText("4 ready, 1 waiting, 1 needs you").waitFor();
    broken = false;
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("1,284", { exact: true }).waitFor();
    await close();
  });

  it("shows usual names and numbers in full, whatever the width", async () => {
    const { page, close } = await openWorld(pages.browser, { width: 1600 });
    await page.getByText("14:31:07").first().waitFor();
    for (const width of [1600, 1000, 800, 320]) {
      await page.setViewportSize({ width, height: 800 });
      await expect
        .poll(() => cutOff(page, ".short-quota > *, .account-line .who > :first-child, .tile *, td"))
        .toEqual([]);
    }
    await close();
  });

  it("has room for the longest names and the largest numbers", async () => {
    const { page, close } = await openWorld(pages.browser, { world: "busy", width: 1600 });
    await page.getByText("14:31:07").first().waitFor();
    for (const width of [1600, 1000, 800, 320]) {
      await page.setViewportSize({ width, height: 800 });
      await expect.poll(() => overflows(page)).toBe(false);
      await expect.poll(() => cutOff(page, ".num")).toEqual([]);
    }
    await close();
  });

  it.each(WORLDS)("has nothing that axe minds, nor anything too wide: %s", async (name) => {
    for (const [width, theme] of [
      [320, "light"],
      [1200, "high-contrast"],
    ] as const) {
      const { page, close } = await openWorld(pages.browser, { world: name, width, theme });
      await page.getByRole("main").waitFor();
      if (name !== "empty") await page.getByText("14:31:07").first().waitFor();
      expect(await axeFindings(page)).toEqual([]);
      await expect.poll(() => overflows(page)).toBe(false);
      await close();
    }
  });
});
