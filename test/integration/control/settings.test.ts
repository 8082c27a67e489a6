/** Settings, routes, models and what lies on the disk, over the control API of a real leader. */

import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import type { Server } from "node:http";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { SettingName } from "../../../src/control/settings.ts";
import type { LeaderOptions } from "../../../src/gateway/leader/options.ts";
import { defaultSettings } from "../../../src/gateway/settings/settings.ts";
import { openLead, type TestLead } from "../../support/lead.ts";
import { freePort } from "../../support/port.ts";
import { GOOD_KEY, openaiLike, upstream } from "./windows.ts";

let portico: TestLead | undefined;
let servers: Server[] = [];
afterEach(async () => {
  await portico?.close();
  portico = undefined;
  for (const server of servers) server.closeAllConnections();
  for (const server of servers) server.close();
  servers = [];
});

async function open(options: Partial<LeaderOptions> = {}) {
  portico = await openLead(options);
  return portico;
}

async function addAccount({ lead }: TestLead, id: string, label = id): Promise<void> {
  const { base, server } = await upstream(openaiLike);
  servers.push(server);
  const endpoints = { "openai-chat": `${base}/v1` };
  await lead.call("accounts.add", { provider: "custom", id, label, endpoints, apiKey: GOOD_KEY });
}

async function startedAt({ lead }: TestLead): Promise<string> {
  const { proxy } = await lead.call("proxy.start", undefined);
  if (proxy.kind !== "running") throw new Error(`not running: ${proxy.kind}`);
  return proxy.baseUrl;
}

