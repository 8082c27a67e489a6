/** Token Stats, by everything that can be done there, in a real browser. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { type BudgetView, noSums, type StatsSums } from "../../src/control/stats.ts";
import { sumOf } from "../../src/webviews/pages/tokenStats/series.ts";
import { axeFindings, browserPath, overflows } from "../support/pages/browser.ts";
import { Refusal } from "../support/pages/fake.ts";
import { type OpenWorld, openWorld } from "../support/pages/open.ts";
import { withBrowser } from "../support/pages/withBrowser.ts";
import { NOW } from "../support/pages/worlds.ts";

const HOUR = 3_600_000;

describe.skipIf(browserPath === undefined)("Token Stats (needs a browser)", () => {
  const pages = withBrowser();

  async function open(options: OpenWorld = {}) {
    const world = await openWorld(pages.browser, { hash: "token-stats", width: 1280, ...options });
    pages.keep(world);
    return world;
  }

  const part = (page: Page, name: string) => page.getByRole("region", { name, exact: true });
  const choose = (page: Page, group: string, name: string) =>
    page.getByRole("group", { name: group }).getByRole("button", { name, exact: true }).click();
  /** Its canvas has been drawn on. */
  const drawn = async (page: Page) => {
    await page.locator(".plot canvas").first().waitFor();
    await expect
      .poll(() =>
        page.evaluate(() => {
          const canvas = document.querySelector<HTMLCanvasElement>(".plot canvas");
          const pixels = canvas?.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data;
          return pixels?.some((value) => value !== 0) ?? false;
        }),
      )
      .toBe(true);
  };

  it("asks for the last day, by the hour and by model, in the person's own time", async () => {
    const { page, fake } = await open();
    await part(page, "Tokens by model").waitFor();
    expect(fake.called("stats.query")[0]).toEqual({
      from: Math.floor(NOW / HOUR) * HOUR - 23 * HOUR,
      to: Math.floor(NOW / HOUR) * HOUR + HOUR,
      bucket: "hour",
      by: "model",
      utcOffsetMinutes: 0,
    });
    await drawn(page);
    await page.getByText("without 23 of unknown price").waitFor();
  });

  it.each([
    ["Hour", "minute", HOUR],
    ["Week", "day", 7 * 24 * HOUR],
    ["Month", "day", 30 * 24 * HOUR],
  ])("shows the %s", async (name, bucket, length) => {
    const { page, fake } = await open();
    await part(page, "Tokens by model").waitFor();
    await choose(page, "Time", name);
    await expect.poll(() => fake.called("stats.query").at(-1)?.bucket).toBe(bucket);
    await expect
      .poll(() => {
        const { from = 0, to = 0 } = fake.called("stats.query").at(-1) ?? {};
        return to - from;
      })
      .toBe(length);
    expect(new URL(page.url()).hash).toBe(`#token-stats?time=${name.toLowerCase()}`);
    await drawn(page);
  });

  it.each(["Account", "Client", "Protocol"])("groups by %s", async (name) => {
    const { page, fake } = await open();
    await part(page, "Tokens by model").waitFor();
    await choose(page, "By", name);
    await part(page, `Tokens by ${name.toLowerCase()}`).waitFor();
    expect(fake.called("stats.query").at(-1)?.by).toBe(name.toLowerCase());
    const words = { Account: "no account", Client: "Claude Code", Protocol: "OpenAI responses" }[name] ?? "";
    await part(page, name).getByText(words).first().waitFor();
  });

  it("has each chart as a table of the same numbers, which can be sorted", async () => {
    const { page } = await open();
    const chart = part(page, "Tokens by model");
    await chart.getByRole("button", { name: "Tokens by model as a table" }).click();
    const table = chart.getByRole("table", { name: "Tokens by model" });
    expect(await table.getByRole("row").count()).toBe(25);
    await table.getByRole("button", { name: "claude-sonnet-5" }).click();
    const column = async () => {
      const cells = await table.locator("tbody tr > :nth-child(2)").allTextContents();
      return cells.map((text) => Number(text.replaceAll(",", "")));
    };
    const most = await column();
    expect(most).toEqual(most.toSorted((a, b) => b - a));
    expect(most[0]).toBeGreaterThan(0);
    await table.getByRole("button", { name: "claude-sonnet-5" }).click();
    expect(await column()).toEqual(most.toReversed());
    expect(await table.getByRole("columnheader", { name: "claude-sonnet-5" }).getAttribute("aria-sort")).toBe(
      "ascending",
    );
    for (const name of ["What the tokens were", "From cache", "Failures"]) {
      await page.getByRole("button", { name: `${name} as a table` }).click();
      await page.getByRole("table", { name, exact: true }).waitFor();
    }
  });

  it("draws no line through hours in which nothing was, and a dot for one alone", async () => {
    const at = (hours: readonly number[]) =>
      Array.from({ length: 24 }, (_, hour): StatsSums => {
        const requests = hours.includes(hour) ? 10 : 0;
        return {
          ...noSums(),
          requests,
          errors: requests / 5,
          input: requests * 100,
          cacheRead: requests * 50,
        };
      });
    // Of the chart's 24 places: two beside each other, none for long, one alone, two at the end.
    const points = at([2, 3, 12, 21, 22]);
    const total = sumOf(points);
    const group = { key: "m", label: "m", total, firstByte: {}, duration: {}, points };
    const { page } = await open({
      answers: {
        "stats.query": () => ({
          buckets: points.map((_, hour) => NOW - (23 - hour) * HOUR),
          ...{ groups: [group], total, firstByte: {}, duration: {}, errors: {} },
        }),
      },
    });
    for (const chart of ["From cache", "Failures"]) {
      const canvas = part(page, chart).locator(".plot canvas");
      await canvas.waitFor();
      /** Of the plot's width, in 24 steps: where something coloured is drawn. */
      const coloured = () =>
        canvas.evaluate((element) => {
          const { width, height } = element as HTMLCanvasElement;
          const over = element.parentElement?.querySelector(".u-over")?.getBoundingClientRect();
          const box = element.getBoundingClientRect();
          const pixels = (element as HTMLCanvasElement)
            .getContext("2d")
            ?.getImageData(0, 0, width, height).data;
          if (pixels === undefined || over === undefined) return [];
          const scale = width / box.width;
          const [left, step] = [(over.left - box.left) * scale, (over.width * scale) / 23];
          const places = new Set<number>();
          for (let i = 0; i < pixels.length; i += 4) {
            const [r = 0, g = 0, b = 0, alpha = 0] = pixels.slice(i, i + 4);
            const x = (i / 4) % width;
            if (alpha > 128 && Math.max(r, g, b) - Math.min(r, g, b) > 60 && x >= left)
              places.add(Math.round((x - left) / step));
          }
          return [...places].sort((a, b) => a - b);
        });
      await expect.poll(coloured).toEqual([2, 3, 12, 21, 22]);
    }
  });

  it("tells the numbers of a bucket to the pointer and to the keys", async () => {
    const { page } = await open();
    await drawn(page);
    const plot = page.getByRole("slider", { name: "Tokens by model; arrow keys read it" });
    await plot.focus();
    await page.keyboard.press("End");
    await expect.poll(() => plot.getAttribute("aria-valuetext")).toMatch(/^14:00: claude-sonnet-5 \d/);
    await page.keyboard.press("ArrowLeft");
    await expect.poll(() => plot.getAttribute("aria-valuetext")).toMatch(/^13:00: /);
    await part(page, "Tokens by model").getByText("Thu, Mar 12, 13:00").waitFor();
    await page.keyboard.press("Tab");
    await part(page, "Tokens by model").getByText("in all").waitFor();
    const box = await plot.boundingBox();
    if (box === null) throw new Error("The chart is not there.");
    await page.mouse.move(box.x + box.width - 20, box.y + box.height / 2);
    await part(page, "Tokens by model").getByText("Thu, Mar 12, 14:00").waitFor();
  });

  it("leads to the requests of a group, of an hour, of a kind of error", async () => {
    const { page } = await open();
    const hash = () => new URL(page.url()).hash;
    const from = Math.floor(NOW / HOUR) * HOUR - 23 * HOUR;
    const time = `from=${from}&to=${from + 24 * HOUR}`;
    await part(page, "Model").getByRole("button", { name: "gpt-5: show its requests" }).click();
    await expect.poll(hash).toBe(`#monitor?${time}&used=gpt-5`);
    await page.goBack();
    await part(page, "Errors").getByRole("button", { name: "rate limit: show its requests" }).click();
    await expect.poll(hash).toBe(`#monitor?${time}&outcome=failed&error=rate_limit`);
    await page.goBack();
    await page.getByRole("button", { name: "Failures as a table" }).click();
    await page.getByRole("button", { name: "Thu, Mar 12, 14:00: show its requests" }).click();
    await expect.poll(hash).toBe(`#monitor?from=${NOW - (NOW % HOUR)}&to=${NOW - (NOW % HOUR) + HOUR}`);
  });

  it("is read anew when requests came, but not with each of them", async () => {
    const { page, fake } = await open();
    await part(page, "Tokens by model").waitFor();
    const before = fake.called("stats.query").length;
    for (let i = 0; i < 20; i += 1) fake.emit("requests", { rows: [], missed: 1 });
    await expect.poll(() => fake.called("stats.query").length, { timeout: 10_000 }).toBe(before + 1);
  });

  describe("budgets", () => {
    const budget = (change: Partial<BudgetView>): BudgetView => ({
      unit: "usd",
      per: "day",
      limit: 20,
      warnAtPercent: 80,
      readOnly: false,
      used: 6.31,
      unpriced: 0,
      until: NOW + 9 * HOUR,
      state: "ok",
      ...change,
    });

    it("that are used up come first, in words", async () => {
      const { page } = await open({
        answers: {
          "budgets.list": () => [
            budget({ used: 20, state: "reached", account: "team-openai" }),
            budget({ unit: "tokens", per: "month", limit: 5e6, used: 4.4e6, state: "warning", unpriced: 3 }),
          ],
        },
      });
      await part(page, "Budgets").getByText("used up: requests are refused").waitFor();
      await part(page, "Budgets").getByText("Team · OpenAI").waitFor();
      await part(page, "Budgets").getByText("nearly used").waitFor();
      const [budgets, chart] = await Promise.all([
        part(page, "Budgets").boundingBox(),
        part(page, "Tokens by model").boundingBox(),
      ]);
      expect(budgets?.y).toBeLessThan(chart?.y ?? 0);
    });
  });

  describe("states", () => {
    it("loading: the shape of what comes", async () => {
      const { page } = await open({ answers: { "stats.query": () => new Promise(() => {}) } });
      await page.getByRole("status", { name: "Loading" }).first().waitFor();
      await part(page, "Budgets").waitFor();
    });

    it("failed: what, and once more; budgets are there all the same", async () => {
      const { page, fake } = await open({
        answers: {
          "stats.query": () => {
            throw new Refusal("The statistics cannot be read.");
          },
        },
      });
      await page.getByText("The statistics cannot be read.").waitFor();
      await part(page, "Budgets").getByText("$6.31").waitFor();
      const before = fake.called("stats.query").length;
      await page.getByRole("button", { name: "Try again" }).click();
      await expect.poll(() => fake.called("stats.query").length).toBe(before + 1);
    });

    it("disconnected: what was there stays", async () => {
      const { page, fake } = await open();
      await drawn(page);
      fake.disconnect();
      await page.getByText("Disconnected", { exact: true }).waitFor();
      await part(page, "Tokens by model").waitFor();
    });
  });

  describe("for everyone", () => {
    it.each(["dark", "light", "high-contrast"] as const)("axe finds nothing serious: %s", async (theme) => {
      const { page } = await open({ theme, colorScheme: theme === "light" ? "light" : "dark" });
      await drawn(page);
      // One as a table, the others as charts: one look at all of it.
      await page.getByRole("button", { name: "Failures as a table" }).click();
      await page.getByRole("table", { name: "Failures" }).waitFor();
      expect(await axeFindings(page)).toEqual([]);
    });

    it.each([320, 800, 1600])("nothing is too wide at %s pixels, charts follow", async (width) => {
      const { page } = await open({ width });
      await drawn(page);
      await expect.poll(() => overflows(page)).toBe(false);
      await page.setViewportSize({ width: Math.max(320, width - 60), height: 800 });
      await expect
        .poll(() =>
          page.evaluate(() => {
            const plot = document.querySelector(".plot");
            const chart = document.querySelector<HTMLElement>(".plot .uplot");
            return Math.abs((plot?.clientWidth ?? 0) - (chart?.offsetWidth ?? -100));
          }),
        )
        .toBeLessThanOrEqual(1);
      await expect.poll(() => overflows(page)).toBe(false);
      const charts = page.getByRole("button", { name: / as a table$/ });
      while ((await charts.count()) > 0) await charts.first().click();
      await expect.poll(() => overflows(page)).toBe(false);
      expect(await axeFindings(page)).toEqual([]);
    });

    it("tables become lists where there is no room, sorted all the same", async () => {
      const { page } = await open({ width: 320 });
      const list = page.getByRole("list", { name: "Model", exact: true });
      await list.getByRole("listitem").first().getByText("claude-sonnet-5").waitFor();
      await part(page, "Model").getByRole("combobox").selectOption({ label: "Cost" });
      await list.getByRole("listitem").nth(1).getByText("gpt-5").waitFor();
      await part(page, "Model").getByRole("button", { name: "Most first" }).click();
      await part(page, "Model").getByRole("button", { name: "Least first" }).waitFor();
    });

    it("series are told apart without their colours", async () => {
      const { page } = await open({ forcedColors: "active" });
      await drawn(page);
      const swatches = await page.evaluate(() =>
        [...document.querySelectorAll<HTMLCanvasElement>(".legend .swatch:not(.line) canvas")]
          .slice(0, 4)
          .map((canvas) => canvas.toDataURL()),
      );
      expect(new Set(swatches).size).toBe(4);
    });
  });
});
