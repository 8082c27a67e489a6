import { beforeAll, describe, expect, it } from "vitest";
import type { StoredAccount } from "../../../../src/gateway/accounts/accountsFile.ts";
import type { Credential } from "../../../../src/gateway/accounts/credentials/credential.ts";
import {
  readTransfer,
  writeBackup,
  writeTransfer,
} from "../../../../src/gateway/accounts/credentials/transfer/file.ts";
import { freeId, planImport } from "../../../../src/gateway/accounts/credentials/transfer/plan.ts";
import { seal, unseal } from "../../../../src/gateway/accounts/credentials/transfer/sealed.ts";
import { isProviderId, PROVIDERS } from "../../../../src/gateway/providers/providers.ts";
import fc from "../../../support/property.ts";

const known = (id: string) => (isProviderId(id) ? PROVIDERS[id] : undefined);
const account = (id: string, more: Partial<StoredAccount> = {}): StoredAccount => ({
  id,
  provider: "openai",
  priority: 0,
  enabled: true,
  ...more,
});
const key = (apiKey: string): Credential => ({ kind: "apiKey", apiKey });
const PASSPHRASE = "correct horse";

describe("sealed text", () => {
  it("opens under its passphrase, in whatever form a keyboard writes it, and under no other", async () => {
    const sealed = await seal("secret text", "pässword 1", "context");
    expect(JSON.stringify(sealed)).not.toContain("secret");
    expect(await unseal(sealed, "pa\u0308ssword 1", "context")).toBe("secret text");
    await expect(unseal(sealed, "passsword 1", "context")).rejects.toThrow(/passphrase is wrong/);
    await expect(unseal(sealed, "pässword 1", "context!")).rejects.toThrow(/changed/);
    await expect(seal("x", "short", "")).rejects.toThrow(/8 characters/);
  });
});

describe("an export", () => {
  let text: string;
  const accounts = [account("a", { label: "A" }), account("b")];
  const credentials = new Map([
    ["a", key("key-of-a")],
    ["b", key("key-of-b")],
  ]);
  beforeAll(async () => {
    text = await writeTransfer(accounts, 0, { credentials, passphrase: PASSPHRASE });
  });

  it("holds no secret in the open, and everything under its passphrase", async () => {
    expect(text).not.toContain("key-of");
    const { secrets } = JSON.parse(text);
    expect(secrets.kdf.N).toBeGreaterThanOrEqual(2 ** 15);
    const read = await readTransfer(text, PASSPHRASE);
    expect(read).toMatchObject({ accounts, exportedAt: 0, withSecrets: true });
    expect(read.credentials).toEqual(credentials);
    expect((await readTransfer(text, undefined)).credentials.size).toBe(0);
    expect(JSON.parse(await writeTransfer(accounts, 0))).not.toHaveProperty("secrets");
  });

  it("is refused when an address in the open was changed", async () => {
    const file = JSON.parse(text);
    file.accounts[0].endpoints = { "openai-chat": "https://evil.example/v1" };
    await expect(readTransfer(JSON.stringify(file), PASSPHRASE)).rejects.toThrow(
      /changed after it was written/,
    );
    // However it is laid out, it is the same file.
    await readTransfer(JSON.stringify(JSON.parse(text)), PASSPHRASE);
  });

  it("is refused when its parameters are out of bounds, before they cost anything", async () => {
    for (const change of [
      { N: 2 ** 14 },
      { N: 2 ** 24 },
      { N: 2 ** 17 + 1 },
      { N: 2 ** 20 },
      { r: 1000 },
      { p: 100 },
      { salt: "AA==" },
      { name: "none" },
    ]) {
      const file = JSON.parse(text);
      Object.assign(file.secrets.kdf, change);
      await expect(readTransfer(JSON.stringify(file), PASSPHRASE)).rejects.toThrow(/damaged/);
    }
  });

  it("is refused when it is something else", async () => {
    for (const [other, words] of [
      ["{", "not JSON"],
      ["{}", "no accounts of Portico"],
      ['{"portico":"accounts","version":9}', "newer Portico"],
      ['{"portico":"accounts","version":1,"exportedAt":"2026-01-01T00:00:00Z","accounts":[{}]}', "damaged"],
      [" ".repeat(1_000_000), "too large"],
    ] as const) {
      await expect(readTransfer(other, undefined)).rejects.toThrow(words);
    }
    const twice = JSON.parse(await writeTransfer([account("a"), account("a")], 0));
    await expect(readTransfer(JSON.stringify(twice), undefined)).rejects.toThrow(/used twice/);
  });
});

