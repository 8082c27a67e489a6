import { describe, expect, it } from "vitest";
import { plain } from "../../../src/cli/screen.ts";
import type { Status } from "../../../src/control/contract.ts";
import { visible, visibleText } from "../../../src/control/visible.ts";
import { buildAccounts } from "../../../src/gateway/accounts/accounts.ts";
import { classify } from "../../../src/gateway/accounts/failures.ts";
import { AccountHealth } from "../../../src/gateway/accounts/health.ts";
import type { AccountStanding } from "../../../src/gateway/accounts/pool.ts";
import { QuotaStore } from "../../../src/gateway/accounts/quotas/store.ts";
import { Scheduler } from "../../../src/gateway/accounts/schedule/scheduler.ts";
import { createLog, createRedactor } from "../../../src/gateway/common/log.ts";
import { systemClock } from "../../../src/gateway/common/ports.ts";
import { listedAccount, standingOf } from "../../../src/gateway/leader/accountStatus.ts";
import { newRecord } from "../../../src/gateway/records/record.ts";
import { makeVisible } from "../../../src/gateway/records/visibleRecord.ts";
import { explainRoute } from "../../../src/gateway/requests/explainRoute.ts";
import { accountSchema, settingsSchema } from "../../../src/gateway/settings/settings.ts";
import { statusView } from "../../../src/vscode/status/statusView.ts";

/** Each of which could turn a line round, clear a screen or begin a line of its own. */
const STEERING = [
  ..."\u0000\u0007\u0008\u001b\u007f\u0080\u009b\u061c\u200e\u200f\u2028\u2029",
  ..."\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
];
const steers = (text: string): boolean => STEERING.some((each) => text.includes(each));

describe("a text of several lines", () => {
  it("keeps its lines and what they are indented by, and nothing that steers", () => {
    expect(visibleText('{\r\n\t"a": 1,\n  b\u202e\r\u001b[2J}')).toBe(
      '{\n\t"a": 1,\n  b\\u202e\\r\\u001b[2J}',
    );
    expect(steers(visibleText(STEERING.join("\n")))).toBe(false);
    for (const text of ["plain\n\ttext", "Büro\n办公室"]) expect(visibleText(text)).toBe(text);
  });
});

describe("what others wrote", () => {
  const all = `a${STEERING.join("b")}\r\n\tc`;
  const shown = () => {
    const record = newRecord({ id: "r", time: 0, method: "POST", path: `/${all}` }, {
      "user-agent": `x${all}`,
    } as never);
    record.model = all;
    record.modelUsed = all;
    record.error = { kind: "upstream", message: all };
    record.warnings = [{ feature: all, message: all }];
    makeVisible(record);
    return record;
  };
  const VIEW = {
    ...{ id: "a", provider: "openai", label: "a", priority: 0, enabled: true, readOnly: false },
    protocols: ["openai-chat" as const],
  };
  const STANDING: AccountStanding = {
    ...{ account: "a", state: "exhausted", inFlight: 0 },
    held: [
      {
        ...{ account: "a", model: all, condition: "exhausted", because: "quota", reason: all },
        ...{ until: Date.now() + 1e9, since: 0, failures: 1 },
      },
    ] as unknown as AccountStanding["held"],
    quotas: [
      { account: "a", model: all, name: all, unit: "requests", remaining: 0, readAt: 0, source: "error" },
    ],
  };
  const STATUS = {
    ...{ version: "1", authMode: "off", lan: false, accounts: 1, sandboxOnly: false, ready: 0, active: 0 },
    proxy: { kind: "running", host: "127.0.0.1", port: 1, baseUrl: "http://127.0.0.1:1", since: 1 },
    // As an older Portico tells them.
    problems: [{ severity: "warning", message: all }],
    held: [
      { account: "a", label: all, model: all, condition: "exhausted", reason: all, until: Date.now() + 1e9 },
    ],
  } as Status;
  const explained = () => {
    const settings = settingsSchema.parse({
      accounts: [
        { id: "a", provider: "custom", endpoints: { "openai-chat": "http://127.0.0.1:1/v1" }, models: ["*"] },
      ],
    });
    const { accounts } = buildAccounts(settings.accounts, { secretFor: () => Promise.resolve(undefined) });
    const clock = { ...systemClock, now: () => 0, monotonic: () => 0 };
    const health = new AccountHealth({ clock, random: () => 0.5 });
    const scheduler = new Scheduler({
      clock,
      settings: () => settings.scheduling,
      quotas: new QuotaStore(clock),
      budget: () => undefined,
    });
    const table = { routes: [], accounts, serves: () => "yes" as const };
    const { routing, scheduling } = explainRoute(
      all,
      "openai-chat",
      table,
      { scheduler, health },
      settings.scheduling,
    );
    return [...routing, ...scheduling];
  };
  const lines: string[] = [];
  const log = createLog({
    level: "info",
    write: (line) => void lines.push(line),
    now: () => 0,
    redactor: createRedactor(),
  });

  const logged = () => {
    log.info("m", { label: all });
    return lines.join("").trimEnd();
  };

  it.each<[string, () => string]>([
    ["on a terminal", () => plain(all)],
    ["in the log", logged],
    ["in a record", () => JSON.stringify(shown())],
    [
      "in a label",
      () => accountSchema.parse({ id: "a", provider: "openai", label: "a\u001b[2J\u202eb" }).label ?? "",
    ],
    [
      "in a provider's refusal",
      () =>
        classify({
          provider: "openai",
          protocol: "openai-chat",
          status: 400,
          headers: {},
          body: { error: { message: all } },
          now: 0,
        }).message,
    ],
    ["of an account, wherever it is shown", () => JSON.stringify(listedAccount(VIEW, STANDING, "key"))],
    ["of all accounts together", () => JSON.stringify(standingOf([VIEW], [STANDING]))],
    [
      "in the status bar and its tooltip",
      () => JSON.stringify(statusView({ part: { kind: "leading" }, status: STATUS })),
    ],
    ["in why a request goes where", () => explained().join("")],
  ])("steers nothing %s", (_where, said) => {
    const text = said();
    expect(steers(text)).toBe(false);
    expect(text).toContain("u202e");
  });

  it("is left alone otherwise", () => {
    for (const text of ["Büro 办公室", "👩‍💻 family", "עברית", "a\\b"]) expect(visible(text)).toBe(text);
    expect(visible("one\r\n\ttwo\u0085three")).toBe("one two three");
    expect(visible("\u001b[2J\u202e")).toBe("\\u001b[2J\\u202e");
  });
});
