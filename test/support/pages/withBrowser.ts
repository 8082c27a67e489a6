/** One browser for the tests of a file; what a test opened and kept ends with it, without an error of the page. */
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { openBrowser } from "./browser.ts";

interface Opened {
  readonly errors: readonly string[];
  close(): Promise<void>;
}

export interface Pages {
  /** There once tests run. */
  readonly browser: Browser;
  /** Closes it after the test. */
  keep(opened: Opened): void;
}

/** Within a `describe`. */
export function withBrowser(): Pages {
  let browser: Browser | undefined;
  const kept: Opened[] = [];
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    for (const each of kept.splice(0)) {
      expect(each.errors).toEqual([]);
      await each.close();
    }
  });
  return {
    get browser() {
      if (browser === undefined) throw new Error("the browser is there once tests run");
      return browser;
    },
    keep: (opened) => void kept.push(opened),
  };
}
