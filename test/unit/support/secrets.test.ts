import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { leaksIn, leaksInFolder, seededSecret } from "../../support/secrets.ts";

describe("the scanner for secrets", () => {
  it("finds them as they are and in base64, wherever they stand", () => {
    const secret = seededSecret("key");
    expect(leaksIn("the log", `asked with ${secret}`)).toHaveLength(1);
    for (const before of ["", "a", "ab", "abc", "user:"]) {
      const encoded = Buffer.from(`${before}${secret}`).toString("base64");
      expect(leaksIn("a header", `Basic ${encoded}`).length, before).toBeGreaterThan(0);
    }
    expect(leaksIn("the log", "asked with [redacted]")).toEqual([]);
  });

  it("looks into every file but the secret store", async () => {
    const folder = makeFolder("leaks");
    try {
      await mkdir(join(folder, "deep", ".hidden"), { recursive: true });
      const secret = seededSecret("key");
      const binary = Buffer.concat([Buffer.from([0, 255, 128]), Buffer.from(secret), Buffer.from([0])]);
      await writeFile(join(folder, "secrets.json"), secret);
      expect(await leaksInFolder(folder)).toEqual([]);
      await writeFile(join(folder, "deep", ".hidden", "portico.db"), binary);
      expect(await leaksInFolder(folder)).toEqual([expect.stringContaining("portico.db")]);
      await writeFile(join(folder, "deep", "state.json"), secret);
      expect(await leaksInFolder(folder)).toHaveLength(2);
    } finally {
      await removeFolder(folder);
    }
  });
});
