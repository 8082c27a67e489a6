/** Monitor of a real gateway whose file has a hundred thousand requests: as smooth as with a hundred. */
import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { Store } from "../../src/gateway/records/db/store.ts";
import { makeFolder } from "../support/folder.ts";
import { browserPath } from "../support/pages/browser.ts";
import { scrollFrames, shareAt } from "../support/pages/frames.ts";
import { openReal } from "../support/pages/real.ts";
import { withBrowser } from "../support/pages/withBrowser.ts";
import { pricedEntry, requestRecord } from "../support/records.ts";

const REQUESTS = 100_000;
const BATCH = 1000;
/** Every so many failed. */
const FAILED = 50;
/** Milliseconds. A quiet machine takes a tenth of them: these are for one that has much else to do. */
const ROWS_MS = 10_000;
const FRAME_MS = 400;

/** The last one ended a moment ago, the others one each 20 seconds before. */
function fill(file: string): void {
  const fail = (message: string | undefined): void => {
    if (message !== undefined) throw new Error(message);
  };
  const store = new Store(file, { onProblem: fail, onNotice: fail });
  const begin = Date.now() - REQUESTS * 20_000;
  for (let from = 0; from < REQUESTS; from += BATCH) {
    const items = Array.from({ length: BATCH }, (_, i) => {
      const place = from + i + 1;
      const failed = place % FAILED === 0;
      const record = requestRecord({
        time: begin + place * 20_000,
        model: `model-${place}`,
        client: place % 3 === 0 ? "Codex" : "Claude Code",
        ...(failed ? { status: 429, error: { kind: "rate_limit" as const, message: "Slow down." } } : {}),
      });
      return { entry: pricedEntry(record, place / 1e6) };
    });
    store.write(items, String(from));
  }
  store.close();
}

describe.skipIf(browserPath === undefined)("100,000 requests of a real gateway (needs a browser)", () => {
  const pages = withBrowser();
  const grid = (page: Page) => page.getByRole("grid", { name: "Requests" });

  /** Milliseconds until the rows in sight are there. */
  async function leap(page: Page, share: number, name: string): Promise<number> {
    const start = performance.now();
    await grid(page).evaluate((list, to) => {
      list.scrollTop = list.scrollHeight * to - (to === 0.5 ? list.clientHeight / 2 : 0);
    }, share);
    await grid(page).getByText(name, { exact: true }).first().waitFor();
    await expect.poll(() => page.locator(".requests .coming").count()).toBe(0);
    return performance.now() - start;
  }

  it("are scrolled to the middle and the end, filtered, and joined by new ones", {
    timeout: 240_000,
  }, async ({ annotate }) => {
    const folder = makeFolder("many");
    fill(join(folder, "portico.db"));
    const opening = performance.now();
    const real = await openReal(pages.browser, {
      folder,
      open: "monitor",
      width: 1280,
      lead: { window: { port: 0, records: { maxAgeDays: 60 } } },
    });
    pages.keep(real);
    const { page, ask } = real;
    await page.getByText("100,000 kept").waitFor();
    await grid(page).getByText("model-100000", { exact: true }).waitFor();
    const opened = performance.now() - opening;
    const middle = await leap(page, 0.5, "model-50000");
    const end = await leap(page, 1, "model-1");
    expect(await page.locator(".requests .line").count()).toBeLessThan(80);
    const back = await leap(page, 0, "model-100000");
    const frames = shareAt(await scrollFrames(page), 0.95);

    await leap(page, 0, "model-100000");
    const filtering = performance.now();
    await page.getByRole("combobox", { name: "Filter requests" }).fill("status:429 client:Codex");
    // Every 50th failed, every third came from Codex.
    await page.getByText(`${Math.floor(REQUESTS / (FAILED * 3))} found`).waitFor();
    const filtered = performance.now() - filtering;
    await page.getByRole("combobox", { name: "Filter requests" }).fill("");
    await page.getByText("100,000 kept").waitFor();
    expect(await ask()).toBe(200);
    await page.getByText("100,001 kept").waitFor();

    const figures = { opened, middle, end, back, filtered };
    await annotate(
      `${Object.entries(figures)
        .map(([name, ms]) => `${name} ${ms.toFixed(0)} ms`)
        .join(", ")}; 95 of 100 frames at most ${frames.toFixed(0)} ms`,
    );
    for (const [name, ms] of Object.entries(figures)) expect(ms, name).toBeLessThan(ROWS_MS);
    expect(frames).toBeLessThan(FRAME_MS);
  });
});
