import { describe, expect, it } from "vitest";
import type { Status } from "../../../../src/control/contract.ts";
import type { MemberRole } from "../../../../src/control/window.ts";
import { reach, statusView } from "../../../../src/vscode/status/statusView.ts";

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
    ["joining", statusView({ part: { kind: "joining" } }), "$(loading~spin) Portico", "quiet", /is starting/],
    [
      "broken",
      statusView({ part: { kind: "broken", message: "disk full" } }),
      "$(error) Portico",
      "error",
      /disk full/,
    ],
    ["off", of({ proxy: { kind: "stopped" } }), "$(circle-slash) Portico", "quiet", /is off/],
    [
      "stopping",
      of({ proxy: { kind: "stopped", stopping: { until: 1 } }, active: 1 }),
      "$(loading~spin) Stopping, 1 request under way",
      "quiet",
      /Click to stop it now/,
    ],
    [
      "starting",
      of({ proxy: { kind: "starting", port: 1 } }),
      "$(loading~spin) Portico",
      "quiet",
      /on port 1/,
    ],
    ["running", of({}), "$(radio-tower) Portico 8045", "quiet", /http:\/\/127\.0\.0\.1:8045/],
    [
      "a warning",
      of({ problems: [{ severity: "warning", message: "odd" }] }),
      "$(warning) Portico 8045",
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
      "$(error) Portico 8045",
      "error",
      /• no key/,
    ],
    [
      "a taken port",
      of({ proxy: { kind: "failed", port: 8045, reason: "port-in-use", message: "taken by node" } }),
      "$(error) Portico",
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

  it.each<[boolean, Status["authMode"], RegExp]>([
    [false, "off", /this computer only.*no key/],
    [false, "auto", /this computer only.*no key/],
    [false, "strict", /this computer only.*key needed/],
    [true, "off", /network.*others need the key/],
    [true, "all_except_health", /network.*key needed/],
  ])("says who can reach it: LAN %s, key %s", (lan, authMode, words) => {
    expect(reach({ lan, authMode })).toMatch(words);
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
