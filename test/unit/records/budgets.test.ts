/** Budgets and Token Stats count the same requests, tokens and dollars. */
import { afterEach, expect, it } from "vitest";
import type { StatsSums } from "../../../src/control/stats.ts";
import { type Budget, Budgets } from "../../../src/gateway/accounts/budgets/budgets.ts";
import type { RequestRecord } from "../../../src/gateway/records/record.ts";
import fc from "../../support/property.ts";
import { requestRecord, type TestRecords, testRecords } from "../../support/records.ts";

let open: TestRecords;
afterEach(() => open.end());

const PRICES = [{ model: "own", input: 3, output: 5 }];
const LIMITS = { per: "month", limit: 1e9, warnAtPercent: 80, account: "work" } as const;

const anyRecord = fc
  .record({
    path: fc.constantFrom(
      "/v1/chat/completions",
      "/v1/messages",
      "/v1/messages/count_tokens",
      "/v1beta/models/m:countTokens",
      "/v1/responses/input_tokens",
      "/v1/responses/resp_1",
    ),
    model: fc.constantFrom("gpt-5", "own", "no-such-model", undefined),
    input: fc.option(fc.nat(100_000), { nil: undefined }),
    output: fc.nat(10_000),
    cost: fc.option(fc.integer({ min: 0, max: 1000 }), { nil: undefined }),
    broken: fc.boolean(),
    estimated: fc.boolean(),
  })
  .map(({ path, model, input, output, cost, broken, estimated }): RequestRecord => {
    const record = requestRecord({
      path,
      ...(model === undefined ? {} : { model }),
      ...(broken ? { error: { kind: "upstream", message: "It broke off." } } : {}),
    });
    if (model === undefined) delete record.model;
    if (input === undefined) delete record.usage;
    else
      record.usage = {
        input: { total: input, uncached: input, cacheRead: 0, cacheWrite: 0 },
        output: { total: output, reasoning: 0 },
        ...(cost === undefined ? {} : { cost: cost / 1000 }),
        ...(estimated ? { estimated } : {}),
      };
    return record;
  });

it("for whatever requests there were", async () => {
  open = testRecords({ prices: PRICES });
  const { records } = open;
  let before: StatsSums | undefined;
  await fc.assert(
    fc.asyncProperty(fc.array(anyRecord, { maxLength: 30 }), async (all) => {
      const units: readonly Budget[] = (["requests", "tokens", "usd"] as const).map((unit) => ({
        ...LIMITS,
        unit,
      }));
      const budgets = new Budgets({
        clock: { now: () => Date.now() },
        log: { warn: () => {} },
        budgets: () => units,
        prices: () => PRICES,
        published: (account, model) => records.price({ account, provider: "openai", model }),
      });
      for (const record of all) {
        budgets.count(record);
        records.add(record);
      }
      // Prices that are asked for come later.
      await records.price({ account: "work", provider: "openai", model: "gpt-5" });
      await new Promise((resolve) => setImmediate(resolve));
      const { total } = (await records.today()) ?? {};
      const added = (name: "requests" | "input" | "output" | "cost" | "unpriced") =>
        (total?.[name] ?? 0) - (before?.[name] ?? 0);
      const [requests, tokens, usd] = budgets.states();
      expect(requests?.used).toBe(added("requests"));
      expect(tokens?.used).toBe(added("input") + added("output"));
      expect(usd?.used).toBeCloseTo(added("cost"), 6);
      expect(usd?.unpriced).toBe(added("unpriced"));
      before = total;
    }),
    { numRuns: 25 },
  );
});
