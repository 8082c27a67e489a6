/** The API Proxy page over scripted worlds: what a real gateway does not show. What it does: apiProxyReal.test.ts. */

import type { Locator, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { RoutesView } from "../../src/control/settings.ts";
import { visibleText } from "../../src/control/visible.ts";
import { axeFindings, browserPath, overflows } from "../support/pages/browser.ts";
import { Refusal } from "../support/pages/fake.ts";
import { openWorld, settled } from "../support/pages/open.ts";
import { withBrowser } from "../support/pages/withBrowser.ts";
import { settingsView, WORLDS, world } from "../support/pages/worlds.ts";

describe.skipIf(browserPath === undefined)("the API Proxy page (needs a browser)", () => {
  const pages = withBrowser();
  type Options = NonNullable<Parameters<typeof openWorld>[1]>;
  const open = (options: Options = {}) =>
    openWorld(pages.browser, { hash: "api-proxy", width: 1200, ...options });
  const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();
  const part = (page: Page, name: string) => page.getByRole("region", { name, exact: true });
  const tab = (page: Page, name: string) =>
    page.getByRole("navigation", { name: "On this page" }).getByRole("link", { name, exact: true }).click();
  const clipboard = (page: Page) => page.evaluate(() => navigator.clipboard.readText());
  const withSettings = (
    change: Parameters<typeof settingsView>[0],
    homes: Parameters<typeof settingsView>[1] = {},
    configFile?: string,
  ): Options => ({
    world: {
      ...world("normal"),
      settings: { ...settingsView(change, homes), ...(configFile === undefined ? {} : { configFile }) },
    },
  });

  it("starts and stops, and says what is in flight", async () => {
    const { fake, page, close } = await open({
      answers: { "proxy.stop": () => world("stopped").status, "proxy.start": () => world("normal").status },
    });
    const proxy = part(page, "Proxy");
    await proxy.getByText("2 requests under way").waitFor();
    await proxy.getByRole("button", { name: "Stop" }).click();
    await proxy.getByText("Stopped", { exact: true }).waitFor();
    await proxy.getByRole("button", { name: "Start Proxy" }).click();
    await proxy.getByText("Running", { exact: true }).waitFor();
    expect(fake.called("proxy.stop")).toHaveLength(1);
    await close();
  });

  it("has a dot beside its state that says the same, whatever else is the matter", async () => {
    const { page, close } = await open();
    await page.getByRole("banner").getByRole("button", { name: "1 account needs you" }).waitFor();
    await page.locator(".strip .dot.bad").waitFor();
    const state = part(page, "Proxy")
      .locator(".row")
      .filter({ hasText: /^Running$/ });
    await state.locator(".dot.ok").waitFor();
    await close();
  });

  it("shows what a stop waits for, and stops now", async () => {
    const off = world("stopped").status;
    const stopping = {
      ...world("normal").status,
      proxy: { kind: "stopped" as const, stopping: { until: Date.now() + 10_000 } },
    };
    let over = (): void => {};
    const ended = new Promise<void>((resolve) => {
      over = resolve;
    });
    const { fake, page, close } = await open({
      answers: {
        "proxy.stop": async (params) => {
          if (params?.now === true) over();
          else await ended;
          return off;
        },
      },
    });
    const proxy = part(page, "Proxy");
    await proxy.getByText(/gives those under way 10 seconds to end/).waitFor();
    await proxy.getByRole("button", { name: "Stop", exact: true }).click();
    fake.emit("status", stopping);
    await proxy.getByText("Stopping", { exact: true }).waitFor();
    await page.getByRole("banner").getByText("2 requests under way").waitFor();
    await proxy.getByRole("button", { name: "Stop now" }).click();
    await proxy.getByText("Stopped", { exact: true }).waitFor();
    expect(fake.called("proxy.stop")).toHaveLength(2);
    await close();
  });

  it("does not copy a key for what was not switched on", async () => {
    const { page, close } = await open({
      answers: {
        "settings.update": () => {
          throw new Refusal("The config file sets it.");
        },
      },
    });
    await page.evaluate(() => navigator.clipboard.writeText("before"));
    await press(page, "Let other computers in…");
    await press(page, "Allow, and copy the key");
    await page.getByText("It was not switched on.").waitFor();
    expect(await clipboard(page)).toBe("before");
    await close();
  });

  it("says of each setting where it is set, and does not offer what the config file keeps", async () => {
    const { page, close } = await open(
      withSettings(
        {},
        { port: "config", "auth.mode": "config", allowedOrigins: "config", "scheduling.strategy": "config" },
        "/etc/portico.jsonc",
      ),
    );
    expect(await page.getByRole("textbox", { name: "Port" }).isDisabled()).toBe(true);
    expect(await page.getByLabel("Nobody", { exact: true }).isDisabled()).toBe(true);
    expect(await page.getByLabel("Add an origin").count()).toBe(0);
    const kept = page.getByText("Set in /etc/portico.jsonc; change it there.");
    expect(await kept.count()).toBe(3);
    await tab(page, "Scheduling");
    await kept.waitFor();
    expect(await page.getByLabel("Balanced").isDisabled()).toBe(true);
    await close();
  });

  it("shows the config file's routes beside one's own", async () => {
    const shown = world("normal");
    const { page, close } = await open({
      hash: "api-proxy?section=routes",
      world: { ...shown, settings: { ...shown.settings, configFile: "/etc/portico.jsonc" } },
      answers: { "routes.get": () => ({ fixed: [{ model: "o3", to: ["team-openai/o3"] }], own: [] }) },
    });
    await page.getByText("Set in /etc/portico.jsonc; they come first:").waitFor();
    await page.getByText("team-openai/o3").waitFor();
    expect(await page.getByRole("button", { name: "Edit o3" }).count()).toBe(0);
    await close();
  });

  it("keeps a draft of routes over tabs and pages, until another window saves other ones", async () => {
    let routes: RoutesView = { fixed: [], own: [{ model: "one", to: ["team-openai"] }] };
    const { fake, page, close } = await open({
      hash: "api-proxy?section=routes",
      answers: { "routes.get": () => routes },
    });
    const list = page.getByRole("list", { name: "Routes" });
    await page.getByRole("button", { name: "Add a route" }).click();
    await page.keyboard.type("draft-*");
    await list
      .getByText("draft-*")
      .or(page.getByRole("textbox", { name: "A tool asks for" }))
      .first()
      .waitFor();
    await tab(page, "Scheduling");
    await part(page, "Which account answers").waitFor();
    await tab(page, "Routes");
    await page.getByText("Not saved yet").waitFor();
    await list.getByText("draft-*").waitFor();
    const pagesNav = page.getByRole("navigation", { name: "Pages" });
    await pagesNav.getByRole("link", { name: "Monitor" }).click();
    await page.getByRole("grid", { name: "Requests" }).waitFor();
    await pagesNav.getByRole("link", { name: "API Proxy" }).click();
    await list.getByText("draft-*").waitFor();
    expect(fake.called("routes.set")).toEqual([]);
    // What is there now is no draft of that.
    await pagesNav.getByRole("link", { name: "Monitor" }).click();
    routes = { fixed: [], own: [{ model: "two", to: ["team-openai"] }] };
    await pagesNav.getByRole("link", { name: "API Proxy" }).click();
    await list.getByText("two", { exact: true }).waitFor();
    expect(await list.getByText("draft-*").count()).toBe(0);
    await close();
  });

  it("forgets a draft of routes that was discarded", async () => {
    const { page, close } = await open({ hash: "api-proxy?section=routes" });
    await page.getByRole("button", { name: "Add a route" }).click();
    await page.keyboard.type("draft-*");
    await press(page, "Discard changes");
    await tab(page, "Scheduling");
    await tab(page, "Routes");
    await page.getByRole("list", { name: "Routes" }).getByText("claude-*").waitFor();
    expect(await page.getByText("draft-*").count()).toBe(0);
    expect(await page.getByText("Not saved yet").count()).toBe(0);
    await close();
  });

  it("sets a tool of another computer up with the address and key that it needs", async () => {
    const { page, close } = await open({
      ...withSettings({ allowLanAccess: true }),
      hash: "connect?client=claude-code",
      answers: {
        "surroundings.get": () => ({
          version: "1",
          kind: "headless",
          clients: 1,
          proxy: { used: "" },
          addresses: ["192.168.1.7", "fd00::7"],
        }),
      },
    });
    await page.getByLabel("For another computer").check();
    await page.getByText("export ANTHROPIC_BASE_URL=http://192.168.1.7:8045").waitFor();
    await page.getByText("export ANTHROPIC_AUTH_TOKEN='••••••••'").waitFor();
    await page.getByRole("link", { name: "API Proxy", exact: true }).click();
    await page.getByText("http://[fd00::7]:8045").waitFor();
    await close();
  });

  it("says how it gets out itself", async () => {
    const { page, close } = await open({
      answers: {
        "surroundings.get": () => ({
          version: "1",
          kind: "headless",
          clients: 1,
          proxy: { used: "http://proxy.example.com:3128", problem: "It wants a password." },
        }),
      },
    });
    const network = part(page, "Outgoing connections");
    await network.getByText("http://proxy.example.com:3128").waitFor();
    await network.getByText("It wants a password.").waitFor();
    await network.getByText("From HTTPS_PROXY").waitFor();
    await close();
  });

  it("shows names of models that would steer a line as they are, and copies them so", async () => {
    const name = "custom/gpt\u202e5-evil\u001b[2J";
    const models = [{ name, accounts: [{ id: "a", label: "A\u2066", protocols: ["openai-chat" as const] }] }];
    const { page, close } = await open({
      hash: "api-proxy?section=models",
      answers: { "models.list": () => models },
    });
    const section = part(page, "Models");
    await section.getByText("custom/gpt\\u202e5-evil\\u001b[2J", { exact: true }).waitFor();
    // What a field or an option stands for is not shown.
    const read = await page.evaluate(() =>
      [...document.querySelectorAll("*")].flatMap((each) => [
        ...[...each.childNodes].map((node) => (node.nodeType === Node.TEXT_NODE ? node.nodeValue : "")),
        ...["title", "aria-label", "placeholder"].map((attribute) => each.getAttribute(attribute)),
      ]),
    );
    expect(read.join("")).toBe(visibleText(read.join("")));
    await section.getByRole("button", { name: /copy/i }).first().click();
    await expect.poll(() => clipboard(page)).toBe(name);
    await close();
  });

  it("is opened at a part by a link, keeps its tabs in sight, and comes back to the one that was left", async () => {
    const { page, close } = await open({ hash: "api-proxy?section=network", height: 300 });
    const inSight = (element: Locator) =>
      element.evaluate((each) => {
        const { top, bottom } = each.getBoundingClientRect();
        return top >= 0 && bottom <= window.innerHeight;
      });
    await expect.poll(() => inSight(page.getByRole("heading", { name: "Outgoing connections" }))).toBe(true);
    await expect.poll(() => page.evaluate(() => window.scrollY)).toBeGreaterThan(100);
    await expect.poll(() => inSight(page.getByRole("navigation", { name: "On this page" }))).toBe(true);
    await tab(page, "Models");
    await part(page, "Models").getByText("8 models").waitFor();
    expect(await part(page, "Proxy").count()).toBe(0);
    const pageTab = (name: string) =>
      page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name });
    await pageTab("Settings").click();
    await part(page, "Budgets").waitFor();
    await pageTab("API Proxy").click();
    await part(page, "Models").waitFor();
    await close();
  });

  const EVERYTHING = ["api-proxy?section=proxy", "api-proxy?section=routes", "api-proxy?section=scheduling"];
  const SETTINGS = ["settings?part=budgets", "settings?part=records", "settings?part=data"];
  it.each([...EVERYTHING, "api-proxy?section=models", ...SETTINGS, "connect", "accounts"])(
    "is no longer than a few screens, also where it is narrow: %s",
    async (hash) => {
      const { page, close } = await open({ hash, width: 320, height: 800 });
      await settled(page);
      await expect.poll(() => page.evaluate(() => document.body.scrollHeight)).toBeLessThan(4000);
      await close();
    },
  );

  it.each(WORLDS.flatMap((name) => [320, 1200].map((width) => [name, width] as const)))(
    "has nothing that axe minds, nor anything too wide: %s, %i px",
    async (name, width) => {
      const { page, errors, close } = await open({ world: name, width });
      await page.locator(".api-proxy").waitFor();
      expect(await axeFindings(page)).toEqual([]);
      await expect.poll(() => overflows(page)).toBe(false);
      if (name !== "disconnected") expect(errors).toEqual([]);
      await close();
    },
  );

  it.each(["light", "high-contrast"] as const)(
    "has nothing that axe minds in %s, a route open",
    async (theme) => {
      const { page, close } = await open({ theme, hash: "api-proxy?section=routes" });
      await press(page, "Edit claude-*");
      await page.getByLabel("A tool asks for", { exact: true }).fill("claude-sonnet-5");
      await page.getByText("Work · Anthropic answers").waitFor();
      expect(await axeFindings(page)).toEqual([]);
      await close();
    },
  );

  it("can be read in forced colours", async () => {
    const { page, close } = await open({ forcedColors: "active" });
    await page.locator(".api-proxy").waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await close();
  });
});
