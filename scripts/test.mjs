// npm test: types, lint, build, unit and integration tests. Arguments go to vitest.
// PORTICO_TEST_NODE names another Node.js to run the tests under; PORTICO_TEST_ONLY=1 runs them alone.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "./lib/build.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { findNode, tool } from "./lib/paths.mjs";
import { run, seconds } from "./lib/run.mjs";
import { groupSkips } from "./lib/skips.mjs";
import { readReport } from "./lib/vitestReport.mjs";

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

async function vitest(node) {
  const start = performance.now();
  console.error("\n== unit and integration tests");
  const folder = await mkdtemp(join(tmpdir(), "portico-test-"));
  const file = join(folder, "report.json");
  try {
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
    const args = [tool("vitest", "vitest.mjs"), "run", ...reporters, ...process.argv.slice(2)];
    const code = await run(node, args, { stdio: ["ignore", "inherit", "inherit"] });
    const report = await readReport(file);
    // Errors outside of any test fail the run, too.
    if (code !== 0 && report.failed === 0) report.failed = 1;
    summary.push(
      `unit and integration tests: ${report.passed} passed, ${report.failed} failed, ${report.skipped.length} skipped (${seconds(start)})`,
    );
    return report;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
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
