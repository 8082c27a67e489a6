import { describe, expect, it } from "vitest";
import { type Budget, type BudgetPorts, Budgets } from "../../../../src/gateway/accounts/budgets/budgets.ts";
import { deferred } from "../../../../src/gateway/common/deferred.ts";
import { alone } from "../../../../src/gateway/pool/alone.ts";
import type { Room } from "../../../../src/gateway/pool/port.ts";
import type { Usage } from "../../../../src/gateway/protocols/chat.ts";
import { ownPrice, type Price } from "../../../../src/gateway/records/price.ts";
import type { RequestRecord } from "../../../../src/gateway/records/record.ts";
import { periodOf } from "../../../../src/gateway/settings/budgetPeriod.ts";
import fc from "../../../support/property.ts";

const usage = (input: number, output: number, cacheRead = 0): Usage => ({
  input: { total: input, uncached: input - cacheRead, cacheRead, cacheWrite: 0 },
  output: { total: output, reasoning: 0 },
});

function record(account: string, tokens?: Usage, more: Partial<RequestRecord> = {}): RequestRecord {
  return {
    id: "r",
    time: 0,
    method: "POST",
    path: "/v1/chat/completions",
    protocol: "openai-chat",
    model: "gpt-5",
    attempts: [],
    status: 200,
    durationMs: 1,
    warnings: [],
    bytesOut: 0,
    account,
    modelUsed: "gpt-5",
    lane: "A",
    ...(tokens === undefined ? {} : { usage: tokens }),
    ...more,
  };
}

const noon = new Date(2026, 0, 15, 12).getTime();

function setup(budgets: Partial<Budget>[], prices: Price[] = []) {
  const clock = { time: noon, now: () => clock.time };
  const warnings: string[] = [];
  const all = budgets.map(
    (budget): Budget => ({ unit: "requests", per: "day", limit: 10, warnAtPercent: 80, ...budget }),
  );
  const ports = {
    clock,
    log: { warn: (message: string) => void warnings.push(message) },
    budgets: () => all,
    prices: () => prices,
  };
  return { clock, warnings, budgets: new Budgets(ports), ports };
}

describe("budgets", () => {
  it("warn once at the threshold, stop at the limit, start over with the period", () => {
    const { clock, warnings, budgets } = setup([{ account: "a", limit: 5 }]);
    for (let i = 0; i < 3; i++) budgets.count(record("a"));
    expect(warnings).toEqual([]);
    budgets.count(record("a"));
    expect(warnings).toEqual(['The budget of "a" is nearly used up: 4 requests of 5 requests this day']);
    expect(budgets.withheld("a")).toBeUndefined();
    budgets.count(record("a"));
    expect(warnings).toHaveLength(2);
    const until = new Date(2026, 0, 16).getTime();
    expect(budgets.withheld("a")).toMatchObject({ why: "budget", until });
    expect(budgets.withheld("b")).toBeUndefined();
    budgets.count(record("a"));
    expect(warnings).toHaveLength(2);
    clock.time = until;
    expect(budgets.withheld("a")).toBeUndefined();
    expect(budgets.states()).toMatchObject([{ used: 0, state: "ok" }]);
  });

  it("count tokens of all accounts together, and neither the sandbox nor what nobody answered", () => {
    const { budgets } = setup([{ unit: "tokens", limit: 100 }]);
    budgets.count(record("a", usage(30, 10)));
    budgets.count(record("b", usage(50, 9)));
    budgets.count(record("sandbox", usage(500, 500), { lane: "sandbox" }));
    const { account: _account, ...nobody } = record("x", usage(500, 500));
    budgets.count(nobody);
    expect(budgets.states()).toMatchObject([{ used: 99, state: "warning" }]);
    budgets.count(record("c", usage(1, 0)));
    expect(budgets.withheld("whoever")?.reason).toContain("The budget of all accounts is used up");
  });

  it("count dollars where a price is given, and say how many requests had none", () => {
    const prices = [{ model: "gpt-*", input: 2, output: 10, cacheRead: 0.5 }];
    const { budgets } = setup([{ unit: "usd", per: "month", limit: 1 }], prices);
    budgets.count(record("a", usage(100_000, 10_000, 40_000)));
    budgets.count(record("a", usage(100_000, 10_000), { modelUsed: "other" }));
    // As in Token Stats, what used nothing that is known has no price to miss.
    budgets.count(record("a"));
    const [state] = budgets.states();
    expect(state?.used).toBeCloseTo(0.12 + 0.02 + 0.1);
    expect(state?.unpriced).toBe(1);
  });

  it("survive as plain data, also with another limit; periods that are over do not", () => {
    const { budgets, clock, ports } = setup([{ limit: 5 }, { per: "week", limit: 50 }]);
    for (let i = 0; i < 5; i++) budgets.count(record("a"));
    const again = new Budgets({ ...ports, budgets: () => [{ ...(ports.budgets()[0] as Budget), limit: 6 }] });
    again.restore([...budgets.snapshot(), { unit: "requests" }, null]);
    expect(again.states()).toMatchObject([{ used: 5, state: "warning" }]);
    clock.time += 86_400_000;
    expect(budgets.snapshot()).toMatchObject([{ per: "week", used: 5 }]);
  });
});

