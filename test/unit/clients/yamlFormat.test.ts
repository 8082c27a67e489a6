import { describe, expect, it } from "vitest";
import type { Wanted } from "../../../src/gateway/clients/formats/format.ts";
import { yaml } from "../../../src/gateway/clients/formats/yaml.ts";
import { planConnect, planDisconnect } from "../../../src/gateway/clients/plan.ts";
import { byHand } from "../../support/byHand.ts";
import fc from "../../support/property.ts";

const ITEM = {
  name: "Portico",
  provider: "openai",
  model: "m: 1",
  apiKey: "on",
  requestOptions: { noProxy: ["127.0.0.1"] },
};
const IN_LIST: readonly Wanted[] = [{ path: ["models"], item: true, value: ITEM }];
const ALL: readonly Wanted[] = [
  { path: ["name"], value: "Local Config" },
  { path: ["version"], value: "1.0.0" },
  ...IN_LIST,
];

/** Connected, then changed by hand, then disconnected. */
function through(text: string | undefined, edit: (text: string) => string, wanted = IN_LIST) {
  const plan = planConnect(text, yaml, wanted);
  return planDisconnect(edit(plan.text ?? ""), yaml, [plan.version]);
}

const NASTY = [
  "# only a comment",
  "---\n",
  "a: 1",
  "a: 1 # why",
  "a: 1\n\n# end",
  "\uFEFFa: 1\r\nmodels:\r\n  - name: x # c\r\n    b: 2\r\n\r\n# about rules\r\nrules: []\r\n",
  "models:",
  "models: # none yet\nrules: []\n",
  "models:\n- name: x\n- name: y",
  "name: n\nmodels:\n\n  # the first\n  - name: x\n    # within\n    text: |\n      - not: an item\n      models:\n  # dangling\nz: 1\n",
  "models:\n  -\n    name: x\n  - # c - d\n    name: y\n",
  "models: []\n",
  "models: [ {a: 1}, # c\n  {b: 2},\n]\n",
  "models: [{name: x}]",
  "  models:\n      - name: x\n  other: 1\n",
  '"models": # quoted\n    - {name: x, deep: {a: [1]}}\n',
  "---\n# first\na: 1\n...\n",
  "a: |+\n  kept\n\n\nmodels:\n  - name: x\n",
  "prompts: &p\n  - a\nother: *p\nmodels:\n  - name: x\n",
  "date: 2001-12-14\nhuge: 9223372036854775807\nnan: .nan\nmodels:\n  - name: x\n",
  "models:\n  - name: x",
  "a: |\n  text",
  "? a\n: b\nmodels:\n  - name: x\n",
];

