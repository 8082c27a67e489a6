/** The order of a table's rows. Pure. */
export interface Sort {
  /** Id of a column; `""`: the first one. */
  by: string;
  down: boolean;
}

/** What has no number comes last. Equal ones stay in their order. */
export function sorted<T>(
  rows: readonly T[],
  { by, down }: Sort,
  first: { value(row: T): number | string },
  columns: readonly { id: string; value(row: T): number | undefined }[],
): T[] {
  const column = columns.find(({ id }) => id === by);
  const read = (row: T) => (column === undefined ? first.value(row) : column.value(row));
  return rows.toSorted((one, other) => {
    const a = read(one);
    const b = read(other);
    if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
    const order = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
    return down ? -order : order;
  });
}
