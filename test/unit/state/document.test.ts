/** The store beneath `accounts.json` and `preferences.json`. */
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { Document, type DocumentOptions } from "../../../src/gateway/state/document.ts";
import { KEPT_COPIES } from "../../../src/gateway/state/versionedFile.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = makeFolder("document");
  path = join(folder, "words.json");
});
afterEach(() => removeFolder(folder));

const file = z.object({ version: z.int(), words: z.array(z.unknown()) });
const options: DocumentOptions<readonly string[]> = {
  what: "The words",
  use: "change words",
  empty: [],
  read(json) {
    const { success, data } = file.safeParse(json);
    const value = data?.words.filter((each) => typeof each === "string") ?? [];
    const whole = success && value.length === data.words.length;
    return whole ? { value } : { value, damaged: "a word is none" };
  },
  write: (words) => ({ version: 1, words }),
};
class Words extends Document<readonly string[]> {
  get words(): readonly string[] {
    return this.value;
  }

  change(words: readonly string[]): Promise<void> {
    return this.replace(words);
  }
}
const open = (now = 0) => new Words(path, options, () => now).load();
const written = async (): Promise<unknown> => JSON.parse(await readFile(path, "utf8"));

describe("a document", () => {
  it("makes no file before there is a change", async () => {
    const document = await open();
    expect(document.words).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
    await document.change(["a"]);
    expect(await written()).toEqual({ version: 1, words: ["a"] });
  });

  it("is in force before it is saved, and as it was when it cannot be", async () => {
    const document = await open();
    await document.change(["a"]);
    await rm(path);
    await mkdir(join(path, "in the way"), { recursive: true });
    const refused = document.change(["a", "b"]);
    expect(document.words).toEqual(["a", "b"]);
    await expect(refused).rejects.toThrow(/^The words could not be saved/);
    expect(document.words).toEqual(["a"]);
    await rm(path, { recursive: true });
    await document.change(["c"]);
    expect(await written()).toEqual({ version: 1, words: ["c"] });
  });

  it.each(["{", "7", '{"version":1,"words":["a",7]}', '{"version":"2","words":["a",7]}'])(
    "keeps %j aside and goes on with what it understands",
    async (text) => {
      await writeFile(path, text);
      const document = await open();
      const [, aside = ""] = (await readdir(folder)).sort();
      expect(await readFile(join(folder, aside), "utf8")).toBe(text);
      expect(document.notice).toContain(aside);
      expect(await written()).toEqual({ version: 1, words: document.words });
      expect((await open()).notice).toBeUndefined();
    },
  );

  it("keeps the latest of many damaged ones", async () => {
    for (let day = 0; day < KEPT_COPIES + 3; day += 1) {
      await writeFile(path, "{");
      await open(day * 86_400_000);
    }
    const names = (await readdir(folder)).sort();
    expect(names).toHaveLength(1 + KEPT_COPIES);
    expect(names[1]).toContain("1970-01-04");
  });

  it("of a newer Portico is shown and left alone, whatever else it holds", async () => {
    for (const [text, words] of [
      ['{"version":2,"words":["a",{}]}', ["a"]],
      ['{"version":9,"sentences":[]}', []],
    ] as const) {
      await writeFile(path, text);
      const document = await open();
      expect(document.words).toEqual(words);
      expect(document.notice).toBe(
        "words.json was written by a newer Portico. Update Portico to change words.",
      );
      await expect(document.change(["b"])).rejects.toMatchObject({ kind: "permission" });
      expect(document.words).toEqual(words);
      expect(await readFile(path, "utf8")).toBe(text);
    }
    expect(await readdir(folder)).toEqual(["words.json"]);
  });
});
