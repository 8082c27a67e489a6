/** The frame that all pages share, in a real browser. */
import { describe, expect, it } from "vitest";
import { axeFindings, browserPath, overflows } from "../support/pages/browser.ts";
import { openWorld } from "../support/pages/open.ts";
import { withBrowser } from "../support/pages/withBrowser.ts";
import { WORLDS } from "../support/pages/worlds.ts";

describe.skipIf(browserPath === undefined)("the frame (needs a browser)", () => {
  const pages = withBrowser();

  it("says that it runs, since when, where, and who can reach it", async () => {
    const { page, errors, close } = await openWorld(pages.browser);
    await page.getByText("Running", { exact: true }).waitFor();
    await page.getByText("2 h 14 min").waitFor();
    await page.getByText("http://127.0.0.1:8045").waitFor();
    await page.getByText("this computer only · no key needed here · shared by 3 windows").waitFor();
    expect(errors).toEqual([]);
    await close();
  });

  it("says that the connection is gone, and comes back by itself", async () => {
    const { fake, page, close } = await openWorld(pages.browser);
    await page.getByText("Running", { exact: true }).waitFor();
    fake.disconnect();
    await page.getByText("Disconnected", { exact: true }).waitFor();
    fake.reachable = true;
    await page.getByText("Running", { exact: true }).waitFor();
    await close();
  });

  it("keeps bars, tabs and focus to be seen where the system picks the colours", async () => {
    const { page, close } = await openWorld(pages.browser, { forcedColors: "active" });
    const bar = page.getByRole("meter").first();
    await bar.waitFor();
    const background = (locator: typeof bar) =>
      locator.evaluate((each) => getComputedStyle(each).backgroundColor);
    expect(await background(bar.locator("span"))).not.toBe(await background(page.locator("body")));
    const tabs = page.getByRole("navigation").getByRole("link");
    const border = (index: number) =>
      tabs.nth(index).evaluate((each) => getComputedStyle(each).borderBottomColor);
    expect(await border(0)).not.toBe(await border(1));
    await close();
  });

  it("shows where the focus is, on everything that Tab reaches", async () => {
    const { page, close } = await openWorld(pages.browser);
    await page.getByRole("row").nth(1).waitFor();
    const reached: string[] = [];
    for (let i = 0; i < 40; i += 1) {
      await page.keyboard.press("Tab");
      const focus = await page.evaluate(() => {
        const element = document.activeElement;
        if (!(element instanceof HTMLElement) || element === document.body) return undefined;
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        return { what: element.textContent ?? "", ring: outlineStyle !== "none" && outlineWidth !== "0px" };
      });
      if (focus === undefined) break;
      expect(focus).toMatchObject({ ring: true });
      reached.push(focus.what);
    }
    for (const what of ["Copy", "Stop", "Settings", "Replace key", "Connect"])
      expect(reached).toContain(what);
    // One row of each list: arrows go to the others.
    expect(reached.filter((what) => what.includes("200 ok"))).toHaveLength(1);
    await close();
  });

  it("does not move where the person asked for no motion", async () => {
    const { page, close } = await openWorld(pages.browser);
    const names = await page.evaluate(() =>
      ["skeleton", "codicon codicon-loading codicon-modifier-spin"].map((classes) => {
        const element = document.body.appendChild(document.createElement("span"));
        element.className = classes;
        return getComputedStyle(element).animationName;
      }),
    );
    expect(names).toEqual(["none", "none"]);
    await close();
  });

  it.each(WORLDS)("has nothing that axe minds, nor anything too wide: %s", async (name) => {
    const { page, close } = await openWorld(pages.browser, { world: name, width: 320 });
    await page.getByRole("main").waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await expect.poll(() => overflows(page)).toBe(false);
    await close();
  });
});
