/** The settings page in a real browser: every action, over a scripted world. */
import { readFile } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EditableSettings } from "../../src/control/settings.ts";
import { axeFindings, browserPath, openBrowser, overflows } from "../support/pages/browser.ts";
import { Refusal } from "../support/pages/fake.ts";
import { type OpenWorld, openWorld } from "../support/pages/open.ts";
import { settingsView, WORLDS, world } from "../support/pages/worlds.ts";

describe.skipIf(browserPath === undefined)("the settings page (needs a browser)", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  const open = (options: OpenWorld = {}) => openWorld(browser, { hash: "settings", ...options });
  const section = (page: Page, name: string) => page.getByRole("region", { name });

  it("says what is kept and how much room it takes", async () => {
    const { page, errors, close } = await open();
    await page.getByText("12,408 requests · 67.9 MB · since Feb 10").waitFor();
    await page.getByText("/home/me/.local/share/portico").waitFor();
    await section(page, "Data folder").getByText("accounts and routes, no secrets").waitFor();
    expect(errors).toEqual([]);
    await close();
  });

  it("saves a limit with Enter, in the units of the setting", async () => {
    const { fake, page, close } = await open();
    const history = section(page, "Request history");
    await history.getByLabel("Keep for").fill("7");
    await page.keyboard.press("Enter");
    await history.getByLabel("And at most").fill("50");
    await page.keyboard.press("Enter");
    await expect
      .poll(() => fake.called("settings.update"))
      .toEqual([{ "records.maxAgeDays": 7 }, { "records.maxBytes": 50 * 1024 * 1024 }]);
    await close();
  });

  it("sends nothing that cannot be, and says why", async () => {
    const { fake, page, close } = await open();
    const field = section(page, "Request history").getByLabel("Keep for");
    await field.fill("0");
    await page.keyboard.press("Enter");
    await page.getByText("At least 1.").waitFor();
    expect(await field.getAttribute("aria-invalid")).toBe("true");
    await field.fill("");
    await page.getByText("Enter a number.").waitFor();
    expect(fake.called("settings.update")).toEqual([]);
    await close();
  });

  it("shows the gateway's refusal at the field, which goes back", async () => {
    const { page, close } = await open({
      answers: {
        "settings.update": () => {
          throw new Refusal("The disk is full.", "failed");
        },
      },
    });
    const privacy = page.getByLabel("Keep what requests and replies say");
    await privacy.click();
    await page.getByText("The disk is full.").waitFor();
    await expect.poll(() => privacy.isChecked()).toBe(false);
    await close();
  });

  it("turns recording of bodies on, whose limits can then be set", async () => {
    let view = settingsView();
    const { page, close } = await open({
      answers: {
        "settings.get": () => view,
        "settings.update": (change) => {
          view = settingsView({ ...view.values, ...change });
          return view;
        },
      },
    });
    const hours = section(page, "Privacy").getByLabel("Keep for");
    expect(await hours.isDisabled()).toBe(true);
    await page.getByLabel("Keep what requests and replies say").check();
    await expect.poll(() => hours.isDisabled()).toBe(false);
    await close();
  });

  it("clears the history, after asking", async () => {
    const stored = {
      path: "/data",
      files: [],
      requests: { rows: 12_408, bytes: 71_200_000 },
      bodies: { rows: 0, bytes: 0 },
    };
    let damaged: { files: number; bytes: number } | undefined = { files: 1, bytes: 2_000_000 };
    const { fake, page, close } = await open({
      answers: {
        "storage.get": () => ({ ...stored, ...(damaged === undefined ? {} : { damaged }) }),
        "requests.clear": () => {
          damaged = undefined;
          return { removed: 12_408 };
        },
      },
    });
    const aside = page.getByText("1 damaged file was set aside");
    await aside.waitFor();
    await page.getByRole("button", { name: "Clear…" }).click();
    await page.getByText("So are those in damaged files.").waitFor();
    await page.keyboard.press("Escape");
    expect(await page.getByRole("dialog").count()).toBe(0);
    await page.getByRole("button", { name: "Clear…" }).click();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole("dialog").getByRole("button", { name: "Clear", exact: true }).click();
    await page.getByText("12,408 requests removed").waitFor();
    expect(fake.called("requests.clear")).toHaveLength(1);
    await aside.waitFor({ state: "detached" });
    expect(fake.called("storage.get").length).toBeGreaterThan(1);
    await close();
  });

  it("adds, changes and removes budgets", async () => {
    let rules: EditableSettings["budgets"] = [{ unit: "usd", per: "day", limit: 20, warnAtPercent: 80 }];
    const { page, close } = await open({
      answers: {
        "budgets.list": () =>
          rules.map((rule) => ({
            ...rule,
            readOnly: false,
            used: rule.limit * 0.9,
            unpriced: 0,
            until: world("normal").today.since + 86_400_000,
            state: "warning",
          })),
        "settings.update": (change) => {
          rules = change.budgets ?? rules;
          return settingsView(change);
        },
      },
    });
    const budgets = section(page, "Budgets");
    await budgets.getByText("$18.00 of $20.00").waitFor();
    await page.getByRole("button", { name: "Add a budget" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("For", { exact: true }).selectOption({ label: "Team · OpenAI" });
    await dialog.getByLabel("Of", { exact: true }).selectOption("tokens");
    await dialog.getByLabel("At most").fill("5000000");
    await dialog.getByLabel("Each").selectOption("month");
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole("button", { name: "Save" }).click();
    await budgets.getByText("4.50 M tokens of 5.00 M tokens").waitFor();
    expect(rules[1]).toEqual({
      account: "team-openai",
      unit: "tokens",
      per: "month",
      limit: 5e6,
      warnAtPercent: 80,
    });
    await budgets.getByRole("button", { name: "Change Daily budget" }).click();
    await dialog.getByLabel("At most").fill("40");
    await page.getByRole("button", { name: "Save" }).click();
    await budgets.getByText("$36.00 of $40.00").waitFor();
    await budgets.getByRole("button", { name: "Remove Daily budget" }).click();
    await expect.poll(() => rules.length).toBe(1);
    await close();
  });

  it("adds, changes and removes prices", async () => {
    let view = settingsView();
    const { page, close } = await open({
      answers: {
        "settings.get": () => view,
        "settings.update": (change) => {
          view = settingsView({ ...view.values, ...change });
          return view;
        },
      },
    });
    await page.getByRole("button", { name: "Add a price" }).click();
    await page.getByLabel("Model").fill("qwen3-*");
    await page.getByLabel("Input").fill("0.2");
    await page.getByLabel("Output").fill("0.8");
    await page.getByRole("button", { name: "Save" }).click();
    await expect.poll(() => view.values.prices).toEqual([{ model: "qwen3-*", input: 0.2, output: 0.8 }]);
    await page.getByRole("button", { name: "Change the price of qwen3-*" }).click();
    await page.getByLabel("From cache").fill("0.05");
    await page.getByRole("dialog").getByLabel("Account").selectOption({ label: "Ollama" });
    await page.getByRole("button", { name: "Save" }).click();
    await expect
      .poll(() => view.values.prices)
      .toEqual([{ model: "qwen3-*", account: "ollama", input: 0.2, output: 0.8, cacheRead: 0.05 }]);
    await page.getByRole("button", { name: "Remove the price of qwen3-*" }).click();
    await expect.poll(() => view.values.prices).toEqual([]);
    await close();
  });

  it("shows the report before it saves it", async () => {
    const { page, close } = await open();
    await page.getByRole("button", { name: "Make a report…" }).click();
    await page.getByRole("dialog").getByText("Portico 0.1.0").waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save…" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("portico-report.txt");
    expect(await readFile(await download.path(), "utf8")).toContain("accounts: 6");
    await expect.poll(() => page.getByRole("dialog").count()).toBe(0);
    await close();
  });

  it("shows what the config file has, and does not let it be changed", async () => {
    const { page, close } = await open({
      answers: {
        "settings.get": () => ({
          ...settingsView({}, { "records.enabled": "config", budgets: "config", prices: "config" }),
          configFile: "/etc/portico.jsonc",
        }),
      },
    });
    expect(await page.getByLabel("Keep a line for each request").isDisabled()).toBe(true);
    expect(await page.getByText("Set in the config file, /etc/portico.jsonc.").count()).toBe(3);
    expect(await page.getByRole("button", { name: "Add a budget" }).isDisabled()).toBe(true);
    await close();
  });

  it("goes straight to a part that a link names", async () => {
    const { page, close } = await open({ hash: "settings?part=records", height: 300 });
    await expect
      .poll(() => section(page, "Request history").evaluate((element) => element.getBoundingClientRect().top))
      .toBeLessThan(100);
    await close();
  });

  it.each(WORLDS)("has nothing that axe minds, nor anything too wide: %s", async (name) => {
    for (const [width, theme] of [
      [320, "dark"],
      [1000, "light"],
    ] as const) {
      const { page, close } = await open({ world: name, width, theme });
      await section(page, "Data folder").waitFor();
      expect(await axeFindings(page)).toEqual([]);
      expect(await overflows(page)).toBe(false);
      await close();
    }
  });
});
