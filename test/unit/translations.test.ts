/** Every language has every text, with the same places for values; and nothing that nobody reads any more. */
import { glob, readdir, readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { LANGUAGES } from "../../src/control/languages.ts";

const root = resolve(import.meta.dirname, "../..");
const others = Object.keys(LANGUAGES).filter((language) => language !== "en");
const texts = z.record(z.string(), z.string());

async function read(file: string): Promise<Record<string, string>> {
  return texts.parse(JSON.parse(await readFile(resolve(root, file), "utf8")));
}

/** `{0}` and the like, links with what they run, code and settings' numbers: the same in every language. */
function fixed(text: string): string[] {
  return (
    text.match(/\{\d+\}|\(command:[\w.]+\)|`[^`]*`|\d{4,}|https?:\/\/[\x21-\x7e]*[\w/]|…$/g) ?? []
  ).sort();
}

function around(text: string): string[] {
  return [/^\s*/.exec(text)?.[0] ?? "", /\s*$/.exec(text)?.[0] ?? ""];
}

describe("the languages", () => {
  it("are those of the files, in l10n and beside package.json", async () => {
    const found = async (folder: string, name: RegExp) =>
      (await readdir(resolve(root, folder))).flatMap((file) => name.exec(file)?.[1] ?? []).sort();
    expect(await found("l10n", /^bundle\.l10n\.([\w-]+)\.json$/)).toEqual(others.toSorted());
    expect(await found(".", /^package\.nls\.([\w-]+)\.json$/)).toEqual(others.toSorted());
  });

  describe.each(
    others.flatMap((language) => [
      [`l10n/bundle.l10n.${language}.json`, "l10n/bundle.l10n.json"] as const,
      [`package.nls.${language}.json`, "package.nls.json"] as const,
    ]),
  )("%s", (file, of) => {
    it("has all texts of the English one in its order, and no other", async () => {
      expect(Object.keys(await read(file))).toEqual(Object.keys(await read(of)));
    });

    it("keeps places for values, links, code, and space around", async () => {
      const english = await read(of);
      const wrong = Object.entries(await read(file)).flatMap(([key, text]) => {
        const original = english[key] ?? "";
        const same =
          JSON.stringify([fixed(text), around(text)]) === JSON.stringify([fixed(original), around(original)]);
        return same && text.trim() !== "" ? [] : [`${key} -> ${text}`];
      });
      expect(wrong).toEqual([]);
    });

    it("leaves nothing in English but names", async () => {
      const english = await read(of);
      const left = Object.entries(await read(file))
        .filter(([key, text]) => text === english[key])
        .map(([, text]) => text);
      expect(left.filter((text) => !NAMES.some((name) => name.test(text)))).toEqual([]);
    });
  });
});

/** The same in every language. */
const NAMES: readonly RegExp[] = [
  /^(Portico|Anthropic|Gemini|Portico: \{0\}|PDF|Shell|ID)$/,
  /^(OpenAI|Anthropic) (chat|chat completions|responses|messages)$/,
  /^API Provider: OpenAI Compatible\. Base URL$/,
  /^(MB|kB|\{0\} ms|\{0\}, \{1\})$/,
  /^…\/v1/,
];

describe("package.json", () => {
  it("has every text of package.nls.json, and none that is not there", async () => {
    const named = (await readFile(resolve(root, "package.json"), "utf8")).matchAll(/"%([^%"]+)%"/g);
    const used = new Set([...named].map(([, key]) => key));
    expect([...used].sort()).toEqual(Object.keys(await read("package.nls.json")).sort());
  });

  it("says nothing to people in English alone, but its own name", async () => {
    const { contributes } = JSON.parse(await readFile(resolve(root, "package.json"), "utf8"));
    expect([...new Set(spoken(contributes))].filter((text) => !/^%.*%$/.test(text))).toEqual(["Portico"]);
  });
});

describe("the editor's half", () => {
  it("says nothing but through the table of strings", async () => {
    const left: string[] = [];
    for await (const file of glob("src/{vscode/**/*,extension}.ts", { cwd: root })) {
      const source = await readFile(resolve(root, file), "utf8");
      for (const [found] of source.matchAll(SAID_DIRECTLY)) left.push(`${file}: ${found}`);
    }
    expect(left).toEqual([]);
  });

  it.each([
    ['title: "Portico: quotas"', true],
    ["await showInformation(`Copied ${key}`", true],
    ['prompt =\n  "The key."', true],
    ['placeHolder: t("Which account?")', false],
    ['label: "$(gear)"', false],
  ])("is read for what does not: %j", (source, directly) => {
    expect([...source.matchAll(SAID_DIRECTLY)].length > 0).toBe(directly);
  });
});

describe("the command line", () => {
  it("says nothing but through the table of strings", async () => {
    const left: string[] = [];
    for await (const file of glob("src/cli/*.ts", { cwd: root })) {
      // It writes a log.
      if (file.endsWith("afterUninstall.ts")) continue;
      const source = await readFile(resolve(root, file), "utf8");
      for (const [found] of withoutValues(source).matchAll(WRITTEN_DIRECTLY)) left.push(`${file}: ${found}`);
    }
    expect(left).toEqual([]);
  });

  it.each([
    ['err.line("Portico has ended.")', true],
    ["throw new UsageError(`no such ${name}`)", true],
    ["lines.push(\n  `Start it: ${program}`)", true],
    ['{ head: "MODEL" }', true],
    ['err.line(t("Portico has ended."))', false],
    ['lines.push("", `  ${name}`)', false],
  ])("is read for what does not: %j", (source, directly) => {
    expect([...withoutValues(source).matchAll(WRITTEN_DIRECTLY)].length > 0).toBe(directly);
  });
});

/** Templates without what is put into them. */
function withoutValues(source: string): string {
  const less = source.replace(/\{\d\}/g, "").replace(/\$\{[^{}]*\}/g, "");
  return less === source ? source : withoutValues(less);
}

/** Words of its own for a person. */
const WRITTEN_DIRECTLY =
  /(?:\b(?:line|push|agreed|(?:Usage|Config)?Error)\(|\bhead:)\s*(?:"", )?["'`](?!portico: |--)[^"'`\n]*[A-Za-z]{3,}[^\n]*/g;

/** A field or a call that a person reads, with words of its own. */
const SAID_DIRECTLY =
  /(?:\b(?:title|place[Hh]older|prompt|label|detail|tooltip|openLabel|saveLabel|validationMessage)\s*[:=]|\bshow(?:Information|Warning|Error)\()\s*["`](?:\$\([\w-]+\) )?(?!Portico(?:"|: \$))[A-Z][a-z]+[^\n]*/g;

const SPOKEN = /^(title|category|label|name|displayName|description|markdownDescription|shortTitle|altText)$/;
const LISTS = /^(markdownEnumDescriptions|enumDescriptions|enumItemLabels)$/;

function spoken(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, each]): string[] => {
    if (typeof each === "string") return SPOKEN.test(key) ? [each] : [];
    if (LISTS.test(key) && Array.isArray(each)) return each.map(String);
    return spoken(each);
  });
}
