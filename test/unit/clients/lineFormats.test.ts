/** Formats that are edited by the line: TOML and `.env`. */

import { describe, expect, it } from "vitest";
import { dotenv } from "../../../src/gateway/clients/formats/dotenv.ts";
import type { Format, Wanted } from "../../../src/gateway/clients/formats/format.ts";
import { toml } from "../../../src/gateway/clients/formats/toml.ts";
import { planConnect, planDisconnect } from "../../../src/gateway/clients/plan.ts";
import { byHand } from "../../support/byHand.ts";
import fc from "../../support/property.ts";

const PROVIDER = ["model_providers", "portico"];
const IN_TOML: readonly Wanted[] = [
  { path: ["model_provider"], value: "portico" },
  { path: ["model"], value: 'm "1"' },
  { path: [...PROVIDER, "name"], value: "Portico" },
  { path: [...PROVIDER, "base_url"], value: "http://127.0.0.1:8045/v1" },
  { path: [...PROVIDER, "token"], value: "portico", secret: { beside: [...PROVIDER, "base_url"] } },
];
const IN_ENV: readonly Wanted[] = [
  { path: ["URL"], value: "http://127.0.0.1:8045" },
  { path: ["KEY"], value: "with space" },
];

function through(
  format: Format,
  wanted: readonly Wanted[],
  text: string | undefined,
  edit: (text: string) => string,
) {
  const plan = planConnect(text, format, wanted);
  expect(format.parse(plan.text ?? "")).not.toEqual(format.parse(text ?? ""));
  return planDisconnect(edit(plan.text ?? ""), format, [plan.version]);
}

const TOMLS = [
  "# only a comment",
  "\n\n",
  "a = 1",
  "a = 1\n",
  "\uFEFFa = 1\r\n\r\n[t]\r\nb = 2 # c\r\n",
  "[t]\nb = 2",
  "# top\n\n# about t\n[t]\nb = 2\n\n# end",
  'model = """\nmodel = "no"\n""" # c\nmodel_provider = \'x\'\n',
  "a = '''\n[model_providers.portico]\n'''\n[t]\n\"base_url\" = 1\n",
  'a = [ # c\n  "]", # d\n  { b = "}" },\n]\n',
  '[model_providers]\n[model_providers.other]\nname = "x"\n',
  '[model_providers.portico]\nname = "theirs"\nextra = 1 # keep\n\n[z]\n',
  '[ model_providers . "portico" ]\nwire_api = "chat"\n# comment\n',
  'model_providers.portico.name = "dotted"\n',
  '[[list]]\nmodel = "of the list"\n[[list]]\nmodel = 2\n',
  "date = 1979-05-27T07:32:00Z\nhuge = 9223372036854775807\nnan = nan\n",
  'a."b.c".\'d\' = { e = [1, 2], "f" = "#" } # g',
  'q = """a""""" # two more quotes\n',
];

const ENVS = [
  "",
  "A=1",
  "A=1\n",
  "# c\r\nexport A='x\r\nKEY=no'\r\n",
  "KEY=old # why\n",
  'URL="a # b"\nB=`c`',
  "\uFEFFA=1\n",
  "\n\n",
  "no pair\nKEY = spaced",
];

