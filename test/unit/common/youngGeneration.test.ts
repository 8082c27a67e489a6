import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { YOUNG_BYTES } from "../../../src/gateway/common/youngGeneration.ts";

const file = new URL("../../../src/gateway/common/youngGeneration.ts", import.meta.url).href;

/** Work of which much survives, in a process of its own. @returns the largest size in bytes */
function largest(bound: boolean): number {
  const script = `
    import { setImmediate as turn } from "node:timers/promises";
    const { boundYoungGeneration, youngBytes } = await import(${JSON.stringify(file)});
    if (${bound}) boundYoungGeneration();
    let largest = 0;
    const kept = [];
    for (let n = 0; n < 1500; n++) {
      for (let m = 0; m < 500; m++) kept[(n * 500 + m) % 200_000] = { n, m, text: [n, m] };
      await turn();
      largest = Math.max(largest, youngBytes());
    }
    console.log(largest);
  `;
  const args = ["--input-type=module", "--disable-warning=ExperimentalWarning", "--eval", script];
  return Number(execFileSync(process.execPath, args, { encoding: "utf8" }));
}

describe("what a thread has for what is new", () => {
  it("grows to its bound, and no further, however much survives", () => {
    const bytes = largest(true);
    expect(bytes).toBeGreaterThanOrEqual(YOUNG_BYTES);
    // V8 may have a page or two more for a moment; the next step would be twice as much.
    expect(bytes).toBeLessThan(1.5 * YOUNG_BYTES);
  });

  it("would grow beyond it", () => {
    expect(largest(false)).toBeGreaterThan(1.5 * YOUNG_BYTES);
  });
});
