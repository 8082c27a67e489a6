import { describe, expect, it } from "vitest";
import type { Wanted } from "../../../src/gateway/clients/formats/format.ts";
import { jsonFormat } from "../../../src/gateway/clients/formats/json.ts";
import { planConnect, planDisconnect } from "../../../src/gateway/clients/plan.ts";
import fc from "../../support/property.ts";

const loose = jsonFormat({ comments: true, trailingCommas: true });
const strict = jsonFormat({ comments: false, trailingCommas: false });

const WANTED: readonly Wanted[] = [
  { path: ["env", "URL"], value: "http://127.0.0.1:8045" },
  { path: ["env", "KEY"], value: "portico", secret: { beside: ["env", "URL"] } },
  { path: ["model"], value: "m-1" },
  { path: ["provider", "portico", "options", "baseURL"], value: "http://127.0.0.1:8045/v1" },
  { path: ["provider", "portico", "models", "m-1"], value: {} },
  { path: ["list", "openai"], value: { id: "m-1", name: "Portico" }, item: true },
];

/** Connected, then changed by hand, then disconnected. */
function through(text: string | undefined, edit: (text: string) => string, format = loose, wanted = WANTED) {
  const plan = planConnect(text, format, wanted);
  return planDisconnect(edit(plan.text ?? ""), format, [plan.version]);
}

/** A change that leaves no byte of ours, so that each value is put back by itself. */
const blank = (text: string) => `${text}\n`;

const NASTY = [
  "{}",
  "{ }",
  "{\n}\n",
  "{\r\n\r\n}",
  '\uFEFF{\r\n\t"a": 1\r\n}\r\n',
  '{"a":1}',
  '{ "a": 1, "env": { "B": "2" } }',
  '{"env":{}}',
  '{\n  "env": {},\n  "list": { "openai": [] }\n}',
  '{\n  "env": { "URL": "https://elsewhere.example", "KEY": "old" }\n}\n',
  '// top\n{\n  // first\n  "a": 1, // behind a\n  "env": { // in env\n  },\n  /* last */\n}\n// end',
  '{\n  "a": [1, 2,],\n  "list": { "openai": [ { "id": 1 }, /* c */ ], },\n}',
  '{\n    "provider": {\n        "other": {}\n    } // why\n    // dangling\n}',
  '{"a":{"b":"{ \\" } // no comment"},"model":"their own"}',
  '{\n  "a": 1\n  // last word\n}',
  '{"a": 1 // same line\n, "b": 2}',
];

