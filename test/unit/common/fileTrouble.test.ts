import { writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { writeWhole } from "../../../src/gateway/common/dataFolder.ts";
import { FileFailure, notSaved, whyRefused } from "../../../src/gateway/common/fileFailure.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";

const systemError = (code: string) =>
  Object.assign(new Error(`${code}: no, open '/data/.0123456789ab.tmp'`), { code });

describe("what the system says against a file", () => {
  it.each(["EROFS", "EACCES", "EPERM", "ENOSPC", "EDQUOT", "ENOENT", "EISDIR", "ENOTDIR", "EMFILE", "EIO"])(
    "is said in words: %s",
    (code) => {
      const { message, kind, cause } = notSaved("The settings", "/data/preferences.json", systemError(code));
      expect(message).toMatch(/^The settings could not be saved: [a-z -]+ \(\/data\)\. [A-Z][a-z,' -]+\.$/i);
      expect(message).not.toContain(code);
      expect(message).not.toContain(".tmp");
      expect(kind).toBe("unavailable");
      expect(cause).toMatchObject({ code });
    },
  );

  it("is said in the same words by whoever hands it on", () => {
    const first = new FileFailure("a.json", "written", "/data", systemError("ENOSPC"));
    const second = notSaved("The accounts", "/data/a.json", first);
    expect(second.message).toBe(
      "The accounts could not be saved: the disk is full (/data). Free some space.",
    );
    expect(whyRefused(second)).toBe("the disk is full");
  });

  it("knows SQLite's own", () => {
    const opened = () => new DatabaseSync("/nowhere/at/all.db");
    expect(opened).toThrow();
    try {
      opened();
    } catch (error) {
      expect(whyRefused(error)).toBe("this account may not write there");
    }
  });

  it("leaves nothing half-written behind", async () => {
    const folder = makeFolder("file");
    writeFileSync(join(folder, "taken"), "");
    await expect(writeWhole(join(folder, "taken", "x.json"), "{}")).rejects.toThrow(
      /x\.json could not be written: there is a file in its place/,
    );
    expect(await readdir(folder)).toEqual(["taken"]);
    await removeFolder(folder);
  });
});
