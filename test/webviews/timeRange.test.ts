/** Which time Monitor lists: chosen, typed, in the address, asked for, and found again. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { browserPath } from "../support/pages/browser.ts";
import { openWorld } from "../support/pages/open.ts";
import { RequestBook } from "../support/pages/requestBook.ts";
import { withBrowser } from "../support/pages/withBrowser.ts";
import { NOW } from "../support/pages/worlds.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MIDNIGHT = Date.UTC(2026, 2, 12);

describe.skipIf(browserPath === undefined)("the time of the list (needs a browser)", () => {
  const pages = withBrowser();

  async function open(hash = "monitor") {
    const opened = await openWorld(pages.browser, {
      hash,
      width: 1280,
      answers: new RequestBook(400).answers(),
    });
    pages.keep(opened);
    const { page, fake } = opened;
    await page
      .getByText(/kept|No request matches/)
      .first()
      .waitFor();
    const asked = () => {
      const { from, to } = fake.called("requests.list").at(-1)?.filter ?? {};
      return { from, to };
    };
    const address = () => new URL(page.url()).hash;
    return { ...opened, asked, address };
  }
  const choose = (page: Page, label: string) =>
    page.getByRole("combobox", { name: "Time" }).selectOption({ label });

  it("is any, the last hour, today", async () => {
    const { page, asked, address } = await open();
    await expect.poll(asked).toEqual({ from: undefined, to: undefined });
    await choose(page, "Last hour");
    await expect.poll(asked).toEqual({ from: NOW - HOUR, to: undefined });
    await expect.poll(address).toBe("#monitor?time=hour");
    await choose(page, "Today");
    await expect.poll(asked).toEqual({ from: MIDNIGHT, to: undefined });
    await choose(page, "Any time");
    await expect.poll(asked).toEqual({ from: undefined, to: undefined });
    await expect.poll(address).toBe("#monitor");
  });

  it("is a day: the one that was looked at, then another one, none that is to come", async () => {
    const { page, asked, address } = await open();
    await choose(page, "Last hour");
    await choose(page, "A day");
    await expect.poll(asked).toEqual({ from: MIDNIGHT, to: MIDNIGHT + DAY });
    const day = page.getByLabel("Day", { exact: true });
    expect(await day.getAttribute("max")).toBe("2026-03-12");
    await day.fill("2026-03-10");
    await expect.poll(asked).toEqual({ from: MIDNIGHT - 2 * DAY, to: MIDNIGHT - DAY });
    await expect.poll(address).toBe("#monitor?day=2026-03-10");
    // An empty field is one that is being typed in.
    await day.fill("");
    expect(asked()).toEqual({ from: MIDNIGHT - 2 * DAY, to: MIDNIGHT - DAY });
  });

  it("is from one moment to another, beginning with what was shown", async () => {
    const { page, asked } = await open("monitor?day=2026-03-10");
    await choose(page, "From … to …");
    await expect.poll(asked).toEqual({ from: MIDNIGHT - 2 * DAY, to: MIDNIGHT - DAY });
    await page.getByLabel("From", { exact: true }).fill("2026-03-10T09:30");
    await page.getByLabel("To", { exact: true }).fill("2026-03-11T18:00");
    await expect.poll(asked).toEqual({ from: Date.UTC(2026, 2, 10, 9, 30), to: Date.UTC(2026, 2, 11, 18) });
    await page.getByLabel("To", { exact: true }).fill("");
    await expect.poll(asked).toEqual({ from: Date.UTC(2026, 2, 10, 9, 30), to: undefined });
    // The last end cannot go: it would be any time, and the fields would be gone.
    await page.getByLabel("From", { exact: true }).fill("");
    await page.getByLabel("From", { exact: true }).waitFor();
    expect(asked()).toEqual({ from: Date.UTC(2026, 2, 10, 9, 30), to: undefined });
  });

  it("is kept with the page, and is a link that can be kept", async () => {
    const { page, asked, address } = await open();
    await choose(page, "Today");
    await expect.poll(address).toBe("#monitor?time=today");
    const tabs = page.getByRole("navigation", { name: "Pages" });
    await tabs.getByRole("link", { name: "Accounts" }).click();
    await tabs.getByRole("link", { name: "Monitor" }).click();
    await expect.poll(address).toBe("#monitor?time=today");
    await page.reload();
    await page.getByRole("grid", { name: "Requests" }).waitFor();
    expect(await page.getByRole("combobox", { name: "Time" }).inputValue()).toBe("today");
    await expect.poll(asked).toEqual({ from: MIDNIGHT, to: undefined });
  });
});
