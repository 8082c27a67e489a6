/** The accounts page against a real gateway: added, used, held back, mended, moved and removed. */
import { readFile } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LeadParts } from "../../src/gateway/lead/options.ts";
import { leadParts } from "../../src/gateway/lead/parts.ts";
import { AuthServer } from "../integration/oauth/authServer.ts";
import { browserPath, openBrowser } from "../support/pages/browser.ts";
import { keyOf, openReal } from "../support/pages/real.ts";

describe.skipIf(browserPath === undefined)("accounts of a real gateway (needs a browser)", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());
  const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();
  const row = (page: Page, name: string) => page.locator("li.account", { hasText: name });

  it("adds a server of one's own, which then answers", async () => {
    const real = await openReal(browser, { accounts: {}, open: "accounts", width: 1300 });
    const { page, provider, portico, errors, ask, close } = real;
    provider.moods.set("sk-good-0123456789", "well");
    await press(page, "Add the first account");
    await page.getByRole("button", { name: /^Any other server/ }).click();
    await page.getByLabel("Address", { exact: true }).fill(provider.url);
    await page.getByLabel("API key, where the server wants one").fill("sk-bad-0123456789");
    await page.getByText("More", { exact: true }).click();
    await page.getByLabel("Name", { exact: true }).fill("Mine");
    await press(page, "Check and add");
    await page.getByText("Custom refused the key: Incorrect API key provided.").waitFor();
    expect(await portico.lead.call("accounts.list", undefined)).toEqual([]);
    await page.getByLabel("API key, where the server wants one").fill("sk-good-0123456789");
    await press(page, "Check and add");
    await page.getByRole("dialog", { name: "Added" }).getByText("2 models").waitFor();
    await press(page, "Done");
    await row(page, "Mine").getByText("not used yet").waitFor();
    expect(await ask()).toBe(200);
    await row(page, "Mine").getByText("in use by Codex").waitFor();
    expect(errors).toEqual([]);
    await close();
  });

  it("says how long an account waits, and does not wait when told", async () => {
    const { page, provider, ask, close } = await openReal(browser, {
      accounts: { work: "rate-limited", spare: "well" },
      open: "accounts",
      width: 1300,
    });
    await row(page, "Work").waitFor();
    expect(await ask()).toBe(200);
    await row(page, "Work")
      .getByText(/ready in 0:[0-3]\d/)
      .waitFor();
    await row(page, "Work").getByText("Rate limit reached for requests.").waitFor();
    provider.moods.set(keyOf("work"), "well");
    await page.getByRole("button", { name: "Work", exact: true }).click();
    await press(page, "Don't wait");
    await row(page, "Work")
      .getByText(/ready in/)
      .waitFor({ state: "detached" });
    await page.getByText("2 ready").waitFor();
    await close();
  });

  it("says what is wrong with a key, takes another, and tests it", async () => {
    const { page, provider, ask, close } = await openReal(browser, {
      accounts: { old: "refused", spare: "well" },
      open: "accounts",
      width: 1300,
    });
    await row(page, "Old").waitFor();
    expect(await ask()).toBe(200);
    await page.getByText("1 ready, 1 needs you").waitFor();
    await page.getByRole("button", { name: "Replace key: Old" }).click();
    await page.getByLabel("New API key").fill("sk-still-wrong-0123");
    await press(page, "Check and replace");
    await page.getByText("The key was refused: Incorrect API key provided.").waitFor();
    provider.moods.set("sk-fresh-0123456789", "well");
    await page.getByLabel("New API key").fill("sk-fresh-0123456789");
    await press(page, "Check and replace");
    await page.getByText("2 ready").waitFor();
    await page.getByRole("button", { name: "Old", exact: true }).click();
    await press(page, "Test");
    await page.getByText("It works: 2 models.").waitFor();
    await close();
  });

  it("renames, orders and switches off; what is off is not used", async () => {
    const { page, portico, provider, ask, close } = await openReal(browser, {
      accounts: { work: "well", spare: "well" },
      open: "accounts?id=spare",
      width: 1700,
    });
    await page.getByLabel("Name", { exact: true }).fill("Reserve");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Reserve" }).waitFor();
    await page.getByLabel("Priority", { exact: true }).fill("9");
    await page.keyboard.press("Enter");
    await row(page, "Reserve").getByText("priority 9").waitFor();
    expect(await ask()).toBe(200);
    expect(provider.upstream.received.at(-1)?.headers.authorization).toContain(keyOf("spare"));
    await press(page, "Switch off");
    await row(page, "Reserve").getByText("off", { exact: true }).waitFor();
    expect(await ask()).toBe(200);
    expect(provider.upstream.received.at(-1)?.headers.authorization).toContain(keyOf("work"));
    const listed = await portico.lead.call("accounts.list", undefined);
    expect(listed.find(({ id }) => id === "spare")).toMatchObject({
      label: "Reserve",
      priority: 9,
      enabled: false,
    });
    await close();
  });

  it("tests many at once", async () => {
    const { page, provider, close } = await openReal(browser, {
      accounts: { one: "well", two: "well", three: "well" },
      open: "accounts",
      width: 1300,
    });
    provider.moods.delete(keyOf("two"));
    await page.getByRole("button", { name: "More for all accounts" }).click();
    await page.getByRole("menuitem", { name: "Test all" }).click();
    await page.getByText("2 accounts work. It did not work for 1 account:").waitFor();
    await close();
  });

  it("moves accounts with their keys through a file: exported, removed, imported, working", async () => {
    const real = await openReal(browser, { accounts: { work: "well" }, open: "accounts", width: 1300 });
    const { page, portico, ask, close } = real;
    await page.getByRole("button", { name: "More for Work" }).click();
    await page.getByRole("menuitem", { name: "Export…" }).click();
    await page.getByLabel("With keys, under a passphrase").check();
    await page.getByLabel("Passphrase", { exact: true }).fill("correct horse battery");
    await page.getByLabel("The same passphrase once more").fill("correct horse battery");
    const saving = page.waitForEvent("download");
    await press(page, "Export");
    const file = await (await saving).path();
    expect(await readFile(file, "utf8")).not.toContain(keyOf("work"));
    await page.getByRole("button", { name: "More for Work" }).click();
    await page.getByRole("menuitem", { name: "Remove…" }).click();
    await press(page, "Remove");
    await page.getByRole("button", { name: "Add the first account" }).waitFor();
    await expect.poll(async () => portico.lead.call("accounts.list", undefined)).toEqual([]);
    await press(page, "Add the first account");
    await page.getByRole("button", { name: /^Accounts from a file/ }).click();
    const choosing = page.waitForEvent("filechooser");
    await press(page, "Choose the file…");
    await (await choosing).setFiles(file);
    await page.getByLabel("Passphrase", { exact: true }).fill("wrong horse battery");
    await press(page, "See what is in it");
    await page.getByRole("dialog").locator(".bad").first().waitFor();
    await page.getByLabel("Passphrase", { exact: true }).fill("correct horse battery");
    await press(page, "See what is in it");
    await press(page, "Import 1 account");
    await page.getByRole("dialog", { name: "Added" }).getByText("Work").waitFor();
    await press(page, "Done");
    expect(await ask()).toBe(200);
    await close();
  });

  describe("with an authorization server", () => {
    const server = new AuthServer();
    beforeAll(() => server.listen());
    afterAll(() => server.close());

    /** Its own addresses instead of Google's, for the sign-in and for the call that proves it. */
    const parts: LeadParts = {
      ...leadParts,
      createGateway: (settings, ports, more) =>
        leadParts.createGateway(settings, ports, {
          ...more,
          credentials: { google: server.google, openrouter: server.openrouter },
        }),
      checkAccount(account, gateway, signal, key) {
        const here = { ...account, endpoints: { gemini: server.base } };
        return leadParts.checkAccount(here, gateway, signal, key);
      },
    };

    it("signs in with Google in the browser, and again", async () => {
      const { page, portico, errors, close } = await openReal(browser, {
        accounts: {},
        open: "accounts?add=gemini",
        lead: { parts },
        width: 1300,
      });
      await page.getByLabel("Sign in with Google").check();
      await page.getByLabel("Client ID").fill(server.clientId);
      await page.getByLabel("Client secret").fill(server.clientSecret);
      let popup = page.context().waitForEvent("page");
      await press(page, "Sign in with Google");
      const consent = await popup;
      await page.getByRole("dialog", { name: "Added" }).getByText("ada@example.com").waitFor();
      expect(new URL(consent.url()).hostname).toBe("127.0.0.1");
      await consent.close();
      await press(page, "Done");
      await row(page, "ada@example.com").waitFor();
      expect((await portico.lead.call("accounts.list", undefined))[0]).toMatchObject({
        credential: "google",
      });
      await page.getByRole("button", { name: "More for ada@example.com" }).click();
      await page.getByRole("menuitem", { name: "Sign in again…" }).click();
      popup = page.context().waitForEvent("page");
      await press(page, "Sign in with Google");
      await popup;
      await page.getByText("ada@example.com is signed in again").waitFor();
      const text = await page.content();
      for (const secret of server.secrets) expect(text.includes(secret)).toBe(false);
      expect(errors).toEqual([]);
      await close();
    });

    it("says that the person declined", async () => {
      server.consent = "deny";
      const { page, close } = await openReal(browser, {
        accounts: {},
        open: "accounts?add=gemini",
        lead: { parts },
      });
      await page.getByLabel("Sign in with Google").check();
      await page.getByLabel("Client ID").fill(server.clientId);
      await page.getByLabel("Client secret").fill(server.clientSecret);
      await press(page, "Sign in with Google");
      await page.getByRole("dialog").locator(".bad").first().waitFor();
      await page.getByRole("button", { name: "Sign in with Google", exact: true }).waitFor();
      server.consent = "allow";
      await close();
    });

    it("adds refresh tokens and a service account", async () => {
      const { page, portico, close } = await openReal(browser, {
        accounts: {},
        open: "accounts?add=gemini",
        lead: { parts },
        width: 1300,
      });
      await page.getByLabel("Refresh tokens").check();
      const tokens = [server.issueRefreshToken(), "1//not-one-of-its-tokens-0000"];
      await page.getByRole("textbox", { name: "Refresh tokens" }).fill(tokens.join("\n"));
      await page.getByLabel("Client ID").fill(server.clientId);
      await page.getByLabel("Client secret").fill(server.clientSecret);
      await press(page, "Check and add");
      const dialog = page.getByRole("dialog", { name: "Added" });
      await dialog.getByText("line 2").waitFor();
      await press(page, "Add another");
      await page
        .getByRole("dialog")
        .getByRole("button", { name: /^Google Gemini/ })
        .click();
      await page.getByLabel("Credential file").check();
      await page
        .getByLabel("The file's text")
        .fill(JSON.stringify({ ...server.serviceAccount.json, token_uri: server.google.tokenUrl }));
      await press(page, "Check and add");
      await dialog.getByText("robot@project-1.iam.gserviceaccount.com").waitFor();
      const kinds = (await portico.lead.call("accounts.list", undefined)).map(({ credential }) => credential);
      expect(kinds.sort()).toEqual(["google", "service-account"]);
      await close();
    });
  });

  it("finds keys on this computer and shows of them no more than one can recognise", async () => {
    const { page, close } = await openReal(browser, {
      accounts: {},
      open: "accounts?add=found",
      lead: {
        surroundings: { env: { OPENAI_API_KEY: keyOf("found") }, platform: "linux", home: "/nowhere" },
      },
    });
    await page.getByText("OPENAI_API_KEY").waitFor();
    expect(await page.content()).not.toContain(keyOf("found"));
    await close();
  });
});
