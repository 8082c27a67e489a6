/** Whom the attempt loop blames: the account, its provider, or the request. */
import { describe, expect, it } from "vitest";
import { CLASSES, classify } from "../../../src/gateway/accounts/failures.ts";
import { AccountHealth } from "../../../src/gateway/accounts/health.ts";
import { Scheduler } from "../../../src/gateway/accounts/schedule/scheduler.ts";
import type { Account } from "../../../src/gateway/providers/account.ts";
import { endpoint } from "../../../src/gateway/providers/endpoints.ts";
import type { ProviderId } from "../../../src/gateway/providers/ids.ts";
import { PROVIDERS } from "../../../src/gateway/providers/providers.ts";
import type { AttemptRecord } from "../../../src/gateway/records/record.ts";
import type { AttemptDeps } from "../../../src/gateway/requests/attempts/dependencies.ts";
import { UpstreamReply } from "../../../src/gateway/requests/attempts/finalError.ts";
import { runAttempts } from "../../../src/gateway/requests/attempts/loop.ts";
import type { Candidate } from "../../../src/gateway/routing/candidate.ts";
import { defaultSettings } from "../../../src/gateway/settings/settings.ts";
import type { AttemptResult } from "../../../src/gateway/upstream/relay/result.ts";
import { SimulatedClock } from "../../support/simulation/clock.ts";
import { FAILURE_CASES, NOW } from "../accounts/failures.cases.ts";

const DONE: AttemptResult = { kind: "done", status: 200 };
const refusal = (status: number, body: unknown, headers = {}): AttemptResult => {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { kind: "failed", cause: { kind: "reply", status, headers, body: Buffer.from(text) } };
};
const error = (status: number, message: string, code: string | null = null) =>
  refusal(status, { error: { message, type: "invalid_request_error", code } });

function candidate(id: string, provider: ProviderId = "custom"): Candidate {
  const account: Account = {
    id,
    label: id,
    provider: PROVIDERS[provider],
    priority: 0,
    enabled: true,
    endpoints: new Map([["openai-chat", { ...endpoint("openai-chat", undefined), base: `http://${id}/v1` }]]),
    models: undefined,
    proxy: undefined,
    key: () => Promise.resolve(undefined),
  };
  return { account, protocol: "openai-chat", model: "m", target: 0 };
}

/** Each account answers as its place in `answers` says; those beyond it are well. */
async function ask(
  answers: readonly AttemptResult[],
  {
    accounts = answers.length,
    provider,
    ...deps
  }: Partial<AttemptDeps> & { accounts?: number; provider?: ProviderId } = {},
) {
  const clock = new SimulatedClock(NOW);
  const health = new AccountHealth({ clock, random: () => 0 });
  const scheduler = new Scheduler({
    clock,
    settings: () => ({ ...defaultSettings.scheduling, strategy: "cache-first" }),
    quotas: { remaining: () => undefined, nextReset: () => undefined, spentUntil: () => undefined },
    budget: () => undefined,
  });
  const all = Array.from({ length: accounts }, (_, at) => candidate(`a${at}`, provider));
  const records: AttemptRecord[] = [];
  const running = runAttempts(
    all,
    ({ account: { id } }) => Promise.resolve(answers[Number(id.slice(1))] ?? DONE),
    { signal: new AbortController().signal, committed: false },
    records,
    {
      health,
      scheduler,
      facts: { protocol: "openai-chat", model: "m", session: undefined },
      clock,
      random: () => 0,
      log: { debug() {}, info() {}, warn() {}, error() {} },
      upstream: defaultSettings.upstream,
      ...deps,
    },
  ).then(
    ({ candidate: { account } }) => account.id,
    (thrown: unknown) => thrown,
  );
  await clock.run();
  return {
    result: await running,
    tried: records.map(({ account }) => account),
    held: all.filter(({ account }) => health.state(account.id).length > 0).map(({ account }) => account.id),
  };
}

const many = (count: number, answer: AttemptResult) => Array.from({ length: count }, () => answer);

