/** The API Proxy page, in a real browser over scripted worlds. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RouteRule, RoutesView } from "../../src/control/settings.ts";
import { axeFindings, browserPath, openBrowser, overflows } from "../support/pages/browser.ts";
import { Refusal } from "../support/pages/fake.ts";
import { openWorld } from "../support/pages/open.ts";
import { explained, ROUTES } from "../support/pages/routing.ts";
import { settingsView, WORLDS, world } from "../support/pages/worlds.ts";

const KEY = "ptk-the-real-key-0123456789";

describe.skipIf(browserPath === undefined)("the API Proxy page (needs a browser)", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());
  type Options = NonNullable<Parameters<typeof openWorld>[1]>;
  const open = (options: Options = {}) => openWorld(browser, { hash: "api-proxy", width: 1200, ...options });
  const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();
  const part = (page: Page, name: string) => page.getByRole("region", { name, exact: true });
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
    await proxy.getByText("2 requests in flight").waitFor();
    await proxy.getByRole("button", { name: "Stop" }).click();
    await proxy.getByText("Stopped", { exact: true }).waitFor();
    await proxy.getByRole("button", { name: "Start Proxy" }).click();
    await proxy.getByText("Running", { exact: true }).waitFor();
    expect(fake.called("proxy.stop")).toHaveLength(1);
    await close();
  });

  it("changes the port after saying what that does", async () => {
    const { fake, page, close } = await open();
    const port = page.getByRole("textbox", { name: "Port" });
    await port.fill("80x");
    await page.getByText("Enter a number.").waitFor();
    await port.fill("70000");
    await page.getByText("At most 65535.").waitFor();
    await port.fill("8100");
    await page.getByText("Tools that were set up with 8045 get “connection refused”").waitFor();
    expect(fake.called("settings.update")).toEqual([]);
    await page.keyboard.press("Enter");
    await page.getByText("The port is changed").waitFor();
    expect(fake.called("settings.update")).toEqual([{ port: 8100 }]);
    await close();
  });

  it("says why a port was refused", async () => {
    const { page, close } = await open({
      answers: {
        "settings.update": () => {
          throw new Refusal("Port 8100 is taken by node (pid 4711).");
        },
      },
    });
    await page.getByRole("textbox", { name: "Port" }).fill("8100");
    await page.keyboard.press("Enter");
    await page.getByText("Port 8100 is taken by node (pid 4711).").waitFor();
    await close();
  });

  it("lets other computers in only after saying what that means, and gives the key along", async () => {
    const { fake, page, close } = await open({
      answers: {
        "auth.key": () => ({ apiKey: KEY }),
        "surroundings.get": () => ({
          version: "1",
          kind: "headless",
          clients: 1,
          proxy: { used: "" },
          addresses: ["192.168.1.7"],
        }),
      },
    });
    await press(page, "Let other computers in…");
    const dialog = page.getByRole("dialog", { name: "Let other computers use Portico?" });
    await dialog.getByText("at http://192.168.1.7:8045").waitFor();
    await dialog.getByText("everybody outside this computer must show it").waitFor();
    await dialog.getByText("The connection is not encrypted").waitFor();
    await page.keyboard.press("Escape");
    expect(fake.called("settings.update")).toEqual([]);
    await press(page, "Let other computers in…");
    await press(page, "Allow, and copy the key");
    await page.getByRole("button", { name: "This computer only" }).waitFor();
    expect(fake.called("settings.update")).toEqual([{ allowLanAccess: true }]);
    expect(await clipboard(page)).toBe(KEY);
    await page.getByRole("button", { name: "Copy the address for other computers" }).click();
    await expect.poll(() => clipboard(page)).toBe("http://192.168.1.7:8045");
    await press(page, "This computer only");
    await expect.poll(() => fake.called("settings.update").at(-1)).toEqual({ allowLanAccess: false });
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

  it("changes who needs the key", async () => {
    const { fake, page, close } = await open();
    await page.getByLabel("Everybody, for everything").check();
    await expect.poll(() => fake.called("settings.update")).toEqual([{ "auth.mode": "strict" }]);
    await page.getByText("Put the key into what I copy").waitFor();
    await close();
  });

  it("shows the key only when asked, copies it, and makes a new one after a warning", async () => {
    const { fake, page, close } = await open({
      answers: { "auth.key": () => ({ apiKey: KEY }), "auth.rotate": () => ({ apiKey: "ptk-new" }) },
    });
    const access = part(page, "Who may call");
    await access.getByText("••••").waitFor();
    expect(fake.called("auth.key")).toEqual([]);
    await press(page, "Show");
    await access.getByText(KEY).waitFor();
    await press(page, "Hide");
    await access.getByText(KEY).waitFor({ state: "detached" });
    await press(page, "Copy the key");
    await page.getByText("Copied the key").waitFor();
    expect(await clipboard(page)).toBe(KEY);
    await press(page, "New key…");
    await page.getByText("The old key stops working at once").waitFor();
    expect(fake.called("auth.rotate")).toEqual([]);
    await press(page, "Make and copy a new key");
    await page.getByText("Copied the new key").waitFor();
    expect(await clipboard(page)).toBe("ptk-new");
    await close();
  });

  it("adds origins that are ones, and takes them away", async () => {
    const { fake, page, close } = await open(withSettings({ allowedOrigins: ["https://old.example.com"] }));
    const field = page.getByLabel("Add an origin");
    for (const [typed, problem] of [
      ["example.com", "An origin has a scheme and a host"],
      ["https://example.com/path", "Leave out what follows the host: https://example.com"],
      ["https://*.example.com", "A wildcard would let any web page in"],
      ["https://old.example.com", "It is on the list."],
    ] as const) {
      await field.fill(typed);
      await page.keyboard.press("Enter");
      await page.getByText(problem).waitFor();
    }
    await field.fill("vscode-webview://*");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Remove vscode-webview://*" }).waitFor();
    await page.getByRole("button", { name: "Remove https://old.example.com" }).click();
    await expect
      .poll(() => fake.called("settings.update"))
      .toEqual([
        { allowedOrigins: ["https://old.example.com", "vscode-webview://*"] },
        { allowedOrigins: ["vscode-webview://*"] },
      ]);
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
    expect(await page.getByLabel("Balanced").isDisabled()).toBe(true);
    expect(await page.getByLabel("Add an origin").count()).toBe(0);
    expect(await page.getByText("Set in /etc/portico.jsonc; change it there.").count()).toBe(4);
    await close();
  });

  it("explains each strategy and changes its settings", async () => {
    const { fake, page, close } = await open();
    await page.getByText("A conversation stays on its account").waitFor();
    const wait = page.getByLabel("Wait rather than move");
    expect(await wait.inputValue()).toBe("30");
    await wait.fill("700");
    await page.keyboard.press("Tab");
    await page.getByText("At most 600.").waitFor();
    await wait.fill("12.5");
    await page.keyboard.press("Tab");
    await page.getByLabel("Pinned", { exact: true }).check();
    await page.getByText("Choose one; until then the strategy does nothing.").waitFor();
    await page.getByLabel("Pinned account").selectOption("ollama");
    await page.getByLabel("Keep a reserve").fill("25");
    await page.keyboard.press("Tab");
    await expect
      .poll(() => fake.called("settings.update"))
      .toEqual([
        { "scheduling.stickyWaitMs": 12_500 },
        { "scheduling.strategy": "pinned" },
        { "scheduling.pinned": "ollama" },
        { "scheduling.protectBelowPercent": 25 },
      ]);
    await close();
  });

  it("sends background requests elsewhere", async () => {
    const { fake, page, close } = await open(withSettings({ "background.enabled": true }));
    await page.getByText("Name a model; until then they go where they would.").waitFor();
    await press(page, "Add a target");
    await page.getByLabel("Background model, place 1").pressSequentially("ollama/qwen3:8b");
    await expect
      .poll(() => fake.called("settings.update").at(-1))
      .toEqual({ "background.to": ["ollama/qwen3:8b"] });
    await page.getByLabel("Send them to a cheaper model").click();
    await expect.poll(() => fake.called("settings.update").at(-1)).toEqual({ "background.enabled": false });
    await close();
  });

  it("edits routes by keyboard as a draft that the preview knows of, and keeps it when told", async () => {
    let own: RouteRule[] = [];
    const { fake, page, close } = await open({
      answers: {
        "routes.get": (): RoutesView => ({ fixed: [], own }),
        "routes.set": (rules): RoutesView => {
          own = rules;
          return { fixed: [], own };
        },
        "route.explain": ({ model, ...more }) =>
          explained(model, "routes" in more ? (more.routes as RouteRule[]) : own),
      },
    });
    await page.getByLabel("A tool asks for", { exact: true }).fill("claude-opus-9");
    await page.getByText("No account could answer it now.").waitFor();
    await press(page, "Add a route");
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute("placeholder")))
      .toBe("claude-*");
    await press(page, "Save routes");
    await page.getByText("Name a model; * stands for anything.").first().waitFor();
    await page.getByText("Name where it goes.").waitFor();
    expect(fake.called("routes.set")).toEqual([]);
    await page.getByLabel("When a tool asks for").fill("claude-*");
    await page.getByLabel("Target, place 1").fill("ollama/qwen3:8b");
    await press(page, "Add a fallback");
    await page.getByLabel("Target, place 2").fill("work-anthropic");
    await page.getByLabel("Target, place 2").press("Alt+ArrowUp");
    expect(await page.getByLabel("Target, place 1").inputValue()).toBe("work-anthropic");
    await page.getByText("Work · Anthropic answers").waitFor();
    await page.getByText("translated to Anthropic messages").waitFor();
    await page.getByText("Change the requests on the way").click();
    await page.getByLabel("Reasoning effort").selectOption("high");
    await page.getByLabel("Tokens of a reply at most").fill("lots");
    await page.getByText("A whole number from 1 to 10,000,000.").first().waitFor({ state: "attached" });
    await page.getByLabel("Tokens of a reply at most").fill("4000");
    await page.getByLabel("Text before the tool's own system prompt").fill("Be brief.");
    await press(page, "Save routes");
    await page.getByText("Routes are saved").waitFor();
    expect(fake.called("routes.set")).toEqual([
      [
        {
          model: "claude-*",
          to: ["work-anthropic", "ollama/qwen3:8b"],
          edit: { effort: "high", maxTokens: 4000, systemPrefix: "Be brief." },
        },
      ],
    ]);
    await page.getByText("effort high, at most 4000 tokens, text before the system prompt").waitFor();
    await close();
  });

  it("moves, removes and discards routes", async () => {
    const { fake, page, close } = await open();
    const rules = page.getByRole("list", { name: "Routes" }).locator("> li");
    await press(page, "Move gpt-5 up");
    expect(await rules.first().textContent()).toContain("gpt-5");
    await press(page, "Discard changes");
    expect(await rules.first().textContent()).toContain("claude-*");
    await press(page, "Move claude-* down");
    await press(page, "Remove claude-*");
    await press(page, "Save routes");
    await expect.poll(() => fake.called("routes.set")).toEqual([[ROUTES.own[1]]]);
    await close();
  });

  it("shows the config file's routes beside one's own", async () => {
    const shown = world("normal");
    const { page, close } = await open({
      world: { ...shown, settings: { ...shown.settings, configFile: "/etc/portico.jsonc" } },
      answers: { "routes.get": () => ({ fixed: [{ model: "o3", to: ["team-openai/o3"] }], own: [] }) },
    });
    await page.getByText("Set in /etc/portico.jsonc; they come first:").waitFor();
    await page.getByText("team-openai/o3").waitFor();
    expect(await page.getByRole("button", { name: "Edit o3" }).count()).toBe(0);
    await close();
  });

  it("warns of a second route of the same name", async () => {
    const { page, close } = await open();
    await press(page, "Add a route");
    await page.getByLabel("When a tool asks for").fill("gpt-5");
    await page.getByLabel("Target, place 1").fill("ollama");
    await press(page, "Save routes");
    await page.getByText("Another route has that name").first().waitFor();
    await close();
  });

  it("finds models, says who serves them and what they cost, and copies a name", async () => {
    const { page, close } = await open();
    const models = part(page, "Models");
    await models.getByText("8 models").waitFor();
    await models.getByLabel("Find a model").fill("anthropic sonnet");
    await models.getByText("2 of 8").waitFor();
    const line = models.getByRole("row").nth(1);
    expect(await line.textContent()).toBe(
      "claude-sonnet-5 Work · Anthropic1.00\u00a0M64.0\u00a0k$3.00$15.00",
    );
    await press(page, "Copy claude-sonnet-5");
    await expect.poll(() => clipboard(page)).toBe("claude-sonnet-5");
    await models.getByLabel("Find a model").fill("nothing");
    await models.getByText("No model is called that.").waitFor();
    await close();
  });

  it("gives each tool what to paste, for this address and model", async () => {
    const { page, close } = await open({ hash: "api-proxy?section=clients&client=codex&model=gpt-5" });
    const clients = part(page, "Set up your tools");
    await clients.getByText('base_url = "http://127.0.0.1:8045/v1"').waitFor();
    await press(page, "Copy: ~/.codex/config.toml");
    await expect.poll(() => clipboard(page)).toContain('model = "gpt-5"');
    for (const name of [
      "Claude Code",
      "Gemini CLI",
      "OpenCode",
      "Continue",
      "Cline",
      "curl",
      "Python",
      "TypeScript",
    ]) {
      await clients.getByRole("button", { name, exact: true }).click();
      await clients.locator("pre", { hasText: "127.0.0.1:8045" }).first().waitFor();
    }
    await clients.getByRole("button", { name: "Claude Code", exact: true }).click();
    await clients.getByText("Behind a company proxy?").click();
    await clients.getByText("export NO_PROXY=127.0.0.1,localhost").waitFor();
    await clients.getByRole("button", { name: "PowerShell" }).click();
    await clients.getByText("$env:NO_PROXY = '127.0.0.1,localhost'").waitFor();
    await close();
  });

  it("hides the key on the screen, and copies it only if the person chose that", async () => {
    const { fake, page, close } = await open({
      ...withSettings({ "auth.mode": "strict" }),
      hash: "api-proxy?client=curl&model=gpt-5",
      answers: { "auth.key": () => ({ apiKey: KEY }) },
    });
    const clients = part(page, "Set up your tools");
    await clients.getByText("Bearer ••••••••").first().waitFor();
    await press(page, "Copy: OpenAI responses");
    await expect.poll(() => clipboard(page)).toContain("Bearer YOUR_PORTICO_KEY");
    expect(fake.called("auth.key")).toEqual([]);
    await page.getByLabel("Put the key into what I copy").check();
    await press(page, "Copy: OpenAI responses");
    await expect.poll(() => clipboard(page)).toContain(`Bearer ${KEY}`);
    expect(await page.content()).not.toContain(KEY);
    await close();
  });

  it("sets a tool of another computer up with the address and key that it needs", async () => {
    const { page, close } = await open({
      ...withSettings({ allowLanAccess: true }),
      hash: "api-proxy?client=claude-code",
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

  it("is opened at a section by a link", async () => {
    const { page, close } = await open({ hash: "api-proxy?section=models" });
    await part(page, "Models").getByText("8 models").waitFor();
    await expect
      .poll(() =>
        page.evaluate(() => {
          const { top = -1 } = document.getElementById("section-models")?.getBoundingClientRect() ?? {};
          return top >= 0 && top < window.innerHeight;
        }),
      )
      .toBe(true);
    await close();
  });

  it.each(WORLDS.flatMap((name) => [320, 1200].map((width) => [name, width] as const)))(
    "has nothing that axe minds, nor anything too wide: %s, %i px",
    async (name, width) => {
      const { page, errors, close } = await open({ world: name, width });
      await page.locator(".api-proxy").waitFor();
      expect(await axeFindings(page)).toEqual([]);
      expect(await overflows(page)).toBe(false);
      if (name !== "disconnected") expect(errors).toEqual([]);
      await close();
    },
  );

  it.each(["light", "high-contrast"] as const)(
    "has nothing that axe minds in %s, a route open",
    async (theme) => {
      const { page, close } = await open({ theme });
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
