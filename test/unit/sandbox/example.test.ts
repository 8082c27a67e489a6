import { describe, expect, it } from "vitest";
import { exampleOf } from "../../../src/gateway/sandbox/example.ts";

describe("exampleOf", () => {
  it("makes what a schema asks for", () => {
    const schema = {
      type: "object",
      properties: {
        path: { type: "string" },
        lines: { type: "array", items: { type: "integer" }, minItems: 2 },
      },
      required: ["path", "lines"],
    };
    expect(exampleOf(schema, "a.txt")).toEqual({ path: "a.txt", lines: [1, 1] });
  });

  it("stays small for a schema that refers to itself many times over", () => {
    const properties = Object.fromEntries(
      Array.from({ length: 400 }, (_, index) => [`p${index}`, { $ref: "#/$defs/node" }]),
    );
    const schema = { $ref: "#/$defs/node", $defs: { node: { type: "object", properties } } };
    const began = performance.now();
    expect(JSON.stringify(exampleOf(schema, "x")).length).toBeLessThan(100_000);
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});
