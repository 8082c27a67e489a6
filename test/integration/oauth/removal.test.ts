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

const client = () => ({ clientId: server.clientId, clientSecret: server.clientSecret });

async function open(options?: TestOptions): Promise<void> {
  portico = await openPortico(server, options);
}

/** @returns the new account's id */
async function signIn(): Promise<string> {
  const started = await portico.call("accounts.signIn.google", {
    account: { provider: "gemini", endpoints: { gemini: server.base } },
    client: client(),
  });
  await browse(started.url);
  const result = await portico.call("accounts.signIn.await", { id: started.id });
  if (!result.ok) throw new Error(result.message);
  return result.account.id;
}

/** A refresh token from elsewhere. */
async function paste(email?: string): Promise<string> {
  const [result] = await portico.call("accounts.addMany", {
    account: { provider: "gemini", endpoints: { gemini: server.base } },
    client: client(),
    text: JSON.stringify([
      { ...(email === undefined ? {} : { email }), refresh_token: server.issueRefreshToken() },
    ]),
  });
  if (result?.ok !== true) throw new Error(result?.message);
  return result.account.id;
}

const remove = (id: string) => portico.call("accounts.remove", { id });

async function logged(text: RegExp): Promise<void> {
  while (!portico.log.some((line) => text.test(line))) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Everything that was under way when an account was removed is over. */
async function quiet(): Promise<void> {
  // Another sign-in, which is ended at Google, comes after it.
  server.email = "last@example.com";
  const before = server.revoked.length;
  await remove(await signIn());
  while (server.revoked.length === before) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe("removing an account", () => {
  it("ends at Google the sign-in that was made here for it", async () => {
    await open();
    const id = await signIn();
    expect(await remove(id)).toEqual({ removed: true });
    await logged(/was ended/);
    expect(server.revoked).toEqual(["known"]);
    expect(await portico.secrets.get(`account.${id}.apiKey`)).toBeUndefined();
    expect(await remove(id)).toEqual({ removed: false });
  });

  it("leaves alone what came from elsewhere", async () => {
    await open();
    await remove(await paste("bob@example.com"));
    await quiet();
    expect(server.revoked).toHaveLength(1);
  });

  it("leaves the sign-in of another account alone, which would end with it", async () => {
    await open();
    const id = await signIn();
    // Whose it is, it does not say.
    const other = await paste();
    await remove(id);
    expect(await portico.call("accounts.test", { id: other })).toMatchObject({ ok: true });
    await remove(other);
    await quiet();
    expect(server.revoked).toHaveLength(1);
  });

  it("leaves alone what was exported with its secrets", async () => {
    await open();
    const id = await signIn();
    await portico.call("accounts.export", { passphrase: "a long passphrase" });
    await remove(id);
    await quiet();
    expect(server.revoked).toHaveLength(1);
  });

  it("waits for nobody, and says where a person can end it", async () => {
    await open({ deadlineMs: 300 });
    const id = await signIn();
    const slow = deferred<void>();
    server.delay = slow.promise;
    expect(await remove(id)).toEqual({ removed: true });
    expect(await portico.call("accounts.list", undefined)).toEqual([]);
    await logged(/could not be ended there \(.*did not answer.*myaccount\.google\.com/);
    slow.resolve();
  });

  it("is content with a sign-in that had ended before, and warns of a server that fails", async () => {
    await open();
    const ended = await signIn();
    server.revokeSignIns();
    await remove(ended);
    await logged(/was ended/);
    const failing = await signIn();
    server.down = 503;
    await remove(failing);
    await logged(/could not be ended there/);
  });
});
