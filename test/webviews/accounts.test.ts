/** The accounts page, in a real browser over scripted worlds: finding, reading, changing. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ListedAccount } from "../../src/control/accounts.ts";
import { axeFindings, browserPath, openBrowser, overflows } from "../support/pages/browser.ts";
import { Refusal } from "../support/pages/fake.ts";
import { openWorld } from "../support/pages/open.ts";
import { account, WORLDS, world } from "../support/pages/worlds.ts";

const normal = world("normal").accounts;
const ids = (change: (each: ListedAccount) => ListedAccount) => normal.map(change);

describe.skipIf(browserPath === undefined)("the accounts page (needs a browser)", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());
  const open = (options: Parameters<typeof openWorld>[1] = {}) =>
    openWorld(browser, { hash: "accounts", width: 1400, ...options });

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

  it("finds by text, provider and state, and keeps that in the address", async () => {
    const { page, close } = await open();
    await row(page, "Team").waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("rate limit");
    await expect.poll(() => names(page)).toEqual(["Team · OpenAI"]);
    expect(page.url()).toContain("text=rate+limit");
    await page.keyboard.press("Escape");
    await expect.poll(async () => (await names(page)).length).toBe(6);
    await page.getByLabel("Provider", { exact: true }).selectOption("vertex");
    await expect.poll(() => names(page)).toEqual(["Personal · Gemini"]);
    await page.getByLabel("Provider", { exact: true }).selectOption("");
    await page.getByLabel("State", { exact: true }).selectOption("cooling");
    await expect.poll(() => names(page)).toEqual(["Team · OpenAI"]);
    await page.getByLabel("Filter accounts").fill("nothing like it");
    await page.getByText("No account matches.").waitFor();
    await page.getByRole("button", { name: "Show all accounts" }).click();
    await expect.poll(async () => (await names(page)).length).toBe(6);
    await close();
  });

  it.each([
    ["name", ["Old key · DeepSeek", "Ollama", "OpenRouter"]],
    ["priority", ["Work · Anthropic", "Old key · DeepSeek", "Ollama"]],
    ["left", ["Team · OpenAI", "Personal · Gemini", "OpenRouter"]],
    ["used", ["Work · Anthropic", "OpenRouter", "Team · OpenAI"]],
    ["busy", ["Work · Anthropic", "Old key · DeepSeek", "Ollama"]],
  ])("sorts by %s", async (order, first) => {
    const { page, close } = await open();
    await page.getByLabel("Order", { exact: true }).selectOption(order);
    await expect.poll(async () => (await names(page)).slice(0, 3)).toEqual(first);
    await page.reload();
    await expect.poll(async () => (await names(page)).slice(0, 3)).toEqual(first);
    await close();
  });

  it("shows cards, and still does after a reload", async () => {
    const { page, close } = await open();
    await page.getByRole("button", { name: "Cards" }).click();
    await page.locator("ul.accounts.cards").waitFor();
    await page.reload();
    await page.locator("ul.accounts.cards").waitFor();
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

  it("says that an account of a link is gone", async () => {
    const { page, close } = await open({ hash: "accounts?id=nobody" });
    await page.getByText("That account is not here any more.").waitFor();
    await page.getByRole("button", { name: "All accounts", exact: true }).click();
    await expect.poll(() => page.getByText("That account is not here any more.").count()).toBe(0);
    await close();
  });

  it("renames an account and gives it another priority", async () => {
    const list = [...normal];
    const { fake, page, close } = await open({
      hash: "accounts?id=ollama",
      answers: {
        "accounts.list": () => list,
        "accounts.update": ({ id, ...change }) => {
          const at = list.findIndex((each) => each.id === id);
          const changed = { ...(list[at] ?? account(id)), ...change };
          list[at] = changed;
          return changed;
        },
      },
    });
    await page.getByLabel("Name", { exact: true }).fill("Big machine");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Big machine" }).waitFor();
    await page.getByLabel("Priority", { exact: true }).fill("7");
    await page.keyboard.press("Tab");
    await row(page, "Big machine").getByText("priority 7").waitFor();
    expect(fake.called("accounts.update")).toEqual([
      { id: "ollama", label: "Big machine" },
      { id: "ollama", priority: 7 },
    ]);
    await close();
  });

  it("refuses a priority that is none", async () => {
    const { fake, page, close } = await open({ hash: "accounts?id=ollama" });
    await page.getByLabel("Priority", { exact: true }).fill("5000");
    await page.keyboard.press("Tab");
    await page.getByText("At most 1000.").waitFor();
    expect(fake.called("accounts.update")).toEqual([]);
    await close();
  });

  it("tests an account with a real call, and says what came of it", async () => {
    const { fake, page, close } = await open({
      hash: "accounts?id=work-anthropic",
      answers: { "accounts.test": () => ({ ok: true, models: ["a", "b"] }) },
    });
    await page.getByRole("button", { name: "Test", exact: true }).click();
    await page.getByText("It works: 2 models.").waitFor();
    fake.answers["accounts.test"] = () => ({ ok: false, reason: "unreachable", message: "no route to host" });
    await page.getByRole("button", { name: "Test", exact: true }).click();
    await page.getByText("The provider could not be reached: no route to host").waitFor();
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
    await page.getByText("Ready in 9 h.").waitFor();
    await page.getByRole("button", { name: "Don't wait", exact: true }).last().click();
    await expect
      .poll(() => fake.called("accounts.clear"))
      .toEqual([{ id: "team-openai", model: "gpt-5-mini" }]);
    await page.getByText("gpt-5-mini: used up").waitFor({ state: "detached" });
    await close();
  });

  it("clears all that holds an account back", async () => {
    const { fake, page, close } = await open({ answers: { "accounts.clear": () => normal } });
    await page.getByRole("button", { name: "More for Team · OpenAI" }).click();
    await page.getByRole("menuitem", { name: "Use again now" }).click();
    await expect.poll(() => fake.called("accounts.clear")).toEqual([{ id: "team-openai" }]);
    await close();
  });

  it("replaces a key: refused in the provider's words, then kept", async () => {
    const { fake, page, close } = await open({
      answers: {
        "accounts.replaceKey": ({ apiKey }) =>
          apiKey === "good"
            ? { ok: true, models: [] }
            : { ok: false, reason: "key-refused", message: "Authentication Fails" },
      },
    });
    await page.getByRole("button", { name: "Replace key: Old key · DeepSeek" }).click();
    const key = page.getByLabel("New API key");
    expect(await key.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.getByRole("button", { name: "Check and replace" }).click();
    await page.getByText("Paste the new key.").waitFor();
    await key.fill(" bad ");
    await page.keyboard.press("Enter");
    await page.getByText("The key was refused: Authentication Fails").waitFor();
    await key.fill("good");
    await page.keyboard.press("Enter");
    await page.getByText("Old key · DeepSeek has its new key").waitFor();
    expect(fake.called("accounts.replaceKey")).toEqual([
      { id: "old-deepseek", apiKey: "bad" },
      { id: "old-deepseek", apiKey: "good" },
    ]);
    await close();
  });

  it("keeps a key that could not be tried, if the person says so", async () => {
    const { fake, page, close } = await open({
      answers: {
        "accounts.replaceKey": ({ keep }) =>
          keep === true
            ? { ok: false, reason: "unreachable", message: "timed out" }
            : { ok: false, reason: "unreachable", message: "timed out" },
      },
    });
    await page.getByRole("button", { name: "Replace key: Old key · DeepSeek" }).click();
    await page.getByLabel("New API key").fill("sk-new");
    await page.keyboard.press("Enter");
    await page.getByText("Old key · DeepSeek did not accept the call").waitFor();
    await page.getByRole("button", { name: "Keep it anyway" }).click();
    await page.getByText("Old key · DeepSeek has its new key").waitFor();
    expect(fake.called("accounts.replaceKey").at(-1)).toEqual({
      id: "old-deepseek",
      apiKey: "sk-new",
      keep: true,
    });
    await close();
  });

  it("links to where a provider's own words send one", async () => {
    const list = ids((each) =>
      each.id === "old-deepseek"
        ? {
            ...each,
            held: [
              {
                condition: "needs-attention",
                reason: "Insufficient Balance. Top up at https://platform.example.com/top_up.",
              },
            ],
          }
        : each,
    );
    const { page, close } = await open({
      hash: "accounts?id=old-deepseek",
      answers: { "accounts.list": () => list },
    });
    const opened = page.context().waitForEvent("page");
    await page.getByRole("button", { name: "Top up" }).click();
    expect((await opened).url()).toMatch(/top_up$|blank|error/);
    await close();
  });

  it("asks before it removes, and says what is lost", async () => {
    const list = [...normal];
    const { fake, page, close } = await open({
      hash: "accounts?id=old-deepseek",
      answers: {
        "accounts.list": () => list,
        "accounts.remove": ({ id }) => {
          list.splice(
            list.findIndex((each) => each.id === id),
            1,
          );
          return { removed: true };
        },
      },
    });
    await page.getByRole("button", { name: "Remove…" }).click();
    const dialog = page.getByRole("dialog", { name: "Remove Old key · DeepSeek?" });
    await dialog.getByText("Its key is deleted from this computer").waitFor();
    await dialog.getByText("Routes that name it lead nowhere").waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    expect(fake.called("accounts.remove")).toEqual([]);
    await page.getByRole("button", { name: "Remove…" }).click();
    await dialog.getByRole("button", { name: "Remove", exact: true }).click();
    await page.getByText("Removed: 1 account.").waitFor();
    expect(fake.called("accounts.remove")).toEqual([{ id: "old-deepseek" }]);
    expect(await names(page)).not.toContain("Old key · DeepSeek");
    await close();
  });

  it("does one thing with many, and says what worked and what did not", async () => {
    const { fake, page, close } = await open({
      answers: {
        "accounts.test": ({ id }) =>
          id === "old-deepseek"
            ? { ok: false, reason: "key-refused", message: "Authentication Fails" }
            : { ok: true, models: [] },
        "accounts.update": ({ id }) => {
          if (id === "ollama") throw new Refusal("It is being used.");
          return account(id);
        },
        "accounts.quotas.refresh": () => normal,
      },
    });
    for (const name of ["Old key · DeepSeek", "Ollama", "OpenRouter"]) {
      await page.getByRole("checkbox", { name: `Select ${name}` }).check();
    }
    const bar = page.getByRole("group", { name: "Selected accounts" });
    await bar.getByText("3 selected").waitFor();
    await bar.getByRole("button", { name: "Test" }).click();
    await page.getByText("2 accounts work. It did not work for 1 account:").waitFor();
    await page.getByText("Authentication Fails").last().waitFor();
    await bar.getByRole("button", { name: "Switch off" }).click();
    await page.getByText("Switched off: 2 accounts. It did not work for 1 account:").waitFor();
    await page.getByText("It is being used.").waitFor();
    await bar.getByRole("button", { name: "Read limits" }).click();
    await page.getByText("Limits were read anew.").waitFor();
    await page.getByRole("button", { name: "Dismiss" }).click();
    await bar.getByRole("button", { name: "Select all 6" }).click();
    await bar.getByText("6 selected").waitFor();
    await bar.getByRole("button", { name: "Select none" }).click();
    await bar.waitFor({ state: "detached" });
    expect(fake.called("accounts.test")).toHaveLength(3);
    expect(fake.called("accounts.update").map(({ enabled }) => enabled)).toEqual([false, false, false]);
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

  it("leads to the first account, or to the sandbox", async () => {
    const { page, close } = await open({ world: "empty" });
    await page.getByRole("button", { name: "Add the first account" }).click();
    await page.getByRole("dialog", { name: "Add account" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Try the sandbox" }).click();
    await expect.poll(() => page.url()).toContain("#api-proxy?section=clients&model=sandbox%2Fecho");
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

  it("is as new when the gateway tells of a change", async () => {
    const { fake, page, close } = await open();
    await row(page, "Team").getByText("ready in 0:12").waitFor();
    fake.emit(
      "accounts",
      normal.map((each) => ({ ...each, held: [], state: "ready" as const })),
    );
    await page.getByText("6 ready").waitFor();
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
      expect(await overflows(page)).toBe(false);
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
