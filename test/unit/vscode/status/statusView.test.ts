import { describe, expect, it } from "vitest";
import type { ListedAccount } from "../../../../src/control/accounts.ts";
import type { Status } from "../../../../src/control/contract.ts";
import type { MemberRole } from "../../../../src/control/window.ts";
import { statusView } from "../../../../src/vscode/status/statusView.ts";

const running: Status = {
  version: "1",
  proxy: { kind: "running", host: "127.0.0.1", port: 8045, baseUrl: "http://127.0.0.1:8045", since: 1 },
  authMode: "off",
  lan: false,
  accounts: 2,
  sandboxOnly: false,
  problems: [],
  held: [],
  ready: 2,
  active: 0,
};
const leading: MemberRole = { kind: "leading" };
const of = (over: Partial<Status>) => statusView({ part: leading, status: { ...running, ...over } });

describe("the status bar item", () => {
  it.each<[string, ReturnType<typeof statusView>, string, string, RegExp]>([
    ["joining", statusView({ part: { kind: "joining" } }), "$(loading~spin) Portico", "quiet", /Connecting/],
    [
      "broken",
      statusView({ part: { kind: "broken", message: "disk full" } }),
      "$(portico-gate) $(error) Portico",
      "error",
      /Disconnected. disk full/,
    ],
    [
      "off",
      of({ proxy: { kind: "stopped" } }),
      "$(portico-gate) $(circle-slash) Portico",
      "quiet",
      /Stopped/,
    ],
    [
      "stopping",
      of({ proxy: { kind: "stopped", stopping: { until: 1 } }, active: 1 }),
      "$(loading~spin) Stopping, 1 request under way",
      "quiet",
      /Stopping, 1 request under way/,
    ],
    [
      "starting",
      of({ proxy: { kind: "starting", port: 1 } }),
      "$(loading~spin) Portico",
      "quiet",
      /Starting/,
    ],
    ["running", of({}), "$(portico-gate) Portico 8045", "quiet", /^Portico: Running\. this computer only/],
    [
      "a warning",
      of({ problems: [{ severity: "warning", message: "odd" }] }),
      "$(portico-gate) $(warning) 1 thing needs you",
      "warning",
      /• odd/,
    ],
    [
      "an error",
      of({
        problems: [
          { severity: "warning", message: "odd" },
          { severity: "error", message: "no key" },
        ],
      }),
      "$(portico-gate) $(error) 1 thing needs you",
      "error",
      /• no key/,
    ],
    [
      "a taken port",
      of({ proxy: { kind: "failed", port: 8045, reason: "port-in-use", message: "taken by node" } }),
      "$(portico-gate) $(error) Not running",
      "error",
      /taken by node/,
    ],
  ])("says %s", (_name, view, text, tone, spoken) => {
    expect(view).toMatchObject({ text, tone });
    expect(view.spoken).toMatch(spoken);
  });

  it("looks the same in a window that is attached", () => {
    expect(statusView({ part: { kind: "attached", pid: 1 }, status: running })).toEqual(of({}));
  });

  it("shows a handful of problems and counts the rest", () => {
    const problems = Array.from({ length: 9 }, (_, index) => ({
      severity: "error" as const,
      message: `p${index}`,
    }));
    const { lines } = of({ problems });
    expect(lines.filter((line) => line.startsWith("•"))).toHaveLength(6);
    expect(lines.at(-1)).toBe("• and 4 more");
  });

  it("says who answers while there is no account", () => {
    expect(of({ accounts: 0, sandboxOnly: true }).spoken).toContain("only the sandbox");
    expect(of({ accounts: 1 }).spoken).toContain("1 account");
  });

  it("says the worst in the words of the pages, and a long name in short", () => {
    const model = "accounts/acme/models/llama-4-maverick-17b-128e-instruct-fp8";
    const held = [
      { account: "a", label: "A", model, condition: "cooling", reason: "x", until: Date.now() + 60_000 },
    ] as const;
    const { text, lines } = of({ unanswered: [model], held: [...held] });
    expect(lines[0]).toBe(`Running, nobody can answer ${model}`);
    expect(text).toBe("$(portico-gate) $(warning) nobody can answer accounts/acme/models/llama-4-…");
  });

  it("says all that is its own in the reader's language", () => {
    const t = (text: string, ...values: (string | number)[]) =>
      `«${text.replace(/\{(\d)\}/g, (_, at) => String(values[at]))}»`;
    const problems = Array.from({ length: 9 }, () => ({ severity: "error" as const, message: "odd" }));
    const until = Date.now() + 60_000;
    const held = Array.from(
      { length: 7 },
      (_, i) => ({ account: `a${i}`, label: "A", condition: "cooling", reason: "x", until }) as const,
    );
    const linesOf = (over: Partial<Status>) =>
      statusView({ part: leading, status: { ...running, ...over } }, { t }).lines;
    expect(linesOf({ problems, held })).toEqual(
      expect.arrayContaining([expect.stringContaining("«2 accounts»"), "• «and 4 more»", "• «and 2 more»"]),
    );
    const counts: [Partial<Status>, string][] = [
      [{ ready: 1 }, "«2 accounts, 1 ready»"],
      [{ accounts: 1, ready: 1 }, "«1 account»"],
      [{ accounts: 1, ready: 0 }, "«1 account, 0 ready»"],
      [{ accounts: 0, sandboxOnly: true }, "«only the sandbox answers, no account yet»"],
    ];
    for (const [over, words] of counts) expect(linesOf(over)[1]?.split(" · ").at(-1)).toBe(words);
  });

  it("says what is left of the accounts used last, and until when, with links that act", () => {
    const now = Date.now();
    const account = (id: string, lastUsed: number): ListedAccount => ({
      id,
      provider: "openai",
      label: id,
      priority: 0,
      enabled: true,
      protocols: [],
      readOnly: false,
      state: "ready",
      held: [],
      quotas: [
        { name: "requests", unit: "requests", remaining: 12, limit: 50, resetAt: now + 60_000, readAt: now },
      ],
      credential: "key",
      lastUsed,
    });
    const accounts = Array.from({ length: 9 }, (_, i) => account(`a${i}`, i));
    const { lines, actions, address } = statusView({ part: leading, status: running }, { now, accounts });
    const left = lines.filter((line) => line.includes("12 of 50 requests left, resets"));
    expect(left.map((line) => line.slice(2, 4))).toEqual(["a8", "a7", "a6", "a5", "a4"]);
    expect(address).toBe("http://127.0.0.1:8045");
    expect(actions).toEqual(["copyBaseUrl", "openDashboard", "openMonitor", "stop"]);
    expect(of({ proxy: { kind: "stopped" } }).actions).toContain("start");
  });

  it("tells of accounts that wait, and is worse only when nobody can serve", () => {
    const until = Date.now() + 60_000;
    const held = [{ account: "a", label: "Work", condition: "exhausted", reason: "limit", until }] as const;
    const one = of({ held: [...held], ready: 1 });
    expect(one.tone).toBe("quiet");
    expect(one.spoken).toMatch(/2 accounts, 1 ready.*Work: used up, asked again/);
    expect(of({ held: [...held], ready: 0 }).tone).toBe("warning");
    expect(of({ accounts: 0, sandboxOnly: true, ready: 0 }).tone).toBe("quiet");
  });
});
