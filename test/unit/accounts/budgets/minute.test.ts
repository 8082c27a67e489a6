import { expect, it } from "vitest";
import { Minute } from "../../../../src/gateway/accounts/budgets/minute.ts";
import fc from "../../../support/property.ts";

const steps = fc.array(
  fc.record({ after: fc.integer({ min: 0, max: 40 }), amount: fc.integer({ min: 1, max: 9 }) }),
  {
    maxLength: 40,
  },
);

it("sums what came within sixty seconds, and says when it is below a limit again", () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 60 }), (given, limit) => {
      const minute = new Minute();
      const came: { second: number; amount: number }[] = [];
      let second = 0;
      const sumAt = (now: number) =>
        came.filter((each) => now - each.second <= 60).reduce((sum, { amount }) => sum + amount, 0);
      for (const { after, amount } of given) {
        second += after;
        minute.add(second, amount);
        came.push({ second, amount });
        expect(minute.sum(second)).toBe(sumAt(second));
        if (sumAt(second) < limit) continue;
        const wait = minute.wait(second, limit);
        expect(sumAt(second + wait)).toBeLessThan(limit);
        expect(sumAt(second + wait - 1)).toBeGreaterThanOrEqual(limit);
      }
    }),
  );
});

it("corrects a second that is still in it, and none that is over", () => {
  const minute = new Minute();
  minute.add(5, 100);
  minute.correct(5, -40);
  expect(minute.sum(5)).toBe(60);
  minute.add(66, 1);
  minute.correct(5, -60);
  expect(minute.sum(66)).toBe(1);
});
