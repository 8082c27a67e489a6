// Reads what vitest's JSON reporter wrote.
import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import { root } from "./paths.mjs";

/**
 * @returns {Promise<{passed: number, failed: number, skipped: {name: string, file: string}[]}>}
 *   `failed` counts a file that could not even be loaded as one, and a run that broke off as one.
 */
export async function readReport(file) {
  let report;
  try {
    report = JSON.parse(await readFile(file, "utf8"));
  } catch {
    return { passed: 0, failed: 1, skipped: [] };
  }
  const tests = report.testResults.flatMap(({ name: path, assertionResults }) =>
    assertionResults.map(({ status, fullName }) => ({ status, name: fullName, file: relative(root, path) })),
  );
  const passed = tests.filter(({ status }) => status === "passed").length;
  const failed = tests.filter(({ status }) => status === "failed").length;
  const broken = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === "failed" && !assertionResults.some((test) => test.status === "failed"),
  ).length;
  const skipped = tests.filter(({ status }) => status !== "passed" && status !== "failed");
  return { passed, failed: failed + broken, skipped };
}
