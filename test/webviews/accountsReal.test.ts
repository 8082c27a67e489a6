/** The accounts page against a real gateway: found, used, held back, mended, moved and removed. */
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Download, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { browserPath } from "../support/pages/browser.ts";
import { keysOf } from "../support/pages/keys.ts";
import { keyOf, openReal } from "../support/pages/real.ts";
import { withBrowser } from "../support/pages/withBrowser.ts";

const FRESH = "sk-fresh-0123456789abcdef";

describe.skipIf(browserPath === undefined)(
  "accounts of a real gateway (needs a browser)",
  { timeout: 240_000 },
  () => {
    const pages = withBrowser();
    const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
    const press = (page: Page, name: string) => button(page, name).click();
    const row = (page: Page, name: string) => page.locator("li.account", { hasText: name });
    const names = (page: Page) => page.locator("button.name").allTextContents();
    const choose = async (page: Page, account: string, item: string) => {
      await press(page, `More for ${account}`);
      await page.getByRole("menuitem", { name: item, exact: true }).click();
    };
    const forAll = (page: Page, item: string) => choose(page, "all accounts", item);
    const textOf = async (download: Download) => readFile(await download.path(), "utf8");

    it("finds, sorts, shows as cards, and is so again after a reload", async () => {
      const { page, portico, ask, close } = await openReal(pages.browser, {
        accounts: { alpha: "rate-limited", beta: "refused", gamma: "well" },
        open: "accounts",
        width: 1400,
      });
      await row(page, "Alpha").waitFor();
      await portico.lead.call("accounts.update", { id: "gamma", priority: -5 });
      await expect
        .poll(async () => {
          await ask();
          return page.locator("p.counts").textContent();
        })
        .toBe("1 ready, 1 waiting, 1 needs you");
      expect(await names(page)).toEqual(["Beta", "Alpha", "Gamma"]);
      const order = page.getByLabel("Order", { exact: true });
      for (const [by, first] of [
        ["name", "Alpha"],
        ["used", "Gamma"],
        ["priority", "Alpha"],
        ["left", "Alpha"],
        ["busy", "Alpha"],
        ["provider", "Alpha"],
      ] as const) {
        await order.selectOption(by);
        await expect.poll(async () => (await names(page))[0]).toBe(first);
      }
      await page.getByLabel("State", { exact: true }).selectOption("cooling");
      await expect.poll(() => names(page)).toEqual(["Alpha"]);
      await page.getByText("1 of 3 accounts").waitFor();
      expect(page.url()).toContain("state=cooling");
      await page.getByLabel("State", { exact: true }).selectOption("all");
      await page.getByLabel("Provider", { exact: true }).selectOption("custom");
      await page.getByLabel("Filter accounts").fill("incorrect api");
      await expect.poll(() => names(page)).toEqual(["Beta"]);
      await page.getByLabel("Filter accounts").fill("nothing like it");
      await page.getByText("No account matches.").waitFor();
      await press(page, "Show all accounts");
      await expect.poll(async () => (await names(page)).length).toBe(3);
      await order.selectOption("used");
      await press(page, "Cards");
      await page.locator("ul.accounts.cards").waitFor();
      await page.reload();
      await page.locator("ul.accounts.cards").waitFor();
      expect(await names(page)).toEqual(["Gamma", ...(await names(page)).slice(1)]);
      await press(page, "List");
      await page.locator("ul.accounts:not(.cards)").waitFor();
      await row(page, "Gamma").locator(".fare").click();
      await page.getByRole("heading", { name: "Gamma" }).waitFor();
      await portico.lead.call("accounts.remove", { id: "gamma" });
      await page.getByText("That account is not here any more.").waitFor();
      await press(page, "All accounts");
      await page.getByText("That account is not here any more.").waitFor({ state: "detached" });
      await close();
    });

    it("says how long an account waits, for one model or for all, and does not wait when told", async () => {
      const { page, provider, ask, close } = await openReal(pages.browser, {
        accounts: { work: "rate-limited", spare: "well" },
        open: "accounts",
        width: 1300,
      });
      // Each is a conversation of its own: one that goes on stays where it is answered.
      const talk = () => ask({ text: randomUUID() });
      await row(page, "Work").waitFor();
      const held = row(page, "Work").getByText(/ready in [01]:\d\d/);
      const free = () => held.waitFor({ state: "detached" });
      expect(await talk()).toBe(200);
      await held.waitFor();
      await row(page, "Work").getByText("Rate limit reached for requests.").waitFor();
      await button(page, "Work").click();
      await press(page, "Don't wait");
      await free();
      await page.getByText("2 ready").waitFor();
      expect(await talk()).toBe(200);
      await held.waitFor();
      await choose(page, "Work", "Use again now");
      await free();
      expect(await talk()).toBe(200);
      await held.waitFor();
      await forAll(page, "Use all again now");
      await page
        .getByText("May be used again: 1 account.")
        .or(page.getByText("May be used again: 2 accounts."))
        .waitFor();
      await free();
      await press(page, "Dismiss");
      expect(await talk()).toBe(200);
      await held.waitFor();
      await page.getByRole("checkbox", { name: "Select Work" }).check();
      provider.moods.set(keyOf("work"), "well");
      await page
        .getByRole("group", { name: "Selected accounts" })
        .getByRole("button", { name: "Don't wait" })
        .click();
      await free();
      await close();
    });

    it("says what is wrong, leads to where it is mended, takes another key, and tests it", async () => {
      const { page, provider, portico, ask, close } = await openReal(pages.browser, {
        accounts: { old: "refused", poor: "unpaid", spare: "well" },
        open: "accounts",
        width: 1300,
      });
      await portico.lead.call("accounts.update", { id: "spare", priority: -5 });
      await row(page, "Old").waitFor();
      expect(await ask()).toBe(200);
      await page.getByText("1 ready, 2 need you").waitFor();
      await page.context().route(/^https:/, (route) => route.fulfill({ body: "a page of the provider" }));
      await button(page, "Poor").click();
      const details = page.getByRole("region", { name: "Details of Poor" });
      const opening = page.context().waitForEvent("page");
      await details.getByRole("button", { name: "Top up" }).click();
      const tab = await opening;
      await tab.waitForURL("https://platform.example.com/top_up");
      await tab.close();
      await details.getByRole("button", { name: "Use it again" }).click();
      await page.getByText("2 ready, 1 needs you").waitFor();
      await press(page, "Close details");

      await press(page, "Replace key: Old");
      await press(page, "Check and replace");
      await page.getByText("Paste the new key.").waitFor();
      await page.getByLabel("New API key").fill("sk-still-wrong-0123");
      await press(page, "Check and replace");
      await page.getByText("The key was refused: Incorrect API key provided.").waitFor();
      provider.moods.set(FRESH, "well");
      await page.getByLabel("New API key").fill(FRESH);
      await press(page, "Check and replace");
      await page.getByText("3 ready").waitFor();
      await choose(page, "Old", "Test");
      await page.getByText("Old: It works: 2 models.").waitFor();
      await choose(page, "Old", "Details");
      await page.getByText("It works: 2 models.", { exact: false }).last().waitFor();
      provider.moods.delete(FRESH);
      await press(page, "Test");
      await page.getByText("The provider refused the key: Incorrect API key provided.").waitFor();
      // A key whose provider is away is kept when the person insists.
      await provider.close();
      await press(page, "Replace key…");
      await page.getByLabel("New API key").fill("sk-of-tomorrow-0123");
      await press(page, "Check and replace");
      await page.getByText("Old did not accept the call").waitFor();
      await press(page, "Keep it anyway");
      await page.getByText("Old has its new key").waitFor();
      expect([...portico.secrets.values()]).toContain("sk-of-tomorrow-0123");
      await press(page, "Test");
      await page.getByText("The provider could not be reached").waitFor();
      await close();
    });

    it("renames, orders and switches off; what is off is not used", async () => {
      const { page, portico, provider, ask, close } = await openReal(pages.browser, {
        accounts: { work: "well", spare: "well" },
        open: "accounts?id=spare",
        width: 1400,
      });
      await page.getByLabel("Name", { exact: true }).fill("Reserve");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Reserve" }).waitFor();
      await page.getByLabel("Priority", { exact: true }).fill("5000");
      await page.keyboard.press("Tab");
      await page.getByText("At most 1000.").waitFor();
      await page.getByLabel("Priority", { exact: true }).fill("9");
      await page.keyboard.press("Enter");
      await row(page, "Reserve").getByText("priority 9").waitFor();
      expect(await ask()).toBe(200);
      expect(provider.upstream.received.at(-1)?.headers.authorization).toContain(keyOf("spare"));
      await press(page, "Switch off");
      await row(page, "Reserve").getByText("off", { exact: true }).waitFor();
      expect(await ask()).toBe(200);
      expect(provider.upstream.received.at(-1)?.headers.authorization).toContain(keyOf("work"));
      await choose(page, "Reserve", "Switch on");
      await row(page, "Reserve").getByText("ready", { exact: true }).waitFor();
      await choose(page, "Reserve", "Switch off");
      await row(page, "Reserve").getByText("off", { exact: true }).waitFor();
      await press(page, "Ask the providers for their limits");
      await page.getByText("Read anew").waitFor();
      const listed = await portico.lead.call("accounts.list", undefined);
      expect(listed.find(({ id }) => id === "spare")).toMatchObject({
        label: "Reserve",
        priority: 9,
        enabled: false,
      });
      await close();
    });

    it("does one thing with many, and says what worked and what did not", async () => {
      const { page, provider, portico, close } = await openReal(pages.browser, {
        accounts: { one: "well", two: "well", three: "well" },
        open: "accounts",
        width: 1300,
      });
      const states = async () =>
        (await portico.lead.call("accounts.list", undefined)).map(
          ({ id, enabled }) => `${id} ${enabled ? "on" : "off"}`,
        );
      provider.moods.delete(keyOf("two"));
      await forAll(page, "Test all");
      await page.getByText("2 accounts work. It did not work for 1 account:").waitFor();
      await page.getByRole("status").getByText("Incorrect API key provided.").waitFor();
      await press(page, "Dismiss");
      await forAll(page, "Read all limits anew");
      await page.getByText("Limits were read anew").waitFor();
      await page.getByRole("checkbox", { name: "Select One" }).check();
      const bar = page.getByRole("group", { name: "Selected accounts" });
      const inBar = (name: string) => bar.getByRole("button", { name, exact: true }).click();
      await bar.getByText("1 selected").waitFor();
      await inBar("Select all 3");
      await inBar("Switch off");
      await page.getByText("Switched off: 3 accounts.").waitFor();
      expect(await states()).toEqual(["one off", "two off", "three off"]);
      await page.getByRole("checkbox", { name: "Select Two" }).uncheck();
      await inBar("Switch on");
      await page.getByText("Switched on: 2 accounts.").waitFor();
      expect(await states()).toEqual(["one on", "two off", "three on"]);
      await inBar("Test");
      await page.getByText("2 accounts work.").waitFor();
      await inBar("Read limits");
      await page.getByText("Limits were read anew.", { exact: true }).waitFor();
      const saving = page.waitForEvent("download");
      await inBar("Export…");
      await press(page, "Export");
      expect(JSON.parse(await textOf(await saving)).accounts).toHaveLength(2);
      await inBar("Select none");
      await bar.waitFor({ state: "detached" });
      await forAll(page, "Select all");
      await inBar("Remove…");
      await page
        .getByRole("dialog", { name: "Remove 3 accounts?" })
        .getByText("One, Three, Two")
        .or(page.getByRole("dialog").getByText("One, Two, Three"))
        .waitFor();
      await press(page, "Cancel");
      await inBar("Remove…");
      await page.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
      await page.getByRole("button", { name: "Try the sandbox" }).waitFor();
      expect(await states()).toEqual([]);
      await press(page, "Try the sandbox");
      await page.getByRole("dialog", { name: "The sandbox answered" }).waitFor();
      await press(page, "Try it from a terminal");
      await page.waitForURL((url) => url.hash === "#connect?client=curl&model=sandbox%2Fecho");
      await close();
    });

    it("moves accounts with their keys through a file: exported, removed, imported, working", async () => {
      const real = await openReal(pages.browser, {
        accounts: { work: "well" },
        open: "accounts",
        width: 1300,
      });
      const { page, portico, ask, close } = real;
      let saving = page.waitForEvent("download");
      await forAll(page, "Export all…");
      await press(page, "Export");
      await page.getByText("Exported 1 account, without keys").waitFor();
      const bare = await textOf(await saving);
      await forAll(page, "Import…");
      await page.getByText("Or paste its text").click();
      await page.getByLabel("The file's text").fill(bare);
      await press(page, "See what is in it");
      await page.getByText("here already as Work").waitFor();
      expect(await button(page, "Nothing to import").isDisabled()).toBe(true);
      await press(page, "Close");
      await choose(page, "Work", "Export…");
      await page.getByLabel("With keys, under a passphrase").check();
      await page.getByLabel("Passphrase", { exact: true }).fill("short");
      await press(page, "Export");
      await page.getByText("At least 12 characters.", { exact: true }).waitFor();
      await page.getByLabel("Passphrase", { exact: true }).fill("correct horse battery");
      await page.getByLabel("The same passphrase once more").fill("correct horse");
      await press(page, "Export");
      await page.getByText("The two are not the same.").waitFor();
      await page.getByLabel("The same passphrase once more").fill("correct horse battery");
      saving = page.waitForEvent("download");
      await press(page, "Export");
      const file = await (await saving).path();
      const kept = await readFile(file, "utf8");
      expect(`${kept}${bare}${await page.content()}`).not.toContain(keyOf("work"));
      await page.getByRole("button", { name: "More for Work" }).click();
      await page.getByRole("menuitem", { name: "Remove…" }).click();
      await page.getByRole("dialog", { name: "Remove Work?" }).getByText("Its key is deleted").waitFor();
      await press(page, "Remove");
      await page.getByRole("button", { name: "Add the first account" }).waitFor();
      await expect.poll(async () => portico.lead.call("accounts.list", undefined)).toEqual([]);
      await press(page, "Add the first account");
      await page.getByRole("button", { name: /^Accounts from a file/ }).click();
      const choosing = page.waitForEvent("filechooser");
      await press(page, "Choose the file…");
      await (await choosing).setFiles(file);
      await page.getByLabel("Passphrase", { exact: true }).fill("wrong horse battery");
      await press(page, "See what is in it");
      await page.getByRole("dialog").locator(".bad").first().waitFor();
      await page.getByLabel("Passphrase", { exact: true }).fill("correct horse battery");
      await press(page, "See what is in it");
      await press(page, "Import 1 account");
      await page.getByRole("dialog", { name: "Added" }).getByText("Work").waitFor();
      await press(page, "Done");
      expect(await ask()).toBe(200);
      await close();
    });

    it("is used by keys alone", async () => {
      const { page, provider, portico, ask, close } = await openReal(pages.browser, {
        accounts: { one: "refused", two: "well", three: "well" },
        open: "accounts",
        width: 1400,
      });
      const name = (account: string) => button(page, account);
      await portico.lead.call("accounts.update", { id: "one", priority: 5 });
      await name("One").waitFor();
      expect(await ask()).toBe(200);
      await page.getByText("2 ready, 1 needs you").waitFor();
      const keys = keysOf(page);
      const filter = page.getByLabel("Filter accounts");
      await keys.press("/");
      await keys.at(filter);
      await keys.type("two");
      await expect.poll(() => names(page)).toEqual(["Two"]);
      await keys.press("Escape");
      await expect.poll(async () => (await names(page)).length).toBe(3);
      await keys.to(page.getByLabel("State", { exact: true }));
      await keys.type("Ready");
      await expect.poll(() => names(page)).toEqual(["Three", "Two"]);
      await keys.press("Home");
      await expect.poll(async () => (await names(page)).length).toBe(3);
      await keys.use(button(page, "Cards"));
      await page.locator("ul.accounts.cards").waitFor();
      await keys.use(button(page, "List").and(page.locator("[aria-pressed]")));

      // The list is one stop; arrows go through it.
      await keys.to(name("One"));
      await keys.press("ArrowDown");
      await keys.at(name("Three"));
      await keys.press("End");
      await keys.at(name("Two"));
      await keys.press("Enter");
      const details = page.getByRole("region", { name: "Details of Two" });
      await keys.at(details.getByRole("heading", { name: "Two" }));
      await keys.to(details.getByLabel("Name", { exact: true }));
      await keys.press("Control+a");
      await keys.type("Last");
      await keys.press("Enter");
      await page.getByText("Saved", { exact: true }).waitFor();
      await keys.to(
        page.getByRole("region", { name: "Details of Last" }).getByLabel("Priority", { exact: true }),
      );
      await keys.press("Control+a");
      await keys.type("-3");
      await keys.press("Enter");
      await expect
        .poll(async () => {
          const list = await portico.lead.call("accounts.list", undefined);
          return list.find(({ id }) => id === "two")?.priority;
        })
        .toBe(-3);
      await keys.press("Escape");
      await keys.at(name("Last"));
      // Beside the details there is no room for it.
      await row(page, "Last")
        .getByText(/priority .3/)
        .waitFor();

      // Each dialog gives the focus back to what opened it.
      await keys.use(button(page, "Replace key: One"));
      await keys.at(page.getByLabel("New API key"));
      await keys.press("Escape");
      await keys.at(button(page, "Replace key: One"));
      const more = button(page, "More for One");
      await keys.choose(more, "Replace key…");
      await keys.at(page.getByLabel("New API key"));
      provider.moods.set(FRESH, "well");
      await keys.type(FRESH);
      await keys.press("Enter");
      await page.getByText("3 ready").waitFor();
      await keys.at(more);
      // A key that comes at once is not lost: each finds what the one before it opened.
      for (let i = 0; i < 5; i += 1) {
        await keys.press("Enter");
        await keys.press("Escape");
        await keys.at(more);
        expect(await more.getAttribute("aria-expanded")).toBe("false");
      }
      await keys.choose(button(page, "More for all accounts"), "Export all…");
      await keys.to(page.getByLabel("Without keys"));
      await keys.press("ArrowDown");
      await page.getByLabel("Passphrase", { exact: true }).waitFor();
      await keys.press("Escape");
      await keys.at(button(page, "More for all accounts"));

      await keys.to(page.getByRole("checkbox", { name: "Select Last" }));
      await keys.press("Space");
      const bar = page.getByRole("group", { name: "Selected accounts" });
      await keys.to(bar.getByRole("button", { name: "Switch off" }), "back");
      await keys.press("Enter");
      await page.getByText("Switched off: 1 account.").waitFor();

      // What had the focus goes: one goes on in the list, where one was.
      await keys.use(button(page, "Dismiss"));
      await keys.at(name("Last"));
      await keys.to(bar.getByRole("button", { name: "Select none" }), "back");
      await keys.press("Enter");
      await bar.waitFor({ state: "detached" });
      await keys.at(name("Last"));
      await keys.press("Home");
      const [first = "", second = ""] = await names(page);
      await keys.at(name(first));
      await keys.choose(button(page, `More for ${first}`), "Remove…");
      const remove = page.getByRole("dialog").getByRole("button", { name: "Remove", exact: true });
      await keys.use(remove);
      await name(first).waitFor({ state: "detached" });
      await keys.at(button(page, `More for ${second}`));
      await keys.choose(button(page, "More for all accounts"), "Select all");
      await keys.to(bar.getByRole("button", { name: "Remove…" }));
      await keys.press("Enter");
      await keys.use(remove);
      await keys.at(button(page, "Add the first account"));
      expect(await portico.lead.call("accounts.list", undefined)).toEqual([]);
      await close();
    });
  },
);
