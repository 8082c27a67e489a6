import { describe, expect, it } from "vitest";
import { AccountHealth } from "../../../../src/gateway/accounts/health.ts";
import { Scheduler } from "../../../../src/gateway/accounts/schedule/scheduler.ts";
import { WaitingLine } from "../../../../src/gateway/accounts/schedule/waitingLine.ts";
import { PorticoError } from "../../../../src/gateway/common/errors.ts";
import type { Account } from "../../../../src/gateway/providers/account.ts";
import { endpoint } from "../../../../src/gateway/providers/endpoints.ts";
import { PROVIDERS } from "../../../../src/gateway/providers/providers.ts";
import type { AttemptRecord } from "../../../../src/gateway/records/record.ts";
import type { AttemptDeps } from "../../../../src/gateway/requests/attempts/dependencies.ts";
import { runAttempts } from "../../../../src/gateway/requests/attempts/loop.ts";
import type { Candidate } from "../../../../src/gateway/routing/candidate.ts";
import { defaultSettings } from "../../../../src/gateway/settings/settings.ts";
import type { AttemptResult } from "../../../../src/gateway/upstream/relay/result.ts";
import { SimulatedClock } from "../../../support/simulation/clock.ts";

const DONE: AttemptResult = { kind: "done", status: 200 };
const refusal = (status: number, error: object, headers = {}): AttemptResult => ({
  kind: "failed",
  cause: { kind: "reply", status, headers, body: Buffer.from(JSON.stringify({ error })) },
});
const TOO_LONG = refusal(400, { message: "too long", code: "context_length_exceeded" });
const DOWN = refusal(503, { message: "down" });

function candidate(id: string, target: number, host = id, more: Partial<Account> = {}): Candidate {
  return {
    account: {
      id,
      label: id,
      provider: PROVIDERS.custom,
      priority: 0,
      enabled: true,
      endpoints: new Map([
        ["openai-chat", { ...endpoint("openai-chat", undefined), base: `http://${host}/v1` }],
      ]),
      models: undefined,
      proxy: undefined,
      key: () => Promise.resolve(undefined),
      ...more,
    },
    protocol: "openai-chat",
    model: "m",
    target,
  };
}

function setup(answers: Readonly<Record<string, (call: number) => AttemptResult>>) {
  const clock = new SimulatedClock(1_000_000);
  const health = new AccountHealth({ clock, random: () => 0 });
  const scheduler = new Scheduler({
    clock,
    settings: () => ({ ...defaultSettings.scheduling, strategy: "cache-first" }),
    quotas: { remaining: () => undefined, nextReset: () => undefined, spentUntil: () => undefined },
    budget: () => undefined,
  });
  const records: AttemptRecord[] = [];
  const calls = new Map<string, number>();
  const run = async (candidates: readonly Candidate[], deps: Partial<AttemptDeps> = {}) => {
    records.length = 0;
    const running = runAttempts(
      candidates,
      ({ account: { id } }) => {
        const call = (calls.get(id) ?? 0) + 1;
        calls.set(id, call);
        return Promise.resolve(answers[id]?.(call) ?? DONE);
      },
      { signal: new AbortController().signal, committed: false },
      records,
      {
        health,
        scheduler,
        facts: { protocol: "openai-chat", model: "m", session: "s" },
        clock,
        random: () => 0,
        log: { debug() {}, info() {}, warn() {}, error() {} },
        upstream: defaultSettings.upstream,
        ...deps,
      },
    ).then(
      ({ candidate: { account } }) => account.id,
      (error: unknown) => error,
    );
    await clock.run();
    return { result: await running, tried: records.map(({ account }) => account) };
  };
  return { clock, health, scheduler, run };
}

