/** Monitor and Token Stats of a real gateway, whose providers are scripted: from a client's request to the page. */
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { browserPath } from "../support/pages/browser.ts";
import { keysOf } from "../support/pages/keys.ts";
import { type OpenReal, openReal } from "../support/pages/real.ts";
import { withBrowser } from "../support/pages/withBrowser.ts";

describe.skipIf(browserPath === undefined)("requests of a real gateway (needs a browser)", () => {
  const pages = withBrowser();

  async function open(options: OpenReal = {}) {
    const real = await openReal(pages.browser, { open: "monitor", width: 1280, ...options });
    pages.keep(real);
    return real;
  }

  const rows = (page: Page) => page.locator(".requests .line");
  const pane = (page: Page) => page.getByRole("complementary", { name: "Details of the request" });

  it("appear as they end, wait while it is paused, and are found by each filter", async () => {
    const { page, ask, portico } = await open({ accounts: { work: "well", spare: "well" } });
    await page.getByText("each of its requests appears here as it ends").waitFor();
    expect(await ask({ model: "work/test-model" })).toBe(200);
    await rows(page).first().getByText("200 ok").waitFor();
    expect(await rows(page).first().textContent()).toContain("test-modelWork");
    await page.getByRole("button", { name: "Pause" }).click();
    for (const client of ["claude-cli/2.0.0 (external, cli)", "codex_cli_rs/0.46.0"])
      expect(await ask({ model: "spare/test-model-mini", client })).toBe(200);
    await page.getByRole("button", { name: "2 new" }).waitFor();
    expect(await rows(page).count()).toBe(1);
    await page.getByRole("button", { name: "Resume" }).click();
    await page.getByText("3 kept").waitFor();

    const { proxy } = await portico.lead.call("status.get", undefined);
    if (proxy.kind !== "running") throw new Error("The proxy does not run.");
    const failed = await fetch(`${proxy.baseUrl}/v1/messages`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        model: "nobody/has-it",
        max_tokens: 1,
        messages: [{ role: "user", content: "hi" }],
      }),
    });
    await failed.text();
    await page.getByText("4 kept").waitFor();
    const box = page.getByRole("combobox", { name: "Filter requests" });
    for (const [typed, found] of [
      ["model:mini", 2],
      ["model:*mini", 2],
      ["mini", 2],
      ['client:"Claude Code"', 1],
      ["client:Codex", 2],
      ["account:spare", 2],
      [`status:${failed.status}`, 1],
      ["protocol:anthropic", 1],
      ["client:Codex account:spare", 1],
    ] as const) {
      // Nothing in between, so that each is seen to be asked for.
      await box.fill("no such thing");
      await page.getByText("No request matches.").waitFor();
      await box.fill(typed);
      await page.getByText(`${found} found`, { exact: true }).waitFor();
    }
    // What comes is filtered, too.
    await ask({ model: "spare/test-model" });
    await page.getByText("2 found").waitFor();
    await box.fill("status:soon");
    await page.getByRole("alert").filter({ hasText: "can be a number such as 429" }).waitFor();
    await box.fill("account:");
    await page.getByRole("option", { name: "Spare" }).click();
    await page.getByText("3 found").waitFor();
    await box.fill("");
    for (const [show, found] of [
      ["Errors", "1 found"],
      ["Failed over", "No request matches."],
      ["Slow", "No request matches."],
    ] as const) {
      await page.getByRole("button", { name: show }).click();
      await page.getByText(found).waitFor();
    }
    await page.getByRole("button", { name: "Show all" }).click();
    await page.getByText("5 kept").waitFor();
    await page.getByRole("button", { name: "Errors" }).click();
    await page.getByText("1 found").waitFor();

    const heads = () => page.getByRole("columnheader").allTextContents();
    await page.getByRole("button", { name: "Columns" }).click();
    await page.getByRole("menuitemcheckbox", { name: "Protocol" }).click();
    await page.getByRole("menuitemcheckbox", { name: "Cost" }).click();
    await page.keyboard.press("Escape");
    await page.reload();
    await page.getByText("1 found").waitFor();
    expect(await heads()).toContain("Protocol");
    expect(await heads()).not.toContain("Cost");
    expect(await rows(page).first().textContent()).toContain("Anthropic");
    await page.getByRole("button", { name: "Columns" }).click();
    await page.getByRole("menuitem", { name: "Reset columns" }).click();
    expect(await heads()).toContain("Cost");
  });

  it("show how another account answered where the first could not", async () => {
    const { page, ask } = await open({ accounts: { busy: "rate-limited", work: "well" } });
    // Which of them goes first is the scheduler's to say; the second time it knows who waits.
    for (let i = 0; i < 4; i += 1) expect(await ask({ text: `conversation ${i}` })).toBe(200);
    await page.getByRole("button", { name: "Failed over" }).click();
    await rows(page).first().click();
    await pane(page)
      .getByText(/Busy — .*429 rate limit/)
      .waitFor();
    await pane(page)
      .getByText(/Work — (first token|answered) after/)
      .waitFor();
  });

  it("that failed say why, in words", async () => {
    const { page, ask } = await open({ accounts: { old: "refused" } });
    expect(await ask()).toBeGreaterThanOrEqual(400);
    await rows(page).first().waitFor();
    expect(await rows(page).first().textContent()).toMatch(/\d{3} [a-z]+/i);
    await rows(page).first().click();
    await pane(page).getByText("key refused").first().waitFor();
  });

  it("of a web page that was turned away can be allowed; then the page is let in", async () => {
    const { page, portico } = await open({ lead: { kind: "headless" } });
    const { proxy } = await portico.lead.call("status.get", undefined);
    if (proxy.kind !== "running") throw new Error("The proxy does not run.");
    const fromPage = () =>
      fetch(`${proxy.baseUrl}/v1/models`, { headers: { origin: "https://chat.example" } }).then(
        ({ status }) => status,
      );
    expect(await fromPage()).toBe(403);
    await rows(page).first().getByText("403 not allowed").waitFor();
    await rows(page).first().click();
    await pane(page).getByRole("button", { name: "Allow this origin…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Allow", exact: true }).click();
    await pane(page).getByText("https://chat.example is allowed by now").waitFor();
    await expect.poll(fromPage).toBe(200);
  });

  it("are copied as commands, saved as files, and cleared; statistics stay", async () => {
    const { page, ask, go } = await open();
    for (let i = 0; i < 3; i += 1) await ask();
    await page.getByText("3 kept").waitFor();
    await rows(page).first().click();
    await pane(page).getByRole("button", { name: "Copy as curl" }).click();
    await page.getByText("Copied without its body, which was not recorded.").waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^curl /);
    const saving = page.waitForEvent("download");
    await page.getByRole("button", { name: "Export what is filtered" }).click();
    await page.getByRole("menuitem", { name: "JSON lines" }).click();
    const lines = (await readFile(await (await saving).path(), "utf8")).trim().split("\n");
    expect(lines.map((line) => JSON.parse(line).model)).toEqual(["test-model", "test-model", "test-model"]);
    await page.getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitem", { name: "Clear the list…" }).click();
    await page.getByRole("button", { name: "Clear", exact: true }).click();
    await page.getByText("3 requests removed").waitFor();
    await go("token-stats?time=hour");
    await page.locator(".totals").getByText("3", { exact: true }).waitFor();
    await page.getByRole("table", { name: "Model", exact: true }).getByText("test-model").waitFor();
  });

  it("that were recorded are sent again to another model", async () => {
    const { page, ask, portico, provider } = await open();
    await portico.lead.call("settings.update", { "records.bodies": true });
    await ask({ text: "say it again" });
    await rows(page).first().click();
    await pane(page).getByRole("button", { name: "Send again to…" }).click();
    const dialog = page.getByRole("dialog", { name: "Send again" });
    await dialog.getByRole("radio", { name: /test-model-mini/ }).check();
    await dialog.getByRole("button", { name: "Send to test-model-mini" }).click();
    await dialog.getByText("Sent, and answered").waitFor();
    for (const side of ["Before", "Now"]) {
      await dialog.getByRole("region", { name: side }).getByText("there").waitFor();
    }
    await dialog.getByRole("button", { name: "Show it" }).click();
    await pane(page).locator(".facts").getByText("test-model-mini").first().waitFor();
    await pane(page).locator("summary", { hasText: "Show" }).first().click();
    await pane(page).getByText("say it again").waitFor();
    await pane(page)
      .getByText(/headers, secrets blanked/)
      .click();
    await pane(page).getByRole("rowheader", { name: "content-type" }).waitFor();
    await pane(page).getByRole("button", { name: "Copy Request body" }).click();
    const again = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()));
    expect(again).toMatchObject({
      model: "test-model-mini",
      messages: [{ role: "user", content: "say it again" }],
    });
    expect(JSON.parse(String(provider.upstream.received.at(-1)?.body))).toEqual(again);
    await pane(page).locator("summary", { hasText: "Show" }).last().click();
    await pane(page).getByRole("region", { name: "Reply body" }).getByText("there").waitFor();
    await pane(page).getByRole("button", { name: "Copy as curl" }).click();
    await page.getByText("Copied. Put your key in place of its placeholder.").waitFor();
    // Sent to nobody while the proxy is stopped.
    await page.getByRole("banner").getByRole("button", { name: "Stop" }).click();
    await page.getByText("Stopped", { exact: true }).first().waitFor();
    await pane(page).getByRole("button", { name: "Send again to…" }).click();
    await dialog.getByRole("button", { name: "Send to test-model-mini" }).click();
    await dialog.getByRole("alert").getByText(/start/i).waitFor();
  });

  it("are gone through by keys alone", async () => {
    const { page, ask, portico } = await open({ accounts: { work: "well", spare: "well" } });
    await portico.lead.call("settings.update", { "records.bodies": true });
    for (const text of ["one", "two", "three"]) await ask({ text });
    await page.getByText("3 kept").waitFor();
    const keys = keysOf(page);
    await keys.press("/");
    await keys.type("acc");
    await page.getByRole("option", { name: /^account: \d+ used$/ }).waitFor();
    await keys.press("ArrowDown", "Enter");
    await page.getByRole("option", { name: "Work" }).waitFor();
    await keys.press("Escape", "Escape");
    await page.getByText("3 kept").waitFor();
    await keys.to("Errors");
    await keys.press("Enter");
    await page.getByText("No request matches.").waitFor();
    await keys.to("Show all");
    await keys.press("Enter");
    await page.getByText("3 kept").waitFor();
    await expect.poll(async () => (await keys.focused()).role).not.toBe("body");
    await keys.press("/");
    await keys.to("Pause");
    await keys.press("Space");
    await keys.at("Resume");
    await keys.press("Space");
    await keys.to("Columns");
    await keys.press("ArrowDown");
    await keys.at(/^Client/);
    await keys.press("p");
    await keys.at(/^Protocol/);
    await keys.press("Enter", "Escape");
    await keys.at("Columns");
    await page.getByRole("columnheader", { name: "Protocol" }).waitFor();
    await keys.to("Export what is filtered");
    await keys.press("Enter");
    await keys.at("CSV, for a spreadsheet");
    const saving = page.waitForEvent("download");
    await keys.press("Enter");
    const text = await readFile(await (await saving).path(), "utf8");
    expect(text.trim().split("\n").length).toBe(4);
    await keys.at("Export what is filtered");

    await keys.press("/", "Enter");
    await keys.at("Requests");
    await keys.press("ArrowDown", "Enter");
    await pane(page).getByRole("button", { name: "Copy as curl" }).waitFor();
    await keys.to("Show");
    await keys.press("Enter");
    await pane(page).getByText("two").waitFor();
    await keys.to("Copy as curl");
    await keys.press("Enter");
    await page.getByText("Copied. Put your key in place of its placeholder.").waitFor();
    await keys.to("Send again to…");
    await keys.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Send again" });
    await dialog.getByRole("radio").first().waitFor();
    await keys.to("Find a model");
    await keys.type("mini");
    await keys.to(/^test-model/);
    await keys.press("ArrowDown");
    await keys.to(/^Send to .*mini/);
    await keys.press("Enter");
    await dialog.getByText("Sent, and answered").waitFor();
    await keys.to("Show it");
    await keys.press("Enter");
    await dialog.waitFor({ state: "detached" });
    await pane(page).locator(".facts").getByText("test-model-mini").first().waitFor();
    await expect.poll(async () => (await keys.focused()).role).not.toBe("body");
    await keys.press("Escape");
    await pane(page).waitFor({ state: "detached" });
    await keys.at("Requests");
    await keys.to("More", "back");
    await keys.press("Enter");
    await keys.at("Clear the list…");
    await keys.press("Enter");
    await keys.to("Clear");
    await keys.press("Enter");
    await page.getByText("4 requests removed").waitFor();
    await keys.at("More");
  });
});