describe("a backup", () => {
  const accounts = [account("a", { label: "ada@example.com", stored: true }), account("b")];
  const credentials = new Map([["a", key("key-of-a")]]);
  const own = {
    routes: [{ model: "secret-project", to: ["a/m"] }],
    settings: { budgets: [], "of.tomorrow": 7 },
  };
  let text: string;
  beforeAll(async () => {
    text = await writeBackup(accounts, own, 0, { credentials, passphrase: PASSPHRASE });
  });

  it("says nothing without its passphrase, and everything with it", async () => {
    for (const word of ["key-of", "ada@example", "secret-project", "budgets"])
      expect(text).not.toContain(word);
    await expect(readTransfer(text, undefined)).rejects.toThrow(/a backup: give its passphrase/);
    await expect(readTransfer(text, "another one")).rejects.toThrow(/passphrase is wrong/);
    expect(await readTransfer(text, PASSPHRASE)).toEqual({
      exportedAt: 0,
      accounts: [account("a", { label: "ada@example.com" }), account("b")],
      credentials,
      withSecrets: true,
      backup: own,
    });
  });

  it("is refused in plain words where it is damaged, cut short or of a newer Portico", async () => {
    for (const length of [0, 1, 20, Math.floor(text.length / 2), text.length - 3]) {
      await expect(readTransfer(text.slice(0, length), PASSPHRASE)).rejects.toThrow(/cut short/);
    }
    const changed = (change: (file: { [name: string]: unknown; secrets: { data: string } }) => void) => {
      const file = JSON.parse(text);
      change(file);
      return readTransfer(JSON.stringify(file), PASSPHRASE);
    };
    await expect(changed((file) => (file.version = 3))).rejects.toThrow(/newer Portico. Update/);
    await expect(changed((file) => (file.exportedAt = "2030-01-01T00:00:00Z"))).rejects.toThrow(
      /was changed/,
    );
    await expect(
      changed((file) => (file.secrets.data = `AAAA${file.secrets.data.slice(4)}`)),
    ).rejects.toThrow(/was changed/);
    await expect(changed((file) => (file.accounts = []))).rejects.toThrow(/damaged/);
    await expect(changed((file) => Reflect.deleteProperty(file, "secrets"))).rejects.toThrow(/damaged/);
  });

  it("is not written where no Portico would read it again", async () => {
    const routes = Array.from({ length: 20 }, (_, index) => {
      return { model: `m-${index}`, to: ["m"], edit: { systemPrefix: "x".repeat(100_000) } };
    });
    const writing = writeBackup([], { routes, settings: {} }, 0, {
      credentials: new Map(),
      passphrase: PASSPHRASE,
    });
    await expect(writing).rejects.toThrow(/more than one backup can hold/);
  });

  it("comes back as it was, whatever is in it", { timeout: 240_000 }, async () => {
    const id = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);
    const label = fc.stringMatching(/^[A-Za-zäé帐계0-9@._-]{1,40}$/);
    const anyText = fc.string({ minLength: 1, maxLength: 60, unit: "binary" });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.record({ id, label, apiKey: anyText, priority: fc.integer({ min: -9, max: 9 }) }), {
          selector: (each) => each.id,
          maxLength: 5,
        }),
        fc.array(fc.record({ model: anyText, to: fc.array(anyText, { minLength: 1, maxLength: 3 }) }), {
          maxLength: 5,
        }),
        fc.dictionary(id, fc.jsonValue()),
        fc.string({ minLength: 8, maxLength: 40 }),
        async (entries, routes, settings, passphrase) => {
          const all = entries.map((each) => account(each.id, { label: each.label, priority: each.priority }));
          const keys = new Map(entries.map((each) => [each.id, key(each.apiKey)]));
          const written = await writeBackup(all, { routes, settings }, 5, { credentials: keys, passphrase });
          const read = await readTransfer(written, passphrase);
          expect(read.accounts).toEqual(all);
          expect(read.credentials).toEqual(keys);
          expect(read.backup).toEqual(JSON.parse(JSON.stringify({ routes, settings })));
        },
      ),
      // Each costs two passphrases.
      { numRuns: 3, endOnFailure: true },
    );
  });
});

describe("an import's plan", () => {
  it("takes no id that the config file has", () => {
    const file = {
      accounts: [account("a")],
      credentials: new Map([["a", key("one")]]),
      exportedAt: 0,
      withSecrets: true,
    };
    expect(planImport(file, [], known, ["a"])).toMatchObject([
      { action: "conflict", id: "a", account: { id: "a-2" } },
    ]);
  });

  const transfer = (accounts: StoredAccount[], keys: Record<string, string> = {}) => ({
    accounts,
    credentials: new Map(Object.entries(keys).map(([id, each]) => [id, key(each)])),
    exportedAt: 0,
    withSecrets: true,
  });
  const present = [{ account: account("a"), credential: key("one") }];
  const actions = (planned: ReturnType<typeof planImport>) =>
    planned.map(({ action, account: { id }, sameAs }) => [action, id, sameAs]);

  it("knows what is new, what is here already and what only has the same id", () => {
    const file = transfer([account("a"), account("b"), account("c")], { a: "two", b: "one", c: "three" });
    expect(actions(planImport(file, present, known))).toEqual([
      ["conflict", "a-2", undefined],
      ["duplicate", "b", "a"],
      ["add", "c", undefined],
    ]);
  });

  it("tells places apart, however they are written", () => {
    const at = (id: string, url: string) => account(id, { endpoints: { "openai-chat": url } });
    const same = {
      "openai-chat": "https://api.openai.com/v1/",
      "openai-responses": "https://api.openai.com/v1",
    };
    const file = transfer([at("x", "https://other.example/v1"), account("y", { endpoints: same })], {
      x: "one",
      y: "one",
    });
    expect(actions(planImport(file, present, known))).toEqual([
      ["add", "x", undefined],
      ["duplicate", "y", "a"],
    ]);
  });

  it("finds repeats within the file, and goes by ids where there are no keys", () => {
    const file = transfer([account("x"), account("y")], { x: "new", y: "new" });
    expect(actions(planImport(file, present, known))).toEqual([
      ["add", "x", undefined],
      ["duplicate", "y", "x"],
    ]);
    expect(actions(planImport(transfer([account("a"), account("z")]), present, known))).toEqual([
      ["duplicate", "a", "a"],
      ["add", "z", undefined],
    ]);
  });

  it("makes ids that fit", () => {
    expect(freeId("a".repeat(64), () => false)).toHaveLength(64);
    expect(freeId("a", (id) => id === "a-2")).toBe("a-3");
  });
});
