/** Client keys as a leader makes and keeps them: shown once, and then nowhere. */
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { hashOf } from "../../../src/gateway/common/clientSecret.ts";
import type { LeaderOptions } from "../../../src/gateway/leader/options.ts";
import { clientKeySchema, MAX_CLIENT_KEYS, MAX_REVOKED } from "../../../src/gateway/settings/clientKeys.ts";
import { openLead, type TestLead } from "../../support/lead.ts";
import { leaksInFolder } from "../../support/secrets.ts";

let portico: TestLead | undefined;
afterEach(async () => {
  await portico?.close();
  portico = undefined;
});

const STRICT = { port: 0, auth: { mode: "strict" }, records: { bodies: true } };

async function open(options: Partial<LeaderOptions> = {}): Promise<TestLead> {
  portico = await openLead({ window: STRICT, ...options });
  return portico;
}

async function baseOf({ lead }: TestLead): Promise<string> {
  const { proxy } = await lead.call("proxy.start", undefined);
  if (proxy.kind !== "running") throw new Error(`not running: ${proxy.kind}`);
  return proxy.baseUrl;
}

async function ask(base: string, key: string, model = "sandbox/echo") {
  const reply = await fetch(`${base}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "hi" }] }),
  });
  return { status: reply.status, text: await reply.text() };
}

const statusOf = async (base: string, key: string) => (await ask(base, key)).status;
const fileOf = ({ folder }: TestLead) => readFile(folder.keys, "utf8");

describe("a client key", () => {
  it("is shown once, and stands nowhere afterwards", async () => {
    const at = await open();
    const { view, key } = await at.lead.call("keys.add", { name: "CI of the team", note: "for tests" });
    expect(key).toMatch(/^sk-portico-[\w-]{32}$/);
    expect(view).toMatchObject({
      name: "CI of the team",
      shown: `sk-portico-…${key.slice(-4)}`,
      state: "active",
    });
    expect(view.id).toMatch(/^ci-of-the-team-[0-9a-f]{8}$/);
    const rotated = await at.lead.call("keys.rotate", { id: view.id, graceMs: 60_000 });
    const base = await baseOf(at);
    for (const secret of [key, rotated.key]) {
      expect(await statusOf(base, secret)).toBe(200);
      const inQuery = await fetch(`${base}/v1beta/models/sandbox%2Fecho:generateContent?key=${secret}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ contents: [{ parts: [{ text: "hi" }] }] }),
      });
      expect(inQuery.status).toBe(200);
      expect((await ask(base, secret, "nobody-has-it")).text).not.toContain(secret);
    }
    await at.lead.call("keys.revoke", { id: view.id });
    const refused = await Promise.all([key, rotated.key].map((secret) => ask(base, secret)));
    await expect
      .poll(async () => (await at.lead.call("requests.list", { limit: 50 })).total)
      .toBeGreaterThanOrEqual(8);
    const { rows } = await at.lead.call("requests.list", { limit: 50 });
    const said = JSON.stringify([
      at.lines,
      at.heard,
      refused,
      await Promise.all(rows.map(({ id }) => at.lead.call("requests.get", { id }))),
      await at.lead.call("keys.list", undefined),
      await at.lead.call("settings.get", undefined),
      await at.lead.call("diagnostics.get", undefined),
      await at.lead.call("requests.export", { format: "csv", limit: 50 }),
    ]);
    await at.again({ window: STRICT });
    for (const secret of [key, rotated.key]) {
      const random = secret.slice("sk-portico-".length);
      const encoded = Buffer.from(random).toString("base64").slice(4, -4);
      const look = (place: string, text: string) =>
        [random.slice(0, 20), random.slice(-20), encoded].some((part) => text.includes(part)) ? [place] : [];
      expect(look("what is said", said)).toEqual([]);
      expect(await leaksInFolder(at.folder.path, [], look)).toEqual([]);
      expect([...at.secrets.values()].join()).not.toContain(random);
    }
    expect(said).toContain(`"key":"${view.id}"`);
    const { total, rows: own } = await at.lead.call("requests.list", { filter: { key: view.id }, limit: 50 });
    expect(total).toBe(6);
    expect(new Set(own.map((row) => row.key))).toEqual(new Set([view.id]));
    const { text } = await at.lead.call("requests.export", {
      filter: { key: view.id },
      format: "csv",
      limit: 50,
    });
    expect(text.split("\n")[0]).toMatch(/,key\r?$/);
    expect(text).toContain(`,${view.id}`);
    expect((await stat(at.folder.keys)).mode & 0o777).toBe(0o600);
  });

  it("counts after a restart, and one that was revoked is still refused in mode off", async () => {
    const at = await open();
    const limited = await at.lead.call("keys.add", {
      name: "a",
      models: ["m"],
      from: ["127.0.0.0/8"],
      atOnce: 3,
    });
    const gone = await at.lead.call("keys.add", { name: "b" });
    expect(await at.lead.call("keys.revoke", { id: gone.view.id })).toEqual({ revoked: true });
    expect(await at.lead.call("keys.revoke", { id: gone.view.id })).toEqual({ revoked: false });
    await at.again({ window: { port: 0 } });
    const base = await baseOf(at);
    expect(await statusOf(base, "never heard of it")).toBe(200);
    expect(await statusOf(base, gone.key)).toBe(401);
    expect(await statusOf(base, limited.key)).toBe(403);
    const [view] = await at.lead.call("keys.list", undefined);
    const { lastUsedAt, ...rest } = view ?? {};
    expect(rest).toEqual(limited.view);
    expect(lastUsedAt).toBeGreaterThan(Date.now() - 60_000);
  });

  it("is changed, switched off, and limited no longer", async () => {
    const at = await open();
    const base = await baseOf(at);
    const { view, key } = await at.lead.call("keys.add", { name: "tool", models: [] });
    const change = (fields: object) => at.lead.call("keys.update", { id: view.id, ...fields });
    expect(await statusOf(base, key)).toBe(403);
    expect(await change({ models: null, note: "any model" })).not.toHaveProperty("models");
    expect(await statusOf(base, key)).toBe(200);
    expect(await change({ enabled: false })).toMatchObject({ state: "disabled", note: "any model" });
    expect(await statusOf(base, key)).toBe(401);
    expect(await change({ enabled: true, expiresAt: Date.now() - 1 })).toMatchObject({ state: "expired" });
    expect(await statusOf(base, key)).toBe(401);
    await change({ expiresAt: null });
    expect(await statusOf(base, key)).toBe(200);
    await expect(change({ from: ["somewhere"] })).rejects.toThrow(/address or a range/);
    await expect(at.lead.call("keys.update", { id: "none" })).rejects.toThrow(/no key "none"/);
  });

  it("is replaced by another, with a grace for the old one or without", async () => {
    const at = await open();
    const base = await baseOf(at);
    const { view, key } = await at.lead.call("keys.add", { name: "tool" });
    const second = await at.lead.call("keys.rotate", { id: view.id });
    expect(second.view.previousUntil).toBeGreaterThan(Date.now() + 3_000_000);
    expect(await Promise.all([key, second.key].map((each) => statusOf(base, each)))).toEqual([200, 200]);
    const third = await at.lead.call("keys.rotate", { id: view.id, graceMs: 0 });
    expect(await Promise.all([key, second.key, third.key].map((each) => statusOf(base, each)))).toEqual([
      401, 401, 200,
    ]);
    expect(third.view).toMatchObject({ id: view.id, shown: `sk-portico-…${third.key.slice(-4)}` });
  });

  it("of the config file goes first, and is changed there alone", async () => {
    const secret = "sk-portico-of-the-config-file";
    const entry = clientKeySchema.parse({ id: "ci", key: secret, atOnce: 4 });
    expect(JSON.stringify(entry)).not.toContain(secret);
    const at = await open({
      fixed: { accounts: [], routes: [], keys: [entry], revokedKeys: [hashOf("x".repeat(30))] },
    });
    const base = await baseOf(at);
    expect(await statusOf(base, secret)).toBe(200);
    expect((await ask(base, "x".repeat(30))).text).toContain("revoked");
    expect(await at.lead.call("keys.list", undefined)).toMatchObject([
      { id: "ci", readOnly: true, shown: "sk-portico-…file" },
    ]);
    for (const method of ["keys.rotate", "keys.revoke"] as const) {
      await expect(at.lead.call(method, { id: "ci" })).rejects.toThrow(/config file/);
    }
    await expect(at.lead.call("keys.update", { id: "ci", atOnce: 9 })).rejects.toThrow(/config file/);
  });

  it("gives whoever has none limits, under the id `local`", async () => {
    const at = await open({ window: { port: 0 } });
    const base = await baseOf(at);
    expect(await at.lead.call("keys.update", { id: "local", models: ["m"] })).toMatchObject({
      id: "local",
      shown: "",
    });
    expect(await statusOf(base, "any")).toBe(403);
    expect(await statusOf(base, await at.lead.call("auth.key", undefined).then(({ apiKey }) => apiKey))).toBe(
      200,
    );
    expect(await at.lead.call("keys.revoke", { id: "local" })).toEqual({ revoked: true });
    expect(await statusOf(base, "any")).toBe(200);
  });
});

