/** The settings page in a real browser: every action, over a scripted world. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { axeFindings, browserPath, overflows } from "../support/pages/browser.ts";
import { Refusal } from "../support/pages/fake.ts";
import { type OpenWorld, openWorld } from "../support/pages/open.ts";
import { withBrowser } from "../support/pages/withBrowser.ts";
import { settingsView, WORLDS } from "../support/pages/worlds.ts";

describe.skipIf(browserPath === undefined)("the settings page (needs a browser)", () => {
  const pages = withBrowser();

  const open = (options: OpenWorld = {}) => openWorld(pages.browser, { hash: "settings", ...options });
  const section = (page: Page, name: string) => page.getByRole("region", { name });

  it("says what is kept and how much room it takes", async () => {
    const { page, errors, close } = await open({ hash: "settings?part=records" });
    await page.getByText("12,408 requests · 67.9 MB · since Feb 10").waitFor();
    await page.getByRole("link", { name: "This Portico" }).click();
    await page.getByText("/home/me/.local/share/portico").waitFor();
    await section(page, "Data folder").getByText("Accounts and routes, without keys").waitFor();
    expect(errors).toEqual([]);
    await close();
  });

  it("shows the gateway's refusal at the field, which goes back", async () => {
    const { page, close } = await open({
      hash: "settings?part=privacy",
      answers: {
        "settings.update": () => {
          throw new Refusal("The disk is full.", "failed");
        },
      },
    });
    const privacy = page.getByLabel("Keep what requests and replies say");
    await privacy.click();
    await page.getByText("The disk is full.").waitFor();
    await expect.poll(() => privacy.isChecked()).toBe(false);
    await close();
  });

  it("clears the history, after asking", async () => {
    const stored = {
      path: "/data",
      files: [],
      requests: { rows: 12_408, bytes: 71_200_000 },
      bodies: { rows: 0, bytes: 0 },
    };
    let damaged: { files: number; bytes: number } | undefined = { files: 1, bytes: 2_000_000 };
    const { fake, page, close } = await open({
      hash: "settings?part=records",
      answers: {
        "storage.get": () => ({ ...stored, ...(damaged === undefined ? {} : { damaged }) }),
        "requests.clear": () => {
          damaged = undefined;
          return { removed: 12_408 };
        },
      },
    });
    const aside = page.getByText("1 damaged file was set aside");
    await aside.waitFor();
    await page.getByRole("button", { name: "Clear…" }).click();
    await page.getByText("So are those in damaged files.").waitFor();
    await page.keyboard.press("Escape");
    expect(await page.getByRole("dialog").count()).toBe(0);
    await page.getByRole("button", { name: "Clear…" }).click();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole("dialog").getByRole("button", { name: "Clear", exact: true }).click();
    await page.getByText("12,408 requests removed").waitFor();
    expect(fake.called("requests.clear")).toHaveLength(1);
    await aside.waitFor({ state: "detached" });
    expect(fake.called("storage.get").length).toBeGreaterThan(1);
    await close();
  });

  it("shows what the config file has, and does not let it be changed", async () => {
    const { page, close } = await open({
      answers: {
        "settings.get": () => ({
          ...settingsView({}, { "records.enabled": "config", budgets: "config", prices: "config" }),
          configFile: "/etc/portico.jsonc",
        }),
      },
    });
    const fixed = page.getByText("Set in the config file, /etc/portico.jsonc.");
    await expect.poll(() => page.getByRole("button", { name: "Add a budget" }).isDisabled()).toBe(true);
    expect(await fixed.count()).toBe(2);
    await page.getByRole("link", { name: "History and privacy" }).click();
    expect(await page.getByLabel("Keep a line for each request").isDisabled()).toBe(true);
    expect(await fixed.count()).toBe(1);
    await close();
  });

  it("keeps the headers of a receiver of traces, which are in no state of the page, and takes them away", async () => {
    let headers: "none" | "stored" = "none";
    const view = () => ({
      url: "https://otel.example/v1/traces",
      content: false,
      headers,
      sent: 1284,
      dropped: 3,
    });
    const { fake, page, errors, close } = await open({
      hash: "settings?part=traces",
      answers: {
        "telemetry.get": view,
        "telemetry.setHeaders": ({ headers: given }) => {
          if (given.includes("wet")) throw new Refusal("These are no headers.", "bad-request");
          headers = given === "" ? "none" : "stored";
          return view();
        },
      },
    });
    const traces = section(page, "Traces");
    await traces
      .getByText("A trace of each request goes to https://otel.example/v1/traces, without")
      .waitFor();
    await traces.getByText("1,284 spans sent · 3 dropped").waitFor();
    const field = page.getByLabel("Headers that it knows Portico by");
    const keep = page.getByRole("button", { name: "Keep them" });
    expect(await keep.isDisabled()).toBe(true);
    await field.fill("wet");
    await keep.click();
    await page.getByText("These are no headers.").waitFor();
    await field.fill("authorization: Bearer SEEDED-otter");
    await keep.click();
    await page.getByText("Some are kept, as a secret.").waitFor();
    expect(fake.called("telemetry.setHeaders").at(-1)).toEqual({
      headers: "authorization: Bearer SEEDED-otter",
    });
    expect(await field.inputValue()).toBe("");
    expect(await page.content()).not.toContain("SEEDED");
    await page.getByRole("button", { name: "Remove them" }).click();
    await page.getByText("One per line, as name: value. They are kept as a secret.").waitFor();
    expect(errors).toEqual([]);
    await close();
  });

  it("goes straight to a part that a link names", async () => {
    const { page, close } = await open({ hash: "settings?part=privacy", height: 300 });
    await expect
      .poll(() => section(page, "Privacy").evaluate((element) => element.getBoundingClientRect().top))
      .toBeLessThan(100);
    await close();
  });

  it.each(WORLDS)("has nothing that axe minds, nor anything too wide: %s", async (name) => {
    for (const [width, theme] of [
      [320, "dark"],
      [1000, "light"],
    ] as const) {
      const { page, close } = await open({ world: name, width, theme });
      for (const [tab, part] of [
        ["Spending", "Budgets"],
        ["History and privacy", "Privacy"],
        ["This Portico", "Data folder"],
      ] as const) {
        await page.getByRole("link", { name: tab }).click();
        await section(page, part).waitFor();
        expect(await axeFindings(page)).toEqual([]);
        await expect.poll(() => overflows(page)).toBe(false);
      }
      await close();
    }
  });
});
