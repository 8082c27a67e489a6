import { describe, expect, it } from "vitest";
import { formatPath, formatProblems, loadSettings } from "../../../src/gateway/config/load.ts";
import { defaultSettings } from "../../../src/gateway/settings/settings.ts";
import fc from "../../support/property.ts";

function problems(text: string, env: Record<string, string> = {}): string[] {
  const result = loadSettings(text, env);
  return result.ok ? [] : formatProblems("portico.jsonc", result.problems);
}

describe("loadSettings", () => {
  it("takes comments, trailing commas and a byte-order mark", () => {
    const result = loadSettings('\uFEFF{ // a\n "port": 9000, /* b */ "accounts": [],\n}', {});
    const given = new Set(["port", "accounts"]);
    expect(result).toEqual({ ok: true, settings: { ...defaultSettings, port: 9000 }, given, secrets: [] });
  });

  it("takes the empty object as all defaults", () => {
    const given = new Set();
    expect(loadSettings("{}", {})).toEqual({ ok: true, settings: defaultSettings, given, secrets: [] });
  });

  it("tells what the file says from what it leaves to defaults", () => {
    const result = loadSettings('{"port": 8045, "auth": {"mode": "off"}, "records": {}, "budgets": []}', {});
    expect(result.ok && [...result.given]).toEqual(["port", "auth.mode", "budgets"]);
  });

  it("puts environment variables into string values, also within text", () => {
    const text = `{"accounts":[{"id":"a","provider":"custom","label":"\${env:A}-\${env:B}",
      "credentials":{"apiKey":"\${env:KEY}"}}]}`;
    const result = loadSettings(text, { A: "x", B: "y", KEY: "secret-key" });
    expect(result.ok && result.settings.accounts[0]).toMatchObject({
      label: "x-y",
      credentials: { apiKey: "secret-key" },
    });
    expect(result.ok && result.secrets).toEqual(["secret-key"]);
  });

  it("does not look into what an environment variable holds", () => {
    const result = loadSettings('{"accounts":[{"id":"a","provider":"custom","label":"${env:A}"}]}', {
      A: "${env:B}",
      B: "b",
    });
    expect(result.ok && result.settings.accounts[0]?.label).toBe("${env:B}");
  });

  it("names field and variable when a variable is missing or empty, once", () => {
    const text =
      '{\n  "accounts": [\n    {"id":"a","provider":"openai","credentials":{"apiKey":"${env:K}"}}\n  ]\n}';
    expect(problems(text)).toEqual([
      'portico.jsonc:3:59 accounts[0].credentials.apiKey: the environment variable "K" is not set',
    ]);
    expect(problems(text, { K: "" })[0]).toContain('"K" is empty');
  });

  it("names every problem at once, in the order of the file", () => {
    const text = [
      "{",
      '  "prot": 1,',
      '  "port": 70000,',
      '  "allowLanAccess": "yes",',
      '  "auth": { "mode": "strickt", "apiKey": "short" },',
      '  "accounts": [',
      '    { "id": "a", "provider": "opnai" },',
      '    { "provider": "custom", "endpoints": { "openai": "http://x", "gemini": "ftp://x" } },',
      '    { "id": "a", "provider": "openai", "priority": 1.5 }',
      "  ],",
      '  "routes": [ { "model": "x", "to": [] } ]',
      "}",
    ].join("\n");
    expect(problems(text)).toMatchInlineSnapshot(`
      [
        "portico.jsonc:2:3 prot: is no known setting; did you mean "port"?",
        "portico.jsonc:3:11 port: must be at most 65535, not 70000",
        "portico.jsonc:4:21 allowLanAccess: must be true or false, not text",
        "portico.jsonc:5:21 auth.mode: must be one of "off", "strict", "all_except_health", "auto" (did you mean "strict"?)",
        "portico.jsonc:5:42 auth.apiKey: must have at least 16 characters",
        "portico.jsonc:7:30 accounts[0].provider: must be one of "openai", "anthropic", "gemini", "openrouter", "deepseek", "groq", "mistral", "xai", "zai", "moonshot", "azure-openai", "vertex", "ollama", "lmstudio", "vllm", "custom", "sandbox" (did you mean "openai"?)",
        "portico.jsonc:8:5 accounts[1].id: is missing; it must be text in double quotes",
        "portico.jsonc:8:44 accounts[1].endpoints.openai: is no known setting; known here: openai-chat, openai-responses, anthropic, gemini",
        "portico.jsonc:8:76 accounts[1].endpoints.gemini: must be an http:// or https:// URL",
        "portico.jsonc:9:52 accounts[2].priority: must be a whole number, not the number 1.5",
        "portico.jsonc:11:37 routes[0].to: must have at least 1 entry, not 0",
      ]
    `);
  });

  it("places a missing field at the object that lacks it", () => {
    expect(problems('{\n "routes": [\n  {"to":["a"]}]}')).toEqual([
      "portico.jsonc:3:3 routes[0].model: is missing; it must be text in double quotes",
    ]);
  });

  it("names an account that is there twice", () => {
    const text = '{"accounts":[{"id":"a","provider":"openai"},\n{"id":"a","provider":"openai"}]}';
    expect(problems(text)).toEqual(['portico.jsonc:2:7 accounts[1].id: "a" is used twice']);
  });

  it("lists the known names when none is near", () => {
    expect(problems('{"auth":{"zzzzzzz":1}}')).toEqual([
      "portico.jsonc:1:10 auth.zzzzzzz: is no known setting; known here: mode, apiKey",
    ]);
  });

  it.each([
    ["", "is empty"],
    ["// only a comment", "is empty"],
    ["[]", "must be an object in { }, not a list"],
    ["{port: 1}", "need double quotes"],
    ["{1: 1}", "a name in double quotes is expected here"],
    ["{'port': 1}", "double quotes"],
    ['{"port" 1}', "a colon is expected"],
    ['{"port": 1 "auth": {}}', "a comma is expected"],
    ['{"port": 1', "a closing } is expected"],
    ['{"port": 1} 2', "nothing may follow"],
    ['{"port": 1, "port": 2}', "is given twice"],
    ['{"port": }', "a value is expected"],
  ])("says what is wrong with %.30s", (text, message) => {
    expect(problems(text).join("\n")).toContain(message);
  });

  it("bounds depth and size", () => {
    expect(problems("[".repeat(200_000))).toEqual(["portico.jsonc:1:1 is nested too deeply"]);
    expect(problems(`"${"x".repeat(9_000_000)}"`)[0]).toContain("is too large");
  });

  it("reports the place in a file with CRLF", () => {
    expect(problems('{\r\n\r\n  "port": "x"\r\n}')[0]).toMatch(/^portico\.jsonc:3:11 port: /);
  });

  it("never repeats a secret in a message", () => {
    const key = "sk-very secret\u0001key";
    const text = JSON.stringify({
      auth: { apiKey: key },
      accounts: [{ id: "a", provider: "openai", credentials: { apiKey: key, apikey: key }, apiKey: key }],
    });
    expect(problems(text).length).toBeGreaterThanOrEqual(3);
    expect(problems(text).join("\n")).not.toContain("secret");
  });

  it("bounds the number of problems", () => {
    const result = loadSettings(JSON.stringify({ accounts: Array.from({ length: 900 }, () => ({})) }), {});
    expect(!result.ok && result.problems).toHaveLength(100);
  });

  it("does not trip over __proto__", () => {
    expect(problems('{"__proto__": {"port": 1}}')[0]).toContain("__proto__: is no known setting");
  });

  it("never throws, and every problem has a place in the text", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        '"',
        "//",
        "/*",
        "\n",
        "${env:A}",
        '"port"',
        '"accounts"',
      ),
      fc.string({ maxLength: 5 }),
    );
    const anyText = fc.oneof(
      fc.array(piece).map((pieces) => pieces.join("")),
      fc.json(),
      fc.record({ accounts: fc.anything(), auth: fc.anything(), port: fc.anything() }).map((value) => {
        try {
          return JSON.stringify(value);
        } catch {
          return "{}";
        }
      }),
    );
    fc.assert(
      fc.property(anyText, (text) => {
        const result = loadSettings(text, {});
        if (result.ok) return;
        const lines = text.split(/\r\n|\n|\r/);
        for (const { line, column, message } of result.problems) {
          expect(message).not.toBe("");
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("formatPath", () => {
  it("is how one would write it in code", () => {
    expect(formatPath(["accounts", 1, "endpoints", "openai-chat"])).toBe("accounts[1].endpoints.openai-chat");
    expect(formatPath(["a b", "c"])).toBe('["a b"].c');
  });
});
