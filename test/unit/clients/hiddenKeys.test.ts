import { describe, expect, it } from "vitest";
import { shownLines } from "../../../src/gateway/clients/hiddenKeys.ts";
import { diffOf, shownTexts } from "../../../src/gateway/clients/textDiff.ts";
import fc from "../../support/property.ts";

/** No word that somebody looks for in the settings of a program. */
const KEY = "Zq7-x8Lw2v";
const shown = (text: string) =>
  shownLines(text)
    .map((line) => line.shown)
    .join("\n");

describe("keys in a settings file are hidden", () => {
  it.each([
    `  "apiKey": "${KEY}",`,
    `"x-api-key": "${KEY}"`,
    `"ANTHROPIC_CUSTOM_HEADERS": "Authorization: Bearer ${KEY}"`,
    `"OTEL_EXPORTER_OTLP_HEADERS": "x=y,api=${KEY}"`,
    `"args": ["--api-key", "${KEY}"]`,
    `"args": ["--token=${KEY}"]`,
    `"args": ["--header", "Authorization: Bearer ${KEY}"]`,
    `"apiKeys": ["a", "${KEY}"]`,
    `"token": [\n  "${KEY}"\n]`,
    `"api_key": {"value": "${KEY}"}`,
    `"apiKey":\n    "${KEY}"`,
    `experimental_bearer_token = """${KEY}"""`,
    `experimental_bearer_token = '''\n${KEY}\n'''\nmodel = "m"`,
    `http_headers = { "Authorization" = "Bearer ${KEY}" }`,
    `GEMINI_API_KEY=my ${KEY}`,
    `GEMINI_API_KEY=abc,${KEY}`,
    `GEMINI_API_KEY=\`${KEY}\``,
    `export AUTHORIZATION=Bearer ${KEY}`,
    `"api-key-1": "${KEY}"`,
    `"GITHUB_PAT": "${KEY}"`,
    `"auth": "${KEY}"`,
    `"passphrase": '${KEY}'`,
    `"cookie": "a=b; c=${KEY}"`,
    `"url": "https://user:${KEY}@example.com/x"`,
    `"url": "https://example.com/x?key=${KEY}"`,
    `apiKey: ${KEY}`,
    `"apiKey": "a \\" ${KEY}"`,
    `"whatever": "sk-ant-api03-${KEY}${KEY}"`,
    `"plain": "0123456789abcdef0123456789abcdef${KEY}"`,
    `"apiKey": "${KEY}`,
  ])("%s", (text) => {
    expect(shown(text)).not.toContain(KEY);
    expect(shownLines(text).map(({ raw }) => raw)).toEqual(text.split("\n"));
  });

  it("and nothing else is", () => {
    for (const text of [
      '  "env": { "ANTHROPIC_BASE_URL": "http://127.0.0.1:8045", "ANTHROPIC_AUTH_TOKEN": "portico" },',
      '"security": { "auth": { "selectedType": "gemini-api-key" } }',
      'env_key = "PORTICO_API_KEY"',
      '"envKey": "PORTICO_API_KEY"',
      '[model_providers.portico]\nbase_url = "http://127.0.0.1:8045/v1"\nwire_api = "responses"',
      '"hooks": { "Stop": [{ "command": "/usr/local/bin/a-rather-long-name-of-a-script.sh" }] }',
    ])
      expect(shown(text)).toBe(text);
  });

  it("whatever stands around them, and no line is lost", () => {
    const filler = fc.array(
      fc.constantFrom('"', "'", "{", "}", "[", "]", "\n", ",", ":", "=", " ", "a", "\\"),
    );
    fc.assert(
      fc.property(filler, filler, (before, after) => {
        const text = `${before.join("")}\n"apiKey": "${KEY}"\n${after.join("")}`;
        expect(shown(text)).not.toContain(KEY);
        expect(shownLines(`${text}\n`).map(({ raw }) => raw)).toEqual(text.split("\n"));
      }),
    );
  });
});

describe("what changes in a file", () => {
  const numbered = (count: number, changed: (at: number) => string = String) =>
    Array.from({ length: count }, (_, at) => changed(at)).join("\n");

  it("is shown with a line around it, and cuts between", () => {
    const after = numbered(20, (at) => (at === 5 ? "five" : at === 15 ? "15\nnew" : String(at)));
    expect(diffOf({ path: "x", before: numbered(20), after }).map(({ sign, text }) => sign + text)).toEqual([
      "…",
      " 4",
      "-5",
      "+five",
      " 6",
      "…",
      " 15",
      "+new",
      " 16",
      "…",
    ]);
    expect(diffOf({ path: "x", before: "a", after: "a" })).toEqual([]);
    expect(diffOf({ path: "x", after: "a\r\nb\n" })).toEqual([
      { sign: "+", text: "a" },
      { sign: "+", text: "b" },
    ]);
  });

  it("is all that is between the first change and the last where that is too much to compare", () => {
    const all = diffOf({ path: "x", before: numbered(3000), after: numbered(3000, (at) => `n${at}`) });
    expect(all.filter(({ sign }) => sign === "-")).toHaveLength(3000);
    expect(all.filter(({ sign }) => sign === "+")).toHaveLength(3000);
  });

  it("is seen where only a key does", () => {
    const lines = diffOf({ path: "x", before: `"apiKey": "${KEY}"`, after: '"apiKey": "another-1"' });
    expect(lines).toEqual([
      { sign: "-", text: '"apiKey": •••' },
      { sign: "+", text: '"apiKey": •••' },
    ]);
  });

  it("is whole for an editor that compares by itself, which sees the same lines change", () => {
    const file = (key: string) => `{\n  "model": "opus",\n  "apiKey": "${key}"\n}\n`;
    expect(shownTexts({ path: "x", before: file(KEY), after: file("another-1") })).toEqual({
      path: "x",
      before: '{\n  "model": "opus",\n  "apiKey": •••\n}',
      after: '{\n  "model": "opus",\n  "apiKey": ••••••\n}',
    });
    expect(shownTexts({ path: "x", after: file(KEY) })).toEqual({
      path: "x",
      after: '{\n  "model": "opus",\n  "apiKey": •••\n}',
    });
    expect(shownTexts({ path: "x", before: file(KEY) })).not.toHaveProperty("after");
    const keys = fc.array(fc.constantFrom(`"apiKey": "${KEY}"`, '"apiKey": "another-1"', '"a": 1', "{"));
    fc.assert(
      fc.property(keys, keys, (old, now) => {
        const change = { path: "x", before: old.join("\n"), after: now.join("\n") };
        const { before = "", after = "" } = shownTexts(change);
        expect(before + after).not.toMatch(/another-1|Zq7/);
        // What the other diff shows as new is new here as well.
        const there = new Set(before.split("\n"));
        const added = after.split("\n").filter((line) => !there.has(line));
        const raws = new Set(old);
        expect(added).toHaveLength(
          now.length === 0 ? added.length : now.filter((line) => !raws.has(line)).length,
        );
      }),
    );
  });
});
