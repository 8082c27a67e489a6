import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { deferred } from "../../../src/gateway/common/deferred.ts";
import { AuthServer } from "./authServer.ts";
import { browse, openPortico, type TestOptions, type TestPortico } from "./portico.ts";

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

function startGoogle(quotaProject?: string) {
  return portico.call("accounts.signIn.google", {
    account: { provider: "gemini", endpoints: { gemini: server.base } },
    client: { clientId: server.clientId, clientSecret: server.clientSecret },
    ...(quotaProject === undefined ? {} : { quotaProject }),
  });
}

const startOpenRouter = () =>
  portico.call("accounts.signIn.openrouter", {
    account: { endpoints: { "openai-chat": `${server.base}/or` } },
  });

const nothingWasMade = async () => {
  expect(await portico.call("accounts.list", undefined)).toEqual([]);
  expect(await portico.secrets.get("account.gemini.apiKey")).toBeUndefined();
  expect(await portico.secrets.get("account.openrouter.apiKey")).toBeUndefined();
};

describe("sign-in with Google", () => {
  it("adds a proved account whose requests carry one credential", async () => {
    await open();
    const started = await startGoogle("project-1");
    expect(started.notes.join()).toContain("7 days");
    const waiting = portico.call("accounts.signIn.await", { id: started.id });
    const page = await browse(started.url);
    expect(page).toMatchObject({ status: 200 });
    expect(page.text).toContain("You can close this tab");
    const result = await waiting;
    expect(result).toMatchObject({
      ok: true,
      account: { id: "gemini", label: "ada@example.com" },
      models: ["gemini-test"],
    });
    expect(await portico.call("accounts.list", undefined)).toHaveLength(1);

    const { proxy } = await portico.call("status.get", undefined);
    if (proxy.kind !== "running") throw new Error("not running");
    const reply = await fetch(`${proxy.baseUrl}/v1beta/models/gemini-test:generateContent?key=anything`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-goog-user-project": "of-the-client" },
      body: JSON.stringify({ contents: [{ parts: [{ text: "hi" }] }] }),
    });
    expect(reply.status).toBe(200);
    const call = server.calls.at(-1);
    expect(call?.headers["x-goog-user-project"]).toBe("project-1");
    expect(call?.headers["x-goog-api-key"]).toBeUndefined();
    expect(call?.headers.authorization).toMatch(/^Bearer access-/);
  });

  it("listens on both loopback addresses, for this sign-in only", async () => {
    await open();
    const { id, redirectUri } = await startGoogle();
    const { port } = new URL(redirectUri);
    for (const host of ["127.0.0.1", "[::1]", "localhost"]) {
      expect((await fetch(`http://${host}:${port}/favicon.ico`)).status).toBe(404);
    }
    expect((await fetch(`http://127.0.0.1:${port}/callback`, { method: "POST" })).status).toBe(404);
    await portico.call("accounts.signIn.cancel", { id });
    await expect(fetch(`http://127.0.0.1:${port}/favicon.ico`)).rejects.toThrow();
  });

  it("refuses the answer to another sign-in", async () => {
    await open();
    server.consent = "wrong-state";
    const started = await startGoogle();
    const page = await browse(started.url);
    expect(page.status).toBe(400);
    expect(page.text).toContain("belongs to another sign-in");
    const result = await portico.call("accounts.signIn.await", { id: started.id });
    expect(result).toMatchObject({ ok: false, reason: "wrong-state" });
    expect(server.grants).toEqual([]);
    await nothingWasMade();
  });

  it("says so when the person says no, in the provider's words and safely", async () => {
    await open();
    server.consent = "deny";
    const started = await startGoogle();
    const page = await browse(started.url);
    expect(page.text).not.toContain("<no>");
    const result = await portico.call("accounts.signIn.await", { id: started.id });
    expect(result).toMatchObject({ ok: false, reason: "denied" });
    expect(result).toMatchObject({
      message: expect.stringContaining("access_denied: The person said <no>."),
    });
    await nothingWasMade();
  });

  it("ends when nobody comes back", async () => {
    await open({ signIns: { timeoutMs: 50 } });
    const { id } = await startGoogle();
    const result = await portico.call("accounts.signIn.await", { id });
    expect(result).toMatchObject({
      ok: false,
      reason: "timeout",
      message: expect.stringContaining("start again"),
    });
    await nothingWasMade();
  });

  it("says what is wrong with a code that is too old, or used twice", async () => {
    await open();
    server.consent = "late";
    const started = await startGoogle();
    const { callback, status } = await browse(started.url);
    expect(status).toBe(400);
    const result = await portico.call("accounts.signIn.await", { id: started.id });
    expect(result).toMatchObject({
      ok: false,
      reason: "refused",
      message: expect.stringMatching(/invalid_grant: Malformed auth code\..*sign in again/),
    });
    await expect(fetch(callback)).rejects.toThrow();
    await nothingWasMade();
  });

  it("does not settle for less than it needs", async () => {
    await open();
    for (const [consent, reason, words] of [
      ["other-scopes", "denied", "cloud-platform"],
      ["no-refresh-token", "refused", "Desktop app"],
    ] as const) {
      server.consent = consent;
      const started = await startGoogle();
      await browse(started.url);
      const result = await portico.call("accounts.signIn.await", { id: started.id });
      expect(result).toMatchObject({ ok: false, reason, message: expect.stringContaining(words) });
    }
    await nothingWasMade();
  });

  it("says so when the OAuth client is not known", async () => {
    await open();
    const started = await portico.call("accounts.signIn.google", {
      account: { provider: "gemini", endpoints: { gemini: server.base } },
      client: { clientId: server.clientId, clientSecret: "wrong" },
    });
    await browse(started.url);
    const result = await portico.call("accounts.signIn.await", { id: started.id });
    expect(result).toMatchObject({
      message: expect.stringContaining("invalid_client: The OAuth client was not found."),
    });
    await nothingWasMade();
  });

  it("finds another port when one is taken, on either address", async () => {
    const taken = createServer().listen({ host: "::1", port: 0 });
    await new Promise((resolve) => taken.once("listening", resolve));
    const { port } = taken.address() as AddressInfo;
    await open({ signIns: { portFor: (attempt) => (attempt === 0 ? port : 0) } });
    const started = await startGoogle();
    expect(new URL(started.redirectUri).port).not.toBe(String(port));
    await browse(started.url);
    expect(await portico.call("accounts.signIn.await", { id: started.id })).toMatchObject({ ok: true });
    taken.close();
  });

  it("says so when no port can be had", async () => {
    const taken = createServer().listen({ host: "127.0.0.1", port: 0 });
    await new Promise((resolve) => taken.once("listening", resolve));
    const { port } = taken.address() as AddressInfo;
    await open({ signIns: { portFor: () => port } });
    await expect(startGoogle()).rejects.toThrow(/No port could be opened .*EADDRINUSE/);
    taken.close();
  });

  it("gives up on a network that is too slow", async () => {
    await open({ deadlineMs: 50 });
    const held = deferred();
    server.delay = held.promise;
    const started = await startGoogle();
    const page = await browse(started.url);
    expect(page.status).toBe(400);
    const result = await portico.call("accounts.signIn.await", { id: started.id });
    expect(result).toMatchObject({
      ok: false,
      reason: "timeout",
      message: expect.stringContaining("did not answer within 0.05 s"),
    });
    held.resolve();
    await nothingWasMade();
  });

  it("says so when the token endpoint cannot be reached", async () => {
    await open();
    const started = await startGoogle();
    server.down = 502;
    await browse(started.url);
    const result = await portico.call("accounts.signIn.await", { id: started.id });
    expect(result).toMatchObject({
      ok: false,
      reason: "unreachable",
      message: expect.stringContaining("502"),
    });
    await nothingWasMade();
  });

  it("can be cancelled, also in the midst of the exchange", async () => {
    await open();
    const held = deferred();
    server.delay = held.promise;
    const started = await startGoogle();
    const browsing = browse(started.url);
    await expect.poll(() => server.grants).toHaveLength(1);
    const waiting = portico.call("accounts.signIn.await", { id: started.id });
    expect(await portico.call("accounts.signIn.cancel", { id: started.id })).toEqual({ cancelled: true });
    expect(await waiting).toMatchObject({ ok: false, reason: "cancelled" });
    held.resolve();
    expect((await browsing).text).toContain("cancelled");
    expect(await portico.call("accounts.signIn.cancel", { id: started.id })).toEqual({ cancelled: false });
    await nothingWasMade();
  });

  it("goes on when whoever waits for it goes away", async () => {
    await open();
    const started = await startGoogle();
    const gone = new AbortController();
    const waiting = portico.call("accounts.signIn.await", { id: started.id }, gone.signal);
    gone.abort();
    await expect(waiting).rejects.toThrow();
    await browse(started.url);
    expect(await portico.call("accounts.signIn.await", { id: started.id })).toMatchObject({ ok: true });
  });

  it("takes the address that a browser elsewhere could not open", async () => {
    await open();
    const started = await startGoogle();
    const { id } = started;
    const consent = await fetch(started.url, { redirect: "manual" });
    for (const url of ["nonsense", "https://evil.example/callback?code=1", started.url]) {
      await expect(portico.call("accounts.signIn.paste", { id, url })).rejects.toThrow(
        /not the address of the page/,
      );
    }
    const url = ` ${consent.headers.get("location")} \n`;
    expect(await portico.call("accounts.signIn.paste", { id, url })).toEqual({ accepted: true });
    expect(await portico.call("accounts.signIn.await", { id })).toMatchObject({ ok: true });
    await expect(portico.call("accounts.signIn.paste", { id, url })).rejects.toThrow(/no such sign-in/);
  });

  it("keeps an account that could not be proved only when told to", async () => {
    await open();
    const started = await portico.call("accounts.signIn.google", {
      account: { provider: "gemini", endpoints: { gemini: "http://127.0.0.1:9" } },
      client: { clientId: server.clientId, clientSecret: server.clientSecret },
    });
    const { id } = started;
    await browse(started.url);
    const first = await portico.call("accounts.signIn.await", { id });
    expect(first).toMatchObject({ ok: false, reason: "unreachable", canKeep: true });
    await nothingWasMade();
    expect(await portico.call("accounts.signIn.await", { id, keep: true })).toMatchObject({
      ok: true,
      models: [],
    });
  });

  it("signs in again with the account's own client, and adds nobody twice", async () => {
    await open();
    const first = await startGoogle();
    await browse(first.url);
    await portico.call("accounts.signIn.await", { id: first.id });
    const before = await portico.secrets.get("account.gemini.apiKey");

    const twice = await startGoogle();
    await browse(twice.url);
    const result = await portico.call("accounts.signIn.await", { id: twice.id });
    expect(result).toMatchObject({ ok: false, reason: "duplicate" });

    const again = await portico.call("accounts.signIn.google", { again: "gemini" });
    expect(new URL(again.url).searchParams.get("login_hint")).toBe("ada@example.com");
    await browse(again.url);
    expect(await portico.call("accounts.signIn.await", { id: again.id })).toMatchObject({
      ok: true,
      account: { id: "gemini" },
    });
    expect(await portico.call("accounts.list", undefined)).toHaveLength(1);
    expect(await portico.secrets.get("account.gemini.apiKey")).not.toBe(before);
    await expect(portico.call("accounts.signIn.google", { again: "nobody" })).rejects.toThrow(/no account/);
  });

  it("is bounded in number", async () => {
    await open();
    for (let i = 0; i < 16; i++) await startGoogle();
    await expect(startGoogle()).rejects.toThrow(/Too many sign-ins/);
  });
});

