/**
 * States of a gateway, as its pages are told of them: the same every time. Pages are shown at `NOW`
 * (`page.clock.setFixedTime(NOW)`), in UTC.
 */

import type { ListedAccount, QuotaView } from "../../../src/control/accounts.ts";
import type { Protocol, Status } from "../../../src/control/contract.ts";
import type { KeyView } from "../../../src/control/keys.ts";
import { isProtocol } from "../../../src/control/protocol.ts";
import type { RequestDetails, RequestRow } from "../../../src/control/requests.ts";
import type { EditableSettings, SettingHome, SettingsView } from "../../../src/control/settings.ts";
import type { BudgetRule, BudgetView, StatsSums, Today } from "../../../src/control/stats.ts";
import { CLIENT_PREVIEW, CLIENT_STATES } from "./clientStates.ts";
import type { Answers } from "./fake.ts";
import { explained, MODELS, PROVIDER_VIEWS, ROUTES } from "./routing.ts";
import { scriptedStats } from "./stats.ts";

export const NOW = Date.UTC(2026, 2, 12, 14, 31, 10);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** `young`: begun less than an hour ago. */
export const WORLDS = ["empty", "young", "normal", "busy", "broken", "stopped", "disconnected"] as const;
export type WorldName = (typeof WORLDS)[number];

export interface World {
  status: Status;
  accounts: ListedAccount[];
  requests: RequestRow[];
  today: Today;
  budgets: BudgetView[];
  settings: SettingsView;
  /** Milliseconds since 1970 of its first request; absent: long ago. */
  since?: number;
}

export function account(id: string, change: Partial<ListedAccount> = {}): ListedAccount {
  return {
    id,
    provider: "openai",
    label: id,
    priority: 0,
    enabled: true,
    protocols: ["openai-chat", "openai-responses"],
    readOnly: false,
    state: "ready",
    held: [],
    quotas: [],
    credential: "key",
    inFlight: 0,
    ...change,
  };
}

function quota(name: string, change: Partial<QuotaView>): QuotaView {
  return { name, unit: name, readAt: NOW - 20_000, ...change };
}

const ACCOUNTS: ListedAccount[] = [
  account("work-anthropic", {
    provider: "anthropic",
    label: "Work · Anthropic",
    protocols: ["anthropic"],
    priority: 10,
    inFlight: 2,
    lastUsed: NOW - 3000,
    usedBy: ["Claude Code"],
    quotas: [
      quota("input-tokens", {
        remaining: 1_620_000,
        limit: 2_000_000,
        resetAt: NOW + 41_000,
        window: "minute",
      }),
      quota("requests", { remaining: 3760, limit: 4000, resetAt: NOW + 41_000, window: "minute" }),
    ],
  }),
  account("personal-gemini", {
    provider: "vertex",
    label: "Personal · Gemini",
    protocols: ["gemini", "openai-chat"],
    credential: "google",
    lastUsed: NOW - 61_000,
    usedBy: ["Codex"],
    quotas: [
      quota("requests", {
        model: "gemini-2.5-pro",
        remaining: 18,
        limit: 100,
        resetAt: NOW + 7 * HOUR,
        window: "day",
        readAt: NOW - 9 * MINUTE,
      }),
    ],
  }),
  account("team-openai", {
    label: "Team · OpenAI",
    lastUsed: NOW - 30_000,
    held: [
      { model: "gpt-5", condition: "cooling", reason: "Rate limit reached for gpt-5", until: NOW + 12_000 },
    ],
    quotas: [quota("tokens", { remaining: 9000, limit: 450_000, resetAt: NOW + 12_000, window: "minute" })],
  }),
  account("openrouter", {
    provider: "openrouter",
    label: "OpenRouter",
    protocols: ["openai-chat"],
    credential: "openrouter",
    priority: -5,
    lastUsed: NOW - 26_000,
    usedBy: ["VS Code chat"],
    quotas: [quota("credit", { unit: "usd", remaining: 12.6, limit: 20, readAt: NOW - 4 * MINUTE })],
  }),
  account("ollama", {
    provider: "ollama",
    label: "Ollama",
    protocols: ["openai-chat"],
    credential: "none",
  }),
  account("old-deepseek", {
    provider: "deepseek",
    label: "Old key · DeepSeek",
    protocols: ["openai-chat", "anthropic"],
    state: "needs-attention",
    held: [
      {
        condition: "needs-attention",
        reason: "The provider refused the key: “Authentication Fails”.",
      },
    ],
    lastUsed: NOW - 29 * MINUTE,
  }),
];

