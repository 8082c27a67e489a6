/** What changes in a file, line by line; keys are not shown. Pure. */
import type { DiffLine, FileChange } from "../../control/clients.ts";
import { compact } from "../common/json.ts";
import { HIDDEN, shownLines, type TextLine } from "./hiddenKeys.ts";

/** Lines shown around a change. */
const AROUND = 1;
/** Cells of the comparison's table; beyond it, all lines between the first and the last change count as changed. */
const MOST_CELLS = 4_000_000;
/** Stands for a hidden key that takes the place of another. */
const ANOTHER = `${HIDDEN}${HIDDEN}`;
const CUT: DiffLine = { sign: "…", text: "" };

/** The changed lines with some around them; empty: the file stays as it is. */
export function diffOf({ before, after }: FileChange): DiffLine[] {
  if (before === after) return [];
  const lines = compare(shownLines(before ?? ""), shownLines(after ?? ""));
  const isShown = (at: number) =>
    lines.slice(Math.max(0, at - AROUND), at + AROUND + 1).some(({ sign }) => sign !== " ");
  const shown: DiffLine[] = [];
  for (const [at, line] of lines.entries()) {
    if (isShown(at)) shown.push(line);
    else if (shown.at(-1) !== CUT) shown.push(CUT);
  }
  return shown;
}

const signed =
  (sign: DiffLine["sign"]) =>
  ({ shown }: TextLine): DiffLine => ({ sign, text: shown.replaceAll("\t", "    ") });
const same = signed(" ");
const gone = signed("-");
const added = signed("+");

/** Both texts whole, for a program that compares them by itself: so a line whose hidden key alone changes is another. */
export function shownTexts({ path, before, after }: FileChange): FileChange {
  const old = shownLines(before ?? "");
  const raws = new Set(old.map(({ raw }) => raw));
  const shown = new Set(old.map((line) => line.shown));
  const now = shownLines(after ?? "").map((line) =>
    raws.has(line.raw) || !shown.has(line.shown) ? line.shown : line.shown.replaceAll(HIDDEN, ANOTHER),
  );
  return compact({
    path,
    before: before === undefined ? undefined : old.map((line) => line.shown).join("\n"),
    after: after === undefined ? undefined : now.join("\n"),
  });
}

function compare(before: readonly TextLine[], after: readonly TextLine[]): DiffLine[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start]?.raw === after[start]?.raw) start++;
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && before.at(-1 - end)?.raw === after.at(-1 - end)?.raw) end++;
  const old = before.slice(start, before.length - end);
  const now = after.slice(start, after.length - end);
  return [
    ...before.slice(0, start).map(same),
    ...(old.length * now.length > MOST_CELLS
      ? [...old.map(gone), ...now.map(added)]
      : longestCommon(old, now)),
    ...before.slice(before.length - end).map(same),
  ];
}

/** By the longest common subsequence. */
function longestCommon(old: readonly TextLine[], now: readonly TextLine[]): DiffLine[] {
  const width = now.length + 1;
  const lengths = new Uint32Array((old.length + 1) * width);
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0;
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        old[i]?.raw === now[j]?.raw ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < old.length || j < now.length) {
    const [left, right] = [old[i], now[j]];
    if (left !== undefined && left.raw === right?.raw) {
      lines.push(same(left));
      i++;
      j++;
    } else if (left !== undefined && (right === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push(gone(left));
      i++;
    } else if (right !== undefined) {
      lines.push(added(right));
      j++;
    }
  }
  return lines;
}