describe("sign-in with OpenRouter", () => {
  it("adds an account with the permanent key", async () => {
    await open();
    const started = await startOpenRouter();
    expect(new URL(started.redirectUri).hostname).toBe("localhost");
    const page = await browse(started.url);
    expect(page.text).toContain("You can close this tab");
    const result = await portico.call("accounts.signIn.await", { id: started.id });
    expect(result).toMatchObject({ ok: true, account: { id: "openrouter" }, models: ["vendor/model"] });
    expect(await portico.secrets.get("account.openrouter.apiKey")).toMatch(/^access-/);
    const [account] = await portico.call("accounts.list", undefined);
    expect(account?.quotas).toMatchObject([{ name: "credit limit of the key", remaining: 4, limit: 10 }]);
  });

  it("refuses an answer at another sign-in's path", async () => {
    await open();
    const started = await startOpenRouter();
    const wrong = started.redirectUri.replace(/[^/]+$/, "another");
    expect((await fetch(`${wrong}?code=1`)).status).toBe(400);
    const result = await portico.call("accounts.signIn.await", { id: started.id });
    expect(result).toMatchObject({ ok: false, reason: "wrong-state" });
    await nothingWasMade();
  });

  it("says what the provider refused", async () => {
    await open();
    const started = await startOpenRouter();
    await fetch(`${started.redirectUri}?code=made-up`);
    const result = await portico.call("accounts.signIn.await", { id: started.id });
    expect(result).toMatchObject({
      ok: false,
      reason: "refused",
      message: expect.stringContaining("Invalid code or code_verifier"),
    });
    server.consent = "deny";
    const denied = await startOpenRouter();
    await browse(denied.url);
    expect(await portico.call("accounts.signIn.await", { id: denied.id })).toMatchObject({
      ok: false,
      reason: "denied",
      message: expect.stringContaining("access_denied"),
    });
    await nothingWasMade();
  });
});