/** As long as a label can be, without a place to break. */
const LONG_LABEL = "production-eu-central-1-shared-by-everybody-in-the-research-team".padEnd(64, "x");
const LONG_MODEL = "accounts/acme/models/llama-4-maverick-17b-128e-instruct-fp8-finetuned-2026-02-17".padEnd(
  80,
  "x",
);

const LONG_ACCOUNT = account("long", {
  label: LONG_LABEL,
  lastUsed: NOW - 500,
  usedBy: ["a-client-that-calls-itself-by-a-very-long-name/1.2.3"],
  held: [
    {
      model: LONG_MODEL,
      condition: "cooling",
      reason: `Rate limit reached for ${LONG_MODEL} in organization org-0123456789abcdef on tokens per min`,
      until: NOW + 3_540_000,
    },
  ],
  quotas: [
    quota("tokens", {
      model: LONG_MODEL,
      remaining: 123_456_789_012,
      limit: 2_000_000_000_000,
      resetAt: NOW + 29 * 24 * HOUR,
      window: "month",
    }),
    quota("credit", { unit: "usd", remaining: 123_456.78, limit: 200_000, readAt: NOW - HOUR }),
  ],
});

/** Its numbers are older than its refusal, and its limit is days away. */
const SPENT_ACCOUNT = account("spent", {
  provider: "anthropic",
  label: "Spent · Anthropic",
  protocols: ["anthropic"],
  lastUsed: NOW - 800,
  state: "exhausted",
  held: [
    {
      condition: "exhausted",
      reason: "You have reached your weekly usage limit.",
      until: NOW + 6 * HOUR,
      resetAt: NOW + 5 * 24 * HOUR,
    },
  ],
  quotas: [
    quota("requests", {
      remaining: 121,
      limit: 500,
      resetAt: NOW + 9 * HOUR,
      window: "day",
      readAt: NOW - 22 * MINUTE,
    }),
    quota("tokens", {
      remaining: 449_000,
      limit: 450_000,
      resetAt: NOW - 22 * MINUTE,
      window: "minute",
      readAt: NOW - 22 * MINUTE,
    }),
  ],
});

const LINES: Partial<RequestRow>[] = [
  {
    client: "Codex",
    model: "gpt-5",
    modelUsed: "gemini-2.5-pro",
    account: "personal-gemini",
    lane: "B",
    protocol: "openai-responses",
    protocolOut: "gemini",
    failedOver: true,
    attempts: 2,
    durationMs: 2100,
    firstByteMs: 400,
    cost: 0.011,
    tokens: tokens(18_204, 1120, 12_000),
    warnings: 1,
  },
  {
    client: "Claude Code",
    model: "claude-sonnet-5",
    account: "work-anthropic",
    lane: "A",
    protocol: "anthropic",
    protocolOut: "anthropic",
    durationMs: 4200,
    firstByteMs: 580,
    cost: 0.0214,
    tokens: tokens(61_204, 812, 58_112),
  },
  {
    client: "Claude Code",
    model: "claude-sonnet-5",
    account: "work-anthropic",
    lane: "A",
    protocol: "anthropic",
    protocolOut: "anthropic",
    durationMs: 3000,
    firstByteMs: 500,
    cost: 0.019,
    tokens: tokens(60_871, 410, 58_000),
  },
  {
    client: "Continue",
    model: "gpt-5",
    protocol: "openai-chat",
    account: "team-openai",
    status: 429,
    outcome: "failed",
    errorKind: "rate_limit",
    error: "All accounts for gpt-5 are waiting; the first is back in 12 s.",
    durationMs: 100,
  },
  {
    client: "VS Code chat",
    model: "claude-haiku-5",
    account: "openrouter",
    protocol: "openai-chat",
    protocolOut: "openai-chat",
    lane: "A",
    durationMs: 1200,
    firstByteMs: 500,
    cost: 0.0008,
    tokens: tokens(2406, 388, 0),
  },
  {
    client: "Codex",
    model: "gpt-5",
    account: "team-openai",
    protocol: "openai-responses",
    protocolOut: "openai-responses",
    lane: "A",
    durationMs: 6800,
    firstByteMs: 1100,
    cost: 0.077,
    tokens: tokens(44_010, 2204, 30_000),
  },
  {
    client: "Gemini CLI",
    model: "gemini-2.5-flash",
    account: "personal-gemini",
    protocol: "gemini",
    protocolOut: "gemini",
    lane: "A",
    status: 502,
    outcome: "failed",
    errorKind: "provider",
    error: "The provider did not answer: connection reset.",
    durationMs: 9000,
    tokens: tokens(3310, 0, 0),
  },
  {
    client: "OpenCode",
    model: "qwen3-coder:30b",
    account: "ollama",
    protocol: "openai-chat",
    protocolOut: "openai-chat",
    lane: "A",
    status: 200,
    outcome: "client-gone",
    durationMs: 12_400,
    firstByteMs: 900,
    tokens: { ...tokens(8112, 260, 0), estimated: true },
  },
];

