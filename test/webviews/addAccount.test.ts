/** Adding accounts, every way there is, in a real browser over a scripted world. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AddResult, SignInStarted } from "../../src/control/credentials.ts";
import { axeFindings, browserPath, openBrowser, overflows } from "../support/pages/browser.ts";
import { Refusal } from "../support/pages/fake.ts";
import { openWorld } from "../support/pages/open.ts";
import { account, NOW } from "../support/pages/worlds.ts";

const SECRET = "sk-very-secret-0123456789";

describe.skipIf(browserPath === undefined)("adding accounts (needs a browser)", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());
  const open = (hash: string, answers: NonNullable<Parameters<typeof openWorld>[1]>["answers"] = {}) =>
    openWorld(browser, { hash, width: 1000, answers });
  const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();

  /** Everything that the page keeps or shows, but for what a field holds while it is there. */
  const kept = (page: Page) =>
    page.evaluate(
      () =>
        `${document.documentElement.outerHTML}\n${JSON.stringify({ ...sessionStorage, ...localStorage })}\n${location.href}`,
    );

  it("adds a key by keyboard alone: searched, refused, mended, added, with its secret nowhere", async () => {
    let tried = 0;
    const { fake, page, errors, close } = await open("accounts", {
      "accounts.check": () => {
        tried += 1;
        return tried === 1
          ? { ok: false, reason: "key-refused", message: "Incorrect API key provided" }
          : { ok: true, models: ["gpt-5", "gpt-5-mini"] };
      },
      "accounts.add": ({ provider, label }) => account("openai-2", { provider, label: label ?? "OpenAI 2" }),
    });
    await page.getByRole("button", { name: "Add account" }).focus();
    await page.keyboard.press("Enter");
    const search = page.getByLabel("Whose models do you want to use?");
    await expect.poll(() => search.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.type("openai");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "Add account · OpenAI" }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByText("OpenAI needs a key.").waitFor();
    await page.keyboard.type("sk-wrong");
    await page.keyboard.press("Enter");
    await page.getByText("OpenAI refused the key: Incorrect API key provided").waitFor();
    // What was refused is selected: typing replaces it.
    await page.keyboard.type(SECRET);
    expect(await kept(page)).not.toContain(SECRET);
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "Added" }).getByText("2 models").waitFor();
    expect(await kept(page)).not.toContain(SECRET);
    await press(page, "Done");
    expect(await kept(page)).not.toContain(SECRET);
    expect(fake.called("accounts.check").map(({ apiKey }) => apiKey)).toEqual(["sk-wrong", SECRET]);
    expect(fake.called("accounts.add")).toEqual([{ provider: "openai", apiKey: SECRET }]);
    expect(errors).toEqual([]);
    await close();
  });

  it("adds what could not be tried only if the person says so", async () => {
    const { fake, page, close } = await open("accounts?add=deepseek", {
      "accounts.check": () => ({ ok: false, reason: "unreachable", message: "connect ETIMEDOUT" }),
      "accounts.add": ({ provider }) => account(provider, { label: "DeepSeek" }),
    });
    await page.getByLabel("API key", { exact: true }).fill(SECRET);
    await press(page, "Check and add");
    await page.getByText("DeepSeek could not be reached").waitFor();
    await press(page, "Try again");
    await expect.poll(() => fake.called("accounts.check").length).toBe(2);
    await press(page, "Add anyway");
    await page.getByRole("dialog", { name: "Added" }).getByText("not tried yet").waitFor();
    expect(fake.called("accounts.add")).toHaveLength(1);
    await close();
  });

  it("stops asking when told, and keeps what was typed", async () => {
    const { page, close } = await open("accounts?add=deepseek", {
      "accounts.check": () => new Promise(() => undefined),
    });
    await page.getByLabel("API key", { exact: true }).fill(SECRET);
    await press(page, "Check and add");
    await page.getByText("Asking DeepSeek whether this works…").waitFor();
    await press(page, "Cancel");
    await page.getByText("Asking DeepSeek whether this works…").waitFor({ state: "detached" });
    expect(await page.getByLabel("API key", { exact: true }).inputValue()).toBe(SECRET);
    await close();
  });

  it("adds a server by its address, protocols and headers", async () => {
    const { fake, page, close } = await open("accounts?add=custom", {
      "accounts.check": () => ({ ok: true, models: ["local-1"] }),
      "accounts.add": ({ provider }) => account(provider, { label: "127.0.0.1:9911" }),
    });
    await page.getByLabel("Address", { exact: true }).fill("127.0.0.1:9911");
    await press(page, "Check and add");
    await page.getByText("It starts with http:// or https://").waitFor();
    await page.getByLabel("Address", { exact: true }).fill("http://127.0.0.1:9911/");
    await page.getByLabel("Anthropic messages").check();
    await page.getByText("More", { exact: true }).click();
    await page.getByLabel("Headers").fill("X-Team blue");
    await press(page, "Check and add");
    await page.getByText("Line 1 is not of the form Name: value.").waitFor();
    await page.getByLabel("Headers").fill("X-Team: blue\nX-Token: abc def");
    await page.getByLabel("Models").fill("local-1, local-*");
    await page.getByLabel("Name", { exact: true }).fill("Mine");
    await press(page, "Check and add");
    await page.getByRole("dialog", { name: "Added" }).getByText("1 model", { exact: true }).waitFor();
    expect(fake.called("accounts.add")).toEqual([
      {
        provider: "custom",
        label: "Mine",
        endpoints: { "openai-chat": "http://127.0.0.1:9911/v1", anthropic: "http://127.0.0.1:9911" },
        models: ["local-1", "local-*"],
        headers: { "X-Team": "blue", "X-Token": "abc def" },
      },
    ]);
    await close();
  });

  it("adds an Azure resource with its deployments", async () => {
    const { fake, page, close } = await open("accounts?add=azure-openai", {
      "accounts.check": () => ({ ok: true, models: [] }),
      "accounts.add": ({ provider }) => account(provider, { label: "me.openai.azure.com" }),
    });
    await page.getByLabel("Address", { exact: true }).fill("https://me.openai.azure.com/openai/v1");
    await page.getByLabel("API key", { exact: true }).fill(SECRET);
    await page.getByLabel("Deployments").fill("gpt-5");
    await press(page, "Check and add");
    await page.getByRole("dialog", { name: "Added" }).getByText("works").waitFor();
    const url = "https://me.openai.azure.com/openai/v1";
    expect(fake.called("accounts.add")).toEqual([
      {
        provider: "azure-openai",
        endpoints: { "openai-chat": url, "openai-responses": url },
        models: ["gpt-5"],
        apiKey: SECRET,
      },
    ]);
    await close();
  });

  it("adds a server that runs on this computer without asking for anything", async () => {
    const { fake, page, close } = await open("accounts?add=choose", {
      "local.detect": () => [
        { provider: "ollama", label: "Ollama", baseUrl: "http://127.0.0.1:11434/v1", models: ["a", "b"] },
      ],
      "accounts.check": () => ({ ok: true, models: ["a", "b"] }),
      "accounts.add": ({ provider }) => account(provider, { label: "Ollama" }),
    });
    await page.getByRole("button", { name: /^Ollama\s*2 models$/ }).click();
    await press(page, "Check and add");
    await page.getByRole("dialog", { name: "Added" }).getByText("2 models").waitFor();
    expect(fake.called("accounts.add")).toEqual([
      {
        provider: "ollama",
        endpoints: {
          "openai-chat": "http://127.0.0.1:11434/v1",
          "openai-responses": "http://127.0.0.1:11434/v1",
          anthropic: "http://127.0.0.1:11434",
        },
      },
    ]);
    await close();
  });

  it("looks for servers on this computer by a link", async () => {
    let running = false;
    const { page, close } = await open("accounts?add=local", {
      "local.detect": () =>
        running
          ? [{ provider: "lmstudio", label: "LM Studio", baseUrl: "http://127.0.0.1:1234/v1", models: [] }]
          : [],
    });
    await page.getByText("No Ollama or LM Studio answers").waitFor();
    running = true;
    await press(page, "Look again");
    await press(page, "Add");
    await page.getByRole("dialog", { name: "Add account · LM Studio" }).waitFor();
    expect(await page.getByLabel("Address, if it is not the usual one").inputValue()).toBe(
      "http://127.0.0.1:1234/v1",
    );
    await close();
  });

  const started: SignInStarted = {
    id: "s1",
    url: "http://127.0.0.1:1/consent",
    redirectUri: "http://127.0.0.1:4567/callback",
    expiresAt: NOW + 300_000,
    notes: ["A note beforehand."],
  };

  /** An answer that the test gives when it wants to. */
  function later<T>(): { promise: Promise<T>; give(value: T): void } {
    let give: (value: T) => void = () => undefined;
    const promise = new Promise<T>((resolve) => {
      give = resolve;
    });
    return { promise, give: (value) => give(value) };
  }

  it("signs in with Google through the person's own client, and takes the address that did not open", async () => {
    const result = later<AddResult>();
    const { fake, page, close } = await open("accounts?add=gemini", {
      "accounts.signIn.google": () => started,
      "accounts.signIn.await": () => result.promise,
      "accounts.signIn.paste": () => {
        result.give({
          ok: true,
          account: account("gemini", { label: "ada@example.com" }),
          models: ["gemini-2.5-pro"],
        });
        return { accepted: true };
      },
    });
    await page.getByLabel("Sign in with Google").check();
    await page.getByText("Google ends each of its sign-ins after 7 days").waitFor();
    await press(page, "Sign in with Google");
    await page.getByText("Google shows it on the page of your client.").waitFor();
    await page.getByLabel("Client ID").fill("1-a.apps.googleusercontent.com");
    await page.getByLabel("Client secret").fill(SECRET);
    await page.getByLabel("Google Cloud project").fill("my project");
    await press(page, "Sign in with Google");
    await page.getByText("A project id has letters, digits and dashes.").waitFor();
    await page.getByLabel("Google Cloud project").fill("my-project");
    await press(page, "Sign in with Google");
    await page.getByText("Sign in with Google in your browser…").waitFor();
    await page.getByText("A note beforehand.").waitFor();
    // Not to be closed by a slip of the hand.
    await page.keyboard.press("Escape");
    await page.getByText("The browser ends at a page that cannot be opened").click();
    await page.getByLabel("The whole address of that page").fill("nonsense");
    await press(page, "Go on with it");
    await page.getByText("This is not a complete address.").waitFor();
    await page
      .getByLabel("The whole address of that page")
      .fill("http://127.0.0.1:4567/callback?code=1&state=2");
    await press(page, "Go on with it");
    await page.getByRole("dialog", { name: "Added" }).getByText("ada@example.com").waitFor();
    expect(fake.called("accounts.signIn.google")).toEqual([
      {
        account: { provider: "gemini" },
        client: { clientId: "1-a.apps.googleusercontent.com", clientSecret: SECRET },
        quotaProject: "my-project",
      },
    ]);
    expect(fake.called("accounts.signIn.paste")).toEqual([
      { id: "s1", url: "http://127.0.0.1:4567/callback?code=1&state=2" },
    ]);
    expect(await kept(page)).not.toContain(SECRET);
    await close();
  });

  it("signs in with OpenRouter in one click; an account that does not answer is kept only if the person says so", async () => {
    let asked = 0;
    const { fake, page, close } = await open("accounts?add=openrouter", {
      "accounts.signIn.openrouter": () => started,
      "accounts.signIn.await": ({ keep }) => {
        asked += 1;
        return keep === true
          ? { ok: true, account: account("openrouter", { label: "OpenRouter" }), models: [] }
          : { ok: false, reason: "unreachable", message: `no answer, ${asked}`, canKeep: true };
      },
    });
    await press(page, "Sign in with OpenRouter");
    await page.getByText("You are signed in with OpenRouter").waitFor();
    await press(page, "Try again");
    await page.getByText("no answer, 2").waitFor();
    await press(page, "Add anyway");
    await page.getByRole("dialog", { name: "Added" }).waitFor();
    expect(fake.called("accounts.signIn.await").map(({ keep }) => keep)).toEqual([false, false, true]);
    await close();
  });

  it("cancels a sign-in, and says why one failed", async () => {
    const result = later<AddResult>();
    const { fake, page, close } = await open("accounts?add=openrouter", {
      "accounts.signIn.openrouter": () => started,
      "accounts.signIn.await": () => result.promise,
      "accounts.signIn.cancel": () => ({ cancelled: true }),
    });
    await press(page, "Sign in with OpenRouter");
    await press(page, "Cancel");
    await expect.poll(() => fake.called("accounts.signIn.cancel")).toEqual([{ id: "s1" }]);
    fake.answers["accounts.signIn.await"] = () => ({ ok: false, reason: "denied", message: "You declined." });
    await press(page, "Sign in with OpenRouter");
    await page.getByText("You declined.").waitFor();
    await close();
  });

  it("adds many refresh tokens at once, and says what became of each", async () => {
    const { fake, page, close } = await open("accounts?add=gemini", {
      "accounts.addMany": () => [
        {
          place: "line 1",
          ok: true,
          account: account("gemini", { label: "ada@example.com" }),
          models: ["a"],
        },
        {
          place: "line 2",
          ok: false,
          reason: "refused",
          message: "Google refused the token (invalid_grant).",
        },
      ],
    });
    await page.getByLabel("Refresh tokens").check();
    await press(page, "Check and add");
    await page.getByText("Paste at least one token.").waitFor();
    await page.getByRole("textbox", { name: "Refresh tokens" }).fill("1//one\n1//two");
    await page.getByLabel("Client ID").fill("client");
    await press(page, "Check and add");
    const dialog = page.getByRole("dialog", { name: "Added" });
    await dialog.getByText("ada@example.com").waitFor();
    await dialog.getByText("Google refused the token (invalid_grant).").waitFor();
    expect(fake.called("accounts.addMany")).toEqual([
      { account: { provider: "gemini" }, text: "1//one\n1//two", client: { clientId: "client" } },
    ]);
    await close();
  });

  it("adds a service account from its file, without asking for a client that the file has", async () => {
    const { fake, page, close } = await open("accounts?add=vertex", {
      "accounts.addMany": () => [
        { place: "the file", ok: true, account: account("vertex", { label: "robot@x" }), models: [] },
      ],
    });
    await page.getByLabel("Credential file").check();
    const file = JSON.stringify({ type: "service_account", private_key: SECRET });
    const choosing = page.waitForEvent("filechooser");
    await press(page, "Choose a file…");
    await (await choosing).setFiles({
      name: "key.json",
      mimeType: "application/json",
      buffer: Buffer.from(file),
    });
    await expect.poll(() => page.getByLabel("The file's text").inputValue()).toBe(file);
    expect(await page.getByLabel("Client ID").count()).toBe(0);
    await press(page, "Check and add");
    await page.getByRole("dialog", { name: "Added" }).getByText("robot@x").waitFor();
    expect(fake.called("accounts.addMany")).toEqual([{ account: { provider: "vertex" }, text: file }]);
    expect(await kept(page)).not.toContain(SECRET);
    await close();
  });

  it("says what is wrong with a single credential beside its field", async () => {
    const { page, close } = await open("accounts?add=vertex", {
      "accounts.addMany": () => [
        { place: "the file", ok: false, reason: "other", message: "Vertex AI needs a Google Cloud project." },
      ],
    });
    await page.getByLabel("Credential file").check();
    await page.getByLabel("The file's text").fill('{"type":"service_account"}');
    await press(page, "Check and add");
    await page.getByText("Vertex AI needs a Google Cloud project.").waitFor();
    await page.getByLabel("Google Cloud project").waitFor();
    await close();
  });

  it("takes of the keys found here only those that are chosen", async () => {
    const { fake, page, close } = await open("accounts?add=found", {
      "accounts.discover": (params) => [
        {
          id: "f1",
          provider: "openai",
          label: "OpenAI",
          source: params?.envFile ?? "the environment",
          name: "OPENAI_API_KEY",
          masked: "sk-…4f2a",
        },
        {
          id: "f2",
          provider: "anthropic",
          label: "Anthropic",
          source: "the environment",
          name: "ANTHROPIC_API_KEY",
          masked: "sk-…77aa",
          sameAs: "work-anthropic",
        },
      ],
      "accounts.discover.take": () => [
        { place: "OPENAI_API_KEY", ok: true, account: account("openai", { label: "OpenAI" }), models: ["a"] },
      ],
    });
    await page.getByText("here already as Work · Anthropic").waitFor();
    expect(await page.getByLabel("Anthropic", { exact: true }).isDisabled()).toBe(true);
    await page.getByLabel("Look into a .env file, too").fill("/home/me/.env");
    await press(page, "Look");
    await page.getByText("from /home/me/.env").waitFor();
    await page.getByLabel("OpenAI", { exact: true }).check();
    await press(page, "Check and add 1");
    await page.getByRole("dialog", { name: "Added" }).getByText("1 model", { exact: true }).waitFor();
    expect(fake.called("accounts.discover.take")).toEqual([{ ids: ["f1"], envFile: "/home/me/.env" }]);
    await close();
  });

  it("imports a file with keys: passphrase, preview, all or nothing", async () => {
    const { fake, page, close } = await open("accounts?add=import", {
      "accounts.import.preview": ({ passphrase }) => {
        if (passphrase !== " open sesame ") throw new Refusal("The passphrase does not open the file.");
        return {
          exportedAt: NOW - 86_400_000,
          secrets: true,
          entries: [
            {
              id: "openai",
              provider: "openai",
              label: "Team · OpenAI",
              action: "conflict",
              newId: "openai-2",
              needsKey: false,
            },
            {
              id: "x",
              provider: "anthropic",
              label: "Work",
              action: "duplicate",
              sameAs: "work-anthropic",
              needsKey: false,
            },
            { id: "y", provider: "groq", label: "Groq", action: "add", needsKey: true },
          ],
        };
      },
      "accounts.import.apply": () => [
        account("openai-2", { label: "Team · OpenAI" }),
        account("y", { label: "Groq" }),
      ],
    });
    const choosing = page.waitForEvent("filechooser");
    await press(page, "Choose the file…");
    const text = '{"portico":1,"secrets": {"sealed":"…"}}';
    await (await choosing).setFiles({
      name: "accounts.json",
      mimeType: "application/json",
      buffer: Buffer.from(text),
    });
    await page.getByText("accounts.json").waitFor();
    await page.getByLabel("Passphrase").fill("wrong");
    await press(page, "See what is in it");
    await page.getByText("The passphrase does not open the file.").waitFor();
    await page.getByLabel("Passphrase").fill(" open sesame ");
    await press(page, "See what is in it");
    await page.getByText("here already as Work · Anthropic").waitFor();
    await page.getByText("added as openai-2").waitFor();
    await page.getByText("added, then needs its key").waitFor();
    await press(page, "Import 2 accounts");
    await page.getByRole("dialog", { name: "Added" }).getByText("Groq").waitFor();
    expect(fake.called("accounts.import.apply")).toEqual([{ text, passphrase: " open sesame " }]);
    expect(await kept(page)).not.toContain("open sesame");
    await close();
  });

  it("previews a file without keys at once", async () => {
    const { page, close } = await open("accounts?add=import", {
      "accounts.import.preview": () => ({
        exportedAt: NOW,
        secrets: false,
        entries: [{ id: "x", provider: "openai", label: "Mine", action: "duplicate", needsKey: false }],
      }),
    });
    const choosing = page.waitForEvent("filechooser");
    await press(page, "Choose the file…");
    await (await choosing).setFiles({
      name: "a.json",
      mimeType: "application/json",
      buffer: Buffer.from("{}"),
    });
    await page.getByText("here already").waitFor();
    expect(await page.getByRole("button", { name: "Nothing to import" }).isDisabled()).toBe(true);
    await close();
  });

  it("exports without keys, or with them under a passphrase given twice", async () => {
    const { fake, page, close } = await open("accounts", {
      "accounts.export": ({ ids = [], passphrase }) => ({
        text: "the file",
        accounts: ids.length,
        secrets: passphrase !== undefined,
      }),
    });
    await page.getByRole("checkbox", { name: "Select Ollama" }).check();
    await press(page, "Export…");
    let saving = page.waitForEvent("download");
    await press(page, "Export");
    expect((await saving).suggestedFilename()).toBe("portico-accounts.json");
    await page.getByText("Exported 1 account, without keys").waitFor();
    await page.getByRole("button", { name: "More for all accounts" }).click();
    await page.getByRole("menuitem", { name: "Export all…" }).click();
    await page.getByLabel("With keys, under a passphrase").check();
    await page.getByLabel("Passphrase", { exact: true }).fill("short");
    await press(page, "Export");
    await page.getByText("At least 12 characters.", { exact: true }).waitFor();
    await page.getByLabel("Passphrase", { exact: true }).fill("long enough, I think");
    await page.getByLabel("The same passphrase once more").fill("long enough, I thought");
    await press(page, "Export");
    await page.getByText("The two are not the same.").waitFor();
    await page.getByLabel("The same passphrase once more").fill("long enough, I think");
    saving = page.waitForEvent("download");
    await press(page, "Export");
    await saving;
    await page.getByText("Exported 6 accounts, with keys, encrypted").waitFor();
    expect(fake.called("accounts.export").map(({ passphrase }) => passphrase)).toEqual([
      undefined,
      "long enough, I think",
    ]);
    expect(await kept(page)).not.toContain("long enough");
    await close();
  });

  it("signs in again", async () => {
    const { fake, page, close } = await open("accounts", {
      "accounts.signIn.google": () => started,
      "accounts.signIn.await": () => ({ ok: true, account: account("personal-gemini"), models: [] }),
    });
    await page.getByRole("button", { name: "More for Personal · Gemini" }).click();
    await page.getByRole("menuitem", { name: "Sign in again…" }).click();
    await page.getByText("after 7 days").waitFor();
    await press(page, "Sign in with Google");
    await page.getByText("Personal · Gemini is signed in again").waitFor();
    expect(fake.called("accounts.signIn.google")).toEqual([{ again: "personal-gemini" }]);
    await close();
  });

  it.each(["choose", "openai", "custom", "gemini", "vertex", "openrouter", "found", "import", "local"])(
    "has nothing that axe minds, nor anything too wide: %s",
    async (kind) => {
      const { page, errors, close } = await openWorld(browser, {
        hash: `accounts?add=${kind}`,
        width: 320,
        answers: { "accounts.discover": () => [] },
      });
      await page.getByRole("dialog").waitFor();
      await page.locator(".skeleton").first().waitFor({ state: "detached" });
      expect(await axeFindings(page)).toEqual([]);
      expect(await overflows(page)).toBe(false);
      expect(
        await page.getByRole("dialog").evaluate((dialog) => dialog.querySelector(".body")?.scrollWidth),
      ).toBeLessThanOrEqual(320);
      expect(errors).toEqual([]);
      await close();
    },
  );
});
