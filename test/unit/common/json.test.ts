/** Reading JSON that came from outside: one reader of each kind. */
import { readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { fieldsOf, isRecord, parseJson } from "../../../src/gateway/common/json.ts";
import fc from "../../support/property.ts";

const gateway = resolve(import.meta.dirname, "../../../src/gateway");
/** What a copy of `isRecord` and of `parseJson` looks like. */
const COPIES = [
  /typeof (\w+) === "object" && \1 !== null && !Array\.isArray\(\1\)/,
  /try \{\s+return JSON\.parse\(\w+\)[^;]*;\s+\} catch \{\s+return undefined;/,
];

describe("common/json", () => {
  it("tells objects from all else", () => {
    for (const value of [{}, { a: 1 }, Object.create(null)]) expect(isRecord(value)).toBe(true);
    for (const value of [null, undefined, [], [1], "{}", 1, true]) {
      expect(isRecord(value)).toBe(false);
      expect(fieldsOf(value)).toEqual({});
    }
  });

  it("parses what is JSON and nothing else", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
    );
    for (const text of ["", "{", "undefined", "{'a':1}"]) expect(parseJson(text)).toBeUndefined();
  });

  it("is the one place that does so", async () => {
    const found: string[] = [];
    for await (const file of glob("**/*.ts", { cwd: gateway })) {
      const text = readFileSync(join(gateway, file), "utf8");
      if (COPIES.some((copy) => copy.test(text))) found.push(file.replaceAll("\\", "/"));
    }
    expect(found).toEqual(["common/json.ts"]);
  });
});