function tokens(input: number, output: number, cacheRead: number) {
  return { input, cacheRead, cacheWrite: 0, output, reasoning: Math.round(output * 0.3), estimated: false };
}

/** The newest has the highest `seq`. */
export function requests(count: number): RequestRow[] {
  let ended = NOW - 1000;
  return Array.from({ length: count }, (_, i) => {
    const line = LINES[i % LINES.length] ?? {};
    ended -= [2000, 9000, 7000, 7000, 5000, 17_000, 2000, 11_000][i % 8] ?? 5000;
    const label = ACCOUNTS.find(({ id }) => id === line.account)?.label;
    return {
      id: `req_${String(count - i).padStart(6, "0")}`,
      seq: count - i,
      time: ended - (line.durationMs ?? 1000),
      client: "unknown",
      stream: true,
      status: 200,
      outcome: "ok",
      attempts: 1,
      failedOver: false,
      durationMs: 1000,
      warnings: 0,
      ...(label === undefined ? {} : { accountLabel: label }),
      ...line,
    };
  });
}

const LONG_REQUEST: RequestRow = {
  id: "req_002000",
  seq: 2000,
  time: NOW - 500,
  client: "a-client-that-calls-itself-by-a-very-long-name/1.2.3",
  model: LONG_MODEL,
  modelUsed: `${LONG_MODEL}-fallback`,
  account: LONG_ACCOUNT.id,
  accountLabel: LONG_LABEL,
  protocol: "openai-responses",
  protocolOut: "gemini",
  lane: "B",
  stream: true,
  status: 200,
  outcome: "ok",
  attempts: 12,
  failedOver: true,
  durationMs: 3_725_000,
  firstByteMs: 125_000,
  cost: 1234.5678,
  tokens: tokens(123_456_789, 12_345_678, 100_000_000),
  warnings: 3,
};

const PATHS: Record<Protocol, string> = {
  anthropic: "/v1/messages",
  "openai-chat": "/v1/chat/completions",
  "openai-responses": "/v1/responses",
  gemini: "/v1beta/models/gemini-2.5-flash:streamGenerateContent",
};

export function details(row: RequestRow): RequestDetails {
  return {
    ...row,
    method: "POST",
    path: PATHS[row.protocol !== undefined && isProtocol(row.protocol) ? row.protocol : "openai-chat"],
    attemptList: [
      ...(row.failedOver
        ? [
            {
              account: "team-openai",
              accountLabel: "Team · OpenAI",
              model: row.model ?? "",
              protocol: "openai-responses" as Protocol,
              at: 4,
              took: 240,
              status: 429,
              outcome: "rate-limit",
              message: "Rate limit reached for gpt-5, back in 12 s",
            },
          ]
        : []),
      {
        account: row.account ?? "",
        accountLabel: row.accountLabel ?? "",
        model: row.modelUsed ?? row.model ?? "",
        protocol: row.protocolOut ?? "openai-chat",
        at: row.failedOver ? 250 : 3,
        took: row.durationMs - (row.failedOver ? 250 : 3),
        status: row.status,
        outcome: row.outcome === "failed" ? "broken" : row.outcome,
      },
    ],
    warningList: row.warnings > 0 ? ["The reasoning summary could not be passed on."] : [],
    route: row.model?.startsWith("claude") ? "claude-*" : (row.model ?? "*"),
    session: "7f3a91",
    sticky: true,
    bytesIn: 48_211,
    bytesOut: 9120,
    userAgent: "claude-cli/2.1.0",
  };
}

