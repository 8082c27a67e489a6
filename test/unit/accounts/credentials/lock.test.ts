import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { folderLock, localLock } from "../../../../src/gateway/accounts/credentials/lock.ts";
import { deferred } from "../../../../src/gateway/common/deferred.ts";
import { createSecretsFile } from "../../../../src/gateway/config/secretsFile.ts";
import { makeFolder, removeFolder } from "../../../support/folder.ts";

let folder: string;
beforeEach(async () => {
  folder = makeFolder("lock");
});
afterEach(() => removeFolder(folder));

describe("a lock", () => {
  it("lets one job at a time in, in each process and across them, and is free after a failure", async () => {
    for (const locks of [[localLock()], [folderLock(folder), folderLock(folder)]]) {
      let inside = 0;
      let most = 0;
      const jobs = Array.from({ length: 12 }, (_, index) =>
        locks[index % locks.length]
          ?.hold("a", async () => {
            most = Math.max(most, ++inside);
            await new Promise(setImmediate);
            inside--;
            if (index % 3 === 0) throw new Error("failed");
            return index;
          })
          .catch(() => "failed"),
      );
      expect((await Promise.all(jobs)).filter((each) => each === "failed")).toHaveLength(4);
      expect(most).toBe(1);
    }
    expect(await readdir(folder)).toEqual(["a.lock"]);
  });

  it("holds up no other name, and gives up in the end", async () => {
    const first = folderLock(folder);
    const second = folderLock(folder, 60);
    const held = deferred();
    const holding = first.hold("a", () => held.promise);
    expect(await second.hold("b", async () => "b")).toBe("b");
    await expect(second.hold("a", async () => "a")).rejects.toThrow(/holds a lock for too long/);
    held.resolve();
    await holding;
    expect(await second.hold("a", async () => "a")).toBe("a");
  });
});

describe("a secrets file that two share", () => {
  it("loses no change of either", async () => {
    const file = join(folder, "secrets.json");
    const stores = [createSecretsFile(file, folderLock(folder)), createSecretsFile(file, folderLock(folder))];
    const keys = Array.from({ length: 30 }, (_, index) => `key-${index}`);
    await Promise.all(keys.map((key, index) => stores[index % 2]?.set(key, `value of ${key}`)));
    for (const key of keys) expect(await stores[0]?.get(key)).toBe(`value of ${key}`);
  });
});
