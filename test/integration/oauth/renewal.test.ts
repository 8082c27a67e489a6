import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Credential, decodeCredential } from "../../../src/gateway/accounts/credentials/credential.ts";
import { createOAuthFetch } from "../../../src/gateway/accounts/credentials/oauthFetch.ts";
import { deferred } from "../../../src/gateway/common/deferred.ts";
import { systemClock } from "../../../src/gateway/common/ports.ts";
import { Agents } from "../../../src/gateway/upstream/agents.ts";
import { AuthServer } from "./authServer.ts";
import { openPortico, type TestOptions, type TestPortico } from "./portico.ts";

const HOUR = 3_600_000;

let server: AuthServer;
let portico: TestPortico;

beforeEach(async () => {
  server = new AuthServer();
  await server.listen();
});
afterEach(async () => {
  expect(await portico.leaks()).toEqual([]);
  await portico.close();
  await server.close();
});

async function open(options?: TestOptions): Promise<void> {
  portico = await openPortico(server, options);
}

/** One account, proved and added by its refresh token. */
async function add(): Promise<void> {
  const [result] = await portico.call("accounts.addMany", {
    account: { provider: "gemini", endpoints: { gemini: server.base } },
    client: { clientId: server.clientId, clientSecret: server.clientSecret },
    text: server.issueRefreshToken(),
  });
  expect(result).toMatchObject({ place: "line 1", ok: true, models: ["gemini-test"] });
}

