/** Every figure leads to the requests it counts; what is asked of the Monitor can be said, linked and found again. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { RequestFilter } from "../../src/control/requests.ts";
import { browserPath, overflows } from "../support/pages/browser.ts";
import { Refusal } from "../support/pages/fake.ts";
import { type OpenedWorld, type OpenWorld, openWorld } from "../support/pages/open.ts";
import { RequestBook } from "../support/pages/requestBook.ts";
import { withBrowser } from "../support/pages/withBrowser.ts";
import { NOW, requests } from "../support/pages/worlds.ts";

const TODAY = Date.UTC(2026, 2, 12);
/** The last 24 hours of Token Stats, by the hour. */
const DAY = { from: Date.UTC(2026, 2, 11, 15), to: Date.UTC(2026, 2, 12, 15) };

describe.skipIf(browserPath === undefined)("ways in (needs a browser)", () => {
  const pages = withBrowser();
  const open = (options: OpenWorld = {}, book = new RequestBook(400)) =>
    openWorld(pages.browser, { width: 1400, ...options, answers: { ...book.answers(), ...options.answers } });
  const asked = ({ fake }: OpenedWorld) => fake.called("requests.list").at(-1)?.filter;
  const box = (page: Page) => page.getByRole("combobox", { name: "Filter requests" });

  it.each<[string, string, string | RegExp, RequestFilter]>([
    ["dashboard", "requests today", /^Requests today: .*show the requests/, { from: TODAY }],
    ["dashboard", "tokens today", /^Tokens today/, { from: TODAY, ranges: { tokens: { above: 0 } } }],
    ["dashboard", "cost today", /^Cost today/, { from: TODAY, ranges: { cost: { above: 0 } } }],
    ["dashboard", "first token", /^Median first token/, { from: TODAY, outcome: "ok" }],
    ["dashboard", "a client", /^Codex, seen today/, { from: TODAY, client: "Codex" }],
    ["token-stats", "requests", /^Requests: .*show the requests/, DAY],
    ["token-stats", "cost", /^Cost: /, { ...DAY, ranges: { cost: { above: 0 } } }],
    ["token-stats", "errors", /^Errors: /, { ...DAY, outcome: "failed" }],
    ["token-stats", "failed over", /^[\d,]+ failed over$/, { ...DAY, outcome: "ok", failedOver: true }],
    ["token-stats", "a model", /^gpt-5: show its requests/, { ...DAY, usedModel: "gpt-5" }],
    [
      "token-stats",
      "an error's bar",
      /^[\d,]+ rate limit: show/,
      { ...DAY, outcome: "failed", errorKind: "rate_limit" },
    ],
    ["token-stats", "a budget", /^All accounts a day: show/, { from: TODAY }],
  ])("%s: %s leads to its requests", async (hash, _name, figure, filter) => {
    const opened = await open({ hash });
    await opened.page.getByRole("button", { name: figure }).first().click();
    await opened.page.getByRole("grid", { name: "Requests" }).waitFor();
    await expect.poll(() => asked(opened)).toEqual(filter);
    expect(opened.errors).toEqual([]);
    await opened.close();
  });

  it("each number of a row leads to what it counts of that row", async () => {
    const opened = await open({ hash: "token-stats?by=account" });
    const table = opened.page.getByRole("table", { name: "Account" });
    await table
      .getByRole("button", { name: /Errors: show the requests/ })
      .first()
      .click();
    await expect
      .poll(() => asked(opened))
      .toMatchObject({ ...DAY, outcome: "failed", account: expect.any(String) });
    await opened.close();
  });

  it("says which time the list is of, and asks for it", async () => {
    const opened = await open({ hash: "monitor" });
    const time = opened.page.getByRole("combobox", { name: "Time" });
    await time.selectOption("Last hour");
    await expect.poll(() => asked(opened)).toEqual({ from: NOW - 3_600_000 });
    // Later, and with a row open, it is the same hour: nothing else was asked.
    await opened.page.clock.setFixedTime(NOW + 120_000);
    const before = opened.fake.called("requests.list").length;
    const rows = opened.page.getByRole("grid").getByRole("row");
    await rows.nth(1).click();
    await expect.poll(() => opened.page.url()).toContain("request=");
    await opened.page.keyboard.press("ArrowDown");
    await opened.page.keyboard.press("Escape");
    await expect.poll(() => opened.page.url()).not.toContain("request=");
    expect(opened.fake.called("requests.list").length).toBe(before);
    expect(asked(opened)).toEqual({ from: NOW - 3_600_000 });
    await opened.page.clock.setFixedTime(NOW);
    await time.selectOption("A day");
    await expect
      .poll(() => asked(opened))
      .toEqual({ from: NOW - 3_600_000 - ((NOW - 3_600_000) % 86_400_000), to: TODAY + 86_400_000 });
    await opened.page.getByLabel("Day", { exact: true }).fill("2026-03-10");
    await expect
      .poll(() => asked(opened))
      .toEqual({ from: Date.UTC(2026, 2, 10), to: Date.UTC(2026, 2, 11) });
    await time.selectOption("From … to …");
    await opened.page.getByLabel("To", { exact: true }).fill("2026-03-10T12:30");
    await expect
      .poll(() => asked(opened))
      .toEqual({ from: Date.UTC(2026, 2, 10), to: Date.UTC(2026, 2, 10, 12, 30) });
    for (const width of [1400, 800, 320]) {
      await opened.page.setViewportSize({ width, height: 800 });
      await expect.poll(() => overflows(opened.page)).toBe(false);
    }
    await opened.close();
  });

  it("marks a term that says nothing, and lets the others count", async () => {
    const opened = await open({ hash: "monitor" });
    await box(opened.page).fill("took:soon client:Codex cost:>0.01");
    await opened.page.getByRole("alert").getByText("took:soon").waitFor();
    await opened.page.getByText("“took:” can be >10s").waitFor();
    await expect.poll(() => asked(opened)).toEqual({ client: "Codex", ranges: { cost: { above: 0.01 } } });
    await opened.close();
  });

  it("keeps filter and range of each page, and forgets them when they are taken back", async () => {
    const opened = await open({ hash: "monitor" });
    const { page } = opened;
    const tab = (name: string) => page.getByRole("navigation").getByRole("link", { name, exact: true });
    await box(page).fill("model:gpt-5");
    await page.getByRole("combobox", { name: "Time" }).selectOption("Today");
    await expect.poll(() => asked(opened)).toEqual({ from: TODAY, model: "gpt-5" });
    await tab("Token Stats").click();
    await page.getByRole("button", { name: "Week", exact: true }).click();
    await tab("Monitor").click();
    await expect.poll(() => box(page).inputValue()).toBe("model:gpt-5");
    await expect.poll(() => new URL(page.url()).hash).toBe("#monitor?model=gpt-5&time=today");
    await tab("Token Stats").click();
    await page.getByRole("button", { name: "Week", exact: true, pressed: true }).waitFor();
    await tab("Dashboard").click();
    await page.getByRole("button", { name: "All requests" }).click();
    await expect.poll(() => box(page).inputValue()).toBe("");
    await opened.close();
  });

  it("keeps what the person chose, and not what a link asked for", async () => {
    const opened = await open({ hash: "monitor?model=no-such-model&outcome=failed" });
    const { page } = opened;
    const tab = (name: string) => page.getByRole("navigation").getByRole("link", { name, exact: true });
    await expect.poll(() => box(page).inputValue()).toBe("model:no-such-model");
    await tab("Accounts").click();
    await tab("Monitor").click();
    await expect.poll(() => box(page).inputValue()).toBe("");
    // Nor by what is opened in a list that a link has filtered.
    await page.evaluate(() => location.assign("#monitor?model=gpt-5"));
    await expect.poll(() => box(page).inputValue()).toBe("model:gpt-5");
    await page.getByRole("grid").getByRole("row").nth(1).click();
    await expect.poll(() => page.url()).toContain("request=");
    await tab("Accounts").click();
    await tab("Monitor").click();
    await expect.poll(() => box(page).inputValue()).toBe("");
    expect(opened.errors).toEqual([]);
    await opened.close();
  });

  it("says that an older Portico lacks what it is asked for", async () => {
    const book = new RequestBook(400);
    const list = book.answers()["requests.list"];
    const opened = await open(
      {
        hash: "monitor?took=>10s",
        answers: {
          "requests.list": (params) => {
            if (params?.filter?.ranges !== undefined) throw new Refusal("Unrecognized key", "bad-request");
            return list?.(params) as never;
          },
        },
      },
      book,
    );
    await opened.page.getByText("is older than this page and cannot filter by that").waitFor();
    await opened.close();
  });

  it("shows where a day ends, the time whole, and the client wherever there is room for it", async () => {
    const rows = requests(40).map((row, i) => ({ ...row, time: row.time - (i < 5 ? 0 : 86_400_000) }));
    const opened = await open({ hash: "monitor" }, new RequestBook(rows));
    const { page } = opened;
    for (const locale of [1400, 900, 640, 320]) {
      await page.setViewportSize({ width: locale, height: 800 });
      await expect
        .poll(() =>
          page
            .locator(".line.new-day")
            .evaluateAll((lines) => lines.map((line) => line.getAttribute("data-day"))),
        )
        .toEqual(["Mar 11"]);
      if (locale === 320) break;
      await page.getByRole("columnheader", { name: "Client" }).waitFor();
      await expect
        .poll(() =>
          page
            .locator(".line > :first-child")
            .evaluateAll((cells) => cells.some((cell) => cell.scrollWidth > cell.clientWidth)),
        )
        .toBe(false);
    }
    await opened.close();
  });

  it("cuts no time by a clock of twelve hours either", async () => {
    const rows = requests(40).map((row, i) => ({ ...row, time: row.time - (i < 5 ? 0 : 86_400_000) }));
    const opened = await open({ hash: "monitor", start: { locale: "en-US" } }, new RequestBook(rows));
    await opened.page.getByText("02:31:07 PM").waitFor();
    await expect
      .poll(() =>
        opened.page
          .locator(".line > :first-child")
          .evaluateAll((cells) => cells.some((cell) => cell.scrollWidth > cell.clientWidth)),
      )
      .toBe(false);
    await opened.close();
  });
});
