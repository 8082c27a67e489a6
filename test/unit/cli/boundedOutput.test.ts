import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { BoundedOutput } from "../../../src/cli/boundedOutput.ts";

const missing = (lines: number) => `${lines} missing\n`;

describe("output that nobody reads", () => {
  it("waits up to so many bytes and no more, and says how much is missing once it is read again", async () => {
    const stuck: boolean[] = [];
    const pipe = new PassThrough({ highWaterMark: 100 });
    const output = new BoundedOutput(pipe, { maxBytes: 1000, missing, onStuck: (is) => stuck.push(is) });
    for (let n = 0; n < 10_000; n++) output.write(`line ${n}\n`);
    expect(pipe.writableLength).toBeLessThan(1100);
    expect(stuck).toEqual([true]);
    const left = output.missing;
    expect(left).toBeGreaterThan(9000);

    let text = "";
    pipe.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    while (output.missing > 0) await new Promise(setImmediate);
    output.write("after\n");
    while (!text.includes("after")) await new Promise(setImmediate);
    expect(stuck).toEqual([true, false]);
    const lines = text.trimEnd().split("\n");
    expect(lines.slice(-2)).toEqual([`${left} missing`, "after"]);
    // Nothing is lost in between, and nothing is out of order.
    expect(lines.slice(0, -2)).toEqual(Array.from({ length: 10_000 - left }, (_, n) => `line ${n}`));
  });

  it("passes everything on to a reader that keeps up", async () => {
    const pipe = new PassThrough({ highWaterMark: 10 });
    pipe.resume();
    const output = new BoundedOutput(pipe, { maxBytes: 50, missing });
    for (let n = 0; n < 1000; n++) {
      output.write(`line ${n}\n`);
      await new Promise(setImmediate);
      expect(output.missing).toBe(0);
    }
  });
});
