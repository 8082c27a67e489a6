/** API Proxy against a real gateway: what is set there holds at the port at once. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { browserPath, openBrowser } from "../support/pages/browser.ts";
import { type OpenedReal, openReal } from "../support/pages/real.ts";

describe.skipIf(browserPath === undefined)("API Proxy of a real gateway (needs a browser)", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();
  const clipboard = (page: Page) => page.evaluate(() => navigator.clipboard.readText());

  /** Without VS Code, whose settings a browser could not write; on a port of its own. */
  async function open(): Promise<OpenedReal> {
    const real = await openReal(browser, {
      open: "api-proxy",
      stopped: true,
      lead: { kind: "headless", window: {} },
    });
    await real.portico.lead.call("settings.update", { port: 0 });
    await real.portico.lead.call("proxy.start", undefined);
    await real.page.getByText("Running", { exact: true }).first().waitFor();
    return real;
  }

  async function baseUrl({ portico }: OpenedReal): Promise<string> {
    const { proxy } = await portico.lead.call("status.get", undefined);
    return proxy.kind === "running" ? proxy.baseUrl : "";
  }

  /** The status of a list of models, asked for with these headers. */
  async function models(base: string, headers: Record<string, string> = {}): Promise<number> {
    const response = await fetch(`${base}/v1/models`, { headers });
    await response.text();
    return response.status;
  }

  it("asks for the key from then on, and for the new one after that", async () => {
    const real = await open();
    const { page, errors } = real;
    const base = await baseUrl(real);
    await page.getByLabel("Everybody, for everything").check();
    await expect.poll(() => models(base)).toBe(401);
    await press(page, "Copy the key");
    await page.getByText("Copied the key").waitFor();
    const old = await clipboard(page);
    expect(await models(base, { authorization: `Bearer ${old}` })).toBe(200);
    await press(page, "New key…");
    await press(page, "Make and copy a new key");
    await page.getByText("Copied the new key").waitFor();
    const fresh = await clipboard(page);
    expect(await models(base, { authorization: `Bearer ${old}` })).toBe(401);
    expect(await models(base, { "x-api-key": fresh })).toBe(200);
    expect(errors).toEqual([]);
    await real.close();
  });

  it("lets an origin in, and out again", async () => {
    const real = await open();
    const { page } = real;
    const base = await baseUrl(real);
    const origin = "https://app.example.com";
    expect(await models(base, { origin })).toBe(403);
    await page.getByLabel("Add an origin").fill(origin);
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: `Remove ${origin}` }).click({ trial: true });
    await expect.poll(() => models(base, { origin })).toBe(200);
    await page.getByRole("button", { name: `Remove ${origin}` }).click();
    await expect.poll(() => models(base, { origin })).toBe(403);
    await real.close();
  });

  it("tries a route before it is kept, and takes it once it is", async () => {
    const real = await open();
    const { page, ask, portico } = real;
    await press(page, "Add a route");
    await page.getByLabel("When a tool asks for").fill("my-alias");
    await page.getByLabel("Target, place 1").fill("work/test-model");
    await page.getByLabel("A tool asks for", { exact: true }).fill("my-alias");
    await page.getByText("Work answers").waitFor();
    expect((await portico.lead.call("routes.get", undefined)).own).toEqual([]);
    await press(page, "Save routes");
    await page.getByText("Routes are saved").waitFor();
    expect(await ask({ model: "my-alias" })).toBe(200);
    const sent = JSON.parse(String(real.provider.upstream.received.at(-1)?.body)) as { model: string };
    expect(sent.model).toBe("test-model");
    await page.reload();
    await page.getByRole("list", { name: "Routes" }).getByText("my-alias").first().waitFor();
    await real.close();
  });

  it("moves to another port, stops and starts there", async () => {
    const real = await open();
    const { page } = real;
    const before = await baseUrl(real);
    const port = Number(new URL(before).port);
    const next = port > 60_000 ? port - 1777 : port + 1777;
    await page.getByRole("textbox", { name: "Port" }).fill(String(next));
    await page.keyboard.press("Enter");
    await expect.poll(() => baseUrl(real)).toBe(`http://127.0.0.1:${next}`);
    expect(await models(`http://127.0.0.1:${next}`)).toBe(200);
    await page.getByRole("banner").getByRole("button", { name: "Stop" }).click();
    await page.getByText("Stopped", { exact: true }).first().waitFor();
    await expect(models(`http://127.0.0.1:${next}`)).rejects.toThrow();
    await page.getByRole("main").getByRole("button", { name: "Start Proxy" }).click();
    await page.getByText("Running", { exact: true }).first().waitFor();
    expect(await models(`http://127.0.0.1:${next}`)).toBe(200);
    await real.close();
  });

  it("keeps the strategy over a reload", async () => {
    const real = await open();
    const { page, portico } = real;
    await page.getByLabel("Round robin").check();
    await expect
      .poll(async () => (await portico.lead.call("settings.get", undefined)).values["scheduling.strategy"])
      .toBe("round-robin");
    await page.reload();
    await expect.poll(() => page.getByLabel("Round robin").isChecked()).toBe(true);
    await real.close();
  });
});