export function sums(requestCount: number): StatsSums {
  return {
    requests: requestCount,
    errors: Math.round(requestCount * 0.008),
    failedOver: Math.round(requestCount * 0.029),
    input: requestCount * 6100,
    cacheRead: requestCount * 4392,
    cacheWrite: requestCount * 120,
    output: requestCount * 458,
    reasoning: requestCount * 140,
    cost: requestCount * 0.00491,
    unpriced: 0,
  };
}

const SHAPE = [12, 14, 13, 30, 24, 61, 54, 82, 66, 97, 78, 102, 95, 110, 88];

function today(scale: number, from = 0): Today {
  const since = Date.UTC(2026, 2, 12);
  const whole = SHAPE.reduce((a, b) => a + b, 0);
  return {
    since,
    total: sums(Math.round(1284 * scale)),
    firstByte: scale === 0 ? {} : { p50: 610, p95: 2400, p99: 5200 },
    duration: scale === 0 ? {} : { p50: 2900, p95: 11_000, p99: 31_000 },
    hours: SHAPE.map((height, i) => {
      const start = since + i * HOUR;
      const some = scale > 0 && start + HOUR > from;
      return {
        start,
        sums: sums(some ? Math.round(((1284 * height) / whole) * scale) : 0),
        ...(some ? { firstByteP50: 500 + ((i * 37) % 230) } : {}),
      };
    }),
  };
}

const VALUES: EditableSettings = {
  port: 8045,
  allowLanAccess: false,
  allowedOrigins: [],
  allowedHosts: [],
  "auth.mode": "off",
  "scheduling.strategy": "cache-first",
  "scheduling.stickyWaitMs": 30_000,
  "scheduling.waitMs": 10_000,
  "scheduling.pinned": "",
  "scheduling.protectBelowPercent": 10,
  "quotas.refreshMinutes": 5,
  "background.enabled": false,
  "background.to": [],
  budgets: [],
  prices: [],
  "records.enabled": true,
  "records.maxAgeDays": 30,
  "records.maxRows": 1_000_000,
  "records.maxBytes": 300 * 1024 * 1024,
  "records.bodies": false,
  "records.bodyMaxBytes": 65_536,
  "records.bodiesMaxBytes": 50 * 1024 * 1024,
  "records.bodiesMaxHours": 24,
  replyHeaders: false,
  "responses.onDisk": false,
};

export function settingsView(
  change: Partial<EditableSettings> = {},
  homes: Partial<SettingsView["homes"]> = {},
): SettingsView {
  const values = { ...VALUES, ...change };
  const names = Object.keys(values) as (keyof EditableSettings)[];
  const all = Object.fromEntries(names.map((name): [string, SettingHome] => [name, "portico"]));
  return { values, homes: { ...(all as SettingsView["homes"]), ...homes } };
}

const BUDGET_RULES: BudgetRule[] = [{ unit: "usd", per: "day", limit: 20, warnAtPercent: 80 }];
const BUDGETS: BudgetView[] = [
  {
    unit: "usd",
    per: "day",
    limit: 20,
    warnAtPercent: 80,
    readOnly: false,
    used: 6.31,
    unpriced: 0,
    until: Date.UTC(2026, 2, 13),
    state: "ok",
  },
];

const YOUNG_SINCE = NOW - 48 * MINUTE;
const RUNNING = {
  kind: "running",
  host: "127.0.0.1",
  port: 8045,
  baseUrl: "http://127.0.0.1:8045",
  since: NOW - 134 * MINUTE,
} as const;

function statusOf(change: Partial<Status>): Status {
  return {
    version: "0.1.0",
    proxy: RUNNING,
    authMode: "off",
    lan: false,
    accounts: 0,
    sandboxOnly: false,
    problems: [],
    held: [],
    ready: 0,
    active: 0,
    ...change,
  };
}

