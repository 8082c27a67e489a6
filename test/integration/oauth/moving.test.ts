import { chmod, mkdir, writeFile } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SecretStore } from "../../../src/gateway/common/ports.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { seededSecret } from "../../support/secrets.ts";
import { AuthServer } from "./authServer.ts";
import { openPortico, type TestOptions, type TestPortico } from "./portico.ts";

const PASSPHRASE = "a long passphrase";

let server: AuthServer;
let opened: TestPortico[];
/** Of people who have credentials lying about. */
let homes: string[];

beforeEach(async () => {
  server = new AuthServer();
  await server.listen();
  opened = [];
  homes = [];
});
afterEach(async () => {
  for (const portico of opened) {
    expect(await portico.leaks()).toEqual([]);
    await portico.close();
  }
  await server.close();
  await Promise.all(homes.map((home) => removeFolder(home)));
});

async function open(options?: TestOptions): Promise<TestPortico> {
  const portico = await openPortico(server, options);
  opened.push(portico);
  return portico;
}

const endpoints = () => ({ gemini: server.base });
const client = () => ({ clientId: server.clientId, clientSecret: server.clientSecret });

/** A sign-in, a service account and a key. */
async function fill(portico: TestPortico): Promise<void> {
  server.rotate = false;
  const entries = [
    { email: "ada@example.com", refresh_token: server.issueRefreshToken(), quota_project_id: "project-1" },
    server.serviceAccount.json,
    { email: "bob@example.com", refresh_token: "0123456789-nobody-knows-this" },
    { type: "external_account" },
  ];
  const results = await portico.call("accounts.addMany", {
    account: { provider: "gemini", endpoints: endpoints(), models: ["gemini-test"] },
    client: client(),
    text: JSON.stringify(entries),
  });
  expect(results).toMatchObject([
    { place: "entry 1", ok: true, account: { label: "ada@example.com" } },
    { place: "entry 2", ok: true },
    {
      place: "entry 3",
      ok: false,
      reason: "key-refused",
      message: expect.stringContaining("expired or revoked"),
    },
    { place: "entry 4", ok: false, message: expect.stringContaining("entry 4 is of the type") },
  ]);
  await portico.call("accounts.add", {
    provider: "custom",
    endpoints: { "openai-chat": `${server.base}/or` },
    apiKey: server.secret("key"),
    headers: { "x-team": server.secret("header") },
  });
}

describe("many at once", () => {
  it("adds those that are proved, and nobody twice", async () => {
    const portico = await open();
    await fill(portico);
    expect(await portico.call("accounts.list", undefined)).toHaveLength(3);
    const again = await portico.call("accounts.addMany", {
      account: { provider: "gemini", endpoints: endpoints() },
      text: JSON.stringify(server.serviceAccount.json),
    });
    expect(again).toMatchObject([{ ok: false, reason: "duplicate" }]);
  });

  it("says what is missing for Vertex AI, and who takes no Google sign-in", async () => {
    const portico = await open();
    const text = server.issueRefreshToken();
    expect(
      await portico.call("accounts.addMany", { account: { provider: "vertex" }, client: client(), text }),
    ).toMatchObject([{ ok: false, message: expect.stringContaining("Google Cloud project") }]);
    await expect(
      portico.call("accounts.addMany", { account: { provider: "openai" }, client: client(), text }),
    ).rejects.toThrow(/OpenAI takes no sign-in with Google/);
  });
});

