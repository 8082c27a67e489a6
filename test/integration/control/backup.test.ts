/** Backed up on one Portico and restored on another: real leaders, their files, their control API. */
import { readFile, writeFile } from "node:fs/promises";
import type { Server } from "node:http";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { directNetwork, systemClock } from "../../../src/gateway/common/ports.ts";
import { openLead, type TestLead } from "../../support/lead.ts";
import { GOOD_KEY, openaiLike, upstream } from "./windows.ts";

// Passphrases are slow by design.
vi.setConfig({ testTimeout: 120_000 });

const PASSPHRASE = "a long passphrase";

let servers: Server[];
let open: TestLead[];
let endpoints: { "openai-chat": string };
beforeEach(async () => {
  const provider = await upstream(openaiLike);
  servers = [provider.server];
  endpoints = { "openai-chat": `${provider.base}/v1` };
  open = [];
});
afterEach(async () => {
  for (const lead of open) await lead.close();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

async function portico(options: Parameters<typeof openLead>[0] = {}): Promise<TestLead> {
  const lead = await openLead(options);
  open.push(lead);
  return lead;
}

const budget = (limit: number, account: string) => {
  return { account, unit: "requests" as const, per: "day" as const, limit, warnAtPercent: 80 };
};

/** With an account, a route, a budget and settings of its own. */
async function filled(): Promise<TestLead> {
  const here = await portico({ kind: "headless" });
  const { lead } = here;
  await lead.call("accounts.add", {
    provider: "custom",
    id: "work",
    label: "Work",
    endpoints,
    apiKey: GOOD_KEY,
  });
  await lead.call("routes.set", [{ model: "fast", to: ["work/test-model"] }]);
  await lead.call("settings.update", {
    budgets: [budget(1000, "work")],
    "scheduling.strategy": "balanced",
    "scheduling.pinned": "work",
    "records.maxAgeDays": 9,
    // Of this computer.
    allowLanAccess: true,
    "auth.mode": "strict",
    allowedHosts: ["my-computer.local"],
  });
  return here;
}

/** All that a restore may touch. */
async function stateOf({ lead }: TestLead): Promise<unknown> {
  return [
    (await lead.call("accounts.list", undefined)).map(({ id, label }) => [id, label]),
    await lead.call("routes.get", undefined),
    (await lead.call("settings.get", undefined)).values,
  ];
}

async function ask({ lead }: TestLead, model: string): Promise<number> {
  const { proxy } = await lead.call("proxy.start", undefined);
  if (proxy.kind !== "running") throw new Error(proxy.kind);
  const reply = await fetch(`${proxy.baseUrl}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "hi" }] }),
  });
  await reply.text();
  return reply.status;
}

describe("a new computer", () => {
  it("has accounts with their keys, routes, budgets and settings, and serves by them", async () => {
    const here = await filled();
    const backup = await here.lead.call("backup.export", { passphrase: PASSPHRASE });
    expect(backup).toMatchObject({ accounts: 1, routes: 1, budgets: 1 });
    for (const word of [GOOD_KEY, "work", "fast", "my-computer"]) expect(backup.text).not.toContain(word);

    const there = await portico();
    const before = await stateOf(there);
    const key = (await there.lead.call("auth.key", undefined)).apiKey;
    const params = { text: backup.text, passphrase: PASSPHRASE };
    const preview = await there.lead.call("backup.preview", params);
    expect(preview).toMatchObject({
      accounts: [{ id: "work", label: "Work", action: "add", needsKey: false }],
      routes: { added: 1, replaced: 0, kept: 0 },
      budgets: { added: 1, replaced: 0, kept: 0 },
      left: [],
      changes: true,
    });
    expect(preview.settings).toContainEqual({
      name: "scheduling.strategy",
      from: '"cache-first"',
      to: '"balanced"',
    });
    expect(await stateOf(there)).toEqual(before);

    expect(await there.lead.call("backup.apply", params)).toEqual(preview);
    expect(await ask(there, "fast")).toBe(200);
    const { values } = await there.lead.call("settings.get", undefined);
    expect(values).toMatchObject({
      budgets: [budget(1000, "work")],
      "scheduling.strategy": "balanced",
      "scheduling.pinned": "work",
      "records.maxAgeDays": 9,
    });
    // Nobody else can reach it, by its own key and port as before.
    expect(values).toMatchObject({ allowLanAccess: false, "auth.mode": "off", allowedHosts: [], port: 0 });
    expect(await there.lead.call("status.get", undefined)).toMatchObject({ lan: false, authMode: "off" });
    expect((await there.lead.call("auth.key", undefined)).apiKey).toBe(key);

    // What is restored outlives the process, and a second time changes nothing.
    await there.again();
    expect(await there.lead.call("backup.preview", params)).toMatchObject({ changes: false, settings: [] });
    expect(await ask(there, "fast")).toBe(200);
  });

  it("takes client keys as they are: who has one goes on with it, and what was revoked stays so", async () => {
    const here = await filled();
    const key = (name: string, limits: object) => here.lead.call("keys.add", { name, ...limits });
    const ci = await key("CI of the team", { accounts: ["work"], models: ["test-*"], atOnce: 3 });
    const old = await key("old", {});
    const gone = await key("gone", {});
    await here.lead.call("keys.revoke", { id: gone.view.id });
    await here.lead.call("keys.update", { id: "local", atOnce: 7 });
    const backup = await here.lead.call("backup.export", { passphrase: PASSPHRASE });
    expect(backup.keys).toBe(3);
    expect(backup.text).not.toContain("CI of the team");
    const params = { text: backup.text, passphrase: PASSPHRASE };

    const there = await portico();
    const { proxy } = await there.lead.call("proxy.start", undefined);
    if (proxy.kind !== "running") throw new Error(proxy.kind);
    const status = async (secret: string, model: string) => {
      const headers = { "content-type": "application/json", authorization: `Bearer ${secret}` };
      const body = JSON.stringify({ model, messages: [{ role: "user", content: "hi" }] });
      const reply = await fetch(`${proxy.baseUrl}/v1/chat/completions`, { method: "POST", headers, body });
      await reply.text();
      return reply.status;
    };
    // "work" is another's here, so that of the backup has another id, which its keys follow.
    await there.lead.call("accounts.add", { provider: "openai", id: "work", apiKey: "sk-other-0123456789" });
    const own = await there.lead.call("keys.add", { name: "of this computer", atOnce: 1 });
    expect(await there.lead.call("backup.preview", params)).toMatchObject({
      keys: { added: 3, replaced: 0, kept: 1 },
      changes: true,
    });
    await there.lead.call("backup.apply", params);
    const listed = await there.lead.call("keys.list", undefined);
    expect(listed).toContainEqual({ ...ci.view, accounts: ["work-2"] });
    expect(listed.map(({ id }) => id)).toEqual([own.view.id, ci.view.id, old.view.id, "local"]);
    expect(await status(ci.key, "test-model")).toBe(200);
    expect(await status(ci.key, "other")).toBe(403);
    expect(await status(gone.key, "test-model")).toBe(401);

    // Changed and revoked here: the backup brings neither back.
    await there.lead.call("keys.update", { id: ci.view.id, atOnce: 1, name: "mine now" });
    await there.lead.call("keys.revoke", { id: old.view.id });
    await there.again();
    expect(await there.lead.call("backup.preview", params)).toMatchObject({
      keys: { added: 0, replaced: 0, kept: 3 },
      changes: false,
    });
    await there.lead.call("backup.apply", params);
    const after = await there.lead.call("keys.list", undefined);
    expect(after.find(({ id }) => id === ci.view.id)).toMatchObject({ name: "mine now", atOnce: 1 });
    expect(after.map(({ id }) => id)).not.toContain(old.view.id);
  });

  it("gets the accounts of a backup by an import as well", async () => {
    const { text } = await (await filled()).lead.call("backup.export", { passphrase: PASSPHRASE });
    const there = await portico();
    const added = await there.lead.call("accounts.import.apply", { text, passphrase: PASSPHRASE });
    expect(added.map(({ id }) => id)).toEqual(["work"]);
    expect(await ask(there, "test-model")).toBe(200);
  });
});

describe("a computer with accounts of its own", () => {
  it("keeps them; routes and budgets follow an account that needs another id, or has one", async () => {
    const { text } = await (await filled()).lead.call("backup.export", { passphrase: PASSPHRASE });
    const params = { text, passphrase: PASSPHRASE };

    const other = await portico();
    await other.lead.call("accounts.add", { provider: "openai", id: "work", apiKey: "sk-other-0123456789" });
    await other.lead.call("routes.set", [{ model: "mine", to: ["work/gpt"] }]);
    const plan = await other.lead.call("backup.apply", params);
    expect(plan.accounts).toMatchObject([{ id: "work", action: "conflict", newId: "work-2" }]);
    expect((await other.lead.call("routes.get", undefined)).own).toEqual([
      { model: "mine", to: ["work/gpt"] },
      { model: "fast", to: ["work-2/test-model"] },
    ]);
    const { values } = await other.lead.call("settings.get", undefined);
    expect(values).toMatchObject({ budgets: [budget(1000, "work-2")], "scheduling.pinned": "work-2" });
    expect(await ask(other, "fast")).toBe(200);

    const same = await portico();
    await same.lead.call("accounts.add", { provider: "custom", id: "office", endpoints, apiKey: GOOD_KEY });
    const kept = await same.lead.call("backup.apply", params);
    expect(kept.accounts).toMatchObject([{ action: "duplicate", sameAs: "office" }]);
    expect((await same.lead.call("accounts.list", undefined)).map(({ id }) => id)).toEqual(["office"]);
    expect((await same.lead.call("routes.get", undefined)).own).toEqual([
      { model: "fast", to: ["office/test-model"] },
    ]);
    expect(await ask(same, "fast")).toBe(200);
  });

  it("leaves an id to the account of the config file, and a setting to it", async () => {
    const { text } = await (await filled()).lead.call("backup.export", { passphrase: PASSPHRASE });
    const there = await portico({
      kind: "headless",
      fixed: {
        accounts: [{ id: "work", provider: "openai", priority: 0, enabled: true }],
        routes: [],
        names: new Set(["scheduling.strategy"]),
      },
    });
    const done = await there.lead.call("backup.apply", { text, passphrase: PASSPHRASE });
    expect(done.accounts).toMatchObject([{ action: "conflict", newId: "work-2" }]);
    expect(done.left).toEqual([{ name: "scheduling.strategy", why: "config" }]);
    expect((await there.lead.call("settings.get", undefined)).values["scheduling.strategy"]).toBe(
      "cache-first",
    );
    expect(await ask(there, "fast")).toBe(200);
  });
});

describe("what cannot be restored", () => {
  it("is refused in plain words, and nothing has changed", async () => {
    const here = await filled();
    const { text } = await here.lead.call("backup.export", { passphrase: PASSPHRASE });
    const accounts = await here.lead.call("accounts.export", { passphrase: PASSPHRASE });
    const there = await portico();
    const before = await stateOf(there);
    for (const [params, words] of [
      [{ text, passphrase: "another passphrase" }, /passphrase is wrong/],
      [{ text }, /give its passphrase/],
      [{ text: text.slice(0, 300), passphrase: PASSPHRASE }, /cut short/],
      [{ text: text.replace('"version": 2', '"version": 3'), passphrase: PASSPHRASE }, /newer Portico/],
      [{ text: accounts.text, passphrase: PASSPHRASE }, /no backup. Import it instead/],
      [{ text: "{}", passphrase: PASSPHRASE }, /no accounts of Portico/],
    ] as const) {
      for (const method of ["backup.preview", "backup.apply"] as const) {
        await expect(there.lead.call(method, params)).rejects.toThrow(words);
      }
    }
    expect(await stateOf(there)).toEqual(before);
    await expect(here.lead.call("backup.export", { passphrase: "short" })).rejects.toThrow(/8 characters/);
  });

  it("is said where it breaks off in the middle, and done again it is whole", async () => {
    const { text } = await (await filled()).lead.call("backup.export", { passphrase: PASSPHRASE });
    const params = { text, passphrase: PASSPHRASE };
    const there = await portico();
    const file = join(there.folder.path, "preferences.json");
    // A newer Portico's, which this one does not overwrite.
    await writeFile(file, JSON.stringify({ version: 99, settings: {} }));
    await there.again();
    await expect(there.lead.call("backup.apply", params)).rejects.toThrow(
      /^The accounts are restored, routes and settings not all: .+Restore the same backup again/,
    );
    expect(await there.lead.call("accounts.list", undefined)).toHaveLength(1);
    await writeFile(file, JSON.stringify({ version: 1, settings: {} }));
    await there.again();
    const again = await there.lead.call("backup.apply", params);
    expect(again).toMatchObject({
      accounts: [{ action: "duplicate" }],
      routes: { added: 0 },
      budgets: { added: 1 },
    });
    expect(JSON.parse(await readFile(file, "utf8")).settings).toMatchObject({
      "scheduling.strategy": "balanced",
    });
    expect(await there.lead.call("backup.preview", params)).toMatchObject({ changes: false });
  });

  it("is not backed up either: a key that cannot be read is not left out in silence", async () => {
    const here = await filled();
    const secrets = {
      get: () => Promise.reject(new Error("the keyring is locked")),
      set: async () => {},
      delete: async () => {},
    };
    const quiet = { debug() {}, info() {}, warn() {}, error() {} };
    await here.again({
      kind: "headless",
      ports: { log: quiet, secrets, network: directNetwork, clock: systemClock, random: Math.random },
    });
    await expect(here.lead.call("backup.export", { passphrase: PASSPHRASE })).rejects.toThrow(
      "Secrets cannot be read.",
    );
  });
});
