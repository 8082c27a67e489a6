import { describe, expect, it } from "vitest";
import { reportForIssue } from "../../../src/vscode/issueReport.ts";
import fc from "../../support/property.ts";

const FACTS = "# Portico\nversion 1\n\n# Data\n3 requests\n\n";

describe("a report for an issue", () => {
  it("is the whole report where that is short", () => {
    expect(reportForIssue(`${FACTS}# Log\nfirst\nlast\n`)).toBe(`\`\`\`\n${FACTS}# Log\nfirst\nlast\n\`\`\``);
    expect(reportForIssue("no sections")).toBe("```\nno sections\n```");
  });

  it("keeps the facts and the newest lines, and says what it left out", () => {
    const lines = Array.from({ length: 2000 }, (_, index) => `line ${index} ${"x".repeat(60)}`);
    const text = reportForIssue(`${FACTS}# Log\n${lines.join("\n")}\n`);
    expect(text).toContain(FACTS);
    expect(text).toContain("line 1999 ");
    expect(text).not.toContain("line 1000 ");
    const left = Number(/\((\d+) older lines left out\)/.exec(text)?.[1]);
    expect(text).toContain(`line ${left} `);
    expect(text).not.toContain(`line ${left - 1} `);
  });

  it("is never too long, never ends its block early, and says nothing that the report does not", () => {
    const line = fc.oneof(fc.string({ maxLength: 200 }), fc.constant("```"), fc.constant("# Log"));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 60 }), fc.integer({ min: 1, max: 40 }), (lines, times) => {
        const report = Array.from({ length: times }, () => lines.join("\n")).join("\n");
        const text = reportForIssue(report);
        expect(text.length).toBeLessThan(30_200);
        const inside = text.slice(4, -4);
        expect(inside).not.toContain("```");
        const known = new Set(
          report
            .replaceAll("```", "'''")
            .split("\n")
            .map((each) => each.trimEnd()),
        );
        const own = inside.split("\n").filter((each) => !/^\(\d+ older lines left out\)$/.test(each));
        // The last line of facts may be cut.
        const strange = own.filter((each) => !known.has(each.trimEnd()));
        expect(strange.length).toBeLessThanOrEqual(1);
      }),
    );
  });
});
