/** What axes say, and where. Pure. */

/** Pixels that a word on the axis below needs. */
const TICK = 62;

/** What stands between a number and its fraction. */
export function decimalOf(locale: string): string {
  return (1.5).toLocaleString(locale).replace(/\d/g, "") || ".";
}

/** `2.00 M` is `2 M` on an axis. */
export function short(words: string, decimal: string): string {
  const [whole = "", rest] = words.split(decimal);
  if (rest === undefined || words.split(decimal).length > 2) return words;
  const [, digits = "", unit = ""] = /^(\d*)(.*)$/s.exec(rest) ?? [];
  const left = digits.replace(/0+$/, "");
  return `${whole}${left === "" ? "" : decimal}${left}${unit}`;
}

/** Buckets that are named: evenly, and as many as there is room for. */
export function placesOf(count: number, width: number): number[] {
  const room = Math.max(1, Math.floor(width / TICK));
  const least = Math.ceil(count / room);
  const step =
    [1, 2, 3, 4, 6, 7, 8, 12, 14, 24, 28, 30, 60, 90, 120, 180, 365].find((each) => each >= least) ?? least;
  return Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step);
}
