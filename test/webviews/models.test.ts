/** The list of models over scripted worlds: as long as a router's, and as quick as a short one. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { ModelView } from "../../src/control/settings.ts";
import { axeFindings, browserPath, overflows } from "../support/pages/browser.ts";
import { type OpenWorld, openWorld, settled } from "../support/pages/open.ts";
import { withBrowser } from "../support/pages/withBrowser.ts";

const MANY = 3000;
/** More than fit on any screen, and far fewer than there are. */
const MOST_DRAWN = 80;

function models(count: number): ModelView[] {
  return Array.from({ length: count }, (_, i) => ({
    name: `openrouter/model-${String(i + 1).padStart(4, "0")}`,
    accounts: [{ id: "openrouter", label: "OpenRouter", protocols: ["openai-chat"] }],
    contextWindow: 128_000,
    input: { image: i % 2 === 0, pdf: false, audio: false },
  }));
}

describe.skipIf(browserPath === undefined)("the list of models (needs a browser)", () => {
  const pages = withBrowser();

  async function open(count: number, options: OpenWorld = {}) {
    const world = await openWorld(pages.browser, {
      hash: "api-proxy?section=models",
      width: 1280,
      answers: { "models.list": () => models(count) },
      ...options,
    });
    pages.keep(world);
    await settled(world.page);
    await world.page.getByText("openrouter/model-0001").first().waitFor();
    return world.page;
  }

  const rows = (page: Page) =>
    page.locator(".model-catalog :is(tbody:not(.room) > tr, .lines > li:not(.room))");
  const scrollTo = (page: Page, share: number) =>
    page.locator(".long").evaluate((list, to) => {
      list.scrollTop = list.scrollHeight * to;
    }, share);

  it("draws all where there are 200, so that the browser's own search finds them", async () => {
    const page = await open(200);
    await expect.poll(() => rows(page).count()).toBe(200);
    expect(await page.locator(".long").count()).toBe(0);
  });

  it.each([1280, 320])(
    "draws what can be seen of 3,000, from the first to the last: %i px",
    async (width) => {
      const page = await open(MANY, { width });
      await page.getByText("3,000 models").waitFor();
      for (const [share, name] of [
        [0.5, /openrouter\/model-15\d\d/],
        [1, "openrouter/model-3000"],
        [0, "openrouter/model-0001"],
      ] as const) {
        await scrollTo(page, share);
        await page.getByText(name).first().waitFor();
        expect(await rows(page).count()).toBeLessThan(MOST_DRAWN);
      }
      expect(await axeFindings(page)).toEqual([]);
      expect(await overflows(page)).toBe(false);
    },
  );

  it.each([1280, 320])(
    "has its rows where it says: the bar does not jump while it is dragged: %i px",
    async (width) => {
      const page = await open(MANY, { width });
      const heights = () =>
        rows(page).evaluateAll((all) => [...new Set(all.map((row) => row.getBoundingClientRect().height))]);
      const whole = () => page.locator(".long").evaluate(({ scrollHeight }) => scrollHeight);
      const before = await whole();
      expect(await heights()).toEqual([width === 320 ? 53 : 31]);
      await scrollTo(page, 0.7);
      await page
        .getByText(/openrouter\/model-21\d\d/)
        .first()
        .waitFor();
      expect(await heights()).toEqual([width === 320 ? 53 : 31]);
      expect(Math.abs((await whole()) - before)).toBeLessThan(3);
    },
  );

  it("is scrolled by keys, and filtered as a short one is", async () => {
    const page = await open(MANY);
    await page.getByRole("region", { name: "Models" }).last().focus();
    await page.keyboard.press("End");
    await page.getByText("openrouter/model-3000").waitFor();
    await page.getByLabel("Find a model").fill("model-299");
    await page.getByText("10 of 3,000").waitFor();
    await expect.poll(() => rows(page).count()).toBe(10);
    await page.getByRole("combobox", { name: "What it takes" }).selectOption({ label: "Takes images" });
    await page.getByText("5 of 3,000").waitFor();
  });
});
