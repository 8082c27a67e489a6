/** Every method of the control API on a real leader: refused with params that make no sense, answered as its schema says. */
import type { Server } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Method, Params } from "../../../src/control/contract.ts";
import { isEvent, readEvent, readResult } from "../../../src/control/reading.ts";
import { PorticoError } from "../../../src/gateway/common/errors.ts";
import type { ControlClient } from "../../../src/gateway/controlServer/client.ts";
import { leaderDependencies } from "../../../src/gateway/leader/dependencies.ts";
import { METHODS as SERVED } from "../../../src/gateway/leader/methods/all.ts";
import { eventSchemas, resultSchemas } from "../../support/control/results.ts";
import { openLead, type TestLead } from "../../support/lead.ts";
import { GOOD_KEY, openaiLike, upstream } from "./windows.ts";

const METHODS = Object.keys(SERVED) as Method[];

let portico: TestLead;
let servers: Server[];
let endpoints: { "openai-chat": string };
/** A request on record. */
let recorded: string;
/** Of a sign-in that was begun. */
let signIn: string;

beforeAll(async () => {
  const provider = await upstream(openaiLike);
  servers = [provider.server];
  endpoints = { "openai-chat": `${provider.base}/v1` };
  portico = await openLead({
    pages: "/nowhere",
    surroundings: {
      env: { OPENAI_API_KEY: "sk-found-0123456789abcdef" },
      platform: process.platform,
      home: "/nowhere",
    },
    parts: {
      ...leaderDependencies,
      // Whoever runs the tests may have one.
      detectLocal: async () => [
        { provider: "ollama", label: "Ollama", baseUrl: "http://127.0.0.1:11434/v1", models: ["m"] },
      ],
    },
  });
  const { lead } = portico;
  await lead.call("accounts.add", { provider: "custom", id: "work", endpoints, apiKey: GOOD_KEY });
  await lead.call("events.watch", { events: ["requests", "accounts", "settings"] });
  const { proxy } = await lead.call("proxy.start", undefined);
  if (proxy.kind !== "running") throw new Error(`not running: ${proxy.kind}`);
  for (const model of ["test-model", "nothing"]) {
    const response = await fetch(`${proxy.baseUrl}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model, stream: true, messages: [{ role: "user", content: "hi" }] }),
    });
    await response.text();
    recorded = response.headers.get("x-request-id") ?? "";
    await until(() => isRecorded(recorded));
  }
});
afterAll(async () => {
  await portico.close();
  for (const server of servers) server.closeAllConnections();
  for (const server of servers) server.close();
});

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function isRecorded(id: string): Promise<boolean> {
  try {
    await portico.lead.call("requests.get", { id });
    return true;
  } catch (error) {
    if (error instanceof PorticoError && error.kind === "not_found") return false;
    throw error;
  }
}

/** What arrives when somebody got it wrong, or means ill. */
const JUNK: readonly unknown[] = [
  null,
  0,
  -1,
  "x",
  true,
  [],
  [null],
  {},
  { unknown: 1 },
  { id: 7 },
  { id: "" },
  { id: "x".repeat(20_000) },
  { id: { $ne: null } },
  { id: "work", extra: true },
  { model: "\u0000".repeat(600) },
  { limit: 1e9 },
  { limit: -1 },
  { from: "yesterday", to: "today", bucket: "year" },
  { from: 0, to: 8e15, bucket: "hour" },
  { events: ["everything"] },
  { port: 65_536 },
  { "records.maxAgeDays": "9" },
  [{ model: "", to: [] }],
  JSON.parse('{"__proto__": {"id": "work"}}'),
  Array.from({ length: 2000 }, () => "x"),
];

describe("wrong params", { timeout: 60_000 }, () => {
  it.each(METHODS)("are refused by %s, and change nothing", async (method) => {
    const client = await portico.client();
    const before = JSON.stringify(await state());
    const wrong = JUNK.filter((params) => !SERVED[method].params.safeParse(params).success);
    expect(wrong.length).toBeGreaterThan(15);
    for (const params of wrong) {
      const call = client.call(method, params as never);
      const error = await call.then(
        () => expect.fail(`${method} took ${JSON.stringify(params)?.slice(0, 100)}`),
        (thrown: unknown) => thrown,
      );
      expect(error, `${method} ${JSON.stringify(params)?.slice(0, 100)}`).toMatchObject({
        code: "bad-request",
      });
    }
    expect(JSON.stringify(await state())).toBe(before);
    client.close();
  });

  async function state(): Promise<unknown> {
    const { lead } = portico;
    return [
      await lead.call("settings.get", undefined),
      await lead.call("routes.get", undefined),
      (await lead.call("accounts.list", undefined)).map(({ id, state: is }) => [id, is]),
      (await lead.call("requests.list", { limit: 1 })).total,
      lead.status().proxy,
    ];
  }
});

/** Sensible ones, for each method; those without an answer here fail for a reason that is theirs. */
const SENSIBLE: { readonly [M in Method]: () => Params<M> } = {
  "status.get": () => undefined,
  "proxy.start": () => ({ port: 0 }),
  "proxy.stop": () => undefined,
  "proxy.restart": () => undefined,
  "auth.key": () => undefined,
  "auth.rotate": () => undefined,
  "providers.list": () => undefined,
  "accounts.check": () => ({ provider: "custom", endpoints, apiKey: GOOD_KEY }),
  "accounts.add": () => ({ provider: "custom", id: "second", endpoints, apiKey: GOOD_KEY }),
  "accounts.remove": () => ({ id: "second" }),
  "local.detect": () => undefined,
  "events.watch": () => ({ events: ["requests", "accounts", "settings"] }),
  "dashboard.link": () => undefined,
  "accounts.signIn.google": () => ({
    account: { provider: "gemini" },
    client: { clientId: "1.apps.googleusercontent.com", clientSecret: "s" },
  }),
  "accounts.signIn.openrouter": () => ({}),
  "accounts.signIn.paste": () => ({ id: signIn, url: "http://127.0.0.1:1/?error=access_denied&state=x" }),
  "accounts.signIn.await": () => ({ id: signIn }),
  "accounts.signIn.cancel": () => ({ id: signIn }),
  "accounts.addMany": () => ({ account: { provider: "gemini" }, text: "not a token" }),
  "accounts.export": () => ({ passphrase: "a long passphrase" }),
  "accounts.import.preview": () => ({ text: exported, passphrase: "a long passphrase" }),
  "accounts.import.apply": () => ({ text: exported, passphrase: "a long passphrase" }),
  "backup.export": () => ({ passphrase: "a long passphrase" }),
  "backup.preview": () => ({ text: backedUp, passphrase: "a long passphrase" }),
  "backup.apply": () => ({ text: backedUp, passphrase: "a long passphrase" }),
  "accounts.discover": () => undefined,
  "accounts.discover.take": () => ({ ids: ["nothing"] }),
  "accounts.list": () => undefined,
  "accounts.update": () => ({ id: "work", label: "Work", priority: 3 }),
  "accounts.test": () => ({ id: "work" }),
  "accounts.replaceKey": () => ({ id: "work", apiKey: GOOD_KEY }),
  "accounts.quotas.refresh": () => undefined,
  "route.explain": () => ({ model: "test-model", routes: [{ model: "a", to: ["work/test-model"] }] }),
  "accounts.clear": () => ({ id: "work" }),
  "requests.list": () => ({ limit: 10, filter: { outcome: "ok", text: "test" } }),
  "requests.get": () => ({ id: recorded }),
  "requests.facets": () => undefined,
  "requests.export": () => ({ format: "csv", limit: 100 }),
  "requests.clear": () => undefined,
  "requests.take": () => ({ records: [], held: [] }),
  "requests.curl": () => ({ id: recorded }),
  "requests.trySandbox": () => undefined,
  "requests.replay": () => ({ id: recorded, model: "test-model" }),
  "stats.query": () => ({
    from: Date.now() - 86_400_000,
    to: Date.now() + 3_600_000,
    bucket: "hour",
    by: "model",
  }),
  "stats.today": () => ({ utcOffsetMinutes: 60 }),
  "budgets.list": () => undefined,
  "settings.get": () => undefined,
  "settings.update": () => ({ budgets: [{ unit: "requests", per: "day", limit: 10, warnAtPercent: 80 }] }),
  "routes.get": () => undefined,
  "routes.set": () => [{ model: "mine", to: ["work/test-model"], edit: { maxTokens: 5 } }],
  "models.list": () => undefined,
  "storage.get": () => undefined,
  "surroundings.get": () => undefined,
  "telemetry.get": () => undefined,
  "telemetry.setHeaders": () => ({ headers: "authorization: Bearer none-of-your-business" }),
  "diagnostics.get": () => undefined,
  "clients.list": () => undefined,
  "clients.preview": () => ({ id: "claude-code", to: "connect" }),
  "clients.texts": () => ({ id: "claude-code", to: "connect" }),
  "keys.list": () => undefined,
  "keys.add": () => ({
    name: "CI",
    models: ["m"],
    budgets: [{ unit: "requests", per: "day", limit: 5 }],
    expiresAt: Date.now() + 60_000,
    note: "for tests",
  }),
  "keys.update": () => ({ id: "local", atOnce: 3, note: null }),
  "keys.rotate": () => ({ id: "none" }),
  "keys.revoke": () => ({ id: "none" }),
  // What nobody has looked at is not written.
  "clients.apply": () => ({ wish: { id: "claude-code", to: "connect" }, seen: "another" }),
};

/** Why a method that was asked sensibly still says no. */
const SAYS_NO: Partial<Record<Method, RegExp>> = {
  "accounts.discover.take": /./,
  "accounts.signIn.paste": /./,
  "clients.apply": /Look at it again/,
  "keys.rotate": /no key "none"/,
};
let exported = "";
let backedUp = "";

/** What changes what others tell comes last. */
const LAST: readonly Method[] = ["requests.clear", "accounts.import.apply", "accounts.remove", "proxy.stop"];

describe("a sensible question", { timeout: 60_000 }, () => {
  it("gets an answer that is what its schema says, and nothing more", async () => {
    const { lead } = portico;
    exported = (await lead.call("accounts.export", { passphrase: "a long passphrase" })).text;
    backedUp = (await lead.call("backup.export", { passphrase: "a long passphrase" })).text;
    signIn = (await lead.call("accounts.signIn.openrouter", {})).id;
    const client = await portico.client();
    const order = [...METHODS.filter((method) => !LAST.includes(method)), ...LAST];
    expect([...order].sort()).toEqual([...METHODS].sort());
    for (const method of order) await ask(method, client);
    // Passphrases take their time, by design.
  }, 120_000);

  async function ask<M extends Method>(method: M, client: ControlClient): Promise<void> {
    const params = SERVED[method].params.parse(SENSIBLE[method]());
    if (method === "accounts.signIn.await") await portico.lead.call("accounts.signIn.cancel", { id: signIn });
    const raw: unknown = await portico.lead.call(method, params).catch((error: unknown) => {
      if (!(error instanceof PorticoError)) throw new Error(`${method}: ${String(error)}`, { cause: error });
      expect(error.message, method).toMatch(SAYS_NO[method] ?? /^$/);
      return error;
    });
    if (raw instanceof PorticoError) return;
    const wire: unknown = raw === undefined ? undefined : JSON.parse(JSON.stringify(raw));
    const parsed = resultSchemas[method].safeParse(wire);
    expect(parsed.error, method).toBeUndefined();
    // Nothing was left out on the way: the schema knows all of it.
    expect(parsed.data, method).toEqual(wire);
    expect(readResult(method, wire), method).toEqual(wire);
    // And so over the wire, for what may be asked twice.
    if (
      !/\.(?:export|preview|add|remove|apply|take|await|cancel|google|openrouter|paste|replay)$/.test(method)
    ) {
      await client.call(method, params);
    }
  }

  it("and every event is what its schema says", async () => {
    await portico.lead.call("proxy.start", undefined);
    await portico.lead.call("settings.update", { "records.maxAgeDays": 5 });
    await portico.lead.call("accounts.update", { id: "work", priority: 9 });
    portico.lead.tellOthers({ level: "info", time: 1, message: "x" });
    const { heard } = portico;
    await until(() => heard.accounts.length > 0 && heard.requests.length > 0);
    for (const [event, told] of Object.entries(heard)) {
      if (!isEvent(event)) throw new Error(event);
      // The leading process hears its own log as it writes it.
      if (event !== "log") expect(told.length, event).toBeGreaterThan(0);
      for (const data of told) {
        const wire: unknown = JSON.parse(JSON.stringify(data));
        const parsed = eventSchemas[event].safeParse(wire);
        expect(parsed.error, event).toBeUndefined();
        expect(parsed.data, event).toEqual(wire);
        expect(readEvent(event, wire), event).toEqual(wire);
      }
    }
  });
});
