import { describe, expect, it } from "vitest";
import { accountLines } from "../../../src/cli/accounts.ts";
import { wantedEndpoints } from "../../../src/cli/addAccount.ts";
import { browserCommand } from "../../../src/cli/browser.ts";
import { cellsOf, isWanted } from "../../../src/cli/logs.ts";
import { queryOf, statsLines } from "../../../src/cli/stats.ts";
import { statusLines } from "../../../src/cli/status.ts";
import type { ListedAccount } from "../../../src/control/accounts.ts";
import type { Status } from "../../../src/control/contract.ts";
import type { RequestRow } from "../../../src/control/requests.ts";
import { fakeScreen } from "../../support/screen.ts";

const NOW = Date.UTC(2026, 0, 31, 12, 0, 0);
const screen = fakeScreen({ width: 100, now: () => NOW });

const status: Status = {
  version: "1.0.0",
  proxy: {
    kind: "running",
    host: "127.0.0.1",
    port: 8045,
    baseUrl: "http://127.0.0.1:8045",
    since: NOW - 7_380_000,
  },
  authMode: "off",
  lan: false,
  accounts: 2,
  sandboxOnly: false,
  problems: [{ severity: "error", message: "Work: the key was refused" }],
  held: [
    {
      account: "w",
      label: "Work",
      condition: "exhausted",
      reason: "the day is used up",
      until: NOW + 2_460_000,
    },
  ],
  ready: 1,
  active: 3,
};

describe("status", () => {
  it("says at a glance whether it runs, where, and what needs attention", () => {
    const text = statusLines({ running: true, pid: 4711, dataDir: "/d", status }, screen).join("\n");
    expect(text).toContain("Portico is running (since 09:57:00, 2 h 3 min)");
    expect(text).toMatch(/Address +http:\/\/127\.0\.0\.1:8045\n/);
    expect(text).toMatch(/Accounts +2, 1 ready, 1 held back\n/);
    expect(text).toMatch(/Requests +3 in flight\n/);
    expect(text).toContain("Work: used up, asked again in 41 min (the day is used up)");
    expect(text).toContain("Needs attention:\n  ! Work: the key was refused");
  });

  it("says once what needs attention and how to mend it, and tells accounts of one label apart", () => {
    const attention = { condition: "needs-attention", reason: "the key was refused" } as const;
    const exhausted = { condition: "exhausted", reason: "spent", until: NOW + 60_000 } as const;
    const held = [
      { account: "a", label: "Custom", ...attention },
      { account: "b", label: "Custom", ...exhausted },
    ];
    const problems = [{ severity: "error", account: "a", message: "a: the key was refused" }] as const;
    const told = { ...status, held, problems: [...problems] };
    const lines = statusLines({ running: true, pid: 1, dataDir: "/d", status: told }, screen);
    expect(lines.slice(lines.indexOf("Held back:"))).toEqual([
      "Held back:",
      "  b: used up, asked again in 1 min (spent)",
      "",
      "Needs attention:",
      "  ! a: the key was refused",
      "Mend it: portico dashboard --open",
    ]);
  });

  it("says how to start it where it does not run, and what failed", () => {
    expect(statusLines({ running: false, dataDir: "/d" }, screen)).toEqual([
      "Portico is not running (data folder /d).",
      "Start it: portico serve",
    ]);
    const proxy = { kind: "failed", port: 1, reason: "port-in-use", message: "Port 1 is taken" } as const;
    const failed = statusLines(
      { running: true, pid: 1, dataDir: "/d", status: { ...status, proxy } },
      screen,
    );
    expect(failed[0]).toBe("Port 1 is taken");
    const none = { ...status, accounts: 0, sandboxOnly: true, proxy: { kind: "stopped" } as const };
    const stopped = statusLines({ running: true, pid: 1, dataDir: "/d", status: none }, screen).join("\n");
    expect(stopped).toContain("its proxy is stopped");
    expect(stopped).toContain("only the sandbox answers");
  });
});

describe("accounts list", () => {
  const account: ListedAccount = {
    id: "work",
    provider: "openai",
    label: "Work",
    priority: 0,
    enabled: true,
    protocols: ["openai-chat"],
    readOnly: false,
    state: "ready",
    held: [],
    quotas: [],
    credential: "key",
  };

  it("leaves out columns that nobody needs, and says what needs a person", () => {
    expect(accountLines([], screen)[0]).toContain("portico accounts add");
    expect(accountLines([account], screen)).toEqual([
      "ID    LABEL  PROVIDER  STATE",
      "work  Work   openai    ready",
    ]);
    const refused = { condition: "needs-attention" as const, reason: "the key was refused" };
    const lines = accountLines(
      [
        { ...account, state: "needs-attention", held: [refused], inFlight: 2 },
        { ...account, id: "fixed", readOnly: true },
      ],
      screen,
    );
    expect(lines[0]).toMatch(/BUSY$/);
    expect(lines[1]).toMatch(/needs you +2$/);
    expect(lines.slice(3)).toEqual(["", "work: the key was refused", "From the config file: fixed"]);
  });
});

