/** What needs a person, and what is left of quotas, as data. */
import { describe, expect, it } from "vitest";
import type { QuotaView } from "../../src/control/accounts.ts";
import type { BudgetView } from "../../src/control/stats.ts";
import { rowTarget } from "../../src/webviews/components/rows.ts";
import { Format } from "../../src/webviews/format.ts";
import { needsOf } from "../../src/webviews/state/needs.ts";
import { quotaLines } from "../../src/webviews/state/quotas.ts";
import { account } from "../support/pages/worlds.ts";

const HOUR = 3_600_000;
/** Half past two. */
const NOW = new Date(2026, 2, 12, 14, 30).getTime();
const MIDNIGHT = new Date(2026, 2, 13).getTime();
const format = new Format("en-u-hc-h23");
const plain = (text: string) => text.replaceAll("\u00a0", " ");

function daily(change: Partial<QuotaView>): QuotaView {
  return { name: "requests", unit: "requests", window: "day", limit: 100, resetAt: MIDNIGHT, ...change };
}

describe("quotaLines", () => {
  it("puts the tightest first, in words", () => {
    const lines = quotaLines(
      account("a", {
        quotas: [
          { name: "credit", unit: "usd", remaining: 12.6, limit: 20, readAt: NOW - 60_000 },
          {
            name: "tokens",
            unit: "tokens",
            remaining: 9000,
            limit: 450_000,
            window: "minute",
            resetAt: NOW + 12_000,
          },
          { name: "calls", unit: "calls", model: "m", remaining: 12_345 },
          { name: "unknown", unit: "tokens" },
        ],
      }),
      format,
      NOW,
    );
    expect(lines.map(({ label, value, share }) => [label, plain(value), share])).toEqual([
      ["tokens / min", "2 %", 0.02],
      ["credit", "$12.60", 0.63],
      ["m", "12.3 k", undefined],
    ]);
    expect(lines[0]?.title).toBe("tokens / min · 9,000 of 450,000 tokens left");
    expect(plain(lines[1]?.title ?? "")).toBe("credit · $12.60 of $20.00 left · read 1 min ago");
  });

  it("says the same in bar, number and title, and that it was reset", () => {
    const [line] = quotaLines(
      account("a", { quotas: [daily({ remaining: 3, resetAt: NOW - 1, readAt: NOW - HOUR })] }),
      format,
      NOW,
    );
    expect(line).toMatchObject({ share: 1, label: "requests / day" });
    expect(plain(line?.value ?? "")).toBe("100 %");
    expect(plain(line?.title ?? "")).toBe(
      "requests / day · 100 of 100 requests left since its reset · read 1 h ago",
    );
    expect(line?.resetAt).toBeUndefined();
  });

  it("has no full bar for an account that is used up", () => {
    const held = [
      { condition: "exhausted", reason: "Usage limit", until: NOW + HOUR, resetAt: NOW + 5 * HOUR } as const,
    ];
    const lines = quotaLines(
      account("a", { state: "exhausted", held, quotas: [daily({ remaining: 81 })] }),
      format,
      NOW,
    );
    expect(lines.map(({ label, value, share, resetAt }) => [label, value, share, resetAt])).toEqual([
      ["all models", "used up", 0, NOW + 5 * HOUR],
    ]);
  });
});

describe("needsOf", () => {
  const budget: BudgetView = {
    unit: "usd",
    per: "day",
    limit: 20,
    warnAtPercent: 80,
    readOnly: false,
    used: 18,
    unpriced: 0,
    until: MIDNIGHT,
    state: "warning",
  };

  it("puts what is broken before what will be, each with what mends it", () => {
    const needs = needsOf(
      {
        problems: [
          { severity: "warning", message: "Requests are not recorded: the disk is full.", cause: "records" },
          { severity: "error", message: "Old: The key was refused.", account: "old", cause: "credential" },
          { severity: "error", message: "Mail: Sign in again.", account: "mail", cause: "credential" },
          { severity: "error", message: "Fixed: The key was refused.", account: "fixed" },
        ],
        accounts: [
          account("old", { label: "Old" }),
          account("mail", { label: "Mail", credential: "google" }),
          account("fixed", { label: "Fixed", readOnly: true }),
          account("tight", { label: "Tight", quotas: [daily({ remaining: 20 })] }),
        ],
        budgets: [budget, { ...budget, account: "tight", state: "reached", used: 20 }],
      },
      format,
      NOW,
    );
    expect(needs.map(({ title, text, tone, remedy }) => [tone, title, plain(text), remedy.kind])).toEqual([
      ["bad", "Old", "The key was refused.", "replace-key"],
      ["bad", "Mail", "Sign in again.", "sign-in"],
      ["bad", "Fixed", "The key was refused.", "show-account"],
      ["bad", "Tight · Daily budget", "$20.00 of $20.00 used. Requests wait for the next one.", "budgets"],
      ["warn", undefined, "Requests are not recorded: the disk is full.", "records"],
      ["warn", "Daily budget", "$18.00 of $20.00 used.", "budgets"],
      ["warn", "Tight", "At this pace, “requests / day” is used up at about 18:10.", "show-account"],
    ]);
    expect(new Set(needs.map(({ key }) => key)).size).toBe(needs.length);
  });

  it("needs nothing when all is well", () => {
    expect(
      needsOf({ problems: [], accounts: [account("a")], budgets: [{ ...budget, state: "ok" }] }, format, NOW),
    ).toEqual([]);
  });
});

describe("rowTarget", () => {
  it.each([
    ["ArrowDown", 0, 1],
    ["ArrowDown", 4, 4],
    ["ArrowUp", 0, 0],
    ["PageDown", 0, 4],
    ["Home", 3, 0],
    ["End", 1, 4],
    ["Enter", 1, undefined],
  ])("%s from %d", (key, at, to) => {
    expect(rowTarget(key, at, 5)).toBe(to);
  });

  it("leads to the keys from what is to come of one", () => {
    const problem = { severity: "notice", cause: "key-expires-7d", message: "It expires soon." } as const;
    const problems = [
      { ...problem, key: "ci" },
      { ...problem, key: "tool" },
    ];
    expect(needsOf({ problems, accounts: [], budgets: [] }, format, NOW)).toEqual(
      ["ci", "tool"].map((id) => ({
        key: `${id} key-expires-7d`,
        tone: "warn",
        title: undefined,
        text: "It expires soon.",
        remedy: { kind: "keys" },
      })),
    );
  });
});
