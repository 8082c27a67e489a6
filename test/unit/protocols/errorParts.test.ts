import { describe, expect, it } from "vitest";
import { PorticoError } from "../../../src/gateway/common/errors.ts";
import { findings, kindOfStatus, retryHeaders, waitIn } from "../../../src/gateway/protocols/errorParts.ts";
import fc from "../../support/property.ts";

describe("the time to wait", () => {
  it.each([
    ["Please try again in 1m2.5s.", 62_500],
    ["Please try again in 20ms. Visit https://example.com", 20],
    ["Rate limit reached. Please retry after 26 seconds.", 26_000],
    ["Please wait for 3 minutes", 180_000],
    ["Try again in 6.5", 6_500],
    ["try again in 250 milliseconds", 250],
    ["Try again in 1 h 30 min", 5_400_000],
    ["try again in 2 days", 172_800_000],
    ["Please retry your request after 5 sec", 5_000],
    ["Try again in a moment", undefined],
    ["Try again. It costs 5s", undefined],
    ["try again in 12parsecs", undefined],
    ["15s", undefined],
    [`try again in ${"9".repeat(400)} s`, undefined],
  ])("%s", (message, wanted) => {
    expect(waitIn(message)).toBe(wanted);
  });

  it("is read in no time, whatever the words", () => {
    for (const word of ["1", "1m", "1 ", "retry in ", "wait", "0.1"]) {
      const began = performance.now();
      waitIn(`retry in ${word.repeat(20_000)}x`);
      expect(performance.now() - began).toBeLessThan(2_000);
    }
  });

  it("is a whole number above 0, or none", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const wait = waitIn(`try again in ${text}`);
        expect(wait === undefined || (Number.isInteger(wait) && wait > 0)).toBe(true);
      }),
    );
  });
});

it("a status has a class, whatever it is", () => {
  expect([400, 401, 402, 413, 415, 429, 498, 500, 503, 529, 599].map(kindOfStatus)).toEqual([
    ...["invalid_request", "authentication", "billing", "too_large", "invalid_request", "rate_limit"],
    ...["overloaded", "upstream", "unavailable", "overloaded", "upstream"],
  ]);
});

it("findings are one sentence, each with its place", () => {
  expect(findings([{ loc: ["body", "x", 0], msg: "missing" }, "odd", { message: "wrong" }, 7])).toBe(
    "body.x.0: missing; odd; wrong",
  );
  expect(findings(Array.from({ length: 50 }, () => "no"))?.split("; ")).toHaveLength(10);
  for (const none of [[], [7], "text", undefined]) expect(findings(none)).toBeUndefined();
});

it("headers say when, and whether at all, a retry makes sense", () => {
  const error = (more: object) => new PorticoError("rate_limit", "slow down", more);
  expect(retryHeaders(error({ retryAfterMs: 1_001 }))).toEqual({ "retry-after": "2" });
  expect(retryHeaders(error({ retryable: false }))).toEqual({ "x-should-retry": "false" });
  expect(retryHeaders(error({}))).toEqual({});
});
