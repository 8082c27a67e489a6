/** Client keys on the page API Proxy, against a real gateway: made, shown once, limited, replaced and revoked. */
import { readFile } from "node:fs/promises";
import type { Locator, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { axeFindings, browserPath, overflows } from "../support/pages/browser.ts";
import { openReal } from "../support/pages/real.ts";
import { withBrowser } from "../support/pages/withBrowser.ts";

describe.skipIf(browserPath === undefined)("client keys of a real gateway (needs a browser)", () => {
  const pages = withBrowser();

  const press = (page: Page | Locator, name: string) =>
    page.getByRole("button", { name, exact: true }).click();
  const field = (page: Page, name: string) => page.getByRole("textbox", { name, exact: true });
  const dialog = (page: Page, name: string) => page.getByRole("dialog", { name, exact: true });

  async function open() {
    const real = await openReal(pages.browser, {
      open: "api-proxy",
      width: 1200,
      stopped: true,
      lead: { kind: "headless", window: { port: 0, auth: { mode: "strict" } } },
    });
    pages.keep(real);
    const { proxy } = await real.portico.lead.call("proxy.start", undefined);
    if (proxy.kind !== "running") throw new Error(`not running: ${proxy.kind}`);
    await real.page
      .getByRole("navigation", { name: "On this page" })
      .getByRole("link", { name: "Keys", exact: true })
      .click();
    return { ...real, base: proxy.baseUrl };
  }

  async function statusOf(base: string, key: string, model = "sandbox/echo"): Promise<number> {
    const reply = await fetch(`${base}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
      body: JSON.stringify({ model, messages: [{ role: "user", content: "hi" }] }),
    });
    await reply.text();
    return reply.status;
  }

  it("goes from none to one that is made, used, limited, replaced and revoked", async () => {
    const { page, portico, base } = await open();
    await page.getByText("There is no client key yet.").waitFor();
    await press(page, "Add a key…");
    const adding = dialog(page, "Add a key");
    await field(page, "Name").fill("CI");
    await field(page, "Models").fill("sandbox/*, gpt-*");
    await field(page, "Requests per minute").fill("3x");
    await page.getByText("Enter a number.").waitFor();
    expect(await adding.getByRole("button", { name: "Add the key" }).isDisabled()).toBe(true);
    await field(page, "Requests per minute").fill("30");
    await field(page, "Budget").fill("20");
    expect(await axeFindings(page)).toEqual([]);
    await press(adding, "Add the key");

    const shown = dialog(page, "The key of CI");
    const key = (await shown.locator("code").textContent()) ?? "";
    expect(key).toMatch(/^sk-portico-[\w-]{32}$/);
    await press(shown, "Copy the key");
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(key);
    await press(shown, "Done");
    await expect.poll(() => page.content()).not.toContain(key);
    const list = page.getByRole("list", { name: "Keys" });
    await list.getByText(`sk-portico-…${key.slice(-4)}`).waitFor();
    await list
      .getByText(/never used · sandbox\/\*, gpt-\* · 30 requests per minute · \$20\.00 \/ month/)
      .waitFor();
    expect(await statusOf(base, key)).toBe(200);
    expect(await statusOf(base, key, "claude-x")).toBe(403);

    await press(page, "Change CI");
    await field(page, "Models").fill("");
    await field(page, "Requests at once").fill("0");
    await press(dialog(page, "Change CI"), "Save");
    await list.getByText(/ago · 30 requests per minute · 0 at once/).waitFor();
    expect(await statusOf(base, key)).toBe(429);
    await press(page, "Change CI");
    await field(page, "Requests at once").fill("");
    await press(dialog(page, "Change CI"), "Save");
    await dialog(page, "Change CI").waitFor({ state: "detached" });
    await list.getByText(/ago · 30 requests per minute · \$20/).waitFor();
    await expect.poll(() => statusOf(base, key)).toBe(200);
    const [stored] = await portico.lead.call("keys.list", undefined);
    expect(stored).toMatchObject({
      perMinute: { requests: 30 },
      budgets: [{ unit: "usd", per: "month", limit: 20 }],
    });
    expect(stored).not.toHaveProperty("models");

    await press(page, "New key for CI");
    await press(dialog(page, "Make a new key for CI?"), "Make a new key");
    const next = (await dialog(page, "The key of CI").locator("code").textContent()) ?? "";
    expect(next).not.toBe(key);
    await press(page, "Done");
    expect(await Promise.all([key, next].map((each) => statusOf(base, each)))).toEqual([200, 200]);

    await press(page, "Revoke CI");
    await press(dialog(page, "Revoke the key of CI?"), "Revoke");
    await page.getByText("There is no client key yet.").waitFor();
    expect(await Promise.all([key, next].map((each) => statusOf(base, each)))).toEqual([401, 401]);
  }, 60_000);

  it("leads to a key's requests and to what it used", async () => {
    const { page, portico, base } = await open();
    const made = await portico.lead.call("keys.add", { name: "CI" });
    await portico.lead.call("keys.add", { name: "Idle" });
    const { apiKey } = await portico.lead.call("auth.key", undefined);
    for (const key of [made.key, made.key, apiKey]) expect(await statusOf(base, key)).toBe(200);
    await expect.poll(async () => (await portico.lead.call("requests.list", { limit: 1 })).total).toBe(3);
    const toKeys = async () => {
      await page.getByRole("navigation").getByRole("link", { name: "API Proxy", exact: true }).click();
      await page.getByRole("link", { name: "Keys", exact: true }).click();
    };

    await page.reload();
    await press(page, "Requests of CI");
    await page.getByText("2 found", { exact: true }).waitFor();
    await page.getByRole("combobox", { name: /Filter/ }).fill("key:idle");
    await page.getByText("0 found", { exact: true }).waitFor();
    await page.getByRole("combobox", { name: /Filter/ }).fill("key:-");
    await page.getByText("1 found", { exact: true }).waitFor();

    await toKeys();
    await press(page, "Token Stats of CI");
    const totals = page.locator(".totals");
    const counted = (n: number) =>
      expect.poll(async () => (await totals.textContent())?.startsWith(`Requests${n}`)).toBe(true);
    await page.getByText("Client key: CI", { exact: true }).waitFor();
    await counted(2);
    await page.getByRole("group", { name: "By" }).getByRole("button", { name: "Client key" }).click();
    const table = page.getByRole("table", { name: "Client key", exact: true });
    expect(await table.locator("tbody tr").allTextContents()).toEqual([expect.stringMatching(/^CI2/)]);
    expect(await axeFindings(page)).toEqual([]);
    const saving = page.waitForEvent("download");
    await press(page, "Export CSV");
    const download = await saving;
    expect(download.suggestedFilename()).toContain(`portico-stats-key-${made.view.id}-`);
    expect(await readFile(await download.path(), "utf8")).toMatch(
      new RegExp(`^start,key,label,.*\r\n[^,]+,${made.view.id},CI,2,`),
    );
    await press(page, "Count all keys");
    await counted(3);
    const rows = await table.locator("tbody tr").allTextContents();
    expect(rows).toEqual([expect.stringMatching(/^CI2/), expect.stringMatching(/^no client key1/)]);
    await table.getByRole("button", { name: "CI: show its requests" }).click();
    await page.getByText("2 found", { exact: true }).waitFor();
  }, 60_000);

  it("has room on a narrow screen, and says what went wrong", async () => {
    const { page, portico } = await open();
    await portico.lead.call("keys.add", {
      name: "A rather long name of a tool",
      models: ["a-long-model-*"],
      atOnce: 3,
    });
    await page.reload();
    await page.getByText("A rather long name of a tool").waitFor();
    await page.setViewportSize({ width: 320, height: 800 });
    await expect.poll(() => overflows(page)).toBe(false);
    await press(page, "Add a key…");
    await expect.poll(() => overflows(page)).toBe(false);
    await field(page, "Name").fill("Tool");
    await field(page, "Addresses it may come from").fill("somewhere");
    await press(page, "Add the key");
    await page.getByText(/address or a range/).waitFor();
    await press(page, "Cancel");
    expect(await portico.lead.call("keys.list", undefined)).toHaveLength(1);
  }, 60_000);
});
