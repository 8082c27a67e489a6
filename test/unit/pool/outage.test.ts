/** What gateways of a pool let in together where their engine stops between any two steps. */
import { describe, expect, it } from "vitest";
import { MOST_LEASED } from "../../../src/gateway/pool/counter.ts";
import { PoolModel } from "../../support/poolModel.ts";
import fc from "../../support/property.ts";

const RUNS = 150;

const byte = fc.nat(255);
type Step = readonly [what: number, a: number, b: number];
const steps = (most: number) => fc.array(fc.tuple(fc.nat(99), byte, byte), { maxLength: most });
const bit = (mask: number, index: number) => ((mask >> index) & 1) === 1;

/** One gateway alone has much to do; what the others are told of it is on its way. */
async function burst(model: PoolModel, at: number, rounds: number): Promise<void> {
  const gateway = model.gateways[at];
  for (let round = 0; round < rounds; round++) {
    for (let each = 0; each < MOST_LEASED; each++) gateway?.begin();
    await model.turn((index) => index === at);
    await model.deliver(2 * at);
    for (let each = 0; each < MOST_LEASED; each++) gateway?.end();
  }
}

/** Requests come and end, reports are due, the engine has its turns, in whichever order. */
async function work(model: PoolModel, [what, a, b]: Step): Promise<void> {
  const gateway = model.gateways[a % model.gateways.length];
  if (gateway === undefined) return;
  if (what < 35) for (let each = 0; each <= b; each++) gateway.begin();
  else if (what < 50) for (let each = 0; each <= b; each++) gateway.end();
  else if (what < 60) gateway.report();
  else if (what < 65) await burst(model, a % model.gateways.length, b % 20);
  else if (what < 78) await model.turn((index) => bit(b, index));
  else if (what < 96) await model.deliver(b);
  else {
    // No answer takes so long that its gateway would give the engine up.
    await model.quiet();
    model.pass(b);
  }
}

/** All that may still be let in. */
async function useUp(model: PoolModel): Promise<void> {
  for (let idle = 0; idle < 20; ) {
    const before = model.passed;
    for (const gateway of model.gateways) for (let each = 0; each < 100; each++) gateway.begin();
    await model.quiet();
    for (const gateway of model.gateways) for (let each = 0; each < 100; each++) gateway.end();
    model.pass(250);
    for (const gateway of model.gateways) gateway.report();
    await model.quiet();
    idle = model.passed === before ? idle + 1 : 0;
  }
}

const setting = {
  limit: fc.integer({ min: 1, max: 4000 }),
  count: fc.integer({ min: 1, max: 4 }),
};

describe("gateways whose engine is lost", () => {
  it("together let in less than one lease too many for each, wherever it stops, and each has its share", async () => {
    let most = 0;
    await fc.assert(
      fc.asyncProperty(
        setting.limit,
        setting.count,
        steps(120),
        byte,
        byte,
        steps(40),
        async (limit, count, before, asks, sends, between) => {
          const model = new PoolModel(limit);
          for (const [at, step] of before.entries()) {
            // They come one by one, in the midst of it.
            if (model.gateways.length < count && at % 20 === 0) await model.join();
            await work(model, step);
          }
          while (model.gateways.length < count) await model.join();
          // It stops in a turn in which many are asking.
          for (const gateway of model.gateways)
            for (let each = 0; each <= MOST_LEASED; each++) gateway.begin();
          await model.turn(
            (index) => bit(asks, index),
            (connection) => bit(sends, connection),
          );
          for (const [what, a, b] of between) {
            // They notice it one by one.
            if (what >= 80) model.gateways[b % count]?.notices();
            else await work(model, [what, a, b]);
          }
          await model.quiet();
          for (const gateway of model.gateways) gateway.notices();
          await useUp(model);
          most = Math.max(most, model.passed - limit);
          expect(model.passed).toBeLessThanOrEqual(limit + MOST_LEASED * (count - 1));
          expect(model.passed).toBeGreaterThanOrEqual(Math.min(limit, 1) && limit - 2 * MOST_LEASED * count);
        },
      ),
      { numRuns: RUNS },
    );
    // It does happen that some are too many: else nothing would be shown.
    expect(most).toBeGreaterThan(0);
  });

  it("know of what one alone has taken until then", async () => {
    const model = new PoolModel(4000);
    for (let each = 0; each < 2; each++) await model.join();
    await burst(model, 0, 40);
    const { passed } = model;
    expect(passed).toBeGreaterThan(1500);
    model.frozen = true;
    await model.quiet();
    for (const gateway of model.gateways) gateway.notices();
    await useUp(model);
    expect(model.passed).toBeLessThanOrEqual(4000);
    expect(model.gateways[1]?.passed).toBeGreaterThan((4000 - passed) / 2 - MOST_LEASED);
  });

  it("let in no more than that where it comes back, as it was or empty, whoever finds it first", async () => {
    let most = 0;
    await fc.assert(
      fc.asyncProperty(
        setting.limit,
        setting.count,
        fc.array(
          fc.record({
            work: steps(50),
            away: steps(30),
            empty: fc.boolean(),
            order: byte,
            backAfter: fc.nat(1000),
          }),
          {
            minLength: 1,
            maxLength: 3,
          },
        ),
        async (limit, count, outages) => {
          const model = new PoolModel(limit);
          for (let each = 0; each < count; each++) await model.join();
          for (const { work: before, away, empty, order, backAfter } of outages) {
            for (const step of before) await work(model, step);
            await model.quiet();
            model.frozen = true;
            for (const gateway of model.gateways) gateway.notices();
            for (const step of away) await work(model, step);
            if (empty) model.wipe();
            model.frozen = false;
            await model.quiet();
            const rest = [...model.gateways];
            while (rest.length > 0) {
              const [next] = rest.splice(order % rest.length, 1);
              if (next !== undefined) await model.back(next);
              // Those who are back go on; the next comes a moment later.
              for (const step of away) await work(model, [Math.min(step[0], 95), step[1], step[2]]);
              await model.quiet();
              model.pass(backAfter);
              for (const gateway of model.gateways) gateway.report();
              await model.quiet();
            }
          }
          await useUp(model);
          most = Math.max(most, model.passed - limit);
          expect(model.passed).toBeLessThanOrEqual(limit + MOST_LEASED * (count - 1));
          // Nothing is lost for good.
          expect(model.passed).toBeGreaterThanOrEqual(limit - MOST_LEASED * count);
        },
      ),
      { numRuns: RUNS },
    );
  });

  it("are let in as before where it was emptied, and nobody noticed", async () => {
    await fc.assert(
      fc.asyncProperty(
        setting.limit,
        setting.count,
        steps(80),
        steps(80),
        async (limit, count, before, after) => {
          const model = new PoolModel(limit);
          for (let each = 0; each < count; each++) await model.join();
          for (const step of before) await work(model, step);
          model.wipe();
          for (const step of after) await work(model, step);
          await useUp(model);
          expect(model.passed).toBeLessThanOrEqual(limit + MOST_LEASED * count);
          expect(model.passed).toBeGreaterThanOrEqual(limit - MOST_LEASED * count);
        },
      ),
      { numRuns: RUNS },
    );
  });
});