describe("JSON of other programs", () => {
  it.each(NASTY)("is put back byte for byte, value by value: %j", (text) => {
    expect(through(text, blank)).toMatchObject({ text: blank(text), left: [], dropped: [] });
  });

  it.each(NASTY)("is put back as a whole where nobody touched it: %j", (text) => {
    expect(through(text, (same) => same).text).toBe(text);
  });

  it("is removed where there was none, and comes back blank where it was blank", () => {
    expect(through(undefined, (text) => text).text).toBeUndefined();
    expect(through(undefined, blank).text).toBeUndefined();
    expect(through(" \r\n", blank).text).toBe(" \r\n");
  });

  it("keeps what a person added, in front of ours and behind", () => {
    const text = '{\n  "a": 1\n}\n';
    const front = (ours: string) => ours.replace('"a": 1,', '"a": 1,\n  "mine": [true],');
    const behind = (ours: string) => ours.replace(/\n}\n$/, ',\n  "mine": 2\n}\n');
    expect(through(text, front, strict).text).toBe('{\n  "a": 1,\n  "mine": [true]\n}\n');
    expect(through(text, behind, strict).text).toBe('{\n  "a": 1,\n  "mine": 2\n}\n');
    const within = (ours: string) => ours.replace('"URL":', '"MINE": 1,\n    "URL":');
    expect(through(text, within, strict).text).toBe('{\n  "a": 1,\n  "env": {\n    "MINE": 1\n  }\n}\n');
  });

  it("keeps and names what a person changed, and a comment in a container of ours", () => {
    const changed = through("{}", (ours) => ours.replace('"m-1"', '"theirs"'));
    expect(changed).toMatchObject({ text: '{\n  "model": "theirs"\n}', left: ["model"], dropped: [] });
    const noted = through("{}", (ours) => ours.replace('"portico"\n  }', '"portico"\n    // mine\n  }'));
    expect(noted.text).toBe('{\n  "env": {\n    // mine\n  }\n}');
  });

  it("puts a credential back only beside the address that it was for", () => {
    const text = '{\n  "env": { "URL": "https://old.example", "KEY": "old-key" }\n}';
    const moved = through(text, (ours) =>
      ours.replace('"URL": "http://127.0.0.1:8045"', '"URL": "https://new.example"'),
    );
    expect(moved.text).not.toContain("old-key");
    expect(moved).toMatchObject({ left: ["env.URL"], dropped: ["env.KEY"] });
    expect(through(text, blank).text).toContain("old-key");
  });

  it.each([
    ["{", 1],
    ['{\n"a": 1\n"b": 2}', 3],
    ['{\n"a": 1,\n"a": 2}', 3],
    ['{\n"env": []}', 2],
    ['{\n"list": { "openai":\n 1 }}', 3],
    ["[]", 1],
  ])("is refused with the line: %j", (text, line) => {
    expect(() => planConnect(text, loose, WANTED)).toThrow(`line ${line} `);
  });

  it("is refused where the program itself would not read it", () => {
    expect(() => planConnect('{\n"a": 1,\n}', strict, WANTED)).toThrow("trailing comma");
    expect(() => planConnect('{\n// why\n"a": 1}', strict, WANTED)).toThrow("line 2 has a comment");
  });

  it("is changed again by what is wanted now, and keeps the first original", () => {
    const text = '{ "model": "first" }';
    const one = planConnect(text, loose, WANTED);
    const two = planConnect(blank(one.text ?? ""), loose, WANTED.slice(0, 3), [one.version]);
    expect(two.text).not.toContain("provider");
    expect(two.version.original).toBe(blank(text));
    expect(planDisconnect(`${two.text} `, loose, [one.version, two.version]).text).toBe(`${blank(text)} `);
  });

  it("takes 2 MB in its stride", () => {
    const big = JSON.stringify(
      { history: Array.from({ length: 6_000 }, (_, n) => ({ n, text: "x".repeat(330) })) },
      undefined,
      2,
    );
    expect(big.length).toBeGreaterThan(2_000_000);
    expect(through(big, blank, strict, WANTED.slice(0, 2)).text).toBe(blank(big));
  });
});

/** JSON text in any layout that the dialect takes. */
const layout = fc.record({
  space: fc.constantFrom("", " ", "\n", "\r\n\t", "\n    ", " /* c */ ", " // c\n", "\n// }\n"),
  trailing: fc.boolean(),
  bom: fc.boolean(),
});

function write(value: unknown, how: { space: string; trailing: boolean }): string {
  const { space, trailing } = how;
  const list = (open: string, parts: string[], close: string) =>
    `${open}${space}${parts.join(`${space},${space}`)}${trailing && parts.length > 0 ? "," : ""}${space}${close}`;
  if (Array.isArray(value))
    return list(
      "[",
      value.map((each) => write(each, how)),
      "]",
    );
  if (typeof value === "object" && value !== null) {
    return list(
      "{",
      Object.entries(value).map(
        ([name, each]) => `${JSON.stringify(name)}${space}:${space}${write(each, how)}`,
      ),
      "}",
    );
  }
  return JSON.stringify(value);
}

const name = fc.constantFrom(
  "a",
  "b",
  "env",
  "URL",
  "KEY",
  "model",
  "provider",
  "portico",
  "list",
  "openai",
  '"',
  "é",
);
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom("text", 1, true, null, "// no comment", "m-1"),
    fc.array(tie("tree"), { maxLength: 3 }),
    fc.dictionary(name, tie("tree"), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

describe("any JSON", () => {
  it("is put back byte for byte, or refused and not touched", () => {
    fc.assert(
      fc.property(fc.dictionary(name, tree, { maxKeys: 4, noNullPrototype: true }), layout, (value, how) => {
        const text = `${how.bom ? "\uFEFF" : ""}${write(value, how)}`;
        let plan: ReturnType<typeof planConnect>;
        try {
          plan = planConnect(text, loose, WANTED);
        } catch (error) {
          expect(String(error)).toMatch(/is no (object|list)/);
          return;
        }
        expect(planDisconnect(blank(plan.text ?? ""), loose, [plan.version]).text).toBe(blank(text));
        expect(planDisconnect(plan.text, loose, [plan.version]).text).toBe(text);
      }),
      { numRuns: 500 },
    );
  });
});
