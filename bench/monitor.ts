/**
 * The monitor with 100,000 requests in a real browser: how soon its first rows are there, and how long
 * frames take while it is scrolled. Run it on a quiet machine: the browser shares the processors.
 *
 * `npm run bench:monitor` (after `npm run build -- --production`)
 */
import type { Browser, Page } from "playwright-core";
import { openBrowser, openPage } from "../test/support/pages/browser.ts";
import { FakePages } from "../test/support/pages/fake.ts";
import { scrollFrames, shareAt } from "../test/support/pages/frames.ts";
import { RequestBook } from "../test/support/pages/requestBook.ts";
import { answersOf, world } from "../test/support/pages/worlds.ts";

const REQUESTS = 100_000;
const TRIES = 5;
/** Milliseconds from the arrival of the script to the first rows. */
const FIRST_ROWS_MS = 200;
/** Milliseconds within which 95 of 100 frames are drawn. */
const FRAME_MS = 50;

const book = new RequestBook(REQUESTS);

/** With the browser's own clock, by which all is measured. */
async function open(browser: Browser) {
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

/** Milliseconds from the arrival of the monitor's own script to its first rows. */
function firstRows(page: Page): Promise<number> {
  return page.evaluate(() => {
    const scripts = performance
      .getEntriesByType("resource")
      .filter(({ name }) => /\/monitor-[^/]*\.js$/.test(name)) as PerformanceResourceTiming[];
    const loaded = scripts[0]?.responseEnd;
    const shown = performance.getEntriesByName("portico:rows")[0]?.startTime;
    if (loaded === undefined || shown === undefined) throw new Error("Neither script nor rows were seen.");
    return shown - loaded;
  });
}

const browser = await openBrowser();
const rows: number[] = [];
const frames: number[] = [];
try {
  for (let i = 0; i < TRIES; i += 1) {
    const { page, close } = await open(browser);
    rows.push(await firstRows(page));
    frames.push(shareAt(await scrollFrames(page), 0.95));
    await close();
  }
} finally {
  await browser.close();
}
const line = (what: string, found: number[], limit: number) => {
  const all = found.map((each) => each.toFixed(0)).join(", ");
  console.log(`${what}: median ${shareAt(found, 0.5).toFixed(0)} ms of ${limit} ms (${all})`);
};
line("first rows", rows, FIRST_ROWS_MS);
line("95th percentile of frames", frames, FRAME_MS);
process.exitCode = shareAt(rows, 0.5) <= FIRST_ROWS_MS && shareAt(frames, 0.5) <= FRAME_MS ? 0 : 1;
