import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { collecting, RESTS, WORTH_MS } from "../../../src/gateway/common/idleMemory.ts";

describe("a thread that gives memory back", () => {
  function watched() {
    let collected = 0;
    const look = collecting(() => ++collected > 0);
    return { look, collected: () => collected };
  }

  it("does so once it rests after it was loaded, and not again while nothing happens", () => {
    const { look, collected } = watched();
    look(900);
    expect(collected()).toBe(0);
    for (let n = 0; n < 100; n++) look(1);
    expect(collected()).toBe(1);
  });

  it("does not while it works, nor in a pause between requests", () => {
    const { look, collected } = watched();
    for (let n = 0; n < 100; n++) {
      look(200);
      for (let rest = 1; rest < RESTS; rest++) look(0);
    }
    expect(collected()).toBe(0);
    look(0);
    expect(collected()).toBe(1);
  });

  it("does not for next to no work", () => {
    const { look, collected } = watched();
    const rest = () => {
      for (let n = 0; n < RESTS; n++) look(0);
    };
    rest();
    look(WORTH_MS - 1);
    rest();
    expect(collected()).toBe(1);
    look(60);
    rest();
    expect(collected()).toBe(2);
  });

  it("tries again where it could not", () => {
    const could = [false, false, true];
    let tried = 0;
    const look = collecting(() => could[tried++] === true);
    look(900);
    for (let n = 0; n < 100; n++) look(0);
    expect(tried).toBe(3);
  });

  it("gives back what is not in use", () => {
    // In a process of its own: all of this one's would take seconds.
    const file = new URL("../../../src/gateway/common/idleMemory.ts", import.meta.url).href;
    const script = `
      const { collectAll } = await import(${JSON.stringify(file)});
      let held = Array.from({ length: 500_000 }, (_, at) => ({ at }));
      const before = process.memoryUsage().heapTotal;
      held = undefined;
      collectAll();
      console.log(before - process.memoryUsage().heapTotal);
    `;
    const flags = ["--input-type=module", "--disable-warning=ExperimentalWarning", "-e", script];
    const given = Number(execFileSync(process.execPath, flags, { encoding: "utf8" }));
    expect(given).toBeGreaterThan(10_000_000);
  });
});
