import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeFolder, removeFolder } from "../../support/folder.ts";

const root = join(import.meta.dirname, "../../..");
interface Report {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly { name: string }[];
}
const { failedFiles, readReport, without, readCrashes } = (await import(
  `${root}/scripts/lib/vitestReport.mjs`
)) as {
  readReport(file: string): Promise<Report>;
  failedFiles(report: Report): string[];
  without(report: Report, files: readonly string[]): Report;
  readCrashes(file: string): Promise<{ files: string[]; others: number }>;
};
const { crashedFile } = (await import(`${root}/scripts/lib/crashReporter.mjs`)) as {
  crashedFile(error: unknown): string | undefined;
};

let folder: string;
beforeAll(() => {
  folder = makeFolder("report");
});
afterAll(() => removeFolder(folder));

const path = (name: string) => join(root, "test", name);
const file = (name: string, status: string, ...tests: string[]) => ({
  name: path(name),
  status,
  assertionResults: tests.map((each, index) => ({ status: each, fullName: `${name} ${index}` })),
});

describe("the report of a run", () => {
  it("counts tests, files that could not be loaded, and a run that broke off", async () => {
    const report = join(folder, "report.json");
    writeFileSync(
      report,
      JSON.stringify({
        testResults: [
          file("a.test.ts", "passed", "passed", "pending"),
          file("b.test.ts", "failed", "failed", "passed"),
          file("c.test.ts", "failed"),
        ],
      }),
    );
    const read = await readReport(report);
    expect(read).toMatchObject({ passed: 2, failed: 2, skipped: [{ name: "a.test.ts 1" }] });
    expect(failedFiles(read)).toEqual([path("b.test.ts"), path("c.test.ts")]);
    expect(without(read, [path("b.test.ts"), path("a.test.ts")])).toMatchObject({
      passed: 0,
      failed: 1,
      skipped: [],
    });
    expect(await readReport(join(folder, "none.json"))).toMatchObject({ passed: 0, failed: 1 });
    expect(await readCrashes(join(folder, "none.json"))).toEqual({ files: [], others: 0 });
  });
});

describe("an error outside of tests", () => {
  it("names the file whose process V8 ended, and nothing else", () => {
    const ended = (signal: string) =>
      new Error("Worker forks emitted error.", {
        cause: new Error(
          `Worker exited unexpectedly with signal ${signal} during started state while running test file /x y/a.test.ts`,
        ),
      });
    expect(crashedFile(ended("SIGTRAP"))).toBe("/x y/a.test.ts");
    expect(crashedFile(ended("SIGSEGV"))).toBe("/x y/a.test.ts");
    // Somebody else's doing.
    expect(crashedFile(ended("SIGKILL"))).toBeUndefined();
    expect(crashedFile(new Error("a promise was rejected"))).toBeUndefined();
  });
});
