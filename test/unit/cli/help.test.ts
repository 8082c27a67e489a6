import { describe, expect, it } from "vitest";
import { helpText } from "../../../src/cli/help.ts";
import { COMMANDS, type CommandName, OPTIONS } from "../../../src/cli/options.ts";

const names = Object.keys(COMMANDS) as CommandName[];
const all = [undefined, "accounts", ...names] as const;

describe("help", () => {
  it("names every command, and stays in 100 columns", () => {
    for (const name of names) expect(helpText()).toContain(`  ${name} `);
    for (const topic of all) {
      const lines = helpText(topic).split("\n");
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
      expect(lines.at(-1)).toBe("");
    }
  });

  it("explains every option with some command", () => {
    const texts = all.map((topic) => helpText(topic)).join("\n");
    for (const name of Object.keys(OPTIONS)) expect(texts).toContain(`--${name}`);
  });

  it.each(names)("of %s lists its own options and no others", (name) => {
    const listed = [...helpText(name).matchAll(/^ {2}(?:-\w, )?--([a-z-]+)/gm)].map((found) => found[1]);
    expect(listed).toEqual([...COMMANDS[name].options, "help"]);
  });

  it("takes no key as an argument", () => {
    expect(Object.keys(OPTIONS)).not.toContain("key");
  });
});
