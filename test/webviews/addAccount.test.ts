/** Adding accounts, every way there is, in a real browser over a scripted world. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { axeFindings, browserPath, overflows } from "../support/pages/browser.ts";
import { Refusal } from "../support/pages/fake.ts";
import { openWorld } from "../support/pages/open.ts";
import { withBrowser } from "../support/pages/withBrowser.ts";
import { account, NOW } from "../support/pages/worlds.ts";

describe.skipIf(browserPath === undefined)("adding accounts (needs a browser)", () => {
  const pages = withBrowser();
  const open = (hash: string, answers: NonNullable<Parameters<typeof openWorld>[1]>["answers"] = {}) =>
    openWorld(pages.browser, { hash, width: 1000, answers });
  const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();

  /** Everything that the page keeps or shows, but for what a field holds while it is there. */
  const kept = (page: Page) =>
    page.evaluate(
      () =>
        `${document.documentElement.outerHTML}\n${JSON.stringify({ ...sessionStorage, ...localStorage })}\n${location.href}`,
    );

  it("imports a file with keys: passphrase, preview, all or nothing", async () => {
    const { fake, page, close } = await open("accounts?add=import", {
      "accounts.import.preview": ({ passphrase }) => {
        if (passphrase !== " open sesame ") throw new Refusal("The passphrase does not open the file.");
        return {
          exportedAt: NOW - 86_400_000,
          secrets: true,
          entries: [
            {
              id: "openai",
              provider: "openai",
              label: "Team · OpenAI",
              action: "conflict",
              newId: "openai-2",
              needsKey: false,
            },
            {
              id: "x",
              provider: "anthropic",
              label: "Work",
              action: "duplicate",
              sameAs: "work-anthropic",
              needsKey: false,
            },
            { id: "y", provider: "groq", label: "Groq", action: "add", needsKey: true },
          ],
        };
      },
      "accounts.import.apply": () => [
        account("openai-2", { label: "Team · OpenAI" }),
        account("y", { label: "Groq" }),
      ],
    });
    const choosing = page.waitForEvent("filechooser");
    await press(page, "Choose the file…");
    const text = '{"portico":1,"secrets": {"sealed":"…"}}';
    await (await choosing).setFiles({
      name: "accounts.json",
      mimeType: "application/json",
      buffer: Buffer.from(text),
    });
    await page.getByText("accounts.json").waitFor();
    await page.getByLabel("Passphrase").fill("wrong");
    await press(page, "See what is in it");
    await page.getByText("The passphrase does not open the file.").waitFor();
    await page.getByLabel("Passphrase").fill(" open sesame ");
    await press(page, "See what is in it");
    await page.getByText("here already as Work · Anthropic").waitFor();
    await page.getByText("added as openai-2").waitFor();
    await page.getByText("added, then needs its key").waitFor();
    await press(page, "Import 2 accounts");
    await page.getByRole("dialog", { name: "Added" }).getByText("Groq").waitFor();
    expect(fake.called("accounts.import.apply")).toEqual([{ text, passphrase: " open sesame " }]);
    expect(await kept(page)).not.toContain("open sesame");
    await close();
  });

  it("takes a server's address as it was copied, with what stands around it and behind it", async () => {
    const { fake, page, close } = await open("accounts?add=custom", {
      "accounts.check": () => ({ ok: false, reason: "other", message: "It is off." }),
    });
    await page.getByLabel("Address", { exact: true }).fill('"http://127.0.0.1:9911/v1/chat/completions",');
    await page.getByLabel("Anthropic messages").check();
    await press(page, "Check and add");
    await page.getByText("It is off.").waitFor();
    expect(fake.called("accounts.check")).toMatchObject([
      { endpoints: { "openai-chat": "http://127.0.0.1:9911/v1", anthropic: "http://127.0.0.1:9911" } },
    ]);
    await close();
  });

  it.each(["choose", "openai", "custom", "gemini", "vertex", "openrouter", "found", "import", "local"])(
    "has nothing that axe minds, nor anything too wide: %s",
    async (kind) => {
      const { page, errors, close } = await openWorld(pages.browser, {
        hash: `accounts?add=${kind}`,
        width: 320,
        answers: { "accounts.discover": () => [] },
      });
      await page.getByRole("dialog").waitFor();
      await page.locator(".skeleton").first().waitFor({ state: "detached" });
      expect(await axeFindings(page)).toEqual([]);
      await expect.poll(() => overflows(page)).toBe(false);
      expect(
        await page.getByRole("dialog").evaluate((dialog) => dialog.querySelector(".body")?.scrollWidth),
      ).toBeLessThanOrEqual(320);
      expect(errors).toEqual([]);
      await close();
    },
  );
});