function heldOf(accounts: ListedAccount[]): Status["held"] {
  return accounts.flatMap(({ id, label, held }) => held.map((hold) => ({ ...hold, account: id, label })));
}

function problemsOf(accounts: ListedAccount[]): Status["problems"] {
  return accounts
    .filter(({ state }) => state === "needs-attention")
    .map(({ id, label, held }) => ({
      severity: "error",
      message: `${label}: ${held[0]?.reason ?? ""}`,
      account: id,
      cause: "credential",
    }));
}

export function world(name: WorldName): World {
  const full: World = {
    accounts: ACCOUNTS,
    status: statusOf({
      accounts: ACCOUNTS.length,
      ready: 4,
      active: 2,
      held: heldOf(ACCOUNTS),
      problems: problemsOf(ACCOUNTS),
    }),
    requests: requests(400),
    today: today(1),
    budgets: BUDGETS,
    settings: settingsView({
      budgets: BUDGET_RULES,
    }),
  };
  switch (name) {
    case "normal":
    case "disconnected":
      return full;
    case "empty":
      return {
        accounts: [],
        status: statusOf({ sandboxOnly: true, proxy: { kind: "stopped" } }),
        requests: [],
        today: today(0),
        budgets: [],
        settings: settingsView(),
      };
    case "young": {
      const [first] = ACCOUNTS;
      const accounts = first === undefined ? [] : [{ ...first, inFlight: 0 }];
      return {
        accounts,
        status: statusOf({
          accounts: accounts.length,
          ready: 1,
          proxy: { ...RUNNING, since: YOUNG_SINCE },
        }),
        requests: requests(80)
          .filter(({ account: id }) => id === first?.id)
          .map((row, i) => ({ ...row, seq: 14 - i, time: NOW - 3000 - row.durationMs - i * 3 * MINUTE }))
          .slice(0, 14),
        today: { ...today(0.1, YOUNG_SINCE), total: sums(14) },
        budgets: [],
        settings: settingsView(),
        since: YOUNG_SINCE,
      };
    }
    case "busy": {
      const many: ListedAccount[] = Array.from({ length: 50 }, (_, i) => {
        const base = ACCOUNTS[i % 5] ?? account("x");
        return {
          ...base,
          id: `${base.id}-${i}`,
          label:
            i % 7 === 3
              ? `${base.label}, the one with a very long name that goes on and on ${i}`
              : `${base.label} ${i}`,
          inFlight: (i * 7) % 12,
        };
      });
      many.push(LONG_ACCOUNT, SPENT_ACCOUNT);
      return {
        ...full,
        accounts: many,
        status: statusOf({
          accounts: many.length,
          ready: 41,
          active: 214,
          held: heldOf(many).slice(0, 20),
          lan: true,
          authMode: "auto",
        }),
        settings: settingsView({ allowLanAccess: true, "auth.mode": "auto" }),
        budgets: BUDGETS.map((budget) => ({ ...budget, limit: 1300, used: 1160, state: "warning" })),
        requests: [LONG_REQUEST, ...requests(1999)],
        today: today(184),
      };
    }
    case "broken": {
      const broken = ACCOUNTS.map((each) => ({
        ...each,
        state: "needs-attention" as const,
        held: [
          {
            condition: "needs-attention" as const,
            reason: "The provider refused the key: “Incorrect API key provided”.",
          },
        ],
      }));
      return {
        ...full,
        accounts: broken,
        status: statusOf({
          accounts: broken.length,
          ready: 0,
          held: heldOf(broken),
          problems: [
            { severity: "error", message: "Requests are not recorded: the disk is full.", cause: "records" },
            ...problemsOf(broken),
          ],
          proxy: {
            kind: "failed",
            port: 8045,
            reason: "port-in-use",
            message: "Port 8045 is taken by node (pid 4711). End it, or choose another port.",
            holder: "node (pid 4711)",
          },
        }),
        requests: requests(60).map((row) => ({
          ...row,
          status: 502,
          outcome: "failed",
          error: "The provider refused the key.",
        })),
      };
    }
    case "stopped":
      return { ...full, status: { ...full.status, proxy: { kind: "stopped" }, active: 0 } };
  }
}