describe("TOML of other programs", () => {
  it.each(TOMLS)("is put back byte for byte: %j", (text) => {
    expect(through(toml, IN_TOML, text, (ours) => ours).text).toBe(text);
    expect(through(toml, IN_TOML, text, byHand)).toMatchObject({ text: byHand(text), left: [] });
  });

  it("is put back with what was added around ours", () => {
    const text = "a = 1\n\n[t]\nb = 2\n";
    const edit = (ours: string) =>
      ours
        .replace("a = 1\n", "a = 1\nown = true\n")
        .replace("[model_providers.portico]", "c = 3\n\n[model_providers.portico]")
        .concat("\n[mine]\nd = 4\n");
    expect(through(toml, IN_TOML, text, edit).text).toBe(
      "a = 1\nown = true\n\n[t]\nb = 2\n\nc = 3\n\n[mine]\nd = 4\n",
    );
    const within = (ours: string) => ours.replace("token =", "# why\nmine = 1\ntoken =");
    expect(through(toml, IN_TOML, text, within).text).toBe(
      `${text}\n[model_providers.portico]\n# why\nmine = 1\n`,
    );
  });

  it("keeps a comment in a table of ours, and goes where there was nothing", () => {
    const noted = (ours: string) =>
      ours.replace("[model_providers.portico]", "[model_providers.portico]\n# mine");
    expect(through(toml, IN_TOML, undefined, noted).text).toBe("\n[model_providers.portico]\n# mine\n");
    expect(through(toml, IN_TOML, undefined, (ours) => `${ours}\n\n`).text).toBeUndefined();
  });

  it.each([
    ["a = 1\na = 2\n", 2],
    ["a = 1\nb = \n", 2],
    ["[t]\nx = 1\n[t]\ny = 2", 3],
    ['x = 1\nmodel_providers = { other = { name = "x" } }\n', 2],
    ["[[model_providers]]\nname = 1\n", 1],
    ["[model_providers]\nportico = 1", 2],
  ])("is refused with the line: %j", (text, line) => {
    expect(() => planConnect(text, toml, IN_TOML)).toThrow(`line ${line} `);
  });

  it("is refused where a value of ours would be a table", () => {
    expect(() => planConnect("[model]\na = 1", toml, IN_TOML)).toThrow("(model) is a table");
  });

  it("takes 2 MB in its stride", () => {
    const big = Array.from({ length: 20_000 }, (_, n) => `[t.n${n}]\ntext = "${"x".repeat(80)}" # c\n`).join(
      "\n",
    );
    expect(big.length).toBeGreaterThan(2_000_000);
    expect(through(toml, IN_TOML.slice(0, 3), big, byHand).text).toBe(byHand(big));
  });

  const word = fc.constantFrom("a", "b", "model", "model_provider", "name", "t", '"x y"', "'q'");
  const value = fc.constantFrom(
    "1",
    '"text"',
    "'''\na\n'''",
    '"""[x]\n"""',
    "[1, # c\n 2]",
    "{ a = 1 }",
    "1.5",
    "true",
    "1979-05-27",
    '"# no"',
  );
  const comment = fc.constantFrom("", " # c", "\t#[x]");
  const line = fc.oneof(
    fc.tuple(word, value, comment).map(([key, what, note]) => `${key} = ${what}${note}`),
    fc
      .tuple(fc.constantFrom("t", "u.v", "model_providers", "model_providers.portico", "z . w"), comment)
      .map(([name, note]) => `[${name}]${note}`),
    fc.constantFrom("", "# c", "  ", "[[list]]"),
  );

  it("of any kind is put back byte for byte, or refused and not touched", () => {
    let kept = 0;
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 12 }),
        fc.constantFrom("\n", "\r\n"),
        fc.boolean(),
        fc.boolean(),
        (lines, end, last, bom) => {
          const text = (bom ? "\uFEFF" : "") + lines.join("\n").replaceAll("\n", end) + (last ? end : "");
          let plan: ReturnType<typeof planConnect>;
          try {
            plan = planConnect(text, toml, IN_TOML);
          } catch (error) {
            expect(error).toMatchObject({ kind: "invalid_request" });
            return;
          }
          kept++;
          expect(planDisconnect(byHand(plan.text ?? ""), toml, [plan.version]).text).toBe(byHand(text));
          expect(planDisconnect(plan.text, toml, [plan.version]).text).toBe(text);
        },
      ),
      { numRuns: 1000 },
    );
    expect(kept).toBeGreaterThan(300);
  });
});

describe(".env files of other programs", () => {
  it.each(ENVS)("are put back byte for byte: %j", (text) => {
    expect(through(dotenv, IN_ENV, text, (ours) => ours).text).toBe(text);
    expect(through(dotenv, IN_ENV, text, byHand)).toMatchObject({ text: byHand(text), left: [] });
  });

  it("are refused where a value is given twice", () => {
    expect(() => planConnect("KEY=1\nKEY=2", dotenv, IN_ENV)).toThrow("line 2 gives KEY once more");
  });

  it("of any kind are put back byte for byte", () => {
    const line = fc.constantFrom(
      "",
      "# c",
      "A=1",
      "export B='two\nlines' # c",
      'C="x\\"y"',
      "D",
      "E = `f`",
      " KEY=old",
      "URL=",
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(line, { maxLength: 8 }),
        fc.constantFrom("\n", "\r\n"),
        fc.boolean(),
        (lines, end, last) => {
          const text = lines.join("\n").replaceAll("\n", end) + (last ? end : "");
          const plan = planConnect(text, dotenv, IN_ENV);
          expect(planDisconnect(byHand(plan.text ?? ""), dotenv, [plan.version]).text).toBe(byHand(text));
        },
      ),
      { numRuns: 500 },
    );
  });
});
