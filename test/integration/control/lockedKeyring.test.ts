/** Secrets that cannot be read: what needs none goes on, the rest is told to unlock the keyring, and it heals. */
import { readFile, writeFile } from "node:fs/promises";
import type { Server } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { directNetwork, type SecretStore, systemClock } from "../../../src/gateway/common/ports.ts";
import type { LeaderOptions } from "../../../src/gateway/leader/options.ts";
import { openLead, type TestLead } from "../../support/lead.ts";
import { GOOD_KEY, openaiLike, upstream } from "./windows.ts";

type Mode = "works" | "fails" | "hangs";

/** A keyring that a person may lock and unlock. */
class Keyring implements SecretStore {
  mode: Mode = "works";
  readonly values = new Map<string, string>();
  #waiting: (() => void)[] = [];

  unlock(): void {
    this.mode = "works";
    for (const go of this.#waiting.splice(0)) go();
  }

  async get(key: string): Promise<string | undefined> {
    await this.#door();
    return this.values.get(key);
  }

  async set(key: string, value: string): Promise<void> {
    await this.#door();
    this.values.set(key, value);
  }

  async delete(key: string): Promise<void> {
    await this.#door();
    this.values.delete(key);
  }

  async #door(): Promise<void> {
    if (this.mode === "fails") throw new Error("The name org.freedesktop.secrets was not provided");
    if (this.mode === "hangs") await new Promise<void>((go) => this.#waiting.push(go));
  }
}

const KEY_NAME = "gateway.apiKey";
const TROUBLE = "VS Code's secret storage does not answer. Unlock the keyring.";

let keyring: Keyring;
let open: TestLead | undefined;
let servers: Server[];
beforeEach(() => {
  keyring = new Keyring();
  servers = [];
});
afterEach(async () => {
  keyring.unlock();
  await open?.close();
  open = undefined;
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

async function server(listener = openaiLike): Promise<string> {
  const { base, server: made } = await upstream(listener);
  servers.push(made);
  return `${base}/v1`;
}

/** Answers whoever asks, with or without a key. */
const keyless: typeof openaiLike = (request, response) => {
  const body =
    request.url === "/v1/models"
      ? { object: "list", data: [{ id: "local-model", object: "model", created: 1, owned_by: "me" }] }
      : {
          id: "c",
          object: "chat.completion",
          created: 1,
          model: "local-model",
          choices: [
            { index: 0, message: { role: "assistant", content: "from here" }, finish_reason: "stop" },
          ],
        };
  request.resume().on("end", () => {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
};

async function start(options: Partial<LeaderOptions> = {}): Promise<TestLead> {
  open = await openLead({
    secretsFailure: TROUBLE,
    ports: {
      log: { debug() {}, info() {}, warn() {}, error() {} },
      secrets: keyring,
      network: directNetwork,
      clock: systemClock,
      random: Math.random,
    },
    window: { port: 0, auth: { mode: "strict" } },
    ...options,
  });
  return open;
}

function ask(lead: TestLead, model: string, key?: string): Promise<Response> {
  const { proxy } = lead.lead.status();
  if (proxy.kind !== "running") throw new Error(`not running: ${JSON.stringify(proxy)}`);
  return fetch(`${proxy.baseUrl}/v1/chat/completions`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "hi" }] }),
  });
}

const trouble = (lead: TestLead) => lead.lead.status().problems.filter(({ cause }) => cause === "secrets");

