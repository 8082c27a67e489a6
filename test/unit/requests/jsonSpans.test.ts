import { describe, expect, it } from "vitest";
import { findSpans, mayRepeat, splice } from "../../../src/gateway/requests/jsonSpans.ts";
import fc from "../../support/property.ts";

const MODEL = [["model"]];

function rename(text: string, model: string, paths: string[][] = MODEL): string {
  const bytes = Buffer.from(text);
  return splice(bytes, findSpans(bytes, paths), model).toString();
}

describe("findSpans and splice", () => {
  it("changes the model and nothing else", () => {
    const text =
      '{ "messages" : [{"role":"user","content":"\\"model\\": 1 } ]"}],\n  "model" :\t"a" , "x":1.50 }';
    expect(rename(text, "b/c")).toBe(text.replace('"a"', '"b/c"'));
  });

  it("knows an escaped key and an escaped value", () => {
    expect(rename('{"mod\\u0065l":"a\\"b"}', "c")).toBe('{"mod\\u0065l":"c"}');
  });

  it("leaves a model in deeper objects alone", () => {
    expect(rename('{"tools":[{"model":"x"}],"model":"a"}', "b")).toBe(
      '{"tools":[{"model":"x"}],"model":"b"}',
    );
  });

  it("follows paths into objects and arrays", () => {
    const text = '{"requests":[{"model":"a","n":[1,{"model":2}]},{"content":{},"model":"b"}]}';
    expect(rename(text, "m", [["requests", "[]", "model"]])).toBe(
      '{"requests":[{"model":"m","n":[1,{"model":2}]},{"content":{},"model":"m"}]}',
    );
  });

  it("refuses a key that stands twice, however it is written", () => {
    for (const text of [
      '{"model":"a","model":"b"}',
      '{"model":"a","mode\\u006c":"b"}',
      '{"model":"a","x":[],"model":{}}',
    ]) {
      expect(() => findSpans(Buffer.from(text), MODEL)).toThrow(/twice/);
      expect(mayRepeat(Buffer.from(text), "model")).toBe(true);
    }
  });

  it("suspects any key that may stand twice, also as an escape", () => {
    for (const text of ['{"station":"a","station":"b"}', '{"station":"a","\\u0073tation":"b"}']) {
      expect(mayRepeat(Buffer.from(text), "station")).toBe(true);
    }
    expect(mayRepeat(Buffer.from('{"station":"caf\\u00e9","model":"\\u00fc"}'), "station")).toBe(false);
  });

  it("is the same as parsing, setting and printing, for any JSON", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.string(),
        fc.string(),
        fc.boolean(),
        (rest, from, to, spaced) => {
          const { model: _model, ...others } = rest;
          const value = { ...others, model: from };
          const text = JSON.stringify(value, null, spaced ? 2 : 0);
          expect(JSON.parse(rename(text, to))).toEqual(JSON.parse(JSON.stringify({ ...value, model: to })));
        },
      ),
    );
  });

  it("says no repeat only where there is none", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("model", "mode\\u006c", "mode\\u006C", "other", "\\u006dodel")),
        (keys) => {
          const bytes = Buffer.from(`{${keys.map((key) => `"${key}":"x"`).join(",")}}`);
          const real = keys.filter((key) => JSON.parse(`"${key}"`) === "model").length;
          if (real > 1) expect(mayRepeat(bytes, "model")).toBe(true);
        },
      ),
    );
  });
});
