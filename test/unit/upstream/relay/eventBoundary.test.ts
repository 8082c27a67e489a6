import { describe, expect, it } from "vitest";
import {
  type Boundary,
  JsonArrayBoundary,
  SseBoundary,
} from "../../../../src/gateway/upstream/relay/eventBoundary.ts";
import fc from "../../../support/property.ts";

/** Cuts `bytes` at `cuts` and returns where the boundary said that whole events ended, from the start. */
function ends(boundary: Boundary, bytes: Buffer, cuts: readonly number[]): number[] {
  const found: number[] = [];
  let at = 0;
  for (const cut of [...new Set(cuts.map((cut) => cut % (bytes.length + 1))), bytes.length].toSorted(
    (a, b) => a - b,
  )) {
    if (cut <= at) continue;
    const end = boundary.last(bytes.subarray(at, cut));
    if (end > 0) found.push(at + end);
    at = cut;
  }
  return found;
}

describe("SseBoundary", () => {
  it("ends an event at its empty line", () => {
    expect(new SseBoundary().last(Buffer.from("data: 1\n\n"))).toBe(9);
    expect(new SseBoundary().last(Buffer.from("data: 1\n\ndata: 2"))).toBe(9);
    expect(new SseBoundary().last(Buffer.from("data: 1\n"))).toBe(0);
  });

  it("knows CRLF and CR", () => {
    expect(new SseBoundary().last(Buffer.from("data: 1\r\n\r\n"))).toBe(11);
    expect(new SseBoundary().last(Buffer.from("data: 1\r\n\r\nx"))).toBe(11);
    expect(new SseBoundary().last(Buffer.from("data: 1\r\rx"))).toBe(9);
  });

  it("does not take one CRLF for two line ends", () => {
    const boundary = new SseBoundary();
    expect(boundary.last(Buffer.from("data: 1\r"))).toBe(0);
    expect(boundary.last(Buffer.from("\n"))).toBe(0);
    expect(boundary.last(Buffer.from("\r"))).toBe(0);
    expect(boundary.last(Buffer.from("\n"))).toBe(1);
  });

  it("sees an event end that two chunks share", () => {
    const boundary = new SseBoundary();
    expect(boundary.last(Buffer.from("data: 1\n"))).toBe(0);
    expect(boundary.last(Buffer.from("\ndata: 2\n\nda"))).toBe(10);
  });

  it("finds the same last end however the bytes are cut", () => {
    const event = fc
      .tuple(fc.string(), fc.constantFrom("\n", "\r\n"))
      .map(([text, eol]) => `data: ${text.replace(/[\r\n]/g, "")}${eol}${eol}`);
    fc.assert(
      fc.property(
        fc.array(event, { minLength: 1 }),
        fc.array(fc.nat(200)),
        fc.string(),
        (events, cuts, rest) => {
          const whole = Buffer.from(events.join(""));
          const bytes = Buffer.concat([whole, Buffer.from(rest.replace(/[\r\n]/g, ""))]);
          const found = ends(new SseBoundary(), bytes, cuts);
          expect(found.at(-1)).toBe(whole.length);
          // Every end is one of a whole event.
          const allowed = new Set<number>();
          let at = 0;
          for (const each of events) {
            at += Buffer.byteLength(each);
            allowed.add(at);
          }
          for (const end of found) expect(allowed).toContain(end);
        },
      ),
    );
  });
});

describe("JsonArrayBoundary", () => {
  it("ends at whole elements and not within them", () => {
    const boundary = new JsonArrayBoundary();
    expect(boundary.last(Buffer.from("["))).toBe(0);
    expect(boundary.last(Buffer.from('{"a":{"b":"}]"}'))).toBe(0);
    expect(boundary.last(Buffer.from("}\n"))).toBe(1);
    // What separates two elements belongs to the second: an error may take its place.
    expect(boundary.last(Buffer.from(',\r\n{"c":[1,2'))).toBe(0);
    expect(boundary.closed).toBe(false);
    expect(boundary.last(Buffer.from("]}]"))).toBe(3);
    expect(boundary.closed).toBe(true);
  });

  it("is not fooled by arbitrary strings, however they are cut", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { minLength: 1 }), fc.array(fc.nat(500)), (values, cuts) => {
        const elements = values.map((value) => JSON.stringify({ value }));
        const bytes = Buffer.from(`[${elements.join(",\r\n")}]`);
        for (const end of ends(new JsonArrayBoundary(), bytes, cuts)) {
          const text = bytes
            .subarray(0, end)
            .toString()
            .replace(/^\[/, "")
            .replace(/[\s,\]]+$/, "");
          expect(() => JSON.parse(`[${text}]`)).not.toThrow();
        }
      }),
    );
  });
});
