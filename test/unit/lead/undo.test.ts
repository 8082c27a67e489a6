import { describe, expect, it } from "vitest";
import { CleanupStack } from "../../../src/gateway/common/cleanupStack.ts";

describe("steps back", () => {
  it("are done once, the last first, also after one that fails", async () => {
    const done: string[] = [];
    const failures: unknown[] = [];
    const undo = new CleanupStack();
    undo.add(() => void done.push("first"));
    undo.add(() => {
      throw new Error("odd");
    });
    undo.add(async () => {
      await Promise.resolve();
      done.push("last");
    });
    undo.add(() => Promise.reject(new Error("odder")));
    await undo.run((error) => failures.push(error));
    await undo.run((error) => failures.push(error));
    expect(done).toEqual(["last", "first"]);
    expect(failures.map(String)).toEqual(["Error: odder", "Error: odd"]);
  });
});
