/** Tables for people: aligned, and as wide as the terminal at most. */
import { type Colour, paint, plain, type Screen, shorten, widthOf } from "./screen.ts";

export interface Column {
  readonly head: string;
  /** Numbers. */
  readonly right?: boolean;
  /** Columns that it keeps when the table is too wide; absent: it is never cut. */
  readonly min?: number;
}

export type Cell = string | { readonly text: string; readonly style: Colour };

const GAP = 2;

/** Lines, the heads first. @param heads `false`: without them, for lines that follow */
export function table(
  screen: Screen,
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  widths = widthsOf(screen, columns, rows),
): string[] {
  const heads = columns.map(({ head }): Cell => ({ text: head, style: "dim" }));
  return [heads, ...rows].map((row) => rowLine(screen, columns, row, widths));
}

/** One line of a table. */
export function rowLine(
  screen: Screen,
  columns: readonly Column[],
  row: readonly Cell[],
  widths: readonly number[],
): string {
  const cells = columns.map(({ right }, index) => {
    const cell = row[index] ?? "";
    const width = widths[index] ?? 0;
    // What is no terminal gets all of it.
    const text = screen.width === undefined ? textOf(cell) : shorten(textOf(cell), width);
    const pad = " ".repeat(Math.max(0, width - widthOf(text)));
    const shown = typeof cell === "string" ? text : paint(screen, cell.style, text);
    return right ? pad + shown : shown + pad;
  });
  return cells.join(" ".repeat(GAP)).trimEnd();
}

/** How wide each column is, the widest of those that can be cut cut first. */
export function widthsOf(
  { width }: Pick<Screen, "width">,
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
): number[] {
  const widths = columns.map(({ head }, index) =>
    Math.max(widthOf(head), ...rows.map((row) => widthOf(textOf(row[index] ?? "")))),
  );
  if (width === undefined) return widths;
  const total = () => widths.reduce((sum, each) => sum + each, GAP * (columns.length - 1));
  while (total() > width) {
    let widest: number | undefined;
    for (const [index, { min }] of columns.entries()) {
      const now = widths[index] ?? 0;
      if (min !== undefined && now > min && now > (widest === undefined ? 0 : (widths[widest] ?? 0))) {
        widest = index;
      }
    }
    if (widest === undefined) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

function textOf(cell: Cell): string {
  return plain(typeof cell === "string" ? cell : cell.text);
}
