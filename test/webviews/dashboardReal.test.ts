/** The dashboard and the sidebar against a real gateway: what they say is so, and what they offer works. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { lockFolder } from "../support/lockedFolder.ts";
import { axeFindings, browserPath } from "../support/pages/browser.ts";
import { keysOf } from "../support/pages/keys.ts";
import { keyOf, type OpenedReal, openReal } from "../support/pages/real.ts";
import { withBrowser } from "../support/pages/withBrowser.ts";

const FRESH = "sk-fresh-0123456789abcdef";

describe.skipIf(browserPath === undefined)(
  "the dashboard of a real gateway (needs a browser)",
  { timeout: 240_000 },
  () => {
    const pages = withBrowser();

    const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
    const press = (page: Page, name: string) => button(page, name).click();
    const line = (page: Page, name: string) => page.getByRole("listitem").filter({ hasText: name }).first();
    const lastRequest = (page: Page) =>
      page.getByRole("table", { name: "The last requests" }).getByRole("row").nth(1);
    const clipboard = (page: Page) => page.evaluate(() => navigator.clipboard.readText());

    async function baseUrl({ portico }: OpenedReal): Promise<string> {
      const { proxy } = await portico.lead.call("status.get", undefined);
      return proxy.kind === "running" ? proxy.baseUrl : proxy.kind;
    }

    /** Goes where `go` leads, and comes back. */
    async function thereAndBack(page: Page, go: Promise<void>, hash: string): Promise<void> {
      await go;
      await page.waitForURL((url) => url.hash.startsWith(hash));
      await page.goBack();
      await page.waitForURL((url) => !url.hash.startsWith(hash));
    }

    it("runs, serves, counts, stops and starts, and leads on to everything that it names", async () => {
      const real = await openReal(pages.browser);
      const { page, portico, errors, ask, close } = real;
      await page.getByText("Running", { exact: true }).waitFor();
      await page.getByText("Nothing needs you.").waitFor();
      await page.getByText("none seen today").waitFor();
      await thereAndBack(page, press(page, "Connect a client"), "#connect");
      await press(page, "Copy the address");
      await page.getByText("Copied the address").waitFor();
      expect(await clipboard(page)).toBe(await baseUrl(real));

      await portico.lead.call("settings.update", {
        prices: [{ model: "test-*", input: 1000, output: 1000 }],
        budgets: [{ unit: "usd", per: "day", limit: 1.3, warnAtPercent: 80 }],
      });
      expect(await ask()).toBe(200);
      await lastRequest(page).getByText("test-model").waitFor();
      expect(await lastRequest(page).textContent()).toMatch(/200.*Codex.*Work.*1,200/);
      await page
        .getByRole("listitem")
        .filter({ hasText: "Requests today" })
        .getByText("1", { exact: true })
        .waitFor();
      await page.getByText("of your $1.30 daily budget").waitFor();
      await page.getByText("$1.23 of $1.30 used.").waitFor();
      await page
        .getByRole("listitem")
        .filter({ hasText: "Codex" })
        .getByRole("button", { name: /seen today/ })
        .waitFor();
      await line(page, "in use by Codex").waitFor();

      await thereAndBack(page, press(page, "Change"), "#settings?part=budgets");
      await thereAndBack(page, line(page, "in use by Codex").click(), "#accounts?id=work");
      await thereAndBack(page, press(page, "Manage"), "#accounts");
      await thereAndBack(page, press(page, "Connect OpenCode"), "#connect?client=opencode");
      await thereAndBack(page, press(page, "All requests"), "#monitor");
      await thereAndBack(page, lastRequest(page).click(), "#monitor?request=");
      for (const name of [
        "connect",
        "accounts",
        "api-proxy",
        "monitor",
        "token-stats",
        "settings",
        "dashboard",
      ]) {
        await page.locator(`nav a[href="#${name}"]`).click();
        await page.waitForURL((url) => url.hash === `#${name}`);
      }

      await press(page, "Stop");
      await page.getByText("Stopped", { exact: true }).waitFor();
      expect(await baseUrl(real)).toBe("stopped");
      await press(page, "Start Proxy");
      await page.getByText("Running", { exact: true }).waitFor();
      expect(await axeFindings(page)).toEqual([]);
      expect(errors).toEqual([]);
      await close();
    });

    it("puts what needs the person first, each with what mends it", async () => {
      const { page, provider, portico, ask, close } = await openReal(pages.browser, {
        accounts: {
          one: "refused",
          two: "refused",
          three: "refused",
          four: "refused",
          five: "refused",
          spare: "well",
        },
      });
      await portico.lead.call("accounts.update", { id: "spare", priority: -5 });
      await page.getByText("Running", { exact: true }).waitFor();
      await expect
        .poll(async () => {
          await ask();
          return (await portico.lead.call("status.get", undefined)).problems.length;
        })
        .toBe(5);
      await page.getByText("1 ready, 5 need you").waitFor();
      await thereAndBack(page, press(page, "and 1 more"), "#accounts");
      const first = page.locator("ul.needs > li").first();
      const name = (await first.locator(".strong").textContent()) ?? "";
      await first.getByRole("button", { name: "Replace key" }).click();
      const dialog = page.getByRole("dialog", { name: `Replace the key of ${name}` });
      await dialog.getByLabel("New key").fill("sk-still-wrong-0123");
      await dialog.getByRole("button", { name: "Try and save" }).click();
      await dialog.getByText("Incorrect API key provided.").waitFor();
      expect(await axeFindings(page)).toEqual([]);
      provider.moods.set(FRESH, "well");
      await dialog.getByLabel("New key").fill(FRESH);
      await page.keyboard.press("Enter");
      await page.getByText(`${name} has its new key`).waitFor();
      await page.getByText("2 ready, 4 need you").waitFor();
      // One that cannot be tried now is kept when the person insists.
      await first.getByRole("button", { name: "Replace key" }).click();
      await page.getByLabel("New key").fill("sk-of-tomorrow-0123");
      await press(page, "Try and save");
      await page.getByRole("dialog").getByText("Incorrect API key provided.").waitFor();
      await press(page, "Keep it anyway");
      await page.getByText("has its new key").waitFor();
      await page.getByRole("dialog").waitFor({ state: "detached" });
      expect([...portico.secrets.values()]).toContain("sk-of-tomorrow-0123");
      await close();
    });

    it("says what is wrong with the config file until it is mended", async () => {
      const { page, portico, close } = await openReal(pages.browser);
      const wrong =
        "/etc/portico.jsonc, line 3: port: expected a number. Its last good version stays in force.";
      await page.getByText("Nothing needs you.").waitFor();
      portico.lead.note("config", wrong);
      const need = page.locator("ul.needs > li").filter({ hasText: wrong });
      await need.waitFor();
      expect(await axeFindings(page)).toEqual([]);
      portico.lead.note("config", undefined);
      await need.waitFor({ state: "detached" });
      await page.getByText("Nothing needs you.").waitFor();
      await close();
    });

    it.skipIf(process.platform === "win32")(
      "stops although that cannot be kept, says so, and no longer once it can be",
      async () => {
        const real = await openReal(pages.browser);
        const { page, portico, close } = real;
        await page.getByText("Nothing needs you.").waitFor();
        const unlock = lockFolder(portico.folder.path);
        const need = page.locator("ul.needs > li").filter({ hasText: "could not be saved" });
        try {
          await press(page, "Stop");
          await page.getByText("Stopped", { exact: true }).waitFor();
          expect(await baseUrl(real)).toBe("stopped");
          await need.getByText(/That the proxy is off .* The next start may not find it so\./).waitFor();
          // The folder's own name is made at random.
          const said = (await need.textContent())?.replaceAll(portico.folder.path, "");
          expect(said).not.toMatch(/E[A-Z]{4,}|\.tmp/);
          expect(await axeFindings(page)).toEqual([]);
        } finally {
          unlock();
        }
        await press(page, "Start Proxy");
        await page.getByText("Running", { exact: true }).waitFor();
        await need.waitFor({ state: "detached" });
        await close();
      },
    );

    it("leads from nothing to the first account, or to the sandbox", async () => {
      const { page, portico, close } = await openReal(pages.browser, { accounts: {}, stopped: true });
      // Also where the proxy is off: it is started for it.
      await press(page, "Try the sandbox");
      const answer = page.getByRole("dialog", { name: "The sandbox answered" });
      await expect
        .poll(() => answer.locator("dd").allTextContents())
        .toEqual(["Hello from Portico!", expect.stringContaining("Hello from Portico!")]);
      expect(await axeFindings(page)).toEqual([]);
      // A request like any other: it went through the proxy and is on record.
      await expect
        .poll(async () =>
          (await portico.lead.call("requests.list", undefined)).rows.map(({ model }) => model),
        )
        .toEqual(["sandbox/echo"]);
      await thereAndBack(page, press(page, "Try it from a terminal"), "#connect?client=curl");
      await press(page, "Add the first account");
      await page.getByRole("dialog", { name: "Add account" }).waitFor();
      await close();
    });

    it("is used by keys alone", async () => {
      const { page, provider, ask, close } = await openReal(pages.browser, {
        accounts: { old: "refused", spare: "well" },
      });
      await page.getByText("Running", { exact: true }).waitFor();
      expect(await ask()).toBe(200);
      await lastRequest(page).waitFor();
      await button(page, "Replace key").waitFor();
      const keys = keysOf(page);

      await keys.use(button(page, "Copy the address"));
      await page.getByText("Copied the address").waitFor();
      await keys.use(button(page, "Stop"));
      await page.getByText("Stopped", { exact: true }).waitFor();
      await keys.at(button(page, "Start Proxy"));
      await keys.press("Space");
      await page.getByText("Running", { exact: true }).waitFor();
      await keys.at(button(page, "Stop"));

      await keys.use(button(page, "Replace key"));
      await keys.at(page.getByLabel("New key"));
      await keys.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await keys.at(button(page, "Replace key"));
      await keys.press("Enter");
      await keys.at(page.getByLabel("New key"));
      await keys.type("sk-still-wrong-0123");
      await keys.press("Enter");
      await page.getByRole("dialog").getByText("Incorrect API key provided.").waitFor();
      await keys.at(page.getByLabel("New key"));
      provider.moods.set(FRESH, "well");
      await keys.press("Control+a");
      await keys.type(FRESH);
      await keys.use(button(page, "Try and save"));
      await page.getByText("Nothing needs you.").waitFor();
      await page.getByRole("dialog").waitFor({ state: "detached" });

      // What was mended is gone, and Tab goes on where it was.
      await keys.press("Tab");
      expect(await page.locator("main :focus").count()).toBe(1);
      await keys.to(line(page, "in use by Codex"));
      await keys.press("ArrowDown");
      await keys.press("ArrowUp");
      await keys.at(line(page, "in use by Codex"));
      await keys.press("Enter");
      await page.waitForURL((url) => url.hash === "#accounts?id=spare");
      await page.goBack();
      await keys.use(button(page, "Connect OpenCode"));
      await page.waitForURL((url) => url.hash.startsWith("#connect"));
      await page.goBack();
      expect(await ask()).toBe(200);
      await keys.to(lastRequest(page));
      await keys.press("End");
      await keys.press("Home");
      await keys.press("Enter");
      await page.waitForURL((url) => url.hash.startsWith("#monitor?request="));
      await page.goBack();
      await keys.use(page.getByRole("link", { name: "Settings" }));
      await page.waitForURL((url) => url.hash === "#settings");
      await close();
    });

    describe("the sidebar", () => {
      const open = (options: Parameters<typeof openReal>[1] = {}) =>
        openReal(pages.browser, { sidebar: true, width: 280, ...options });
      const request = (page: Page) =>
        page.getByRole("region", { name: "Last requests" }).getByRole("listitem").first();

      it("stops and starts, mends a key, and opens the panel where the person goes, by keys alone", async () => {
        const real = await open({ accounts: { old: "refused", spare: "well" } });
        const { page, provider, asked, errors, ask, close } = real;
        await page.getByText("Running", { exact: true }).waitFor();
        expect(await ask()).toBe(200);
        await request(page).getByText("test-model").waitFor();
        await page.getByRole("region", { name: "Accounts" }).getByText("1 ready").waitFor();
        await line(page, "in use by Codex").waitFor();
        expect(await axeFindings(page)).toEqual([]);

        const keys = keysOf(page);
        await keys.use(button(page, "Copy the address"));
        await page.getByText("Copied the address").waitFor();
        expect(asked).toEqual([{ method: "host.copy", params: { text: await baseUrl(real) } }]);
        await keys.use(button(page, "Stop"));
        await page.getByText("Stopped", { exact: true }).waitFor();
        expect(await baseUrl(real)).toBe("stopped");
        await keys.press("Enter");
        await page.getByText("Running", { exact: true }).waitFor();

        await keys.use(button(page, "Replace key"));
        await keys.at(page.getByLabel("New key"));
        await keys.press("Escape");
        await page.getByRole("dialog").waitFor({ state: "detached" });
        await keys.at(button(page, "Replace key"));
        await keys.press("Enter");
        await keys.at(page.getByLabel("New key"));
        provider.moods.set(FRESH, "well");
        await keys.type(FRESH);
        await keys.press("Enter");
        await page.getByText("Nothing needs you.").waitFor();
        await page.getByRole("region", { name: "Accounts" }).getByText("2 ready").waitFor();

        await keys.to(page.getByRole("region", { name: "Accounts" }).getByRole("listitem").first());
        await keys.press("ArrowDown");
        await keys.press("Enter");
        await keys.to(request(page));
        await keys.press("Enter");
        await keys.use(button(page, "Open the dashboard"));
        await expect.poll(() => asked.length).toBe(4);
        expect(asked.slice(1)).toEqual([
          { method: "host.openPage", params: { page: "accounts", query: { id: "old" } } },
          { method: "host.openPage", params: { page: "monitor", query: { request: expect.any(String) } } },
          { method: "host.openPage", params: { page: "dashboard" } },
        ]);
        expect(errors).toEqual([]);
        await close();
      });

      it("leads from nothing to the first account", async () => {
        const { page, asked, close } = await open({ accounts: {} });
        const keys = keysOf(page);
        await keys.use(button(page, "Add the first account"));
        await expect
          .poll(() => asked)
          .toEqual([{ method: "host.openPage", params: { page: "accounts", query: { add: "choose" } } }]);
        await close();
      });

      it("offers the address of another Portico that has the port", async () => {
        const other = await open({ accounts: {} });
        const url = await baseUrl(other);
        const port = Number(new URL(url).port);
        const { page, asked, close } = await open({
          accounts: {},
          lead: { window: { port } },
          stopped: true,
        });
        await press(page, "Start Proxy");
        await press(page, "Copy the address of that one");
        await expect.poll(() => asked).toEqual([{ method: "host.copy", params: { text: url } }]);
        await page.getByText("Copied the address of the other Portico").waitFor();
        await close();
        await other.close();
      });

      it("says that the port is taken, and keeps a key that was refused when the person insists", async () => {
        const other = createServer();
        await new Promise<void>((done) => other.listen(0, "127.0.0.1", done));
        const { port } = other.address() as AddressInfo;
        const { page, portico, asked, ask, close } = await open({
          accounts: { old: "refused" },
          lead: { window: { port } },
          stopped: true,
        });
        await press(page, "Start Proxy");
        await press(page, "Choose another port");
        await expect
          .poll(() => asked)
          .toEqual([{ method: "host.openPage", params: { page: "api-proxy", query: { section: "proxy" } } }]);
        await new Promise((done) => other.close(done));
        await press(page, "Start Proxy");
        await page.getByText("Running", { exact: true }).waitFor();
        expect(await ask()).not.toBe(200);
        await press(page, "Replace key");
        await page.getByLabel("New key").fill(keyOf("other"));
        await press(page, "Try and save");
        await press(page, "Keep it anyway");
        await page.getByRole("dialog").waitFor({ state: "detached" });
        expect([...portico.secrets.values()]).toContain(keyOf("other"));
        await close();
      });
    });
  },
);
