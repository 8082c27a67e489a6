import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AccountsFile, type StoredAccount } from "../../../src/gateway/accounts/accountsFile.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";

const account = (id: string): StoredAccount => ({ id, provider: "openai", priority: 0, enabled: true });
const now = () => Date.UTC(2026, 0, 2, 3, 4, 5);

let folder: string;
let path: string;
beforeEach(async () => {
  folder = makeFolder("accounts");
  path = join(folder, "accounts.json");
});
afterEach(() => removeFolder(folder));

const open = () => AccountsFile.open(path, now);

describe("accounts.json", () => {
  it("starts empty and keeps what is added and removed", async () => {
    const file = await open();
    expect(file.accounts).toEqual([]);
    await file.addAll([account("a")]);
    const endpoints = { "openai-chat": "http://h/v1" };
    await file.addAll([{ ...account("b"), label: "Work", endpoints, models: ["x*"] }]);
    expect((await open()).accounts).toEqual(file.accounts);
    expect(await file.remove("a")).toBe(true);
    expect(await file.remove("a")).toBe(false);
    expect((await open()).accounts.map(({ id }) => id)).toEqual(["b"]);
    if (process.platform !== "win32") expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(["accounts.json"]);
  });

  it("keeps routes that are there", async () => {
    const routes = [{ model: "claude-*", to: ["a/b"] }];
    await writeFile(path, JSON.stringify({ version: 1, accounts: [], routes }));
    const file = await open();
    await file.addAll([account("a")]);
    expect((await open()).routes).toEqual(routes);
  });

  it("refuses an id twice and more than a thousand", async () => {
    const accounts = Array.from({ length: 1000 }, (_, index) => account(`a${index}`));
    await writeFile(path, JSON.stringify({ version: 1, accounts }));
    const file = await open();
    expect(file.notice).toBeUndefined();
    await expect(file.addAll([account("a1")])).rejects.toMatchObject({
      kind: "invalid_request",
      field: "id",
    });
    await expect(file.addAll([account("new")])).rejects.toMatchObject({ kind: "invalid_request" });
  });

  it("writes one after the other", async () => {
    const file = await open();
    await Promise.all(["a", "b", "c", "d"].map((id) => file.addAll([account(id)])));
    expect((await open()).accounts.map(({ id }) => id)).toEqual(["a", "b", "c", "d"]);
  });

  it.each<[string, string]>([
    ["no JSON", "{"],
    ["something else", '["hello"]'],
    ["no accounts", '{"version":1}'],
  ])("sets %s aside and begins anew", async (_name, text) => {
    await writeFile(path, text);
    const file = await open();
    expect(file.accounts).toEqual([]);
    const [aside = ""] = (await readdir(folder)).filter((name) => name !== "accounts.json");
    expect(aside).toBe("accounts.json.broken-2026-01-02T03-04-05-000Z");
    expect(await readFile(join(folder, aside), "utf8")).toBe(text);
    expect(file.notice).toContain(aside);
    expect((await open()).notice).toBeUndefined();
  });

  it("keeps who is switched off beside what makes no sense, and what a newer version says of it", async () => {
    const off = { id: "work", enabled: false, since: 5 };
    const switched = [{ id: 5 }, off, "x", { id: "work", enabled: true }];
    await writeFile(path, JSON.stringify({ version: 1, accounts: [], switched }));
    const file = await open();
    expect(file.switched).toEqual([{ id: "work", enabled: false }]);
    expect(file.notice).toMatch(
      /switched account 1.*switched account 3.*switched account 4: its id is used twice/,
    );
    await file.switchFixed("home", false);
    const written = JSON.parse(await readFile(path, "utf8"));
    expect(written.switched).toEqual([off, { id: "home", enabled: false }]);
    await file.switchFixed("work", true);
    expect((await open()).switched).toEqual([{ id: "home", enabled: false }]);
  });

  it("keeps the good accounts of a damaged file", async () => {
    const accounts = [account("a"), { id: "b", provider: "nobody" }, account("a"), account("c")];
    const routes = [
      { model: "x", to: [] },
      { model: "y", to: ["z"] },
    ];
    await writeFile(path, JSON.stringify({ version: 1, accounts, routes }));
    const file = await open();
    expect(file.accounts.map(({ id }) => id)).toEqual(["a", "c"]);
    expect(file.routes).toEqual([{ model: "y", to: ["z"] }]);
    expect(file.notice).toMatch(/account 2.*account 3.*route 1/);
  });

  it("keeps what a newer version of the same form has besides, for as long as its account is there", async () => {
    const given = {
      version: 1,
      accounts: [{ ...account("a"), colour: "red", deep: { x: [1] } }, account("b")],
      routes: [{ model: "fast", to: ["a/b"], weight: 2 }],
      later: { y: 1 },
    };
    await writeFile(path, JSON.stringify(given));
    const file = await open();
    expect(file.notice).toBeUndefined();
    expect(file.accounts).toEqual([account("a"), account("b")]);
    expect(file.routes).toEqual([{ model: "fast", to: ["a/b"] }]);
    await file.update("a", { label: "Work" });
    const written = async () => JSON.parse(await readFile(path, "utf8"));
    expect(await written()).toEqual({
      ...given,
      accounts: [{ ...given.accounts[0], label: "Work" }, account("b")],
    });
    const again = await open();
    await again.remove("a");
    expect(await written()).toEqual({ ...given, accounts: [account("b")] });
    await again.addAll([account("a")]);
    expect(await written()).toEqual({ ...given, accounts: [account("b"), account("a")] });
    expect(await readdir(folder)).toEqual(["accounts.json"]);
  });

  it("never takes a key in", async () => {
    const accounts = [{ ...account("a"), credentials: { apiKey: "sk-secret" } }];
    await writeFile(path, JSON.stringify({ version: 1, accounts }));
    const file = await open();
    expect(file.notice).toContain("account 1");
    expect(await readFile(path, "utf8")).not.toContain("sk-secret");
    await writeFile(
      path,
      JSON.stringify({ version: 1, accounts: [{ ...account("a"), apiKey: "sk-secret" }] }),
    );
    expect((await open()).notice).toContain("account 1");
    expect(await readFile(path, "utf8")).not.toContain("sk-secret");
  });

  it("shows a newer file and leaves it alone", async () => {
    const text = JSON.stringify({ version: 2, accounts: [account("a"), { future: true }], extra: 1 });
    await writeFile(path, text);
    const file = await open();
    expect(file.readOnly).toBe(true);
    expect(file.accounts.map(({ id }) => id)).toEqual(["a"]);
    await expect(file.addAll([account("b")])).rejects.toMatchObject({ kind: "permission" });
    expect(file.accounts.map(({ id }) => id)).toEqual(["a"]);
    expect(await readFile(path, "utf8")).toBe(text);
  });
});
