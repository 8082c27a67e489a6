import { describe, expect, it } from "vitest";
import { readErrorBody } from "../../../src/gateway/accounts/errorBody.ts";
import { parseDuration, retryAfter } from "../../../src/gateway/accounts/retryTimes.ts";

const NOW = Date.UTC(2026, 8, 1, 12);
const said = (text: string) => retryAfter({}, readErrorBody({ error: { message: text } }), "openai", NOW);
const header = (headers: Record<string, string>) => retryAfter(headers, readErrorBody(""), "openai", NOW);

describe("parseDuration", () => {
  it.each([
    ["6m0s", 360_000],
    ["20ms", 20],
    ["1m30.002s", 90_002],
    ["1h2m3s", 3_723_000],
    ["0s", 0],
    ["26s", 26_000],
    ["12.5", 12_500],
    ["5 days 22 hours 11 minutes", 511_860_000],
    ["9m38.016s", 578_016],
    ["2 hrs", 7_200_000],
  ])("%s", (text, milliseconds) => expect(parseDuration(text)).toBeCloseTo(milliseconds, 3));

  it.each(["", "soon", "never", "5 bananas"])("%j is none", (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );
});

describe("words", () => {
  it.each([
    ["Please try again in 20s.", 20_000],
    ["Please try again in 174ms. Visit…", 174],
    ["Please retry after 7 seconds.", 7000],
    ["Please retry after 1 minute and 5 seconds.", 65_000],
    ["please try again after 1 seconds", 1000],
    ["Please wait 30 seconds before the next request", 30_000],
    ["You've hit your usage limit. Try again in 5 days 22 hours 11 minutes.", 511_860_000],
    ["You will regain access on 2026-09-02 at 00:00 UTC.", 43_200_000],
    ["Your limit will reset at 2026-09-01 13:00:00", 3_600_000],
  ])("%s", (text, milliseconds) => expect(said(text)).toBe(milliseconds));

  it.each(["Limit 30000, Used 28039", "try again later", "regain access on 2020-01-01"])(
    "%s says nothing",
    (text) => expect(said(text)).toBeUndefined(),
  );
});

describe("headers", () => {
  it.each([
    [{ "retry-after": "30" }, 30_000],
    [{ "retry-after": "1.5" }, 1500],
    [{ "retry-after": "Tue, 01 Sep 2026 12:00:10 GMT" }, 10_000],
    [{ "retry-after": "Tue, 01 Sep 2020 12:00:10 GMT" }, undefined],
    [{ "retry-after": "soon" }, undefined],
    [{ "retry-after": "0" }, undefined],
    [{ "retry-after": "-5" }, undefined],
    [{ "x-ratelimit-reset-tokens": "6m0s", "x-ratelimit-remaining-tokens": "0" }, 360_000],
    [{ "x-ratelimit-reset-tokens": "6m0s", "x-ratelimit-remaining-tokens": "5" }, undefined],
    [{ "x-ratelimit-reset-tokens": "6m0s" }, undefined],
    [{ "x-ratelimit-reset": String(NOW + 5000) }, 5000],
    [{ "x-ratelimit-reset": String(NOW / 1000 + 5) }, 5000],
    [{ "x-ratelimit-reset": "5" }, 5000],
  ] as [Record<string, string>, number | undefined][])("%j", (headers, milliseconds) =>
    expect(header(headers)).toBe(milliseconds),
  );

  it("takes the latest of several limits that are used up", () => {
    const headers = {
      "x-ratelimit-remaining-requests": "0",
      "x-ratelimit-reset-requests": "20ms",
      "x-ratelimit-remaining-tokens": "0",
      "x-ratelimit-reset-tokens": "3s",
    };
    expect(header(headers)).toBe(3000);
  });
});
