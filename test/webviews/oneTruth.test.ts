/** One truth, said once: the state in the same words everywhere, each problem in one place, no empty places. */
import { describe, expect, it } from "vitest";
import type { Status } from "../../src/control/contract.ts";
import { english, stateWords } from "../../src/control/stateWords.ts";
import { statusView } from "../../src/vscode/status/statusView.ts";
import { browserPath } from "../support/pages/browser.ts";
import { openWorld } from "../support/pages/open.ts";
import { actAsVsCode } from "../support/pages/vscodeApi.ts";
import { withBrowser } from "../support/pages/withBrowser.ts";
import { NOW, requests, world } from "../support/pages/worlds.ts";

const normal = world("normal").status;
const waits = {
  account: "a",
  label: "A",
  model: "gpt-5",
  condition: "cooling",
  reason: "x",
  until: NOW + 60_000,
};
const SITUATIONS: Record<string, Partial<Status>> = {
  "all well": { problems: [], ready: 6, held: [] },
  "an account in need": {},
  "a model that nobody answers": { unanswered: ["gpt-5"], held: [waits as Status["held"][number]] },
  "no account that can answer": { ready: 0 },
  stopped: { proxy: { kind: "stopped" } },
  stopping: { proxy: { kind: "stopped", stopping: { until: NOW + 10_000 } }, active: 2 },
  starting: { proxy: { kind: "starting", port: 8045 } },
  failed: { proxy: { kind: "failed", port: 8045, reason: "other", message: "It did not start." } },
};

describe.skipIf(browserPath === undefined)("one truth (needs a browser)", () => {
  const pages = withBrowser();

  it("says in the strip, in the sidebar and in the status bar the same of every situation", async () => {
    for (const view of ["panel", "sidebar"] as const) {
      const { fake, page, close } = await openWorld(pages.browser, {
        width: view === "panel" ? 1000 : 280,
        start: { view },
      });
      const shown = page.locator(".strip .words");
      await page.getByText("Running", { exact: true }).waitFor();
      for (const change of Object.values(SITUATIONS)) {
        const status = { ...normal, ...change };
        fake.emit("status", status);
        const { words } = stateWords(status, NOW, english);
        await expect.poll(() => shown.textContent()).toBe(words);
        expect(statusView({ part: { kind: "leading" }, status }, { now: NOW }).lines[0]).toBe(words);
      }
      await close();
    }
  });

  it("leads from the words to what they are about", async () => {
    const { page, close } = await openWorld(pages.browser, { hash: "monitor" });
    await page.getByRole("button", { name: "1 account needs you" }).click();
    await page.getByRole("region", { name: "Needs you" }).waitFor();
    await close();
  });

  it("tells of each problem once on a page", async () => {
    for (const hash of ["dashboard", "accounts"]) {
      const { page, close } = await openWorld(pages.browser, { hash, width: 1200 });
      await expect.poll(() => page.getByText("Authentication Fails").count()).toBe(1);
      await expect.poll(() => page.getByRole("navigation").getByText("1").count()).toBe(0);
      await close();
    }
    const { page, close } = await openWorld(pages.browser, { world: "broken" });
    await expect.poll(() => page.getByText("Not running", { exact: true }).count()).toBe(1);
    await close();
  });

  it("keeps the sidebar from repeating what the panel beside it says", async () => {
    const { fake, page, close } = await openWorld(pages.browser, {
      before: actAsVsCode,
      width: 280,
      start: { kind: "vscode", view: "sidebar" },
    });
    const card = page.getByText("Authentication Fails");
    await card.waitFor();
    fake.emit("panel", { visible: true });
    await card.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "1 account needs you" }).waitFor();
    fake.emit("panel", { visible: false });
    await card.waitFor();
    await close();
  });

  it("puts what needs the person on top, as wide as the page", async () => {
    for (const width of [320, 800, 1600]) {
      const { page, close } = await openWorld(pages.browser, { width });
      await page.getByText("1,284", { exact: true }).waitFor();
      const box = (selector: string) => page.locator(selector).boundingBox();
      await expect
        .poll(async () => {
          const [need, numbers, main] = [await box(".in-need"), await box(".in-numbers"), await box("main")];
          if (need === null || numbers === null || main === null) return "not there";
          return need.y < numbers.y && need.width >= main.width - 48 ? "on top" : "elsewhere";
        })
        .toBe("on top");
      await close();
    }
  });

  it("leaves no place empty for what a request was, nor for whose answer it got", async () => {
    const [first, second] = requests(2);
    if (first === undefined || second === undefined) throw new Error("there are two");
    const own = { client: "curl", outcome: "ok", status: 200, time: NOW - 2000, durationMs: 12 } as const;
    const { model: _m, modelUsed: _u, account: _a, accountLabel: _l, lane: _n, ...bare } = first;
    const rows = [
      { ...bare, ...own, method: "GET", path: "/v1/models" },
      {
        ...second,
        model: "gpt-5",
        client: "curl",
        status: 401,
        outcome: "failed" as const,
        errorKind: "authentication",
        error: "The key is not Portico's.",
        method: "POST",
        path: "/v1/responses",
      },
    ];
    const [, { account: _b, accountLabel: _c, lane: _d, ...refused }] = rows as [unknown, typeof second];
    const shown = { ...world("normal"), requests: [rows[0], refused] as typeof rows };
    for (const [hash, view, width] of [
      ["dashboard", "panel", 1200],
      ["dashboard", "panel", 320],
      ["monitor", "panel", 1200],
      ["monitor", "panel", 320],
      ["dashboard", "sidebar", 280],
    ] as const) {
      const { page, close } = await openWorld(pages.browser, { world: shown, hash, width, start: { view } });
      await page.getByText("GET /v1/models").first().waitFor();
      await page.getByText("Portico itself").nth(1).waitFor();
      await page.getByText("key refused").first().waitFor();
      await close();
    }
  });
});