describe("YAML of other programs", () => {
  it.each(NASTY)("is put back byte for byte: %j", (text) => {
    expect(through(text, (ours) => ours).text).toBe(text);
    expect(through(text, byHand)).toMatchObject({ text: byHand(text), left: [] });
    expect(through(text, byHand, ALL)).toMatchObject({ text: byHand(text), left: [] });
  });

  it("gets ours in front, as lines are written there", () => {
    expect(planConnect("models:\r\n- name: x\r\n", yaml, IN_LIST).text).toBe(
      'models:\r\n- name: Portico\r\n  provider: openai\r\n  model: "m: 1"\r\n  apiKey: "on"\r\n  requestOptions: {"noProxy":["127.0.0.1"]}\r\n- name: x\r\n',
    );
    expect(planConnect("models: [{a: 1}]", yaml, IN_LIST).text).toBe(
      `models: [${JSON.stringify(ITEM)}, {a: 1}]`,
    );
    expect(yaml.parse(planConnect(undefined, yaml, ALL).text ?? "")).toEqual({
      name: "Local Config",
      version: "1.0.0",
      models: [ITEM],
    });
  });

  it("is removed where there was none, and keeps what a person added", () => {
    expect(through(undefined, (text) => text, ALL).text).toBeUndefined();
    expect(through(undefined, (text) => `${text}\n`, ALL).text).toBeUndefined();
    const mine = "  - name: mine\n    model: x\n";
    expect(through(undefined, (text) => text + mine, ALL).text).toBe(`models:\n${mine}`);
    expect(through("a: 1\n", (text) => text.replace("models:", "models: # my own")).text).toBe(
      "a: 1\nmodels: # my own\n",
    );
    expect(through("a: 1\n", (text) => `${text}b: 2\n`).text).toBe("a: 1\nb: 2\n");
    expect(through("models:\n  - name: x\n", (text) => text.replace("  - name: x", "  - name: y")).text).toBe(
      "models:\n  - name: y\n",
    );
  });

  it("keeps and names what a person changed", () => {
    const changed = through("a: 1\n", (text) => text.replace("provider: openai", "provider: azure"));
    expect(changed.left).toEqual(["models"]);
    expect(changed.text).toContain("provider: azure");
    const named = through("a: 1\n", (text) => text.replace("Local Config", "Mine"), ALL);
    expect(named).toMatchObject({ text: 'a: 1\nname: "Mine"\n', left: ["name"] });
  });

  it.each([
    ["a: 1\na: 2\n", "line 2 is no valid YAML"],
    ["a: 1\nmodels: {b: [}\n", "line 2 is no valid YAML"],
    ["a: 1\n---\nb: 2\n", "line 2 is no valid YAML"],
    ["- a\n", "line 1 holds no object"],
    ["a: 1\nmodels: text\n", "line 2 (models) is no list"],
    ["a: 1\nmodels:\n  x: 1\n", "line 3 (models) is no list"],
    ["models:\n  - &x\n    name: x\n  - *x\n", "(models) has anchors, aliases or tags"],
    ["models: &all\n  - name: x\n", "(models) has anchors, aliases or tags"],
    ["a: &x [1]\nmodels: *x\n", "line 2 (models) is no list"],
    ["{a: 1, models: []}\n", "line 1 is written in a way"],
    ["a: 1\nmodels: ~\n", "line 2 (models) is no list"],
    [
      `a: &a [x,x,x,x,x]\n${"bcdefg".replace(/./g, (n, at: number) => `${n}: &${n} [${Array(9).fill(`*${"abcdef"[at]}`)}]\n`)}`,
      "aliases",
    ],
  ])("is refused and said why: %j", (text, why) => {
    expect(() => planConnect(text, yaml, IN_LIST)).toThrow(why);
  });

  it("takes 2 MB in its stride", () => {
    const big = `models:\n${Array.from({ length: 20_000 }, (_, n) => `  - name: n${n}\n    text: "${"x".repeat(80)}" # c\n`).join("")}`;
    expect(big.length).toBeGreaterThan(2_000_000);
    expect(through(big, byHand).text).toBe(byHand(big));
  }, 120_000);

  const plain = fc.constantFrom(
    "1",
    "text",
    '"a: b"',
    "'x'",
    "~",
    "[1, {a: 2}]",
    "{b: [x]}",
    "2001-12-14",
    "&n v",
    "",
  );
  const comment = fc.constantFrom("", " # c", "  # - x: 1");
  const block = fc.constantFrom(
    "|\n    - kept: 1\n    models:",
    ">-\n    folded\n\n    text",
    "\n    deep: 1\n    # c\n    er: {}",
  );
  const entry = fc.oneof(
    fc
      .tuple(fc.constantFrom("a", "b", "'q r'", "name", "rules"), plain, comment)
      .map(([k, v, c]) => `${k}: ${v}${c}`),
    fc.tuple(fc.constantFrom("c", "d"), block).map(([k, v]) => `${k}: ${v}`),
    fc.constantFrom("# about", "", "  # indented"),
  );
  const item = fc.oneof(
    fc.tuple(plain, comment).map(([v, c]) => `- ${v}${c}`),
    fc.tuple(plain, comment).map(([v, c]) => `- name: ${v}${c}\n  x: |\n    y`),
    fc.constantFrom("- # c\n  name: z", "- - 1\n  - 2", "# about it", ""),
  );
  const list = fc.oneof(
    fc
      .tuple(fc.constantFrom("", "  ", "    "), fc.array(item, { maxLength: 4 }), comment)
      .map(([indent, items, c]) => `models:${c}\n${items.join("\n").replace(/^/gm, indent)}`),
    fc.constantFrom(
      "models: []",
      "models: [ a, # c\n  b ]",
      "models: [{x: 1},]",
      "models: [\n  {x: 1}\n]",
      "# models:",
    ),
  );

  it("of any kind is put back byte for byte, or refused and not touched", () => {
    let kept = 0;
    fc.assert(
      fc.property(
        fc.uniqueArray(entry, { maxLength: 4, selector: (each) => each.split(":")[0] }),
        list,
        fc.uniqueArray(fc.constantFrom("y: 1", "z: 'two'", "# end", ""), { maxLength: 3 }),
        fc.record({
          end: fc.constantFrom("\n", "\r\n"),
          last: fc.boolean(),
          bom: fc.boolean(),
          all: fc.boolean(),
        }),
        (front, models, back, { end, last, bom, all }) => {
          const lines = [...front, models, ...back].join("\n").replaceAll("\n", end);
          const text = `${bom ? "\uFEFF" : ""}${lines}${last ? end : ""}`;
          let plan: ReturnType<typeof planConnect>;
          try {
            plan = planConnect(text, yaml, all ? ALL : IN_LIST);
          } catch (error) {
            expect(error).toMatchObject({ kind: "invalid_request" });
            return;
          }
          kept++;
          expect(planDisconnect(plan.text, yaml, [plan.version]).text).toBe(text);
          expect(planDisconnect(byHand(plan.text ?? ""), yaml, [plan.version]).text).toBe(byHand(text));
        },
      ),
      { numRuns: 1500 },
    );
    expect(kept).toBeGreaterThan(400);
  });
});
