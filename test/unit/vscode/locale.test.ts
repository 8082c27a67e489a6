import { describe, expect, it } from "vitest";
import { timeLabel } from "../../../src/vscode/accounts/accountLabels.ts";
import { locale, localeWithClock, setLocale } from "../../../src/vscode/locale.ts";
import { Format } from "../../../src/webviews/format.ts";

describe("how a window writes times", () => {
  it.each([
    ["en", "h23", "en-u-hc-h23"],
    ["de", "h12", "de-u-hc-h12"],
    ["en", undefined, "en"],
    ["no language at all", "h23", "no language at all"],
  ])("%s with the system's %s is %s", (language, clock, tag) => {
    expect(localeWithClock(language, clock)).toBe(tag);
  });

  it("is one clock in menus and pages", () => {
    const at = new Date(2026, 2, 12, 14, 5).getTime();
    for (const [system, clock] of [
      ["de-DE", "14:05"],
      ["en-US", "02:05 PM"],
    ] as const) {
      setLocale("en", system);
      expect(timeLabel(at, at)).toBe(clock);
      expect(new Format(locale() ?? "").moment(at, at)).toBe(clock);
    }
    setLocale("en");
  });
});
