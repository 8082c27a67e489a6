/** The browser on this machine. One per test file; pages in it share nothing. */
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** Chromium for pages alone, without windows and menus: half the work for each test. */
const SHELL = "/usr/bin/chromium-headless-shell";

const WHOLE = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

function firstOf(places: readonly string[]): string | undefined {
  return [process.env.PORTICO_BROWSER ?? "", ...places].find((each) => each !== "" && existsSync(each));
}

/** Undefined where the machine has none: `describe.skipIf(browserPath === undefined)("… (needs a browser)")`. */
export const browserPath = firstOf([SHELL, ...WHOLE]);

/** A browser with all that belongs to one, for pages of other people. */
export const wholeBrowserPath = firstOf(WHOLE);

export async function openBrowser(): Promise<Browser> {
  if (browserPath === undefined) throw new Error("No Chromium here; set PORTICO_BROWSER to its program.");
  return chromium.launch({
    executablePath: browserPath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
