import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/unit/**/*.test.ts", "test/integration/**/*.test.ts", "test/webviews/**/*.test.ts"],
    // Limits are for what hangs. A machine that is busy with something else is no failure.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    pool: "threads",
    // Half of the tests wait for a browser or a process: all but one processor is too few.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
