import { describe, expect, it } from "vitest";
import type { Planned } from "../../../../src/gateway/accounts/schedule/scheduler.ts";
import { guardWindows, RequestSize } from "../../../../src/gateway/requests/attempts/contextWindow.ts";

const sized = (json: unknown) => new RequestSize(json, Buffer.byteLength(JSON.stringify(json)));
const words = (count: number) => "word ".repeat(count);

describe("the size of a request", () => {
  it("is that of its texts, wherever they are", () => {
    const size = sized({ system: words(5000), tools: [{ input_schema: { deep: [words(5000)] } }] });
    expect(size.exceeds(8000)).toBe(true);
    expect(size.exceeds(9000)).toBe(false);
  });

  it("is not measured where the whole body is too small to matter", () => {
    const trap = {
      get text() {
        throw new Error("looked at");
      },
    };
    expect(new RequestSize(trap, 6000).exceeds(1000)).toBe(false);
    expect(() => new RequestSize(trap, 6001).exceeds(1000)).toThrow("looked at");
  });

  it("leaves out media and encrypted state", () => {
    const data = "QUJD".repeat(100_000);
    expect(
      sized({ source: { data }, encrypted_content: data, url: `data:x;base64,${data}` }).exceeds(4096),
    ).toBe(false);
  });

  it("takes any depth", () => {
    let deep: unknown = words(10_000);
    for (let level = 0; level < 100_000; level++) deep = [deep];
    expect(new RequestSize(deep, 1_000_000).exceeds(4096)).toBe(true);
  });
});

describe("the guard of windows", () => {
  const plan = (...windows: (number | undefined | "withheld")[]) =>
    windows.map((window, index) => ({
      candidate: { target: index, model: String(window) },
      worthWaitingMs: 0,
      ...(window === "withheld" ? { withheld: { why: "budget", reason: "x" } } : {}),
    })) as unknown as Planned[];
  const kept = (windows: (number | undefined | "withheld")[], size = sized(words(20_000))) => {
    const guarded = guardWindows(
      plan(...windows),
      ({ model }) =>
        Number.isNaN(Number(model)) ? (model === "withheld" ? 1_000_000 : undefined) : Number(model),
      size,
    );
    expect(guarded.plan.length + guarded.tooSmall.length).toBe(windows.length);
    return guarded.plan.map(({ candidate }) => candidate.model);
  };

  it("passes over what is clearly too small, and keeps the order of the others", () => {
    expect(kept([8192, 200_000, 4096, 32_000])).toEqual(["200000", "32000"]);
  });

  it("holds an unknown window for large enough", () => {
    expect(kept([8192, undefined])).toEqual(["undefined"]);
  });

  it("keeps the largest, though too small by the estimate", () => {
    expect(kept([4096, 8192, 8192])).toEqual(["8192", "8192"]);
    expect(kept([4096])).toEqual(["4096"]);
  });

  it("does not count on what is held back", () => {
    expect(kept([8192, "withheld"])).toEqual(["8192", "withheld"]);
  });

  it("leaves short requests alone", () => {
    expect(kept([4096, 200_000], sized(words(1000)))).toEqual(["4096", "200000"]);
  });
});
