import { chmod, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  API_KEY_SECRET,
  generateApiKey,
  resolveApiKey,
  rotateApiKey,
} from "../../../src/gateway/config/apiKey.ts";
import { createSecretsFile } from "../../../src/gateway/config/secretsFile.ts";
import { settingsSchema } from "../../../src/gateway/settings/settings.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";

let folder = "";
let file = "";
beforeEach(async () => {
  folder = makeFolder("secrets");
  file = join(folder, "secrets.json");
});
afterEach(() => removeFolder(folder));

describe("createSecretsFile", () => {
  it("keeps, replaces and forgets", async () => {
    const secrets = createSecretsFile(file);
    expect(await secrets.get("a")).toBeUndefined();
    await secrets.delete("a");
    expect(await readdir(folder)).toEqual([]);
    await secrets.set("a", "1");
    await secrets.set("a", "3");
    expect(await createSecretsFile(file).get("a")).toBe("3");
    expect(await secrets.get("toString")).toBeUndefined();
    await secrets.delete("a");
    expect(await createSecretsFile(file).get("a")).toBeUndefined();
    expect(await readdir(folder)).toEqual(["secrets.json"]);
  });

  it("loses nothing of many calls at once", async () => {
    const secrets = createSecretsFile(file);
    await Promise.all(Array.from({ length: 50 }, (_, i) => secrets.set(`k${i}`, String(i))));
    const kept: unknown = JSON.parse(await readFile(file, "utf8"));
    expect(Object.keys(kept as object)).toHaveLength(50);
  });

  it.skipIf(process.platform === "win32")(
    "is for its owner alone, also when it was not (Windows has no modes)",
    async () => {
      const secrets = createSecretsFile(file);
      await secrets.set("a", "1");
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      await chmod(file, 0o644);
      await secrets.get("a");
      expect((await stat(file)).mode & 0o777).toBe(0o600);
    },
  );

  it.each(['{"a": "secr', "[]", '{"a": 1}', "null"])(
    "neither quotes nor overwrites a damaged file: %s",
    async (text) => {
      await writeFile(file, text);
      const secrets = createSecretsFile(file);
      await expect(secrets.get("a")).rejects.toThrow(/damaged/);
      await expect(secrets.set("a", "1")).rejects.toThrow(/^(?!.*secr"?$).*damaged/);
      expect(await readFile(file, "utf8")).toBe(text);
    },
  );

  it("goes on after a failure", async () => {
    const secrets = createSecretsFile(file);
    await writeFile(file, "damaged");
    const failed = secrets.set("a", "1");
    await expect(failed).rejects.toThrow();
    await rm(file);
    await secrets.set("a", "2");
    expect(await secrets.get("a")).toBe("2");
  });

  it("bounds the file and leaves no temporary file behind", async () => {
    const secrets = createSecretsFile(file);
    await expect(secrets.set("a", "x".repeat(5_000_000))).rejects.toThrow(/larger/);
    expect(await readdir(folder)).toEqual([]);
    await writeFile(file, JSON.stringify({ a: "x".repeat(5_000_000) }));
    await expect(secrets.get("a")).rejects.toThrow(/larger/);
  });
});

describe("the gateway's key", () => {
  it("is long, never the same and accepted by the settings", () => {
    expect(generateApiKey()).toMatch(/^sk-portico-[0-9a-f]{48}$/);
    expect(generateApiKey()).not.toBe(generateApiKey());
    expect(settingsSchema.safeParse({ auth: { apiKey: generateApiKey() } }).success).toBe(true);
  });

  it("is made once and kept, unless the settings have one", async () => {
    const secrets = createSecretsFile(file);
    expect(await resolveApiKey("from-the-settings", secrets)).toBe("from-the-settings");
    expect(await secrets.get(API_KEY_SECRET)).toBeUndefined();
    const first = await resolveApiKey(undefined, secrets);
    expect(await resolveApiKey(undefined, createSecretsFile(file))).toBe(first);
    const second = await rotateApiKey(secrets);
    expect(second).not.toBe(first);
    expect(await resolveApiKey(undefined, secrets)).toBe(second);
  });
});
