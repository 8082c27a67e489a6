import { describe, expect, it } from "vitest";
import type { ListedAccount, QuotaView } from "../../../../src/control/accounts.ts";
import { holdLabel, quotaLabel, stateOf, timeLabel } from "../../../../src/vscode/accounts/accountLabels.ts";

const NOW = new Date(2026, 0, 5, 12, 0).getTime();
const MINUTE = 60_000;

const account: ListedAccount = {
  id: "a",
  provider: "openai",
  label: "A",
  priority: 0,
  enabled: true,
  protocols: [],
  readOnly: false,
  state: "ready",
  held: [],
  quotas: [],
  credential: "key",
};

describe("an account in words", () => {
  it("says until when, with the day where it is far", () => {
    expect(timeLabel(NOW + 5 * MINUTE, NOW)).toMatch(/^\S*12[:.]05/);
    expect(timeLabel(NOW + 3 * 24 * 60 * MINUTE, NOW)).toMatch(/8.*12[:.]00/);
  });

  it("names the model where only one waits", () => {
    const held = { condition: "exhausted", reason: "r", until: NOW + MINUTE, model: "m" } as const;
    expect(holdLabel({ ...held, resetAt: NOW + MINUTE }, NOW)).toMatch(/^used up until .*12[:.]01.*\(m\)$/);
    expect(holdLabel({ ...held, resetAt: NOW + 5 * MINUTE }, NOW)).toMatch(
      /^used up until .*12[:.]05.*\(m\)$/,
    );
    expect(holdLabel(held, NOW)).toMatch(/^used up, asked again .*12[:.]01.*\(m\)$/);
    expect(holdLabel(held, NOW + MINUTE)).toBe("used up (m)");
    expect(holdLabel({ condition: "needs-attention", reason: "r" }, NOW)).toBe("needs you");
  });

  it("tells the worst that is true", () => {
    const held: ListedAccount["held"] = [
      { condition: "cooling", reason: "r", until: NOW + MINUTE, model: "m" },
      { condition: "needs-attention", reason: "r", model: "n" },
      { condition: "exhausted", reason: "r", until: NOW + MINUTE },
    ];
    expect(stateOf({ ...account, held }, NOW).words).toBe("needs you (n)");
    expect(stateOf({ ...account, held: held.slice(0, 1) }, NOW).words).toMatch(/^waits until/);
    expect(stateOf(account, NOW)).toEqual({ icon: "pass", words: "ready" });
    expect(stateOf({ ...account, held, enabled: false }, NOW).words).toBe("disabled");
  });

  it("tells what is left, and is silent where nobody says", () => {
    expect(quotaLabel(account, NOW)).toBe("");
    const quotas: QuotaView[] = [
      {
        name: "requests",
        unit: "requests",
        window: "day",
        remaining: 12,
        limit: 50,
        resetAt: NOW + 5 * MINUTE,
      },
      { name: "limit", unit: "tokens", limit: 5 },
      { name: "balance", unit: "usd", remaining: 3.5 },
    ];
    expect(quotaLabel({ ...account, quotas }, NOW)).toMatch(
      /^12 of 50 requests\/day left, resets .*12[:.]05.* · \$3[.,]50 left$/,
    );
    // Twenty minutes later, nothing is left "until" a moment that is over.
    expect(quotaLabel({ ...account, quotas: quotas.slice(0, 1) }, NOW + 25 * MINUTE)).toBe(
      "50 of 50 requests/day left since its reset",
    );
    const held = [{ condition: "exhausted", reason: "Used up.", until: NOW + MINUTE } as const];
    expect(quotaLabel({ ...account, quotas: quotas.slice(0, 2), held }, NOW)).toBe("");
    const ofModels = ["a", "b"].map((model) => ({ name: "r", unit: "requests", remaining: 1, model }));
    const heldModel = held.map((hold) => ({ ...hold, model: "a" }));
    expect(quotaLabel({ ...account, quotas: ofModels, held: heldModel }, NOW)).toBe("1 requests left (b)");
  });
});
