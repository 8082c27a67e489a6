import { describe, expect, it } from "vitest";
import {
  accountSecretKey,
  createCredentialStore,
  KEPT_MS,
  keptSecrets,
  watchedSecrets,
} from "../../../../src/gateway/accounts/credentials/store.ts";
import type { SecretStore } from "../../../../src/gateway/common/ports.ts";

function inMemory(): SecretStore & { values: Map<string, string> } {
  const values = new Map<string, string>();
  return {
    values,
    get: async (key) => values.get(key),
    set: async (key, value) => void values.set(key, value),
    delete: async (key) => void values.delete(key),
  };
}

describe("the credential store", () => {
  it("keeps one value per account, which plain keys of older versions are too", async () => {
    const secrets = inMemory();
    const store = createCredentialStore(secrets);
    expect(await store.load("a")).toBeUndefined();
    secrets.values.set(accountSecretKey("a"), "sk-old");
    expect(await store.load("a")).toEqual({ kind: "apiKey", apiKey: "sk-old" });
    await store.save("a", { kind: "apiKey", headers: { "x-team": "t" } });
    expect(secrets.values.size).toBe(1);
    await store.remove("a");
    expect(secrets.values.size).toBe(0);
  });

  it("says what to do when a value cannot be used or stored", async () => {
    const secrets = inMemory();
    secrets.values.set(accountSecretKey("a"), '{"portico":"credential","version":1}');
    const store = createCredentialStore({ ...secrets, set: () => Promise.reject(new Error("locked")) });
    await expect(store.load("a")).rejects.toMatchObject({ kind: "authentication" });
    await expect(store.save("a", { kind: "apiKey", apiKey: "k" })).rejects.toMatchObject({
      kind: "unavailable",
    });
  });
});

describe("watched secrets", () => {
  it("are told before they are used, each part of them, and once", async () => {
    const told: string[][] = [];
    const inner = inMemory();
    const watched = watchedSecrets(inner, (values) => void told.push(values));
    const value = '{"portico":"credential","version":1,"kind":"apiKey","headers":{"x-team":"part"}}';
    inner.values.set("k", value);
    for (let i = 0; i < 3; i++) expect(await watched.get("k")).toBe(value);
    expect(told).toEqual([[value, "part"]]);
    await watched.set("k", "another");
    expect(told.at(-1)).toEqual(["another", "another"]);
    await watched.delete("k");
    expect(await watched.get("k")).toBeUndefined();
    expect(told).toHaveLength(2);
  });
});

describe("secrets that are kept in memory", () => {
  it("are read once a second at most, and at once where they must be fresh", async () => {
    let now = 0;
    const secrets = inMemory();
    const kept = keptSecrets(secrets, { monotonic: () => now });
    expect(await kept.get("k")).toBeUndefined();
    secrets.values.set("k", "1");
    expect(await kept.get("k")).toBe("1");
    secrets.values.set("k", "2");
    expect(await kept.get("k")).toBe("1");
    expect(await kept.get("k", { fresh: true })).toBe("2");
    secrets.values.set("k", "3");
    now += KEPT_MS;
    expect(await kept.get("k")).toBe("3");
    await kept.set("k", "4");
    secrets.values.set("k", "5");
    expect(await kept.get("k")).toBe("4");
    await kept.delete("k");
    expect(await kept.get("k")).toBeUndefined();
  });
});