describe("export and import", () => {
  it("moves accounts with their secrets to another computer, where they work", {
    // Passphrases are slow by design.
    timeout: 180_000,
  }, async () => {
    const here = await open();
    await fill(here);
    const plain = await here.call("accounts.export", {});
    expect(plain).toMatchObject({ accounts: 3, secrets: false });
    const exported = await here.call("accounts.export", { passphrase: PASSPHRASE });
    expect(exported).toMatchObject({ accounts: 3, secrets: true });

    const there = await open();
    const { text } = exported;
    const preview = await there.call("accounts.import.preview", { text, passphrase: PASSPHRASE });
    expect(preview.entries.map(({ action }) => action)).toEqual(["add", "add", "add"]);
    expect(await there.call("accounts.list", undefined)).toEqual([]);
    await expect(there.call("accounts.import.apply", { text })).rejects.toThrow(/give its passphrase/);
    await expect(there.call("accounts.import.apply", { text, passphrase: "wrong one" })).rejects.toThrow(
      /passphrase is wrong/,
    );
    expect(await there.call("accounts.list", undefined)).toEqual([]);
    const added = await there.call("accounts.import.apply", { text, passphrase: PASSPHRASE });
    expect(added.map(({ id }) => id)).toEqual(["gemini", "gemini-2", "custom"]);

    const { proxy } = await there.call("status.get", undefined);
    if (proxy.kind !== "running") throw new Error("not running");
    const reply = await fetch(`${proxy.baseUrl}/v1beta/models/gemini-test:generateContent`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ contents: [{ parts: [{ text: "hi" }] }] }),
    });
    expect(reply.status).toBe(200);

    const again = await there.call("accounts.import.preview", { text, passphrase: PASSPHRASE });
    expect(again.entries).toMatchObject([
      { action: "duplicate", sameAs: "gemini" },
      { action: "duplicate" },
      { action: "duplicate" },
    ]);
    expect(await there.call("accounts.import.apply", { text, passphrase: PASSPHRASE })).toEqual([]);
  });

  it("gives an account whose id is taken another one, and says when a key is missing", async () => {
    const here = await open();
    await fill(here);
    const { text } = await here.call("accounts.export", { ids: ["gemini"], passphrase: PASSPHRASE });
    const bare = await here.call("accounts.export", { ids: ["gemini"] });
    const there = await open();
    await there.call("accounts.add", { id: "gemini", provider: "openai", apiKey: server.secret("key") });
    const preview = await there.call("accounts.import.preview", { text, passphrase: PASSPHRASE });
    expect(preview.entries).toMatchObject([
      { action: "conflict", id: "gemini", newId: "gemini-2", needsKey: false },
    ]);
    const withoutKeys = await there.call("accounts.import.preview", { text: bare.text });
    expect(withoutKeys.entries).toMatchObject([{ needsKey: true }]);
    await there.call("accounts.import.apply", { text, passphrase: PASSPHRASE });
    expect((await there.call("accounts.list", undefined)).map(({ id }) => id)).toEqual([
      "gemini",
      "gemini-2",
    ]);
    await expect(here.call("accounts.export", { ids: ["nobody"] })).rejects.toThrow(/no account "nobody"/);
  });

  it("imports all or nothing: a secret store that fails in the midst leaves nothing behind", async () => {
    const here = await open();
    await fill(here);
    const { text } = await here.call("accounts.export", { passphrase: PASSPHRASE });
    let writes = 0;
    const store = (secrets: SecretStore): SecretStore => ({
      ...secrets,
      set: async (key, value) => {
        if (key.startsWith("account.") && ++writes === 3) throw new Error("locked");
        await secrets.set(key, value);
      },
    });
    const there = await open({ store });
    await expect(there.call("accounts.import.apply", { text, passphrase: PASSPHRASE })).rejects.toThrow(
      /could not be stored/,
    );
    expect(await there.call("accounts.list", undefined)).toEqual([]);
    for (const id of ["gemini", "gemini-2", "custom"]) {
      expect(await there.secrets.get(`account.${id}.apiKey`)).toBeUndefined();
    }
  });
});

describe("headers of one's own", () => {
  it("go to a custom server with each request, and stand in no file but the secret store", async () => {
    const portico = await open();
    const seen: IncomingHttpHeaders[] = [];
    const own = createServer((request, response) => {
      seen.push(request.headers);
      response.writeHead(200, { "content-type": "application/json" }).end('{"data":[{"id":"m"}]}');
    });
    await new Promise<void>((resolve) => own.listen(0, "127.0.0.1", resolve));
    const base = `http://127.0.0.1:${(own.address() as AddressInfo).port}/v1`;
    const account = {
      provider: "custom",
      endpoints: { "openai-chat": base },
      headers: { "X-Team": server.secret("header"), Authorization: `Basic ${server.secret("basic")}` },
    };
    expect(await portico.call("accounts.check", account)).toMatchObject({ ok: true });
    await portico.call("accounts.add", account);
    const { proxy } = await portico.call("status.get", undefined);
    if (proxy.kind !== "running") throw new Error("not running");
    await fetch(`${proxy.baseUrl}/v1/chat/completions`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-team": "the-client's",
        authorization: "Bearer client",
      },
      body: JSON.stringify({ model: "m", messages: [{ role: "user", content: "hi" }] }),
    });
    expect(seen.at(-1)?.["x-team"]).toMatch(/^header-/);
    expect(seen.at(-1)?.authorization).toMatch(/^Basic basic-/);
    await expect(portico.call("accounts.add", { ...account, apiKey: "some-key" })).rejects.toThrow(
      /not both/,
    );
    await expect(
      portico.call("accounts.add", { provider: "openai", apiKey: "some-key", headers: { "x-team": "a" } }),
    ).rejects.toThrow(/custom/);
    own.closeAllConnections();
    own.close();
  });
});

