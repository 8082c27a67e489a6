import { describe, expect, it } from "vitest";
import { clearNews, holdNews, holdOf, quotaNews, quotaOf, readNews } from "../../../src/gateway/pool/news.ts";

const HOUR = 3_600_000;
/** The clock of who tells; that of who hears is an hour ahead. */
const NOW = Date.UTC(2026, 10, 30, 12);
const hold = {
  account: "a-shared-name",
  model: "m-1",
  condition: "cooling",
  because: "rate-limit",
  since: NOW - 5000,
  at: NOW - 1000,
  until: NOW + 60_000,
  resetAt: NOW + 90_000,
  failures: 3,
};

describe("what gateways tell each other", () => {
  it("is the same hold by another clock, also when it is read later", () => {
    const news = readNews(JSON.stringify(holdNews(hold, "id-1", "me", NOW)));
    if (news?.kind !== "hold") throw new Error("no hold");
    const [later, elapsed] = [NOW + HOUR + 700, 700];
    const { since, at, until, resetAt, ...rest } = holdOf(news, later, elapsed);
    expect({ since, at, until, resetAt }).toEqual({
      since: hold.since + HOUR,
      at: hold.at + HOUR,
      until: hold.until + HOUR,
      resetAt: hold.resetAt + HOUR,
    });
    expect(rest).toEqual({
      account: "a-shared-name",
      model: "m-1",
      condition: "cooling",
      because: "rate-limit",
      failures: 3,
    });
  });

  it("has no moment in it", () => {
    const quota = {
      account: "a",
      name: "requests",
      unit: "requests",
      readAt: NOW - 10,
      resetAt: NOW + HOUR,
      source: "headers",
    };
    const told = [
      holdNews(hold, "id-1", "me", NOW),
      clearNews({ account: "a", before: NOW - 10 }, "me", NOW),
      quotaNews(quota, "me", NOW),
    ];
    const numbers = JSON.stringify(told).match(/-?\d+/g)?.map(Number) ?? [];
    expect(Math.max(...numbers)).toBeLessThan(2 * HOUR);
    expect(quotaOf(quotaNews(quota, "me", NOW), NOW + HOUR)).toEqual({
      ...quota,
      readAt: quota.readAt + HOUR,
      resetAt: quota.resetAt + HOUR,
    });
  });

  it.each([
    ["no JSON", "{"],
    ["another kind", JSON.stringify({ kind: "later", from: "x" })],
    ["a negative age", JSON.stringify({ ...holdNews(hold, "id", "me", NOW), age: -1 })],
    ["an age that is no number", JSON.stringify({ ...holdNews(hold, "id", "me", NOW), age: "1" })],
    ["a remaining time of ages", JSON.stringify({ ...holdNews(hold, "id", "me", NOW), left: 1e15 })],
    ["a long name", JSON.stringify({ ...holdNews(hold, "id", "me", NOW), because: "x".repeat(300) })],
    ["a long text", JSON.stringify({ ...holdNews(hold, "id", "me", NOW), more: "x".repeat(5000) })],
  ])("is passed over where it is %s", (_what, text) => {
    expect(readNews(text)).toBeUndefined();
  });

  it("may say more than this version knows", () => {
    expect(readNews(JSON.stringify({ ...holdNews(hold, "id", "me", NOW), more: 1 }))?.kind).toBe("hold");
  });
});