/** One with every limit, one without any, one of the config file that is over. */
const CLIENT_KEYS: KeyView[] = [
  {
    id: "old-tool",
    name: "Cline",
    shown: "sk-portico-…",
    state: "expired",
    enabled: true,
    readOnly: true,
    expiresAt: NOW - 24 * HOUR,
  },
  {
    id: "ci-1a2b3c4d",
    name: "Claude Code",
    shown: "sk-portico-…ab12",
    state: "active",
    enabled: true,
    readOnly: false,
    models: ["gpt-*", "claude-sonnet-5"],
    accounts: ["team-openai"],
    perMinute: { requests: 30, tokens: 200_000 },
    atOnce: 4,
    budgets: [{ unit: "usd", per: "month", limit: 20 }],
    from: ["192.168.0.0/16"],
    expiresAt: NOW + 30 * 24 * HOUR,
    createdAt: NOW - 24 * HOUR,
    lastUsedAt: NOW - HOUR,
  },
  {
    id: "laptop-5e6f7a8b",
    name: "Codex",
    shown: "sk-portico-…9zQx",
    state: "disabled",
    enabled: false,
    readOnly: false,
  },
];

/** What answers the pages in a world; a test adds and replaces what it is about. */
export function answersOf(shown: World): Answers {
  return {
    "status.get": () => shown.status,
    "clients.list": () => [...CLIENT_STATES],
    "clients.preview": () => CLIENT_PREVIEW,
    "surroundings.get": () => ({ version: "0.1.0", kind: "headless", clients: 3, proxy: { used: "none" } }),
    "accounts.list": () => shown.accounts,
    "settings.get": () => shown.settings,
    "settings.update": (change) => ({ ...shown.settings, values: { ...shown.settings.values, ...change } }),
    "stats.today": () => shown.today,
    "stats.query": (query) =>
      scriptedStats(query, shown.today.total.requests / (shown.since === undefined ? 160 : 11), shown.since),
    "budgets.list": () => shown.budgets,
    "requests.list": (params) => {
      const { offset = 0, limit = 50 } = params ?? {};
      return {
        rows: shown.requests.slice(offset, offset + limit),
        total: shown.requests.length,
        upTo: shown.requests[0]?.seq ?? 0,
      };
    },
    "requests.get": ({ id }) => {
      const row = shown.requests.find((each) => each.id === id);
      if (row === undefined) throw new Error("That request is no longer kept.");
      return details(row);
    },
    "requests.facets": () => ({
      clients: ["Claude Code", "Codex", "VS Code chat"],
      models: ["claude-sonnet-5", "gpt-5"],
      accounts: shown.accounts.map(({ id, label }) => ({ id, label })),
      protocols: ["anthropic", "openai-responses", "openai-chat", "gemini"],
    }),
    "providers.list": () => PROVIDER_VIEWS,
    "local.detect": () => [],
    "routes.get": () => (shown.accounts.length === 0 ? { fixed: [], own: [] } : ROUTES),
    "routes.set": (own) => ({ fixed: [], own }),
    "route.explain": ({ model }) => explained(model, shown.accounts.length === 0 ? [] : ROUTES.own),
    "keys.list": () => CLIENT_KEYS,
    "models.list": () =>
      shown.accounts.length === 0 ? MODELS.filter(({ name }) => name === "sandbox/echo") : MODELS,
    "auth.key": () => ({ apiKey: "ptk-0123456789abcdef0123456789abcdef" }),
    "storage.get": () => ({
      path: "/home/me/.local/share/portico",
      files: [
        { name: "portico.db", bytes: 84_200_000, what: "Recorded requests and statistics" },
        { name: "accounts.json", bytes: 4210, what: "Accounts and routes, without keys" },
        { name: "state.json", bytes: 18_400, what: "Cooldowns, quotas and budgets" },
      ],
      requests: { rows: 12_408, bytes: 71_200_000, oldest: NOW - 30 * 24 * HOUR },
      bodies: { rows: 0, bytes: 0 },
    }),
    "telemetry.get": () => ({ content: false, headers: "none", sent: 0, dropped: 0 }),
    "diagnostics.get": () => ({ text: "Portico 0.1.0\nNode 24\naccounts: 6\n" }),
  };
}