async function ask(action = "generateContent"): Promise<{ status: number; text: string }> {
  const { proxy } = await portico.call("status.get", undefined);
  if (proxy.kind !== "running") throw new Error("not running");
  const reply = await fetch(`${proxy.baseUrl}/v1beta/models/gemini-test:${action}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ contents: [{ parts: [{ text: "hi" }] }] }),
  });
  return { status: reply.status, text: await reply.text() };
}

async function stored(id = "gemini"): Promise<Credential> {
  return decodeCredential((await portico.secrets.get(`account.${id}.apiKey`)) ?? "");
}

const refreshes = () => server.grants.filter((grant) => grant === "refresh_token").length;

describe("an access token", () => {
  it("is used while it lasts and renewed ahead of its end, once for all", async () => {
    await open();
    await add();
    expect((await ask()).status).toBe(200);
    expect(refreshes()).toBe(1);
    portico.ahead = HOUR - 4 * 60_000;
    const replies = await Promise.all(Array.from({ length: 20 }, () => ask()));
    expect(replies.every(({ status }) => status === 200)).toBe(true);
    expect(refreshes()).toBe(2);
    expect(server.reused).toBe(0);
  });

  it("is renewed once and tried again when the provider refuses it early", async () => {
    await open();
    await add();
    expect((await ask()).status).toBe(200);
    server.revokeAccessTokens();
    portico.ahead = 60_000;
    const replies = await Promise.all(Array.from({ length: 20 }, () => ask()));
    expect(replies.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(refreshes()).toBe(2);
  });

  it("is renewed by nobody who leaves, and used while it lasts", { timeout: 90_000 }, async () => {
    await open();
    await add();
    expect((await ask()).status).toBe(200);
    await portico.gateway.leave(1000);
    const before = await stored();
    // It would be renewed by now.
    portico.ahead = HOUR - 4 * 60_000;
    expect((await ask()).status).toBe(200);
    portico.ahead = HOUR + 1000;
    const { status, text } = await ask();
    expect([status, text]).toEqual([502, expect.stringContaining("this Portico is ending")]);
    // Nobody is to blame.
    expect(portico.gateway.pool.health.snapshot()).toEqual([]);
    expect(refreshes()).toBe(1);
    expect(await stored()).toEqual(before);
  });

  it("is renewed for a count of tokens as for any other request", async () => {
    await open();
    await add();
    server.revokeAccessTokens();
    portico.ahead = 60_000;
    const { status, text } = await ask("countTokens");
    expect([status, JSON.parse(text)]).toEqual([200, { totalTokens: 1 }]);
    expect(server.calls.filter(({ path }) => path.endsWith(":countTokens"))).toHaveLength(2);
    expect(refreshes()).toBe(2);
  });

  it("is not asked for over and over by an account that is refused in any case", async () => {
    await open();
    await add();
    server.revokeAccessTokens();
    portico.ahead = 60_000;
    server.issueAccessToken = () => "a-token-that-nobody-takes";
    for (let i = 0; i < 5; i++) expect((await ask()).status).not.toBe(200);
    expect(refreshes()).toBe(2);
  });

  it("is used to its end while the authorization server is down", async () => {
    await open();
    await add();
    server.down = 503;
    portico.ahead = HOUR - 60_000;
    expect((await ask()).status).toBe(200);
    portico.ahead = HOUR + 60_000;
    const late = await ask();
    expect(late.status).toBe(502);
    expect(late.text).toContain("503");
    server.down = undefined;
    portico.ahead = 2 * HOUR;
    expect((await ask()).status).toBe(200);
  });

  it("outlives the proxy's stop: a renewal under way is not cut", async () => {
    await open();
    await add();
    portico.ahead = HOUR;
    const held = deferred();
    server.delay = held.promise;
    const asking = ask().catch(() => undefined);
    await expect.poll(refreshes).toBe(2);
    const stopping = portico.call("proxy.stop", undefined);
    held.resolve();
    await Promise.all([asking, stopping]);
    const credential = await stored();
    expect(credential).toMatchObject({ kind: "googleOAuth", expiresAt: expect.any(Number) });
    server.delay = undefined;
    portico.ahead = 2 * HOUR;
    await portico.call("proxy.start", undefined);
    expect((await ask()).status).toBe(200);
    expect(server.reused).toBe(0);
  });
});

describe("a rotated refresh token", () => {
  it("is stored before its access token is used, and kept when the store fails", async () => {
    let broken = false;
    await open({
      store: (secrets) => ({
        ...secrets,
        set: async (key, value) => {
          if (broken) throw new Error("locked");
          await secrets.set(key, value);
        },
      }),
    });
    await add();
    const before = server.calls.length;
    portico.ahead = HOUR;
    broken = true;
    const failed = await ask();
    expect(failed.status).toBe(502);
    expect(failed.text).toContain("could not be stored");
    expect(server.calls).toHaveLength(before);
    broken = false;
    portico.ahead = HOUR + 60_000;
    expect((await ask()).status).toBe(200);
    expect(server.reused).toBe(0);
    portico.ahead = 2 * HOUR + 60_000;
    expect((await ask()).status).toBe(200);
    expect(server.reused).toBe(0);
  });

  it("never overwrites what a person did meanwhile, nor comes back after the account is gone", async () => {
    await open();
    await add();
    portico.ahead = HOUR;
    const held = deferred();
    server.delay = held.promise;
    const asking = ask();
    await expect.poll(refreshes).toBe(2);
    const removing = portico.call("accounts.remove", { id: "gemini" });
    held.resolve();
    await Promise.all([asking, removing]);
    expect(await portico.secrets.get("account.gemini.apiKey")).toBeUndefined();
  });
});

describe("a sign-in that the provider ended", () => {
  it("says so in the provider's words, with what to do, and works again after signing in", async () => {
    await open();
    await add();
    server.revokeSignIns();
    portico.ahead = HOUR;
    const reply = await ask();
    expect(reply.status).toBe(401);
    expect(reply.text).toContain("Token has been expired or revoked.");
    expect(reply.text).toContain("Sign in again");
    const { problems } = await portico.call("status.get", undefined);
    const [problem, ...others] = problems.filter(({ account }) => account === "gemini");
    expect(problem?.message).toContain("7 days");
    expect(others).toEqual([]);
    const before = refreshes();
    for (let i = 0; i < 5; i++) await ask();
    expect(refreshes()).toBe(before);

    const started = await portico.call("accounts.signIn.google", { again: "gemini" });
    const waiting = portico.call("accounts.signIn.await", { id: started.id });
    await fetch(started.url);
    expect(await waiting).toMatchObject({ ok: true });
    expect((await portico.call("status.get", undefined)).problems).toEqual([]);
    expect((await ask()).status).toBe(200);
  });
});

describe("a service account", () => {
  it("signs its own assertion, for Vertex at its own project", async () => {
    await open();
    const text = JSON.stringify(server.serviceAccount.json);
    const endpoints = { gemini: `${server.base}/v1/projects/project-1/locations/global` };
    const [result] = await portico.call("accounts.addMany", {
      account: { provider: "vertex", endpoints },
      text,
    });
    expect(result).toMatchObject({ ok: true, account: { label: "robot@project-1.iam.gserviceaccount.com" } });
    expect(server.calls.at(0)?.path).toBe(
      "/v1/projects/project-1/locations/global/publishers/google/models/gemini-2.5-flash:countTokens",
    );
    portico.ahead = HOUR;
    expect((await ask()).status).toBe(200);
    expect(server.grants).toHaveLength(2);
  });
});

describe("the scan for secrets", () => {
  it("would find one", async () => {
    await open();
    await add();
    expect(server.secrets.size).toBeGreaterThan(3);
    const token = [...server.secrets].at(-1) ?? "";
    portico.log.push(`a line with ${token}`);
    expect(await portico.leaks()).toEqual([expect.stringContaining("the log")]);
    portico.log.pop();
  });
});

describe("the way to an authorization server", () => {
  it("leads through the proxy that the network asks for", async () => {
    await open();
    const asked: string[] = [];
    const proxy = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.writeHead(401, { "content-type": "application/json" }).end("{}");
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const agents = new Agents(
      {
        current: () => ({
          proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
          noProxy: [],
          strictTls: true,
          systemCertificates: false,
        }),
        onChange: () => () => {},
      },
      { connectTimeoutMs: 5000 },
    );
    const fetch = createOAuthFetch({ agents, clock: systemClock });
    const request = { method: "POST", headers: {}, body: "grant_type=none" } as const;
    const response = await fetch("http://oauth.test/token", request);
    expect(response.status).toBe(401);
    expect(asked).toEqual(["POST http://oauth.test/token"]);
    await agents.close();
    proxy.closeAllConnections();
    proxy.close();
  });
});