describe("keys.json", () => {
  it("keeps what it does not know, sets aside what is broken, and is bounded", async () => {
    const at = await open();
    const { view, key } = await at.lead.call("keys.add", { name: "kept" });
    const file = JSON.parse(await fileOf(at)) as { keys: object[]; revoked: object[] };
    const revoked = Array.from({ length: MAX_REVOKED + 50 }, (_, i) => ({
      key: hashOf(`old ${i}`),
      id: "old",
      at: i,
    }));
    const keys = [{ ...file.keys[0], tags: ["new"] }, { id: "broken" }, { id: "worse", key: "plain text" }];
    await writeFile(at.folder.keys, JSON.stringify({ ...file, keys, revoked, later: true }));
    await at.again({ window: STRICT });
    expect(await statusOf(await baseOf(at), key)).toBe(200);
    expect((await at.lead.call("keys.list", undefined)).map(({ id }) => id)).toEqual([view.id]);
    expect(at.lines.join("\n")).toContain("keys.json could not be read in full");
    expect(
      (await readdir(at.folder.path)).filter((name) => name.startsWith("keys.json.broken-")),
    ).toHaveLength(1);
    await at.lead.call("keys.update", { id: view.id, note: "changed" });
    const after = JSON.parse(await fileOf(at)) as typeof file & { later?: boolean };
    expect(after).toMatchObject({ later: true, keys: [{ tags: ["new"], note: "changed" }] });
    expect(after.revoked).toHaveLength(MAX_REVOKED);
    expect(after.revoked.at(-1)).toMatchObject({ at: MAX_REVOKED + 49 });
  });

  it("of a newer Portico is read and never written", async () => {
    const at = await open();
    const { key } = await at.lead.call("keys.add", { name: "kept" });
    const text = (await fileOf(at)).replace('"version": 1', '"version": 2');
    await writeFile(at.folder.keys, text);
    await at.again({ window: STRICT });
    expect(await statusOf(await baseOf(at), key)).toBe(200);
    await expect(at.lead.call("keys.add", { name: "another" })).rejects.toThrow(/newer Portico/);
    expect(await fileOf(at)).toBe(text);
  });

  it("holds so many keys and no more", async () => {
    const at = await open();
    const keys = Array.from({ length: MAX_CLIENT_KEYS }, (_, i) => ({
      id: `k${i}`,
      key: hashOf(`secret ${i}`),
    }));
    await writeFile(join(at.folder.path, "keys.json"), JSON.stringify({ version: 1, keys }));
    await at.again({ window: STRICT });
    await expect(at.lead.call("keys.add", { name: "one more" })).rejects.toThrow(/1000 keys/);
    expect(await at.lead.call("keys.list", undefined)).toHaveLength(MAX_CLIENT_KEYS);
  });
});