describe("a pool of which one account works", () => {
  it.each([
    ["a refused key", error(401, "Incorrect API key provided", "invalid_api_key")],
    ["no money", error(402, "Insufficient credits")],
    ["no permission", error(403, "Nope")],
    ["a missing model", error(404, "no such thing", "model_not_found")],
    ["a rate limit", refusal(429, { error: { message: "slow" } }, { "retry-after": "60" })],
    ["a used-up quota", refusal(429, { error: { message: "slow" } }, { "retry-after": "7200" })],
  ])("answers, however many others have %s", async (_name, answer) => {
    const { result, tried, held } = await ask(many(6, answer), { accounts: 7 });
    expect(result).toBe("a6");
    expect(tried).toHaveLength(7);
    expect(held).toHaveLength(6);
    expect((await ask(many(25, answer), { accounts: 26 })).result).toBe("a25");
  });

  it("asks each account once, where all refuse at once", async () => {
    const { result, tried } = await ask(
      many(30, error(401, "Incorrect API key provided", "invalid_api_key")),
    );
    expect(tried).toHaveLength(30);
    expect(result).toMatchObject({ kind: "authentication" });
    expect(String(result)).not.toContain("not asked");
  });

  it("counts what costs time, and says that some were not asked", async () => {
    const upstream = { ...defaultSettings.upstream, maxAttempts: 4 };
    const { result, tried } = await ask(many(9, error(500, "boom")), { upstream });
    expect(tried).toHaveLength(4);
    expect(String(result)).toContain(
      "7 more accounts were not asked after 4 attempts (upstream.maxAttempts)",
    );
    const once = { ...upstream, maxAttempts: 1 };
    expect(String((await ask(many(2, error(500, "boom")), { upstream: once })).result)).toContain(
      "1 more account was not asked after 1 attempt (upstream.maxAttempts)",
    );
    const last = await ask(many(1, error(500, "boom")), { upstream: once });
    expect(String(last.result)).not.toContain("not asked");
  });

  it("says so too when the time is up", async () => {
    const upstream = { ...defaultSettings.upstream, retryDeadlineMs: -1 };
    const { result } = await ask(many(3, error(500, "boom")), { upstream });
    expect(String(result)).toContain("2 more accounts were not asked for lack of time");
  });
});

describe("a request that is at fault", () => {
  it("holds nobody, and its own error comes back, after two accounts at most", async () => {
    const hostile = error(400, "user: credit balance is too low is longer than 10");
    for (const size of [1, 2, 3, 7]) {
      const { result, tried, held } = await ask(many(size, hostile));
      expect(held).toEqual([]);
      expect(tried).toHaveLength(Math.min(size, 2));
      expect(result).toBeInstanceOf(UpstreamReply);
      expect(result).toMatchObject({ kind: "invalid_request", status: 400, retryable: false });
    }
  });

  it("takes back what two 403s in unknown words have held", async () => {
    const answer = error(403, "Your text has been suspended");
    const { result, tried, held } = await ask(many(3, answer));
    expect(tried).toHaveLength(2);
    expect(held).toEqual([]);
    expect(result).toBeInstanceOf(UpstreamReply);
    expect(result).toMatchObject({ status: 403 });
  });

  it.each([
    ["a code", error(403, "suspended", "account_suspended")],
    ["a 401", error(401, "account has been suspended")],
    ["a 402", error(402, "account has been suspended")],
  ])("takes back nothing that rests on %s", async (_name, sure) => {
    const doubted = error(403, "Your text has been suspended");
    expect((await ask([doubted, sure])).held).toEqual(["a0", "a1"]);
    expect((await ask([sure, sure])).held).toEqual(["a0", "a1"]);
  });

  it("takes back no known sentence", async () => {
    const { held } = await ask(
      many(2, refusal(403, { error: { message: "Key limit exceeded (total limit).", code: 403 } })),
      {
        provider: "openrouter",
      },
    );
    expect(held).toEqual(["a0", "a1"]);
  });

  it("that replays what nobody can read comes back with its own error", async () => {
    const { result, held } = await ask(many(3, error(400, "The encrypted content could not be verified.")));
    expect(held).toEqual([]);
    expect(result).toBeInstanceOf(UpstreamReply);
    expect(result).toMatchObject({ status: 400 });
  });

  it("is still tried by all where the words speak of a missing model", async () => {
    const missing = error(404, "The model m does not exist");
    const { result, held } = await ask(many(3, missing), { accounts: 4 });
    expect([result, held]).toEqual(["a3", []]);
    const nobody = await ask(many(3, missing));
    expect(nobody.result).toBeInstanceOf(UpstreamReply);
    expect(nobody.result).toMatchObject({ status: 404 });
  });
});

const TRUE_CASES = FAILURE_CASES.filter(({ provider, status, headers = {}, body }) => {
  const failure = classify({ provider, protocol: "openai-chat", status, headers, body, now: NOW });
  return failure.scope !== "none" && CLASSES[failure.class].scope !== "none";
});

describe("accounts that are truly bad in the same way", () => {
  it("are of most providers", () => {
    expect(TRUE_CASES.length).toBeGreaterThanOrEqual(80);
  });

  it.each(TRUE_CASES.map((one) => [`${one.provider}, ${one.name} (${one.status})`, one] as const))(
    "are all held: %s",
    async (_name, { provider, status, headers, body }) => {
      for (const size of [1, 2, 3]) {
        const { tried, held } = await ask(many(size, refusal(status, body, headers)), { provider });
        expect(held).toHaveLength(size);
        expect(new Set(tried).size).toBe(size);
      }
    },
  );
});