describe("what lies about", () => {
  it("is shown masked, and taken only by choice", async () => {
    server.rotate = false;
    const home = makeFolder("home");
    homes.push(home);
    const gcloud = join(home, ".config/gcloud");
    await mkdir(gcloud, { recursive: true });
    const openaiKey = `${seededSecret("sk-env")}-wxyz`;
    const dotenvKey = `${seededSecret("sk-dot")}-abcd`;
    const refresh_token = server.issueRefreshToken();
    const adc = { type: "authorized_user", client_id: server.clientId, client_secret: server.clientSecret };
    await writeFile(
      join(gcloud, "application_default_credentials.json"),
      JSON.stringify({ ...adc, refresh_token, quota_project_id: "project-1" }),
    );
    const envFile = join(home, ".env");
    await writeFile(
      envFile,
      `# keys\nANTHROPIC_API_KEY="${dotenvKey}"\nOPENAI_API_KEY=${openaiKey}\nOTHER=1\n`,
    );
    const portico = await open({
      check: async () => ({ ok: true, models: ["m"] }),
      surroundings: { env: { OPENAI_API_KEY: openaiKey, HOME: home }, platform: "linux", home },
    });
    const found = await portico.call("accounts.discover", { envFile });
    expect(found.map(({ provider, name, masked }) => [provider, name, masked])).toEqual([
      ["openai", "OPENAI_API_KEY", "sk-…wxyz"],
      ["anthropic", "ANTHROPIC_API_KEY", "sk-…abcd"],
      ["gemini", "application-default credentials", expect.stringMatching(/^ref….{4}$/)],
      ["vertex", "application-default credentials", expect.anything()],
    ]);
    const shown = JSON.stringify(found);
    for (const secret of [openaiKey, dotenvKey, refresh_token, server.clientSecret]) {
      expect(shown).not.toContain(secret);
    }
    expect(await portico.call("accounts.list", undefined)).toEqual([]);
    await expect(portico.call("accounts.discover.take", { ids: ["unknown"] })).rejects.toThrow(/Look again/);
    expect(await portico.call("accounts.list", undefined)).toEqual([]);
    expect((await portico.call("accounts.discover", undefined)).map(({ provider }) => provider)).toEqual([
      "openai",
      "gemini",
      "vertex",
    ]);

    const ids = found.map(({ id }) => id);
    const taken = await portico.call("accounts.discover.take", {
      ids: [ids[0] ?? "", ids[3] ?? ""],
      envFile,
    });
    expect(taken).toMatchObject([
      { place: "OPENAI_API_KEY", ok: true, account: { id: "openai" } },
      { ok: true, account: { id: "vertex" } },
    ]);
    expect(await portico.secrets.get("account.openai.apiKey")).toBe(openaiKey);
    const after = await portico.call("accounts.discover", { envFile });
    expect(after.map(({ sameAs }) => sameAs !== undefined)).toEqual([true, false, false, true]);
    // The client in that file is not ours to sign in with.
    await expect(portico.call("accounts.signIn.google", { again: "vertex" })).rejects.toThrow(/another tool/);
    const own = { clientId: server.clientId, clientSecret: server.clientSecret };
    await portico.call("accounts.signIn.google", { again: "vertex", client: own });
  });

  it("passes over what cannot be read, but says so of a file that was named", async () => {
    const portico = await open();
    expect(await portico.call("accounts.discover", undefined)).toEqual([]);
    for (const envFile of [join(portico.folder, "absent"), portico.folder, "/dev/zero"]) {
      await expect(portico.call("accounts.discover", { envFile })).rejects.toThrow(/cannot be read|no file/);
    }
    const large = join(portico.folder, "large.env");
    await writeFile(large, "A=1\n".repeat(100_000));
    await chmod(large, 0o600);
    await expect(portico.call("accounts.discover", { envFile: large })).rejects.toThrow(/larger/);
  });
});
