import { describe, expect, it } from "vitest";
import { plain, screenOn, shorten, widthOf } from "../../../src/cli/screen.ts";
import { table } from "../../../src/cli/table.ts";
import { fakeScreen } from "../../support/screen.ts";

const COLUMNS = [
  { head: "NAME", min: 6 },
  { head: "COUNT", right: true },
  { head: "WHY", min: 4 },
];

describe("table", () => {
  it("aligns words to the left and numbers to the right", () => {
    expect(
      table(fakeScreen(), COLUMNS, [
        ["a", "5", ""],
        ["bcd", "12345678", "so"],
      ]),
    ).toEqual(["NAME     COUNT  WHY", "a            5", "bcd   12345678  so"]);
  });

  it("fits the terminal: the widest that can be cut is cut, what cannot stays", () => {
    const long = "x".repeat(60);
    const lines = table(fakeScreen({ width: 40 }), COLUMNS, [[long, "12345678", `${long}y`]]);
    expect(lines.every((line) => line.length <= 40)).toBe(true);
    expect(lines[1]).toContain("12345678");
    expect(lines[1]?.match(/…/g)).toHaveLength(2);
    const tight = table(fakeScreen({ width: 10 }), COLUMNS, [[long, "12345678", long]]);
    expect(tight[1]).toBe("xxxxx…  12345678  xxx…");
  });

  it("cuts nothing where there is no terminal", () => {
    const long = "x".repeat(300);
    expect(table(fakeScreen({ width: undefined }), COLUMNS, [[long, "1", long]])[1]).toContain(
      `${long}      1  ${long}`,
    );
  });

  it("counts wide characters as two columns", () => {
    expect(widthOf("日本🙂e\u0301")).toBe(7);
    expect(shorten("日本語のラベル", 6)).toBe("日本…");
    const [, first = "", second = ""] = table(fakeScreen(), COLUMNS, [
      ["日本", "1", "x"],
      ["abcd", "1", "x"],
    ]);
    expect(first.indexOf("x") + 2).toBe(second.indexOf("x"));
  });

  it("colours on a terminal only, and never the padding", () => {
    const row = [{ text: "ready", style: "green" as const }, "1", "x"];
    const [, line = ""] = table(fakeScreen({ colour: true }), COLUMNS, [row]);
    expect(line).toBe("\u001b[32mready\u001b[39m      1  x");
    expect(table(fakeScreen(), COLUMNS, [row])[1]).toBe("ready      1  x");
  });

  it("lets nothing steer the terminal", () => {
    expect(plain("a\u001b[31mb\r\n\u202ec")).toBe("a\\u001b[31mb \\u202ec");
    const [, line = ""] = table(fakeScreen(), COLUMNS, [["\u001b]0;title\u0007", "1", "x"]]);
    expect(line).not.toContain("\u001b");
  });
});

describe("screenOn", () => {
  const terminal = { isTTY: true, columns: 120, write: () => true };
  it("asks the terminal, and NO_COLOR", () => {
    expect(screenOn(terminal, {})).toMatchObject({ width: 120, colour: true });
    expect(screenOn(terminal, { NO_COLOR: "1" }).colour).toBe(false);
    expect(screenOn(terminal, { NO_COLOR: "" }).colour).toBe(true);
    expect(screenOn(terminal, { TERM: "dumb" }).colour).toBe(false);
    expect(screenOn({ write: () => true }, {})).toMatchObject({ width: undefined, colour: false });
    expect(screenOn({ ...terminal, columns: 10 }, {}).width).toBe(40);
  });
});