describe("the context window", () => {
  const windows: Record<string, number> = { small: 8000, same: 8000, large: 200_000 };
  const contextWindow = ({ account }: Candidate) => windows[account.id];

  it("leads to larger ones only, where they are known", async () => {
    const { run } = setup({ small: () => TOO_LONG });
    const all = [candidate("small", 0), candidate("same", 1), candidate("large", 2)];
    expect(await run(all, { contextWindow })).toEqual({ result: "large", tried: ["small", "large"] });
  });

  it("leads to an alternative of the same target only if that is known to be larger", async () => {
    const { run } = setup({ small: () => TOO_LONG });
    const all = [candidate("small", 0), candidate("unknown", 0), candidate("large", 0)];
    expect((await run(all, { contextWindow })).tried).toEqual(["small", "large"]);
  });

  it("sends the provider's own words back where there is no larger one", async () => {
    const { run } = setup({ small: () => TOO_LONG });
    const { result, tried } = await run([candidate("small", 0), candidate("same", 1)], { contextWindow });
    expect(tried).toEqual(["small"]);
    expect(result).toBeInstanceOf(PorticoError);
    expect(result).toMatchObject({ kind: "context_too_long", retryable: false });
  });
});

describe("a server that is down", () => {
  it("does not use up the tries that its fallback needs", async () => {
    const { run } = setup({ a: () => DOWN, b: () => DOWN, c: () => DOWN, d: () => DOWN });
    const all = ["a", "b", "c", "d"].map((id) => candidate(id, 0, "down"));
    const { result, tried } = await run([...all, candidate("other", 1)]);
    expect(result).toBe("other");
    expect(tried).toEqual(["a", "a", "other"]);
  });

  it("is asked by its other accounts when nobody else is left", async () => {
    const { run } = setup({ a: () => DOWN });
    const { result, tried } = await run([candidate("a", 0, "down"), candidate("b", 0, "down")]);
    expect([result, tried]).toEqual(["b", ["a", "a", "b"]]);
  });
});

describe("a conversation's own account", () => {
  const limited = (call: number) =>
    call === 2 ? refusal(429, { message: "slow" }, { "retry-after": "4" }) : DONE;

  it("is waited for, also by those who come meanwhile", async () => {
    const { clock, run } = setup({ a: limited });
    const both = [candidate("a", 0), candidate("b", 0)];
    expect((await run(both)).result).toBe("a");
    const before = clock.now();
    expect(await run(both)).toEqual({ result: "a", tried: ["a", "a"] });
    expect(clock.now() - before).toBe(4000);
  });

  it("is left when the wait is too long", async () => {
    const { run } = setup({ a: (call) => (call === 2 ? refusal(429, {}, { "retry-after": "40" }) : DONE) });
    const both = [candidate("a", 0), candidate("b", 0)];
    await run(both);
    expect(await run(both)).toEqual({ result: "b", tried: ["a", "b"] });
    expect((await run(both)).result).toBe("b");
  });
});

describe("places", () => {
  it("are given back, however a request ends", async () => {
    const { scheduler, run } = setup({ a: () => TOO_LONG, b: () => refusal(400, { message: "bad" }) });
    const all = [candidate("a", 0, "a", { maxInFlight: 1 }), candidate("b", 1, "b", { maxInFlight: 1 })];
    for (let i = 0; i < 3; i++) expect((await run(all)).result).toBeInstanceOf(PorticoError);
    expect([scheduler.load.inFlight("a"), scheduler.load.inFlight("b")]).toEqual([0, 0]);
  });

  it("that never come free end in an answer that says so", async () => {
    const { clock, scheduler, run } = setup({});
    const full = candidate("a", 0, "a", { maxInFlight: 1 });
    scheduler.begin(full.account);
    const before = clock.now();
    const { result } = await run([full]);
    expect(String(result)).toContain("1 of its requests are in flight, which is its limit");
    expect(clock.now() - before).toBe(defaultSettings.upstream.retryDeadlineMs);
  });
});

