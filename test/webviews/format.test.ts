import { describe, expect, it } from "vitest";
import { Format } from "../../src/webviews/format.ts";

const format = new Format("en-u-hc-h23");
/** Spaces that do not break look like those that do. */
const plain = (text: string) => text.replaceAll("\u00a0", " ");
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

describe("Format", () => {
  it.each([
    [0, "0"],
    [812, "812"],
    [1284, "1,284"],
    [9999, "9,999"],
    [10_000, "10.0 k"],
    [61_204, "61.2 k"],
    [812_345, "812 k"],
    [999_499, "999 k"],
    [999_600, "1.00 M"],
    [8_421_337, "8.42 M"],
    [1_234_567_890, "1.23 G"],
    [5e15, "5,000 T"],
  ])("amount of %d", (value, words) => {
    expect(plain(format.amount(value))).toBe(words);
  });

  it.each([
    [8192, "8,192"],
    [64_000, "64 k"],
    [200_000, "200 k"],
    [1_000_000, "1 M"],
    [1_048_576, "1.05 M"],
    [5e15, "5,000 T"],
  ])("size of %d", (value, words) => {
    expect(plain(format.size(value))).toBe(words);
  });

  it.each([
    [0, "$0.00"],
    [0.075, "$0.075"],
    [0.25, "$0.25"],
    [3, "$3.00"],
  ])("price of %d", (value, words) => {
    expect(format.price(value)).toBe(words);
  });

  it("writes what is below zero with a real minus", () => {
    expect(format.signed(-5)).toBe("−5");
    expect(format.signed(10)).toBe("10");
  });

  it.each([
    [undefined, "—"],
    [0, "$0"],
    [0.0004, "<$0.001"],
    [0.001, "$0.001"],
    [0.0214, "$0.021"],
    [0.9994, "$0.999"],
    [0.9996, "$1.00"],
    [6.312, "$6.31"],
    [1234.5, "$1,234.50"],
  ])("money of %s", (value, words) => {
    expect(format.money(value)).toBe(words);
  });

  it.each([
    [0, "0 %"],
    [0.0004, "<0.1 %"],
    [0.008, "0.8 %"],
    [0.05, "5 %"],
    [0.0999, "10 %"],
    [0.724, "72 %"],
    [1, "100 %"],
  ])("percent of %d", (share, words) => {
    expect(plain(format.percent(share))).toBe(words);
  });

  it.each([
    [undefined, "—"],
    [0, "0 ms"],
    [0.2, "<1 ms"],
    [12.4, "12 ms"],
    [94, "94 ms"],
    [95, "0.1 s"],
    [610, "0.6 s"],
    [9949, "9.9 s"],
    [9960, "10 s"],
    [12_400, "12 s"],
    [59_600, "1 min"],
    [125_000, "2 min 5 s"],
  ])("seconds of %s ms", (ms, words) => {
    expect(plain(format.seconds(ms))).toBe(words);
  });

  it.each([
    [0, "0.0 s"],
    [12, "<0.1 s"],
    [610, "0.6 s"],
    [12_440, "12.4 s"],
    [59_940, "59.9 s"],
    [59_960, "1 min"],
    [125_000, "2 min 5 s"],
  ])("%s ms in a column, in one unit below a minute", (ms, words) => {
    expect(plain(format.took(ms))).toBe(words);
  });

  it("tells the time by the clock of its locale", () => {
    const at = new Date(2026, 2, 12, 14, 31, 9).getTime();
    expect(plain(new Format("en-US").clock(at))).toBe("02:31:09 PM");
    expect(plain(new Format("de").clock(at))).toBe("14:31:09");
    expect(plain(new Format("en-US").moment(at, at))).toBe("02:31 PM");
  });

  it.each([
    [45 * SECOND, "45 s"],
    [134 * MINUTE, "2 h 14 min"],
    [2 * HOUR, "2 h"],
    [15 * MINUTE + 20 * SECOND, "15 min"],
    [76 * HOUR, "3 d 4 h"],
    [-5, "0 s"],
  ])("duration of %d ms", (ms, words) => {
    expect(plain(format.duration(ms))).toBe(words);
  });

  it.each([
    [-1, "0:00"],
    [1, "0:01"],
    [41 * SECOND, "0:41"],
    [12 * MINUTE + 5 * SECOND, "12:05"],
    [59 * MINUTE + 59.5 * SECOND, "1 h"],
    [7 * HOUR, "7 h"],
    [72 * HOUR, "3 d"],
  ])("countdown of %d ms", (ms, words) => {
    expect(plain(format.countdown(ms))).toBe(words);
  });

  it.each([
    [0, "0 B"],
    [812, "812 B"],
    [1_440_000, "1.37 MB"],
    [71_200_000, "67.9 MB"],
    [1_073_700_000, "1.00 GB"],
  ])("bytes of %d", (bytes, words) => {
    expect(plain(format.bytes(bytes))).toBe(words);
  });

  it("writes numbers as its reader does", () => {
    expect(plain(new Format("de").amount(8_421_337))).toBe("8,42 M");
  });

  it("names the day of a moment only where it is another than today", () => {
    const now = new Date(2026, 2, 12, 14, 31, 9).getTime();
    expect(format.clock(now)).toBe("14:31:09");
    expect(format.moment(now, now)).toBe("14:31");
    expect(format.moment(now - 24 * HOUR, now)).toBe("Mar 11 14:31");
  });
});
