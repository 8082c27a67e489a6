/** What changes in a file, line by line; keys are not shown. Pure. */
import type { DiffLine, FileChange } from "../../control/clients.ts";

/** Lines shown around a change. */
const AROUND = 2;
/** Cells of the comparison's table; beyond it, all lines between the first and the last change count as changed. */
const MOST_CELLS = 4_000_000;
const CUT: DiffLine = { sign: "…", text: "" };

/** The changed lines with some around them; empty: the file stays as it is. */
export function diffOf({ before, after }: FileChange): DiffLine[] {
  if (before === after) return [];
  const lines = compare(linesOf(before), linesOf(after));
  const isShown = (at: number) =>
    lines.slice(Math.max(0, at - AROUND), at + AROUND + 1).some(({ sign }) => sign !== " ");
  const shown: DiffLine[] = [];
  for (const [at, { sign, text }] of lines.entries()) {
    if (isShown(at)) shown.push({ sign, text: withoutKeys(text.replaceAll("\t", "    ")) });
    else if (shown.at(-1) !== CUT) shown.push(CUT);
  }
  return shown;
}

/** The values of what is called a key, token, secret or password. `portico` is none. */
function withoutKeys(line: string): string {
  return line.replace(
    /((?:key|token|secret|password|authorization)\w*["']?\s*[:=]\s*)("(?:[^"\\]|\\.)*"|'[^']*'|[^\s"'{[,}]+)/gi,
    (all, head: string, value: string) => (/^["']?portico["']?$/.test(value) ? all : `${head}•••`),
  );
}

function linesOf(text: string | undefined): string[] {
  if (text === undefined || text === "") return [];
  return text.replace(/\r?\n$/, "").split(/\r?\n/);
}

function compare(before: readonly string[], after: readonly string[]): DiffLine[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && before.at(-1 - end) === after.at(-1 - end)) end++;
  const old = before.slice(start, before.length - end);
  const now = after.slice(start, after.length - end);
  const same = (text: string): DiffLine => ({ sign: " ", text });
  return [
    ...before.slice(0, start).map(same),
    ...(old.length * now.length > MOST_CELLS ? replaced(old, now) : longestCommon(old, now)),
    ...before.slice(before.length - end).map(same),
  ];
}

function replaced(old: readonly string[], now: readonly string[]): DiffLine[] {
  return [
    ...old.map((text): DiffLine => ({ sign: "-", text })),
    ...now.map((text): DiffLine => ({ sign: "+", text })),
  ];
}

/** By the longest common subsequence. */
function longestCommon(old: readonly string[], now: readonly string[]): DiffLine[] {
  const width = now.length + 1;
  const lengths = new Uint32Array((old.length + 1) * width);
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0;
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        old[i] === now[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < old.length || j < now.length) {
    const [left, right] = [old[i], now[j]];
    if (left !== undefined && left === right) {
      lines.push({ sign: " ", text: left });
      i++;
      j++;
    } else if (left !== undefined && (right === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ sign: "-", text: left });
      i++;
    } else if (right !== undefined) {
      lines.push({ sign: "+", text: right });
      j++;
    }
  }
  return lines;
}
