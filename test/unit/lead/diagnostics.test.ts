import { describe, expect, it } from "vitest";
import type { ListedAccount } from "../../../src/control/accounts.ts";
import type { SettingName } from "../../../src/control/settings.ts";
import { MAX_DIAGNOSTICS } from "../../../src/gateway/control/settingSchemas.ts";
import { SETTING_NAMES } from "../../../src/gateway/control/settingWords.ts";
import { type DiagnosticsSources, diagnostics } from "../../../src/gateway/lead/diagnostics.ts";
import { editableOf } from "../../../src/gateway/lead/editable.ts";
import { createRedactor } from "../../../src/gateway/log.ts";
import { defaultSettings } from "../../../src/gateway/settings.ts";

function account(id: string, label: string, provider = "openai"): ListedAccount {
  return {
    id,
    label,
    provider,
    priority: 0,
    enabled: true,
    protocols: ["openai-chat"],
    readOnly: false,
    state: "cooling",
    held: [{ condition: "cooling", reason: `${label} asked too often`, until: 1 }],
    quotas: [],
    credential: "key",
  };
}

function sources(over: Partial<DiagnosticsSources> = {}): DiagnosticsSources {
  return {
    now: 0,
    platform: { node: "v24", os: "Linux", memory: 1024 * 1024 },
    status: {
      version: "1",
      proxy: { kind: "stopped" },
      authMode: "off",
      lan: false,
      accounts: 1,
      sandboxOnly: false,
      problems: [
        { severity: "error", message: "jane@example.com: no key", account: "a", cause: "no-key" },
        { severity: "warning", message: "kept at /home/jane/data/accounts.json.broken" },
      ],
      held: [],
      ready: 0,
      active: 0,
    },
    settings: {
      values: {
        ...editableOf(defaultSettings),
        "scheduling.pinned": "a",
        budgets: [{ account: "a", unit: "usd", per: "day", limit: 5, warnAtPercent: 80 }],
      },
      homes: Object.fromEntries(SETTING_NAMES.map((name) => [name, "portico"])) as Record<
        SettingName,
        "portico"
      >,
    },
    accounts: [account("a", "jane@example.com"), account("b", "OpenAI"), account("c", "jane")],
    routes: { fixed: 0, own: 1 },
    storage: {
      path: "/home/jane/data",
      files: [{ name: "accounts.json", bytes: 12, what: "" }],
      requests: { rows: 1, bytes: 2 },
      bodies: { rows: 0, bytes: 0 },
    },
    surroundings: { version: "1", kind: "vscode", clients: 2, proxy: { used: "http://proxy.corp.example" } },
    lines: ["OpenAI answered jane@example.com with sk-secret-0123456789abcdef"],
    redact: createRedactor().redact,
    ...over,
  };
}

describe("the report for a bug", () => {
  it("tells how things are, and of whom nothing", () => {
    const text = diagnostics(sources());
    expect(text).toContain("version 1, vscode, 2 clients");
    expect(text).toContain("account 1: openai, key, cooling");
    expect(text).toContain("error no-key: account 1");
    expect(text).toContain('"account":"account 1"');
    expect(text).toContain('scheduling.pinned = "account 1" (portico)');
    expect(text).toContain("OpenAI answered account 1 with [redacted]");
    expect(text).toContain("accounts.json 12");
    for (const word of ["jane", "corp.example", "sk-secret", "/home"]) expect(text).not.toContain(word);
  });

  it("is bounded, whatever is in it", () => {
    const lines = Array.from({ length: 200 }, (_, index) => `${index} ${"x".repeat(8000)}`);
    const text = diagnostics(sources({ lines }));
    expect(text).toContain("\n199 xxx");
    expect(text.length).toBeLessThan(MAX_DIAGNOSTICS);
    const many = Array.from({ length: 5000 }, () => "y".repeat(2000));
    expect(diagnostics(sources({ lines: many })).length).toBe(MAX_DIAGNOSTICS);
  });
});
