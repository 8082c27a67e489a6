import { describe, expect, it } from "vitest";
import {
  addressProblem,
  cleanAddress,
  cleanKey,
  cleanValue,
  keyProblem,
  valueProblem,
} from "../../../src/control/pastedText.ts";
import { decodeCredential } from "../../../src/gateway/accounts/credentials/credential.ts";
import { parsePasted } from "../../../src/gateway/accounts/credentials/pasted.ts";
import { loadSettings } from "../../../src/gateway/config/load.ts";
import { accountMethods } from "../../../src/gateway/leader/methods/accounts.ts";
import { newAccount } from "../../../src/gateway/leader/methods/newAccount.ts";
import fc from "../../support/property.ts";

const KEY = "sk-0123456789abcdef";

/** As people have it in their clipboard. */
const copiesOf = (key: string): string[] => [
  `${key}\n`,
  `${key}\r\n`,
  `\n\t ${key} \n`,
  `\uFEFF${key}`,
  `\u200B${key.slice(0, 5)}\u200B${key.slice(5)}\u2060`,
  `\u00A0${key}\u3000`,
  `"${key}"`,
  `'${key}'`,
  `\`${key}\``,
  `“${key}”`,
  `„${key}“`,
  `«${key}»`,
  `"${key}",`,
  `Bearer ${key}`,
  `bearer  ${key}`,
  `Authorization: Bearer ${key}`,
  `x-api-key: ${key}`,
  `"Bearer ${key}"\n`,
  `Bearer "${key}"`,
  `\u202A${key}\u202C`,
];

describe("a key that is pasted", () => {
  it.each(copiesOf(KEY))("%j is the key in it", (copy) => {
    expect(cleanKey(copy)).toBe(KEY);
    expect(keyProblem(cleanKey(copy))).toBeUndefined();
  });

  it.each([
    [`${KEY.slice(0, 6)}\n${KEY.slice(6)}`, "has a line end as character 7"],
    [`${KEY} ${KEY}`, "has a space as character 20"],
    ["sk-schlüssel", "has “ü” (U+00FC) as character 8"],
    ["sk–0123", "has “–” (U+2013) as character 3"],
    ["sk-…0123", "has “…” (U+2026) as character 4"],
    ["🔑🔑x", "has “🔑” (U+1F511) as character 1"],
    ["ab\u0007", "has U+0007 as character 3"],
    ["ab\tcd", "has a tab as character 3"],
    ["ab\u0301c", "has U+0301 as character 3"],
  ])("%j is refused by character and place", (text, words) => {
    expect(keyProblem(cleanKey(text))).toContain(words);
  });

  it("comes out of any wrapping, once and for all, and what is no wrapping stays", () => {
    const key = fc.stringMatching(/^[a-zA-Z0-9][\x21-\x7e]{6,60}[a-zA-Z0-9=]$/);
    const before = fc.constantFrom("", " ", "\n", "\uFEFF", "Bearer ", '"', "Authorization: Bearer ");
    fc.assert(
      fc.property(key, before, fc.constantFrom("", " ", "\r\n", "\u200B"), (text, lead, end) => {
        const wrapped = lead === '"' ? `"${text}"${end}` : `${lead}${text}${end}`;
        expect(cleanKey(wrapped)).toBe(cleanKey(text));
        expect(cleanKey(cleanKey(wrapped))).toBe(cleanKey(wrapped));
        if (!/:/.test(text)) expect(cleanKey(text)).toBe(text);
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        expect(cleanKey(cleanKey(text))).toBe(cleanKey(text));
      }),
    );
  });
});

/** The key that a way in makes of a text, or what it says against it. */
const WAYS: Readonly<Record<string, (text: string) => string>> = {
  "the config file": (text) => fromConfig(JSON.stringify(text), {}),
  "a variable of the config file": (text) => fromConfig('"${env:KEY}"', { KEY: text }),
  "a new account": (text) => {
    const parsed = newAccount.safeParse({ provider: "openai", apiKey: text });
    return parsed.success ? (parsed.data.apiKey ?? "") : (parsed.error.issues[0]?.message ?? "");
  },
  "another key": (text) => {
    const parsed = accountMethods["accounts.replaceKey"].params.safeParse({ id: "a", apiKey: text });
    return parsed.success ? parsed.data.apiKey : (parsed.error.issues[0]?.message ?? "");
  },
  "the secret storage": (text) => {
    try {
      const credential = decodeCredential(text);
      return credential.kind === "apiKey" ? (credential.apiKey ?? "") : "";
    } catch (error) {
      return String(error);
    }
  },
  "a list of refresh tokens": (text) => {
    const list = JSON.stringify([text]);
    const { found, problems } = parsePasted(list, { clientId: "c" });
    const credential = found[0]?.credential;
    return credential?.kind === "googleOAuth" ? credential.refreshToken : (problems[0]?.message ?? "");
  },
};

function fromConfig(value: string, env: Record<string, string>): string {
  const loaded = loadSettings(
    `{"accounts": [{"id": "a", "provider": "openai", "credentials": {"apiKey": ${value}}}]}`,
    env,
  );
  return loaded.ok
    ? (loaded.settings.accounts[0]?.credentials?.apiKey ?? "")
    : (loaded.problems[0]?.message ?? "");
}

