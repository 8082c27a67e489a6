/** Pages in a real browser. */
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";

export { browserPath, openBrowser } from "../chromium.ts";

export interface OpenOptions {
  width?: number;
  height?: number;
  /** Pixels of the picture for each of the page; 1 unless told. */
  scale?: number;
  colorScheme?: "light" | "dark";
  forcedColors?: "active" | "none";
  /** Whether things move; without, nothing does. */
  motion?: boolean;
  /** Milliseconds since 1970: the page's clock stands there, its timers go on. */
  at?: number;
  /** What the browser asks for; `en-GB` unless told. */
  locale?: string;
  /** Runs before the page's own script. */
  before?: () => void;
}

/** A page of its own, with what went wrong in it: console errors, uncaught errors, refused by its CSP. */
export async function openPage(
  browser: Browser,
  url: string,
  options: OpenOptions = {},
): Promise<{ page: Page; errors: string[] }> {
  const { width = 1000, height = 800, colorScheme = "dark", forcedColors = "none", at, before } = options;
  const context = await browser.newContext({
    viewport: { width, height },
    deviceScaleFactor: options.scale ?? 1,
    colorScheme,
    forcedColors,
    reducedMotion: options.motion === true ? "no-preference" : "reduce",
    locale: options.locale ?? "en-GB",
    timezoneId: "UTC",
    acceptDownloads: true,
    permissions: ["clipboard-read", "clipboard-write"],
  });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    // A gateway that is away is part of some tests; the browser logs each try.
    if (message.type() === "error" && !message.text().includes("WebSocket connection"))
      errors.push(message.text());
  });
  if (before !== undefined) await page.addInitScript(before);
  if (at !== undefined) await page.clock.setFixedTime(at);
  await page.goto(url);
  return { page, errors };
}

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

export interface Finding {
  rule: string;
  impact: string;
  where: string[];
}

/** What axe calls serious or critical. */
export async function axeFindings(page: Page): Promise<Finding[]> {
  // Not by a script element: the page's CSP would refuse it, as it should.
  const { readFile } = await import("node:fs/promises");
  await page.evaluate(await readFile(axe, "utf8"));
  return page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: { run(): Promise<AxeResult> } }).axe.run();
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, impact, nodes }) => ({
        rule: id,
        impact,
        where: nodes.map(({ html }) => html.slice(0, 200)),
      }));
  });
}

interface AxeResult {
  violations: { id: string; impact: string; nodes: { html: string }[] }[];
}

/** What is cut with an ellipsis, of the elements that a selector finds; its text. */
export function cutOff(page: Page, selector: string): Promise<string[]> {
  return page
    .locator(selector)
    .evaluateAll((all) =>
      all.filter((each) => each.scrollWidth > each.clientWidth).map((each) => each.textContent ?? ""),
    );
}

/** Whether something is wider than the window. */
export function overflows(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
}
