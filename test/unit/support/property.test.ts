import { glob, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";

const tests = resolve(import.meta.dirname, "../..");

it("property tests try the same cases in every run: none takes fast-check past its seed", async () => {
  const past: string[] = [];
  for await (const file of glob("**/*.ts", { cwd: tests })) {
    const text = await readFile(join(tests, file), "utf8");
    if (/^import .*from "fast-check";$/m.test(text) && !/^support[\\/]property\.ts$/.test(file))
      past.push(file);
  }
  expect(past).toEqual([]);
});
