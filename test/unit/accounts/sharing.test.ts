/** What gateways of one pool tell each other of accounts: two of them, whose words go from one to the other at once. */
import { describe, expect, it } from "vitest";
import { buildAccounts } from "../../../src/gateway/accounts/accounts.ts";
import { identityOf } from "../../../src/gateway/accounts/credentials/identity.ts";
import { CLASSES, type Failure, type FailureClass } from "../../../src/gateway/accounts/failures.ts";
import { AccountHealth } from "../../../src/gateway/accounts/health.ts";
import { QuotaStore } from "../../../src/gateway/accounts/quotas/store.ts";
import { Sharing } from "../../../src/gateway/accounts/sharing.ts";
import { alone } from "../../../src/gateway/pool/alone.ts";
import type { PoolListener, PoolPort } from "../../../src/gateway/pool/port.ts";
import { accountSchema } from "../../../src/gateway/settings/settings.ts";

const SECOND = 1000;
const clock = { time: 1_000_000, now: () => clock.time, monotonic: () => clock.time };
const failure = (name: FailureClass, more: Partial<Failure> = {}): Failure => ({
  class: name,
  ...CLASSES[name],
  message: `because of ${name}`,
  ...more,
});

type Credentials = Parameters<typeof identityOf>[1];
type Stored = Awaited<ReturnType<Credentials["stored"]>>;

/** A gateway with the given accounts. @param stored their credentials in its secret store */
async function gateway(accounts: readonly object[], stored: Record<string, Stored> = {}) {
  const settings = accounts.map((each) => accountSchema.parse(each));
  const built = buildAccounts(settings, { secretFor: () => Promise.resolve(undefined) });
  const heard: PoolListener[] = [];
  const told: string[] = [];
  const others: PoolListener[] = [];
  const pool: PoolPort = {
    ...alone,
    standing: { name: "test", state: "joined", since: 0, gateways: ["a", "b"], whenAway: "share" },
    listen: (listener) => void heard.push(listener),
    nameOf: (...parts) => JSON.stringify(parts),
    hold(hold) {
      const id = `finding-${told.length}`;
      told.push(`hold ${hold.because}`);
      for (const other of others) other.hold(hold, id);
      return id;
    },
    clear(clear) {
      told.push("clear");
      for (const other of others) other.cleared(clear);
    },
    undo(id) {
      told.push("undo");
      for (const other of others) other.undone(id);
    },
    quota(quota) {
      told.push("quota");
      for (const other of others) other.quota(quota);
    },
  };
  const health = new AccountHealth({ clock, random: () => 0 });
  const quotas = new QuotaStore(clock);
  const tokens: Credentials = { stored: (id) => Promise.resolve(stored[id]) };
  const sharing = new Sharing({
    ...{ pool, health, quotas, log: { debug: () => {} } },
    async identity({ id }) {
      const found = settings.find((each) => each.id === id);
      return found && (await identityOf(found, tokens));
    },
  });
  await sharing.configure(built.accounts);
  return { sharing, health, quotas, told, stored, heard, others };
}

/** Two that hear each other. */
async function pair(
  first: readonly object[],
  second: readonly object[],
  stored: Record<string, Stored> = {},
) {
  const [a, b] = [await gateway(first, stored), await gateway(second, stored)];
  a.others.push(...b.heard);
  b.others.push(...a.heard);
  return { a, b };
}

const openai = (id: string, apiKey = "sk-one-0123456789", more: object = {}) => ({
  ...{ id, provider: "openai", credentials: { apiKey }, ...more },
});
const google = (accessToken: string, email?: string): Stored => ({
  kind: "googleOAuth",
  clientId: "client",
  refreshToken: `refresh-${accessToken}`,
  scopes: [],
  accessToken,
  ...(email === undefined ? {} : { email }),
});

describe("an account is the same at two gateways", () => {
  const name = async (account: object, stored?: Stored) => {
    const id = (account as { id: string }).id;
    return (await gateway([account], stored === undefined ? {} : { [id]: stored })).sharing.nameOf(id);
  };

  it("whatever it is called there, and wherever its key is kept", async () => {
    const mine = await name(openai("mine"));
    expect(mine).toBeDefined();
    expect(await name(openai("yours"))).toBe(mine);
    const kept = { kind: "apiKey", apiKey: "sk-one-0123456789" } as const;
    expect(await name({ id: "kept", provider: "openai" }, kept)).toBe(mine);
  });

  it("whatever token it has, where it is one person's by one client", async () => {
    const account = { id: "g", provider: "gemini" };
    const first = await name(account, google("token-1", "me@example.com"));
    expect(first).toBeDefined();
    expect(await name(account, google("token-2", "me@example.com"))).toBe(first);
    expect(await name(account, google("token-1", "you@example.com"))).not.toBe(first);
    expect(first).not.toMatch(/token-|refresh-/);
  });

  it.each([
    ["another key", openai("mine", "sk-two-0123456789")],
    [
      "another address",
      openai("mine", undefined, { endpoints: { "openai-chat": "https://example.com/v1" } }),
    ],
    ["another provider", { ...openai("mine"), provider: "groq" }],
  ])("but not with %s", async (_what, account) => {
    const other = await name(account);
    expect(other).toBeDefined();
    expect(other).not.toBe(await name(openai("mine")));
  });

  it.each([
    [
      "runs on this computer",
      {
        id: "local",
        provider: "custom",
        endpoints: { "openai-chat": "http://127.0.0.1:8080/v1" },
        credentials: { apiKey: "sk-one-0123456789" },
      },
    ],
    [
      "has no key",
      { id: "open", provider: "custom", endpoints: { "openai-chat": "http://10.0.0.7:8080/v1" } },
    ],
    ["is the sandbox", { id: "sandbox", provider: "sandbox" }],
  ])("and is nobody else's where it %s", async (_what, account) => {
    expect(await name(account)).toBeUndefined();
  });

  it("and is nobody else's where it is not known whose it is", async () => {
    expect(await name({ id: "g", provider: "gemini" }, google("token-1"))).toBeUndefined();
  });
});

