import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files of a minute and more: what is short fits beside them, not behind them. */
const LONG = [
  "gateway/memory.test.ts",
  "records/kill.test.ts",
  "pool/outages.test.ts",
  "pool/budgets.test.ts",
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => LONG.some((name) => moduleId.endsWith(name));
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  // There is no such module outside of an editor.
  resolve: { alias: { vscode: fileURLToPath(new URL("test/support/editor/vscode.ts", import.meta.url)) } },
  test: {
    projects: [
      // Unit tests leave nothing behind, so that their files can share a process: starting one costs more than
      // most of them take.
      { extends: true, test: { name: "unit", include: ["test/unit/**/*.test.ts"], isolate: false } },
      {
        extends: true,
        test: { name: "real", include: ["test/integration/**/*.test.ts", "test/webviews/**/*.test.ts"] },
      },
    ],
    // Limits are for what hangs. A machine that is busy with something else is no failure.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    // Not threads: V8 may end the whole process where threads with WebAssembly in them come and go
    // ("Check failed: jit_page_->allocations_.erase").
    pool: "forks",
    sequence: { sequencer: LongestFirst },
    // Half of the tests wait for a browser or a process: all but one processor is too few.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