describe.each(Object.entries(WAYS))("a key from %s", (_name, keyOf) => {
  const long = `${KEY}-and-some-more`;
  it("is cleaned", () => {
    for (const copy of copiesOf(long)) expect(keyOf(copy), copy).toBe(long);
  });

  it("is refused by character and place, and not quoted", () => {
    const refusal = keyOf("sk-0123456789-schlüssel-und-mehr");
    expect(refusal).toContain("has “ü” (U+00FC) as character 19");
    expect(refusal).not.toContain("0123456789");
  });
});

describe("the gateway's own key, and headers of an account", () => {
  const parsed = (text: string) => loadSettings(text, { T: "abc\n" });
  it("are cleaned and refused alike", () => {
    const good = parsed(
      `{"auth": {"apiKey": "\\u200bBearer ${KEY}\\n"}, "accounts": [{"id": "a", "provider": "custom",
        "endpoints": {"openai-chat": "http://h/v1"}, "headers": {"Authorization": "Bearer \${env:T}", "x-b": " a b\\ufeff"}}]}`,
    );
    expect(good).toMatchObject({ ok: true });
    if (!good.ok) return;
    expect(good.settings.auth.apiKey).toBe(KEY);
    expect(good.settings.accounts[0]?.headers).toEqual({ authorization: "Bearer abc", "x-b": "a b" });
    const bad = parsed(
      `{"auth": {"apiKey": "0123456789–0123456789"}, "accounts": [{"id": "a", "provider": "custom",
        "endpoints": {"openai-chat": "http://h/v1"}, "headers": {"x-b": "a\\nb"}}]}`,
    );
    expect(bad.ok ? [] : bad.problems.map(({ field, message }) => `${field} ${message}`)).toEqual([
      "auth.apiKey has “–” (U+2013) as character 11: no key has one; copy it again",
      "accounts[0].headers.x-b has a line end as character 2: a header takes printable ASCII alone",
    ]);
  });

  it("a header's value keeps what may be meant", () => {
    expect(cleanValue(' "quoted" and, so on ')).toBe('"quoted" and, so on');
    expect(valueProblem("Bearer x")).toBeUndefined();
    expect(valueProblem("naïve")).toContain("“ï” (U+00EF) as character 3");
  });
});

describe("an address that is pasted", () => {
  it.each([
    ["https://h/v1/chat/completions", "https://h/v1"],
    ["https://h/v1/chat/completions/", "https://h/v1"],
    ["https://h/v1/chat/completions?api=1#x", "https://h/v1"],
    ["https://h/v1/completions", "https://h/v1"],
    ["https://h/v1/responses", "https://h/v1"],
    ["https://h/v1/embeddings", "https://h/v1"],
    ["https://h/v1/messages", "https://h/v1"],
    ["https://h/v1/messages/count_tokens", "https://h/v1"],
    ["https://h/v1beta/models/gemini-x:generateContent", "https://h/v1beta"],
    ["https://h/v1beta/models/gemini-x:streamGenerateContent?alt=sse", "https://h/v1beta"],
    [' "https://h/v1"\n', "https://h/v1"],
    ["\u200Bhttps://h/v1\uFEFF", "https://h/v1"],
    ["https://x.services.ai.azure.com/models", "https://x.services.ai.azure.com/models"],
    ["https://h/deep/path/", "https://h/deep/path/"],
  ])("%j is understood", (typed, base) => {
    expect(cleanAddress(typed)).toBe(base);
    expect(addressProblem(base)).toBeUndefined();
  });

  it.each([
    ["api.example.com/v1", "the scheme is missing: https://api.example.com/v1?"],
    ["localhost:1234/v1", "the scheme is missing: http://localhost:1234/v1?"],
    ["127.0.0.1:11434", "the scheme is missing: http://127.0.0.1:11434?"],
    ["ftp://h", "must be an http:// or https:// URL"],
    ["http://", "must be an http:// or https:// URL"],
    ["", "must be an http:// or https:// URL"],
    ["http://h/a b", "has a space as character 11"],
    ["http://me:pass@h", "must not hold a user name or password"],
  ])("%j is refused in words", (typed, words) => {
    expect(addressProblem(cleanAddress(typed))).toContain(words);
  });

  it("from the config file and from a page alike", () => {
    const endpoints = { "openai-chat": "https://h/v1/chat/completions", anthropic: "https://h/v1/messages" };
    const clean = { "openai-chat": "https://h/v1", anthropic: "https://h/v1" };
    expect(newAccount.parse({ provider: "custom", endpoints }).endpoints).toEqual(clean);
    const account = { id: "a", provider: "custom", endpoints };
    const loaded = loadSettings(JSON.stringify({ accounts: [account] }), {});
    expect(loaded).toMatchObject({ ok: true, settings: { accounts: [{ endpoints: clean }] } });
    const bare = loadSettings(
      JSON.stringify({ accounts: [{ ...account, endpoints: { "openai-chat": "api.h.com/v1" } }] }),
      {},
    );
    expect(bare).toMatchObject({
      problems: [{ field: "accounts[0].endpoints.openai-chat", message: expect.stringContaining("scheme") }],
    });
  });
});
