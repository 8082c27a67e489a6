/** The accounts page, in a real browser over scripted worlds: finding, reading, changing. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { ListedAccount } from "../../src/control/accounts.ts";
import { axeFindings, browserPath, overflows } from "../support/pages/browser.ts";
import { openWorld } from "../support/pages/open.ts";
import { withBrowser } from "../support/pages/withBrowser.ts";
import { account, WORLDS, world } from "../support/pages/worlds.ts";

const normal = world("normal").accounts;
const ids = (change: (each: ListedAccount) => ListedAccount) => normal.map(change);

describe.skipIf(browserPath === undefined)("the accounts page (needs a browser)", () => {
  const pages = withBrowser();
  const open = (options: Parameters<typeof openWorld>[1] = {}) =>
    openWorld(pages.browser, { hash: "accounts", width: 1400, ...options });

  /** Names in the order that they are shown. */
  const names = (page: Page) => page.locator("button.name").allTextContents();
  const row = (page: Page, name: string) => page.locator("li.account", { hasText: name });

  it("shows what needs the person first, with its reason and the button that mends it", async () => {
    const { page, errors, close } = await open();
    await page.getByText("4 ready, 1 waiting, 1 needs you").waitFor();
    expect((await names(page))[0]).toBe("Old key · DeepSeek");
    const first = row(page, "Old key");
    await first.getByText("The provider refused the key").waitFor();
    await first.getByRole("button", { name: "Replace key: Old key · DeepSeek" }).waitFor();
    await row(page, "Team").getByText("ready in 0:12").waitFor();
    await row(page, "Work").getByText("81 %").waitFor();
    expect(await row(page, "Work").getByText("resets 0:41").count()).toBe(2);
    await row(page, "Work").getByText("2 under way").waitFor();
    expect(errors).toEqual([]);
    await close();
  });

  it("sorts, and does so after a reload", async () => {
    const { page, close } = await open();
    for (const [order, first] of [
      ["name", ["Old key · DeepSeek", "Ollama", "OpenRouter"]],
      ["priority", ["Work · Anthropic", "Old key · DeepSeek", "Ollama"]],
      ["left", ["Team · OpenAI", "Personal · Gemini", "OpenRouter"]],
      ["busy", ["Work · Anthropic", "Old key · DeepSeek", "Ollama"]],
      ["used", ["Work · Anthropic", "OpenRouter", "Team · OpenAI"]],
    ] as const) {
      await page.getByLabel("Order", { exact: true }).selectOption(order);
      await expect.poll(async () => (await names(page)).slice(0, 3)).toEqual(first);
    }
    await page.reload();
    const last = ["Work · Anthropic", "OpenRouter", "Team · OpenAI"];
    await expect.poll(async () => (await names(page)).slice(0, 3)).toEqual(last);
    await close();
  });

  it("opens details by keyboard, closes them with Escape, and is where it was", async () => {
    const { page, close } = await open();
    await page.getByRole("button", { name: "Old key · DeepSeek", exact: true }).focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    const details = page.getByRole("region", { name: "Details of Work · Anthropic" });
    await details.getByText("1,620,000 of 2,000,000 input tokens left").waitFor();
    await details.getByText("read 20 s ago").first().waitFor();
    await details.getByText("Anthropic messages").waitFor();
    expect(page.url()).toContain("id=work-anthropic");
    await page.keyboard.press("Escape");
    await details.waitFor({ state: "detached" });
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.textContent))
      .toBe("Work · Anthropic");
    await close();
  });

  it("is opened at an account by a link, in the list's place where there is no room", async () => {
    const { page, close } = await open({ hash: "accounts?id=personal-gemini", width: 700 });
    await page.getByRole("heading", { name: "Personal · Gemini" }).waitFor();
    await page.getByRole("heading", { name: "gemini-2.5-pro" }).waitFor();
    await page.getByText("18 of 100 requests left").waitFor();
    expect(await page.locator("li.account").first().isVisible()).toBe(false);
    await page.getByRole("button", { name: "Close details" }).click();
    await page.locator("li.account").first().waitFor();
    await close();
  });

  it("lets one model be used again, or the whole account", async () => {
    const held = ids((each) =>
      each.id === "team-openai"
        ? {
            ...each,
            held: [
              ...each.held,
              {
                model: "gpt-5-mini",
                condition: "exhausted",
                reason: "Daily limit",
                until: Date.UTC(2026, 2, 13),
                resetAt: Date.UTC(2026, 2, 17),
              },
            ],
          }
        : each,
    );
    const { fake, page, close } = await open({
      hash: "accounts?id=team-openai",
      answers: { "accounts.list": () => held, "accounts.clear": () => normal },
    });
    await page.getByText("gpt-5-mini: used up").waitFor();
    await page.getByText("Ready in 4 d. The provider says Mar 17, 2026").waitFor();
    await page.getByText("Asked again in 9 h.").waitFor();
    await page.getByRole("button", { name: "Don't wait", exact: true }).first().click();
    await expect
      .poll(() => fake.called("accounts.clear"))
      .toEqual([{ id: "team-openai", model: "gpt-5-mini" }]);
    await page.getByText("gpt-5-mini: used up").waitFor({ state: "detached" });
    await close();
  });

  it("switches an account of the config file off all the same, and says what that means", async () => {
    let now: Partial<ListedAccount> = { readOnly: true, pausable: true };
    const list = () => ids((each) => (each.id === "work-anthropic" ? { ...each, ...now } : each));
    const { fake, page, close } = await open({
      hash: "accounts?id=work-anthropic",
      answers: {
        "accounts.list": list,
        "accounts.update": ({ id, enabled = true }) => {
          now = { ...now, enabled, state: "disabled", switched: true };
          return list().find((each) => each.id === id) as ListedAccount;
        },
      },
    });
    const details = page.getByRole("region", { name: "Details of Work · Anthropic" });
    await details.getByText("Portico keeps that in its data folder.").waitFor();
    expect(await details.getByRole("button", { name: "Remove…" }).count()).toBe(0);
    await details.getByRole("button", { name: "Switch off" }).click();
    await details
      .getByText("Switched off here, against the config file. That ends when “enabled” changes there.")
      .waitFor();
    expect(fake.called("accounts.update")).toEqual([{ id: "work-anthropic", enabled: false }]);
    await close();
  });

  it("leaves accounts of the config file as they are, and says where they are set", async () => {
    const list = ids((each) => (each.id === "work-anthropic" ? { ...each, readOnly: true } : each));
    const shown = world("normal");
    const { fake, page, close } = await open({
      world: { ...shown, settings: { ...shown.settings, configFile: "/etc/portico.jsonc" } },
      hash: "accounts?id=work-anthropic",
      answers: { "accounts.list": () => list, "accounts.update": ({ id }) => account(id) },
    });
    await page.getByText("This account is set in /etc/portico.jsonc.").waitFor();
    expect(await page.getByLabel("Name", { exact: true }).count()).toBe(0);
    expect(await page.getByRole("button", { name: "Remove…" }).count()).toBe(0);
    await page.getByRole("checkbox", { name: "Select Work · Anthropic" }).check();
    await page.getByRole("checkbox", { name: "Select Ollama" }).check();
    await page.getByRole("button", { name: "Switch on", exact: true }).click();
    await page.getByText("Left as they are, because the config file sets them: Work · Anthropic.").waitFor();
    expect(fake.called("accounts.update")).toEqual([{ id: "ollama", enabled: true }]);
    await close();
  });

  it("breaks no word in cards, and opens a menu to where there is room", async () => {
    const { page, close } = await open({ width: 1100 });
    await page.getByRole("button", { name: "Cards" }).click();
    const heights = page
      .locator(".accounts.cards .fare")
      .evaluateAll((all) => all.map((each) => each.getBoundingClientRect().height));
    expect((await heights).filter((height) => height > 24)).toEqual([]);
    await page.getByRole("button", { name: "List" }).click();
    await page.setViewportSize({ width: 1100, height: 440 });
    await page.getByRole("button", { name: "More for Work · Anthropic" }).click();
    const box = await page.getByRole("menu").boundingBox();
    expect((box?.y ?? -1) >= 0 && (box?.y ?? 0) + (box?.height ?? 999) <= 440).toBe(true);
    await close();
  });

  it("turns nothing for those who want no motion, and says that it is busy", async () => {
    const { page, close } = await open({
      hash: "accounts?id=ollama",
      answers: { "accounts.test": () => new Promise(() => undefined) },
    });
    const button = page.getByRole("button", { name: "Test", exact: true });
    await button.click();
    await expect.poll(() => button.getAttribute("aria-busy")).toBe("true");
    const moving = await page.evaluate(
      () =>
        [...document.querySelectorAll("*")].filter((each) => getComputedStyle(each).animationName !== "none")
          .length,
    );
    expect(moving).toBe(0);
    await close();
  });

  it("shows what it knows while the connection is gone", async () => {
    const { page, close } = await open({ world: "disconnected" });
    await page.getByText("Disconnected", { exact: true }).waitFor();
    expect(await names(page)).toHaveLength(6);
    await close();
  });

  it.each([
    ...WORLDS.flatMap((name) => [320, 1400].map((width) => [name, "accounts", width] as const)),
    ["normal", "accounts?id=old-deepseek", 320],
    ["normal", "accounts?id=personal-gemini", 1400],
    ["busy", "accounts?id=work-anthropic-0", 1400],
  ] as const)(
    "has nothing that axe minds, nor anything too wide: %s, %s, %i px",
    async (name, hash, width) => {
      const { page, errors, close } = await open({ world: name, hash, width });
      await page.locator(".accounts-page > :not(.skeleton)").first().waitFor();
      expect(await axeFindings(page)).toEqual([]);
      await expect.poll(() => overflows(page)).toBe(false);
      if (name !== "disconnected") expect(errors).toEqual([]);
      await close();
    },
  );

  it.each(["light", "high-contrast"] as const)("has nothing that axe minds in %s", async (theme) => {
    for (const hash of ["accounts?id=old-deepseek", "accounts?add=choose", "accounts?add=gemini"]) {
      const { page, close } = await open({ theme, hash });
      await page.locator("li.account").first().waitFor();
      expect(await axeFindings(page)).toEqual([]);
      await close();
    }
  });

  it("can be read in forced colours", async () => {
    const { page, close } = await open({ forcedColors: "active" });
    await row(page, "Work").waitFor();
    // The filled part of a bar is a system colour, not the one that was taken away.
    const [bar, track] = await page.evaluate(() => {
      const meter = document.querySelector(".meter");
      const fill = meter?.firstElementChild;
      return [meter, fill].map((each) => (each == null ? "" : getComputedStyle(each).backgroundColor));
    });
    expect(bar).not.toBe(track);
    expect(await axeFindings(page)).toEqual([]);
    await close();
  });
});
