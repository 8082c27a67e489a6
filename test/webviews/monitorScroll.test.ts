/** A hundred thousand requests; how fast they are, `bench/monitor.ts` measures. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { browserPath, openBrowser, openPage } from "../support/pages/browser.ts";
import { FakePages } from "../support/pages/fake.ts";
import { RequestBook } from "../support/pages/requestBook.ts";
import { answersOf, world } from "../support/pages/worlds.ts";

const REQUESTS = 100_000;

describe.skipIf(browserPath === undefined)("the monitor with 100,000 requests (needs a browser)", () => {
  let browser: Browser;
  const book = new RequestBook(REQUESTS);
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  /** With the browser's own clock, by which all is measured. */
  async function open() {
    const shown = world("normal");
    const fake = await FakePages.open({
      answers: { ...answersOf(shown), ...book.answers() },
      greet: { status: shown.status },
      theme: "dark",
    });
    const { page } = await openPage(browser, `${fake.url}#monitor`, { width: 1280 });
    await page.locator(".requests .line").first().waitFor();
    const close = async () => {
      await page.context().close();
      await fake.close();
    };
    return { page, close };
  }

  it("draws no more rows than fit, wherever it is scrolled to", async () => {
    const { page, close } = await open();
    const list = page.locator(".requests");
    for (const top of [3000, 900_000, 2_000_000, 40]) {
      await list.evaluate((each, to) => {
        each.scrollTop = to;
      }, top);
      await page.locator(".requests .line").first().waitFor();
      expect(await page.locator(".requests .line").count()).toBeLessThan(80);
    }
    await close();
  });

  it("reaches its end, and shows what is there", async () => {
    const { page, close } = await open();
    await page.getByRole("grid", { name: "Requests" }).focus();
    await page.keyboard.press("End");
    const last = page.locator(`.requests [aria-rowindex="${REQUESTS + 1}"]`);
    await last.waitFor();
    await last.getByText("client left").waitFor();
    expect(await page.getByRole("grid").getAttribute("aria-rowcount")).toBe(String(REQUESTS + 1));
    await page.keyboard.press("Home");
    await page.locator('.requests [aria-rowindex="2"].active').waitFor();
    await close();
  });
});