describe("what one gateway finds out", () => {
  it("another knows, by its own name for the account and in no provider's words", async () => {
    const { a, b } = await pair([openai("mine")], [openai("yours")]);
    a.health.report(
      "mine",
      "m",
      failure("rate-limit", { retryAfterMs: 20 * SECOND, message: "you said: secret" }),
    );
    expect(b.health.available("yours", "m")).toEqual({
      until: clock.time + 20 * SECOND,
      reason: "another gateway of the pool was refused (rate-limit)",
      because: "rate-limit",
    });
    expect(b.health.available("yours", "other")).toBe(true);
    // What was learned is not told again.
    expect(b.told).toEqual([]);
  });

  it("is not told of how the provider is reached", async () => {
    const { a, b } = await pair([openai("mine")], [openai("yours")]);
    for (let each = 0; each < 5; each++) a.health.report("mine", "m", failure("network"));
    expect(a.health.available("mine", "m")).not.toBe(true);
    expect(b.health.available("yours", "m")).toBe(true);
    expect(a.told).toEqual([]);
    expect(a.heard[0]?.holds()).toEqual([]);
  });

  it("holds for as long as the longer of two findings", async () => {
    const { a, b } = await pair([openai("mine")], [openai("yours")]);
    b.health.report("yours", "m", failure("rate-limit", { retryAfterMs: 30 * SECOND }));
    a.health.report("mine", "m", failure("rate-limit", { retryAfterMs: 10 * SECOND }));
    expect(b.health.heldFor("yours", "m")?.until).toBe(clock.time + 30 * SECOND);
    expect(b.health.heldFor("yours", "m")?.reason).toBe("because of rate-limit");
  });

  it("is over for all when one has an answer, but not what was found out after that request began", async () => {
    const { a, b } = await pair([openai("mine")], [openai("yours")]);
    const began = clock.time;
    clock.time += SECOND;
    a.health.report("mine", "m", failure("rate-limit", { retryAfterMs: 20 * SECOND }));
    b.health.report("yours", "m", "ok", began);
    expect(a.health.available("mine", "m")).not.toBe(true);
    expect(b.health.available("yours", "m")).not.toBe(true);
    clock.time += SECOND;
    b.health.report("yours", "m", "ok", clock.time);
    expect(b.health.available("yours", "m")).toBe(true);
    expect(a.health.available("mine", "m")).toBe(true);
  });

  it("is taken back where the request was at fault", async () => {
    const { a, b } = await pair([openai("mine")], [openai("yours")]);
    const undo = a.health.report("mine", "m", failure("billing"));
    expect(b.health.available("yours", "m")).not.toBe(true);
    undo?.();
    expect(b.health.available("yours", "m")).toBe(true);
  });

  it("is over for all when a person has mended it here, with another key for those who have it as well", async () => {
    const stored: Record<string, Stored> = { mine: { kind: "apiKey", apiKey: "sk-one-0123456789" } };
    const { a, b } = await pair([{ id: "mine", provider: "openai" }], [openai("yours")], stored);
    a.health.report("mine", "m", failure("credential"));
    expect(b.health.available("yours", "m")).not.toBe(true);
    const held = a.health.snapshot();
    // Another key: whoever has the old one is where they were.
    a.stored.mine = { kind: "apiKey", apiKey: "sk-two-0123456789" };
    clock.time += SECOND;
    await a.sharing.mended("mine", held, clock.time);
    expect(b.health.available("yours", "m")).not.toBe(true);
    a.stored.mine = { kind: "apiKey", apiKey: "sk-one-0123456789" };
    await a.sharing.mended("mine", held, clock.time);
    expect(b.health.available("yours", "m")).toBe(true);
  });

  it("of quotas is known to another; the newer reading counts", async () => {
    const { a, b } = await pair([openai("mine")], [openai("yours")]);
    const reading = (remaining: number) => ({ name: "balance", unit: "usd" as const, remaining });
    b.quotas.set("yours", [reading(7)]);
    clock.time += SECOND;
    a.quotas.set("mine", [reading(5)]);
    expect(b.quotas.of("yours")).toMatchObject([{ account: "yours", remaining: 5 }]);
    b.heard[0]?.quota({
      ...{ account: b.sharing.nameOf("yours") ?? "", name: "balance", unit: "usd", source: "endpoint" },
      ...{ remaining: 9, readAt: clock.time - 1 },
    });
    expect(b.quotas.of("yours")).toMatchObject([{ remaining: 5 }]);
  });
});
