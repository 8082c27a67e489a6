import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { acquireFolder } from "../../../src/cli/acquireFolder.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";

let scratch = "";
beforeEach(() => {
  scratch = makeFolder("claim");
});
afterEach(() => removeFolder(scratch));

describe("claimFolder", () => {
  it("makes the folder and leads it, one at a time", async () => {
    const path = join(scratch, "new", "data");
    const { leadership } = await acquireFolder(path);
    expect(leadership).toBeDefined();
    expect((await acquireFolder(path)).leadership).toBeUndefined();
    leadership?.release();
  });

  it("says what stands in the way, and what else can be done", async () => {
    const file = join(scratch, "file");
    await writeFile(file, "");
    await expect(acquireFolder(file)).rejects.toThrow(
      `The data folder ${file} cannot be used: there is a file in its place. Mend that, or choose another with --data-dir DIR.`,
    );
    await expect(acquireFolder(join(file, "data"))).rejects.toThrow("there is a file in its place");
  });

  it("has words for a folder in which nothing can be opened", async () => {
    const path = join(scratch, "data");
    await mkdir(join(path, "leader.db"), { recursive: true });
    await expect(acquireFolder(path)).rejects.toThrow("cannot be used: this account may not write there");
  });
});