describe("when to come back", () => {
  const DAY = 86_400_000;
  const waiting = (random: () => number = () => 0) => ({ waitMs: 1000, line: new WaitingLine(random) });

  it("is when the limit ends as the provider stated it, not when the account is asked again", async () => {
    const weekly = () =>
      refusal(429, { message: "weekly limit" }, { "retry-after": String((5 * DAY) / 1000) });
    const { run } = setup({ a: weekly, b: weekly });
    const first = await run([candidate("a", 0)]);
    expect(first.result).toMatchObject({ kind: "quota", retryAfterMs: 5 * DAY });
    const again = await run([candidate("a", 0)]);
    expect(again).toMatchObject({ tried: [], result: { kind: "rate_limit", retryAfterMs: 5 * DAY } });
    expect(String(again.result)).toContain("(ready in 5 d)");
    const both = await run([candidate("a", 0), candidate("b", 0)]);
    expect(String(both.result)).toContain("weekly limit (ready in 5 d)");
  });

  it("is that of the first to be ready", async () => {
    const { run } = setup({
      a: () => refusal(429, { message: "slow" }, { "retry-after": "60" }),
      b: () => refusal(429, { message: "slow" }, { "retry-after": "20" }),
    });
    const { result } = await run([candidate("a", 0), candidate("b", 0)]);
    expect(result).toMatchObject({ kind: "rate_limit", retryAfterMs: 20_000 });
  });

  it("is when we ask again, where the provider does not say", async () => {
    const { run } = setup({ a: () => refusal(429, { message: "slow" }) });
    const { result } = await run([candidate("a", 0)], { patience: waiting() });
    expect(result).toMatchObject({ kind: "rate_limit", retryAfterMs: 2000 });
  });

  it("is the turn of one that would have had to wait too long for it", async () => {
    const { run, health, clock } = setup({});
    const limit = { class: "rate-limit", scope: "account", next: "next-account", message: "slow" } as const;
    health.report("a", "m", { ...limit, retryAfterMs: 500 });
    const patience = waiting(() => 0.5);
    patience.line.join();
    const ready = clock.now() + 500;
    for (let before = 0; before < 200; before++) patience.line.turn("a", ready);
    const { result, tried } = await run([candidate("a", 0)], { patience });
    expect(tried).toEqual([]);
    expect(result).toMatchObject({ kind: "rate_limit", retryAfterMs: 500 + 201 * 5 });
  });

  it("no clock that is set takes the time that a request has", async () => {
    const { run, clock } = setup({ a: () => DOWN });
    let ahead = 0;
    const moved = {
      now: () => clock.now() + ahead,
      monotonic: () => clock.monotonic(),
      setTimeout: clock.setTimeout.bind(clock),
    };
    const log = { debug() {}, info() {}, error() {}, warn: () => (ahead += DAY) };
    const { result, tried } = await run([candidate("a", 0), candidate("b", 0)], { clock: moved, log });
    expect([result, tried]).toEqual(["b", ["a", "a", "b"]]);
  });
});

describe("health", () => {
  it("keeps what was found out after a request began, when that succeeds", () => {
    const { clock, health } = setup({});
    const startedAt = clock.now() - 5;
    health.report("a", "m", {
      class: "rate-limit",
      scope: "account-model",
      next: "next-account",
      message: "slow",
      retryAfterMs: 1000,
    });
    health.report("a", "m", "ok", startedAt);
    expect(health.peek("a", "m")).not.toBe(true);
    health.report("a", "m", "ok");
    expect(health.peek("a", "m")).toBe(true);
  });
});

describe("what this computer has run out of", () => {
  it.each(["EMFILE", "ENFILE", "ENOMEM", "ENOBUFS", "EADDRNOTAVAIL"])(
    "%s holds nobody, asks nobody else, and is said as our own",
    async (code) => {
      const error = Object.assign(new Error("connect failed"), { code });
      const ours = (): AttemptResult => ({ kind: "failed", cause: { kind: "network", error } });
      const { run, health } = setup({ a: ours, b: ours });
      for (let i = 0; i < 5; i++) {
        const { result, tried } = await run([candidate("a", 0), candidate("b", 0)]);
        expect(tried).toHaveLength(1);
        expect(result).toMatchObject({ kind: "unavailable", status: 503, retryable: true });
        expect(String(result)).toMatch(new RegExp(`This computer .*\\(${code}\\): .*No account is to blame`));
      }
      expect(health.snapshot()).toEqual([]);
    },
  );
});
