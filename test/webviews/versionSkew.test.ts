/** Pages over a gateway that is newer or older than they are, in a real browser: they keep their rows. */
import { describe, expect, it } from "vitest";
import { browserPath } from "../support/pages/browser.ts";
import type { Answers } from "../support/pages/fake.ts";
import { openWorld, settled } from "../support/pages/open.ts";
import { withBrowser } from "../support/pages/withBrowser.ts";
import { answersOf, type World, world } from "../support/pages/worlds.ts";

/** A page or a part of one, how many rows and settings it has at least, and what of the unknown is to be read there. */
const PAGES: readonly [hash: string, least: number, shown: RegExp][] = [
  ["dashboard", 30, /new-cooling/],
  ["accounts", 6, /new-needs-attention/],
  ["accounts?id=team-openai", 6, /new-key.*new-openai-chat/s],
  ["connect", 9, /Claude Code/],
  ["api-proxy", 13, /new-off/],
  ["api-proxy?section=routes", 4, /claude-sonnet-5/],
  ["api-proxy?section=keys", 3, /new-usd.*new-month/s],
  ["api-proxy?section=scheduling", 14, /new-cache-first/],
  ["api-proxy?section=models", 11, /claude-sonnet-5/],
  ["monitor", 30, /new-ok/],
  [`monitor?request=${world("normal").requests[0]?.id ?? ""}`, 30, /new-A|new-B/],
  ["token-stats", 40, /Requests/],
  ["settings?part=budgets", 1, /new-usd.*new-day|new-day.*new-usd/s],
  ["settings?part=records", 10, /Keep a line for each request/],
  ["settings?part=access", 3, /Set elsewhere: new-portico/],
];

const ROWS = "tr, [role=row], li, legend";
/** Some of them are there only for words that are known. */
const SETTINGS = "main .setting, main label";

/** Fields whose words may become more. */
const WORDS: ReadonlySet<string> = new Set([
  ...["kind", "reason", "severity", "cause", "state", "condition", "credential", "protocol", "protocolOut"],
  ...["protocols", "window", "unit", "per", "lane", "outcome", "errorKind", "authMode", "auth.mode"],
  ...["scheduling.strategy", "effort", "bucket", "homes", "level", "action"],
]);

/** As a Portico of next year would say it: words nobody knows, and more of everything. */
function newer<T>(value: T, word = false): T {
  if (typeof value === "string") return (word ? `new-${value}` : value) as T;
  if (Array.isArray(value)) return value.map((each) => newer<unknown>(each, word)) as T;
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).map(([name, each]) => [
    name,
    newer<unknown>(each, word || WORDS.has(name)),
  ]);
  return { ...Object.fromEntries(fields), novelty: { of: ["next", "year"] } };
}

function changed(change: <T>(value: T) => T): { shown: World; answers: Answers } {
  const shown = change(world("normal"));
  const answers = Object.fromEntries(
    Object.entries(answersOf(world("normal"))).map(([method, answer]) => [
      method,
      async (params: never) => change(await answer(params)),
    ]),
  );
  return { shown, answers };
}

describe.skipIf(browserPath === undefined)("pages (need a browser)", () => {
  const pages = withBrowser();

  /** Rows of all tables and lists of a page, and how many settings it has; what is wrong with it. */
  async function rowsOf(hash: string, options: { shown: World; answers: Answers }) {
    const { page, fake, errors, close } = await openWorld(pages.browser, {
      world: options.shown,
      answers: options.answers,
      hash,
    });
    await settled(page);
    fake.emit("novelty" as never, { of: "next year" } as never);
    await page.getByText("Running", { exact: true }).or(page.getByText("new-running")).first().waitFor();
    const rows = await page.locator(ROWS).allTextContents();
    const settings = await page.locator(SETTINGS).count();
    const text = await page.locator("body").textContent();
    await close();
    return { rows, settings, text, errors };
  }

  it.each(PAGES)(
    "%s keeps its rows with a newer gateway: at least %i, and shows %s",
    async (hash, least, shown) => {
      const usual = await rowsOf(hash, { shown: world("normal"), answers: {} });
      const skewed = await rowsOf(
        hash,
        changed((value) => newer(value)),
      );
      expect(skewed.errors).toEqual([]);
      for (const { rows, settings } of [usual, skewed])
        expect(rows.length + settings).toBeGreaterThanOrEqual(least);
      expect(skewed.rows.length).toBe(usual.rows.length);
      expect(skewed.text).toMatch(shown);
      expect(skewed.text).not.toMatch(/undefined|NaN|\[object/);
    },
  );
});