describe("budgets in USD, with published prices", () => {
  const usd: Budget = { unit: "usd", per: "day", limit: 10, warnAtPercent: 80 };
  const prices = [{ model: "own", input: 7, output: 0 }];

  function published(answer: (model: string) => ReturnType<NonNullable<BudgetPorts["published"]>>) {
    const { ports, clock, warnings } = setup([usd], prices);
    const asked: string[] = [];
    const all = [usd];
    const budgets = new Budgets({
      ...ports,
      budgets: () => all,
      published: (account, model) => {
        asked.push(`${account} ${model}`);
        return answer(model);
      },
    });
    return { budgets, clock, warnings, asked };
  }

  it("count by them where the person has none of their own", () => {
    const { budgets, asked } = published((model) =>
      model === "known" ? { input: 2, output: 0 } : undefined,
    );
    budgets.count(record("a", usage(1_000_000, 0), { modelUsed: "known" }));
    budgets.count(record("a", usage(1_000_000, 0), { modelUsed: "own" }));
    budgets.count(record("a", usage(1_000_000, 0), { modelUsed: "unknown" }));
    expect(budgets.states()).toMatchObject([{ used: 9, unpriced: 1, state: "warning" }]);
    expect(asked).toEqual(["a known", "a unknown"]);
  });

  it("count in the period in which the request ended, also where the price comes late", async () => {
    const price = deferred<{ input: number; output: number } | undefined>();
    const { budgets, clock, warnings } = published(() => price.promise);
    budgets.count(record("a", usage(5_000_000, 0)));
    expect(budgets.states()).toMatchObject([{ used: 0, unpriced: 0 }]);
    clock.time += 86_400_000;
    expect(budgets.states()).toMatchObject([{ used: 0 }]);
    price.resolve({ input: 2, output: 0 });
    await price.promise;
    expect(budgets.states()).toMatchObject([{ used: 0, unpriced: 0 }]);
    budgets.count(record("a", usage(4_000_000, 0)));
    await price.promise;
    expect(budgets.states()).toMatchObject([{ used: 8, state: "warning" }]);
    expect(warnings.at(-1)).toContain("nearly used up");
  });

  it("say so where no price can be had", async () => {
    const { budgets } = published(() => Promise.reject(new Error("gone")));
    budgets.count(record("a", usage(1, 1)));
    await new Promise((resolve) => setImmediate(resolve));
    expect(budgets.states()).toMatchObject([{ used: 0, unpriced: 1 }]);
  });
});

describe("what is counted", () => {
  it("is not a count of tokens, nor what has no model", () => {
    const { budgets } = setup([{ account: "a", unit: "requests" }]);
    for (const path of [
      "/v1/messages/count_tokens",
      "/v1beta/models/m:countTokens",
      "/v1/responses/input_tokens",
    ])
      budgets.count(record("a", undefined, { path }));
    const { model: _model, ...without } = record("a", undefined, { path: "/v1/responses/resp_1" });
    budgets.count(without);
    expect(budgets.states()).toMatchObject([{ used: 0 }]);
    budgets.count(record("a"));
    expect(budgets.states()).toMatchObject([{ used: 1 }]);
  });

  it("is what the provider says that it charged, unless the person knows better", () => {
    const prices = [{ model: "own", input: 7, output: 0 }];
    const { budgets } = setup([{ unit: "usd" }], prices);
    budgets.count(record("a", { ...usage(1_000_000, 0), cost: 0.25 }));
    budgets.count(record("a", { ...usage(1_000_000, 0), cost: 0 }));
    budgets.count(record("a", { ...usage(1_000_000, 0), cost: 0.25 }, { modelUsed: "own" }));
    expect(budgets.states()).toMatchObject([{ used: 7.25, unpriced: 0 }]);
  });
});

describe("a price of the person's own", () => {
  it("is the one that names the model most closely", () => {
    const prices = [
      { model: "*", input: 1, output: 1 },
      { model: "gpt-5*", input: 2, output: 2 },
      { model: "gpt-5*", account: "a", input: 3, output: 3 },
    ];
    const price = (account: string, model: string) => ownPrice(prices, account, model)?.input;
    expect([price("a", "gpt-5"), price("b", "gpt-5"), price("b", "x")]).toEqual([3, 2, 1]);
    expect(ownPrice([], "a", "gpt-5")).toBeUndefined();
  });
});

