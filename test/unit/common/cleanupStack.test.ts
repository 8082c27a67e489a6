import { describe, expect, it } from "vitest";
import { CleanupStack } from "../../../src/gateway/common/cleanupStack.ts";

describe("clean-up steps", () => {
  it("are done once, the last first, also after one that fails", async () => {
    const done: string[] = [];
    const failures: unknown[] = [];
    const cleanup = new CleanupStack();
    cleanup.add(() => void done.push("first"));
    cleanup.add(() => {
      throw new Error("odd");
    });
    cleanup.add(async () => {
      await Promise.resolve();
      done.push("last");
    });
    cleanup.add(() => Promise.reject(new Error("odder")));
    await cleanup.run((error) => failures.push(error));
    await cleanup.run((error) => failures.push(error));
    expect(done).toEqual(["last", "first"]);
    expect(failures.map(String)).toEqual(["Error: odder", "Error: odd"]);
  });
});