async function ask(base: string, model = "test-model"): Promise<Response> {
  const response = await fetch(`${base}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model, stream: true, messages: [{ role: "user", content: "hi" }] }),
  });
  await response.text();
  return response;
}

const code = (error: { code: string }) => error.code;

describe("settings in VS Code", { timeout: 60_000 }, () => {
  it("are changed where Portico is their home, at once and for good", async () => {
    const { lead, folder, client, heard, again } = await open();
    await lead.call("events.watch", { events: ["settings"] });
    const over = await client();
    const view = await over.call("settings.update", {
      "scheduling.strategy": "round-robin",
      "scheduling.pinned": "",
      "records.maxAgeDays": 7,
      budgets: [{ unit: "tokens", per: "day", limit: 1000, warnAtPercent: 50 }],
      replyHeaders: false,
    });
    expect(view.values).toMatchObject({ "scheduling.strategy": "round-robin", "records.maxAgeDays": 7 });
    expect(await over.call("settings.get", undefined)).toEqual(view);
    expect(heard.settings.at(-1)).toEqual(view);
    const [budget] = await over.call("budgets.list", undefined);
    expect(budget).toMatchObject({ readOnly: false, used: 0, state: "ok", limit: 1000 });
    if (process.platform !== "win32") expect((await stat(folder.preferences)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(folder.preferences, "utf8"))).toMatchObject({ version: 1 });
    await again();
    expect((await portico?.lead.call("settings.get", undefined))?.values).toEqual(view.values);
  });

  it.each<[SettingName, unknown]>([
    ["port", 9000],
    ["allowLanAccess", true],
    ["allowedOrigins", []],
    ["allowedHosts", []],
    ["auth.mode", "strict"],
    ["responses.onDisk", true],
  ])("are VS Code's own: %s", async (name, value) => {
    const { client, lead } = await open();
    const over = await client();
    const change = { "scheduling.stickyWaitMs": 1, [name]: value };
    const error: Error = await over.call("settings.update", change).then(
      () => expect.fail("it was taken"),
      (thrown: Error) => thrown,
    );
    expect(error).toMatchObject({ code: "bad-request" });
    expect(error.message).toContain(`portico.${name}`);
    const { values, homes } = await lead.call("settings.get", undefined);
    expect(homes[name]).toBe("vscode");
    // All or nothing.
    expect(values["scheduling.stickyWaitMs"]).toBe(defaultSettings.scheduling.stickyWaitMs);
  });

  it.each<[Record<string, unknown>, RegExp]>([
    [{ "records.maxAgeDays": 0 }, /^"Days to keep requests" must be at least 1/],
    [{ "records.maxAgeDays": "seven" }, /^"Days to keep requests" must be .*number/],
    [{ "scheduling.strategy": "fastest" }, /^"Strategy" must be one of "cache-first"/],
    [
      { budgets: [{ unit: "tokens", per: "day", limit: 1, warnAtPercent: 0 }] },
      /^"Budgets", entry 1, warnAtPercent must be/,
    ],
    [{ nonsense: 1 }, /no setting named "nonsense"/],
  ])("are refused in a person's words: %j", async (change, words) => {
    const { client } = await open();
    const over = await client();
    const error: Error = await over.call("settings.update", change).then(
      () => expect.fail("it was taken"),
      (thrown: Error) => thrown,
    );
    expect(error).toMatchObject({ code: "bad-request" });
    expect(error.message).toMatch(words);
  });

  it("go on without a broken file, which is set aside and told", async () => {
    const { folder, again } = await open();
    await writeFile(
      folder.preferences,
      JSON.stringify({
        version: 1,
        settings: { "records.maxAgeDays": 9, "records.maxRows": "many", "records.maxBytes": -1 },
      }),
    );
    await again();
    const { values } = (await portico?.lead.call("settings.get", undefined)) ?? { values: undefined };
    expect(values).toMatchObject({
      "records.maxAgeDays": 9,
      "records.maxRows": defaultSettings.records.maxRows,
    });
    expect(
      portico?.lead
        .status()
        .problems.map(({ message }) => message)
        .join(),
    ).toContain("records.maxRows, records.maxBytes");
    expect((await readdir(folder.path)).some((name) => name.startsWith("preferences.json.broken-"))).toBe(
      true,
    );
    await writeFile(folder.preferences, "{");
    await again();
    expect((await portico?.lead.call("settings.get", undefined))?.values).toMatchObject({
      "records.maxAgeDays": defaultSettings.records.maxAgeDays,
    });
  });

  it("are left alone where a newer Portico wrote them", async () => {
    const { folder, again } = await open();
    const text = JSON.stringify({ version: 2, settings: { "records.maxAgeDays": 9 } });
    await writeFile(folder.preferences, text);
    await again();
    const refused = portico?.lead.call("settings.update", { "records.maxAgeDays": 3 });
    await expect(refused).rejects.toThrow(/newer Portico/);
    expect(await readFile(folder.preferences, "utf8")).toBe(text);
    expect((await portico?.lead.call("settings.get", undefined))?.values["records.maxAgeDays"]).toBe(9);
  });

  it("are as before where they cannot be saved", async () => {
    const { lead, folder } = await open();
    await rm(folder.preferences, { force: true });
    await mkdir(join(folder.preferences, "in-the-way"), { recursive: true });
    await expect(lead.call("settings.update", { "records.maxAgeDays": 3 })).rejects.toMatchObject({
      kind: "unavailable",
    });
    expect((await lead.call("settings.get", undefined)).values["records.maxAgeDays"]).toBe(30);
  });
});

describe("settings without VS Code", { timeout: 60_000 }, () => {
  const fixed = {
    accounts: [],
    routes: [{ model: "fast", to: ["work/test-model"] }],
    names: new Set(["port", "scheduling.strategy"]),
    configFile: "/etc/portico.jsonc",
  };
  const window = {
    ...structuredClone(defaultSettings),
    accounts: [],
    routes: [],
    port: 0,
    auth: { mode: "off" },
  };

  it("are the config file's where it says them, else Portico's", async () => {
    const { lead, client } = await open({ kind: "headless", window, fixed });
    const over = await client();
    const { homes, configFile } = await over.call("settings.get", undefined);
    expect(configFile).toBe("/etc/portico.jsonc");
    expect(homes).toMatchObject({ port: "config", "scheduling.strategy": "config", "auth.mode": "portico" });
    for (const change of [{ port: 1 }, { "scheduling.strategy": "balanced" }] as const) {
      const refused = over.call("settings.update", change);
      await expect(refused).rejects.toThrow(/config file \(\/etc\/portico\.jsonc\)/);
    }
    await over.call("settings.update", { "auth.mode": "strict", allowedHosts: ["box.lan"] });
    expect(lead.status().authMode).toBe("strict");
    // The file says it from now on: what was changed here waits.
    await lead.applyWindow(window, { ...fixed, names: new Set([...fixed.names, "auth.mode"]) });
    expect(lead.status().authMode).toBe("off");
    await lead.applyWindow(window, fixed);
    expect(lead.status().authMode).toBe("strict");
  });

  it("move the port at once, also to where it fails and back", async () => {
    const { lead } = await open({ kind: "headless", window, fixed: { ...fixed, names: new Set() } });
    await lead.call("proxy.start", undefined);
    const [first, second] = [await freePort(), await freePort()];
    for (const port of [first, second]) {
      await lead.call("settings.update", { port });
      expect(lead.status().proxy).toMatchObject({ kind: "running", port });
    }
  });
});

describe("reply headers", { timeout: 60_000 }, () => {
  it("name the account's label and the model, unless they are turned off", async () => {
    const opened = await open();
    await addAccount(opened, "work", "My Work");
    const base = await startedAt(opened);
    const shown = await ask(base);
    expect(shown.headers.get("x-portico-account")).toBe("My Work");
    expect(shown.headers.get("x-portico-model")).toBe("test-model");
    await opened.lead.call("settings.update", { replyHeaders: false });
    const bare = await ask(base);
    expect(bare.status).toBe(200);
    expect(bare.headers.has("x-portico-account")).toBe(false);
    expect(bare.headers.has("x-portico-model")).toBe(false);
    expect(bare.headers.has("x-request-id")).toBe(true);
  });
});

describe("routes", { timeout: 60_000 }, () => {
  it("are tried, saved, and follow those of the config file", async () => {
    const fixed = { accounts: [], routes: [{ model: "fixed-*", to: ["work/test-model"] }] };
    const opened = await open({ fixed });
    await addAccount(opened, "work");
    const over = await opened.client();
    const own = [{ model: "mine", to: ["work/test-model"], edit: { effort: "low" as const } }];
    const before = await over.call("route.explain", { model: "mine" });
    expect(before.chosen?.model).not.toBe("test-model");
    const tried = await over.call("route.explain", { model: "mine", routes: own });
    expect(tried.chosen).toMatchObject({ account: "work", model: "test-model" });
    const still = await over.call("route.explain", { model: "fixed-1", routes: own });
    expect(still.chosen).toMatchObject({ account: "work" });
    expect(await over.call("routes.get", undefined)).toEqual({ fixed: fixed.routes, own: [] });

    expect(await over.call("routes.set", own)).toEqual({ fixed: fixed.routes, own });
    expect((await over.call("route.explain", { model: "mine" })).chosen).toMatchObject({
      model: "test-model",
    });
    const base = await startedAt(opened);
    expect((await ask(base, "mine")).status).toBe(200);
    await opened.again();
    expect((await opened.lead.call("routes.get", undefined)).own).toEqual(own);
  });

  it("are refused in a person's words, all of them", async () => {
    const { client } = await open();
    const over = await client();
    const good = { model: "a", to: ["b"] };
    const refused = over.call("routes.set", [good, { model: "c", to: [] }]);
    expect(await refused.catch((error: Error) => error.message)).toMatch(/^Route 2, to must have at least 1/);
    expect(await refused.catch(code)).toBe("bad-request");
    expect((await over.call("routes.get", undefined)).own).toEqual([]);
  });
});

describe("models", { timeout: 60_000 }, () => {
  it("are listed with who serves them, windows and prices", async () => {
    const opened = await open();
    await addAccount(opened, "one");
    await addAccount(opened, "two");
    await opened.lead.call("routes.set", [{ model: "mine", to: ["two/test-model"] }]);
    await opened.lead.call("settings.update", { prices: [{ model: "test-model", input: 1, output: 2 }] });
    const models = await (await opened.client()).call("models.list", undefined);
    const named = (name: string) => models.find((model) => model.name === name);
    expect(named("mine")).toMatchObject({
      routed: true,
      accounts: [{ id: "two", protocols: ["openai-chat"] }],
    });
    expect(named("test-model")?.accounts.map(({ id }) => id)).toEqual(["one", "two"]);
    expect(named("test-model")?.price).toEqual({ input: 1, output: 2 });
    expect(named("two/test-model")?.accounts.map(({ id }) => id)).toEqual(["two"]);
  });

  it("think as hard as their provider's own list says", async () => {
    const yes = { supported: true };
    const no = { supported: false };
    const capabilities = {
      image_input: yes,
      pdf_input: no,
      effort: { supported: true, low: yes, medium: yes, high: no, xhigh: no, max: no },
    };
    const data = ["claude-new-9", "claude-opus-5-5"].map((id) => ({ type: "model", id, capabilities }));
    const { base, server } = await upstream((_request, response) => {
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ data }));
    });
    servers.push(server);
    const opened = await open();
    const endpoints = { anthropic: base };
    await opened.lead.call("accounts.add", { provider: "anthropic", id: "own", endpoints, apiKey: GOOD_KEY });
    const models = await opened.lead.call("models.list", undefined);
    for (const { id } of data) {
      expect(models.find(({ name }) => name === id)?.efforts).toEqual(["low", "medium"]);
    }
  });
});

describe("accounts at work", { timeout: 60_000 }, () => {
  it("tell when and by whom they were used", async () => {
    const opened = await open();
    await addAccount(opened, "work");
    const base = await startedAt(opened);
    const before = Date.now();
    await fetch(`${base}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", "user-agent": "claude-cli/2.1.0 (external, cli)" },
      body: JSON.stringify({ model: "test-model", messages: [{ role: "user", content: "hi" }] }),
    }).then((response) => response.text());
    const client = await opened.client();
    const look = async () => (await client.call("accounts.list", undefined))[0];
    while ((await look())?.lastUsed === undefined) await new Promise((resolve) => setTimeout(resolve, 10));
    const account = await look();
    expect(account?.lastUsed).toBeGreaterThanOrEqual(before);
    expect(account?.usedBy).toEqual(["Claude Code"]);
    expect(account?.inFlight).toBe(0);
  });

  it("are freed from what holds them back, as a whole or for one model", async () => {
    const { base, server } = await upstream((request, response) => {
      if (request.url === "/v1/models") return openaiLike(request, response);
      request.resume().on("end", () => {
        response.writeHead(429, { "content-type": "application/json", "retry-after": "120" });
        response.end(JSON.stringify({ error: { message: "slow down", type: "rate_limit" } }));
      });
    });
    servers.push(server);
    const opened = await open();
    const endpoints = { "openai-chat": `${base}/v1` };
    await opened.lead.call("accounts.add", { provider: "custom", id: "work", endpoints, apiKey: GOOD_KEY });
    const at = await startedAt(opened);
    await ask(at);
    const client = await opened.client();
    const held = async () => (await client.call("accounts.list", undefined))[0]?.held ?? [];
    expect((await held()).length).toBeGreaterThan(0);
    const { model } = (await held())[0] ?? {};
    if (model !== undefined) {
      const [other] = await client.call("accounts.clear", { id: "work", model: "another" });
      expect(other?.held.length).toBeGreaterThan(0);
    }
    const [cleared] = await client.call("accounts.clear", {
      id: "work",
      ...(model === undefined ? {} : { model }),
    });
    expect(cleared).toMatchObject({ id: "work", state: "ready", held: [] });
    await ask(at);
    expect((await held()).length).toBeGreaterThan(0);
    const [whole] = await client.call("accounts.clear", { id: "work" });
    expect(whole?.held).toEqual([]);
    await expect(client.call("accounts.clear", { id: "nobody" })).rejects.toMatchObject({
      code: "not-found",
    });
  });
});

