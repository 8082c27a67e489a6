import { defineConfig } from "vitest/config";

/** One file after the other and two tests at once: each runs an agent and a gateway on a small machine. */
export default defineConfig({
  test: {
    include: ["test/clients/**/*.test.ts"],
    testTimeout: 300_000,
    maxConcurrency: 2,
    fileParallelism: false,
    pool: "threads",
  },
});
