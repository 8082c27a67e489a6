/** The monitor, by everything that can be done in it, in a real browser. */
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { RequestAttempt, RequestRow } from "../../src/control/requests.ts";
import { visibleText } from "../../src/control/visible.ts";
import { axeFindings, browserPath, cutOff, overflows } from "../support/pages/browser.ts";
import { Refusal } from "../support/pages/fake.ts";
import { type OpenWorld, openWorld } from "../support/pages/open.ts";
import { RequestBook } from "../support/pages/requestBook.ts";
import { withBrowser } from "../support/pages/withBrowser.ts";
import { answersOf, details, settingsView, world } from "../support/pages/worlds.ts";

describe.skipIf(browserPath === undefined)("the monitor (needs a browser)", () => {
  const pages = withBrowser();

  async function open(options: OpenWorld & { book?: RequestBook } = {}) {
    const { book = new RequestBook(400), ...rest } = options;
    const world = await openWorld(pages.browser, {
      hash: "monitor",
      width: 1280,
      ...rest,
      answers: { ...book.answers(), ...rest.answers },
    });
    pages.keep(world);
    return { ...world, book };
  }

  const line = (page: Page, place: number) => page.locator(`.requests [aria-rowindex="${place + 1}"]`);
  const grid = (page: Page) => page.getByRole("grid", { name: "Requests" });
  const pane = (page: Page) => page.getByRole("complementary", { name: "Details of the request" });

  describe("the list", () => {
    it("says of each request what, who, how and how much, in words", async () => {
      const { page } = await open();
      await line(page, 1).waitFor();
      expect(await line(page, 1).textContent()).toContain("14:31:07200 okCodexgpt-5 → gemini-2.5-pro");
      expect(await line(page, 4).textContent()).toContain("429 rate limit");
      expect(await line(page, 7).textContent()).toContain("502 provider failed");
      expect(await line(page, 8).textContent()).toContain("client left");
      await page.getByText("400 kept · last 30 days").waitFor();
    });

    it("shows what comes, at once", async () => {
      const { page, fake, book } = await open();
      await line(page, 1).waitFor();
      fake.emit("requests", { rows: book.come(2, { client: "Newcomer" }), missed: 0 });
      await line(page, 2).getByText("Newcomer").waitFor();
      await page.getByText("402 kept").waitFor();
    });

    it("stands still while it is scrolled away, and says how many are new", async () => {
      const { page, fake, book } = await open();
      await line(page, 1).waitFor();
      await grid(page).evaluate((element) => element.scrollTo(0, 900));
      await line(page, 40).waitFor();
      const before = await line(page, 40).textContent();
      const top = await grid(page).evaluate((element) => element.scrollTop);
      for (let i = 0; i < 3; i += 1) fake.emit("requests", { rows: book.come(4), missed: 0 });
      await page.getByRole("button", { name: "12 new" }).waitFor();
      expect(await line(page, 40).textContent()).toBe(before);
      expect(await grid(page).evaluate((element) => element.scrollTop)).toBe(top);
      await page.getByRole("button", { name: "12 new" }).click();
      await page.getByText("412 kept").waitFor();
      expect(await grid(page).evaluate((element) => element.scrollTop)).toBe(0);
      await page.getByRole("button", { name: /new$/ }).waitFor({ state: "detached" });
    });

    it("goes on by itself when it is scrolled back", async () => {
      const { page, fake, book } = await open();
      await line(page, 1).waitFor();
      await grid(page).evaluate((element) => element.scrollTo(0, 900));
      await line(page, 40).waitFor();
      fake.emit("requests", { rows: book.come(1), missed: 0 });
      await page.getByRole("button", { name: "1 new" }).waitFor();
      await grid(page).evaluate((element) => element.scrollTo(0, 0));
      await page.getByText("401 kept").waitFor();
    });

    it("cuts no number, however large", async () => {
      const busy = answersOf(world("busy"))["requests.list"];
      const { page } = await open({
        width: 1600,
        answers: busy === undefined ? {} : { "requests.list": busy },
      });
      await line(page, 1).getByText("$1,234.57").waitFor();
      expect(await cutOff(page, ".requests .num")).toEqual([]);
    });

    it("is two lines a request where there is no room", async () => {
      const { page } = await open({ width: 320 });
      await page.locator(".requests.two .line").first().waitFor();
      const text = await page.locator(".requests .line").first().textContent();
      expect(text).toContain("gpt-5 → gemini-2.5-pro");
      expect(text).toContain("200 ok");
      expect(text).toContain("14:31:07 · Codex");
      expect(await page.getByRole("columnheader").count()).toBe(0);
      await expect.poll(() => overflows(page)).toBe(false);
    });
  });

  describe("the filter", () => {
    const box = (page: Page) => page.getByRole("combobox", { name: "Filter requests" });

    it("is gone to by a slash, takes keys and text, and is part of the address", async () => {
      const { page, fake } = await open();
      await line(page, 1).waitFor();
      await page.keyboard.press("/");
      await page.keyboard.type('client:"Claude Code" sonnet');
      // Whoever types slowly asks for the client first.
      await expect
        .poll(() => fake.called("requests.list").at(-1)?.filter)
        .toEqual({ client: "Claude Code", text: "sonnet" });
      await page.getByText("100 found").waitFor();
      // In the order in which they were typed, or stopped at.
      const [, search] = new URL(page.url()).hash.split("?");
      expect(Object.fromEntries(new URLSearchParams(search))).toEqual({
        client: "Claude Code",
        text: "sonnet",
      });
      await page.keyboard.press("Escape");
      await page.keyboard.press("Escape");
      await page.getByText("400 kept").waitFor();
      expect(await box(page).inputValue()).toBe("");
    });

    it("offers what there is, by keys alone", async () => {
      const { page, fake } = await open();
      await line(page, 1).waitFor();
      await page.keyboard.press("/");
      await page.keyboard.type("acc");
      await page.getByRole("option", { name: /^account: \d+ used$/ }).waitFor();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await page.keyboard.type("anth");
      await page.getByRole("option", { name: "Work · Anthropic" }).waitFor();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      expect(await box(page).inputValue()).toBe('account:"Work · Anthropic" ');
      await page.getByText("100 found").waitFor();
      expect(fake.called("requests.list").at(-1)?.filter).toEqual({ account: "work-anthropic" });
    });

    it("follows a link, and says which time it is of", async () => {
      const from = Date.UTC(2026, 2, 12, 14, 20);
      const { page, fake } = await open({ hash: `monitor?model=gpt-5&outcome=failed&from=${from}` });
      await page.getByRole("button", { name: "Errors", pressed: true }).waitFor();
      expect(await box(page).inputValue()).toBe("model:gpt-5");
      await expect.poll(() => page.getByLabel("From", { exact: true }).inputValue()).toBe("2026-03-12T14:20");
      await expect
        .poll(() => fake.called("requests.list").at(-1)?.filter)
        .toEqual({ from, model: "gpt-5", outcome: "failed" });
      await page.getByRole("combobox", { name: "Time" }).selectOption("Any time");
      await expect
        .poll(() => fake.called("requests.list").at(-1)?.filter)
        .toEqual({ model: "gpt-5", outcome: "failed" });
    });

    it("holds for what comes, too", async () => {
      const { page, fake, book } = await open({ hash: "monitor?outcome=failed" });
      await page.getByText("100 found").waitFor();
      const good = book.come(3);
      const bad = book.come(1, {
        outcome: "failed",
        status: 503,
        errorKind: "unavailable",
        client: "Newcomer",
      });
      fake.emit("requests", { rows: [...good.filter(({ outcome }) => outcome === "ok"), ...bad], missed: 0 });
      await line(page, 1).getByText("Newcomer").waitFor();
      await line(page, 1).getByText("503 unavailable").waitFor();
      await page.getByText("101 found").waitFor();
    });
  });

  describe("details", () => {
    it("say what happened, try by try, with tokens and what could not be passed on", async () => {
      const { page } = await open();
      await line(page, 1).click();
      await pane(page).getByRole("heading", { name: "14:31:07 · Codex" }).waitFor();
      await pane(page).getByText("Team · OpenAI — 429 rate limit, after 0.24 s").waitFor();
      await pane(page).getByText("first token after 0.15 s, whole after 1.85 s").waitFor();
      await pane(page).getByText("18,204 of which 12,000 from cache").waitFor();
      await pane(page).getByText("The reasoning summary could not be passed on.").waitFor();
      await pane(page).getByText("translated OpenAI responses → Gemini").waitFor();
      expect(new URL(page.url()).hash).toBe("#monitor?request=req_000400");
      await page.getByRole("button", { name: "Close details" }).click();
      await pane(page).waitFor({ state: "detached" });
    });

    it("say how long a request waited until an account was ready", async () => {
      const book = new RequestBook(400);
      const newest = book.rows[0] as RequestRow;
      const [first, ...others] = details(newest).attemptList as [RequestAttempt, ...RequestAttempt[]];
      book.more.set(newest.id, { attemptList: [{ ...first, waited: 2130 }, ...others] });
      const { page } = await open({ book });
      await line(page, 1).click();
      await pane(page)
        .getByText(
          "Team · OpenAI — waited 2.1 s for Team · OpenAI, rate limited; 429 rate limit, after 0.24 s",
        )
        .waitFor();
      expect(await pane(page).getByText("rate limited;").count()).toBe(1);
    });

    it("show what steers a line, in recorded bodies and names alike, and copy it as it is", async () => {
      const book = new RequestBook(400);
      const newest = book.rows[0] as RequestRow;
      const text = "one\n\ttwo \u202ethree\u001b[2J";
      book.more.set(newest.id, {
        headers: [["x-odd", "a\u202eb"]],
        requestBody: { text, bytes: 30, cut: false },
        attemptList: [{ ...(details(newest).attemptList[0] as RequestAttempt), model: "m\u202etoo" }],
      });
      const { page } = await open({ book });
      await line(page, 1).click();
      await pane(page).locator("summary").last().click();
      expect(await pane(page).locator("pre").textContent()).toBe("one\n\ttwo \\u202ethree\\u001b[2J");
      expect(await pane(page).locator("table.headers td").textContent()).toBe("a\\u202eb");
      await pane(page).getByRole("button", { name: "Copy Request body" }).click();
      await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(text);
      const html = await page.evaluate(() => document.documentElement.outerHTML);
      expect(html).toBe(visibleText(html));
    });

    it("are found again after a reload", async () => {
      const { page } = await open({ hash: "monitor?request=req_000398" });
      await pane(page).getByRole("heading", { name: "Claude Code" }).waitFor();
      await page.reload();
      await pane(page).getByRole("heading", { name: "Claude Code" }).waitFor();
    });

    it("are calm about a client that left", async () => {
      const { page } = await open();
      await line(page, 8).click();
      await pane(page).getByText("it left before the end; nothing is wrong here").waitFor();
      await pane(page).getByText("Counted by Portico").waitFor();
      expect(await pane(page).locator(".bad").count()).toBe(0);
    });

    it("say where recording is turned on, and go there", async () => {
      const { page } = await open();
      await line(page, 1).click();
      await pane(page).getByRole("button", { name: "Turn on recording…" }).click();
      await expect.poll(() => new URL(page.url()).hash).toBe("#settings?part=privacy");
    });

    it("of a request that is gone say so", async () => {
      const { page } = await open({ hash: "monitor?request=req_gone" });
      await pane(page).getByText("That request is not kept any more.").waitFor();
    });

    it("lie over the list where there is no room beside it", async () => {
      const { page } = await open({ width: 320 });
      await page.locator(".requests .line").first().click();
      await pane(page).getByRole("heading", { name: "14:31:07 · Codex" }).waitFor();
      expect(await page.locator(".listed").evaluate((element) => (element as HTMLElement).inert)).toBe(true);
      await expect.poll(() => overflows(page)).toBe(false);
      await page.keyboard.press("Escape");
      await pane(page).waitFor({ state: "detached" });
    });
  });

  describe("what can be done with a request", () => {
    it("says before it is wanted that only what is recorded can be sent again", async () => {
      const { page } = await open();
      await line(page, 1).click();
      await pane(page).getByText("can be sent again when what it asks is recorded").waitFor();
      expect(await pane(page).getByRole("button", { name: "Send again to…" }).count()).toBe(0);
      await pane(page).getByRole("button", { name: "Turn on recording…" }).click();
      await expect.poll(() => new URL(page.url()).hash).toBe("#settings?part=privacy");
    });

    const refused: Partial<RequestRow> = {
      status: 403,
      outcome: "failed",
      errorKind: "permission",
      error:
        'The origin "https://chat.example" may not call this gateway. The setting allowedOrigins names the web origins that may call.',
    };

    it("says where a page is let in that only the config file can let in", async () => {
      const book = new RequestBook(3);
      book.come(1, refused);
      const settings = { ...settingsView({}, { allowedOrigins: "config" }), configFile: "/etc/portico.json" };
      const { page } = await open({ book, world: { ...world("normal"), settings } });
      await line(page, 1).click();
      await pane(page).getByText("is set in /etc/portico.json; add it there").waitFor();
      expect(await pane(page).getByRole("button", { name: "Allow this origin…" }).count()).toBe(0);
    });
  });

  describe("all of them", () => {
    it("are saved as a spreadsheet: what is filtered, part by part", async () => {
      const book = new RequestBook(5000);
      const { page, fake } = await open({ book, hash: "monitor?client=Codex" });
      await page.getByText("1,250 found").waitFor();
      await page.getByRole("button", { name: "All" }).focus();
      const saving = page.waitForEvent("download");
      await page.getByRole("button", { name: "Export what is filtered" }).click();
      await page.getByRole("menuitem", { name: "CSV, for a spreadsheet" }).click();
      const download = await saving;
      expect(download.suggestedFilename()).toMatch(/^portico-requests-2026-03-12-1431\.csv$/);
      const text = await readFile(await download.path(), "utf8");
      expect(text.split("\n").length).toBe(1250 + 2);
      await page.getByText("Saved 1,250 requests").waitFor();
      expect(fake.called("requests.export").map(({ filter }) => filter)).toEqual([{ client: "Codex" }]);
    });

    it("are saved as lines of JSON, in several parts", async () => {
      const book = new RequestBook(5000);
      const { page, fake } = await open({ book });
      await page.getByText("5,000 kept").waitFor();
      const saving = page.waitForEvent("download");
      await page.getByRole("button", { name: "Export what is filtered" }).click();
      await page.getByRole("menuitem", { name: "JSON lines" }).click();
      const text = await readFile(await (await saving).path(), "utf8");
      const ids = text
        .trim()
        .split("\n")
        .map((each) => JSON.parse(each).id);
      expect(new Set(ids).size).toBe(5000);
      expect(fake.called("requests.export").map(({ before }) => before)).toEqual([undefined, 3001, 1001]);
    });

    it("are not saved when one changes one's mind; it is seen how far it is", async () => {
      const book = new RequestBook(5000);
      const exporting = book.answers()["requests.export"];
      if (exporting === undefined) throw new Error("Nobody exports.");
      let goOn = () => {};
      const { page, fake } = await open({
        book,
        answers: {
          "requests.export": async (params) => {
            if (params.before !== undefined) await new Promise<void>((done) => (goOn = done));
            return exporting(params);
          },
        },
      });
      await page.getByText("5,000 kept").waitFor();
      await page.getByRole("button", { name: "Export what is filtered" }).click();
      await page.getByRole("menuitem", { name: "JSON lines" }).click();
      const dialog = page.getByRole("dialog", { name: "Export as JSON lines" });
      await dialog.getByText("2,000 of 5,000 requests").waitFor();
      await dialog.getByRole("button", { name: "Cancel" }).click();
      await dialog.waitFor({ state: "detached" });
      goOn();
      await line(page, 1).click();
      expect(fake.called("requests.export").length).toBe(2);
    });
  });

  describe("by keys alone", () => {
    it("the row that is meant stays the same one while others come", async () => {
      const { page, fake, book } = await open();
      await line(page, 1).waitFor();
      await grid(page).focus();
      await page.keyboard.press("ArrowDown");
      const id = await grid(page).getAttribute("aria-activedescendant");
      fake.emit("requests", { rows: book.come(3), missed: 0 });
      await page.getByText("403 kept").waitFor();
      expect(await grid(page).getAttribute("aria-activedescendant")).toBe(id);
      expect(await page.locator(".requests .line.active").getAttribute("aria-rowindex")).toBe("6");
    });
  });

  describe("states", () => {
    it("empty: says what will be here, and one button", async () => {
      const { page } = await open({ world: "empty", book: new RequestBook(0) });
      await page.getByText("Start the proxy and point a client at it").waitFor();
      await page.getByRole("button", { name: "Connect a client" }).click();
      await expect.poll(() => new URL(page.url()).hash).toBe("#connect");
    });

    it("loading: the shape of what comes", async () => {
      const { page } = await open({ answers: { "requests.list": () => new Promise(() => {}) } });
      await page.getByRole("status", { name: "Loading" }).waitFor();
    });

    it("failed: what, and once more", async () => {
      const book = new RequestBook(400);
      const answers = book.answers();
      let fails = true;
      const { page } = await open({
        book,
        answers: {
          "requests.list": (params) => {
            if (fails) throw new Refusal("The records cannot be read: the disk is full.");
            return answers["requests.list"]?.(params) ?? { rows: [], total: 0, upTo: 0 };
          },
        },
      });
      await page.getByText("The records cannot be read: the disk is full.").waitFor();
      fails = false;
      await page.getByRole("button", { name: "Try again" }).click();
      await line(page, 1).waitFor();
    });

    it("disconnected: what was there stays, and what is new comes with the connection", async () => {
      const { page, fake, book } = await open();
      await line(page, 1).waitFor();
      fake.disconnect();
      await page.getByText("Disconnected", { exact: true }).waitFor();
      await line(page, 1).waitFor();
      book.come(5, { client: "Newcomer" });
      fake.reachable = true;
      await line(page, 5).getByText("Newcomer").waitFor();
      await page.getByText("405 kept").waitFor();
    });

    it("not recorded: says so, and where that is changed", async () => {
      const { page } = await open({
        world: { ...world("normal"), settings: settingsView({ "records.enabled": false }) },
      });
      await page.getByText("Requests are not recorded").waitFor();
      await page.getByRole("button", { name: "Turn on…" }).click();
      await expect.poll(() => new URL(page.url()).hash).toBe("#settings?part=records");
    });
  });

  describe("for everyone", () => {
    it.each(["dark", "light", "high-contrast"] as const)("axe finds nothing serious: %s", async (theme) => {
      const book = new RequestBook(400);
      const asked = JSON.stringify({ model: "gpt-5", messages: [] });
      book.more.set("req_000400", { requestBody: { text: asked, bytes: asked.length, cut: false } });
      const { page } = await open({
        book,
        theme,
        colorScheme: theme === "light" ? "light" : "dark",
        hash: "monitor?request=req_000400",
      });
      await pane(page).getByRole("button", { name: "Send again to…" }).waitFor();
      expect(await axeFindings(page)).toEqual([]);
      await page.keyboard.press("/");
      await page.keyboard.type("model:");
      await page.getByRole("option").first().waitFor();
      expect(await axeFindings(page)).toEqual([]);
      await page.keyboard.press("Escape");
      await pane(page).getByRole("button", { name: "Send again to…" }).click();
      await page.getByRole("dialog").waitFor();
      expect(await axeFindings(page)).toEqual([]);
    });

    it.each([320, 800])("axe finds nothing serious at %s pixels, and nothing is too wide", async (width) => {
      const { page } = await open({ width });
      await page.locator(".requests .line").first().waitFor();
      expect(await axeFindings(page)).toEqual([]);
      await expect.poll(() => overflows(page)).toBe(false);
      await page.locator(".requests .line").first().click();
      await pane(page).getByRole("button", { name: "Copy as curl" }).waitFor();
      expect(await axeFindings(page)).toEqual([]);
      await expect.poll(() => overflows(page)).toBe(false);
    });

    it("forced colours leave the chosen row and the bars to be seen", async () => {
      const { page } = await open({ forcedColors: "active", hash: "monitor?request=req_000400" });
      await pane(page).locator(".stretch.streaming").first().waitFor();
      const outline = await page
        .locator(".line.selected")
        .evaluate((element) => getComputedStyle(element).outlineStyle);
      expect(outline).toBe("solid");
      const [bar, track] = await page.evaluate(() => {
        const color = (selector: string) => {
          const element = document.querySelector(selector);
          return element === null ? "" : getComputedStyle(element).backgroundColor;
        };
        return [color(".track .stretch.streaming"), color("body")];
      });
      expect(bar).not.toBe(track);
    });

    it("nothing moves for those who want no motion", async () => {
      const { page } = await open({ answers: { "requests.list": () => new Promise(() => {}) } });
      await page.locator(".skeleton").first().waitFor();
      const moving = await page.evaluate(() => document.getAnimations().length);
      expect(moving).toBe(0);
    });
  });
});
