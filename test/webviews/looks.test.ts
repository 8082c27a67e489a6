/** Marks of providers, the shape of what will come, motion: what one sees before one reads. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { PROVIDER_IDS } from "../../src/gateway/providers/ids.ts";
import { browserPath } from "../support/pages/browser.ts";
import { type OpenWorld, openWorld, settled } from "../support/pages/open.ts";
import { RequestBook } from "../support/pages/requestBook.ts";
import { withBrowser } from "../support/pages/withBrowser.ts";
import { account, world } from "../support/pages/worlds.ts";

/** What was moved by a script, as the page counts it. */
interface Moving {
  moved?: number[];
}

describe.skipIf(browserPath === undefined)("what is seen (needs a browser)", () => {
  const pages = withBrowser();

  async function open(options: OpenWorld) {
    const world = await openWorld(pages.browser, { width: 1280, ...options });
    pages.keep(world);
    await settled(world.page);
    return world;
  }

  describe("a provider's mark", () => {
    const linesOf = (page: Page) =>
      page
        .locator(".provider-mark")
        .evaluateAll((marks) =>
          marks.map((mark) => [
            mark.getAttribute("data-provider") ?? "",
            mark.querySelector("path")?.getAttribute("d") ?? mark.textContent ?? "",
          ]),
        );

    it("is there for each of the table, and like no other", async () => {
      const { page } = await open({ hash: "accounts?add=choose" });
      await page.getByRole("dialog", { name: "Add account" }).waitFor();
      const { page: rows } = await open({
        hash: "accounts",
        world: { ...world("normal"), accounts: [account("s", { provider: "sandbox", label: "S" })] },
      });
      const marks = new Map([...(await linesOf(page)), ...(await linesOf(rows))].map(([id, d]) => [id, d]));
      expect([...marks.keys()].sort()).toEqual([...PROVIDER_IDS].sort());
      expect(new Set(marks.values()).size).toBe(marks.size);
      for (const lines of marks.values()) expect(lines).toMatch(/^M[\d.]/);
    });

    it("is a letter for one that nobody knows, on every page that has accounts", async () => {
      const own = [account("x", { provider: "novelty", label: "Mine", lastUsed: 1 })];
      for (const hash of ["dashboard", "accounts"]) {
        const { page } = await open({ hash, world: { ...world("normal"), accounts: own } });
        await page.getByText("Mine").first().waitFor();
        expect(await linesOf(page)).toEqual([["novelty", "N"]]);
      }
    });
  });

  describe("an icon", () => {
    /** Its character (`none`: no rule knows its name), and how wide the pages' font draws it, in hundredths of its size. */
    const drawn = async (page: Page) => {
      await page.evaluate(() => document.fonts.load("16px codicon"));
      return page.locator(".codicon").evaluateAll((icons) =>
        icons.map((icon) => {
          const { content } = getComputedStyle(icon, "::before");
          const pen = document.createElement("canvas").getContext("2d");
          if (pen !== null) pen.font = "100px codicon, monospace";
          return { name: icon.className, content, width: pen?.measureText(content.slice(1, -1)).width };
        }),
      );
    };

    it.each(["connect", "accounts", "monitor", "token-stats", "api-proxy", "settings"])(
      "is in the font that is shipped, of which most is left out: %s",
      async (hash) => {
        for (const state of ["normal", "broken"] as const) {
          const { page } = await open({ hash, world: state });
          await page.locator(".codicon").first().waitFor({ state: "attached" });
          const icons = await drawn(page);
          // Another font's box for what it does not know has another width.
          expect(icons.filter(({ content, width }) => !/^"."$/u.test(content) || width !== 100)).toEqual([]);
        }
      },
    );

    it("that nobody uses is left out", async () => {
      const { page } = await open({ hash: "accounts" });
      await page
        .locator(".codicon")
        .first()
        .evaluate((icon) => icon.setAttribute("class", "codicon codicon-flame"));
      expect((await drawn(page))[0]?.content).toBe("none");
    });
  });

  describe("an empty page", () => {
    it.each(["dashboard", "accounts", "monitor", "token-stats", "api-proxy?section=models"])(
      "shows the shape of what will come, to the eye alone: %s",
      async (hash) => {
        const { page } = await open({
          hash,
          world: hash === "dashboard" ? { ...world("normal"), requests: [] } : "empty",
          answers: hash.startsWith("api-proxy") ? { "models.list": () => [] } : {},
        });
        const shape = page.locator(".shape");
        await shape.waitFor();
        expect(await shape.getAttribute("aria-hidden")).toBe("true");
        expect(await shape.textContent()).toBe("");
        const box = await shape.boundingBox();
        expect(box?.height).toBeGreaterThan(100);
        expect(box?.width).toBeGreaterThan(400);
        // It takes the place of nothing else.
        const { page: full } = await open({ hash });
        expect(await full.locator(".shape").count()).toBe(0);
      },
    );
  });

  describe("motion", () => {
    /** Counts what a script moves, and for how long. */
    const count = () => {
      const page = globalThis as Moving;
      page.moved = [];
      const animate = Element.prototype.animate;
      Element.prototype.animate = function (frames, options) {
        if (typeof options === "object") page.moved?.push(Number(options.duration));
        return animate.call(this, frames, options);
      };
    };
    const movedOn = (page: Page) => page.evaluate(() => (globalThis as Moving).moved);
    const arrivals = async (motion: boolean) => {
      const book = new RequestBook(400);
      const { page, fake } = await open({ hash: "monitor", motion, before: count, answers: book.answers() });
      await page.getByText("400 kept").waitFor();
      expect(await movedOn(page)).toEqual([]);
      fake.emit("requests", { rows: book.come(2), missed: 0 });
      await page.getByText("402 kept").waitFor();
      return { page, fake, book };
    };

    it("shows that rows arrive, and nothing where too many do to be followed", async () => {
      const { page, fake, book } = await arrivals(true);
      expect(await movedOn(page)).toEqual([180, 180]);
      fake.emit("requests", { rows: book.come(50), missed: 0 });
      await page.getByText("452 kept").waitFor();
      expect(await movedOn(page)).toEqual([180, 180]);
      // Scrolled away from and back to, rows are not new again.
      const grid = page.getByRole("grid", { name: "Requests" });
      await grid.evaluate((list) => list.scrollTo(0, 3000));
      await page.locator('.requests [aria-rowindex="110"]').waitFor();
      await grid.evaluate((list) => list.scrollTo(0, 0));
      await page.locator('.requests [aria-rowindex="2"]').waitFor();
      expect(await movedOn(page)).toEqual([180, 180]);
    });

    it("is none for those who want none: rows and bars are there at once", async () => {
      const { page } = await arrivals(false);
      expect(await movedOn(page)).toEqual([]);
      for (const [motion, duration] of [
        [true, "0.16s"],
        [false, "0s"],
      ] as const) {
        const { page } = await open({ hash: "accounts", motion });
        const bar = page.locator(".meter > span").first();
        await bar.waitFor();
        expect(await bar.evaluate((each) => getComputedStyle(each).transitionDuration)).toBe(duration);
      }
    });

    it("drains a bar: it is the same one while what is left changes", async () => {
      const shown = world("normal");
      const { page, fake } = await open({ hash: "accounts", motion: true, world: shown });
      const bar = page.locator(".meter > span").first();
      await bar.waitFor();
      await bar.evaluate((each) => each.setAttribute("data-kept", ""));
      const width = () => bar.evaluate((each) => each.style.width);
      const before = await width();
      const accounts = shown.accounts.map((each) => ({
        ...each,
        quotas: each.quotas.map((quota) => ({ ...quota, remaining: (quota.remaining ?? 0) / 2 })),
      }));
      fake.emit("accounts", accounts);
      await expect.poll(width).not.toBe(before);
      expect(await page.locator(".meter > [data-kept]").count()).toBe(1);
    });
  });
});
