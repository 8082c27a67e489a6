/** A page of Portico in a browser, over a scripted world. */
import type { Browser, Page } from "playwright-core";
import type { PageStart } from "../../../src/control/page.ts";
import { type OpenOptions, openPage } from "./browser.ts";
import { type Answers, FakePages } from "./fake.ts";
import type { ThemeName } from "./themes.ts";
import { answersOf, NOW, type World, type WorldName, world } from "./worlds.ts";

export interface OpenWorld extends OpenOptions {
  world?: WorldName | World;
  theme?: ThemeName;
  /** `monitor?text=gpt`. */
  hash?: string;
  /** Instead of what the world answers. */
  answers?: Answers;
  start?: Partial<PageStart>;
}

export interface OpenedWorld {
  fake: FakePages;
  page: Page;
  /** Console errors, uncaught errors, things refused by the CSP. */
  errors: string[];
  close(): Promise<void>;
}

/** Nothing on the page is loading any more. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(
    () => document.querySelector(".strip") !== null && document.querySelector(".skeleton") === null,
  );
}

/** Shown at `NOW`, which stands still while timers go on. */
export async function openWorld(browser: Browser, options: OpenWorld = {}): Promise<OpenedWorld> {
  const { world: which = "normal", theme = "dark", hash, answers, start } = options;
  const shown = typeof which === "string" ? world(which) : which;
  const fake = await FakePages.open({
    answers: { ...answersOf(shown), ...answers },
    greet: { status: shown.status },
    theme,
    ...(start === undefined ? {} : { start }),
  });
  const url = hash === undefined ? fake.url : `${fake.url}#${hash}`;
  const { page, errors } = await openPage(browser, url, { ...options, at: NOW });
  if (which === "disconnected") {
    await settled(page);
    fake.disconnect();
    await page.getByText("Disconnected", { exact: true }).first().waitFor();
  }
  return {
    fake,
    page,
    errors,
    async close() {
      await page.context().close();
      await fake.close();
    },
  };
}
