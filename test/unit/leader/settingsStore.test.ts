import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AccountsFile } from "../../../src/gateway/accounts/accountsFile.ts";
import type { Credential } from "../../../src/gateway/accounts/credentials/credential.ts";
import { createAccountStore } from "../../../src/gateway/leader/accountStore.ts";
import { composeSettings } from "../../../src/gateway/leader/composeSettings.ts";
import { PROVIDERS } from "../../../src/gateway/providers/providers.ts";
import { settingsSchema } from "../../../src/gateway/settings/settings.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";

const { accounts, routes } = settingsSchema.parse({
  accounts: [
    { id: "work", provider: "openai", credentials: { apiKey: "sk-of-the-file" } },
    { id: "keyless", provider: "anthropic" },
  ],
  routes: [{ model: "a", to: ["work/b"] }],
});
const fixed = { accounts, routes };
const apiKey = "sk-portico-0123456789";

let folder = "";
let file: AccountsFile;
const stored = new Map<string, Credential>();
beforeEach(async () => {
  folder = makeFolder("fixed");
  file = await AccountsFile.open(join(folder, "accounts.json"), Date.now);
  stored.clear();
});
afterEach(() => removeFolder(folder));

const accountStore = () =>
  createAccountStore({
    log: { debug() {} },
    file,
    fixed: () => accounts,
    providers: Object.values(PROVIDERS),
    credentials: {
      stored: async (id) => stored.get(id),
      replace: async (id, credential) => void stored.set(id, credential),
      remove: async (id) => void stored.delete(id),
    },
  });

const own = (id: string) => ({ id, provider: "openai" as const, priority: 0, enabled: true });

describe("a config file's accounts and routes", () => {
  it("go by their ids where they have no label, as error messages call them", async () => {
    await file.addAll([own("mine")]);
    expect(
      accountStore()
        .views()
        .map(({ label }) => label),
    ).toEqual(["work", "keyless", "OpenAI"]);
  });

  it("come first; of two accounts of a name its own is used, and a person is told", () => {
    const { settings, problems } = composeSettings({
      window: {},
      fixed,
      accounts: [own("work"), own("mine")],
      routes: [{ model: "c", to: ["d"] }],
      apiKey,
    });
    expect(settings.accounts.map(({ id }) => id)).toEqual(["work", "keyless", "mine"]);
    expect(settings.accounts[0]?.credentials?.apiKey).toBe("sk-of-the-file");
    expect(settings.routes.map(({ model }) => model)).toEqual(["a", "c"]);
    expect(problems).toEqual([expect.objectContaining({ account: "work", severity: "warning" })]);
    expect(problems[0]?.message).toContain('two accounts named "work"');
  });

  it("leave the limits whole", () => {
    const many = Array.from({ length: 1000 }, (_, index) => own(`a${index}`));
    const { settings, problems } = composeSettings({ window: {}, fixed, accounts: many, routes: [], apiKey });
    expect(settings.accounts).toHaveLength(1000);
    expect(problems).toEqual([]);
  });

  it("are shown, and not changed", async () => {
    const one = accountStore();
    expect(one.views().map(({ id, readOnly }) => [id, readOnly])).toEqual([
      ["work", true],
      ["keyless", true],
    ]);
    await expect(one.update({ id: "work", priority: 5 })).rejects.toThrow("stands in the config file");
    await expect(one.replace("work", { kind: "apiKey", apiKey: "x" })).rejects.toThrow("config file");
    await expect(one.remove("work")).rejects.toThrow("config file");
    await expect(one.add({ id: "work", provider: "openai", apiKey: "sk-1" })).rejects.toThrow(
      "exists already",
    );
    expect(() => one.known("none")).toThrow('no account "none"');
    expect(stored.size).toBe(0);
  });

  it("bring their keys; what has none is named", async () => {
    const one = accountStore();
    expect(await one.credential("work")).toEqual({ kind: "apiKey", apiKey: "sk-of-the-file" });
    expect((await one.problems()).map(({ account }) => account)).toEqual(["keyless"]);
    stored.set("keyless", { kind: "apiKey", apiKey: "sk-stored" });
    expect(await one.problems()).toEqual([]);
  });

  it("give way where the other one of the name is removed", async () => {
    const one = accountStore();
    await file.addAll([own("work")]);
    stored.set("work", { kind: "apiKey", apiKey: "sk-other" });
    expect(one.views()).toHaveLength(2);
    expect(await one.remove("work")).toBe(true);
    expect(file.accounts).toEqual([]);
    expect(stored.size).toBe(0);
    expect(one.views()).toHaveLength(2);
  });

  it("take their ids from new accounts", async () => {
    const one = accountStore();
    await file.addAll([own("openai")]);
    expect((await one.add({ provider: "anthropic", apiKey: "sk-1" })).id).toBe("anthropic");
    expect((await one.add({ provider: "openai", apiKey: "sk-2" })).id).toBe("openai-2");
  });
});
