// Reads what vitest's JSON reporter wrote.
import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { root } from "./paths.mjs";

/**
 * @returns {Promise<{passed: number, failed: number, skipped: {name: string, file: string}[], tests: object[]}>}
 *   `failed` counts a file that could not even be loaded as one, and a run that broke off as one.
 */
export async function readReport(file) {
  let report;
  try {
    report = JSON.parse(await readFile(file, "utf8"));
  } catch {
    return { passed: 0, failed: 1, skipped: [], tests: [] };
  }
  return counted(
    report.testResults.flatMap(({ name: path, status, assertionResults }) => {
      const file = relative(root, path);
      const tests = assertionResults.map((test) => ({ status: test.status, name: test.fullName, file }));
      const broken = status === "failed" && !tests.some((test) => test.status === "failed");
      return broken ? [...tests, { status: "failed", name: "", file }] : tests;
    }),
  );
}

/** Tests that failed. */
export function failures({ tests }) {
  return tests.filter(({ status }) => status === "failed");
}

/** @returns {string[]} absolute paths of files with a test that failed */
export function failedFiles(report) {
  return [...new Set(failures(report).map(({ file }) => join(root, file)))];
}

/** The same report without what it says of some files. @param files absolute paths */
export function without({ tests }, files) {
  const names = new Set(files.map((file) => relative(root, file)));
  return counted(tests.filter(({ file }) => !names.has(file)));
}

/** @returns {Promise<{files: string[], others: number}>} what the crash reporter wrote; nothing: no crash */
export async function readCrashes(file) {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch {
    return { files: [], others: 0 };
  }
}

function counted(tests) {
  return {
    passed: tests.filter(({ status }) => status === "passed").length,
    failed: tests.filter(({ status }) => status === "failed").length,
    skipped: tests.filter(({ status }) => status !== "passed" && status !== "failed"),
    tests,
  };
}
