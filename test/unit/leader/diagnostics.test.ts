import { describe, expect, it } from "vitest";
import type { ListedAccount } from "../../../src/control/accounts.ts";
import type { SettingName } from "../../../src/control/settings.ts";
import { createRedactor, foreignText } from "../../../src/gateway/common/log.ts";
import {
  type DiagnosticsSources,
  diagnostics,
  MAX_DIAGNOSTICS,
} from "../../../src/gateway/leader/diagnostics.ts";
import { defaultSettings } from "../../../src/gateway/settings/settings.ts";
import { editableOf, SETTING_NAMES } from "../../../src/gateway/settings/table.ts";
import fc from "../../support/property.ts";

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
    hosts: [],
    lines: ["OpenAI answered jane@example.com with sk-secret-0123456789abcdef"],
    redact: createRedactor().redact,
    ...over,
  };
}

describe("the report for a bug", () => {
  it("tells how things are, and of whom nothing", () => {
    const text = diagnostics(sources());
    expect(text).toContain("version 1, vscode, 2 clients");
    expect(text).toContain("account-1: openai, key, cooling");
    expect(text).toContain("error no-key: account-1");
    expect(text).toContain('"account":"account-1"');
    expect(text).toContain('scheduling.pinned = "account-1" (portico)');
    expect(text).toContain("OpenAI answered account-1 with [redacted]");
    expect(text).toContain("accounts.json 12");
    for (const word of ["jane", "corp.example", "sk-secret", "/home"]) expect(text).not.toContain(word);
  });

  it("knows accounts, hosts and people by other names, the same in every place", () => {
    const hostile = [
      account("janes-own.key_1", "Jane Doe's", "custom"),
      account("account-1", "$& $1 .*", "custom"),
      account("error", "WARN", "custom"),
      account("openai-2", "OpenAI 2"),
      account("a", "Zoë 🦊", "custom"),
    ];
    const values = {
      ...editableOf(defaultSettings),
      "scheduling.pinned": "janes-own.key_1",
      "background.to": ["janes-own.key_1/small", "error/x", "openai/gpt-5-mini"],
      budgets: [
        { account: "account-1", unit: "usd" as const, per: "day" as const, limit: 5, warnAtPercent: 80 },
      ],
      allowedHosts: ["jane-laptop.corp.example:8045"],
      allowedOrigins: ["https://intra.corp.example"],
    };
    const lines = [
      `2026-01-31T12:00:00.000Z info account added account=janes-own.key_1 provider=custom`,
      `warn attempt failed: rate-limit: ${foreignText("Jane Doe's org is over “its” limit; mail boss@corp.example account=secretive")} account=janes-own.key_1 model=m`,
      `warn attempt failed: network: ${foreignText("connect ECONNREFUSED 10.1.2.3:443 (llm.corp.example)")} account=account-1 model=m`,
      `info POST /v1/messages fast -> janes-own.key_1/m-1 (A) 200 12 ms`,
      `info POST /v1/messages m -> long-gone (B) 502 12 ms upstream: ${foreignText("confidential words")}`,
      `info account removed account=long-gone`,
      `warn odd address http://user:pass@llm.corp.example:8080/v1 and https://LLM.corp.example/x, ENOTFOUND llm.corp.example`,
      `warn the file /home/jane/work/a.json, C:\\Users\\jane\\b.json and "C:\\\\Users\\\\jane\\\\c.json"`,
      `warn refused request from 192.168.7.9: 403 The Host "jane-laptop.corp.example:8045" is not this gateway's; origin "https://intra.corp.example" may not call; a forwarded request (for=192.168.7.10) always needs it`,
      `warn mail jane.doe+x@corp.example and zoë@münchen.example`,
      `info peer fd00:1:2:3:4:5:6:7 and 127.0.0.1 at http://127.0.0.1:8045`,
      `warn ${foreignText("cut short, Jane Doe").slice(0, -1)}`,
    ];
    const text = diagnostics(
      sources({
        accounts: hostile,
        lines,
        hosts: ["llm.corp.example", "jane-laptop.corp.example", "127.0.0.1"],
        settings: { ...sources().settings, values },
      }),
    );
    const kept = text.toLowerCase();
    for (const word of [
      "jane",
      "corp.example",
      "secretive",
      "long-gone",
      "confidential",
      "boss",
      "10.1.2.3",
      "192.168",
    ])
      expect(kept, word).not.toContain(word);
    for (const word of ["zoë", "münchen", "fd00", "user:pass", "🦊"]) expect(kept, word).not.toContain(word);
    // It is the same one everywhere, and what was wrong can still be seen.
    expect(text).toContain("info account added account=account-1 provider=custom");
    expect(text).toContain("attempt failed: rate-limit: “…” account=account-1 model=m");
    expect(text).toContain("attempt failed: network: “… ECONNREFUSED …” account=account-2 model=m");
    expect(text).toContain("fast -> account-1/m-1 (A) 200");
    expect(text).toContain("m -> account-6 (B) 502 12 ms upstream: “…”");
    expect(text).toContain("account removed account=account-6");
    expect(text).toContain("http://host-1:8080/v1 and https://host-1/x, ENOTFOUND host-1");
    expect(text).toContain("/home/USER/work/a.json");
    expect(text).toContain("127.0.0.1 at http://127.0.0.1:8045");
    expect(text).toContain('["account-1/small","account-3/x","openai/gpt-5-mini"]');
    expect(text).toContain('allowedHosts = "1 given"');
    expect(text).toMatch(/^account-5: custom/m);
  });

  it("holds none of the names that people can choose, whatever they are", () => {
    const name = fc.stringMatching(/^[A-Z][A-Za-z0-9._-]{5,30}$/).map((text) => `Qx${text}`);
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 6 }), fc.string(), (names, words) => {
        const accounts = names.map((each) => account(each, `${each} label`, "custom"));
        const lines = names.flatMap((each) => [
          `info account changed account=${each}`,
          `info POST /v1/x m -> ${each}/m (A) 200 1 ms`,
          `warn attempt failed: other: ${foreignText(`${words} ${each} ${words}`)} account=${each} model=m`,
          `warn two accounts named "${each}", http://${each}.example/v1`,
        ]);
        const text = diagnostics(sources({ accounts, lines, hosts: names.map((each) => `${each}.example`) }));
        for (const each of names) expect(text.toLowerCase()).not.toContain(each.toLowerCase());
      }),
    );
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
