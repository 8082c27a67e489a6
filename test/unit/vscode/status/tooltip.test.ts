import { describe, expect, it } from "vitest";
import { tooltipMarkdown } from "../../../../src/vscode/status/tooltip.ts";
import fc from "../../../support/property.ts";

const shown = (lines: string[], address?: string) =>
  tooltipMarkdown({ lines, ...(address === undefined ? {} : { address }), actions: [] }, (name) => name);

describe("the status bar's tooltip", () => {
  it("has the state in bold, the address as it is, and links that act", () => {
    const text = tooltipMarkdown(
      {
        lines: ["Running", "this computer only"],
        address: "http://127.0.0.1:8045",
        actions: ["stop", "openMonitor"],
      },
      (action) => (action === "stop" ? "Stop" : "Monitor"),
    );
    expect(text.split("\n\n")).toEqual([
      "**Running**",
      "`http://127.0.0.1:8045`",
      "this computer only",
      "[Stop](command:portico.stopProxy) · [Monitor](command:portico.openMonitor)",
    ]);
  });

  it("makes no link of what others wrote, and puts no backslash into one", () => {
    const text = shown([
      "Running",
      "• Work: pay at https://example.com/a.b or mail me@example.com, [here](command:evil)",
    ]);
    expect(text).not.toMatch(/https?:\/\//);
    expect(text).toContain("https\\:\\/\\/example\\.com");
    expect(text).toContain("me\\@example");
    expect(text).not.toMatch(/[^\\]\]\(/);
  });

  it("leaves nothing in others' words that Markdown reads", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme-ascii", maxLength: 60 }), (words) => {
        const [, line = ""] = shown(["x", words.replace(/\n/g, " ")]).split("\n\n");
        expect(line.replace(/\\[\\`*_{}[\]()#+\-.!~<>|&$:/@]/g, "")).not.toMatch(/[`*_{}[\]()#+!~<>|&$:/@]/);
      }),
    );
  });
});