describe("logs", () => {
  const row: RequestRow = {
    id: "req_1",
    seq: 1,
    time: NOW,
    client: "Codex",
    protocol: "openai-responses",
    model: "gpt-5",
    modelUsed: "gpt-5-mini",
    account: "work",
    accountLabel: "Work",
    status: 200,
    outcome: "ok",
    attempts: 2,
    failedOver: true,
    durationMs: 8440,
    tokens: { input: 12_340, output: 56, cacheRead: 0, cacheWrite: 0, reasoning: 0, estimated: false },
    cost: 0.021,
    warnings: 0,
  };

  it("show a request in a line", () => {
    expect(cellsOf(row, screen)).toEqual([
      "12:00:08",
      { text: "200", style: "green" },
      "Codex",
      "gpt-5 > gpt-5-mini",
      "Work",
      "12.3 k > 56",
      "$0.021",
      "8.4 s",
      "after 2 tries",
    ]);
    expect(cellsOf({ ...row, outcome: "client-gone", status: 0 }, screen)[1]).toEqual({
      text: "gone",
      style: "yellow",
    });
    const { tokens, cost, accountLabel, ...bare } = row;
    expect(cellsOf({ ...bare, outcome: "failed", status: 429, error: "too\nmany" }, screen).slice(4)).toEqual(
      ["work", "", "", "8.4 s", "too many"],
    );
  });

  it("filter what follows as what is recorded", () => {
    const all = {
      json: false,
      dataDir: undefined,
      follow: true,
      limit: 1,
      errors: false,
      client: undefined,
      model: undefined,
      account: undefined,
    };
    expect(isWanted(row, all)).toBe(true);
    expect(isWanted(row, { ...all, errors: true })).toBe(false);
    expect(isWanted(row, { ...all, client: "Codex", account: "work", model: "gpt-5-*" })).toBe(true);
    expect(isWanted(row, { ...all, client: "Claude Code" })).toBe(false);
    expect(isWanted(row, { ...all, account: "mine" })).toBe(false);
    expect(isWanted(row, { ...all, model: "claude-*" })).toBe(false);
  });
});

describe("stats", () => {
  it("asks for whole local days, today included", () => {
    const query = queryOf({ by: "client", days: 7 }, { now: () => NOW, utcOffset: () => -600 });
    expect(new Date(query.from).toISOString()).toBe("2026-01-25T10:00:00.000Z");
    expect(new Date(query.to).toISOString()).toBe("2026-02-01T10:00:00.000Z");
    expect(query).toMatchObject({ bucket: "day", by: "client", utcOffsetMinutes: -600 });
    const one = queryOf({ by: "model", days: 1 }, screen);
    expect([one.from, one.to]).toEqual([Date.UTC(2026, 0, 31), Date.UTC(2026, 1, 1)]);
  });

  it("shows a line per group, all of them, and what has no price", () => {
    const sums = {
      requests: 4,
      errors: 1,
      failedOver: 0,
      input: 1000,
      cacheRead: 250,
      cacheWrite: 0,
      output: 50,
      reasoning: 0,
      cost: 0.5,
      unpriced: 0,
    };
    const rest = { ...sums, errors: 0, cacheRead: 0, cost: 0, unpriced: 2 };
    const times = { firstByte: { p50: 600 }, duration: { p50: 8400, p95: 20_000 } };
    const lines = statsLines(
      {
        buckets: [],
        groups: [
          { key: "gpt-5", label: "gpt-5", total: sums, ...times, points: [] },
          { key: "-", label: "-", total: sums, firstByte: {}, duration: {}, points: [] },
          { key: "*", label: "*", total: rest, firstByte: {}, duration: {}, points: [] },
        ],
        total: { ...sums, unpriced: 2 },
        ...times,
        errors: {},
      },
      { by: "model", days: 7 },
      screen,
    );
    expect(lines[1]).toMatch(/^gpt-5 +4 +1 +1000 +25 % +50 +\$0\.500 +600 ms +8\.4 s +20\.0 s$/);
    expect(lines[2]).toMatch(/^no model +4 +1 /);
    expect(lines[3]).toMatch(/^the rest +4 +1000 +50 +\?$/);
    expect(lines[4]).toMatch(/^all .* \$0\.500\+ /);
    expect(lines.at(-1)).toBe("+ the cost of 2 requests is not known.");
  });
});

describe("accounts add", () => {
  const provider = {
    id: "custom",
    label: "Own server",
    protocols: ["openai-chat", "anthropic"] as ("openai-chat" | "anthropic")[],
    needsBaseUrl: true,
    keyRequired: false,
  };

  it("takes one address for all protocols, or one for each", () => {
    expect(wantedEndpoints(["http://127.0.0.1:8000"], provider)).toEqual({
      "openai-chat": "http://127.0.0.1:8000/v1",
      anthropic: "http://127.0.0.1:8000",
    });
    expect(wantedEndpoints(["openai-chat=http://a/v2", "gemini=http://b/v1beta"], provider)).toEqual({
      "openai-chat": "http://a/v2",
      gemini: "http://b",
    });
    expect(wantedEndpoints([], { ...provider, needsBaseUrl: false })).toBeUndefined();
  });

  it.each([
    [[], "Own server needs the address of its server: --base-url URL"],
    [["ftp://a"], "--base-url: It starts with http:// or https://"],
    [["soap=http://a"], 'unknown protocol "soap"'],
  ])("refuses %j", (texts, message) => {
    expect(() => wantedEndpoints(texts, provider)).toThrow(message);
  });
});

describe("the browser", () => {
  it("is started without a shell", () => {
    const url = "file:///data/open-dashboard-a&b.html";
    expect(browserCommand("linux", url)).toEqual(["xdg-open", url]);
    expect(browserCommand("darwin", url)).toEqual(["open", url]);
    expect(browserCommand("win32", url)).toEqual(["rundll32", "url.dll,FileProtocolHandler", url]);
  });
});
