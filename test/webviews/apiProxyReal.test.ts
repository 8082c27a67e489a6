/** API Proxy and Connect against a real gateway: what is set there holds at the port at once. */
import { request } from "node:http";
import { createServer } from "node:net";
import type { Locator, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { EditableSettings } from "../../src/control/settings.ts";
import { axeFindings, browserPath } from "../support/pages/browser.ts";
import { keysOf } from "../support/pages/keys.ts";
import { type OpenedReal, type OpenReal, openReal } from "../support/pages/real.ts";
import { withBrowser } from "../support/pages/withBrowser.ts";
import { freePort } from "../support/port.ts";

describe.skipIf(browserPath === undefined)(
  "API Proxy and Connect of a real gateway (needs a browser)",
  () => {
    const pages = withBrowser();

    const press = (page: Page | Locator, name: string) =>
      page.getByRole("button", { name, exact: true }).click();
    const part = (page: Page, name: string) => page.getByRole("region", { name, exact: true });
    const tab = (page: Page, name: string) =>
      page.getByRole("navigation", { name: "On this page" }).getByRole("link", { name, exact: true }).click();
    const clipboard = (page: Page) => page.evaluate(() => navigator.clipboard.readText());

    /** Without VS Code, whose settings a browser could not write; on a port of its own. */
    async function open(options: OpenReal = {}) {
      const real = await openReal(pages.browser, {
        open: "api-proxy",
        width: 1200,
        stopped: true,
        lead: { kind: "headless", window: {} },
        ...options,
      });
      pages.keep(real);
      const port = await freePort();
      await real.portico.lead.call("settings.update", { port });
      await real.portico.lead.call("proxy.start", undefined);
      await real.page.getByText("Running", { exact: true }).first().waitFor();
      return { ...real, port, base: `http://127.0.0.1:${port}` };
    }

    async function setting<N extends keyof EditableSettings>({ portico }: OpenedReal, name: N) {
      return (await portico.lead.call("settings.get", undefined)).values[name];
    }

    const models = (base: string, headers?: Record<string, string>) => status(`${base}/v1/models`, headers);
    /** 0: nobody listens. */
    function status(url: string, headers: Record<string, string> = {}): Promise<number> {
      return new Promise((resolve) => {
        const asked = request(url, { headers }, (response) => {
          response.resume();
          response.on("end", () => resolve(response.statusCode ?? 0));
        });
        asked.on("error", () => resolve(0));
        asked.end();
      });
    }

    it("runs on the port that it is told, unless another program has it", async () => {
      const real = await open();
      const { page, port } = real;
      const proxy = part(page, "Proxy");
      await press(proxy, "Copy the address for OpenAI's tools");
      await expect.poll(() => clipboard(page)).toBe(`${real.base}/v1`);
      await press(proxy, "Copy the address for Anthropic's and Gemini's tools");
      await expect.poll(() => clipboard(page)).toBe(real.base);
      const field = page.getByRole("textbox", { name: "Port" });
      await field.fill("80x");
      await page.getByText("Enter a number.").waitFor();
      await field.fill("70000");
      await page.getByText("At most 65535.").waitFor();
      const other = createServer();
      const taken = await new Promise<number>((resolve) => {
        other.listen(0, "127.0.0.1", () => {
          const address = other.address();
          resolve(typeof address === "object" ? (address?.port ?? 0) : 0);
        });
      });
      await field.fill(String(taken));
      await page.getByText(`Tools that were set up with ${port} get “connection refused”`).waitFor();
      await page.keyboard.press("Enter");
      await proxy.getByText(`Port ${taken} could not be opened, so Portico is still on ${port}.`).waitFor();
      expect(await models(real.base)).toBe(200);
      other.close();
      const next = await freePort();
      await field.fill(String(next));
      await page.keyboard.press("Enter");
      await page.getByText("The port is changed").waitFor();
      await expect.poll(() => models(`http://127.0.0.1:${next}`)).toBe(200);
      expect(await models(real.base)).toBe(0);
      await press(page.getByRole("banner"), "Stop");
      await page.getByText("Stopped", { exact: true }).first().waitFor();
      await expect.poll(() => models(`http://127.0.0.1:${next}`)).toBe(0);
      await press(proxy, "Start Proxy");
      await page.getByText("Running", { exact: true }).first().waitFor();
      expect(await models(`http://127.0.0.1:${next}`)).toBe(200);
    });

    it("asks for the key whom it should, shows it, gives it, and makes another", async () => {
      const real = await open();
      const { page, base } = real;
      const access = part(page, "Who may call");
      expect(await models(base)).toBe(200);
      await page.getByLabel("Everybody, but for the health check").check();
      await expect.poll(() => models(base)).toBe(401);
      expect(await status(`${base}/healthz`)).toBe(200);
      await page.getByLabel("Everybody, for everything").check();
      await expect.poll(() => status(`${base}/healthz`)).toBe(401);
      await press(access, "Copy the key");
      await page.getByText("Copied the key").waitFor();
      const old = await clipboard(page);
      expect(await page.content()).not.toContain(old);
      await press(access, "Show");
      await access.getByText(old).waitFor();
      await press(access, "Hide");
      await access.getByText(old).waitFor({ state: "detached" });
      expect(await models(base, { authorization: `Bearer ${old}` })).toBe(200);
      await press(access, "New key…");
      const dialog = page.getByRole("dialog", { name: "Make a new key?" });
      await dialog.getByText("The old key stops working at once").waitFor();
      await press(dialog, "Cancel");
      expect(await models(base, { authorization: `Bearer ${old}` })).toBe(200);
      await press(access, "New key…");
      await press(page, "Make and copy a new key");
      await page.getByText("Copied the new key").waitFor();
      const fresh = await clipboard(page);
      expect(await models(base, { authorization: `Bearer ${old}` })).toBe(401);
      expect(await models(base, { "x-api-key": fresh })).toBe(200);
      await page.getByLabel("Nobody", { exact: true }).check();
      await expect.poll(() => models(base)).toBe(200);
      // The two that do the same are one choice, and the other one stays where it was set.
      await real.portico.lead.call("settings.update", { "auth.mode": "auto" });
      await page.reload();
      await expect.poll(() => page.getByLabel("Nobody", { exact: true }).isChecked()).toBe(true);
      expect(await access.getByRole("radio").count()).toBe(3);
      expect(await setting(real, "auth.mode")).toBe("auto");
    });

    it("lets other computers, names and web pages in, and out again", async () => {
      const real = await open();
      const { page, base, port } = real;
      const access = part(page, "Who may call");
      const { addresses } = await real.portico.lead.call("surroundings.get", undefined);
      const away = (addresses ?? [])
        .filter((each) => !each.includes(":"))
        .map((each) => `http://${each}:${port}`);
      for (const address of away) expect(await models(address)).toBe(0);
      await press(access, "Let other computers in…");
      const dialog = page.getByRole("dialog", { name: "Let other computers use Portico?" });
      await dialog.getByText("The connection is not encrypted").waitFor();
      await page.keyboard.press("Escape");
      expect(await setting(real, "allowLanAccess")).toBe(false);
      await press(access, "Let other computers in…");
      await press(dialog, "Allow, and copy the key");
      await page.getByText("Copied the key").waitFor();
      const key = await clipboard(page);
      for (const address of away) {
        await expect.poll(() => models(address)).toBe(401);
        expect(await models(address, { "x-api-key": key })).toBe(200);
      }

      const named = { host: `my-computer.local:${port}`, "x-api-key": key };
      expect(await models(base, named)).toBe(403);
      await page.getByLabel("Add a name").fill("my computer");
      await page.keyboard.press("Enter");
      await page.getByText("A name has letters, digits, dots and dashes").waitFor();
      await page.getByLabel("Add a name").fill("my-computer.local");
      await press(access.locator("form", { has: page.getByLabel("Add a name") }), "Add");
      await expect.poll(() => models(base, named)).toBe(200);
      await press(access, "Remove my-computer.local");
      await expect.poll(() => models(base, named)).toBe(403);

      const origin = "https://app.example.com";
      const field = page.getByLabel("Add an origin");
      expect(await models(base, { origin })).toBe(403);
      for (const [typed, problem] of [
        ["example.com", "An origin has a scheme and a host"],
        [`${origin}/path`, `Leave out what follows the host: ${origin}`],
        ["https://*.example.com", "A wildcard would let any web page in"],
      ] as const) {
        await field.fill(typed);
        await page.keyboard.press("Enter");
        await page.getByText(problem).waitFor();
      }
      await field.fill(origin);
      await page.keyboard.press("Enter");
      await expect.poll(() => models(base, { origin })).toBe(200);
      await expect.poll(() => field.inputValue()).toBe("");
      await field.fill(origin);
      await page.keyboard.press("Enter");
      await page.getByText("It is on the list.").waitFor();
      await press(access, `Remove ${origin}`);
      await expect.poll(() => models(base, { origin })).toBe(403);

      await press(access, "This computer only");
      await access.getByText("Cannot reach Portico").waitFor();
      for (const address of away) await expect.poll(() => models(address)).toBe(0);
      expect(await models(base)).toBe(200);
    });

    it("gives each tool what to paste, for this address, model and key", async () => {
      const real = await open({ open: "connect?client=codex&model=test-model" });
      const { page, base } = real;
      const clients = page.getByRole("main");
      await clients.getByText(`base_url = "${base}/v1"`).waitFor();
      await clients.getByLabel("Model").fill("my-alias");
      await press(page, "Copy: ~/.codex/config.toml");
      await expect.poll(() => clipboard(page)).toContain('model = "my-alias"');
      const names = clients.locator(".client-list button .cut");
      // Those that are explained here, and what else can be connected.
      await names.getByText("Kilo").waitFor();
      expect(await names.count()).toBeGreaterThan(9);
      for (const name of await names.all()) {
        await name.click();
        await clients.locator("pre", { hasText: base }).first().waitFor();
        const copies = clients.getByRole("button", { name: /^Copy: / });
        for (let i = 0; i < (await copies.count()); i += 1) {
          const shown = await clients.locator("figure.code:visible pre").nth(i).textContent();
          if (shown === null || !(await copies.nth(i).isVisible())) continue;
          await copies.nth(i).click();
          await expect.poll(() => clipboard(page)).toBe(shown);
        }
      }
      await names.getByText("Claude Code").click();
      await clients.getByText("Behind a company proxy?").click();
      await clients.getByText("export NO_PROXY=127.0.0.1,localhost").waitFor();
      await press(clients, "PowerShell");
      await press(clients, "Copy: Where you start the tool");
      await expect.poll(() => clipboard(page)).toContain("$env:NO_PROXY = '127.0.0.1,localhost'");
      await page.context().route("https://**", (route) => route.abort());
      const leaving = page.waitForEvent("popup");
      await press(clients, "The settings of Claude Code");
      await (await leaving).close();
      await press(clients, "bash, zsh");
      await names.getByText("curl").click();
      await real.portico.lead.call("settings.update", { "auth.mode": "strict" });
      await clients.getByText("Bearer ••••••••").first().waitFor();
      await press(page, "Copy: OpenAI responses");
      await expect.poll(() => clipboard(page)).toContain("Bearer YOUR_PORTICO_KEY");
      await page.getByLabel("Put the key into what I copy").check();
      await press(page, "Copy: OpenAI responses");
      await expect.poll(() => clipboard(page)).not.toContain("YOUR_PORTICO_KEY");
      const key = /Bearer ([^'"\s]+)/.exec(await clipboard(page))?.[1] ?? "";
      expect(await models(base, { authorization: `Bearer ${key}` })).toBe(200);
      expect(await page.content()).not.toContain(key);
    });

    it("edits routes as a draft that the preview knows of, orders them by buttons, keys and pointer, and keeps them", async () => {
      const real = await open({
        open: "api-proxy?section=routes",
        accounts: { work: "well", spare: "well" },
      });
      const { page, ask, portico, provider } = real;
      const routes = part(page, "Routes");
      const own = async () => (await portico.lead.call("routes.get", undefined)).own;
      const rules = routes.getByRole("list", { name: "Routes" }).locator("> li");
      const names = () => rules.locator(".rule-words > code:first-child").allTextContents();
      const targets = () =>
        routes
          .getByLabel(/^Target, place/)
          .evaluateAll((all) => all.map((each) => (each as HTMLInputElement).value));
      /** With the mouse, from one row's grip to below the middle of another, step by step. */
      const drag = async (grips: Locator, from: number, to: number, end: "drop" | "Escape" = "drop") => {
        await grips.nth(from).scrollIntoViewIfNeeded();
        const a = await grips.nth(from).boundingBox();
        const b = await grips.nth(to).boundingBox();
        if (a === null || b === null) throw new Error("There is no grip.");
        await page.mouse.move(a.x + 4, a.y + a.height / 2);
        await page.mouse.down();
        await page.mouse.move(b.x + 4, b.y + (to > from ? b.height + 4 : -4), { steps: 4 });
        await page.locator(to > from ? ".drop-after" : ".drop-before").waitFor();
        if (end === "Escape") await page.keyboard.press("Escape");
        await page.mouse.up();
        await page.locator(".dragged").waitFor({ state: "detached" });
      };

      await routes.getByLabel("A tool asks for", { exact: true }).fill("alias-one");
      await routes.getByText("No account could answer it now.").waitFor();
      await press(routes, "Add a route");
      await press(routes, "Save routes");
      await routes.getByText("Name a model; * stands for anything.").first().waitFor();
      await routes.getByText("Name where it goes.").waitFor();
      expect(await own()).toEqual([]);
      await routes.getByLabel("When a tool asks for").fill("alias-*");
      await routes.getByLabel("Target, place 1").fill("work/test-model");
      await press(routes, "Add a fallback");
      await routes.getByLabel("Target, place 2").fill("spare/test-model");
      await press(routes, "Add a fallback");
      await routes.getByLabel("Target, place 3").fill("spare/test-model-mini");
      await routes.getByText("Work answers").waitFor();
      // By keys: the focus goes along with what is moved.
      await routes.getByLabel("Target, place 2").press("Alt+ArrowUp");
      expect(await targets()).toEqual(["spare/test-model", "work/test-model", "spare/test-model-mini"]);
      await expect
        .poll(() => routes.getByLabel("Target, place 1").evaluate((each) => each.matches(":focus")))
        .toBe(true);
      await routes.getByText("Spare answers").waitFor();
      await drag(routes.locator(".targets .grip"), 2, 0);
      expect(await targets()).toEqual(["spare/test-model-mini", "spare/test-model", "work/test-model"]);
      await drag(routes.locator(".targets .grip"), 0, 1);
      expect(await targets()).toEqual(["spare/test-model", "spare/test-model-mini", "work/test-model"]);
      await press(routes, "Move spare/test-model-mini down");
      await press(routes, "Remove spare/test-model-mini");
      expect(await targets()).toEqual(["spare/test-model", "work/test-model"]);
      await routes.getByText("Change the requests on the way").click();
      await routes.getByLabel("Reasoning effort").selectOption("high");
      await routes.getByLabel("Tokens of a reply at most").fill("lots");
      await routes.getByText("A whole number from 1 to 10,000,000.").first().waitFor({ state: "attached" });
      await routes.getByLabel("Tokens of a reply at most").fill("4000");
      await routes.getByLabel("Text before the tool's own system prompt").fill("Be brief.");
      await press(routes, "Save routes");
      await page.getByText("Routes are saved").waitFor();
      await routes.getByText("effort high, at most 4000 tokens, text before the system prompt").waitFor();
      expect(await ask({ model: "alias-one" })).toBe(200);
      const sent = JSON.parse(String(provider.upstream.received.at(-1)?.body));
      expect(sent).toMatchObject({ model: "test-model", reasoning_effort: "high" });
      expect(JSON.stringify(sent)).toContain("Be brief.");

      for (const name of ["second", "third"]) {
        await press(routes, "Add a route");
        await routes.getByLabel("When a tool asks for").fill(name);
        await routes.getByLabel("Target, place 1").fill("work/test-model");
        await press(routes, `Close ${name}`);
      }
      await press(routes, "Add a route");
      await routes.getByLabel("When a tool asks for").fill("second");
      await routes.getByLabel("Target, place 1").fill("work");
      await press(routes, "Save routes");
      await routes.getByText("Another route has that name").first().waitFor();
      await routes.getByRole("button", { name: "Remove second" }).last().click();
      expect(await names()).toEqual(["alias-*", "second", "third"]);
      await press(routes, "Move third up");
      expect(await names()).toEqual(["alias-*", "third", "second"]);
      const grips = routes.locator(".rule > .head > .grip");
      await drag(grips, 2, 0);
      expect(await names()).toEqual(["second", "alias-*", "third"]);
      await drag(grips, 0, 2, "Escape");
      expect(await names()).toEqual(["second", "alias-*", "third"]);
      await drag(grips, 0, 2);
      expect(await names()).toEqual(["alias-*", "third", "second"]);
      await press(routes, "Discard changes");
      expect(await names()).toEqual(["alias-*"]);
      await press(routes, "Edit alias-*");
      expect(await axeFindings(page)).toEqual([]);
      await press(routes, "Remove alias-*");
      await press(routes, "Save routes");
      await expect.poll(own).toEqual([]);
      await page.reload();
      await press(routes, "Add a route");
      expect(await rules.count()).toBe(1);
    });

    it("lets requests go where the strategy says", async () => {
      const real = await open({
        open: "api-proxy?section=scheduling",
        accounts: { work: "well", spare: "well" },
      });
      const { page, ask, provider } = real;
      const part1 = part(page, "Which account answers");
      const used = async () => {
        expect(await ask({ text: Math.random().toString() })).toBe(200);
        return /sk-test-(\w+)-/.exec(provider.upstream.received.at(-1)?.headers.authorization ?? "")?.[1];
      };
      const wait = page.getByLabel("Wait rather than move");
      expect(await wait.inputValue()).toBe("10");
      await wait.fill("700");
      await page.keyboard.press("Tab");
      await page.getByText("At most 600.").waitFor();
      await wait.fill("12.5");
      await page.keyboard.press("Tab");
      await expect.poll(() => setting(real, "scheduling.stickyWaitMs")).toBe(12_500);
      await page.getByLabel("Pinned", { exact: true }).check();
      await page.getByText("Choose one; until then the strategy does nothing.").waitFor();
      for (const [label, id] of [
        ["Spare", "spare"],
        ["Work", "work"],
      ] as const) {
        await page.getByLabel("Pinned account").selectOption({ label });
        await expect.poll(() => setting(real, "scheduling.pinned")).toBe(id);
        expect([await used(), await used()]).toEqual([id, id]);
      }
      await page.getByLabel("Round robin").check();
      await expect.poll(() => setting(real, "scheduling.strategy")).toBe("round-robin");
      expect(new Set([await used(), await used()]).size).toBe(2);
      await page.getByLabel("Keep a reserve").fill("25");
      await page.keyboard.press("Enter");
      await expect.poll(() => setting(real, "scheduling.protectBelowPercent")).toBe(25);
      await page.getByLabel("Send them to a cheaper model").click();
      await page.getByText("Name a model; until then they go where they would.").waitFor();
      await press(part1, "Add a target");
      await page.getByLabel("Background model, place 1").pressSequentially("work/test-model-mini");
      await expect.poll(() => setting(real, "background.to")).toEqual(["work/test-model-mini"]);
      await page.reload();
      await expect.poll(() => page.getByLabel("Round robin").isChecked()).toBe(true);
      await expect
        .poll(() => page.getByLabel("Background model, place 1").inputValue())
        .toBe("work/test-model-mini");
      await page.getByLabel("Send them to a cheaper model").click();
      await expect.poll(() => setting(real, "background.enabled")).toBe(false);
    });

    it("finds models, says who serves them, and copies a name", async () => {
      const { page } = await open({
        open: "api-proxy?section=models",
        accounts: { work: "well", spare: "well" },
      });
      const list = part(page, "Models");
      await list.getByRole("cell", { name: "test-model-mini", exact: true }).waitFor();
      await list.getByLabel("Find a model").fill("spare mini");
      await list.getByText(/^\d+ of \d+$/).waitFor();
      for (const line of (await list.getByRole("row").allTextContents()).slice(1))
        expect(line).toMatch(/mini.*Spare/);
      await list.getByRole("button", { name: "Copy test-model-mini", exact: true }).click();
      await expect.poll(() => clipboard(page)).toBe("test-model-mini");
      await list.getByLabel("Find a model").fill("nothing");
      await list.getByText("No model is called that.").waitFor();
      await tab(page, "Address and access");
      await part(page, "Outgoing connections").getByText("None: providers are reached directly.").waitFor();
    });

    it("is used by keys alone", async () => {
      const real = await open({ accounts: { work: "well", spare: "well" } });
      const { page, base } = real;
      const keys = keysOf(page);
      await part(page, "Who may call").waitFor();
      await keys.to("Let other computers in…");
      await keys.press("Enter");
      await page.getByRole("dialog").waitFor();
      await keys.press("Escape");
      await keys.at("Let other computers in…");
      await keys.to("Nobody");
      // Two at once: the second one counts, and the focus stays with them.
      await keys.press("ArrowDown", "ArrowDown");
      await keys.at("Everybody, for everything");
      await expect.poll(() => models(base)).toBe(401);
      await keys.to("Show");
      await keys.press("Enter");
      await keys.at("Hide");
      await keys.to("Copy the key");
      await keys.press("Space");
      await page.getByText("Copied the key").waitFor();
      await keys.to("New key…");
      await keys.press("Enter");
      await keys.to("Make and copy a new key");
      await keys.press("Enter");
      await page.getByText("Copied the new key").waitFor();
      await keys.at("New key…");
      await keys.to("Add an origin");
      await keys.type("https://a.example");
      await keys.press("Enter");
      await page.getByText("https://a.example", { exact: true }).waitFor();
      await keys.type("https://b.example");
      await keys.press("Enter");
      await page.getByText("https://b.example", { exact: true }).waitFor();
      await keys.to("Remove https://a.example", "back");
      await keys.press("Enter");
      await page.getByText("https://a.example", { exact: true }).waitFor({ state: "detached" });
      await keys.at("Remove https://b.example");
      await keys.press("Enter");
      await keys.at("Add an origin");

      // Straight to a part, which is then the next to be gone through.
      await keys.to("Routes", "back");
      await keys.press("Enter");
      await part(page, "Routes").waitFor();
      // Routes: made, filled, ordered, removed.
      for (const name of ["one", "two"]) {
        await keys.to("Add a route");
        await keys.press("Enter");
        await keys.at("When a tool asks for");
        await keys.type(name);
        await keys.to("Target, place 1");
        await keys.type("work/test-model");
        await keys.to(`Close ${name}`, "back");
        await keys.press("Enter");
      }
      await keys.to("Move two up", "back");
      await keys.press("Enter");
      // It is the first one now, which cannot go further: down is what is left.
      await keys.at("Move two down");
      await keys.to("Save routes");
      await keys.press("Enter");
      await page.getByText("Routes are saved").waitFor();
      expect((await real.portico.lead.call("routes.get", undefined)).own.map(({ model }) => model)).toEqual([
        "two",
        "one",
      ]);
      await keys.to("Remove two", "back");
      await keys.press("Enter");
      await keys.at("Remove one");
      await keys.to("A tool asks for");
      await keys.type("one");
      await page.getByText("Work answers").waitFor();
      await keys.to("and speaks");
      await keys.type("Anth");
      await page.getByText("translated to OpenAI chat").waitFor();
      await keys.to("Why");
      await keys.press("Enter");

      await keys.to("Scheduling", "back");
      await keys.press("Enter");
      await keys.to("Cache first");
      await keys.press("ArrowUp");
      await expect.poll(() => setting(real, "scheduling.strategy")).toBe("pinned");
      await keys.to("Pinned account");
      await keys.type("Sp");
      await expect.poll(() => setting(real, "scheduling.pinned")).toBe("spare");
      await keys.at("Pinned account");
      await keys.to("Keep a reserve");
      await keys.press("Control+a");
      await keys.type("20");
      await keys.press("Enter");
      await expect.poll(() => setting(real, "scheduling.protectBelowPercent")).toBe(20);
      await keys.at("Keep a reserve");
      await keys.to("Send them to a cheaper model");
      await keys.press("Space");
      await expect.poll(() => setting(real, "background.enabled")).toBe(true);
      await keys.at("Send them to a cheaper model");
      await keys.to("Models", "back");
      await keys.press("Enter");
      await part(page, "Models").getByRole("cell", { name: "test-model", exact: true }).waitFor();
      await keys.press("/");
      await keys.at("Find a model");
      await keys.type("mini");
      await keys.to("Copy test-model-mini");
      await keys.press("Enter");
      await expect.poll(() => clipboard(page)).toBe("test-model-mini");
    });
  },
);
