/** The dashboard in a real browser, over scripted worlds. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { axeFindings, browserPath, cutOff, openBrowser, overflows } from "../support/pages/browser.ts";
import { openWorld } from "../support/pages/open.ts";
import { requests, WORLDS, world } from "../support/pages/worlds.ts";

describe.skipIf(browserPath === undefined)("the dashboard (needs a browser)", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  it("shows today's numbers, accounts with their quotas, clients and the last requests", async () => {
    const { page, errors, close } = await openWorld(browser);
    await page.getByText("1,284", { exact: true }).waitFor();
    await page.getByText("37 failed over, nobody noticed").waitFor();
    await page.getByText("of your $20.00 daily budget").waitFor();
    await page.getByText("4 ready, 1 waiting, 1 needs you").waitFor();
    const meter = page.getByRole("meter", { name: "gemini-2.5-pro / day" });
    expect(await meter.getAttribute("aria-valuenow")).toBe("18");
    await page.getByText("ready in 0:12").waitFor();
    const row = page.getByRole("row").nth(1);
    expect(await row.textContent()).toContain("gpt-5 → gemini-2.5-pro");
    expect(errors).toEqual([]);
    await close();
  });

  it("replaces a refused key from where it says so", async () => {
    const { fake, page, close } = await openWorld(browser, {
      answers: {
        "accounts.replaceKey": ({ apiKey }) =>
          apiKey === "sk-good"
            ? { ok: true, models: [] }
            : { ok: false, reason: "key-refused", message: "Authentication Fails" },
      },
    });
    await page.getByRole("button", { name: "Replace key" }).click();
    const field = page.getByLabel("New key");
    await field.fill("sk-bad");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").getByText("Authentication Fails").waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await field.fill("sk-good");
    await page.getByRole("button", { name: "Try and save" }).click();
    await page.getByText("Old key · DeepSeek has its new key").waitFor();
    expect(await page.getByRole("dialog").count()).toBe(0);
    expect(fake.called("accounts.replaceKey")).toEqual([
      { id: "old-deepseek", apiKey: "sk-bad" },
      { id: "old-deepseek", apiKey: "sk-good" },
    ]);
    await close();
  });

  it("keeps a key that could not be tried, when the person insists", async () => {
    const { fake, page, close } = await openWorld(browser, {
      answers: {
        "accounts.replaceKey": () => ({ ok: false, reason: "unreachable", message: "No network" }),
      },
    });
    await page.getByRole("button", { name: "Replace key" }).click();
    await page.getByLabel("New key").fill("sk-new");
    await page.getByRole("button", { name: "Try and save" }).click();
    await page.getByRole("button", { name: "Keep it anyway" }).click();
    await page.getByText("has its new key").waitFor();
    expect(fake.called("accounts.replaceKey").at(-1)).toEqual({
      id: "old-deepseek",
      apiKey: "sk-new",
      keep: true,
    });
    await close();
  });

  it("leads to the first account, or to the sandbox", async () => {
    const { page, close } = await openWorld(browser, { world: "empty" });
    await page.getByRole("button", { name: "Try the sandbox" }).click();
    await expect.poll(() => page.url()).toContain("#api-proxy");
    await page.goBack();
    await page.getByRole("button", { name: "Add the first account" }).click();
    await expect.poll(() => page.url()).toContain("#accounts?add=choose");
    await close();
  });

  it("shows requests as they come, and takes fresh numbers after some", async () => {
    const { fake, page, close } = await openWorld(browser);
    await page.getByRole("row").nth(1).waitFor();
    const [row] = requests(1);
    if (row === undefined) throw new Error("no request");
    await expect.poll(() => fake.called("events.watch").at(-1)?.events).toContain("requests");
    const before = fake.called("stats.today").length;
    fake.emit("requests", {
      rows: [{ ...row, id: "req_new", seq: 401, model: "a-new-model", modelUsed: "a-new-model" }],
      missed: 0,
    });
    await page.getByRole("row").nth(1).getByText("a-new-model").waitFor();
    await expect.poll(() => fake.called("stats.today").length, { timeout: 8000 }).toBe(before + 1);
    await close();
  });

  it("goes from a request to Monitor, and from an account to Accounts, by keyboard", async () => {
    const { page, close } = await openWorld(browser);
    const rows = page.getByRole("table", { name: "The last requests" }).getByRole("row");
    await rows.nth(1).focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.url()).toContain("#monitor?request=req_000399");
    await page.goBack();
    await page.getByRole("listitem").filter({ hasText: "Work · Anthropic" }).focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.url()).toContain("#accounts?id=openrouter");
    await close();
  });

  it("goes to the set-up of a client", async () => {
    const { page, close } = await openWorld(browser);
    await page.getByRole("button", { name: "Connect OpenCode" }).click();
    await expect.poll(() => page.url()).toContain("#api-proxy?client=opencode");
    await close();
  });

  it("says quietly that nothing is needed", async () => {
    const calm = world("normal");
    const quiet = calm.accounts.filter(({ id }) => id === "work-anthropic");
    const { page, close } = await openWorld(browser, {
      world: {
        ...calm,
        accounts: quiet,
        status: { ...calm.status, problems: [], held: [], accounts: 1, ready: 1 },
      },
    });
    await page.getByText("Nothing needs you.").waitFor();
    await close();
  });

  it("says what failed where the numbers would be, and tries again", async () => {
    let broken = true;
    const { page, close } = await openWorld(browser, {
      answers: {
        "stats.today": () => {
          if (broken) throw new Error("The statistics cannot be read: the disk is full.");
          return world("normal").today;
        },
      },
    });
    await page.getByText("The statistics cannot be read: the disk is full.").waitFor();
    await page.getByText("4 ready, 1 waiting, 1 needs you").waitFor();
    broken = false;
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("1,284", { exact: true }).waitFor();
    await close();
  });

  it("shows usual names and numbers in full, whatever the width", async () => {
    const { page, close } = await openWorld(browser, { width: 1600 });
    await page.getByText("14:31:07").first().waitFor();
    for (const width of [1600, 1000, 800, 320]) {
      await page.setViewportSize({ width, height: 800 });
      await expect
        .poll(() => cutOff(page, ".short-quota > *, .account-line .who > :first-child, .tile *, td"))
        .toEqual([]);
    }
    await close();
  });

  it("has room for the longest names and the largest numbers", async () => {
    const { page, close } = await openWorld(browser, { world: "busy", width: 1600 });
    await page.getByText("14:31:07").first().waitFor();
    for (const width of [1600, 1000, 800, 320]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await overflows(page)).toBe(false);
      await expect.poll(() => cutOff(page, ".num")).toEqual([]);
    }
    await close();
  });

  it.each(WORLDS)("has nothing that axe minds, nor anything too wide: %s", async (name) => {
    for (const [width, theme] of [
      [320, "light"],
      [1200, "high-contrast"],
    ] as const) {
      const { page, close } = await openWorld(browser, { world: name, width, theme });
      await page.getByRole("main").waitFor();
      if (name !== "empty") await page.getByText("14:31:07").first().waitFor();
      expect(await axeFindings(page)).toEqual([]);
      expect(await overflows(page)).toBe(false);
      await close();
    }
  });
});
