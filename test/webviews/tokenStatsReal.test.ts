/** Token Stats of a real gateway: real requests in, and every number, table, file and way on from there. */
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { axeFindings, browserPath } from "../support/pages/browser.ts";
import { keysOf } from "../support/pages/keys.ts";
import { type OpenReal, openReal } from "../support/pages/real.ts";
import { withBrowser } from "../support/pages/withBrowser.ts";

const CODEX = "codex_cli_rs/0.46.0";
const CLAUDE = "claude-cli/2.0.0 (external, cli)";

describe.skipIf(browserPath === undefined)("Token Stats of a real gateway (needs a browser)", () => {
  const pages = withBrowser();

  const part = (page: Page, name: string) => page.getByRole("region", { name, exact: true });
  const choose = (page: Page, group: string, name: string) =>
    page.getByRole("group", { name: group }).getByRole("button", { name, exact: true }).click();
  const rowsOf = async (page: Page, table: string) => {
    const rows = page.getByRole("table", { name: table, exact: true }).locator("tbody tr");
    await rows.first().waitFor();
    return Promise.all((await rows.all()).map((row) => row.locator("td").allTextContents()));
  };
  const hash = (page: Page) => new URL(page.url()).hash;

  /**
   * Six requests: of two models, two accounts, two clients and two protocols; one of them failed.
   * 1200 tokens go in and 30 come out with each that is answered.
   */
  async function open(options: OpenReal = {}) {
    const real = await openReal(pages.browser, {
      open: "token-stats",
      width: 1280,
      accounts: { work: "well", spare: "well", bad: "broken" },
      ...options,
    });
    pages.keep(real);
    const { portico, ask } = real;
    await portico.lead.call("settings.update", {
      prices: [{ model: "test-model", input: 1000, output: 1000 }],
    });
    for (let i = 0; i < 3; i += 1) expect(await ask({ model: "work/test-model", client: CODEX })).toBe(200);
    expect(await ask({ model: "spare/test-model-mini", client: CLAUDE })).toBe(200);
    expect(await ask({ model: "bad/test-model", client: CODEX })).toBeGreaterThanOrEqual(500);
    const { proxy } = await portico.lead.call("status.get", undefined);
    if (proxy.kind !== "running") throw new Error("The proxy does not run.");
    const translated = await fetch(`${proxy.baseUrl}/v1/messages`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "user-agent": CLAUDE,
        "anthropic-version": "2023-06-01",
      },
      body: JSON.stringify({
        model: "work/test-model",
        max_tokens: 100,
        messages: [{ role: "user", content: "hi" }],
      }),
    });
    await translated.text();
    expect(translated.status).toBe(200);
    await expect.poll(async () => (await portico.lead.call("requests.list", { limit: 1 })).total).toBe(6);
    return real;
  }

  it("counts each request once, by model, account, client and protocol, in every preset", async () => {
    const { page, ask } = await open();
    // The page was there before them, and counts them by itself.
    const totals = page.locator(".totals");
    await totals.getByText("6", { exact: true }).waitFor();
    expect(await totals.textContent()).toContain("6,000 in, 150 out");
    await totals.getByText("$4.92", { exact: true }).waitFor();
    await totals.getByText("without 1 of unknown price").waitFor();
    for (const [by, expected] of [
      ["Model", { "test-model": "4", "test-model-mini": "1", "bad/test-model": "1" }],
      ["Account", { Work: "4", Spare: "1", "no account": "1" }],
      ["Client", { Codex: "4", "Claude Code": "2" }],
      ["Protocol", { "OpenAI chat": "5", Anthropic: "1" }],
    ] as const) {
      await choose(page, "By", by);
      await part(page, `Tokens by ${by.toLowerCase()}`).waitFor();
      const found = Object.fromEntries((await rowsOf(page, by)).map(([name, requests]) => [name, requests]));
      expect(found).toEqual(expected);
    }
    for (const preset of ["Hour", "Week", "Month", "Day"]) {
      await choose(page, "Time", preset);
      await expect.poll(() => hash(page)).toContain(`time=${preset.toLowerCase()}`);
      await expect.poll(async () => (await totals.textContent())?.startsWith("Requests6")).toBe(true);
    }
    await choose(page, "Time", "Custom");
    expect(await page.getByLabel("Last day").inputValue()).toBe(new Date().toISOString().slice(0, 10));
    await page.getByLabel("First day").fill("2020-01-01");
    await page.getByText("At most 1,000 days at once.").waitFor();
    await page.getByLabel("First day").fill("2025-01-01");
    await page.getByLabel("Last day").fill("2025-01-31");
    await page.getByText("No requests in this time.").waitFor();
    await page.getByLabel("Last day").fill(new Date().toISOString().slice(0, 10));
    await expect.poll(async () => (await totals.textContent())?.startsWith("Requests6")).toBe(true);
    await choose(page, "Time", "Hour");
    expect(await ask()).toBe(200);
    await totals.getByText("7", { exact: true }).waitFor();
  });

  it("draws them, says the same as tables, saves them, and leads to the requests", async () => {
    const { page, go } = await open();
    await go("token-stats?time=hour");
    const used = part(page, "Tokens by model");
    await used.getByText("4,920", { exact: true }).first().waitFor();
    const plot = page.getByRole("slider", { name: "Tokens by model; arrow keys read it" });
    await plot.locator("canvas").waitFor();
    await choose(page, "What is counted", "Cost");
    await part(page, "Cost by model").getByText("$4.92").first().waitFor();
    await choose(page, "What is counted", "Requests");
    await page.getByRole("button", { name: "Requests by model as a table" }).click();
    const inAll = (rows: string[][], column: number) =>
      rows.reduce((sum, row) => sum + Number(row[column]?.replaceAll(",", "") ?? 0), 0);
    const requests = await rowsOf(page, "Requests by model");
    expect([1, 2, 3].map((column) => inAll(requests, column))).toEqual([4, 1, 1]);
    await page.getByRole("button", { name: "What the tokens were as a table" }).click();
    const kinds = await rowsOf(page, "What the tokens were");
    expect([inAll(kinds, 1), inAll(kinds, 2)]).toEqual([6000, 150]);
    await page.getByRole("button", { name: "Failures as a table" }).click();
    // One of six in all; of how many in its own minute, depends on when they came.
    await page.locator(".totals").getByText("17\u00a0%", { exact: true }).waitFor();
    expect((await rowsOf(page, "Failures")).flat().some((cell) => /^[1-9]\d*\u00a0%$/.test(cell))).toBe(true);
    expect(await axeFindings(page)).toEqual([]);

    const saving = page.waitForEvent("download");
    await page.getByRole("button", { name: "Export CSV" }).click();
    const download = await saving;
    expect(download.suggestedFilename()).toMatch(
      /^portico-stats-model-\d{4}-\d\d-\d\d-\d{4}-\d\d-\d\d\.csv$/,
    );
    const [head = "", ...lines] = (await readFile(await download.path(), "utf8")).trim().split("\r\n");
    const columns = head.split(",");
    const table = lines.map((line) =>
      Object.fromEntries(line.split(",").map((cell, i) => [columns[i], cell])),
    );
    const sum = (model: string, column: string) =>
      table.filter((row) => row.model === model).reduce((all, row) => all + Number(row[column]), 0);
    expect(sum("test-model", "requests")).toBe(4);
    expect(sum("bad/test-model", "errors")).toBe(1);
    expect(sum("test-model", "input")).toBe(4800);
    expect(sum("test-model", "cost")).toBeCloseTo(4.92);
    expect(sum("test-model-mini", "unpriced")).toBe(1);

    const models = page.getByRole("table", { name: "Model", exact: true });
    await models.getByRole("button", { name: "Output", exact: true }).click();
    expect((await rowsOf(page, "Model")).map(([name]) => name)).toEqual([
      "test-model",
      "test-model-mini",
      "bad/test-model",
    ]);
    await models.getByRole("button", { name: "Output", exact: true }).click();
    expect((await rowsOf(page, "Model")).map(([name]) => name)).toEqual([
      "bad/test-model",
      "test-model-mini",
      "test-model",
    ]);
    expect((await rowsOf(page, "How long it takes")).map(([name]) => name)).toContain("test-model-mini");

    const listed = (count: string) => page.getByText(`${count} found`, { exact: true }).waitFor();
    await models.getByRole("button", { name: "test-model-mini: show its requests" }).click();
    await listed("1");
    await page.goBack();
    await part(page, "How long it takes")
      .getByRole("button", { name: "test-model: show its requests", exact: true })
      .click();
    await listed("4");
    await page.goBack();
    await part(page, "Errors")
      .getByRole("button", { name: /: show its requests$/ })
      .click();
    await listed("1");
    await page.goBack();
    await page.getByRole("button", { name: "Failures as a table" }).click();
    await page.getByRole("table", { name: "Failures" }).getByRole("button").last().click();
    await expect
      .poll(() => page.getByRole("combobox", { name: "Time", exact: true }).inputValue())
      .toBe("custom");
    await page.goBack();
    await page.getByRole("button", { name: "Set prices…" }).click();
    await expect.poll(() => hash(page)).toBe("#settings?part=prices");
  });

  it("shows how far budgets are, the used up ones first", async () => {
    const { page, portico, ask, go } = await open();
    await part(page, "Budgets").getByText("None: nothing stops what you spend.").waitFor();
    await page.getByRole("button", { name: "Set a budget…" }).click();
    await expect.poll(() => hash(page)).toBe("#settings?part=budgets");
    const budget = { unit: "requests" as const, per: "day" as const, warnAtPercent: 50 };
    const set = (limit: number) => portico.lead.call("settings.update", { budgets: [{ ...budget, limit }] });
    // What was used before there was a budget does not count against it.
    await set(100);
    for (let i = 0; i < 2; i += 1) expect(await ask()).toBe(200);
    for (const [limit, words, first] of [
      [100, "2 requests of 100 requests", false],
      [3, "nearly used", true],
      [2, "used up: requests are refused", true],
    ] as const) {
      await set(limit);
      await go("dashboard");
      await go("token-stats");
      await part(page, "Budgets").getByText(words).waitFor();
      await part(page, "Tokens by model").waitFor();
      const [budgets, chart] = await Promise.all([
        part(page, "Budgets").boundingBox(),
        part(page, "Tokens by model").boundingBox(),
      ]);
      expect((budgets?.y ?? 0) < (chart?.y ?? 0)).toBe(first);
    }
    await part(page, "Budgets").getByRole("button", { name: "Edit…" }).click();
    await expect.poll(() => hash(page)).toBe("#settings?part=budgets");
  });

  it("leads on where nothing was counted", async () => {
    const real = await openReal(pages.browser, { open: "token-stats" });
    pages.keep(real);
    const { page } = real;
    await page.getByText("No requests in this time.").waitFor();
    await page.getByRole("button", { name: "Show the month" }).click();
    await page.getByRole("button", { name: "Connect a client" }).click();
    await expect.poll(() => hash(page)).toBe("#connect");
  });

  it("is used by keys alone", async () => {
    const { page, go } = await open();
    await go("token-stats?time=day");
    await part(page, "Tokens by model").waitFor();
    const keys = keysOf(page);
    await keys.to("Hour");
    await keys.press("Enter");
    await expect.poll(() => hash(page)).toBe("#token-stats?time=hour");
    await keys.at("Hour");
    await keys.to("Custom");
    await keys.press("Space");
    await page.getByLabel("First day").waitFor();
    await keys.to("First day");
    // Day, month, year: by arrows, because digits have to come within a second of each other.
    await keys.press("Tab", "Tab", "ArrowDown");
    // On the 29th of February there is no such day.
    const before = new RegExp(`first=${new Date().getFullYear() - 1}|time=custom&last`);
    await expect.poll(() => hash(page)).toMatch(before);
    await keys.to("Hour", "back");
    await keys.press("Enter");
    await keys.to("Client");
    await keys.press("Enter");
    await part(page, "Tokens by client").waitFor();
    await keys.to("Model", "back");
    await keys.press("Enter");
    await part(page, "Tokens by model").waitFor();
    await keys.to("Export CSV");
    const saving = page.waitForEvent("download");
    await keys.press("Enter");
    await saving;
    await keys.at("Export CSV");
    await keys.to("Cost");
    await keys.press("Enter");
    await keys.to("Cost by model as a table");
    await keys.press("Enter");
    await keys.at("Cost by model as a chart");
    await keys.press("Enter");
    const plot = "Cost by model; arrow keys read it";
    await keys.to(plot);
    await keys.press("End");
    const said = () => page.getByRole("slider", { name: plot }).getAttribute("aria-valuetext");
    await expect.poll(said).toMatch(/^\d\d:\d\d: /);
    const last = await said();
    await keys.press("ArrowLeft");
    await expect.poll(said).not.toBe(last);
    await keys.press("ArrowRight");
    await expect.poll(said).toBe(last);
    await keys.to("Output");
    await keys.press("Enter");
    await page.locator('th[aria-sort="descending"]', { hasText: "Output" }).waitFor();
    await keys.at("Output");
    await keys.to("test-model: show its requests");
    await keys.press("Enter");
    await page.getByText("4 found").waitFor();
    // The next tabulator begins with the page that was opened.
    await keys.press("Tab");
    await keys.at("Filter requests");
    await page.goBack();
    await part(page, "Tokens by model").waitFor();
    await keys.to("Set a budget…");
    await keys.press("Enter");
    await keys.to("Add a budget");
  });
});
