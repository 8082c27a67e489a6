import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/unit/**/*.test.ts", "test/integration/**/*.test.ts", "test/webviews/**/*.test.ts"],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    pool: "threads",
    // Half of the tests wait for a browser or a process: all but one processor is too few.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