describe("periodOf", () => {
  it("is the person's own calendar", () => {
    const at = (...parts: [number, number, number]) => new Date(...parts).getTime();
    expect(periodOf("day", noon)).toEqual({ start: at(2026, 0, 15), end: at(2026, 0, 16) });
    expect(periodOf("week", noon)).toEqual({ start: at(2026, 0, 12), end: at(2026, 0, 19) });
    expect(periodOf("month", noon)).toEqual({ start: at(2026, 0, 1), end: at(2026, 1, 1) });
    const sunday = new Date(2026, 0, 18, 23, 59).getTime();
    expect(periodOf("week", sunday).start).toBe(at(2026, 0, 12));
  });
});

describe("claims", () => {
  const expected = () => ({ input: 10, output: 30 });

  it("never let more requests in than are left, however they come and go", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.constantFrom("claim", "answered", "failed"), { maxLength: 60 }),
        (limit, steps) => {
          const { budgets } = setup([{ limit }, { account: "a", limit: limit + 3 }]);
          const open: RequestRecord[] = [];
          let answered = 0;
          for (const step of steps) {
            if (step === "claim") {
              const request = record("a");
              const refused = budgets.claim(request, "a", "m", expected);
              expect(refused === undefined).toBe(answered + open.length < limit);
              if (refused === undefined) open.push(request);
              continue;
            }
            const request = open.shift();
            if (request === undefined) continue;
            if (step === "answered") {
              answered++;
              budgets.count(request);
            } else budgets.release(request);
          }
          expect(budgets.states()[0]?.used).toBe(answered);
        },
      ),
    );
  });

  it("are of tokens what the request may use, and nothing once it is known what it used", () => {
    const { budgets } = setup([{ unit: "tokens", limit: 100 }]);
    const [one, two, three] = [record("a", usage(5, 5)), record("a", usage(5, 5)), record("a", usage(5, 5))];
    expect(budgets.claim(one, "a", "m", expected)).toBeUndefined();
    expect(budgets.claim(two, "a", "m", expected)).toBeUndefined();
    expect(budgets.claim(three, "a", "m", expected)).toBeUndefined();
    expect(budgets.claim({}, "a", "m", expected)).toMatchObject({
      why: "budget",
      reason: expect.stringMatching(/0 tokens used and up to 120 tokens claimed of 100 tokens/),
    });
    for (const each of [one, two, three]) budgets.count(each);
    expect(budgets.states()).toMatchObject([{ used: 30, state: "ok" }]);
    expect(budgets.withheld("a")).toBeUndefined();
  });

  it("move with the request to the next account", () => {
    const { budgets } = setup([
      { account: "a", limit: 1 },
      { account: "b", limit: 1 },
    ]);
    const request = {};
    expect(budgets.claim(request, "a", "m", expected)).toBeUndefined();
    expect(budgets.withheld("a")).toBeDefined();
    expect(budgets.claim(request, "b", "m", expected)).toBeUndefined();
    expect(budgets.withheld("a")).toBeUndefined();
    expect(budgets.withheld("b")).toBeDefined();
    budgets.release(request);
    expect(budgets.withheld("b")).toBeUndefined();
  });

  it("are of dollars what the known price makes of them", () => {
    const prices = [{ model: "m", input: 1, output: 1 }];
    const { budgets } = setup([{ unit: "usd", limit: 0.00007 }], prices);
    expect(budgets.claim({}, "a", "m", expected)).toBeUndefined();
    expect(budgets.claim({}, "a", "m", expected)).toBeUndefined();
    expect(budgets.claim({}, "a", "m", expected)).toBeDefined();
    expect(budgets.claim({}, "a", "unknown", expected)).toBeDefined();
  });

  it("let nobody in where a pool's sum answers twice in a row, and differently", async () => {
    const { ports } = setup([{ account: "a", limit: 5 }]);
    const rooms: Room[] = ["ask", "ask", "no", "ask", "no", "ask", "no"];
    const counter = {
      ...{ used: 5, elsewhere: 0, limit: 5 },
      add: () => {},
      room: () => rooms.shift() ?? "no",
      ask: () => Promise.resolve(),
    };
    const standing = { name: "p", state: "joined", since: 0, gateways: ["g"], whenAway: "share" } as const;
    const budgets = new Budgets({
      ...ports,
      pool: { ...alone, standing, counter: () => counter },
      shared: () => "all",
    });
    expect(await budgets.claim({}, "a", "m", expected)).toMatchObject({ why: "budget" });
  });
});
