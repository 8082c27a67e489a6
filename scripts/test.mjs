// npm test: types, lint, build, unit and integration tests. Arguments go to vitest.
// PORTICO_TEST_NODE names another Node.js to run the tests under; PORTICO_TEST_ONLY=1 runs them alone;
// PORTICO_TEST_AGAIN=1 runs files that failed once more, and names those that pass then.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "./lib/build.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { findNode, tool } from "./lib/paths.mjs";
import { run, seconds } from "./lib/run.mjs";
import { groupSkips } from "./lib/skips.mjs";
import { failedFiles, failures, readCrashes, readReport, without } from "./lib/vitestReport.mjs";

const summary = [];
let passed = 0;
let failed = 0;

/** A check that counts as one test. */
async function step(name, job) {
  const start = performance.now();
  console.error(`\n== ${name}`);
  let ok = false;
  try {
    ok = (await job()) !== false;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
  }
  if (ok) passed += 1;
  else failed += 1;
  summary.push(`${name}: ${ok ? "passed" : "FAILED"} (${seconds(start)})`);
}

/** Files that may run a second time; more of them are no accident. */
const MOST_AGAIN = 3;
/** The same of those whose process V8 ended, which is nobody's fault here: Node.js reads TypeScript by WebAssembly, in each thread. */
const MOST_CRASHED = 6;

async function vitest(node) {
  const start = performance.now();
  console.error("\n== unit and integration tests");
  const folder = await mkdtemp(join(tmpdir(), "portico-test-"));
  try {
    const first = await vitestOnce(node, folder, process.argv.slice(2));
    const report = await onceMore(node, folder, first);
    summary.push(
      `unit and integration tests: ${report.passed} passed, ${report.failed} failed, ${report.skipped.length} skipped (${seconds(start)})`,
    );
    return report;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function vitestOnce(node, folder, wanted) {
  const file = join(folder, "report.json");
  const crashes = join(folder, "crashes.json");
  await Promise.all([file, crashes].map((each) => rm(each, { force: true })));
  const reporters = [
    "--reporter=default",
    "--reporter=json",
    `--reporter=${fileURLToPath(new URL("lib/crashReporter.mjs", import.meta.url))}`,
    `--outputFile.json=${file}`,
  ];
  const code = await run(node, [tool("vitest", "vitest.mjs"), "run", ...reporters, ...wanted], {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, PORTICO_TEST_CRASHES: crashes },
  });
  const report = await readReport(file);
  const crashed = await readCrashes(crashes);
  // Errors outside of any test fail the run, too.
  if (code !== 0 && report.failed === 0 && crashed.files.length === 0) report.failed = 1;
  return { ...report, crashed };
}

/**
 * V8 may end a whole process where threads with WebAssembly in them come and go ("Check failed: jit_page"), in
 * whatever file that happens to be. Such a file runs once more, by itself; one that fails then has failed.
 * With PORTICO_TEST_AGAIN=1 so does a file that failed in any other way, and is named as flaky when it passes.
 */
async function onceMore(node, folder, first) {
  const { files: crashed, others } = first.crashed;
  const failing = process.env.PORTICO_TEST_AGAIN === "1" ? failedFiles(first) : [];
  const broken = failing.filter((file) => !crashed.includes(file));
  const files = [...new Set([...crashed, ...broken])];
  if (files.length === 0) return first;
  const report = without(first, files);
  report.failed += others > 0 ? 1 : 0;
  if (broken.length > MOST_AGAIN || crashed.length > MOST_CRASHED) {
    report.failed += files.length;
    return report;
  }
  console.error(`\n== once more: ${files.join(", ")}`);
  const again = await withoutCrashes(node, folder, await vitestOnce(node, folder, files));
  if (crashed.length > 0) summary.push(`once more, for V8 ended their processes: ${crashed.join(", ")}`);
  const still = new Set(failures(again).map(({ name, file }) => `${file}: ${name}`));
  for (const { name, file } of broken.length > 0 ? failures(first) : []) {
    // A file without a name of a test is one whose process ended.
    if (name !== "" && !still.has(`${file}: ${name}`))
      summary.push(`FLAKY, failed at first: ${file}: ${name}`);
  }
  return {
    passed: report.passed + again.passed,
    failed: report.failed + again.failed + again.crashed.files.length,
    skipped: [...report.skipped, ...again.skipped],
  };
}

/** Files whose process V8 ends in the second run as well have two more. */
async function withoutCrashes(node, folder, report) {
  let last = report;
  for (let tries = 0; tries < 2 && last.crashed.files.length > 0; tries++) {
    const files = last.crashed.files;
    const next = await vitestOnce(node, folder, files);
    const rest = without(last, files);
    last = {
      passed: rest.passed + next.passed,
      failed: rest.failed + next.failed,
      skipped: [...rest.skipped, ...next.skipped],
      tests: [...rest.tests, ...next.tests],
      crashed: next.crashed,
    };
  }
  return last;
}

async function main() {
  await ensureInstalled();
  const node = findNode();
  const succeeds =
    (...args) =>
    async () =>
      (await run(node, args)) === 0;
  if (process.env.PORTICO_TEST_ONLY === "1") {
    await step("build", () => build());
  } else {
    for (const project of [".", "src/webviews", "test/webviews"]) {
      await step(`type check of ${project}`, succeeds(tool("typescript", "bin", "tsc"), "-p", project));
    }
    await step(
      "lint and format",
      succeeds(tool("@biomejs", "biome", "bin", "biome"), "check", "--error-on-warnings"),
    );
    await step("build", () => build());
  }
  const report = await vitest(process.env.PORTICO_TEST_NODE || node);

  console.log("\nWhat ran:");
  for (const line of summary) console.log(`  ${line}`);
  const groups = groupSkips(report.skipped);
  if (groups.length > 0) console.log("What was skipped, why, and how to get it:");
  for (const { count, why, how, files } of groups) {
    console.log(`  ${count} × ${why}: ${how} (${[...files].join(", ")})`);
  }
  console.log("Not part of this command:");
  console.log("  npm run test:clients  real command-line agents through Portico");
  console.log("  npm run test:vscode   the extension in a real VS Code");
  failed += report.failed;
  console.log(`${passed + report.passed} passed, ${failed} failed, ${report.skipped.length} skipped`);
  process.exitCode = failed === 0 ? 0 : 1;
}

main().catch((error) => {
  console.error(error.message);
  console.log("0 passed, 1 failed, 0 skipped");
  process.exitCode = 1;
});