describe.each<[Mode]>([["fails"], ["hangs"]])("a keyring that %s at start", (mode) => {
  it("costs nobody their key: 503 until it is unlocked, then the same one as ever", async () => {
    keyring.values.set(KEY_NAME, "sk-portico-the-users-own-key");
    keyring.mode = mode;
    const began = performance.now();
    const lead = await start();
    await lead.lead.start();
    expect(performance.now() - began).toBeLessThan(6000);
    expect(trouble(lead)).toEqual([{ severity: "error", message: TROUBLE, cause: "secrets" }]);

    const locked = await ask(lead, "sandbox/echo", "sk-portico-the-users-own-key");
    expect(locked.status).toBe(503);
    expect(await locked.text()).toContain("Unlock the keyring");
    const client = await lead.client();
    await expect(client.call("auth.key", undefined)).rejects.toThrow("Unlock the keyring");

    keyring.unlock();
    await expect.poll(() => trouble(lead), { timeout: 15_000 }).toEqual([]);
    await expect
      .poll(async () => (await ask(lead, "sandbox/echo", "sk-portico-the-users-own-key")).status)
      .toBe(200);
    expect(await client.call("auth.key", undefined)).toEqual({ apiKey: "sk-portico-the-users-own-key" });
    expect([...keyring.values.keys()]).toEqual([KEY_NAME]);
    expect(lead.heard.status.at(-1)?.problems).toEqual([]);
  });

  it("stops only what needs it", async () => {
    const custom = await server();
    const local = await server(keyless);
    const environment = await server();
    const lead = await start({
      window: { port: 0 },
      fixed: {
        accounts: [
          {
            id: "env",
            provider: "custom",
            priority: 0,
            enabled: true,
            endpoints: { "openai-chat": environment },
            credentials: { apiKey: GOOD_KEY },
            models: ["env-model", "shared"],
          },
        ],
        routes: [],
      },
    });
    const add = (id: string, endpoint: string, more: object) =>
      lead.lead.call("accounts.add", {
        id,
        provider: "custom",
        endpoints: { "openai-chat": endpoint },
        ...more,
      });
    for (let n = 0; n < 8; n++)
      await add(`stored-${n}`, custom, { apiKey: GOOD_KEY, models: ["stored-model", "shared"], priority: 5 });
    await add("local", local, { models: ["local-model"] });
    keyring.mode = mode;
    await lead.again();
    await lead.lead.start();

    expect((await ask(lead, "sandbox/echo")).status).toBe(200);
    const here = await ask(lead, "local-model");
    expect([here.status, await here.text()]).toEqual([200, expect.stringContaining("from here")]);
    expect((await ask(lead, "env-model")).status).toBe(200);
    // More accounts that cannot be asked than tries that are allowed: the one that can be still is.
    expect((await ask(lead, "shared")).status).toBe(200);

    const refused = await ask(lead, "stored-model");
    expect(refused.status).toBe(503);
    expect(await refused.text()).toContain("Unlock the keyring");
    expect(lead.lead.status().held).toEqual([]);
    expect(trouble(lead)).toHaveLength(1);
    expect(lead.lead.status().problems.filter(({ account }) => account !== undefined)).toEqual([]);
    const listed = await lead.lead.call("accounts.list", undefined);
    expect(listed.map(({ id, credential }) => [id, credential])).toContainEqual(["stored-0", "key"]);
    expect(listed.map(({ id, credential }) => [id, credential])).toContainEqual(["local", "none"]);

    keyring.unlock();
    await expect.poll(() => trouble(lead), { timeout: 15_000 }).toEqual([]);
    await expect.poll(async () => (await ask(lead, "stored-model")).status).toBe(200);
  });
});

describe("a keyring that was emptied", () => {
  it("is told of for a server of one's own that had a key, and the key can be given once more", async () => {
    const lead = await start({ window: { port: 0 } });
    const account = { id: "own", provider: "custom", endpoints: { "openai-chat": await server() } };
    await lead.lead.call("accounts.add", { ...account, apiKey: GOOD_KEY, models: ["test-model"] });
    expect(JSON.parse(await readFile(lead.folder.accounts, "utf8")).accounts[0]).toMatchObject({
      stored: true,
    });
    keyring.values.clear();
    await lead.again();
    await lead.lead.start();
    const noKey = { severity: "error", account: "own", cause: "no-key" };
    expect(lead.lead.status().problems).toEqual([expect.objectContaining(noKey)]);
    const [listed] = await lead.lead.call("accounts.list", undefined);
    expect(listed?.credential).toBe("key");
    const refused = await ask(lead, "test-model");
    expect(await refused.text()).toContain("no longer on this computer");
    const replaced = await lead.lead.call("accounts.replaceKey", { id: "own", apiKey: GOOD_KEY });
    expect(replaced).toMatchObject({ ok: true });
    expect(lead.lead.status().problems).toEqual([]);
    expect((await ask(lead, "test-model")).status).toBe(200);
  });

  it("says nothing of a server that never had one, nor where an older Portico wrote the file", async () => {
    const lead = await start({ window: { port: 0 } });
    const endpoints = { "openai-chat": await server(keyless) };
    await lead.lead.call("accounts.add", { id: "own", provider: "custom", endpoints });
    expect(JSON.parse(await readFile(lead.folder.accounts, "utf8")).accounts[0]).toMatchObject({
      stored: false,
    });
    const older = { version: 1, accounts: [{ id: "older", provider: "custom", endpoints }], routes: [] };
    await writeFile(lead.folder.accounts, JSON.stringify(older));
    keyring.values.set("account.older.apiKey", GOOD_KEY);
    await lead.again();
    expect(lead.lead.status().problems).toEqual([]);
    // What older versions did not say is found out, and then kept.
    expect(JSON.parse(await readFile(lead.folder.accounts, "utf8")).accounts[0]).toMatchObject({
      stored: true,
    });
  });
});

describe("a keyring that takes nothing", () => {
  it("makes one key, keeps it for as long as Portico runs, and stores it once that works", async () => {
    const set = keyring.set.bind(keyring);
    keyring.set = () => Promise.reject(new Error("read-only"));
    const lead = await start();
    const client = await lead.client();
    const { apiKey } = await client.call("auth.key", undefined);
    await expect.poll(() => trouble(lead).length).toBe(1);
    expect(trouble(lead)[0]?.message).toContain("could not be stored");
    keyring.set = set;
    await expect.poll(() => keyring.values.get(KEY_NAME), { timeout: 20_000 }).toBe(apiKey);
    expect(trouble(lead)).toEqual([]);
  });
});
