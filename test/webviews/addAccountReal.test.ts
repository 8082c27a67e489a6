/** Every way to add an account, against a real gateway, scripted providers and an authorization server. */
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LocalServer } from "../../src/control/contract.ts";
import { AuthServer } from "../integration/oauth/authServer.ts";
import { makeFolder, removeFolder } from "../support/folder.ts";
import { browserPath, openBrowser } from "../support/pages/browser.ts";
import { type Bases, partsAt } from "../support/pages/elsewhere.ts";
import { keysOf } from "../support/pages/keys.ts";
import { keyOf, type OpenedReal, openReal } from "../support/pages/real.ts";

const GOOD = "sk-good-0123456789abcdef";

describe.skipIf(browserPath === undefined)(
  "adding accounts to a real gateway (needs a browser)",
  { timeout: 240_000 },
  () => {
    let browser: Browser;
    const server = new AuthServer();
    /** Takes connections and never answers. */
    const silent = createServer(() => undefined);
    beforeAll(async () => {
      browser = await openBrowser();
      await server.listen();
      await new Promise<void>((done) => silent.listen(0, "127.0.0.1", done));
    });
    afterAll(async () => {
      await browser.close();
      await server.close();
      silent.closeAllConnections();
      await new Promise((done) => silent.close(done));
    });
    const silentUrl = () => `http://127.0.0.1:${(silent.address() as AddressInfo).port}/v1`;
    /** Nobody listens there. */
    const NOWHERE = "http://127.0.0.1:1/v1";

    const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
    const press = (page: Page, name: string) => button(page, name).click();
    const added = (page: Page) => page.getByRole("dialog", { name: "Added" });
    const option = (page: Page, name: RegExp) => page.getByRole("dialog").getByRole("button", { name });

    /** Without accounts, at a place of the wizard; pages of providers are played, too. */
    async function open(
      add: string,
      bases: () => Bases = () => ({}),
      more: object = {},
    ): Promise<OpenedReal> {
      const credentials = () => ({ google: server.google, openrouter: server.openrouter });
      const real = await openReal(browser, {
        accounts: {},
        open: `accounts?add=${add}`,
        width: 1300,
        ...more,
        lead: { parts: partsAt(bases, credentials), ...("lead" in more ? (more.lead as object) : {}) },
      });
      real.provider.moods.set(GOOD, "well");
      await real.page
        .context()
        .route(/^https:/, (route) => route.fulfill({ body: "a page of the provider" }));
      return real;
    }

    /** What `press` opens in another tab. */
    async function opened(page: Page, name: string): Promise<string> {
      const opening = page.context().waitForEvent("page");
      await press(page, name);
      const tab = await opening;
      await tab.waitForURL(/^http/);
      const url = tab.url();
      await tab.close();
      return url;
    }

    /** Nothing that was secret is anywhere in the page. */
    async function keepsNoSecret(page: Page, secrets: Iterable<string>): Promise<void> {
      const kept = await page.evaluate(
        () =>
          `${document.documentElement.outerHTML}${JSON.stringify({ ...sessionStorage, ...localStorage })}${location.href}`,
      );
      for (const secret of secrets) expect(kept.includes(secret)).toBe(false);
    }

    it("takes a key of a provider, by keys alone, and starts the proxy from there", async () => {
      const bases: Bases = {};
      const real = await open("choose", () => bases, { open: "accounts", stopped: true });
      const { page, provider, errors, ask, close } = real;
      bases.openai = { "openai-chat": provider.url, "openai-responses": provider.url };
      const keys = keysOf(page);
      await keys.use(button(page, "Add the first account"));
      const search = page.getByLabel("Whose models do you want to use?");
      await keys.at(search);
      await keys.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await keys.at(button(page, "Add the first account"));
      await keys.press("Enter");
      await keys.at(search);
      await keys.type("nothing like it");
      await page.getByText("No provider is called that.").waitFor();
      await keys.press("Control+a");
      await keys.type("openai");
      await keys.use(option(page, /^OpenAI/));
      const key = page.getByLabel("API key", { exact: true });
      await keys.at(key);
      await keys.use(button(page, "All ways to add an account"));
      await keys.at(search);
      await keys.type("openai");
      await keys.use(option(page, /^OpenAI/));
      await keys.at(key);
      await keys.press("Enter");
      await page.getByText("OpenAI needs a key.").waitFor();
      await keys.type("sk-wrong-0123456789");
      await keys.press("Enter");
      await page.getByText("OpenAI refused the key: Incorrect API key provided.").waitFor();
      // What was refused is selected: typing replaces it.
      await keys.type(GOOD);
      await keepsNoSecret(page, [GOOD]);
      await keys.to(page.getByLabel("Name", { exact: true }));
      await keys.press("Control+a");
      await keys.type("Mine");
      await keys.press("Enter");
      await added(page).getByText("2 models").waitFor();
      await keys.at(button(page, "Done"));
      await added(page).getByText("Portico is stopped: no tool can use it yet.").waitFor();
      await keys.to(added(page).getByRole("button", { name: "Start Proxy" }), "back");
      await keys.press("Enter");
      await page.getByRole("banner").getByText("Running", { exact: true }).waitFor();
      await keys.use(button(page, "Add another"));
      await keys.at(search);
      await keys.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await page.locator("li.account", { hasText: "Mine" }).waitFor();
      expect(await ask({ model: "gpt-5" })).toBe(200);
      expect(provider.upstream.received.at(-1)?.headers.authorization).toBe(`Bearer ${GOOD}`);
      await keepsNoSecret(page, [GOOD]);
      expect(errors).toEqual([]);
      await close();
    });

    it("takes servers of one's own: by address and headers, Azure with its deployments, one that runs here", async () => {
      const running: LocalServer[] = [];
      const parts = { ...partsAt(() => ({})), detectLocal: async () => running };
      const real = await open("custom", undefined, { lead: { parts } });
      const { page, provider, portico, errors, ask, close } = real;
      const address = page.getByLabel("Address", { exact: true });
      await address.fill("127.0.0.1:9911");
      await press(page, "Check and add");
      await page.getByText("It starts with http:// or https://").waitFor();
      await address.fill(provider.url);
      await page.getByLabel("OpenAI chat completions").uncheck();
      await press(page, "Check and add");
      await page.getByText("Choose at least one.").waitFor();
      await page.getByLabel("OpenAI chat completions").check();
      await page.getByLabel("API key, where the server wants one").fill(GOOD);
      await page.getByText("More", { exact: true }).click();
      await page.getByLabel("Headers").fill("X-Team blue");
      await press(page, "Check and add");
      await page.getByText("Line 1 is not of the form Name: value.").waitFor();
      await page.getByLabel("Headers").fill("X-Team: blue\nX-Token: abc def");
      await page.getByLabel("Models").fill("local-1, local-*");
      await page.getByLabel("Name", { exact: true }).fill("Mine");
      await press(page, "Check and add");
      await added(page).getByText("2 models").waitFor();
      await press(page, "Add another");
      expect(await ask({ model: "local-7" })).toBe(200);
      expect(provider.upstream.received.at(-1)?.headers).toMatchObject({
        "x-team": "blue",
        "x-token": "abc def",
      });

      await option(page, /^Azure OpenAI/).click();
      expect(await opened(page, "Get a key")).toMatch(/^https:\/\/ai\.azure\.com/);
      await address.fill(provider.url);
      await page.getByLabel("API key", { exact: true }).fill(GOOD);
      await page.getByLabel("Deployments").fill("my-gpt");
      await press(page, "Check and add");
      await added(page).getByText("1 model", { exact: true }).waitFor();
      await press(page, "Done");
      expect(await ask({ model: "my-gpt" })).toBe(200);
      expect(provider.upstream.received.at(-1)?.headers["api-key"]).toBe(GOOD);

      await press(page, "Add account");
      await option(page, /^Any other server/).waitFor();
      await press(page, "Close");
      await real.go("accounts?add=local");
      await page.getByText("No Ollama or LM Studio answers").waitFor();
      running.push({ provider: "ollama", label: "Ollama", baseUrl: provider.url, models: ["a", "b"] });
      await press(page, "Look again");
      await press(page, "Add");
      await press(page, "All ways to add an account");
      await option(page, /^Ollama\s*2 models$/).click();
      await page.getByLabel("API key, where the server wants one").fill(GOOD);
      await press(page, "Check and add");
      await added(page).getByRole("button", { name: "Ollama" }).click();
      await page.getByRole("heading", { name: "Ollama" }).waitFor();
      const listed = await portico.lead.call("accounts.list", undefined);
      expect(listed.map(({ provider: of }) => of).sort()).toEqual(["azure-openai", "custom", "ollama"]);
      await keepsNoSecret(page, [GOOD, "abc def"]);
      expect(errors).toEqual([]);
      await close();
    });

    it("lets nobody wait: stopped when told, not lost to a slip, added untried when the person says so", async () => {
      const { page, portico, close } = await open("custom");
      const address = page.getByLabel("Address", { exact: true });
      await address.fill(silentUrl());
      await page.getByLabel("API key, where the server wants one").fill(GOOD);
      await press(page, "Check and add");
      await page.getByText("Asking Custom whether this works…").waitFor();
      await keysOf(page).press("Escape", "Escape", "Escape");
      await page.getByText("Asking Custom whether this works…").waitFor();
      await press(page, "Cancel");
      await page.getByText("Asking Custom whether this works…").waitFor({ state: "detached" });
      expect(await page.getByLabel("API key, where the server wants one").inputValue()).toBe(GOOD);
      await address.fill(NOWHERE);
      await press(page, "Check and add");
      await page.getByText("Custom could not be reached").waitFor();
      await press(page, "Try again");
      await page.getByText("Custom could not be reached").waitFor();
      expect(await portico.lead.call("accounts.list", undefined)).toEqual([]);
      await press(page, "Add anyway");
      await added(page).getByText("not tried yet").waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      expect(await portico.lead.call("accounts.list", undefined)).toHaveLength(1);
      await close();
    });

    it("signs in with OpenRouter: cancelled, declined, not answering, then used with its permanent key; and again", async () => {
      const bases: Bases = { openrouter: { "openai-chat": NOWHERE } };
      const real = await open("openrouter", () => bases);
      const { page, portico, errors, close } = real;
      // Consents that this test holds back do not come from the browser.
      const consents: string[] = [];
      let held = true;
      await page.context().route(`${server.base}/auth?**`, async (route) => {
        consents.push(route.request().url());
        if (held) await route.fulfill({ body: "Do you want to?" });
        else await route.continue();
      });
      await press(page, "Sign in with OpenRouter");
      await page.getByText("Sign in with OpenRouter in your browser…").waitFor();
      await page.keyboard.press("Escape");
      await press(page, "Copy the link");
      await page.getByText("Copied the link").waitFor();
      const link = await page.evaluate(() => navigator.clipboard.readText());
      expect(link.startsWith(`${server.base}/auth`)).toBe(true);
      await press(page, "Cancel");
      const start = button(page, "Sign in with OpenRouter");
      await start.waitFor();

      held = false;
      server.consent = "deny";
      await start.click();
      await page.getByText("OpenRouter did not allow the sign-in").waitFor();
      server.consent = "allow";
      await start.click();
      await page.getByText("You are signed in with OpenRouter, but").waitFor();
      expect(await portico.lead.call("accounts.list", undefined)).toEqual([]);
      await press(page, "Try again");
      await page.getByText("You are signed in with OpenRouter, but").waitFor();
      bases.openrouter = { "openai-chat": `${server.base}/or` };
      await press(page, "Try again");
      await added(page).getByText("1 model", { exact: true }).waitFor();
      await press(page, "Add another");
      await option(page, /^OpenRouter/).click();
      bases.openrouter = { "openai-chat": NOWHERE };
      await press(page, "Sign in with OpenRouter");
      await page.getByText("You are signed in with OpenRouter, but").waitFor();
      await press(page, "Cancel");
      await press(page, "Sign in with OpenRouter");
      await press(page, "Add anyway");
      await press(page, "Done");
      await page.getByText("2 ready").waitFor();
      bases.openrouter = { "openai-chat": `${server.base}/or` };
      await portico.lead.call("accounts.remove", { id: "openrouter-2" });
      await page.getByText("1 ready").waitFor();

      expect(await real.ask({ model: "vendor/model" })).toBe(200);
      const [account] = await portico.lead.call("accounts.list", undefined);
      expect(account).toMatchObject({ credential: "openrouter", state: "ready" });
      await page.getByRole("button", { name: "More for OpenRouter" }).click();
      await page.getByRole("menuitem", { name: "Sign in again…" }).click();
      await press(page, "Sign in with OpenRouter");
      await page.getByText("OpenRouter is signed in again").waitFor();
      await page.getByRole("button", { name: "More for OpenRouter" }).click();
      await page.getByRole("menuitem", { name: "Sign in again…" }).click();
      await page.getByLabel("Paste an API key").check();
      await page.getByLabel("New API key").fill(server.issueAccessToken());
      await press(page, "Check and replace");
      await page.getByText("OpenRouter has its new key").waitFor();
      await keepsNoSecret(page, server.secrets);
      expect(errors).toEqual([]);
      await close();
    });

    it("signs in with Google for Gemini and for Vertex, takes an address that did not open, and mends a sign-in that ended", async () => {
      const bases: Bases = {};
      const real = await open("gemini", () => bases);
      const { page, portico, errors, go, close } = real;
      bases.gemini = { gemini: server.base };
      bases.vertex = { gemini: `${server.base}/v1/projects/my-project/locations/global` };
      let held = true;
      const consents: string[] = [];
      await page.context().route(`${server.base}/authorize?**`, async (route) => {
        consents.push(route.request().url());
        if (held) await route.fulfill({ body: "Do you want to?" });
        else await route.continue();
      });
      const fillClient = async () => {
        await page.getByLabel("Client ID").fill(server.clientId);
        await page.getByLabel("Client secret").fill(server.clientSecret);
      };
      await page.getByLabel("Sign in with Google").check();
      await page.getByText("Google ends each of its sign-ins after 7 days").waitFor();
      await press(page, "Sign in with Google");
      await page.getByText("Google shows it on the page of your client.").waitFor();
      expect(await opened(page, "Open Google's page of clients")).toMatch(
        /^https:\/\/console\.cloud\.google\.com\//,
      );
      await fillClient();
      await page.getByLabel("Google Cloud project").fill("my project");
      await press(page, "Sign in with Google");
      await page.getByText("A project id has letters, digits and dashes.").waitFor();
      await page.getByLabel("Google Cloud project").fill("");
      // The browser is on another computer: it ends where nobody listens, at an address with all that counts.
      await press(page, "Sign in with Google");
      await page.getByText("Sign in with Google in your browser…").waitFor();
      await keysOf(page).press("Escape", "Escape", "Escape");
      await page.getByText("The browser ends at a page that cannot be opened").click();
      const pasted = page.getByLabel("The whole address of that page");
      await pasted.fill("nonsense");
      await press(page, "Go on with it");
      await page.getByText("This is not a complete address.").waitFor();
      await expect.poll(() => consents.length).toBe(1);
      const consent = await fetch(consents[0] ?? "", { redirect: "manual" });
      await pasted.fill(consent.headers.get("location") ?? "");
      await press(page, "Go on with it");
      await added(page).getByText("ada@example.com").waitFor();
      held = false;

      await press(page, "Add another");
      await option(page, /^Google Vertex AI/).click();
      await fillClient();
      await page.getByLabel("Google Cloud project").fill("my-project");
      server.consent = "deny";
      await press(page, "Sign in with Google");
      await page.getByRole("dialog").locator(".bad").first().waitFor();
      server.consent = "allow";
      await press(page, "Sign in with Google");
      await added(page).getByText("ada@example.com").waitFor();
      await press(page, "Done");
      const listed = await portico.lead.call("accounts.list", undefined);
      expect(listed.map(({ provider, credential }) => [provider, credential])).toEqual([
        ["gemini", "google"],
        ["vertex", "google"],
      ]);

      server.revokeSignIns();
      server.revokeAccessTokens();
      await portico.lead.call("accounts.update", { id: "vertex", enabled: false });
      expect(await real.ask({ model: "gemini-test" })).not.toBe(200);
      await go("dashboard");
      await press(page, "Sign in again");
      await page.waitForURL((url) => url.hash === "#accounts?id=gemini");
      const details = page.getByRole("region", { name: "Details of ada@example.com" });
      await details.getByRole("button", { name: "Sign in again" }).click();
      await press(page, "Sign in with Google");
      await page.getByText("ada@example.com is signed in again").waitFor();
      await details.getByText("ready", { exact: true }).waitFor();
      await keepsNoSecret(page, server.secrets);
      expect(errors).toEqual([]);
      await close();
    });

    it("takes refresh tokens, credential files and a key of Vertex", async () => {
      const bases: Bases = {};
      const real = await open("gemini", () => bases);
      const { page, provider, portico, errors, close } = real;
      bases.gemini = { gemini: server.base };
      await page.getByLabel("Refresh tokens").check();
      await press(page, "Check and add");
      await page.getByText("Paste at least one token.").waitFor();
      const tokens = [server.issueRefreshToken(), "1//not-one-of-its-tokens-0000"];
      await page.getByRole("textbox", { name: "Refresh tokens" }).fill(tokens.join("\n"));
      await page.getByLabel("Client ID").fill(server.clientId);
      await page.getByLabel("Client secret").fill(server.clientSecret);
      await press(page, "Check and add");
      await added(page).getByText("line 2").waitFor();

      await press(page, "Add another");
      await option(page, /^Google Gemini/).click();
      await page.getByLabel("Credential file").check();
      await press(page, "Check and add");
      await page.getByText("Paste the file's text, or choose the file.").waitFor();
      const account = { ...server.serviceAccount.json, token_uri: server.google.tokenUrl };
      const choosing = page.waitForEvent("filechooser");
      await press(page, "Choose a file…");
      await (await choosing).setFiles({
        name: "key.json",
        mimeType: "application/json",
        buffer: Buffer.from(JSON.stringify(account)),
      });
      const text = page.getByLabel("The file's text");
      await expect.poll(() => text.inputValue()).toBe(JSON.stringify(account));
      expect(await page.getByLabel("Client ID").count()).toBe(0);
      await press(page, "Check and add");
      await added(page).getByText("robot@project-1.iam.gserviceaccount.com").waitFor();

      await press(page, "Add another");
      await option(page, /^Google Vertex AI/).click();
      await page.getByLabel("Credential file").check();
      await text.fill(JSON.stringify({ ...account, project_id: undefined }));
      await press(page, "Check and add");
      await page.getByText("Vertex AI needs a Google Cloud project").waitFor();
      await page.getByLabel("API key").check();
      await page.getByLabel("Address", { exact: true }).fill(provider.url);
      await page.getByRole("textbox", { name: "API key" }).fill(GOOD);
      await press(page, "Check and add");
      await added(page).getByText("works").waitFor();
      expect(provider.upstream.received.at(-1)?.headers["x-goog-api-key"]).toBe(GOOD);
      const kinds = (await portico.lead.call("accounts.list", undefined)).map(({ credential }) => credential);
      expect(kinds.sort()).toEqual(["google", "key", "service-account"]);
      await keepsNoSecret(page, [...server.secrets, GOOD]);
      expect(errors).toEqual([]);
      await close();
    });

    it("takes of the keys found here only those that are chosen, and knows them again", async () => {
      const folder = makeFolder("found");
      const envFile = join(folder, ".env");
      const credentials = join(folder, "application_default_credentials.json");
      await writeFile(envFile, `ANTHROPIC_API_KEY=${keyOf("anthropic")}\n`);
      const json = { ...server.serviceAccount.json, token_uri: server.google.tokenUrl };
      await writeFile(credentials, JSON.stringify(json));
      const bases: Bases = {};
      const env = { OPENAI_API_KEY: GOOD, GOOGLE_APPLICATION_CREDENTIALS: credentials };
      const lead = { surroundings: { env, platform: "linux", home: folder } };
      const { page, provider, portico, errors, close } = await open("found", () => bases, { lead });
      bases.openai = { "openai-chat": provider.url, "openai-responses": provider.url };
      bases.gemini = { gemini: server.base };
      await page.getByText("OPENAI_API_KEY").waitFor();
      await page.getByLabel("Look into a .env file, too").fill(join(folder, "nothing"));
      await press(page, "Look");
      await page.getByText("cannot be read").waitFor();
      await page.getByLabel("Look into a .env file, too").fill(envFile);
      await press(page, "Look");
      await page.getByText("ANTHROPIC_API_KEY").waitFor();
      await keepsNoSecret(page, [GOOD, keyOf("anthropic"), ...server.secrets]);
      await page.getByLabel("OpenAI", { exact: true }).check();
      await page.getByLabel("Google Gemini", { exact: true }).check();
      await press(page, "Check and add 2");
      await added(page).getByText("robot@project-1.iam.gserviceaccount.com").waitFor();
      await added(page).getByRole("button", { name: "OpenAI" }).waitFor();
      await press(page, "Add another");
      await option(page, /^Keys found on this computer/).click();
      await page.getByText("here already as OpenAI").waitFor();
      expect(await page.getByLabel("OpenAI", { exact: true }).isDisabled()).toBe(true);
      expect(await portico.lead.call("accounts.list", undefined)).toHaveLength(2);
      expect(errors).toEqual([]);
      await close();
      await removeFolder(folder);
    });
  },
);
