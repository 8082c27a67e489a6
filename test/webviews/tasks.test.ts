/** What people come for, in a few clicks: none takes more than three before they type. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { RequestDetails } from "../../src/control/requests.ts";
import { browserPath } from "../support/pages/browser.ts";
import { Clicks } from "../support/pages/clicks.ts";
import { type OpenWorld, openWorld } from "../support/pages/open.ts";
import { RequestBook } from "../support/pages/requestBook.ts";
import { withBrowser } from "../support/pages/withBrowser.ts";

describe.skipIf(browserPath === undefined)("tasks, from the Dashboard (needs a browser)", () => {
  const pages = withBrowser();

  async function begin(options: OpenWorld = {}, book = new RequestBook(400)) {
    const opened = await openWorld(pages.browser, {
      width: 1400,
      ...options,
      answers: { ...book.answers(), "host.save": () => ({ saved: true }), ...options.answers },
    });
    const { page } = opened;
    const clicks = new Clicks();
    const click = (name: string | RegExp, role: "button" | "link" | "menuitem" = "button") =>
      clicks.on(page.getByRole(role, { name }).first());
    const tab = (name: string) =>
      clicks.on(page.getByRole("navigation").getByRole("link", { name, exact: true }));
    const row = (text: string) => clicks.on(page.getByRole("row").filter({ hasText: text }).first());
    const end = async () => {
      clicks.expectFew();
      expect(opened.errors).toEqual([]);
      await opened.close();
    };
    return { ...opened, click, tab, row, end };
  }
  const pane = (page: Page) => page.getByRole("complementary", { name: "Details of the request" });

  it("why did it fail", async () => {
    const { page, row, end } = await begin();
    await row("502 provider failed");
    await pane(page).getByText("The provider did not answer: connection reset.").first().waitFor();
    await end();
  });

  it("who is nearly out", async () => {
    const { page, end } = await begin();
    await page.getByText("At this pace, “gemini-2.5-pro / day” is used up at about").waitFor();
    await page.getByRole("meter", { name: "gemini-2.5-pro / day" }).waitFor();
    await end();
  });

  it("this week by model", async () => {
    const { page, tab, click, end } = await begin();
    await tab("Token Stats");
    await click("Week");
    await page.getByRole("button", { name: "Model", pressed: true }).waitFor();
    await page.getByRole("table", { name: "Model" }).getByText("claude-sonnet-5").waitFor();
    await end();
  });

  it("send again, with both answers side by side", async () => {
    const book = new RequestBook(400);
    const asked = JSON.stringify({ model: "gpt-5", messages: [] });
    const answer = (content: string): Partial<RequestDetails> => {
      const text = JSON.stringify({ choices: [{ message: { role: "assistant", content } }] });
      return {
        requestBody: { text: asked, bytes: asked.length, cut: false },
        replyBody: { text, bytes: text.length, cut: false },
      };
    };
    book.more.set("req_000400", answer("the old words"));
    book.more.set("req_000399", answer("the new words"));
    const { page, row, click, end } = await begin(
      { answers: { "requests.replay": () => ({ ok: true, id: "req_000399", status: 200 }) } },
      book,
    );
    await row("gpt-5 → gemini-2.5-pro");
    await click("Send again to…");
    await click("Send to gpt-5");
    const dialog = page.getByRole("dialog", { name: "Send again" });
    await dialog.getByRole("region", { name: "Before" }).getByText("the old words").waitFor();
    await dialog.getByRole("region", { name: "Now" }).getByText("the new words").waitFor();
    await end();
  });

  it("export what is filtered", async () => {
    const { page, tab, click, end } = await begin();
    await tab("Monitor");
    await click("Export what is filtered");
    const file = page.waitForEvent("download");
    await click(/CSV/, "menuitem");
    expect((await file).suggestedFilename()).toMatch(/\.csv$/);
    await end();
  });

  it("the price of an unknown model", async () => {
    const { page, tab, click, end } = await begin();
    await tab("Token Stats");
    await click("Set prices…");
    await page.getByRole("region", { name: "Prices" }).waitFor();
    await end();
  });

  it("a budget", async () => {
    const { page, tab, click, end } = await begin();
    await tab("Token Stats");
    await click("Edit…");
    await page.getByRole("region", { name: "Budgets" }).waitFor();
    await end();
  });
});
