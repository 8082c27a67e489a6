/** An account whose refresh token each renewal replaces: two gateways of a pool that have it are told so. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../../src/gateway/common/ports.ts";
import type { PoolPort } from "../../../src/gateway/pool/port.ts";
import { joinPool } from "../../../src/gateway/pool/shared.ts";
import { type Redis, redisPath, startRedis } from "../../support/redis.ts";
import { AuthServer } from "../oauth/authServer.ts";
import { browse, openPortico, type TestPortico } from "../oauth/portico.ts";
import { POOL, until } from "./here.ts";

vi.setConfig({ testTimeout: 120_000 });

const HOUR = 3_600_000;
const TWICE = "sign-in-twice";

interface Member {
  readonly pool: PoolPort;
  readonly portico: TestPortico;
}

let server: AuthServer;
let redis: Redis;
let members: Member[];

describe.skipIf(redisPath === undefined)("a sign-in that rotates (needs redis-server)", () => {
  beforeEach(async () => {
    server = new AuthServer();
    await server.listen();
    redis = await startRedis();
    members = [];
  });
  afterEach(async () => {
    for (const { pool, portico } of members) {
      expect(await portico.leaks()).toEqual([]);
      await portico.close();
      await pool.close();
    }
    await redis[Symbol.asyncDispose]();
    await server.close();
  });

  async function join(name: string): Promise<Member> {
    const settings = { ...POOL, url: redis.url };
    const log = { info: () => {}, warn: () => {} };
    const pool = await joinPool({ settings, clock: systemClock, log, name });
    const portico = await openPortico(server, {
      pool,
      check: () => Promise.resolve({ ok: true, models: [] }),
    });
    const member = { pool, portico };
    members.push(member);
    return member;
  }

  const client = () => ({ clientId: server.clientId, clientSecret: server.clientSecret });
  const draft = () => ({
    provider: "gemini",
    // As anything on this computer is shared with nobody.
    endpoints: { gemini: "https://provider.test" },
    models: ["gemini-test"],
  });

  /** As another tool has it, or another Portico. */
  async function add({ portico }: Member, email: string | undefined = "ada@example.com"): Promise<string> {
    const entry = { ...(email === undefined ? {} : { email }), refresh_token: server.issueRefreshToken() };
    const [result] = await portico.call("accounts.addMany", {
      account: draft(),
      client: client(),
      text: JSON.stringify([entry]),
    });
    if (result?.ok !== true) throw new Error(JSON.stringify(result));
    return result.account.id;
  }

  /** Its access token has ended: whatever is sent next needs another. */
  async function renew({ portico }: Member, email = "ada@example.com"): Promise<void> {
    const before = server.grants.length;
    portico.ahead += 2 * HOUR;
    const { accounts, credentials } = portico.gateway;
    for (const account of accounts) if (account.label === email) await credentials.tokens.keyFor(account);
    expect(server.grants.length).toBeGreaterThan(before);
  }

  const problems = async ({ portico }: Member) =>
    (await portico.call("status.get", undefined)).problems.filter(({ cause }) => cause === TWICE);

  it("is said at both gateways that have it, whichever has found out, until one of them is left", async () => {
    const [one, two, other] = [await join("desktop"), await join("laptop"), await join("server")];
    const mine = await add(one);
    await renew(one);
    // One alone may have it.
    await until("it is told", async () =>
      (await redis.command("HLEN", "portico:test:owners")).includes(":1"),
    );
    expect(await problems(one)).toEqual([]);

    // The other has not renewed it yet, and is told all the same.
    const yours = await add(two);
    await until(
      "both are told",
      async () => (await problems(one)).length + (await problems(two)).length === 2,
    );
    expect(await problems(one)).toMatchObject([{ severity: "warning", account: mine }]);
    expect(await problems(two)).toMatchObject([{ severity: "warning", account: yours }]);
    expect((await problems(one))[0]?.message).toContain('"laptop" of the pool has it as well');
    expect((await problems(two))[0]?.message).toContain('"desktop" of the pool has it as well');

    // Another person's is another account.
    await add(other, "bob@example.com");
    await renew(other, "bob@example.com");
    await until("it is told", async () =>
      (await redis.command("HLEN", "portico:test:owners")).includes(":3"),
    );
    expect(await problems(other)).toEqual([]);
    const kept = await redis.command("HGETALL", "portico:test:owners");
    for (const name of ["ada", "bob", "example.com", "provider.test", server.clientId])
      expect(kept).not.toContain(name);
    expect(Number((await redis.command("PTTL", "portico:test:owners")).slice(1))).toBeGreaterThan(0);

    await two.portico.call("accounts.remove", { id: yours });
    await until("it is over", async () => (await problems(one)).length === 0);
  });

  it("is not said where each has signed in by itself, or the token stays as it is", async () => {
    const [one, two] = [await join("desktop"), await join("laptop")];
    for (const { portico } of [one, two]) {
      const { id, url } = await portico.call("accounts.signIn.google", {
        account: draft(),
        client: client(),
      });
      const added = portico.call("accounts.signIn.await", { id });
      await browse(url);
      expect(await added).toMatchObject({ ok: true });
    }
    for (const each of [one, two]) await renew(each);
    server.rotate = false;
    for (const each of [one, two]) {
      await add(each, "carol@example.com");
      await renew(each, "carol@example.com");
    }
    server.rotate = true;
    // What is told with them is said.
    const both = [await add(one, "bob@example.com"), await add(two, "bob@example.com")];
    await renew(one, "bob@example.com");
    await until("both are told", async () =>
      (await Promise.all([one, two].map(problems))).every((each) => each.length > 0),
    );
    const said = (await Promise.all([one, two].map(problems))).flat();
    expect(said.map(({ account }) => account)).toEqual(both);
  });
});
