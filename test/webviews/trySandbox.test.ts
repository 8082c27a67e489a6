/** Trying the sandbox, and where one goes from its answer: each way leaves the dialog, and leads somewhere. */
import { describe, expect, it } from "vitest";
import type { SandboxResult } from "../../src/control/requests.ts";
import { browserPath } from "../support/pages/browser.ts";
import { openWorld } from "../support/pages/open.ts";
import { withBrowser } from "../support/pages/withBrowser.ts";
import { world } from "../support/pages/worlds.ts";

describe.skipIf(browserPath === undefined)("trying the sandbox (needs a browser)", () => {
  const pages = withBrowser();

  async function open(
    hash: string,
    result: SandboxResult = { ok: true, question: "Hi", answer: "Hello!", took: 12 },
  ) {
    const opened = await openWorld(pages.browser, {
      hash,
      world: "empty",
      answers: {
        "proxy.start": () => ({ ...world("empty").status, proxy: world("normal").status.proxy }),
        "requests.trySandbox": () => result,
      },
    });
    pages.keep(opened);
    const { page } = opened;
    const ask = page.getByRole("button", { name: "Try the sandbox" });
    await ask.click();
    return { ...opened, ask, answer: page.getByRole("dialog", { name: "The sandbox answered" }) };
  }

  it.each(["accounts", "dashboard"])(
    "goes on to the first account, also where the page has it: %s",
    async (hash) => {
      const { page, answer } = await open(hash);
      await answer.getByText("Hello!").waitFor();
      await answer.getByRole("button", { name: "Add the first account" }).click();
      await page.getByRole("dialog", { name: "Add account" }).waitFor();
      await answer.waitFor({ state: "detached" });
      await expect.poll(() => new URL(page.url()).hash).toBe("#accounts?add=choose");
    },
  );

  it.each(["accounts", "dashboard"])(
    "goes on to a terminal, and back to the page as it was: %s",
    async (hash) => {
      const { page, answer } = await open(hash);
      await answer.getByRole("button", { name: "Try it from a terminal" }).click();
      await page.getByRole("region", { name: "Connect curl" }).waitFor();
      await answer.waitFor({ state: "detached" });
      await page.goBack();
      await page.getByRole("button", { name: "Try the sandbox" }).waitFor();
      expect(await page.getByRole("dialog").count()).toBe(0);
    },
  );

  it("is left with Escape, to the button that it began with", async () => {
    const { page, ask, answer } = await open("accounts");
    await answer.waitFor();
    await page.keyboard.press("Escape");
    await answer.waitFor({ state: "detached" });
    await expect.poll(() => ask.evaluate((button) => button === document.activeElement)).toBe(true);
  });

  it("says why it did not answer, beside the button that tries again", async () => {
    const { page, ask, answer } = await open("accounts", { ok: false, message: "The proxy refused it." });
    await page.getByRole("alert").filter({ hasText: "The proxy refused it." }).waitFor();
    expect(await answer.count()).toBe(0);
    await ask.waitFor();
  });
});