describe("what lies on the disk, and what is told of it", { timeout: 60_000 }, () => {
  it("is listed with sizes", async () => {
    const opened = await open();
    await addAccount(opened, "work");
    const storage = await (await opened.client()).call("storage.get", undefined);
    expect(storage.path).toBe(opened.folder.path);
    expect(storage.files.find(({ name }) => name === "accounts.json")).toMatchObject({
      what: "Accounts and routes, without keys",
    });
    expect(storage.requests.rows).toBe(0);
    expect(storage).not.toHaveProperty("problem");
  });

  it("says where it runs", async () => {
    const { client } = await open({ kind: "headless" });
    const over = await client();
    expect(await over.call("surroundings.get", undefined)).toEqual({
      version: "1.2.3",
      kind: "headless",
      clients: 1,
      host: hostname(),
      proxy: { used: "" },
      // None where the machine has no network.
      addresses: expect.any(Array),
    });
  });

  it.each([
    ["vscode", "macOS", /^macOS asks for a proxy script \(PAC\).*"http\.proxy"/],
    ["headless", "GNOME", /^GNOME asks for a proxy script \(PAC\).*HTTPS_PROXY/],
  ] as const)(
    "says that a proxy script of the system is not run, and what to set: %s",
    async (kind, where, words) => {
      const { lead } = await open({ kind, systemPac: async () => where });
      const { proxy } = await lead.call("surroundings.get", undefined);
      expect(proxy).toEqual({ used: "", problem: expect.stringMatching(words) });
    },
  );

  it("makes a report without keys, names and words", async () => {
    const opened = await open();
    await addAccount(opened, "work", "Grandmother's account");
    await opened.lead.call("settings.update", { "scheduling.pinned": "work" });
    const { apiKey } = await opened.lead.call("auth.key", undefined);
    for (let count = 0; count < 500; count += 1) {
      opened.lead.tellOthers({ level: "info", time: 1, message: `line ${count} of Grandmother's account` });
    }
    opened.lead.tellOthers({ level: "info", time: 1, message: `a key ${GOOD_KEY} slipped in` });
    const { text } = await (await opened.client()).call("diagnostics.get", undefined);
    expect(text).toContain("version 1.2.3");
    expect(text).toContain("account-1: custom, key, ready");
    expect(text).toContain('scheduling.pinned = "account-1" (portico)');
    expect(text).toContain("line 499");
    expect(text).not.toContain("line 300 ");
    for (const secret of [GOOD_KEY, apiKey, "Grandmother"]) expect(text).not.toContain(secret);
  });
});
