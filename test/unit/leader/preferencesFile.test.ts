/** `preferences.json` in the hands of several versions of Portico. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Preferences } from "../../../src/gateway/leader/preferencesFile.ts";
import { isSettingName } from "../../../src/gateway/settings/table.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import fc from "../../support/property.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = makeFolder("preferences");
  path = join(folder, "preferences.json");
});
afterEach(() => removeFolder(folder));

const open = () => Preferences.open(path, () => Date.UTC(2026, 0, 2));
const written = async (): Promise<unknown> => JSON.parse(await readFile(path, "utf8"));
const write = (value: unknown) => writeFile(path, JSON.stringify(value));

describe("preferences.json", () => {
  it("keeps what this version does not know when it writes what it does", async () => {
    const theirs = { "future.thing": { deep: [1, null] }, "future.other": "x" };
    await write({ version: 1, settings: { ...theirs, "records.maxAgeDays": 9 }, later: { a: 1 } });
    const preferences = await open();
    expect(preferences.notice).toBeUndefined();
    expect(preferences.settings).toEqual({ "records.maxAgeDays": 9 });
    await preferences.change({ "records.maxAgeDays": 4, "records.maxRows": 5000 });
    expect(await written()).toEqual({
      version: 1,
      settings: { ...theirs, "records.maxAgeDays": 4, "records.maxRows": 5000 },
      later: { a: 1 },
    });
    await (await open()).change({ "records.maxRows": 6000 });
    expect(await written()).toMatchObject({ settings: theirs, later: { a: 1 } });
    expect(await readdir(folder)).toEqual(["preferences.json"]);
  });

  it("keeps it whatever it is", async () => {
    const name = fc.string({ minLength: 1, maxLength: 100 }).filter((text) => !isSettingName(text));
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, fc.jsonValue(), { maxKeys: 20 }), async (theirs) => {
        const settings: unknown = JSON.parse(JSON.stringify(theirs));
        await write({ version: 1, settings });
        await (await open()).change({ "records.maxAgeDays": 4 });
        expect(await written()).toEqual({
          version: 1,
          settings: { ...(settings as object), "records.maxAgeDays": 4 },
        });
      }),
      { numRuns: 50 },
    );
  });

  it("keeps it also when another setting is broken, and not without end", async () => {
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`x${index}`, index]));
    await write({ version: 1, settings: { "records.maxRows": "many", ...many } });
    const preferences = await open();
    expect(preferences.notice).toContain("records.maxRows");
    expect(Object.keys((Object(await written()) as { settings: object }).settings)).toHaveLength(200);
  });

  it("of a newer form is read and never written", async () => {
    await write({ version: 2, settings: { "records.maxAgeDays": 9, odd: 1 } });
    const before = await readFile(path, "utf8");
    const preferences = await open();
    expect(preferences.settings).toEqual({ "records.maxAgeDays": 9 });
    await expect(preferences.change({ "records.maxAgeDays": 4 })).rejects.toMatchObject({
      kind: "permission",
    });
    expect(await readFile(path, "utf8")).toBe(before);
  });
});
